"""Which ticket each letter of a batch belongs to, and what the batch makes of the tickets.

All is decided in memory, letter by letter, and then written at once: a first contact with a mailbox brings
ten thousand letters, which answer each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from oncall_tui.desk.conversations import Change, Conversation, Conversations, Mail
from oncall_tui.desk.letter_reading import Person, Said, counterpart_ref, first_line, received
from oncall_tui.domain import letter_rules
from oncall_tui.domain import tickets as rules
from oncall_tui.domain.correspondence import LetterKind, Standing
from oncall_tui.domain.letter_rules import Joins
from oncall_tui.domain.outgoing import OutgoingAct
from oncall_tui.domain.records import TicketRecord
from oncall_tui.domain.senders import Belonging
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, Channel, Means, Message, MessageKind, Origin, Ticket
from oncall_tui.store.links import Link

LINE_OF: Mapping[LetterKind, MessageKind] = {
    LetterKind.REQUEST: MessageKind.REQUEST,
    LetterKind.AUTOMATIC: MessageKind.AUTOMATIC,
    LetterKind.BOUNCE: MessageKind.AUTOMATIC,
    LetterKind.ANSWER: MessageKind.ANSWER,
    LetterKind.NOTE: MessageKind.NOTE,
}
"""What letters become in a conversation."""


class Placed(NamedTuple):
    """A letter and where it goes: None for no ticket. Without a `line` it is the request itself."""

    letter: Said
    conversation: Conversation | None = None
    line: Message | None = None


@dataclass(slots=True)
class Taking:
    """Decides what becomes of a batch of the source called `name`, at `now`, given the `conversations`.

    `ours` are the acts on tickets that are on their way to the source. What is decided stands in the other
    fields: `placed` are the letters, `rekeyed` the new keys of letters by their ids, `arrived` the
    Message-IDs of mails of ours that somebody has had in hand, `bounced` of those that came back with what
    was said of it, `homeless` the letters of threads that the source didn't tell of. `adopted` says of an
    answer in a thread whether it is one of ours that comes in again, and notes that then.
    """

    name: str
    conversations: Conversations
    ours: Mapping[int, Collection[OutgoingAct]]
    now: datetime
    adopted: Callable[[Said], bool]
    placed: list[Placed] = field(default_factory=list)
    rekeyed: dict[int, str] = field(default_factory=dict)
    arrived: set[str] = field(default_factory=set)
    bounced: dict[str, str] = field(default_factory=dict)
    homeless: list[Said] = field(default_factory=list)
    known: int = 0
    _refs: set[str] = field(default_factory=set)

    def stand(self, standing: Standing, requestor: Person, *, is_written_in: bool) -> None:
        """Take in how a ticket of the source stands: ours follows it, or is made of it.

        None is made of one that is closed already and has no letter among those that came in: it is nobody's
        request to us, as where it went from one queue of others to another.
        """
        owner = clean(standing.owner or "", limit=NAME_LIMIT)
        standing = replace(standing, owner=owner or None)
        origin = Origin(self.name, standing.thread, requestor.name, requestor.address.address)
        link = Link(origin, clean(standing.version, limit=SUBJECT_LIMIT), owner)
        found = self.conversations.in_thread(standing.thread)
        if found is None:
            if standing.closed_at is None or is_written_in:
                self._begin_counterpart(standing, requestor, link)
            return
        if found.stored is not None:
            known = found.link or link
            ours = self.ours.get(found.stored.id, ())
            follow = partial(
                letter_rules.followed, standing=standing, known_owner=known.owner, ours=ours, now=self.now
            )
            found.changes.append(Change(follow, {}))
            if ours:
                # What was read may be older than what an act of ours has led to, or will.
                link = Link(origin, known.version, known.owner)
        found.link = link

    def take(self, letter: Said) -> None:
        """Place one letter; they come the oldest first."""
        if letter.key in self.conversations.facts.keys or self._came_before(letter):
            self.known += 1
            return
        self.conversations.facts.keys.add(letter.key)
        if letter.thread and letter.kind is LetterKind.ANSWER and self.adopted(letter):
            self.known += 1
            return
        self._note_arrival(letter)
        placed = self._place(letter)
        if placed is None:
            self.homeless.append(letter)
            return
        self.placed.append(placed)
        if letter.message_id:
            mail = Mail(placed.conversation, letter.sender.address.address)
            self.conversations.mails(letter.message_id).append(mail)

    # Where a letter belongs

    def _came_before(self, letter: Said) -> bool:
        """Say whether the mail is known by its Message-ID; the source may know it by a new key since.

        One that somebody else sends is another mail: some programs give all theirs the same. In a system
        with tickets the same mail may stand in two, and its keys are for good.
        """
        if letter.thread or not letter.message_id:
            return False
        address = letter.sender.address.address
        for mail in self.conversations.mails(letter.message_id):
            if mail.ours:
                self.arrived.add(letter.message_id)
                return True
            if mail.address in ("", address):
                if mail.id is not None and mail.source == self.name:
                    self.rekeyed[mail.id] = letter.key
                return True
        return False

    def _place(self, letter: Said) -> Placed | None:
        if letter.thread:
            thread = self.conversations.in_thread(letter.thread)
            return None if thread is None else self._place_in_thread(letter, thread)
        found = self.conversations.continued_by(letter)
        if found is not None:
            match letter_rules.joins(letter.kind, found.closed_at, letter.received_at):
                case Joins.AS_IT_IS:
                    return self._join(letter, found)
                case Joins.REOPENS:
                    found.closed_at = None
                    found.changes.append(
                        Change(rules.reopen, {"by": letter.sender.called, "reopened": "yes"})
                    )
                    return self._join(letter, found)
        if letter.kind is not LetterKind.REQUEST:
            return Placed(letter)
        new = self._begin(letter)
        if found is not None and found.stored is not None and found.closed_at is not None:
            new.notes.append(f"Answers {found.stored.ref}, which was closed on {found.closed_at:%Y-%m-%d}.")
        return Placed(letter, new)

    # What becomes of a ticket

    def _join(self, letter: Said, found: Conversation) -> Placed:
        """Make `letter` a line of a ticket.

        A mail from our own address stops no clock: anybody can write that address, and who takes the line for
        an answer records that it was one (R6).
        """
        if letter.kind is LetterKind.REQUEST:
            self._answer_to(letter.sender, found)
        line = Message(letter.received_at, letter.sender.called, LINE_OF[letter.kind], letter.text)
        return Placed(letter, found, line)

    def _place_in_thread(self, letter: Said, found: Conversation) -> Placed:
        draft = found.draft
        if draft is not None and draft.body is None and letter.kind is LetterKind.REQUEST:
            found.draft = draft._replace(
                body=letter.text, subject=draft.subject or letter.title, language=letter.language
            )
            return Placed(letter, found)
        line = Message(letter.received_at, letter.sender.called, LINE_OF[letter.kind], letter.text)
        if letter.kind is LetterKind.ANSWER:
            self._told(letter, found)
        return Placed(letter, found, line)

    def _told(self, letter: Said, found: Conversation) -> None:
        """Let an answer of a colleague, whom the other system knows, stop the response clock (R6)."""
        author = letter.sender.called

        def make(ticket: Ticket) -> Ticket:
            return rules.told(ticket, author, Means.EMAIL, max(letter.received_at, ticket.received_at))

        found.changes.append(Change(make, {"by": author, "answered_at": letter.received_at.isoformat()}))

    def _answer_to(self, sender: Person, found: Conversation) -> None:
        """Let answers go to whoever of the organisation wrote last."""
        if not sender.address.address:
            return
        by_mail = found.link is not None and not found.link.origin.thread
        if found.link is None or (by_mail and self.conversations.whose(sender).speaks_for(found.customer_id)):
            found.link = self._link_to(sender)

    def _note_arrival(self, letter: Said) -> None:
        """Note which mails of ours a letter shows to have been taken: nobody else knows their Message-IDs."""
        ours = [each for each in letter.answers if any(mail.ours for mail in self.conversations.mails(each))]
        self.arrived.update(ours)
        if letter.kind is LetterKind.BOUNCE and ours:
            self.bounced[ours[0]] = first_line(letter.text)

    def _begin(self, letter: Said) -> Conversation:
        """Make a ticket of a mail; it is numbered when it is stored."""
        sender = letter.sender
        whose = self.conversations.whose(sender)
        draft = TicketRecord(
            ref="",
            customer=whose.organisation.id if whose.organisation else UNKNOWN_CUSTOMER,
            channel=Channel.EMAIL,
            subject=letter.title,
            received_at=letter.received_at,
            body=letter.text,
            contact=whose.contact or sender.contact,
            language=letter.language,
        )
        return self._new(draft, whose, sender, self._link_to(sender))

    def _link_to(self, sender: Person) -> Link:
        return Link(Origin(self.name, "", sender.name, sender.address.address), version="", owner="")

    def _begin_counterpart(self, standing: Standing, requestor: Person, link: Link) -> None:
        """Make a ticket of one of the source's; its text comes with the first letter of its thread."""
        ref = self._free_ref(clean(standing.ref, limit=REF_LIMIT))
        if not ref:
            return
        received_at = received(standing.created_at, self.now)
        whose = self.conversations.whose(requestor)
        closed_at = None
        if standing.closed_at is not None:
            closed_at = max(received_at, min(standing.closed_at, self.now))
        draft = TicketRecord(
            ref=ref,
            customer=whose.organisation.id if whose.organisation else UNKNOWN_CUSTOMER,
            channel=Channel.EMAIL,
            subject=clean(standing.subject, limit=SUBJECT_LIMIT),
            received_at=received_at,
            contact=whose.contact or requestor.contact,
            owner=standing.owner,
            closed_at=closed_at,
        )
        self._new(draft, whose, requestor, link)

    def _free_ref(self, ref: str) -> str:
        """Return the reference, with the source's name where another ticket has it already; empty where
        that is taken too.
        """
        for free in (ref, counterpart_ref(ref, self.name)):
            if free and free not in self.conversations.facts.refs and free not in self._refs:
                self._refs.add(free)
                return free
        return ""

    def _new(self, draft: TicketRecord, whose: Belonging, sender: Person, link: Link) -> Conversation:
        row = whose.organisation.row if whose.organisation else 0
        found = Conversation(draft=draft, customer_id=row, link=link)
        if whose.others:
            others = ", ".join(f"{each.name} ({each.id})" for each in whose.others)
            found.notes.append(f"{sender.address.address} is on file as a contact of {others} as well.")
        self.conversations.add(found, link.origin.thread)
        return found
