"""The page of PDF, read back: what it says, in which language, and that it is one page whatever comes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from printed import ZURICH, pages_of, qr_of, sample, text_of
from pypdf import PdfReader

from oncall_tui.documents.sheet import MISSING
from oncall_tui.documents.technical_document import render
from oncall_tui.documents.words import words_in
from oncall_tui.domain.codes import Code
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.support import SAMPLE_CONTACTS, SupportContacts
from oncall_tui.domain.technical_document import LANGUAGES

LONG = "Société des Installations Électriques de la Vallée " * 10


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            (
                "Document technique",
                "N° 3, 12 octobre 2026",
                "Support Enterprise, première réponse sous 1 h (heures d’ouverture)",
                "Code VIP",
                "Ligne d’urgence, 24 heures sur 24, 7 jours sur 7",
                "lun.–ven. 06:00–19:00 (heure de Zurich)",
                "tous les jours 06:00–23:00",
                "Aline Morand, technique",
                "Présents lun.–ven. 09:00–18:00",
                "Gardez cette page imprimée près de vos installations.",
                "parle en votre nom",
            ),
        ),
        (
            "en",
            (
                "Technical document",
                "No 3, 12 October 2026",
                "Enterprise support, first response within 1 h of opening time",
                "Mon–Fri 06:00–19:00 (Zurich time)",
                "every day 06:00–23:00",
                "Keep this page printed near your installations.",
                "Whoever has the code speaks for you",
            ),
        ),
        (
            "de",
            (
                "Technisches Dokument",
                "Nr. 3, 12. Oktober 2026",
                "Mo–Fr 06:00–19:00 (Ortszeit Zurich)",
                "täglich 06:00–23:00",
                "Wer den Code hat, spricht für Sie",
            ),
        ),
        (
            "it",
            (
                "Documento tecnico",
                "N. 3, 12 ottobre 2026",
                "lun–ven 06:00–19:00 (ora di Zurich)",
                "ogni giorno 06:00–23:00",
                "Chi possiede il codice parla a nome vostro",
            ),
        ),
    ],
)
def test_it_says_everything_in_the_language_of_the_customer(language: str, said: tuple[str, ...]) -> None:
    """R25"""
    text = text_of(render(sample(language=language)))
    for words in said:
        assert words in text
    facts = ("Banque du Léman", "407 182 659", "+41 22 555 01 99", "+41 22 555 01 00", "support@host.example")
    people = ("Camille Perrin", "+41 22 555 09 11", "aline.morand@host.example", "Mail, Domains, Kubernetes")
    for fact in (*facts, *people, "status.host.example", "leman"):
        assert fact in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_its_place_uncut(language: str) -> None:
    for document in (sample(language=language), _without_line(language)):
        assert "…" not in text_of(render(document))


def _without_line(language: str = "en"):
    return sample(language=language, plan=Plan.PLUS, response=timedelta(hours=4), line=False, advice=None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_do_when_something_is_down_is_said_step_by_step(language: str) -> None:
    """R25: numbered, each step on a line of its own, and thirty services have their place below."""
    services = tuple(f"Service {number}" for number in range(1, 31))
    for document in (sample(language=language), replace(_without_line(language), services=services)):
        pdf = render(document)
        lines = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()
        found = [re.findall(r"(?<![0-9])([1-9])\.\s(?=[A-Z])", line) for line in lines]
        numbers = [each for each in found if each]
        assert all(len(each) == 1 for each in numbers)
        expected = "12 12 12 123" if document.line else "123 12 12 12"
        assert "".join(each[0] for each in numbers) == expected.replace(" ", "")
        assert document.services[-1] in text_of(pdf)


def test_another_language_gets_english() -> None:
    assert words_in("pt") is words_in("en")


def test_a_plan_without_the_line_is_told_the_telephone_and_when_to_write() -> None:
    """R11, R25"""
    pdf = render(_without_line())
    text = text_of(pdf)
    assert "Emergency" not in text
    assert "+41 22 555 01 99" not in text
    assert "account managers" not in text
    assert "Outside telephone hours, write to support@host.example from a mobile phone." in text
    assert qr_of(pdf) == "tel:+41225550100"


def test_a_telephone_reads_the_number_of_the_line_off_the_page() -> None:
    assert qr_of(render(sample())) == "tel:+41225550199"


def test_what_isnt_set_isnt_printed() -> None:
    only = SupportContacts(emergency_phone="+41 22 555 01 99")
    text = text_of(render(sample(language="en", support=only, managers=(), services=())))
    assert "Your e-mail 1. Call +41 22 555 01 99. Our website" in text
    assert "None is named yet" in text
    assert "None on file yet." in text
    assert "Website" not in text
    assert "Disturbances" not in text
    assert "{" not in text
    assert "None," not in text


@pytest.mark.parametrize(
    ("at", "dated"),
    [
        (datetime(2026, 1, 31, 23, 30, tzinfo=UTC), "1er février 2026"),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), "29 février 2028"),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "29 mars 2026"),
    ],
)
def test_it_is_dated_on_the_clock_of_the_provider(at: datetime, dated: str) -> None:
    """A month's end at night, a leap day, the night in which the clocks go forward."""
    assert f"N° 3, {dated}" in text_of(render(sample(issued_at=at)))


