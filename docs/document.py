"""Draws docs/document.png, a technical document of the sample world; poppler's pdftoppm makes the picture."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PIL import Image

from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.documents.technical_document import render
from oncall_tui.domain.support import SAMPLE_CONTACTS
from oncall_tui.store.demo import populate
from oncall_tui.store.keyring import Keyring

CUSTOMER = "jorat"
DOTS = 110
"""Dots of an inch."""


def draw(folder: Path, target: Path, at: datetime) -> Path:
    """Draw the document that would be issued at `at` as `target`; `folder` takes what is only on the way."""
    settings = load_settings(None, {}, database=f"sqlite:///{folder}/document.db", operator="Léa")
    offer = replace(settings.offer, support=SAMPLE_CONTACTS)
    keyring = Keyring(folder / "document.key")
    desk = open_desk(settings.database, offer, settings.operator, clock=lambda: at, keyring=keyring)
    populate(desk.store, offer, at, operator=settings.operator)
    pdf = folder / "document.pdf"
    pdf.write_bytes(render(desk.documents.prepare(CUSTOMER).document))
    desk.close()
    drawn = folder / "document"
    subprocess.run(["pdftoppm", "-r", str(DOTS), "-gray", "-png", "-singlefile", pdf, drawn], check=True)
    # Sixteen greys are all that letters need.
    picture = Image.open(drawn.with_suffix(".png")).quantize(16)
    picture.save(target, optimize=True)
    return target
