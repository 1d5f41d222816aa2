"""A technical document without a store, and what can be read back from a PDF."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader

from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.support import SAMPLE_CONTACTS
from oncall_tui.domain.technical_document import TechnicalDocument

ZURICH = "Europe/Zurich"


def sample(**more: Any) -> TechnicalDocument:
    facts: dict[str, Any] = {
        "number": 3,
        "issued_at": datetime(2026, 10, 12, 7, 0, tzinfo=UTC),
        "zone": ZoneInfo(ZURICH),
        "language": "fr",
        "customer": "leman",
        "name": "Banque du Léman",
        "plan": Plan.ENTERPRISE,
        "response": timedelta(hours=1),
        "line": True,
        "code": Code("407182659"),
        "support": SAMPLE_CONTACTS,
        "by_phone": OpeningHours("phone", ZURICH, {"weekdays": ["06:00-19:00"]}),
        "by_mail": OpeningHours("email", ZURICH, {"daily": ["06:00-23:00"]}),
        "on_line": OpeningHours.always_open(),
        "advice": OpeningHours("manager", ZURICH, {"weekdays": ["09:00-18:00"]}),
        "managers": (
            Manager("Camille Perrin", "camille.perrin@host.example", "+41 22 555 09 11"),
            Manager("Aline Morand", "aline.morand@host.example", "+41 22 555 09 21", technical=True),
        ),
        "services": ("Mail", "Domains", "Kubernetes"),
    }
    return TechnicalDocument(**(facts | more))


def text_of(pdf: bytes) -> str:
    """Return all text of the file in one line, with one kind of blank."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def qr_of(pdf: bytes) -> str:
    """Return what the QR code says: the black squares of the page, drawn and read as a telephone would."""
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    drawn = page.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    squares = [
        [float(number) for number in found]
        for found in re.findall(r"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re f", drawn)
    ]
    picture = Image.new("L", (600 * 4, 850 * 4), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, wide, high in squares:
        top, bottom = sorted((850 - y, 850 - y - high))
        pen.rectangle((x * 4, top * 4, (x + wide) * 4, bottom * 4), fill=0)
    return str(zxingcpp.read_barcodes(picture)[0].text)
