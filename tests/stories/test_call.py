"""A call on the emergency line: the keys of an engineer, and what the database says after them (R11 to R15)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from board import loaded, on_loop, screen_text, until
from callers import LEMAN, CodedNight, shows
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.calls import CallRecord, Triage
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.screens.call import CallScreen
from oncall_tui.screens.lookup import LookupScreen

ROCHAT = "+41 22 555 01 40"


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def fingers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no two keys come faster than a person's: no key is taken for one that is held down."""
    seconds = count(100)
    for module in ("held_key", "page"):
        monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: float(next(seconds)))


async def picked_up(pilot: Pilot[None], night: CodedNight, number: str = ROCHAT) -> str:
    """Have somebody ring, and pick up with one key; return the reference of the call."""
    ref = night.desk("telephone").calls.ring(number, external_id="one").ref
    app = pilot.app
    assert isinstance(app, OncallApp)
    await loaded(pilot)
    app.session.refresh()
    await until(pilot, lambda: app.session.ringing, "it rings")
    await pilot.press("a")
    await until(pilot, lambda: at_rest(app), "the call is open")
    return ref


def at_rest(app: OncallApp) -> bool:
    page = app.screen
    return isinstance(page, CallScreen) and page.looked is not None and not page.storing


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys on the call, each when the one before is stored."""
    for key in keys:
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(pilot.app.screen, CallScreen) or at_rest(pilot.app), key)


def known(night: CodedNight, ref: str) -> Triage:
    return night.desk("reader").calls.triage(ref)


def record(night: CodedNight, ref: str) -> CallRecord:
    (found,) = night.desk("reader").calls.records(ref)
    return found


@on_loop
async def test_a_known_caller_is_accepted_in_eight_keys_and_the_code(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await picked_up(pilot, night)  # a
        print(screen_text(app))
        await pilot.press(*LEMAN, "enter")
        await until(pilot, lambda: isinstance(app.screen, LookupScreen), "the look-up")
        await shows(pilot, "= MATCH VIP code")
        await pilot.press("y")
        await until(pilot, lambda: at_rest(app), "back on the call")
        print(screen_text(app))
        await press(pilot, "f")
        print(screen_text(app))
        await press(pilot, "y", "y")
        print(screen_text(app))
        await press(pilot, "1")
        print(screen_text(app))
        await press(pilot, "enter")
        await shows(pilot, "ACCEPTED")
        print(screen_text(app))
    done = record(night, ref)
    assert done.decision is Decision.ACCEPTED


@on_loop
async def test_a_call_in_another_language_is_refused_in_three_keys(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(60, 20)) as pilot:
        ref = await picked_up(pilot, night)
        await press(pilot, "d")
        print(screen_text(app))
        await press(pilot, "enter")
        await shows(pilot, "REFUSED")
        print(screen_text(app))
    assert record(night, ref).reason is Reason.OTHER_LANGUAGE