def test_hours_of_ones_own_are_said_in_words() -> None:
    odd = OpeningHours(
        "phone",
        ZURICH,
        {"weekdays": ["08:00-12:00", "13:00-24:00"], "sat": ["09:00-11:30"]},
        ["2026-12-25"],
    )
    words = "Mon–Fri 08:00–12:00, 13:00–24:00; Sat 09:00–11:30, except holidays"
    assert words in text_of(render(sample(language="en", by_phone=odd)))


def test_the_same_document_is_the_same_file() -> None:
    assert render(sample()) == render(sample())
    assert render(sample()) != render(sample(number=4))
    code = (
        "import sys; from printed import sample; from oncall_tui.documents.technical_document import render; "
    )
    code += "sys.stdout.buffer.write(render(sample()))"
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=tests, capture_output=True, check=True)
    assert done.stdout == render(sample())


def test_the_file_says_what_it_is_and_not_the_code() -> None:
    reader = PdfReader(io.BytesIO(render(sample())))
    about = reader.metadata
    assert about is not None
    assert about.title == "Document technique 3, Banque du Léman"
    assert about.author == SAMPLE_CONTACTS.name
    assert about.creation_date == datetime(2026, 10, 12, 7, 0, tzinfo=UTC)
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert "407" not in repr(sample())
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    embedded = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert all("/FontFile2" in descriptor.get_object() for descriptor in embedded)


@pytest.mark.parametrize("name", ["בנק ישראל", "شركة النور للتجارة", "Bank בנק Genève"])
def test_names_from_right_to_left_can_be_read_and_selected(name: str) -> None:
    text = text_of(render(sample(name=name, managers=(Manager(name, "m@host.example"),))))
    for word in name.split():
        assert word in text


def test_letters_from_right_to_left_stand_in_their_order_on_paper() -> None:
    """Letters are written one after the other from the left: the last of the word comes first."""
    page = PdfReader(io.BytesIO(render(sample(name="אבג")))).pages[0]
    letters: dict[tuple[str, bytes], str] = {}
    for name, font in page["/Resources"]["/Font"].items():
        mapped = font.get_object()["/ToUnicode"].get_data()
        for code, letter in re.findall(rb"<(\w{4})> <(05D[0-2])>", mapped):
            letters[name, bytes.fromhex(code.decode())] = chr(int(letter, 16))
    chosen, found = "", ""
    for operands, operator in page.get_contents().operations:  # type: ignore[union-attr]
        if operator == b"Tf":
            chosen = operands[0]
        elif operator in (b"Tj", b"TJ"):
            pieces = operands[0] if isinstance(operands[0], list) else operands
            shown = b"".join(getattr(piece, "original_bytes", b"") for piece in pieces)
            found += "".join(letters.get((chosen, shown[at : at + 2]), "") for at in range(0, len(shown), 2))
    assert found == "גבא"


