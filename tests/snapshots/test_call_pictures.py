"""Pictures of a call at each stage, and of each reason to refuse it.

After a change that is meant: `pytest tests/snapshots --snapshot-update`, and look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from board import until
from callers import LEMAN, ROCHAT, WRONG, CodedNight, at_rest, shows
from calling import NUMBER, deliberate, opened, press, rested
from textual.pilot import Pilot

from oncall_tui.desk.calls import CallDesk
from oncall_tui.domain.codes import CodeKind
from oncall_tui.domain.customers import Contact
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.store import customers
from oncall_tui.translation import use

SIZES = [(60, 20), (80, 24), (120, 40)]
TESSIN = "226610945"

Compare = Callable[..., bool]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    made.desk("setup").codes.issue("tessin", CodeKind.VIP, given=TESSIN)
    deliberate(monkeypatch)
    # Going through a call takes a while, and the age of the data would be another one each time.
    monkeypatch.setattr("oncall_tui.screens.session.monotonic", lambda: 100.0)
    yield made
    made.close()


@pytest.fixture
def in_french() -> Iterator[None]:
    use("fr")
    yield
    use("en")


def matched(app: Any) -> bool:
    page = app.screen
    return isinstance(page, LookupScreen) and page.verdict is not None and at_rest(app)


async def go(pilot: Pilot[None], night: CodedNight, keys: tuple[str, ...], number: str = NUMBER) -> None:
    """Pick a call up and press keys; a code among them is typed and confirmed."""
    await opened(pilot, night, number)
    night.clock.advance(seconds=47)
    pilot.app.show_time(night.clock())  # type: ignore[attr-defined]
    for key in keys:
        if key.isdigit() and len(key) > 1:
            await pilot.press(*key, "enter")
            await until(pilot, lambda: matched(pilot.app), "the code matches")
            await pilot.press("y")
            await until(pilot, lambda: rested(pilot.app), "back on the call")
        else:
            await press(pilot, key)
    await until(pilot, lambda: at_rest(pilot.app), "what was asked is answered")  # type: ignore[arg-type]
    await until(pilot, lambda: not any(work.is_running for work in pilot.app.workers), "all is done")


def gone(night: CodedNight, *keys: str, number: str = NUMBER) -> Callable[[Pilot[None]], Any]:
    async def run(pilot: Pilot[None]) -> None:
        await go(pilot, night, keys, number)

    return run


STAGES = {
    "who": (),
    "code": ("enter",),
    "language": (LEMAN,),
    "infrastructure": (LEMAN, "f"),
    "service": (LEMAN, "f", "y", "y"),
    "to-accept": (LEMAN, "f", "y", "y", "1"),
    "summary": (LEMAN, "f", "y", "y", "1", "w", *"Cluster"),
    "accepted": (LEMAN, "f", "y", "y", "1", "enter"),
}
REFUSALS = {
    "other-language": ("d",),
    "other-language-outage": ("d", "y"),
    "not-verified": ("minus",),
    "support-code": (ROCHAT,),
    "no-plan": ("u",),
    "no-line": (TESSIN,),
    "not-infrastructure": (LEMAN, "f", "n"),
    "third-party": (LEMAN, "f", "n", "1"),
    "nothing-of-us": (LEMAN, "e", "y", "n"),
    "not-our-service": (LEMAN, "f", "y", "y", "s", *"Shop", "enter"),
    "hung-up": ("h",),
    "wrong-number": ("z",),
}
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@sizes
@pytest.mark.parametrize("stage", STAGES)
def test_stage(snap_compare: Compare, night: CodedNight, stage: str, size: tuple[int, int]) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=gone(night, *STAGES[stage]))


@pytest.mark.parametrize("reason", REFUSALS)
def test_refusal(snap_compare: Compare, night: CodedNight, reason: str) -> None:
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=gone(night, *REFUSALS[reason]))


@pytest.mark.parametrize("reason", ["support-code", "no-line"])
def test_refusal_where_there_is_little_room(snap_compare: Compare, night: CodedNight, reason: str) -> None:
    assert snap_compare(night.app(), terminal_size=(60, 20), run_before=gone(night, *REFUSALS[reason]))


@pytest.mark.parametrize("reason", ["no-line", "not-infrastructure", "other-language-outage"])
def test_refusal_that_is_recorded(snap_compare: Compare, night: CodedNight, reason: str) -> None:
    keys = (*REFUSALS[reason], "enter")
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=gone(night, *keys))


@sizes
def test_it_may_be_a_case_that_is_open(
    snap_compare: Compare, night: CodedNight, size: tuple[int, int]
) -> None:
    night.file(subject="Cluster unreachable", minutes_ago=40)
    night.file(subject="Mail queue stuck", minutes_ago=20)
    assert snap_compare(night.app(), terminal_size=size, run_before=gone(night, "m"))


def test_a_number_that_several_have(snap_compare: Compare, night: CodedNight) -> None:
    with night.desk("setup").store.begin() as tx:
        row, jardin = customers.find(tx.connection, "jardin")
        customers.replace(tx, row, replace(jardin, contacts=(Contact("Eva Roth", "", NUMBER),)), None)
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=gone(night))


def test_nobody_knows_the_number(snap_compare: Compare, night: CodedNight) -> None:
    run = gone(night, number="+44 20 7946 0000")
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=run)


def test_three_wrong_codes(snap_compare: Compare, night: CodedNight) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await opened(pilot, night)
        await pilot.press("v")
        for left in ("2 more", "1 more", "unverified"):
            await pilot.press(*WRONG, "enter")
            await shows(pilot, left)
        await pilot.press("escape")
        await until(pilot, lambda: rested(pilot.app), "back on the call")
        await shows(pilot, "not verified")

    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=run)


def test_an_answer_that_isnt_stored(
    snap_compare: Compare, night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("night.db is locked by another program", hint="try again")

    async def run(pilot: Pilot[None]) -> None:
        await opened(pilot, night)
        monkeypatch.setattr(CallDesk, "answer", away)
        await press(pilot, "f")

    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=run)


def test_another_engineer_has_it(snap_compare: Compare, night: CodedNight) -> None:
    async def run(pilot: Pilot[None]) -> None:
        ref = await opened(pilot, night)
        night.desk("Marc").calls.take_over(ref)
        await press(pilot, "r")
        await shows(pilot, "Marc has this call")

    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=run)


@pytest.mark.parametrize("state", ["who", "service", "accepted"])
def test_stage_in_french(snap_compare: Compare, night: CodedNight, in_french: None, state: str) -> None:
    assert snap_compare(night.app(), terminal_size=(80, 24), run_before=gone(night, *STAGES[state]))


@pytest.mark.parametrize("size", [(40, 10), (60, 20)], ids=str)
@pytest.mark.parametrize("reason", ["support-code", "no-line"])
def test_refusal_in_french_where_there_is_little_room(
    snap_compare: Compare, night: CodedNight, in_french: None, reason: str, size: tuple[int, int]
) -> None:
    assert snap_compare(night.app(), terminal_size=size, run_before=gone(night, *REFUSALS[reason]))


@pytest.mark.parametrize("theme", ["day", "safe", "plain"])
def test_theme(snap_compare: Compare, night: CodedNight, theme: str) -> None:
    app = night.app(theme=theme)
    assert snap_compare(app, terminal_size=(80, 24), run_before=gone(night, *REFUSALS["third-party"]))
