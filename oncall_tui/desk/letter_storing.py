"""Writing what a batch of letters comes to: tickets, lines, letters, and what they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from oncall_tui.desk import dispatch, handed
from oncall_tui.desk.context import Context
from oncall_tui.desk.conversations import Conversation
from oncall_tui.desk.intake import TicketIntake
from oncall_tui.desk.letter_reading import NO_SUBJECT
from oncall_tui.desk.letter_taking import Taking
from oncall_tui.domain.audit import SYNC
from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.correspondence import Handed
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.records import Row, TicketRecord
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Message, MessageKind, Ticket
from oncall_tui.store import audit, customers, imports, letters, linking, messages, outbox
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

UNKNOWN_NAME = "Unknown senders"
"""The name of the organisation for senders who belong to none, when it is made."""


class Stored(NamedTuple):
    """How many tickets were `created`, and letters `joined` one or were `recorded` without."""

    created: int
    joined: int
    recorded: int


@dataclass(slots=True)
class Storing:
    """Writes what `taking` decided, in one transaction at `now`."""

    context: Context
    tx: Transaction
    name: str
    now: datetime
    taking: Taking
    _numbers: dict[Conversation, int] = field(default_factory=dict)
    _ids: dict[Conversation, int] = field(default_factory=dict)

    def store(self) -> Stored:
        """Write it all, and say how much."""
        found = self.taking.conversations.all
        created = self._make([each for each in found if each.draft is not None])
        self._ids |= {each: each.stored.id for each in found if each.stored is not None}
        self._link()
        self._write()
        self._note_arrivals()
        self._change()
        letters.rekey(self.tx, self.taking.rekeyed)
        placed = self.taking.placed
        joined = sum(each.line is not None for each in placed)
        return Stored(created, joined, sum(each.conversation is None for each in placed))

    def _make(self, new: list[Conversation]) -> int:
        """Store new tickets and return how many."""
        if not new:
            return 0
        unnumbered = [each for each in new if each.draft is not None and not each.draft.ref]
        self._numbers = dict(zip(unnumbered, self._free_numbers(len(unnumbered)), strict=True))
        rows: list[Row[TicketRecord]] = []
        for place, each in enumerate(new):
            if each.draft is None:
                continue
            ref = each.draft.ref or f"M-{self._numbers[each]}"
            each.draft = each.draft._replace(ref=ref, subject=each.draft.subject or NO_SUBJECT)
            rows.append(Row(place, 0, {}, each.draft))
        self._know_unknown(rows)
        made = TicketIntake(self.context).take(self.tx.connection, self.tx, rows)
        ids = imports.known(self.tx.connection, [row.record.ref for row in rows])
        self._ids |= {new[row.line]: ids[row.record.ref].id for row in rows}
        return made.created

    def _free_numbers(self, count: int) -> list[int]:
        """Return the next numbers of tickets that letters become, but those that an import has used."""
        found: list[int] = []
        last = letters.last_number(self.tx.connection) if count else 0
        while len(found) < count:
            wanted = range(last + 1, last + 1 + count - len(found))
            taken = imports.known(self.tx.connection, [f"M-{number}" for number in wanted])
            found += [number for number in wanted if f"M-{number}" not in taken]
            last = wanted[-1]
        return found

    def _know_unknown(self, rows: list[Row[TicketRecord]]) -> None:
        """Make the organisation for senders who belong to none, when there is the first."""
        wanted = any(row.record.customer == UNKNOWN_CUSTOMER for row in rows)
        if wanted and not customers.known(self.tx.connection, [UNKNOWN_CUSTOMER]):
            unknown = Customer(UNKNOWN_CUSTOMER, UNKNOWN_NAME, Plan.STANDARD)
            customers.add(self.tx, [(unknown, None)], self.context.offer.region)

    def _link(self) -> None:
        found = {
            self._ids[each]: each for each in self.taking.conversations.all if each.link != each.known_link
        }
        fresh = {key: each.link for key, each in found.items() if each.link and each.known_link is None}
        changed = {key: each.link for key, each in found.items() if each.link and each.known_link is not None}
        linking.add(self.tx, fresh)
        linking.replace(self.tx, changed)

    def _write(self) -> None:
        """Store the letters and the lines that they are in conversations."""
        placed = self.taking.placed
        spoken = [place for place, each in enumerate(placed) if each.line is not None]
        notes = [
            (self._ids[each], Message(self.now, self.name, MessageKind.NOTE, text))
            for each in self.taking.conversations.all
            for text in each.notes
        ]
        lines = [
            (self._ids[each.conversation], each.line)
            for each in placed
            if each.line is not None and each.conversation is not None
        ]
        line_ids = dict(zip(spoken, messages.add_all(self.tx, lines + notes), strict=False))
        requests: set[Conversation] = set()
        rows = []
        for place, (letter, conversation, line) in enumerate(placed):
            number = None
            if conversation is not None and line is None and conversation not in requests:
                requests.add(conversation)
                number = self._numbers.get(conversation)
            rows.append(
                letters.Row(
                    source=self.name,
                    key=letter.key,
                    message_id=letter.message_id,
                    kind=letter.kind.value,
                    ticket_id=None if conversation is None else self._ids[conversation],
                    line_id=line_ids.get(place),
                    number=number,
                    sender_name=letter.sender.name,
                    sender_address=letter.sender.address.address,
                    subject=letter.subject,
                    received_at=to_micros(letter.received_at),
                    recorded_at=to_micros(self.now),
                    size=letter.size,
                    revision=self.tx.revision,
                )
            )
        enclosed = {place: each.letter.attachments for place, each in enumerate(placed)}
        letters.add(self.tx, rows, enclosed)

    def _note_arrivals(self) -> None:
        """Let mails of ours of which it was unsure count as taken, and those that came back as that."""
        for outgoing in outbox.unconfirmed(self.tx.connection, self.taking.arrived):
            tried_at = outgoing.ended_at or outbox.claimed_at(self.tx.connection, outgoing.id) or self.now
            handed.sent(self.context, self.tx, outgoing, Handed(OutgoingState.SENT, tried_at), self.now)
        for message_id, why in self.taking.bounced.items():
            outbox.came_back(self.tx, message_id, why, self.now)

    def _change(self) -> None:
        """Store what letters and standings changed of tickets, each with its audit entry."""
        found = self.taking.conversations.all
        # As they stand now: answers of ours that came in with the batch changed some.
        concerned = [self._ids[each] for each in found if each.changes]
        tickets = ticket_store.read_all(self.tx.connection, concerned)
        entries = []
        spoken = {each.conversation for each in self.taking.placed if each.line is not None}
        untold = {self._ids[each] for each in found if each in spoken and each.stored is not None}
        for each in found:
            before = tickets.get(self._ids[each])
            if before is None:
                continue
            after, detail = _changed(each, before)
            if after == before:
                continue
            after = replace(after, version=before.version + 1, revision=self.tx.revision)
            ticket_store.save(self.tx, before, after, self.now)
            self._follow(each, before, after)
            untold.discard(before.id)
            entries.append(
                audit.Entry(
                    self.now,
                    self.context.operator,
                    self.context.workstation,
                    SYNC,
                    before.ref,
                    {"source": self.name, "by": self.name, **detail},
                    before.id,
                    before.customer,
                )
            )
        ticket_store.touch_all(self.tx, untold)
        audit.append_all(self.tx, entries)

    def _follow(self, conversation: Conversation, before: Ticket, after: Ticket) -> None:
        """Let what a mail opened again be opened in the other system that it came from, too."""
        origin = conversation.link.origin if conversation.link else None
        if origin is None or not origin.thread or origin.source == self.name:
            return
        if dispatch.follow(self.context, self.tx, before, after, self.now):
            outbox.refresh(self.tx, after.id)


def _changed(conversation: Conversation, before: Ticket) -> tuple[Ticket, Mapping[str, str]]:
    """Return the ticket with all changes, and the facts of those that changed it."""
    ticket = before
    facts: dict[str, str] = {}
    for change in conversation.changes:
        new = change.make(ticket)
        if new != ticket:
            facts |= change.detail or _difference(ticket, new)
        ticket = new
    return ticket, facts


def _difference(old: Ticket, new: Ticket) -> dict[str, str]:
    """Return what following another system changed."""
    facts = {}
    if new.owner != old.owner:
        facts["owner"] = new.owner or "nobody"
    if new.closed_at is not None and old.closed_at is None:
        facts["closed_at"] = new.closed_at.isoformat()
    elif new.closed_at is None and old.closed_at is not None:
        facts["reopened"] = "yes"
    return facts
