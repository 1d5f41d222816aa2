"""The field that an answer is written in: what is pasted is cleaned, and the page keeps its keys."""

from __future__ import annotations

import pytest
from board import on_loop
from hostile import HOSTILE
from textual import events
from textual.app import App, ComposeResult

from oncall_tui.domain.text import BODY_LIMIT, clean_body
from oncall_tui.theme import NIGHT, THEMES
from oncall_tui.widgets.letter_field import LetterField


class Desk(App[None]):
    """A screen with nothing but the field."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = NIGHT.name
        self.field = LetterField(text, "write here")

    def compose(self) -> ComposeResult:
        yield self.field

    def on_mount(self) -> None:
        self.field.focus()


@pytest.mark.parametrize("name", HOSTILE)
@on_loop
async def test_what_is_pasted_is_harmless(name: str) -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await app.field._on_paste(events.Paste(HOSTILE[name]))
        await pilot.pause()
        assert app.field.text.rstrip() == clean_body(app.field.text)


@on_loop
async def test_a_paste_goes_in_once_where_the_cursor_is() -> None:
    app = Desk("before after")
    async with app.run_test() as pilot:
        app.field.move_cursor((0, 7))
        await app.field._on_paste(events.Paste("one\r\ntwo "))
        await pilot.pause()
        assert app.field.text == "before one\ntwo after"
        await pilot.press("ctrl+underscore")
        assert app.field.text == "before after"


@on_loop
async def test_it_never_takes_more_than_a_ticket_does() -> None:
    app = Desk("x" * (BODY_LIMIT - 3))
    async with app.run_test() as pilot:
        app.field.insert_cleaned("y" * 10)
        await pilot.pause()
        assert len(app.field.text) == BODY_LIMIT


@on_loop
async def test_what_is_replaced_makes_room_for_what_comes() -> None:
    app = Desk("x" * 60_000)
    async with app.run_test() as pilot:
        end = app.field.document.end
        app.field.replace("y" * 60_000, end, app.field.document.start)
        await pilot.pause()
        assert app.field.text == "y" * 60_000
        app.field.select_all()
        app.field.insert_cleaned("z" * (BODY_LIMIT + 1))
        assert app.field.text == "z" * BODY_LIMIT


@on_loop
async def test_letters_write_and_the_keys_of_the_page_do_not() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await pilot.press("a", "slash", "space", "é", "plus", "enter", "question_mark")
        await pilot.press("ctrl+d", "ctrl+e", "ctrl+t", "ctrl+l", "ctrl+r", "ctrl+o", "tab", "f2")
        assert app.field.text == "a/ é+\n?"
