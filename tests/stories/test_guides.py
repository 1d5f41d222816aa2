"""An engineer finds a guide for a ticket or in a call, and gives it to the customer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until, url_in
from callers import LEMAN, CodedNight, shows
from calling import deliberate, opened, press, rested
from correspondence import ANNA, WITH_MAIL, asked, letter, settled, with_templates
from handbook import ATELIER, CERTIFICATE, QUEUE_FR, add_guides
from hostile import HOSTILE
from textual.pilot import Pilot

from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.domain.text import clean, clean_body
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.composer import ComposeScreen
from oncall_tui.screens.guides import GuidesScreen

SIZE = (100, 30)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path), known=WITH_MAIL)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


@pytest.fixture
def mail(night: Night) -> Ticket:
    """A request in French that can be answered by mail."""
    return asked(night, letter(ANNA, "File d'attente de mails bloquée", "Bonjour", language="fr"))


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put on the clipboard of the terminal."""
    found: list[str] = []
    monkeypatch.setattr("textual.app.App.copy_to_clipboard", lambda _app, text: found.append(text))
    return found


async def there(pilot: Pilot[None]) -> GuidesScreen:
    """Wait until the guides are there, with what was looked for."""
    app: Any = pilot.app
    await until(pilot, lambda: isinstance(app.screen, GuidesScreen) and app.screen.answered, "guides")
    page = app.screen
    assert isinstance(page, GuidesScreen)
    return page


async def keys(pilot: Pilot[None], *names: str) -> None:
    for name in names:
        await pilot.press(name)
        await pilot.pause()
        await settled(pilot)


def used(night: Night) -> list[tuple[str, str]]:
    """Return the uses that are audited: of what, and what it was about."""
    entries = night.desk("reader").audit.entries()
    return [
        (next(iter(entry.detail.values())), entry.subject) for entry in entries if entry.act == "give guide"
    ]


@on_loop
async def test_from_a_ticket_enter_opens_the_answer_with_the_link_in_it(night: Night, mail: Ticket) -> None:
    add_guides(night)
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        page = await there(pilot)
        assert [hit.guide.title for hit in page.hits] == [QUEUE_FR.title]
        await shows(pilot, "Guides", mail.ref, "Enter put into the answer", "fr mail, SMTP")
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen), "the composer")
        await shows(pilot, QUEUE_FR.line)
        screen = app.screen
        assert isinstance(screen, ComposeScreen)
        assert screen.field.text == f"{QUEUE_FR.line}\n"
        await until(pilot, lambda: used(night), "it is noted")
    assert used(night) == [(QUEUE_FR.url, mail.ref)]


@on_loop
async def test_in_an_answer_the_link_comes_on_a_line_of_its_own_at_the_cursor(
    night: Night, mail: Ticket
) -> None:
    add_guides(night)
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m", *"Bonjour", "ctrl+g")
        await there(pilot)
        await keys(pilot, *"renew")
        await there(pilot)
        await keys(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, ComposeScreen)
        assert screen.field.text == f"Bonjour\n{CERTIFICATE.line}\n"
        await pilot.press("ctrl+underscore")
        assert screen.field.text == "Bonjour"
        await keys(pilot, "I")
        assert screen.field.text == "BonjourI"


@on_loop
async def test_a_guide_that_closed_a_ticket_is_suggested_for_the_next_one_like_it(
    night: Night, mail: Ticket
) -> None:
    add_guides(night)
    desk = night.desk("Marc")
    for number in range(4):
        filed = night.file("tessin", f"File d'attente {number}", channel=Channel.EMAIL)
        desk.guides.used(CERTIFICATE.url, ticket_id=filed.id)
        desk.tickets.close(filed.id, reason="the guide says it")
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        page = await there(pilot)
        # It comes first, though no word of the subject stands in it.
        assert [hit.guide.title for hit in page.hits] == [CERTIFICATE.title, QUEUE_FR.title]
        await shows(pilot, "closed 4 like it")


@on_loop
async def test_where_no_mail_goes_out_the_link_is_copied_and_noted(night: Night, copied: list[str]) -> None:
    add_guides(night)
    call = night.file("leman", "Mail queue stuck")
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await shows(pilot, "Enter copy the link")
        await keys(pilot, "down", "enter")
        await shows(pilot, "link copied, if the terminal allows it")
        assert isinstance(app.screen, BoardScreen)
        await until(pilot, lambda: used(night), "it is noted")
    assert len(copied) == 1
    assert used(night) == [(copied[0], call.ref)]


@on_loop
async def test_a_mail_ticket_without_an_address_says_why_the_link_is_copied(
    night: Night, copied: list[str]
) -> None:
    add_guides(night)
    typed = night.file("tessin", "Certificate", channel=Channel.EMAIL)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await keys(pilot, "enter")
        await shows(pilot, f"link copied, if the terminal allows it; {typed.ref} isn't answered by mail")
    assert copied == [CERTIFICATE.url]


