"""What has its turn to go out, how long is waited, and what an answer is called."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import ticket
from support import NOW

from oncall_tui.domain.handing import changes, outcome, told_at, yielded
from oncall_tui.domain.outgoing import (
    ANSWERED_AT_MOST,
    CLAIM_HOLDS,
    LONGEST_RETRY,
    OPEN_STATES,
    OutgoingAct,
    OutgoingState,
    Queued,
    answered,
    due,
    retry_after,
    subject_of_answer,
    trouble,
    worst,
)

S, A = OutgoingState, OutgoingAct
TOKEN = "[M-12]"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Mail is down", "Re: Mail is down [M-12]"),
        ("Re: Mail is down", "Re: Mail is down [M-12]"),
        ("RE : AW: re[2]: Réf: Mail is down", "Re: Mail is down [M-12]"),
        ("Re: Mail is down [M-12]", "Re: Mail is down [M-12]"),
        ("[M-12] Mail is down [M-12] ", "Re: Mail is down [M-12]"),
        ("[M-1] Mail is down", "Re: [M-1] Mail is down [M-12]"),
        ("Recovery: how?", "Re: Recovery: how? [M-12]"),
        ("re:", "Re: [M-12]"),
        ("", "Re: [M-12]"),
        ("[M-12]", "Re: [M-12]"),
    ],
)
def test_a_subject_has_one_re_and_its_token_once(subject: str, expected: str) -> None:
    assert subject_of_answer(subject, "M-12") == expected


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["Re:", "AW: ", TOKEN, "[M-12", "x ", "réf :"])).map("".join)
)
def test_answering_an_answer_changes_no_subject(subject: str) -> None:
    once = subject_of_answer(subject, "M-12")
    assert once == subject_of_answer(once, "M-12")
    assert once.startswith("Re: ")
    assert once.endswith(TOKEN)
    assert once.count(TOKEN) == 1


def test_waiting_doubles_and_ends_at_ten_minutes() -> None:
    seconds = [retry_after(tries).total_seconds() for tries in range(1, 10)]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert retry_after(10**9) == LONGEST_RETRY
    assert retry_after(0) == retry_after(1)


@given(st.lists(st.sampled_from(S)))
def test_what_needs_a_person_goes_before_what_is_on_its_way(states: list[OutgoingState]) -> None:
    found = worst(states)
    if any(state.needs_a_person for state in states):
        assert found is not None
        assert found.needs_a_person
    elif any(state.on_its_way for state in states):
        assert found is not None
        assert found.on_its_way
    else:
        assert found is None
    assert found is None or found in states


@pytest.mark.parametrize(
    ("state", "tries", "detail", "expected"),
    [
        (S.WAITING, 2, "no connection", None),
        (S.WAITING, 3, "no connection", S.WAITING),
        (S.WAITING, 3, "", None),
        (S.SENDING, 3, "no connection", None),
        (S.SENDING, 4, "no connection", S.WAITING),
        (S.UNSURE, 1, "", S.UNSURE),
        (S.BOUNCED, 1, "", S.BOUNCED),
        (S.SENT, 9, "", None),
        (S.DROPPED, 9, "no connection", None),
    ],
)
def test_what_keeps_an_answer_from_the_customer(
    state: OutgoingState, tries: int, detail: str, expected: OutgoingState | None
) -> None:
    assert trouble(A.ANSWER, state, tries, detail) is expected
    assert trouble(A.OWNER, state, tries, detail) is None


instants = st.integers(-20_000, 20_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
queued = st.builds(
    Queued,
    id=st.just(0),
    ticket_id=st.integers(1, 3),
    act=st.sampled_from(A),
    state=st.sampled_from(sorted(OPEN_STATES)),
    next_at=st.none() | instants,
    claimed_at=st.none() | instants,
)
queues = st.lists(queued, max_size=12).map(
    lambda found: [each._replace(id=number) for number, each in enumerate(found, 1)]
)


@given(queues, st.integers(0, 5))
def test_what_has_its_turn(queue: list[Queued], limit: int) -> None:
    found = due(queue, NOW, limit)
    by_id = {each.id: each for each in queue}
    assert len(found.ready) <= limit
    assert list(found.ready) == sorted(found.ready)
    for each in map(by_id.__getitem__, found.ready):
        before = [one for one in queue if one.ticket_id == each.ticket_id and one.id < each.id]
        assert each.state is S.WAITING
        assert each.next_at is None or each.next_at <= NOW or each.next_at > NOW + LONGEST_RETRY
        assert not any(one.state.on_its_way for one in before)
        sending = [one for one in queue if one.state is S.SENDING]
        assert each.ticket_id not in {one.ticket_id for one in sending}
        if each.act is not A.ANSWER:
            assert not any(one.state is S.CONFLICT and one.act is not A.ANSWER for one in before)
    for each in map(by_id.__getitem__, found.abandoned):
        assert each.state is S.SENDING
        assert each.claimed_at is None or abs(NOW - each.claimed_at) > CLAIM_HOLDS
    assert not set(found.ready) & set(found.abandoned)
    # One ticket has one thing on its way at a time.
    assert len({by_id[each].ticket_id for each in found.ready}) == len(found.ready)


@given(queues)
def test_nothing_waits_for_ever(queue: list[Queued]) -> None:
    """Where all that needs a person is decided and no desk lives, each has its turn at last."""
    left = [each for each in queue if each.state.on_its_way]
    for step in range(3 * len(left) + 3):
        found = due(left, NOW + step * LONGEST_RETRY, len(left))
        left = [
            each._replace(state=S.WAITING, next_at=None) if each.id in found.abandoned else each
            for each in left
            if each.id not in found.ready
        ]
    assert not left


def test_many_message_ids_keep_the_first_and_the_last() -> None:
    many = [f"<{number}@x>" for number in range(500)]
    kept = answered(["", *many, many[3]])
    assert len(kept) == ANSWERED_AT_MOST
    assert (kept[0], kept[1:]) == (many[0], tuple(many[1 - ANSWERED_AT_MOST :]))
    assert answered(["<a@x>", "<a@x>", ""]) == ("<a@x>",)


@given(st.sampled_from(A), st.sampled_from(S))
def test_only_an_answer_is_ever_unsure(act: OutgoingAct, said: OutgoingState) -> None:
    state = outcome(act, said)
    assert state in (S.WAITING, S.SENT, S.UNSURE, S.REFUSED, S.CONFLICT)
    assert state is not S.UNSURE or act is A.ANSWER
    assert (state is S.SENT) == (said is S.SENT)


@given(instants, instants, instants, instants)
def test_nobody_is_told_before_it_was_written_or_asked(at, written, received, now) -> None:
    """R6: whatever the clocks of desks and servers say."""
    told = told_at(at, written, received, now)
    assert told >= max(written, received)
    assert told <= max(now, written, received)
    if max(written, received) <= at <= now:
        assert told == at


def test_what_an_act_means_there() -> None:
    new = ticket()
    owned = ticket(owner="Léa", owner_since=NOW)
    closed = ticket(owner="Léa", owner_since=NOW, closed_at=NOW)
    assert changes(new, new) == []
    assert changes(new, owned) == [(A.OWNER, "Léa")]
    assert changes(owned, closed) == [(A.CLOSE, None)]
    assert changes(closed, new) == [(A.OWNER, None), (A.REOPEN, None)]


@pytest.mark.parametrize("act", A)
def test_to_yield_twice_changes_nothing_more(act: OutgoingAct) -> None:
    for old in (ticket(), ticket(owner="Léa", owner_since=NOW), ticket(closed_at=NOW, close_reason="x")):
        once = yielded(old, act, "zoe", "tracker", NOW)
        assert yielded(once, act, "zoe", "tracker", NOW + timedelta(hours=1)) == once
        assert once.answered_at is None
