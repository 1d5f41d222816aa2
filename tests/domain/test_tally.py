"""Counting by change gives what counting anew gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sample import due_in, ticket
from support import NOW

from oncall_tui.domain.filters import Filter
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tally import Standing, Tally
from oncall_tui.domain.tickets import Channel, Ticket

OWN = Queue("night", "Night", filter=Filter.parse("plan:enterprise !owner:none"))
ALL = (*QUEUES, OWN)

tickets = st.builds(
    lambda number, minutes, plan, channel, owner, closed: replace(
        ticket(id=number, ref=f"T-{number}", plan=plan, channel=channel, owner=owner),
        response=None if minutes is None else due_in(timedelta(minutes=minutes)),
        closed_at=NOW if closed else None,
    ),
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(-30, 70)),
    st.sampled_from(Plan),
    st.sampled_from(Channel),
    st.sampled_from([None, "Léa", "Marc"]),
    st.booleans(),
)


@given(
    start=st.lists(tickets, unique_by=lambda one: one.id),
    changes=st.lists(st.lists(tickets, max_size=4)),
    later=st.integers(0, 90),
)
def test_whatever_changes_the_counts_are_those_of_a_look_at_every_ticket(
    start: list[Ticket], changes: list[list[Ticket]], later: int
) -> None:
    known = {one.id: one for one in start}
    opened = [one for one in start if one.closed_at is None]
    held = [one.id for one in opened if OWN.holds(one, "Léa", NOW)]
    tally = Tally(ALL, "Léa", map(Standing.of, opened), {OWN.name: held})
    for batch in [[], *changes]:
        tally.take(batch, NOW)
        known |= {one.id: one for one in batch}
        for now in (NOW, NOW + timedelta(minutes=later)):
            counts = tally.counts(now)
            still_open = [one for one in known.values() if one.closed_at is None]
            assert len(tally) == len(still_open)
            for queue in ALL:
                expected = sum(queue.holds(one, "Léa", now) for one in still_open)
                assert counts.queues[queue.name] == expected
            seen = [one.urgency(now) for one in still_open]
            assert counts.urgencies == {urgency: seen.count(urgency) for urgency in Urgency}
