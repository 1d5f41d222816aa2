"""An engineer answers who wrote by mail: with a text that goes out, and the clock that runs until it has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, url_in
from callers import shows
from calling import deliberate
from correspondence import (
    ANNA,
    EVE,
    LOG,
    SCAN,
    WITH_MAIL,
    Fetching,
    asked,
    hand_over,
    letter,
    settled,
    with_templates,
)
from hostile import HOSTILE
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.templates import Template
from oncall_tui.domain.text import BODY_LIMIT, clean_body
from oncall_tui.domain.tickets import Channel, MessageKind, Ticket
from oncall_tui.screens.answer import AnswerDialog
from oncall_tui.screens.assigning import AssignDialog
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.composer import ComposeScreen
from oncall_tui.screens.find import FindScreen
from oncall_tui.screens.ticket import TicketScreen

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
    """A request that Anna wrote, with two files."""
    text = "Bonjour,\nla file est bloquée.\nAnna"
    return asked(night, letter(ANNA, "Mail queue stuck", text, language="fr", attachments=(SCAN, LOG)))


async def keys(pilot: Pilot[None], *names: str) -> None:
    for name in names:
        await pilot.press(name)
        await pilot.pause()
        await settled(pilot)


async def write(pilot: Pilot[None], text: str) -> None:
    for letter_ in text:
        await pilot.press("space" if letter_ == " " else "enter" if letter_ == "\n" else letter_)


def composer(app: Any) -> ComposeScreen:
    assert isinstance(app.screen, ComposeScreen)
    return app.screen


@on_loop
async def test_an_answer_goes_out_and_the_clock_runs_until_the_server_has_it(
    night: Night, mail: Ticket
) -> None:
    app = with_templates(night)
    app.session.polling = polling = Fetching()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await shows(
            pilot,
            "Anna Rochat <anna@leman.example>",
            "through support",
            f"Re: Mail queue stuck [{mail.ref}]",
            "runs until the server has the answer",
            "French",
            "la file est bloquée.",
        )
        await write(pilot, "Nous regardons")
        await keys(pilot, "ctrl+d")
        await shows(pilot, "Send this to Anna Rochat <anna@leman.example>?", "y yes, send it", "Esc no")
        await keys(pilot, "y")
        await shows(pilot, "Done", "the answer is on its way; the clock runs until the server has it")
        assert isinstance(app.screen, BoardScreen)
        assert "sending Mail" in screen_text(app)
        assert polling.nudged == ["support"]
        stored = night.desk("x").tickets.detail(mail.id)
        assert (stored.ticket.owner, stored.ticket.answered_at) == ("Léa", None)
        assert stored.messages[-1].text == "Nous regardons"
        night.clock.advance(seconds=7)
        hand_over(night, OutgoingState.SENT)
        app.session.refresh()
        await shows(pilot, "answered")
        assert "sending" not in screen_text(app)
        assert night.desk("x").tickets.detail(mail.id).ticket.answered_at == NOW + timedelta(seconds=7)


@on_loop
async def test_a_draft_is_kept_when_one_leaves_and_gone_when_it_is_sent(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "half a")
        await keys(pilot, "escape")
        await shows(pilot, f"the draft for {mail.ref} is kept; m goes on with it")
        await keys(pilot, "m")
        await shows(pilot, "half a", "your draft of before")
        await write(pilot, " text")
        await keys(pilot, "ctrl+d", "n")
        assert composer(app).field.text == "half a text"
        await keys(pilot, "ctrl+d", "y")
        assert isinstance(app.screen, BoardScreen)
        await keys(pilot, "m")
        assert composer(app).field.text == ""
        await keys(pilot, "escape")
        assert "draft" not in screen_lines(app)[-2]


@on_loop
async def test_leaving_asks_before_a_draft_is_lost(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m", "x", "escape", "q")
        await shows(pilot, "Leave with a draft?", mail.ref, "isn't sent, and is lost")
        await keys(pilot, "n", "m", "backspace", "escape", "q")
        assert app.return_code == 0


@on_loop
async def test_a_template_is_written_in_the_customer_s_language_and_follows_it(
    night: Night, mail: Ticket
) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m", "ctrl+t")
        await shows(pilot, "1 started", "2 question", "3 solved")
        await keys(pilot, "1")
        await shows(pilot, "Nous avons commencé à travailler", "template started")
        await keys(pilot, "ctrl+l")
        await shows(pilot, "We have started to work on your request", "English")
        await write(pilot, "!")
        await keys(pilot, "ctrl+l")
        await shows(pilot, "We have started to work", "French")
        assert composer(app).draft.template == ""


@on_loop
async def test_without_a_language_the_organisation_s_is_taken_else_english(night: Night) -> None:
    app = with_templates(night)
    asked(night, letter(ANNA, "Sans langue"))
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        assert composer(app).draft.language == "fr"
        await keys(pilot, "escape", "L", "d")
        await shows(pilot, "they write German")
        await keys(pilot, "m")
        assert composer(app).draft.language == "en"


@on_loop
async def test_what_they_wrote_is_quoted_and_taken_back(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "Oui.")
        await keys(pilot, "ctrl+r")
        said = composer(app).field.text
        assert said.startswith("Oui.\n\nLe 27.03.2026 à 02:42, Anna Rochat a écrit :\n> Bonjour,\n> la file")
        await keys(pilot, "ctrl+underscore")
        assert composer(app).field.text == "Oui."


@on_loop
async def test_who_was_first_is_told_before_a_second_answer_goes_out(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "Mine")
        night.desk("Marc").outbox.answer(mail.id, "His")
        await keys(pilot, "ctrl+d", "y")
        await shows(pilot, "Refused", "Marc", mail.ref)
        assert composer(app).field.text == "Mine"
        assert len(night.desk("x").outbox.of_ticket(mail.id)) == 1
        await keys(pilot, "ctrl+d", "y")
        await shows(pilot, "on its way")
        assert len(night.desk("x").outbox.of_ticket(mail.id)) == 2


@on_loop
async def test_an_empty_answer_is_refused_and_says_why(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m", "ctrl+d")
        await shows(pilot, "there is nothing to send yet")


@on_loop
async def test_the_customer_may_have_been_told_otherwise(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "Begun")
        await keys(pilot, "ctrl+o")
        assert isinstance(app.screen, AnswerDialog)
        await keys(pilot, "p", "enter")
        await shows(pilot, "answered by phone")
        assert isinstance(app.screen, BoardScreen)
        assert night.desk("x").tickets.detail(mail.id).ticket.answered_at == NOW
        await keys(pilot, "m")
        assert composer(app).field.text == "Begun", "what was begun stays until it is sent"


@on_loop
async def test_who_writes_a_second_answer_is_told_of_the_first(night: Night, mail: Ticket) -> None:
    night.desk("Marc").outbox.answer(mail.id, "His")
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await shows(pilot, "an answer is on its way")
        await write(pilot, "Mine")
        await keys(pilot, "ctrl+d")
        await shows(pilot, "Another answer is on its way: they may get both.")


@on_loop
async def test_an_answer_goes_to_whom_the_question_named_or_nowhere(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "Mine")
        await keys(pilot, "ctrl+d")
        page = next(screen for screen in app.screen_stack if isinstance(screen, ComposeScreen))
        page.origin = replace(page.origin, address="eve@x.example")
        await keys(pilot, "y")
        await shows(pilot, "it would go to Anna Rochat <eve@x.example> now")
        assert night.desk("x").outbox.of_ticket(mail.id) == ()
        assert composer(app).field.text == "Mine"


@on_loop
async def test_every_template_has_a_key(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    own = {f"own{number}": Template(f"own{number}", en=f"Own {number}") for number in range(1, 10)}
    app.session.templates = {**app.session.templates, **own}
    async with app.run_test(size=(80, 40)) as pilot:
        await loaded(pilot)
        await keys(pilot, "m", "ctrl+t")
        await shows(pilot, "own9")
        await keys(pilot, "d")
        assert composer(app).field.text == "Own 9"


@on_loop
async def test_what_came_in_no_other_way_is_recorded_as_told_as_ever(night: Night) -> None:
    night.file("moret", "By hand", channel=Channel.EMAIL)
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        # Typed in one go: what follows m is meant for the dialog that it opens.
        await pilot.press("m", "p", *"told", "enter")
        await settled(pilot)
        await shows(pilot, "answered by phone")
        assert night.desk("x").tickets.detail(1).messages[-1].text == "told"


@on_loop
async def test_several_marked_ones_are_recorded_as_told(night: Night, mail: Ticket) -> None:
    asked(night, letter(ANNA, "Another"))
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "space", "j", "space", "m")
        assert isinstance(app.screen, AnswerDialog)


@on_loop
async def test_sending_is_taken_back_while_it_waits(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await write(pilot, "Too early")
        await keys(pilot, "ctrl+d", "y", "u")
        await shows(pilot, "undone; m goes on with the draft")
        assert "sending" not in screen_text(app)
        assert not night.desk("x").outbox.open()
        await keys(pilot, "m")
        assert composer(app).field.text == "Too early"


@on_loop
async def test_the_ticket_says_how_its_answer_stands_and_where_it_came_from(
    night: Night, mail: Ticket
) -> None:
    night.desk("Léa").outbox.answer(mail.id, "Nous regardons")
    hand_over(night, OutgoingState.REFUSED, "550 mailbox full")
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert "not sent Mail" in screen_text(app)
        await keys(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
        await shows(
            pilot,
            "from Anna Rochat <anna@leman.example>, through support",
            ", French",
            "Léa answered – not sent: 550 mailbox full; O shows it",
            "── Attachments",
            "1 scan of the error.pdf 1.4 MB Anna Rochat, Fri 27 Mar 02:42",
            "2 journal.txt 812 B",
        )


@on_loop
async def test_an_automatic_reply_is_said_to_be_one(night: Night, mail: Ticket) -> None:
    from correspondence import arrive

    from oncall_tui.domain.correspondence import LetterKind

    arrive(night, letter(ANNA, "Absente", "De retour lundi", kind=LetterKind.AUTOMATIC, ref=mail.ref))
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "enter")
        await shows(pilot, "automatic reply", "De retour lundi")
    kinds = [message.kind for message in night.desk("x").tickets.detail(mail.id).messages]
    assert kinds == [MessageKind.AUTOMATIC]


@on_loop
async def test_an_unknown_sender_is_filed_under_an_organisation_and_remembered(night: Night) -> None:
    asked(night, letter(EVE, "Who are we?"))
    asked(night, letter(EVE, "And again"))
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        assert "? Eve Stranger" in screen_text(app)
        assert "f file under" in screen_lines(app)[-1]
        ref = app.board.targets[0].ref
        await keys(pilot, "f")
        assert isinstance(app.screen, FindScreen)
        await write(pilot, "moret")
        await shows(pilot, "Fromagerie Moret")
        await keys(pilot, "enter")
        assert isinstance(app.screen, AssignDialog)
        await shows(
            pilot,
            "From Unknown senders, standard. To Fromagerie Moret, pro.",
            "First response: not guaranteed so far, then Fri 27 Mar 08:00.",
            "r yes, and remember eve@elsewhere.example",
        )
        await keys(pilot, "r")
        await shows(pilot, "Fromagerie Moret: filed, sender remembered; 1 more of theirs stay")
        assert night.desk("x").tickets.find(ref).customer == "moret"
        later = asked(night, letter(EVE, "From now on"))
        assert later.customer == "moret"
        await keys(pilot, "u")
        await shows(pilot, "undone")
        assert night.desk("x").tickets.find(ref).customer == "unknown"


@on_loop
async def test_a_wrong_enter_files_nothing(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "f")
        await write(pilot, "moret")
        await shows(pilot, "Fromagerie Moret")
        await keys(pilot, "enter", "enter")
        assert isinstance(app.screen, BoardScreen)
        assert night.desk("x").tickets.detail(mail.id).ticket.customer == "leman"


@on_loop
async def test_a_file_is_saved_where_one_says_and_none_is_overwritten(
    night: Night, mail: Ticket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "Downloads").mkdir()
    app = with_templates(night)
    app.session.polling = Fetching()
    async with app.run_test(size=(140, 30)) as pilot:
        await loaded(pilot)
        await keys(pilot, "D")
        await shows(pilot, "1 scan of the error.pdf 1.4 MB", "2 journal.txt 812 B")
        await keys(pilot, "2", "enter")
        saved = tmp_path / "Downloads" / "journal.txt"
        await shows(pilot, "Done", "saved as")
        assert saved.read_bytes() == b"\x02" * 3
        await keys(pilot, "D", "2")
        assert "journal (2).txt" in screen_text(app)
        await keys(pilot, "ctrl+u")
        await write(pilot, str(saved))
        await keys(pilot, "enter")
        await shows(pilot, "exists already")
        assert saved.read_bytes() == b"\x02" * 3


@on_loop
async def test_where_nothing_reads_the_sources_no_file_can_be_saved(night: Night, mail: Ticket) -> None:
    app = with_templates(night)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "D")
        await shows(pilot, "this board doesn't read the sources")


@pytest.mark.parametrize(
    "name", ["markup action", "osc 52 clipboard", "bidi override", "ten thousand wide letters"]
)
@on_loop
async def test_hostile_words_reach_no_terminal(night: Night, name: str) -> None:
    hostile = HOSTILE[name]
    from oncall_tui.domain.correspondence import Attachment, Sender

    asked(
        night,
        letter(
            Sender(hostile, "eve@elsewhere.example"),
            hostile,
            hostile,
            attachments=(Attachment(hostile, "text/plain", 1, "1"),),
        ),
    )
    app = with_templates(night)
    app.session.polling = Fetching()
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        for steps in (
            ("enter",),
            ("escape", "m"),
            ("ctrl+r",),
            ("ctrl+d",),
            ("escape", "escape", "D"),
            ("escape", "O"),
        ):
            await keys(pilot, *steps)
            text = screen_text(app)
            assert text == clean_body(text) or all(
                line == clean_body(line) for line in text.split("\n") if line.strip()
            )


@on_loop
async def test_what_is_written_is_wrapped_anew_in_a_terminal_of_another_size(
    night: Night, mail: Ticket
) -> None:
    app = with_templates(night)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        field = composer(app).field
        field.insert_cleaned("Nous avons commencé à travailler sur la file qui est bloquée depuis ce matin.")
        await pilot.pause()
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        written = " ".join(" ".join(screen_lines(app)).split())
        assert "qui est bloquée depuis ce matin." in written


@on_loop
async def test_what_an_editor_did_to_the_text_is_said(
    night: Night, mail: Ticket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\n{ printf 'caf\\351 '; head -c 100000 /dev/zero | tr '\\0' x; } > \"$1\"\n")
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    app = with_templates(night)
    monkeypatch.setattr(app, "suspend", nullcontext)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await keys(pilot, "m")
        await keys(pilot, "ctrl+e")
        await shows(pilot, "isn't UTF-8: signs were lost; it was too long: only the first 100000 characters")
        assert len(composer(app).field.text) == BODY_LIMIT
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        await keys(pilot, "ctrl+e")
        await shows(pilot, "Not done", "there is no file for an editor: No such file or directory")
        assert len(composer(app).field.text) == BODY_LIMIT
