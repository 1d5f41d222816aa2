"""The list of alerts: its columns fit, it says over what something went out, and the cursor stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.domain.alerts import Alert, Channel, Delivery, Kind, Level, Result
from oncall_tui.widgets.alert_columns import MARGIN, AlertLine, AlertView, layout, over
from oncall_tui.widgets.alert_window import AlertWindow

VIEW = AlertView(NOW, ZoneInfo("Europe/Zurich"), "Léa")
ALERT = Alert(1, Kind.SOURCE, Level.WARNING, "tickets.csv", NOW, NOW)


def state(alert: Alert) -> str:
    (column,) = (placed.column for placed in layout(200) if placed.column.title == "STATE")
    return column.cell(AlertLine(alert), VIEW).text


def sent(channel: Channel, result: Result, place: str = "", number: int = 0) -> Delivery:
    return Delivery(1, number, channel, place, result, NOW)


@given(st.integers(36, 400))
def test_the_columns_never_take_more_than_the_line_has(width: int) -> None:
    placed = layout(width)
    assert MARGIN + sum(each.width for each in placed) + len(placed) - 1 <= width
    assert {"AT", "WHAT", "CUSTOMER"} <= {each.column.title for each in placed}


def test_what_failed_comes_first_and_only_the_last_round_counts() -> None:
    before = sent(Channel.DESKTOP, Result.FAILED)
    now = [sent(Channel.DESKTOP, Result.OK, number=1), sent(Channel.PUSH, Result.TIMEOUT, number=1)]
    assert over([before, *now]) == "push no answer  desktop"


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((), ""),
        ((Result.ABSENT,), "none here"),
        ((Result.ABSENT, Result.OK), "desktop"),
        ((Result.OK, Result.FAILED), "desktop 1/2"),
        ((Result.UNDER_WAY,), "desktop under way"),
    ],
)
def test_of_several_places_it_says_how_many_were_reached(results: tuple[Result, ...], said: str) -> None:
    made = [sent(Channel.DESKTOP, each, str(place)) for place, each in enumerate(results)]
    assert over(made) == said


def test_an_alert_is_open_put_off_settled_or_somebody_has_acknowledged_it() -> None:
    later = NOW + timedelta(minutes=15)
    assert state(ALERT) == "still open"
    assert state(replace(ALERT, snoozed_by="Marc", again_at=later)) == "until 03:27"
    assert state(replace(ALERT, settled_at=NOW)) == "settled 03:12"
    assert (
        state(replace(ALERT, acknowledged_by="Marc", acknowledged_at=NOW, settled_at=later)) == "Marc 03:12"
    )


def test_the_cursor_stays_on_its_alert_and_where_that_is_gone_at_its_place() -> None:
    lines = [AlertLine(replace(ALERT, id=number)) for number in range(9, 0, -1)]
    window = AlertWindow()
    window.show(lines[2:], older=False)
    window.move_to(3)
    before = window.current
    window.show(lines, older=False)
    assert (window.position, window.current) == (5, before)
    window.show([line for line in lines if line is not before], older=True)
    assert window.position == 5
