"""Calls that ring, and an engineer who goes through them with keys."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from board import loaded, until
from callers import CodedNight
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.domain.calls import Answers, CallRecord, Triage
from oncall_tui.screens.call import CallScreen

NUMBER = "+41 22 555 01 40"
"""The number of Anne Rochat of Banque du Léman."""


def deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass with each key, so that none is taken for one that is held down."""
    seconds = count(100)
    for module in ("held_key", "page"):
        monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: float(next(seconds)))


def rested(app: Any) -> bool:
    """Say whether a call is on top, and nothing of it on its way."""
    page = app.screen
    return isinstance(page, CallScreen) and page.looked is not None and not page.storing


def shown(app: Any) -> str:
    """Return the reference of the call that is on top, empty for none."""
    return app.screen.ref if isinstance(app.screen, CallScreen) else ""


async def opened(pilot: Pilot[None], night: CodedNight, number: str = NUMBER, name: str = "one") -> str:
    """Have `number` ring, known to the telephone system by `name`, and pick up; return the reference."""
    ref = night.desk("telephone").calls.ring(number, external_id=name).ref
    app = pilot.app
    assert isinstance(app, OncallApp)
    await loaded(pilot)
    app.session.refresh()
    await until(pilot, lambda: app.session.ringing, "it rings")
    await pilot.press("f2" if app.focused is not None else "a")
    await until(pilot, lambda: rested(app) and shown(app) == ref, "the call is open")
    return ref


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when what the one before answered is stored."""
    for key in keys:
        await pilot.press(key)
        await until(pilot, lambda: _idle(pilot.app), f"{key} has taken effect")


def _idle(app: Any) -> bool:
    return rested(app) or not isinstance(app.screen, CallScreen)


def known(night: CodedNight, ref: str) -> Triage:
    """Return what the database knows of a call."""
    return night.desk("reader").calls.triage(ref)


def answered(night: CodedNight, ref: str) -> Answers:
    """Return what is answered of a call."""
    return known(night, ref).answers


def record(night: CodedNight, ref: str) -> CallRecord:
    """Return what was written down of a call, the one record it has."""
    (found,) = night.desk("reader").calls.records(ref)
    return found
