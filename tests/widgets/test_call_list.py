"""The log on the screen: its columns fit, and its window is a part of the log whatever is read when."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support import NOW

from oncall_tui import translation
from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.calls import Answers, Call, CallRecord, Origin
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.widgets.call_columns import (
    CORRECTED,
    MARGIN,
    RINGING,
    LogView,
    layout,
    shown,
    sign,
    time_text,
)
from oncall_tui.widgets.call_window import KEPT, CallWindow

ZURICH = ZoneInfo("Europe/Zurich")
VIEW = LogView(ZURICH, NOW.astimezone(ZURICH).date(), "Léa")


def line(number: int, *, reason: Reason | None = None, corrects: int | None = None) -> LogLine:
    at = NOW - timedelta(minutes=10_000 - number)
    call = Call(number, f"C-{number:06}", "", Origin.TELEPHONE, "+41", "", at, operator="Léa", recorded_at=at)
    decision = Decision.REFUSED if reason else Decision.MISSED
    record = CallRecord(number, call.ref, at, at, "Léa", decision, reason=reason, corrects=corrects)
    return LogLine(call, record)


@given(st.integers(32, 400))
def test_the_columns_never_take_more_than_the_line_has(width: int) -> None:
    placed = layout(width)
    needed = MARGIN + sum(each.width for each in placed) + len(placed) - 1
    assert needed <= width
    assert [each.column.title for each in placed][:2] == ["RANG", "WHO"]
    assert "OUTCOME" in [each.column.title for each in placed]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_label_of_a_refusal_stands_on_every_line_or_on_none(
    language: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "_language", language)
    (column, room) = next(each for each in layout(width) if each.column.title == "OUTCOME")
    labels = set()
    for reason in Reason:
        label, text = shown(column.cell(line(1, reason=reason), VIEW), room)
        assert cell_len(label) + cell_len(text) <= room or not label
        labels.add(label)
    assert len(labels) == 1
    assert bool(labels.pop()) is (width >= 80)


def test_a_time_has_its_day_where_that_isnt_today() -> None:
    assert time_text(NOW, VIEW) == "03:12:44"
    assert time_text(NOW - timedelta(days=1), VIEW) == "26.03 03:12"
    assert time_text(NOW - timedelta(days=400), VIEW) == "20.02.2025"


def test_a_sign_tells_what_rings_and_what_was_corrected() -> None:
    rings = LogLine(Call(1, "C-1", "", Origin.TELEPHONE, "+41", "", NOW), answers=Answers())
    assert [sign(each) for each in (rings, line(1), line(2, corrects=1))] == [RINGING, " ", CORRECTED]


LOG = [line(number) for number in range(2 * KEPT, 0, -1)]
"""A log, newest first."""


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["older", "newer", "reload", "move"]), st.integers(0, 400)), max_size=25
    )
)
def test_the_window_is_a_part_of_the_log_and_the_cursor_stays_on_its_call(
    acts: list[tuple[str, int]],
) -> None:
    window = CallWindow()
    first = LOG[:100]
    window.show((), first, newer=False, older=True)
    for act, number in acts:
        before = window.cursor
        begin = LOG.index(window.lines[0])
        end = begin + len(window.lines)
        if act == "older":
            more = LOG[end : end + number]
            window.add_older(more, older=end + number < len(LOG))
        elif act == "newer":
            start = max(begin - number, 0)
            window.add_newer(LOG[start:begin], newer=start > 0)
        elif act == "reload":
            begins = window.begins
            after = [each for each in LOG if begins is None or each.cursor < begins]
            assert after[: len(window.lines)] == window.lines
            window.show((), window.lines, newer=window.newer, older=window.older)
        else:
            window.move_to(number)
            before = window.cursor
        begin = LOG.index(window.lines[0])
        assert window.lines == LOG[begin : begin + len(window.lines)]
        assert len(window.lines) <= max(KEPT, 100)
        assert window.newer is (begin > 0) or not window.newer
        assert window.current is not None
        if before in {each.call.id for each in window.lines}:
            assert window.cursor == before


def test_open_calls_stand_at_the_top_of_the_log_only() -> None:
    rings = LogLine(Call(9_999, "C-9", "", Origin.TELEPHONE, "+41", "", NOW), answers=Answers())
    window = CallWindow()
    window.show((rings,), LOG[:10], newer=False, older=True)
    assert (window.at(0), len(window)) == (rings, 11)
    window.show((rings,), LOG[50:60], newer=True, older=True)
    assert (window.at(0), len(window)) == (LOG[50], 10)
