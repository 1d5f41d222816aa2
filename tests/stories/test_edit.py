"""Correcting what is on file of an organisation with keys: what is stored, undone, refused, and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from board import loaded, on_loop, screen_lines, screen_text, until
from callers import LEMAN, PEOPLE, CodedNight, shows, type_code
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.confirm import ConfirmDialog
from oncall_tui.screens.edit import EditScreen
from oncall_tui.screens.edit_line import EditDialog

ANNE, LUC = PEOPLE


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


async def on_file(pilot: Pilot[None]) -> EditScreen:
    """From the board: verify the bank's caller, and open what is on file."""
    await loaded(pilot)
    await pilot.press("v")
    await type_code(pilot, LEMAN)
    await shows(pilot, "= MATCH")
    await pilot.press("y")
    await shows(pilot, "Anne Rochat")
    await pilot.press("e")
    return await read(pilot)


async def read(pilot: Pilot[None]) -> EditScreen:
    """Wait until what is on file stands there as the store has it."""
    app = pilot.app

    def there() -> bool:
        page = app.screen
        return isinstance(page, EditScreen) and page.settled and page.customer is not None

    await until(pilot, there, "what is on file is read")
    assert isinstance(app.screen, EditScreen)
    return app.screen


async def asked(pilot: Pilot[None]) -> EditDialog:
    await until(pilot, lambda: isinstance(pilot.app.screen, EditDialog), "the fields are asked for")
    assert isinstance(pilot.app.screen, EditDialog)
    return pilot.app.screen


async def write(pilot: Pilot[None], text: str) -> None:
    """Put `text` in the place of what stands in the field."""
    field: Any = pilot.app.focused
    await pilot.press("end", "ctrl+u")
    field.insert_text_at_cursor(text)
    await pilot.pause()


async def told(pilot: Pilot[None], *words: str) -> None:
    def there() -> bool:
        return all(word in screen_lines(pilot.app)[-2] for word in words)

    await until(pilot, there, f"the status says {words}")


def file_of(night: CodedNight) -> Customer:
    return night.desk("look").organisations.get("leman")


def fields(dialog: EditDialog) -> dict[str, str]:
    from oncall_tui.widgets.text_input import TextInput

    return {str(field.id).removeprefix("f-"): field.value for field in dialog.query(TextInput)}


@on_loop
async def test_a_number_is_corrected_and_taken_back(night: CodedNight) -> None:
    """R20"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await on_file(pilot)
        await pilot.press("j", "j", "enter")
        dialog = await asked(pilot)
        assert fields(dialog) == {
            "name": "Anne Rochat",
            "role": "head of IT",
            "phone": "+41 22 555 01 40",
            "email": "anne.rochat@leman.example",
        }
        await pilot.press("tab", "tab")
        await write(pilot, "+41 22 777 00 11")
        await pilot.press("enter")
        await told(pilot, "Done", "stored")
        await read(pilot)
        assert file_of(night).contacts == (replace(ANNE, phone="+41 22 777 00 11"), LUC)
        await shows(pilot, "phone of Anne Rochat: +41 22 555 01 40 → +41 22 777 00 11")
        assert page.list.current is not None
        assert page.list.current.value == replace(ANNE, phone="+41 22 777 00 11")
        await pilot.press("u")
        await told(pilot, "undone")
        await read(pilot)
        assert file_of(night).contacts == PEOPLE
        await shows(pilot, "edit of a contact taken back")
        await pilot.press("u")
        await told(pilot, "nothing to undo")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, CardScreen), "the card is back")
    acts = [row[0] for row in night.rows("SELECT act FROM audit ORDER BY id DESC LIMIT 2")]
    assert acts == ["undo", "edit organisation"]


@on_loop
async def test_what_cant_be_stays_in_the_dialog_with_what_was_typed(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "plus")
        dialog = await asked(pilot)
        await pilot.press("enter")
        await shows(pilot, "a contact needs a name, an e-mail address or a number")
        await write(pilot, "Zoé Roth")
        await pilot.press("tab", "tab", "tab")
        await write(pilot, "zoe")
        await pilot.press("enter")
        await shows(pilot, "'zoe' is no e-mail address")
        assert app.screen is dialog
        await write(pilot, "zoe@leman.example")
        await pilot.press("enter")
        page = await read(pilot)
        await told(pilot, "added")
        assert page.list.current is not None
        assert page.list.current.value == Contact("Zoé Roth", "zoe@leman.example")
    assert file_of(night).contacts == (*PEOPLE, Contact("Zoé Roth", "zoe@leman.example"))


@on_loop
async def test_a_second_engineer_is_told_who_was_first_and_keeps_what_they_typed(night: CodedNight) -> None:
    app = night.app("Léa")
    async with app.run_test(size=(80, 24)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "enter")
        await asked(pilot)
        await pilot.press("tab", "tab")
        await write(pilot, "022 2")
        marc = night.desk("Marc").organisations
        marc.edit("leman", Edit(Part.CONTACT, ANNE, replace(ANNE, phone="022 1", role="director")))
        await pilot.press("enter")
        await shows(pilot, "Marc changed the contact Anne Rochat of leman at 03:12:44")
        again = await asked(pilot)
        assert fields(again)["phone"] == "022 2"
        assert fields(again)["role"] == "director", "what was left alone is as it is on file"
        await shows(pilot, "on file: 022 1")
        assert file_of(night).contacts[0].phone == "022 1", "nothing is stored of the second"
        await pilot.press("enter")
        await told(pilot, "stored")
        assert file_of(night).contacts[0] == replace(ANNE, phone="022 2", role="director")
        assert len(file_of(night).contacts) == 2


@on_loop
async def test_who_was_removed_meanwhile_can_be_added_again(night: CodedNight) -> None:
    app = night.app("Léa")
    async with app.run_test(size=(80, 24)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "enter")
        await asked(pilot)
        night.desk("Marc").organisations.edit("leman", Edit(Part.CONTACT, ANNE, None))
        await pilot.press("tab", "tab")
        await write(pilot, "022 2")
        await pilot.press("enter")
        await shows(pilot, "Marc removed the contact Anne Rochat", "Add a contact")
        await pilot.press("escape")
        await read(pilot)
        assert file_of(night).contacts == (LUC,)


@on_loop
async def test_removing_asks_says_what_goes_with_it_and_can_be_undone(night: CodedNight) -> None:
    """R16"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "delete")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "it is asked")
        await shows(pilot, "Take it off the file? The support code of Anne Rochat is revoked with it")
        await pilot.press("enter")
        assert file_of(night).contacts == PEOPLE, "the default is no"
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog), "it is asked")
        await pilot.press("y")
        await told(pilot, "removed; the support code of Anne Rochat is revoked")
        assert file_of(night).contacts == (LUC,)
        await read(pilot)
        await pilot.press("u")
        await told(pilot, "undone; the support code of Anne Rochat is in force again")
    assert file_of(night).contacts == PEOPLE


