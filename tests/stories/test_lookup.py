"""A caller reads out a code: the keys of an engineer, the picture, and what the database says after it."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CellType, FunctionType, ModuleType
from typing import Any

import pytest
from board import Night, loaded, on_loop, screen_lines, screen_text, until
from callers import LEMAN, MORET, NEVER, OLD, ROCHAT, WRONG, CodedNight, seen, shows, type_code
from hostile import HOSTILE
from textual import events
from textual.pilot import Pilot

from oncall_tui.actions import Keymap
from oncall_tui.app import OncallApp
from oncall_tui.desk.callers import CallerDesk
from oncall_tui.domain.codes import Verdict
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.find import FindScreen
from oncall_tui.screens.lookup import LookupScreen


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


async def look_up(pilot: Pilot[None], digits: str, *words: str) -> None:
    """Type a code into the look-up that is open, and wait for what it says."""
    await type_code(pilot, digits)
    await shows(pilot, *words)


def page(app: OncallApp) -> LookupScreen:
    assert isinstance(app.screen, LookupScreen)
    return app.screen


def audit(night: CodedNight) -> list[tuple[str, str, str]]:
    """Return act, organisation and outcome of what was done about callers."""
    query = (
        "SELECT act, customer, outcome FROM audit WHERE act NOT IN ('issue code', 'rotate code') ORDER BY id"
    )
    return night.rows(query)


# A code, and the proof


@on_loop
async def test_from_the_board_to_the_card_in_v_digits_enter_and_y(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", *LEMAN, "enter")
        await shows(pilot, "= MATCH VIP code", "« Pour quelle organisation appelez-vous ? »")
        await shows(pilot, "It should be Banque du Léman leman, enterprise", "y they said so")
        assert audit(night) == [("look up code", "leman", "match")]
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.card, "the card is open")
        await shows(pilot, "Banque du Léman")
        assert audit(night)[1:] == [("confirm caller", "leman", "verified")]


@on_loop
async def test_it_opens_over_every_page(night: CodedNight) -> None:
    night.file()
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for keys in ((), ("enter",), ("question_mark",), ("l",)):
            await pilot.press(*keys)
            below = app.screen
            await pilot.press("v")
            await look_up(pilot, MORET, "= MATCH")
            await pilot.press("escape", "escape")
            assert app.screen is below
            if keys:
                await pilot.press("escape")


@pytest.mark.parametrize("name", ["lookup", "code", "vip"])
@on_loop
async def test_the_palette_knows_it_by_name(night: CodedNight, name: str) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("colon", *name, "enter")
        await until(pilot, lambda: isinstance(app.screen, LookupScreen), "it is open")


@pytest.mark.parametrize(
    ("typed", "words", "outcome"),
    [
        (LEMAN, ("= MATCH VIP code", "It should be Banque du Léman"), "match"),
        (ROCHAT, ("= MATCH support code", "Anne Rochat of Banque du Léman", "opens no VIP right"), "match"),
        ("12345", ("? MISHEARD", "chiffre par chiffre", "digit by digit", "doesn't count"), "misheard"),
        (
            WRONG,
            ("≠ NO MATCH 2 more tries", "Je ne trouve pas ce code", "can't find that code"),
            "no_match",
        ),
        (OLD, ("× REVOKED since 03:12; 2 more tries", "n'est plus valable", "no longer valid"), "revoked"),
        ("aB3xK9pQz", ("> TRANSFER CODE", "transfert de domaine", "VIP code"), "transfer_code"),
    ],
)
@on_loop
async def test_each_verdict_says_what_it_is_and_what_to_tell(
    night: CodedNight, typed: str, words: tuple[str, ...], outcome: str
) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, typed, *words)
        assert page(app).paper.max_scroll_y == 0, "all of it is in sight at 60x20"
    assert [row[2] for row in audit(night)] == [outcome]
    assert night.rows("SELECT outcome FROM code_attempts") == [(outcome,)]


@on_loop
async def test_another_organisation_counts_as_a_wrong_code(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, LEMAN, "= MATCH")
        await pilot.press("n")
        await shows(pilot, "≠ NO MATCH 2 more tries in this call")
        assert "Léman" not in screen_text(app)
        assert audit(night)[1:] == [("deny caller", "leman", "no_match")]
        await look_up(pilot, LEMAN, "= MATCH")
        await pilot.press("escape", "y")
        assert app.screen is page(app)
        await shows(pilot, "Type the code")
    assert len(audit(night)) == 3


@on_loop
async def test_an_answer_goes_before_whatever_else_has_its_key(night: CodedNight) -> None:
    app = night.app()
    app.session.keymap = Keymap().with_keys({"help": ("y", "f1"), "copy": ()})
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, LEMAN, "= MATCH")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CardScreen), "the card is open")


@on_loop
async def test_a_no_that_is_held_down_isnt_typed_into_the_field(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, LEMAN, "= MATCH")
        await pilot.press("n")
        await shows(pilot, "NO MATCH")
        await pilot.press("n", "n")
        assert page(app).code.empty
        await look_up(pilot, LEMAN, "= MATCH")


@on_loop
async def test_a_yes_that_couldnt_be_stored_can_be_said_again(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, LEMAN, "= MATCH")
        with monkeypatch.context() as broken:

            def away(*_: object, **__: object) -> None:
                raise StoreUnavailable("night.db is locked by another program")

            broken.setattr(CallerDesk, "confirm", away)
            await pilot.press("y")
            await shows(pilot, "Not done night.db is locked", "y they said so")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CardScreen), "the card is open")


@on_loop
async def test_an_answer_before_the_verdict_is_none(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", *LEMAN)
        for key in ("enter", "y", "enter"):
            app._driver.send_message(events.Key(key, None if key == "enter" else key))  # type: ignore[union-attr]
        await shows(pilot, "= MATCH", "y they said so")
        assert audit(night) == [("look up code", "leman", "match")]


# Limits


@on_loop
async def test_after_the_third_wrong_code_the_ways_without_one_are_offered(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, WRONG, "2 more tries")
        await look_up(pilot, OLD, "1 more try in this call")
        await look_up(pilot, WRONG, "NO MATCH the caller stays unverified", "no more codes in this call")
        await shows(pilot, "Je peux vous rappeler au numéro", "find the organisation by name")
        await pilot.press(*LEMAN, "enter")
        assert page(app).code.empty
        await pilot.press("slash")
        assert isinstance(app.screen, FindScreen)
    assert night.rows("SELECT count(*) FROM code_attempts") == [(3,)]


@on_loop
async def test_a_wait_is_told_and_ends_by_itself(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        for words in ("2 more", "1 more", "stays unverified"):
            await look_up(pilot, WRONG, words)
        await pilot.press("escape", "v")
        await look_up(pilot, WRONG, "NO MATCH")
        await look_up(pilot, WRONG, "no code is taken until 03:28", "avant 03 h 28", "before 03:28")
        await pilot.press("escape", "v")
        await look_up(pilot, LEMAN, "! WAIT until 03:28", "call back")
        assert "Léman" not in screen_text(app), "who waits learns nothing"
        night.clock.advance(minutes=15)
        app.show_time(night.clock())
        await shows(pilot, "Enter check")
        await look_up(pilot, LEMAN, "= MATCH")


@on_loop
async def test_who_waits_for_want_of_a_number_goes_on_with_one(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        for calls in (("2 more", "1 more", "stays unverified"), ("NO MATCH", "no code is taken until 03:28")):
            await pilot.press("v")
            for words in calls:
                await look_up(pilot, WRONG, words)
            await pilot.press("escape")
        await pilot.press("v")
        await look_up(pilot, LEMAN, "! WAIT until 03:28", "note the calling number", "Tab number")
        await pilot.press("tab", *"0225559999", "enter")
        await look_up(pilot, LEMAN, "= MATCH")


@on_loop
async def test_the_number_that_calls_is_who_waits(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "tab", *"0225559999", "enter")
        await look_up(pilot, WRONG, "NO MATCH")
        assert night.rows("SELECT caller FROM code_attempts") == [("number:+41225559999",)]
        await shows(pilot, "Calling 0225559999")


@on_loop
async def test_twenty_wrong_codes_a_day_are_told_to_the_team(tmp_path: Path) -> None:
    night = CodedNight(tmp_path, config="[codes]\nwrong_per_day = 2\n")
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, WRONG, "NO MATCH")
        await look_up(pilot, WRONG, "!! 2 wrong codes in 24 hours over the whole desk: tell the team")
    night.close()


# What is typed


@on_loop
async def test_digits_stand_in_groups_and_can_be_taken_back(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        assert screen_lines(app)[1].split() == ["Code", "_", "6", "to", "12", "digits"]
        await pilot.press(*"4071", "full_stop", "space", *"826", "5")
        assert screen_lines(app)[1].startswith(" Code    407 182 65_")
        await pilot.press("backspace")
        assert screen_lines(app)[1].startswith(" Code    407 182 6_")
        await pilot.press("ctrl+u")
        assert page(app).code.empty
        await pilot.press(*"12", "escape")
        assert page(app).code.empty
        await pilot.press("escape")
        assert app.screen is app.board


@on_loop
async def test_a_masked_code_is_never_on_screen(tmp_path: Path) -> None:
    night = CodedNight(tmp_path, config="[codes]\nmask = true\n")
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v", *"4071")
        assert screen_lines(app)[1].split()[1:3] == ["•••", "•_"]
        await look_up(pilot, "82659", "= MATCH")
    night.close()


@pytest.mark.parametrize(
    "pasted",
    [
        "407.182-659\n",
        "407\u00a0182\u202f659",
        "４０７１８２６５９",
        "٤٠٧ ١٨٢ ٦٥٩",
        "४०७१८२६५९",
        "407\u200b182659",
    ],
)
@on_loop
async def test_a_code_is_known_in_whatever_digits_it_is_pasted(night: CodedNight, pasted: str) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        app._driver.send_message(events.Paste(pasted))  # type: ignore[union-attr]
        await until(pilot, lambda: "407 182 659_" in screen_text(app), "it is shown in groups")
        await pilot.press("enter")
        await shows(pilot, "= MATCH")


@pytest.mark.parametrize("name", HOSTILE)
@on_loop
async def test_hostile_codes_are_misheard_and_act_on_nothing(night: CodedNight, name: str) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        app._driver.send_message(events.Paste(HOSTILE[name]))  # type: ignore[union-attr]
        await pilot.pause()
        assert all(character.isprintable() for line in screen_lines(app) for character in line)
        field = page(app).code
        if field.empty:
            return
        await pilot.press("enter")
        await until(pilot, lambda: page(app).verdict is not None, "there is a verdict")
    (outcome,) = night.rows("SELECT outcome FROM code_attempts")
    assert outcome[0] in ("misheard", "transfer_code")


@on_loop
async def test_letters_and_signs_go_into_a_code_and_commands_only_before_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v", *"qv", "slash", "question_mark", *"7")
        assert screen_lines(app)[1].startswith(" Code    qv/?7_")
        await pilot.press("escape", "question_mark")
        await shows(pilot, "While a code is typed")
        await pilot.press("escape", "colon")
        assert type(app.screen).__name__ == "PaletteDialog"
        await pilot.press("escape", "slash")
        assert isinstance(app.screen, FindScreen)


# Nothing of it stays


def kept(root: object) -> list[str]:
    """Return every string that can be reached from `root`, the globals of modules and types aside."""
    found, todo, known = [], [root], set()
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, FunctionType):
            todo += [cell.cell_contents for cell in each.__closure__ or () if cell != CellType()]
            todo += each.__defaults__ or ()
        elif id(each) not in known and not isinstance(each, type | ModuleType | Night):
            known.add(id(each))
            todo += gc.get_referents(each)
            if isinstance(each, list) and each and all(isinstance(one, str) for one in each):
                found.append("".join(each))
    return ["".join(text.split()) for text in found]


@on_loop
async def test_nothing_of_a_code_is_kept_or_told(
    night: CodedNight, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        for code, words in ((WRONG, "NO MATCH"), (OLD, "REVOKED"), (LEMAN, "= MATCH")):
            await look_up(pilot, code, words)
            assert not any(digits in line for digits in NEVER for line in screen_lines(app))
        for away, back in (("escape", "v"), ("ctrl+p", "escape"), ("f1", "escape"), ("ctrl+u", "tab")):
            page(app).action_back()
            if app.screen is app.board:
                await pilot.press("v")
            await pilot.press(*MORET)
            assert any(MORET in text for text in kept(app)), "it is found where it is"
            await pilot.press(away, back)
            assert not any(digits in text for digits in NEVER for text in kept(app)), away
    assert not any(code in caplog.text for code in NEVER)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(code.encode() in content for code in NEVER), file


# What stands in the way


@on_loop
async def test_the_key_that_opened_the_field_begins_no_code(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "v", "v")
        await type_code(pilot, LEMAN)
        await shows(pilot, "MATCH")


@on_loop
async def test_a_board_says_at_its_start_that_codes_are_off_and_goes_on(
    night: CodedNight, tmp_path: Path
) -> None:
    (tmp_path / "keys" / "oncall.key").unlink()
    night.file()
    app = night.app()
    async with app.run_test(size=(200, 40)) as pilot:
        await until(pilot, lambda: "codes are off: the key file" in screen_text(app), "it is said")
        await loaded(pilot)
        await pilot.press("t")
        await until(pilot, lambda: night.rows("SELECT owner FROM tickets") == [("Léa",)], "it is taken")


@on_loop
async def test_without_a_key_it_says_what_is_off(night: CodedNight, tmp_path: Path) -> None:
    (tmp_path / "keys" / "oncall.key").unlink()
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await shows(pilot, "CODES ARE OFF", "key", "/ finds the organisation")
        await pilot.press("slash")
        assert isinstance(app.screen, FindScreen)


@on_loop
async def test_a_read_only_board_takes_no_code(night: CodedNight) -> None:
    app = night.app(read_only=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await shows(pilot, "CODES ARE OFF", "this board is read-only", "/ finds the organisation")
        await pilot.press(*LEMAN, "enter")
    assert audit(night) == []


@on_loop
async def test_a_store_that_is_away_is_one_line_and_trying_again_works(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        with monkeypatch.context() as broken:

            def away(*_: object, **__: object) -> None:
                raise StoreUnavailable("night.db is locked by another program", hint="try again")

            broken.setattr(CallerDesk, "look_up", away)
            await look_up(pilot, LEMAN, "NOT CHECKED", "night.db is locked by another program")
            assert page(app).code.empty
        await look_up(pilot, LEMAN, "= MATCH")


@on_loop
async def test_while_the_verdict_is_on_its_way_nothing_else_is_taken(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    look = CallerDesk.look_up

    def slow(self: CallerDesk, *arguments: Any, **named: Any) -> Verdict:
        goes_on.wait(10)
        return look(self, *arguments, **named)

    monkeypatch.setattr(CallerDesk, "look_up", slow)
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        await look_up(pilot, LEMAN, "checking …")
        await pilot.press("enter", *MORET, "enter", "n", "escape")
        assert app.screen is app.board
        goes_on.set()
        await until(pilot, lambda: len(audit(night)) == 1, "what was begun is finished")
        await pilot.press("v")
        await shows(pilot, "Type the code")
    assert audit(night) == [("look up code", "leman", "match")]


# Beside the list


@on_loop
async def test_from_120_columns_on_the_list_goes_on_at_the_left(night: CodedNight) -> None:
    night.file(subject="Cluster unreachable", minutes_ago=59)
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await until(pilot, lambda: app.board.pane is not None and app.board.pane.detail, "the ticket is read")
        pane = app.board.pane
        assert pane is not None
        place = pane.region
        await pilot.press("v")
        await look_up(pilot, WRONG, "NO MATCH")
        assert page(app).side.region == place
        lines = seen(app)
        assert "On call" in lines[0]
        assert "00:01:00" in lines[4]
        assert "NO MATCH" in lines[5]
        night.clock.advance(seconds=30)
        app.show_time(night.clock())
        await until(pilot, lambda: "00:00:30" in seen(app)[4], "the list ticks")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "NO MATCH" in seen(app)[3], "it has the whole screen")
        assert "Cluster" not in "".join(seen(app))
        await pilot.resize_terminal(130, 30)
        await until(pilot, lambda: "NO MATCH" in seen(app)[5] and "Cluster" in seen(app)[4], "it is beside")
        await pilot.press("escape")
        await until(pilot, lambda: "Conversation" in screen_text(app), "the ticket is beside the list again")


@on_loop
async def test_what_lies_over_the_look_up_leaves_the_list_ticking(night: CodedNight) -> None:
    night.file(subject="Cluster unreachable", minutes_ago=59)
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(pilot)
        await pilot.press("v", "colon")
        assert "00:01:00" in seen(app)[4]
        night.clock.advance(seconds=30)
        app.show_time(night.clock())
        await until(pilot, lambda: "00:00:30" in seen(app)[4], "the list ticks")


@on_loop
async def test_the_board_can_begin_with_the_look_up(night: CodedNight) -> None:
    app = night.app(screen="lookup")
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await look_up(pilot, LEMAN, "= MATCH")
        await pilot.press("escape", "escape")
        assert app.screen is app.board
