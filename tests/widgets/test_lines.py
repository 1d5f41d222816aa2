"""The lines above and below the list, as text for a width."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from board import on_loop, screen_lines
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from support import NOW
from textual.app import App, ComposeResult

from oncall_tui.actions import Keymap, Scope
from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.sla import Urgency
from oncall_tui.theme import NIGHT
from oncall_tui.widgets.hints import Hints, by_hint, fitted
from oncall_tui.widgets.ink import Line, spread
from oncall_tui.widgets.queue_tabs import QueueTabs, window
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import StatusRule, Tone
from oncall_tui.widgets.top_bar import TopBar, TopState

STATE = TopState(
    "On call",
    "Léa",
    ZoneInfo("Europe/Zurich"),
    NOW,
    urgencies={Urgency.OVERDUE: 1, Urgency.CRITICAL: 2, Urgency.WARNING: 3},
)


class OneLine(App[None]):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self.register_theme(NIGHT)
        self.theme = NIGHT.name
        self.line = line

    def compose(self) -> ComposeResult:
        yield self.line


async def drawn(line: Line, width: int) -> str:
    app = OneLine(line)
    async with app.run_test(size=(width, 3)) as pilot:
        await pilot.pause()
        return screen_lines(app)[0]


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (80, " On call  Zurich 03:12:44  Léa        !! 1 overdue   ! 2 critical   ~ 3 warning"),
        (60, " On call  Zurich 03:12:44  Léa               !! 1  ! 2  ~ 3"),
        (40, " Zurich 03:12:44  Léa    !! 1  ! 2  ~ 3"),
        (28, " 03:12       !! 1  ! 2  ~ 3"),
    ],
)
@on_loop
async def test_the_top_line_gives_way_from_the_left(width: int, text: str) -> None:
    assert await drawn(TopBar(STATE), width) == text


@on_loop
async def test_nothing_is_said_to_be_overdue_or_not_before_it_is_counted() -> None:
    assert await drawn(TopBar(STATE._replace(urgencies={})), 80) == " On call  Zurich 03:12:44  Léa"


@on_loop
async def test_read_only_is_said_at_every_width() -> None:
    for width in (40, 60, 80, 120):
        assert "READ-ONLY" in await drawn(TopBar(STATE._replace(read_only=True)), width)


@on_loop
async def test_stale_data_says_how_old_it_is_and_why() -> None:
    state = STATE._replace(stale_seconds=130, stale_why="the database doesn't answer")
    assert "STALE 00:02:10 the database doesn't answer" in await drawn(TopBar(state), 80)
    assert "STALE 00:02:10" in await drawn(TopBar(state), 40)


@on_loop
async def test_of_a_long_reason_the_end_is_kept_which_says_what_is_wrong() -> None:
    state = STATE._replace(stale_seconds=2, stale_why=f"/srv/{'x' * 90}/oncall.db is not there any more")
    line = await drawn(TopBar(state), 80)
    assert line.rstrip().endswith("/oncall.db is not there any more")
    assert "STALE 00:00:02 …" in line


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "<1 min"), (59, "<1 min"), (130, "2 min"), (3_900, "1 h 05"), (7_200, "2 h")]
)
@on_loop
async def test_where_nothing_ticks_no_seconds_are_said(seconds: int, said: str) -> None:
    state = STATE._replace(ticking=False, stale_why="the database doesn't answer")
    assert await drawn(TopBar(state), 60) == " On call  Zurich 03:12  Léa                  !! 1  ! 2  ~ 3"
    assert f"STALE {said} the database" in await drawn(TopBar(state._replace(stale_seconds=seconds)), 80)


@given(st.lists(st.integers(3, 20), min_size=1, max_size=9), st.data(), st.integers(25, 140))
def test_the_chosen_tab_is_always_in_view(widths: list[int], data: st.DataObject, room: int) -> None:
    chosen = data.draw(st.integers(0, len(widths) - 1))
    first, last = window(widths, chosen, room)
    assert first <= chosen < last
    assert sum(widths[first:last]) <= room


@on_loop
async def test_narrow_tabs_say_that_there_are_more() -> None:
    tabs = QueueTabs(QUEUES, 4, "123456789")
    line = await drawn(tabs, 40)
    assert line.startswith("‹")
    assert line.endswith("›")
    assert "5 Plus" in line


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=9), st.integers(0, 60))
def test_hints_that_fit_are_the_first_ones(hints: list[str], room: int) -> None:
    taken = fitted([Text(hint) for hint in hints], room)
    assert [text.plain for text in taken] == hints[: len(taken)]
    assert len("  ".join(hints[: len(taken)])) <= room


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
@on_loop
async def test_help_is_never_cut(width: int) -> None:
    hints = Hints(Keymap().named("help"))
    hints.actions, hints.age = Keymap().on(Scope.BOARD), "2 s ago"
    assert (await drawn(hints, width)).rstrip().endswith("? help")


def test_the_most_useful_hint_comes_first() -> None:
    assert [action.id for action in by_hint(Keymap().on(Scope.BOARD))][:3] == ["undo", "take", "answer"]


def test_two_ends_keep_the_right_one() -> None:
    assert spread(Text("left"), Text("right"), 12).plain == "left   right"
    assert spread(Text("a long left"), Text("right"), 9).plain == "a … right"


@on_loop
async def test_a_status_is_clean_and_stands_in_the_rule() -> None:
    status = StatusRule()
    status.message, status.tone = "T-1 Banque du Léman: yours", Tone.DONE
    line = await drawn(status, 60)
    assert line.startswith(" Done  T-1 Banque du Léman: yours ──")
    status.say("\x1b[31mred [/foo]")
    assert "\x1b" not in status.message
    assert "[/foo]" in status.message


@on_loop
async def test_a_line_that_was_away_says_what_it_was_told_meanwhile() -> None:
    rule = Rule("before")
    app = OneLine(rule)
    async with app.run_test(size=(30, 3)) as pilot:
        await pilot.pause()
        rule.display = False
        await pilot.pause()
        rule.tell("meanwhile")
        rule.display = True
        await pilot.pause()
        assert screen_lines(app)[0].startswith("── meanwhile ─")


@on_loop
async def test_what_goes_on_by_itself_stands_in_the_rule_while_nothing_is_said() -> None:
    status = StatusRule()
    app = OneLine(status)
    async with app.run_test(size=(40, 3)) as pilot:
        await pilot.pause()
        status.show_meanwhile("support: 3 200 of 10 000 read")
        await pilot.pause()
        assert screen_lines(app)[0] == "── support: 3 200 of 10 000 read ───────"
        status.say("taken")
        await pilot.pause()
        assert screen_lines(app)[0].startswith(" taken ─")
        status.clear()
        status.show_meanwhile("")
        await pilot.pause()
        assert screen_lines(app)[0] == "─" * 40
