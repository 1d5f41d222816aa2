"""`D` on the card of an organisation: which code, which file, and what came of it (R25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from board import Night, loaded, on_loop, screen_text, until
from callers import LEMAN, CodedNight, shows, type_code
from calling import deliberate
from printed import text_of
from textual.pilot import Pilot

from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.documenting import CodeDialog

CONFIG = """
[support]
phone = "+41 22 555 01 00"
emergency_phone = "+41 22 555 01 99"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are saved."""
    deliberate(monkeypatch)
    monkeypatch.setattr("oncall_tui.screens.downloading.folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path, config=CONFIG)
    yield made
    made.close()


async def card_of_leman(pilot: Pilot[None]) -> None:
    await loaded(pilot)
    await pilot.press("v")
    await type_code(pilot, LEMAN)
    await shows(pilot, "= MATCH")
    await pilot.press("y")
    await shows(pilot, "Services")


async def found(pilot: Pilot[None], words: str, name: str) -> None:
    await loaded(pilot)
    await pilot.press("v", "slash", *words)
    await shows(pilot, name)
    await pilot.press("enter")
    await until(
        pilot,
        lambda: isinstance(pilot.app.screen, CardScreen) and pilot.app.screen.card is not None,
        "the card is open",
    )


def issued(night: CodedNight) -> list[tuple[int, str]]:
    return night.rows("SELECT number, issued_by FROM documents ORDER BY id")


@on_loop
async def test_it_is_issued_with_the_code_in_force(night: CodedNight, folder: Path) -> None:
    async with night.app().run_test(size=(80, 24)) as pilot:
        await card_of_leman(pilot)
        await pilot.press("D")
        await shows(pilot, "Document no 1: one page of PDF")
        await pilot.press("enter")
        await shows(pilot, "issue it")
        assert issued(night) == []
        await pilot.press("enter")
        await shows(pilot, "no 1, 27 Mar 2026")
        assert "document no 1 written to" in screen_text(pilot.app)
    assert issued(night) == [(1, "Léa")]
    assert "407 182 659" in text_of((folder / "leman-technical-document-1.pdf").read_bytes())


@on_loop
async def test_a_new_code_is_asked_for_by_a_key_of_its_own(night: CodedNight, folder: Path) -> None:
    async with night.app().run_test(size=(80, 24)) as pilot:
        await card_of_leman(pilot)
        await pilot.press("D")
        await shows(pilot, "with a new code")
        await pilot.press("y")
        await shows(pilot, "issue it")
        await pilot.press("enter")
        await shows(pilot, "no 1, 27 Mar 2026")
    ((states,),) = night.rows("SELECT count(*) FROM codes WHERE kind = 'vip' AND customer_id = 1")
    assert states == 2
    assert "407 182 659" not in text_of((folder / "leman-technical-document-1.pdf").read_bytes())


@on_loop
async def test_leaving_either_question_issues_nothing(night: CodedNight, folder: Path) -> None:
    async with night.app().run_test(size=(80, 24)) as pilot:
        await card_of_leman(pilot)
        await pilot.press("D")
        await shows(pilot, "one page of PDF")
        await pilot.press("escape", "D")
        await shows(pilot, "one page of PDF")
        await pilot.press("enter")
        await shows(pilot, "issue it")
        await pilot.press("escape")
        await pilot.pause()
    assert issued(night) == []
    assert not list(folder.glob("*.pdf"))


@on_loop
async def test_a_file_that_is_there_is_asked_about_again(night: CodedNight, folder: Path) -> None:
    (folder / "mine.pdf").write_text("mine")
    async with night.app().run_test(size=(80, 24)) as pilot:
        await card_of_leman(pilot)
        await pilot.press("D")
        await shows(pilot, "one page of PDF")
        await pilot.press("enter")
        await shows(pilot, "issue it")
        await pilot.press("ctrl+u", *str(folder / "mine.pdf"), "enter")
        await shows(pilot, "exists already")
    assert (folder / "mine.pdf").read_text() == "mine"
    assert issued(night) == []


@on_loop
async def test_a_card_shows_that_a_document_is_out_of_date(night: CodedNight, folder: Path) -> None:
    from oncall_tui.desk.document_files import write_document
    from oncall_tui.documents import renderer
    from oncall_tui.domain.codes import CodeKind

    desk = night.desk("Marc")
    write_document(desk.documents, "leman", folder / "x.pdf", renderer())
    desk.codes.rotate("leman", CodeKind.VIP, given="555444333")
    async with night.app().run_test(size=(80, 24)) as pilot:
        await found(pilot, "leman", "Banque du Léman")
        await shows(pilot, "no 1, 27 Mar 2026, out of date: the code was changed")


@on_loop
async def test_a_standard_plan_is_told_why_not(night: CodedNight) -> None:
    """R25"""
    async with night.app().run_test(size=(120, 30)) as pilot:
        await found(pilot, "jardin", "Jardin")
        await pilot.press("D")
        await shows(pilot, "comes with Premium Support")
    assert issued(night) == []


@on_loop
async def test_a_plan_without_a_code_is_offered_one(night: CodedNight, folder: Path) -> None:
    async with night.app().run_test(size=(80, 24)) as pilot:
        await found(pilot, "tessin", "Tessin")
        await pilot.press("D")
        await shows(pilot, "issue a code")
        await pilot.press("enter")
        await pilot.pause()
        assert "one page of PDF" in screen_text(pilot.app)
        await pilot.press("y")
        await shows(pilot, "issue it")
        await pilot.press("enter")
        await shows(pilot, "no 1, 27 Mar 2026")
    assert issued(night) == [(1, "Léa")]


@on_loop
async def test_without_a_number_in_the_settings_it_says_which_is_missing(tmp_path: Path) -> None:
    night: Night = CodedNight(tmp_path)
    async with night.app().run_test(size=(120, 30)) as pilot:
        await card_of_leman(pilot)
        await pilot.press("D")
        await shows(pilot, "set support.emergency_phone in the settings")
    night.close()


@on_loop
async def test_a_read_only_desk_says_so(night: CodedNight) -> None:
    async with night.app().run_test(size=(80, 24)) as pilot:
        await card_of_leman(pilot)
        pilot.app.screen.session.read_only = True  # type: ignore[attr-defined]
        await pilot.press("D")
        await shows(pilot, "read-only")
        assert not isinstance(pilot.app.screen, CodeDialog)
    assert issued(night) == []
