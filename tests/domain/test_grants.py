"""Temporary access is used within its time and never after it (R23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import NOW

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.grants import Grant, GrantState, Use, in_order, named, parse_until

ZURICH = ZoneInfo("Europe/Zurich")
HOUR = timedelta(hours=1)
S = GrantState

instants = st.integers(-200, 200).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    """A grant whose uses and early end lie where an engineer can have put them."""
    begins = draw(instants)
    until = begins + timedelta(minutes=draw(st.integers(1, 300)))
    ended = draw(st.none() | instants.filter(lambda at: at < until))
    uses = []
    for number in range(draw(st.integers(0, 3))):
        began = draw(st.integers(0, 300).map(lambda minutes: begins + timedelta(minutes=minutes)))
        left = draw(st.none() | st.integers(0, 400).map(lambda m, began=began: began + timedelta(minutes=m)))
        uses.append(Use(number, draw(st.sampled_from(["Léa", "Marc"])), "desk", "why", "", began, left))
    return Grant(1, "leman", "Banque", "Mail", begins, until, ended_at=ended, uses=tuple(uses))


@given(grants(), instants)
def test_it_is_in_force_from_its_beginning_up_to_its_end_which_is_out(grant: Grant, now: datetime) -> None:
    """R23: what has run out is shown as such and never used."""
    state = grant.state(now)
    assert state.in_force == (grant.granted_at <= now < grant.ends_at)
    assert state.over == (now >= grant.ends_at)
    assert state.in_force <= (grant.left(now) > timedelta())
    assert state.over <= (grant.left(now) == timedelta())
    assert (state is S.IN_USE) == bool(grant.in_use(now))
    assert not grant.state(grant.ends_at).in_force
    assert grant.ends_at <= grant.until


@given(grants(), instants)
def test_no_use_outlasts_the_access(grant: Grant, now: datetime) -> None:
    for use in grant.in_use(now):
        assert use.began_at <= now < grant.ends_at
        assert use.ended_at is None or now < use.ended_at
    assert not grant.in_use(grant.ends_at)
    for use in grant.uses:
        ended = grant.end_of(use)
        assert (ended is None) == (use.ended_at is None)
        assert ended is None or ended <= grant.ends_at


@given(grants(), instants)
def test_a_look_back_shows_nothing_of_what_came_later(grant: Grant, then: datetime) -> None:
    past = grant.as_of(then)
    assert past is not None
    assert past.ended_at is None or past.ended_at <= then
    assert all(use.began_at <= then for use in past.uses)
    assert all(use.ended_at is None or use.ended_at <= then for use in past.uses)
    assert past.state(then) in (grant.state(then), S.ACTIVE, S.IN_USE, S.NOT_YET)
    recorded = replace(grant, recorded_at=grant.granted_at)
    assert (recorded.as_of(then) is None) == (then < grant.granted_at)


@given(st.lists(grants(), max_size=6), instants)
def test_what_is_active_comes_first_then_what_is_to_come(found: list[Grant], now: datetime) -> None:
    ordered = in_order(found, now)
    kinds = [0 if each.state(now).in_force else 2 if each.state(now).over else 1 for each in ordered]
    assert kinds == sorted(kinds)
    ends = [each.ends_at for each in ordered if each.state(now).in_force]
    assert ends == sorted(ends)
    over = [each.ends_at for each in ordered if each.state(now).over]
    assert over == sorted(over, reverse=True)


def test_an_end_over_the_night_the_clocks_go_back_is_an_instant() -> None:
    """An access of four hours is four hours long, whatever the clocks show (R4)."""
    begins = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 01:30 in Zürich
    grant = Grant(1, "x", "X", "Mail", begins, begins + 4 * HOUR)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (
        first.astimezone(ZURICH).strftime("%H:%M") == second.astimezone(ZURICH).strftime("%H:%M") == "02:30"
    )
    assert grant.left(first) - grant.left(second) == HOUR
    assert grant.state(begins + 4 * HOUR - timedelta(microseconds=1)) is S.ACTIVE
    assert grant.state(begins + 4 * HOUR) is S.EXPIRED
    ended = replace(grant, until=second)
    assert ended.state(first) is S.ACTIVE
    assert ended.state(second) is S.EXPIRED
    assert ended.warn_at() == second - timedelta(minutes=15)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("4h", NOW + 4 * HOUR),
        (" 1h30 ", NOW + 1.5 * HOUR),
        ("18:00", datetime(2026, 3, 27, 17, 0, tzinfo=UTC)),
        ("3:12", datetime(2026, 3, 28, 2, 12, tzinfo=UTC)),
        ("03:13", datetime(2026, 3, 27, 2, 13, tzinfo=UTC)),
        ("2026-11-27 18:00", datetime(2026, 11, 27, 17, 0, tzinfo=UTC)),
        ("2026-11-27T18:00+00:00", datetime(2026, 11, 27, 18, 0, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_length_a_time_of_day_or_a_day_with_its_time(said: str, at: datetime) -> None:
    assert parse_until(said, NOW, ZURICH) == at


@pytest.mark.parametrize("said", ["", "soon", "25:00", "18:75", "2026-13-01 10:00", "tomorrow", "0h", "-1h"])
def test_what_says_no_end_is_refused(said: str) -> None:
    with pytest.raises(BadInput):
        parse_until(said, NOW, ZURICH)


def test_a_time_that_occurs_twice_is_refused_unless_its_offset_is_given() -> None:
    """R4: 02:30 on 25 October 2026 is two instants in Zürich."""
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    for said in ("02:30", "2026-10-25 02:30"):
        with pytest.raises(BadInput, match="occurs twice") as refused:
            parse_until(said, evening, ZURICH)
        assert refused.value.rule == "R4"
        assert "+02:00" in refused.value.hint
    assert parse_until("02:30+02:00", evening, ZURICH) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert parse_until("2026-10-25 02:30+01:00", evening, ZURICH) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    # At 02:45 of the second time both have passed: it is that of tomorrow.
    late = datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    assert parse_until("02:30", late, ZURICH) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    with pytest.raises(BadInput, match="does not exist"):
        parse_until("02:30", datetime(2026, 3, 28, 22, 0, tzinfo=UTC), ZURICH)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 400 * 24 * 60))
def test_a_time_of_day_is_the_next_one(hour: int, minute: int, later: int) -> None:
    now = NOW + timedelta(minutes=later)
    try:
        at = parse_until(f"{hour}:{minute:02}", now, ZURICH)
    except BadInput as refusal:
        assert refusal.rule == "R4"  # noqa: PT017 - it may be refused on two nights of a year
        return
    assert now < at <= now + 25 * HOUR
    assert at.astimezone(ZURICH).strftime("%H:%M") == f"{hour:02}:{minute:02}"


def test_a_service_goes_by_its_number_or_its_name() -> None:
    """R23: to named services only, and the error names them."""
    services = ("Mail", "Drive", "3")
    assert [named(said, services) for said in ("1", "mail", " Drive ", "3")] == ["Mail", "Mail", "Drive", "3"]
    for said in ("", "0", "4", "Backup"):
        with pytest.raises(BadInput) as refused:
            named(said, services)
        assert refused.value.hint == "theirs: Mail, Drive, 3"
    with pytest.raises(BadInput) as refused:
        named("Mail", ())
    assert refused.value.hint == "no service of theirs is on file"
