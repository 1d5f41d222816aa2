from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.durations import (
    WIDTH,
    format_duration,
    format_left,
    format_remaining,
    parse_duration,
    speak_left,
)
from oncall_tui.domain.errors import BadInput

SECOND = timedelta(seconds=1)
lengths = st.timedeltas(timedelta(days=-4000), timedelta(days=4000))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h", 60),
        ("90m", 90),
        ("1h30", 90),
        ("1 h 30", 90),
        ("1h5m", 65),
        ("30 min", 30),
        ("2 h 15 min", 135),
        ("2h15min", 135),
        ("4 hours", 240),
        ("1 hour 1 minute", 61),
        ("  45  MIN ", 45),
        ("0h30", 30),
    ],
)
def test_lengths_people_write(text, minutes):
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "0m",
        "0h",
        "-1h",
        "1.5h",
        "1h75",
        "1d",
        "h",
        "1h30x",
        "min",
        "1000000000h",
        "٣h",
        "1h\x1b[0m",
        "1h 30 s",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(BadInput) as refused:
        parse_duration(text)
    assert '"1h30"' in refused.value.hint


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 min"),
        (30, "30 s"),
        (60, "1 min"),
        (2_700, "45 min"),
        (14_400, "4 h"),
        (5_400, "1 h 30"),
        (3_900, "1 h 05"),
        (5_415, "1 h 30 min 15 s"),
        (3_615, "1 h 15 s"),
        (172_800, "48 h"),
        (-5_400, "-1 h 30"),
        (0.9, "0 min"),
        (-0.9, "0 min"),
    ],
)
def test_lengths_in_words(seconds, text):
    assert format_duration(timedelta(seconds=seconds)) == text


@given(st.integers(1, 90_000))
def test_whole_minutes_are_read_back(minutes):
    length = timedelta(minutes=minutes)
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (531, " 00:08:51"),
        (531.999, " 00:08:51"),
        (-727, "-00:12:07"),
        (-726.001, "-00:12:07"),
        (0, " 00:00:00"),
        (0.5, " 00:00:00"),
        (-0.000001, "-00:00:01"),
        (13_640, " 03:47:20"),
        (359_999, " 99:59:59"),
    ],
)
def test_what_is_left_is_floored_and_what_is_over_is_ceiled(seconds, text):
    """R3."""
    assert format_remaining(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (531, " 00:08:51"),
        (-727, "-00:12:07"),
        (-0.5, "-00:00:01"),
        (3_599.9, " 00:59:59"),
        (3_600, "  01 h 00"),
        (-3_599.1, " -01 h 00"),
        (13_659, "  03 h 47"),
        (-13_621, " -03 h 48"),
        (86_399, "  23 h 59"),
        (86_400, " 1 d 00 h"),
        (-86_341, "-1 d 00 h"),
        (-86_401, "-1 d 01 h"),
        (863_999, " 9 d 23 h"),
        (864_000, "     10 d"),
        (-860_401, "    -10 d"),
    ],
)
def test_the_board_shows_the_unit_that_matters(seconds, text):
    """R3."""
    assert format_left(timedelta(seconds=seconds)) == text


@given(lengths)
def test_the_board_column_never_changes_its_width(left):
    assert len(format_left(left)) == WIDTH


@given(lengths)
def test_overruns_and_only_overruns_have_a_minus(left):
    assert ("-" in format_left(left)) == (left < timedelta(0)) == ("-" in format_remaining(left))


def test_a_line_of_the_board_changes_only_when_its_text_must():
    """An hour of ticking: once a minute from two hours on, once a second under one."""
    two_to_one = {format_left(timedelta(seconds=second)) for second in range(3_600, 7_200)}
    one_to_none = {format_left(timedelta(seconds=second)) for second in range(3_600)}
    assert len(two_to_one) == 60
    assert len(one_to_none) == 3_600
    assert len({format_left(timedelta(seconds=second)) for second in range(86_400, 864_000, 60)}) == 216


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3_600, " 01 h 00"),
        (3_599, "   59 min"),
        (531, "    8 min"),
        (60, "    1 min"),
        (59, "    0 min"),
        (0, "    0 min"),
        (-1, "   -1 min"),
        (-60, "   -1 min"),
        (-61, "   -2 min"),
        (-727, "  -13 min"),
        (-3_540, "  -59 min"),
        (-3_541, " -01 h 00"),
        (30 * 3_600, " 1 d 06 h"),
    ],
)
def test_without_seconds_the_last_hour_is_in_minutes(seconds, text):
    assert format_left(timedelta(seconds=seconds), seconds_shown=False) == text.rjust(WIDTH)


@given(lengths)
def test_without_seconds_nothing_changes_within_a_minute(left):
    """Floored while time is left, and what is over is ceiled (R3)."""
    floor = left // timedelta(minutes=1) * timedelta(minutes=1)
    text = format_left(left, seconds_shown=False)
    assert text == format_left(floor, seconds_shown=False)
    assert len(text) == WIDTH
    assert ":" not in text
    assert ("-" in text) == (left < timedelta(0))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (531, "8 minutes left"),
        (60, "1 minute left"),
        (59, "less than a minute left"),
        (0, "less than a minute left"),
        (-1, "overdue by 1 minute"),
        (-727, "overdue by 13 minutes"),
        (3_600, "1 hour left"),
        (-3_601, "overdue by 1 hour 1 minute"),
        (93_600, "1 day 2 hours left"),
        (2 * 86_400 + 120, "2 days 2 minutes left"),
    ],
)
def test_what_is_said_aloud_is_in_whole_words_and_minutes(seconds, said):
    """R3."""
    assert speak_left(timedelta(seconds=seconds)) == said
