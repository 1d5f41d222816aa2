"""The emergency line: a call rings, somebody picks it up, finds out what it is, and decides (R11–R15).

Each act is one transaction. What is found out is written down as it is found out, so that neither a crash
nor a second call loses any of it; what is decided is written down once and never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.desk.call_corrections import tell_organisation
from oncall_tui.desk.call_outcomes import Outcomes, Say
from oncall_tui.desk.context import Context
from oncall_tui.domain.call_log import LANGUAGE_LIMIT
from oncall_tui.domain.calls import (
    Answers,
    Call,
    CallNews,
    CallRecord,
    OnFile,
    Origin,
    Step,
    Triage,
)
from oncall_tui.domain.emergency import Decision, rule_on
from oncall_tui.domain.errors import BadInput, Conflict
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.messages import Message
from oncall_tui.domain.text import NAME_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.store import calls, customers
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from oncall_tui.domain.customers import Customer

RING, PICK_UP, TAKE_OVER, HANG_UP, DECIDE, MISS = (
    "ring",
    "pick up",
    "take over",
    "hang up",
    "decide call",
    "miss call",
)
"""The words of the audit."""

EMERGENCIES_SHOWN = 3
"""Open emergency tickets of the caller's organisation that a call may be about."""

_TOLD_BY_HAND = {
    Step.WHO,
    Step.CODE,
    Step.LANGUAGE,
    Step.INFRASTRUCTURE,
    Step.NEEDS_US,
    Step.SERVICE,
    Step.DUPLICATE,
    Step.SUMMARY,
    Step.ENDING,
}


