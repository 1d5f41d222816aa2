"""What comes of a call that is decided: its record, its ticket, what happens next, what the team is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.desk.filing import Request, file
from oncall_tui.domain.calls import CallRecord, Triage
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.emergency import Decision, NextStep, next_step_text
from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.messages import Message, Spoken
from oncall_tui.domain.numbers import same_number
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.domain.tickets import Act, Channel, MessageKind, Ticket
from oncall_tui.domain.tickets import Message as Said
from oncall_tui.store import messages
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

Say = Callable[[Message], Spoken]
"""Returns a sentence in the two languages of the line; `translation.spoken` is one."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What comes of calls, at the desk of `context`."""

    context: Context

    def recorded(self, tx: Transaction, triage: Triage, say: Say, now: datetime) -> tuple[CallRecord, str]:
        """Return the record of a call as it stands, with the ticket that is filed for it, and what the team
        is told, empty for nothing. Raises `Refused` while something is still missing (R12).
        """
        call, ruling, answers, customer = triage.call, triage.ruling, triage.answers, triage.customer
        if ruling.decision is None or ruling.say is None:
            missing = ", ".join(each.value.replace("_", " ") for each in ruling.missing)
            raise Refused("the call can't be decided yet", hint=f"missing: {missing}", rule="R12")
        ticket = self._ticket(tx, triage, now)
        ref, due = (ticket.ref, ticket.due_at) if ticket else (answers.duplicate_of, None)
        record = CallRecord(
            id=0,
            call=call.ref,
            at=now,
            rang_at=call.rang_at,
            operator=self.context.operator,
            decision=ruling.decision,
            reason=ruling.reason,
            rule=ruling.rule,
            language=answers.language,
            customer=answers.customer,
            customer_name=customer.name if customer else answers.customer_name,
            plan=customer.plan if customer else None,
            person=answers.person,
            proof=answers.proof,
            service=answers.service,
            infrastructure=answers.infrastructure,
            summary=answers.summary,
            said=say(ruling.say),
            next_step=_in_english(self._next_step(triage, ref, due)),
            ticket=ref,
            ticket_id=ticket.id if ticket else None,
            due_at=due,
        )
        return record, self._alert(record) if ruling.alert else ""

    def next_step(self, triage: Triage) -> Message:
        """Return what would happen next if the call were refused as it stands, before it is."""
        step = triage.ruling.next_step
        if step is None:
            raise BadInput("there is nothing to refuse")
        due = None
        if step is NextStep.TICKET and triage.customer is not None:
            plan, received = triage.customer.plan, triage.call.rang_at
            guarantee = self.context.offer.guarantee(plan, Channel.EMAIL, received)
            due = guarantee.due_at if guarantee else None
        known = step is NextStep.TICKET and triage.customer is not None
        ref = "T-…" if known else triage.answers.duplicate_of
        return self._next_step(triage, ref, due)

    def _ticket(self, tx: Transaction, triage: Triage, now: datetime) -> Ticket | None:
        """File what comes of the call, if something does; a note on the case that is open is something."""
        call, answers, ruling = triage.call, triage.answers, triage.ruling
        accepted = ruling.decision is Decision.ACCEPTED
        if ruling.next_step is NextStep.CASE:
            return self._note_on_case(tx, triage, now)
        if triage.customer is None or not (accepted or ruling.next_step is NextStep.TICKET):
            return None
        about = answers.summary or answers.service
        return file(
            self.context,
            tx,
            Request(
                customer=triage.customer.id,
                channel=Channel.EMERGENCY if accepted else Channel.EMAIL,
                subject=about or f"Call {call.ref}",
                body=_body(triage),
                contact=", ".join(filter(None, (answers.person, call.number))),
                # The clock of the machine that told of the ring may be ahead of this one.
                received_at=min(call.rang_at, now),
                owner=self.context.operator if accepted else None,
            ),
            now,
        )

    def _note_on_case(self, tx: Transaction, triage: Triage, now: datetime) -> Ticket:
        ticket = self.case(tx, triage.answers.duplicate_of, triage.customer)
        messages.add(tx, ticket.id, Said(now, self.context.operator, MessageKind.NOTE, _body(triage)))
        ticket_store.touch(tx, ticket.id)
        self.context.record(tx, now, Act.NOTE, ticket.ref, {}, ticket.id, customer=ticket.customer)
        return ticket

    def case(self, tx: Transaction, ref: str, customer: Customer | None) -> Ticket:
        """Return the emergency that is open under `ref`, which may not be one of another organisation."""
        ticket = ticket_store.find(tx.connection, ref)
        if ticket.channel is not Channel.EMERGENCY or ticket.closed_at is not None:
            raise Refused(
                f"{ticket.ref} is no emergency that is open",
                hint="the call isn't about it, or it is a new failure: take back that it is the same",
                rule="R14",
            )
        if customer is not None and customer.id != ticket.customer:
            raise Refused(f"{ticket.ref} is another organisation's", rule="R13")
        return ticket

    def _next_step(self, triage: Triage, ticket: str, due: datetime | None) -> Message:
        step = triage.ruling.next_step
        if step is None:
            return Message("")
        context = self.context
        now = context.clock()
        hours = context.offer.calendar_for(Channel.PHONE)
        opens = None if hours.is_open(now) else hours.opens_next(now)
        return next_step_text(
            step,
            ticket=ticket,
            due=self._moment(due) if due else "",
            reach=_reach(triage),
            opens=self._moment(opens) if opens else "",
        )

    def _moment(self, instant: datetime) -> str:
        """Return `instant` on the provider's wall clock, in a form that every language reads."""
        return f"{instant.astimezone(self.context.offer.zone):%d.%m. %H:%M}"

    def _alert(self, record: CallRecord) -> str:
        who = record.customer_name or record.person or "somebody"
        about = record.summary or record.service
        facts = f"{who}: {about}" if about else who
        if record.decision is Decision.ACCEPTED:
            due = f", target {self._moment(record.due_at)}" if record.due_at else ""
            return clean(f"emergency {record.ticket}, {facts}{due}", limit=SUBJECT_LIMIT)
        why = record.reason.label if record.reason else ""
        return clean(f"refused ({why}), but about infrastructure: {facts}", limit=SUBJECT_LIMIT)


def _reach(triage: Triage) -> str:
    """Return the first number on file that isn't the one that rang, and whose it is (R14)."""
    contacts = () if triage.customer is None else triage.customer.contacts
    for contact in contacts:
        if contact.phone and not same_number(contact.phone, triage.call.number):
            return f"{contact.phone} ({contact.name})" if contact.name else contact.phone
    return ""


def _body(triage: Triage) -> str:
    """Return what the call found out, a line each, for the ticket that comes of it."""
    call, answers, ruling = triage.call, triage.answers, triage.ruling
    decision = ruling.reason.label if ruling.reason else "accepted"
    facts = {
        "Call": call.ref,
        "Number": call.number,
        "Caller": answers.person,
        "Language": answers.language,
        "Service": answers.service,
        "What happened": answers.summary,
        "Decision": f"{decision} ({ruling.rule})",
    }
    return "\n".join(f"{name}: {text}" for name, text in facts.items() if text)


def _in_english(message: Message) -> str:
    return message.text.format(**message.values)