@on_loop
async def test_each_key_that_does_nothing_here_says_why(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_file(pilot)
        for key, said in (
            ("plus", "there is one of it; Enter changes it"),
            ("delete", "an organisation has a name"),
            ("u", "there is nothing to undo: an edit can be undone for 10 s"),
        ):
            await pilot.press(key)
            await told(pilot, said)
        await pilot.press("j", "delete")
        await told(pilot, "nothing stands here to remove")


@on_loop
async def test_name_and_language_change_on_the_card_and_the_board(night: CodedNight) -> None:
    night.file("leman", "Mail queue stuck")
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_file(pilot)
        await pilot.press("enter")
        await asked(pilot)
        await write(pilot, "Banque Lémanique")
        await pilot.press("enter")
        await told(pilot, "stored")
        await read(pilot)
        await pilot.press("j", "enter")
        await asked(pilot)
        await write(pilot, "klingon")
        await pilot.press("enter")
        await shows(pilot, "unknown language 'klingon'")
        await write(pilot, "Deutsch")
        await pilot.press("enter")
        await told(pilot, "stored")
        await read(pilot)
        await pilot.press("escape")
        await shows(pilot, "Banque Lémanique", "speaks German")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.board, "the board is back")
        await shows(pilot, "Banque Lémaniq…")


@pytest.mark.parametrize("name", ["شركة المياه", "🧀" * 20, "x" * 500, "[/b] [@click=app.quit]x[/]"])
@on_loop
async def test_a_name_of_any_kind_is_typed_stored_and_drawn(night: CodedNight, name: str) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "plus")
        await asked(pilot)
        await write(pilot, name)
        await pilot.press("enter")
        await told(pilot, "added")
        await read(pilot)
        person = file_of(night).contacts[-1]
        assert person.name == (name if len(name) <= 120 else name[:119] + "…")
        assert all(len(line) <= 60 for line in screen_lines(app))


@on_loop
async def test_a_read_only_board_shows_the_file_and_changes_nothing(night: CodedNight) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        app.push_screen(EditScreen(app.session, "leman"))
        await read(pilot)
        for key in ("enter", "plus", "delete", "u"):
            await pilot.press(key)
            await told(pilot, "read-only")


@on_loop
async def test_a_store_that_fails_loses_nothing_of_what_was_typed(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_file(pilot)
        await pilot.press("j", "j", "enter")
        await asked(pilot)
        await write(pilot, "Anne Favre")
        from oncall_tui.desk.organisations import OrganisationDesk

        def fails(*_arguments: Any) -> Any:
            raise StoreUnavailable("the database is locked")

        with monkeypatch.context() as patch:
            patch.setattr(OrganisationDesk, "edit", fails)
            await pilot.press("enter")
            await shows(pilot, "the database is locked")
        assert fields(await asked(pilot))["name"] == "Anne Favre"
        await pilot.press("enter")
        await told(pilot, "stored")
    assert file_of(night).contacts[0].name == "Anne Favre"
    assert night.rows("SELECT contact FROM codes WHERE kind = 'support'") == [("Anne Favre",)]


@on_loop
async def test_with_nobody_verified_the_page_says_not_to_trust_the_caller(night: CodedNight) -> None:
    """R14: the number that is called back is the one on file."""
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "slash", *"leman")
        await shows(pilot, "Banque du Léman")
        await pilot.press("enter")
        await shows(pilot, "Anne Rochat")
        await pilot.press("e")
        await read(pilot)
        await told(pilot, "the caller isn't verified: change nothing on their word (R14)")


@on_loop
async def test_what_somebody_else_stores_appears(night: CodedNight) -> None:
    app: OncallApp = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        page = await on_file(pilot)
        night.desk("Marc").organisations.edit("leman", Edit(Part.SERVICE, None, "Object storage"))
        page.log_changed()
        await read(pilot)
        assert "Object storage" in screen_text(app)