@dataclass(frozen=True, slots=True)
class CallDesk:
    """Acts on calls. `ref` is the reference of a call.

    Every act raises `NotFound` for a call that isn't there, `Conflict` naming who was first, `Refused` with
    the rule where one forbids it or on a read-only desk, `StoreUnavailable`.
    """

    context: Context

    # Calls come and go

    def ring(self, number: str, *, called: str = "", external_id: str = "") -> Call:
        """Note that `number` calls. The same `external_id` is the same call, however often it is told.

        `number` and `called`, the number that was dialled, are as the telephone system writes them. A
        caller's number is claimed and not proven.
        """
        number, called, external_id = (
            clean(each, limit=NAME_LIMIT) for each in (number, called, external_id)
        )
        with self.context.writing() as tx:
            now = self.context.clock()
            known = calls.by_external_id(tx.connection, external_id) if external_id else None
            if known is not None:
                # Its end may have been told first.
                if number and calls.tell_number(tx, known, number, self._e164(number), called):
                    self._step(tx, known, Step.RANG, {"number": number}, now)
                    tell_organisation(self.context, tx, calls.get(tx.connection, known.ref), now)
                return calls.get(tx.connection, known.ref)
            call = calls.add(
                tx,
                external_id=external_id,
                origin=Origin.TELEPHONE,
                number=number,
                e164=self._e164(number),
                called=called,
                rang_at=now,
            )
            self._step(tx, call, Step.RANG, {"number": number, "called": called}, now)
            self._record(tx, now, RING, call, {"number": number})
        return call

    def start(self, number: str = "") -> Call:
        """Begin a call that rang outside of what is connected here: it is in hand at once."""
        number = clean(number, limit=NAME_LIMIT)
        me = self.context.operator
        with self.context.writing() as tx:
            now = self.context.clock()
            call = calls.add(
                tx,
                external_id="",
                origin=Origin.HAND,
                number=number,
                e164=self._e164(number),
                called="",
                rang_at=now,
                operator=me,
                picked_up_at=now,
            )
            self._step(tx, call, Step.PICKED_UP, {"number": number}, now)
            self._record(tx, now, PICK_UP, call, {"number": number})
        return call

    def pick_up(self, ref: str) -> Call:
        """Take a call that rings. Of several desks one gets it; the others are told who."""
        with self.context.writing() as tx:
            now = self.context.clock()
            call = calls.get(tx.connection, ref)
            if not calls.pick_up(tx, call, self.context.operator, now):
                raise self._taken(call)
            self._step(tx, call, Step.PICKED_UP, {}, now)
            self._record(tx, now, PICK_UP, call, {})
            return calls.get(tx.connection, ref)

    def take_over(self, ref: str) -> Call:
        """Go on with a call that another engineer has in hand, as when their desk is gone."""
        me = self.context.operator
        with self.context.writing() as tx:
            now = self.context.clock()
            call = calls.get(tx.connection, ref)
            if call.operator == me and call.open:
                return call
            if call.operator is None or not calls.take_over(tx, call, me):
                raise self._taken(calls.get(tx.connection, ref))
            self._step(tx, call, Step.TAKEN_OVER, {"from": call.operator}, now)
            self._record(tx, now, TAKE_OVER, call, {"from": call.operator})
            return calls.get(tx.connection, ref)

    def hang_up(self, external_id: str, *, elsewhere: bool = False) -> Call:
        """Note that the caller, or the line, hung up; a call that nobody answered is missed then.

        It may be told before the ring is, and more than once. `elsewhere` is what a telephone tells that
        has rung and was not answered: the call goes on if another engineer has it in hand, at theirs.
        """
        external_id = clean(external_id, limit=NAME_LIMIT)
        if not external_id:
            raise BadInput("the telephone system's name for the call is needed")
        with self.context.writing() as tx:
            now = self.context.clock()
            call = calls.by_external_id(tx.connection, external_id)
            if call is None:
                call = calls.add(
                    tx,
                    external_id=external_id,
                    origin=Origin.TELEPHONE,
                    number="",
                    e164="",
                    called="",
                    rang_at=now,
                )
            goes_on = elsewhere and call.operator not in (None, self.context.operator)
            if not goes_on and calls.hang_up(tx, call, now):
                self._step(tx, call, Step.HUNG_UP, {}, now)
                if call.rings:
                    self._miss(tx, call, now)
            return calls.get(tx.connection, call.ref)

    def miss_unanswered(self) -> int:
        """Record as missed what has rung for longer than the settings allow; return how many.

        A telephone system that stopped in the middle never tells of the end.
        """
        since = self.context.clock() - self.context.offer.calls.ring_limit
        with self.context.store.connect() as connection:
            if self.context.read_only or not calls.unanswered_since(connection, since):
                return 0
        with self.context.writing() as tx:
            now = self.context.clock()
            unanswered = calls.unanswered_since(tx.connection, since)
            for call in unanswered:
                self._miss(tx, call, now)
        return len(unanswered)

    # What there is

    def open(self) -> Sequence[Call]:
        """Return the calls that ring or go on, the longest first. A replay shows none."""
        if self.context.replay:
            return ()
        with self.context.store.connect() as connection:
            return tuple(calls.open_calls(connection))

    def news(self, known: Collection[str] = ()) -> CallNews:
        """Return the calls that ring or go on, and what became of those `known` by their references."""
        if self.context.replay:
            return CallNews((), (), 0)
        with self.context.store.connect() as connection:
            going_on = calls.open_calls(connection)
            gone = set(known).difference(call.ref for call in going_on)
            return CallNews(
                calls=tuple(going_on),
                # A backup that was restored may know nothing of them.
                ended=tuple(calls.those(connection, sorted(gone))),
                revision=calls.revision(connection),
            )

    def get(self, ref: str) -> Call:
        """Return the call that goes by `ref`."""
        with self.context.store.connect() as connection:
            return calls.get(connection, ref)

    def find(self, text: str) -> Call:
        """Return the call that `text` names, by its reference or as the telephone system calls it."""
        with self.context.store.connect() as connection:
            known = calls.by_external_id(connection, clean(text, limit=NAME_LIMIT))
            return known or calls.get(connection, text)

    def on_file(self, number: str) -> OnFile | None:
        """Return whom a calling number belongs to, None where it is on file for nobody."""
        e164 = self._e164(clean(number, limit=NAME_LIMIT))
        with self.context.store.connect() as connection:
            return calls.on_file(connection, [e164]).get(e164) if e164 else None

    def records(self, ref: str) -> Sequence[CallRecord]:
        """Return what was written down of a call: its record, then the corrections in their order."""
        with self.context.store.connect() as connection:
            return tuple(calls.records(connection, calls.get(connection, ref)))

    def triage(self, ref: str) -> Triage:
        """Return all that is known of a call, and what it comes to so far."""
        with self.context.store.connect() as connection:
            return self._triage(connection, calls.get(connection, ref), self.context.clock())

    def next_step(self, triage: Triage) -> Message:
        """Return what would happen next if the call were refused as it stands, before it is."""
        return Outcomes(self.context).next_step(triage)

    # The triage

    def answer(self, ref: str, step: Step, value: Mapping[str, str]) -> Triage:
        """Write down one answer, in the form of `Step`; an empty one takes the answer back.

        `Conflict` for a call that another engineer has, or that was recorded meanwhile.
        """
        if step not in _TOLD_BY_HAND:
            raise BadInput(f"{step.value!r} is no answer")
        told = {name: clean(text, limit=SUBJECT_LIMIT) for name, text in value.items()}
        if step is Step.LANGUAGE and "language" in told:
            told["language"] = language_named(clean(told["language"], limit=LANGUAGE_LIMIT))
        with self.context.writing() as tx:
            now = self.context.clock()
            call = self._in_hand(tx, ref)
            if step is Step.DUPLICATE and told.get("ticket"):
                known = self._triage(tx.connection, call, now).customer
                Outcomes(self.context).case(tx, told["ticket"], known)
            self._step(tx, call, step, told, now)
            return self._triage(tx.connection, calls.get(tx.connection, ref), now)

    def record(self, ref: str, say: Say) -> CallRecord:
        """Write down what the call came to, with the ticket that comes of it.

        Accepted, the ticket is an emergency on the 24/7 clock since the call rang, and the engineer's (R11);
        refused, it is one by e-mail where that is the next step, or a note on the case that is open. The
        team is told of an accepted call, and of a refused one about infrastructure (R14). Raises `Refused`
        while something is still missing (R12).
        """
        with self.context.writing() as tx:
            now = self.context.clock()
            call = self._in_hand(tx, ref)
            triage = self._triage(tx.connection, call, now)
            record, alert = Outcomes(self.context).recorded(tx, triage, say, now)
            done = calls.add_record(tx, call, record, alert, self.context.workstation)
            told = {"decision": done.decision.value, "reason": done.reason.value if done.reason else ""}
            self._step(tx, call, Step.RECORDED, told | {"ticket": done.ticket}, now)
            facts = told | {"rule": done.rule, "language": done.language, "ticket": done.ticket}
            self._record(tx, now, DECIDE, call, facts, done.customer)
            return done

    def _triage(self, connection: Connection, call: Call, now: datetime) -> Triage:
        steps = calls.steps(connection, call)
        answers = Answers.of(steps, call.on_file)
        customer: Customer | None = None
        emergencies: Sequence[tuple[str, str]] = ()
        if answers.customer and customers.known(connection, [answers.customer]):
            row, customer = customers.find(connection, answers.customer)
            emergencies = calls.emergencies(connection, row, EMERGENCIES_SHOWN)
        offer = self.context.offer
        facts = answers.facts(customer, offer.plans, now.astimezone(offer.zone).date())
        return Triage(call, steps, answers, facts, rule_on(facts), customer, emergencies)

    def _in_hand(self, tx: Transaction, ref: str) -> Call:
        call = calls.get(tx.connection, ref)
        if not call.open or call.operator != self.context.operator:
            raise self._taken(call)
        return call

    def _miss(self, tx: Transaction, call: Call, now: datetime) -> None:
        known = call.on_file if call.on_file and not call.on_file.others else None
        record = CallRecord(
            id=0,
            call=call.ref,
            at=now,
            rang_at=call.rang_at,
            operator="",
            decision=Decision.MISSED,
            customer=known.customer if known else "",
            customer_name=known.name if known else "",
            plan=known.plan if known else None,
            person=known.contact if known else "",
        )
        calls.add_record(tx, call, record, "", self.context.workstation)
        self._step(tx, call, Step.RECORDED, {"decision": Decision.MISSED.value}, now)
        self._record(tx, now, MISS, call, {}, record.customer)

    # How it is written down

    def _step(self, tx: Transaction, call: Call, step: Step, value: Mapping[str, str], now: datetime) -> None:
        kept = {name: text for name, text in value.items() if text}
        operator, workstation = self.context.operator, self.context.workstation
        calls.add_step(tx, call, step, kept, at=now, operator=operator, workstation=workstation)
        calls.touch(tx, call)

    def _record(
        self,
        tx: Transaction,
        now: datetime,
        act: str,
        call: Call,
        detail: Mapping[str, str],
        customer: str = "",
    ) -> None:
        kept = {name: text for name, text in detail.items() if text}
        self.context.record(tx, now, act, call.ref, kept, customer=customer)

    def _e164(self, number: str) -> str:
        from oncall_tui.store.phones import e164

        return e164(number, self.context.offer.region)

    def _taken(self, call: Call) -> Conflict:
        """Say why `call` isn't to be had."""
        who = "you" if call.operator == self.context.operator else call.operator
        if call.recorded_at is not None and call.operator is None:
            at = call.hung_up_at or call.recorded_at
            return Conflict(f"{call.ref} was missed: it ended at {self.context.clock_time(at)}")
        if call.recorded_at is not None:
            return Conflict(f"{who} decided {call.ref} at {self.context.clock_time(call.recorded_at)}")
        if call.operator is None or call.picked_up_at is None:
            return Conflict(f"{call.ref} isn't picked up yet")
        return Conflict(f"{who} picked {call.ref} up at {self.context.clock_time(call.picked_up_at)}")
