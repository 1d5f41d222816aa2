"""The technical document: how long one takes, in a process that has drawn one before and in a new one.

The floor is fpdf2 with the same two fonts, each of which writes one word.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from figures import best_of_interleaved, exit_status, figure, heading
from fpdf import FPDF

from oncall_tui.documents.sheet import FONTS
from oncall_tui.documents.technical_document import render
from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.support import SAMPLE_CONTACTS
from oncall_tui.domain.technical_document import TechnicalDocument

ZONE = "Europe/Zurich"
MOST = 300
"""Milliseconds that one may take where fpdf2 is loaded."""

DOCUMENT = TechnicalDocument(
    number=1,
    issued_at=datetime(2026, 3, 27, 2, 12, tzinfo=UTC),
    zone=ZoneInfo(ZONE),
    language="fr",
    customer="leman",
    name="Banque du Léman",
    plan=Plan.ENTERPRISE,
    response=timedelta(hours=1),
    line=True,
    code=Code("407182659"),
    support=SAMPLE_CONTACTS,
    by_phone=OpeningHours("phone", ZONE, {"weekdays": ["06:00-19:00"]}),
    by_mail=OpeningHours("email", ZONE, {"daily": ["06:00-23:00"]}),
    on_line=OpeningHours.always_open(),
    advice=OpeningHours("manager", ZONE, {"weekdays": ["09:00-18:00"]}),
    managers=(Manager("Nora Keller", "nora.keller@host.example", "+41 22 555 09 01", technical=True),) * 2,
    services=("Mail", "Domains", "Kubernetes", "Object storage"),
)


def floor() -> bytes:
    pdf = FPDF(format="A4")
    pdf.add_page()
    for style, weight in (("", "Regular"), ("B", "Bold")):
        pdf.add_font("sans", style, FONTS / f"OncallSans-{weight}.ttf")
        pdf.set_font("sans", style, 10)
        pdf.text(20, 20, "word")
    return bytes(pdf.output())


def process(call: str) -> None:
    subprocess.run([sys.executable, "-c", f"import document; document.{call}"], cwd=sys.path[0], check=True)


def main() -> int:
    heading("ours", "floor")
    warm = best_of_interleaved({"ours": lambda: render(DOCUMENT), "floor": floor})
    figure("a document, warm", warm["ours"] * 1e3, warm["floor"] * 1e3, "ms", at_most=4)
    figure("a document, warm, of what it may take", warm["ours"] * 1e3, MOST, "ms", at_most=1)
    cold = best_of_interleaved(
        {"ours": lambda: process("render(document.DOCUMENT)"), "floor": lambda: process("floor()")}, 5
    )
    figure("a document in a new process", cold["ours"] * 1e3, cold["floor"] * 1e3, "ms", at_most=1.6)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