@on_loop
async def test_ctrl_y_copies_and_stays_and_tab_looks_among_the_partners(
    night: Night, mail: Ticket, copied: list[str]
) -> None:
    """R24"""
    add_guides(night)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await keys(pilot, "ctrl+y")
        assert copied == [QUEUE_FR.url]
        await keys(pilot, "tab")
        page = await there(pilot)
        # There are few partners: all are listed, those that fit before.
        assert [hit.guide.title for hit in page.hits] == [ATELIER.title]
        await shows(pilot, "Partners", "Tab guides", "+41 22 555 30 10")
        await keys(pilot, *"wordpr")
        await there(pilot)
        await keys(pilot, "ctrl+y", "escape")
        assert copied == [QUEUE_FR.url, ATELIER.url]
        assert isinstance(app.screen, BoardScreen)
        await until(pilot, lambda: len(used(night)) == 2, "both are noted")


@on_loop
async def test_the_list_follows_what_is_typed_and_enter_takes_the_only_one(
    night: Night, mail: Ticket, copied: list[str]
) -> None:
    add_guides(night)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await pilot.press(*"xyzzy")
        page = await there(pilot)
        assert page.hits == ()
        await shows(pilot, "Nothing has any of these words: xyzzy. Tab looks among the partners.")
        await keys(pilot, "enter")
        await shows(pilot, "nothing is chosen")
        await pilot.press(*["backspace"] * 5, *"renew", "enter")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen), "the composer")
        await shows(pilot, CERTIFICATE.line)


@on_loop
async def test_the_preview_begins_where_the_words_stand_and_scrolls(night: Night, mail: Ticket) -> None:
    add_guides(night)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await pilot.press(*"console")
        await there(pilot)
        await shows(pilot, "videz la file depuis la console")
        await keys(pilot, "pageup", "pageup", "pageup")
        assert QUEUE_FR.url in screen_text(app)
        await keys(pilot, "pagedown")
        assert QUEUE_FR.url not in screen_text(app)


@on_loop
async def test_an_empty_store_says_how_to_fill_it(night: Night, mail: Ticket) -> None:
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await shows(pilot, "There are no guides yet: oncall-tui import guides FILE takes them in.")
        await keys(pilot, "tab")
        await there(pilot)
        await shows(pilot, "There are no partners yet: oncall-tui import partners FILE takes them in.")
        await keys(pilot, "ctrl+y")
        await shows(pilot, "nothing is chosen")


@on_loop
async def test_a_board_that_only_reads_copies_and_notes_nothing(
    night: Night, mail: Ticket, copied: list[str]
) -> None:
    add_guides(night)
    app = night.app(read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        await there(pilot)
        await keys(pilot, "enter")
        await shows(pilot, "link copied, if the terminal allows it")
    assert copied == [QUEUE_FR.url]
    assert used(night) == []


@on_loop
async def test_foreign_text_does_nothing_but_stand_there(night: Night, mail: Ticket) -> None:
    wild = tuple(
        Guide(
            GuideKind.GUIDE,
            f"https://guides.example/{number}",
            clean(f"mails {text}", limit=500),
            (),
            (clean(text, limit=120) or "x",),
            clean_body(f"{text} mails {text}"),
        )
        for number, text in enumerate(HOSTILE)
    )
    add_guides(night, wild)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("I")
        page = await there(pilot)
        for _ in page.hits:
            await pilot.press("down")
            await pilot.pause()
        assert all(line.isprintable() for line in screen_lines(app))


@on_loop
async def test_a_call_about_what_isnt_ours_begins_with_the_partners(
    tmp_path: Path, copied: list[str]
) -> None:
    """R13, R24: the next step is to name a partner, and a key lists them."""
    night = CodedNight(tmp_path)
    add_guides(night)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        ref = await opened(pilot, night)
        await pilot.press(*LEMAN, "enter")
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await until(pilot, lambda: rested(app), "back on the call")
        await press(pilot, "f", "n", "1")
        await shows(pilot, "point to a guide, or name a partner", "I guides")
        await pilot.press("I")
        page = await there(pilot)
        assert page.kind is GuideKind.PARTNER
        await shows(pilot, "Partners", f"{ref} Banque du Léman", "Enter copy the link")
        await pilot.press("enter")
        await shows(pilot, "link copied, if the terminal allows it")
        await until(pilot, lambda: used(night), "it is noted")
        assert copied == [ATELIER.url]
        assert used(night) == [(ATELIER.url, ref)]
    night.close()


@on_loop
async def test_from_a_card_the_link_is_copied_and_noted_for_the_organisation(
    tmp_path: Path, copied: list[str]
) -> None:
    night = CodedNight(tmp_path)
    add_guides(night)
    app = night.app()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await pilot.press("v", *LEMAN, "enter")
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await shows(pilot, "Anne Rochat", "head of IT")
        await pilot.press("I")
        await there(pilot)
        await shows(pilot, "Guides Banque du Léman", "Type a few words", "F1 help")
        assert " q quit" not in screen_text(app)
        await pilot.press(*"renew")
        await until(pilot, lambda: app.screen.hits, "it is found")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await shows(pilot, "link copied, if the terminal allows it", "head of IT")
        await until(pilot, lambda: used(night), "it is noted")
    assert copied == [CERTIFICATE.url]
    assert used(night) == [(CERTIFICATE.url, "leman")]
    night.close()
