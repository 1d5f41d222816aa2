"""Instants as they are read from text: which notations, in which zone, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.clock import parse_instant
from oncall_tui.domain.errors import BadInput

ZURICH = ZoneInfo("Europe/Zurich")
ZONES = [ZURICH, *map(ZoneInfo, ("UTC", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"))]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-27T18:10", "2026-03-27T17:10:00+00:00"),
        ("2026-03-27 18:10:05", "2026-03-27T17:10:05+00:00"),
        ("2026-03-27T18:10:00Z", "2026-03-27T18:10:00+00:00"),
        ("2026-03-27T18:10:00z", "2026-03-27T18:10:00+00:00"),
        ("2026-03-27T18:10:00-0330", "2026-03-27T21:40:00+00:00"),
        ("2026-03-27T18:10:00,25+01:00", "2026-03-27T17:10:00.250000+00:00"),
    ],
)
def test_notations_of_iso_8601(text: str, instant: str) -> None:
    parsed = parse_instant(text, ZURICH)
    assert (parsed.isoformat(), parsed.tzinfo) == (instant, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "2026-03-27",
        "20260327T1810",
        "2026-W13-5T18:10",
        "2026-03-27T18",
        "2026-02-29T10:00",
        "2026-03-27T25:00",
        "2026-03-27T18:10+25:00",
        "27.03.2026 18:10",
        "２０２６-03-27T18:10",
        "1979-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_instant(text, ZURICH)


@given(
    st.datetimes(datetime(1980, 1, 2), datetime(2199, 12, 30)),
    st.sampled_from(ZONES),
)
def test_wall_clock_time_is_read_where_it_occurs_once(local: datetime, zone: ZoneInfo) -> None:
    """R4"""
    occurrences = {
        instant
        for instant in (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if instant.astimezone(zone).replace(tzinfo=None) == local
    }
    if len(occurrences) == 1:
        assert {parse_instant(local.isoformat(), zone)} == occurrences
    else:
        with pytest.raises(BadInput) as refused:
            parse_instant(local.isoformat(), zone)
        assert refused.value.rule == "R4"


@pytest.mark.parametrize(
    ("text", "says"),
    [("2026-03-29T02:30", "does not exist"), ("2026-10-25T02:30", "occurs twice")],
)
def test_hours_that_the_clocks_skip_or_repeat_need_an_offset(text: str, says: str) -> None:
    """R4"""
    with pytest.raises(BadInput, match=says) as refused:
        parse_instant(text, ZURICH)
    assert refused.value.rule == "R4"
    assert str(refused.value.hint).endswith(
        ("2026-03-29T03:30:00+02:00", "+02:00 or 2026-10-25T02:30:00+01:00")
    )
    assert parse_instant(f"{text}+02:00", ZURICH) + timedelta(hours=1) == parse_instant(
        f"{text}+01:00", ZURICH
    )