@pytest.mark.parametrize(
    "name", ["Łódź Žižkov Ærø", "Αθήνα", "Київ Београд", "Երևան", "თბილისი", "Ğ İ ı ș ț ẞ"]
)
def test_every_letter_of_europe_is_there(name: str) -> None:
    text = text_of(render(sample(name=name, services=(name,))))
    assert text.count(name) == 2
    assert MISSING not in text


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Party 🎉🎈👩‍🚀 SA", f"Party {MISSING} SA"),
        ("東京 Genève", f"{MISSING} Genève"),
        ("🎉", MISSING),
        ("a\u202eb\u0000c", f"a{MISSING}b{MISSING}c"),
    ],
)
def test_what_the_fonts_lack_becomes_one_sign(name: str, printed: str) -> None:
    assert printed in text_of(render(sample(name=name)))


def test_a_name_of_500_characters_is_cut_and_nothing_else_moves_off_the_page() -> None:
    pdf = render(sample(name=LONG[:500], language="de"))
    assert pages_of(pdf) == 1
    text = text_of(pdf)
    assert LONG[:60] in text
    assert "…" in text
    assert "Wer den Code hat, spricht für Sie" in text


def _lowest(pdf: bytes) -> float:
    """Return where the lowest text stands, in points from the foot."""
    found: list[float] = []

    def visit(text: str, _cm: object, tm: list[float], _font: object, _size: float) -> None:
        if text.strip():
            found.append(tm[5])

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return min(found)


def test_the_most_that_there_can_be_stays_above_the_foot_of_the_page() -> None:
    """Six managers, twenty services, every text at its longest: all is cut to one page, R25."""
    manager = Manager(LONG[:120], f"{'x' * 100}@host.example", "+41 22 555 01 21", technical=True)
    support = SupportContacts(*[LONG[:120], *["+41 22 555 01 99 000"] * 2, *["x" * 120] * 3])
    for language in LANGUAGES:
        pdf = render(
            sample(
                language=language,
                name=LONG[:500],
                customer="x" * 60,
                code=Code("1" * 32),
                managers=(manager,) * 6,
                services=(LONG[:120],) * 20,
                support=support,
            )
        )
        assert pages_of(pdf) == 1
        text = text_of(pdf)
        assert " ".join(["111"] * 10) + " 11" in text
        assert words_in(language).services in text
        assert words_in(language).more.format(count="").strip().split()[-1] in text
        assert _lowest(pdf) > 30


people = st.builds(Manager, st.text(max_size=200), st.text(max_size=80), st.text(max_size=40), st.booleans())
contacts = st.builds(
    SupportContacts,
    name=st.text(max_size=130),
    phone=st.just("+41 22 555 01 00"),
    emergency_phone=st.just("+41 22 555 01 99"),
    email=st.text(max_size=130),
    web=st.text(max_size=130),
    status=st.text(max_size=130),
)


@settings(max_examples=40)
@given(
    name=st.text(max_size=500),
    managers=st.lists(people, max_size=6),
    services=st.lists(st.text(max_size=120), max_size=20),
    support=contacts,
    language=st.sampled_from((*LANGUAGES, "pt")),
    line=st.booleans(),
)
@example("", [], [], SupportContacts(phone="+41 22 555 01 00"), "fr", False)
@example("א" * 500, [Manager("ب" * 300)] * 6, ["\u0301" * 120] * 20, SAMPLE_CONTACTS, "de", True)
@example("{phone} {x} % \\", [], ["{"], SAMPLE_CONTACTS, "en", True)
def test_whatever_comes_it_is_one_page(
    name: str,
    managers: list[Manager],
    services: list[str],
    support: SupportContacts,
    language: str,
    line: bool,
) -> None:
    document = sample(name=name, managers=tuple(managers), services=tuple(services), support=support)
    assert pages_of(render(replace(document, language=language, line=line))) == 1
