"""What goes out to another system, and what becomes of it on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.text import SUBJECT_LIMIT, clean

FIRST_RETRY = timedelta(seconds=5)
"""How long after a first failure the next try is made; each further one takes twice as long."""

LONGEST_RETRY = timedelta(minutes=10)
"""How long at most lies between two tries."""

CLAIM_HOLDS = timedelta(minutes=2)
"""How long a desk may take to hand something over before the others take it for dead."""

TOLD_AFTER = 3
"""Failed tries after which somebody is told of an answer that goes on being tried."""


FORGOTTEN_AFTER = timedelta(minutes=5)
"""How long after its turn an answer may still wait before somebody is told: no desk that runs sends it."""


class OutgoingAct(StrEnum):
    """What a source is asked to do with a ticket."""

    ANSWER = "answer"
    OWNER = "owner"
    CLOSE = "close"
    REOPEN = "reopen"


class OutgoingState(StrEnum):
    """What became of something on its way out."""

    WAITING = "waiting"
    """It goes out with the next try."""

    SENDING = "sending"
    """Some desk is handing it over."""

    SENT = "sent"
    """The server has taken it."""

    UNSURE = "unsure"
    """The connection broke when the server may have taken it: never repeated without a person's word."""

    REFUSED = "refused"
    """The server won't take it, now or later."""

    CONFLICT = "conflict"
    """Somebody changed the ticket there meanwhile in a way that doesn't go with it."""

    BOUNCED = "bounced"
    """It was taken and came back."""

    DROPPED = "dropped"
    """An engineer took it back, or said that it isn't to go out."""

    @property
    def on_its_way(self) -> bool:
        """Say whether it goes out by itself."""
        return self in (OutgoingState.WAITING, OutgoingState.SENDING)

    @property
    def needs_a_person(self) -> bool:
        """Say whether it goes nowhere until an engineer decides."""
        return self in (
            OutgoingState.UNSURE,
            OutgoingState.REFUSED,
            OutgoingState.CONFLICT,
            OutgoingState.BOUNCED,
        )


_WORST_FIRST = (
    OutgoingState.REFUSED,
    OutgoingState.BOUNCED,
    OutgoingState.CONFLICT,
    OutgoingState.UNSURE,
    OutgoingState.SENDING,
    OutgoingState.WAITING,
)

OPEN_STATES = frozenset(_WORST_FIRST)
"""What is on its way or needs a person."""


def worst(states: Iterable[OutgoingState]) -> OutgoingState | None:
    """Return how what goes out of a ticket stands, by the states of all of it: what needs a person goes
    before what is on its way; None where neither is left.
    """
    found = set(states)
    return next((state for state in _WORST_FIRST if state in found), None)


def retry_after(tries: int) -> timedelta:
    """Return how long after the failed try number `tries`, from 1 on, the next one is made."""
    # From the eighth on it is the longest one: the number needn't grow without end.
    doublings = min(max(tries, 1) - 1, 7)
    return min(LONGEST_RETRY, FIRST_RETRY * (1 << doublings))


def trouble(
    act: OutgoingAct, state: OutgoingState, tries: int, detail: str, waits: timedelta = timedelta()
) -> OutgoingState | None:
    """Return what keeps an answer from the customer, None where nothing does (or it is no answer).

    That is a state that needs a person, or WAITING where `TOLD_AFTER` tries have failed, also while the
    next one is under way, and where nobody makes one: it `waits` for so long since its turn came. `detail`
    says why the last try failed, empty since somebody said "again".
    """
    if act is not OutgoingAct.ANSWER:
        return None
    if state.needs_a_person:
        return state
    if state is OutgoingState.WAITING and waits >= FORGOTTEN_AFTER:
        return state
    failed = tries - 1 if state is OutgoingState.SENDING else tries
    return OutgoingState.WAITING if state.on_its_way and detail and failed >= TOLD_AFTER else None


class Queued(NamedTuple):
    """What is to be known of something unfinished to say whether it is its turn; instants are UTC."""

    id: int
    ticket_id: int
    act: OutgoingAct
    state: OutgoingState
    next_at: datetime | None
    claimed_at: datetime | None


class Due(NamedTuple):
    """What is to be handed over now, and what a desk began to hand over that must be dead. Both are ids, in
    their order.
    """

    ready: tuple[int, ...]
    abandoned: tuple[int, ...]


def due(queue: Sequence[Queued], now: datetime, limit: int) -> Due:
    """Say what of a source's unfinished `queue`, the oldest first, has its turn at `now`: at most `limit`.

    What goes out of one ticket goes in its order and one at a time: something that is on its way holds up
    what was written after it, and something that is being handed over all else. What needs a person doesn't,
    so that no answer waits for the decision about another, with one exception: a conflict about a ticket's
    owner or state holds up what was done to either after it, which would be done to somebody else's ticket.
    """
    ready: list[int] = []
    abandoned: list[int] = []
    under_way = {each.ticket_id for each in queue if each.state is OutgoingState.SENDING}
    disputed: set[int] = set()
    for each in queue:
        answers = each.act is OutgoingAct.ANSWER
        held_up = each.ticket_id in under_way or (not answers and each.ticket_id in disputed)
        if each.state is OutgoingState.SENDING and _is_abandoned(each.claimed_at, now):
            abandoned.append(each.id)
        elif each.state is OutgoingState.WAITING and not held_up and _is_due(each.next_at, now):
            ready.append(each.id)
        if each.state.on_its_way:
            under_way.add(each.ticket_id)
        elif each.state is OutgoingState.CONFLICT and not answers:
            disputed.add(each.ticket_id)
    return Due(tuple(ready[:limit]), tuple(abandoned))


def _is_due(next_at: datetime | None, now: datetime) -> bool:
    # No retry lies that far ahead: the clock was set back since.
    return next_at is None or next_at <= now or next_at > now + LONGEST_RETRY


def _is_abandoned(claimed_at: datetime | None, now: datetime) -> bool:
    return claimed_at is None or abs(now - claimed_at) > CLAIM_HOLDS


_REPLY = re.compile(r"(?:(?:re|aw|antw|sv|vs|rif|réf)\s*(?:\[\d{1,3}\])?\s*:\s*)+", re.IGNORECASE)


def subject_of_answer(subject: str, ref: str) -> str:
    """Return the subject of an answer: one "Re:", and at the end the token by which a reply finds its
    ticket, once.
    """
    token = f"[{ref}]"
    bare = " ".join(subject.replace(token, " ").split())
    bare = clean(bare[len(reply[0]) :] if (reply := _REPLY.match(bare)) else bare, limit=SUBJECT_LIMIT)
    return f"Re: {bare} {token}" if bare else f"Re: {token}"


ANSWERED_AT_MOST = 50
"""Message-IDs that an answer names as those before it."""


def answered(message_ids: Sequence[str]) -> tuple[str, ...]:
    """Return those of the Message-IDs before an answer, the oldest first, that it names: where there are
    many the first, which began the conversation, and the last.
    """
    known = tuple(dict.fromkeys(each for each in message_ids if each))
    return known if len(known) <= ANSWERED_AT_MOST else (known[0], *known[1 - ANSWERED_AT_MOST :])
