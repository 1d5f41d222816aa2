"""Letters made fit to store, and what has to be known to find the ticket of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from oncall_tui.domain.addresses import MailAddress, address_of
from oncall_tui.domain.clock import EARLIEST
from oncall_tui.domain.correspondence import Attachment, Letter, LetterKind, Sender, Standing
from oncall_tui.domain.message_ids import message_id_of, nearest
from oncall_tui.domain.senders import Belonging
from oncall_tui.domain.text import ELLIPSIS, NAME_LIMIT, REF_LIMIT, SUBJECT_LIMIT, UNSHOWN, clean, clean_body
from oncall_tui.domain.tickets import Ticket
from oncall_tui.store import imports, letters, linking, senders
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.letters import Stored
from oncall_tui.store.links import Link
from oncall_tui.store.rows import in_parts

if TYPE_CHECKING:
    from sqlalchemy import Connection

SUBJECT_OF_TEXT = 80
"""Characters of the text that stand for a subject where there is none."""

KEY_LIMIT = 1_200
"""Characters of what a source knows its own by: a place in a folder and a Message-ID."""

NO_SUBJECT = "\u2014"
"""Stands for a subject where there is neither a subject nor a text."""


class Person(NamedTuple):
    """A sender, made fit to show: `address` is empty where nothing can be sent to what was written."""

    name: str
    address: MailAddress

    @property
    def called(self) -> str:
        """Return the name, the address where there is none."""
        return self.name or self.address.address

    @property
    def contact(self) -> str:
        """Return name and address."""
        if self.name and self.address.address:
            return clean(f"{self.name} <{self.address.address}>", limit=NAME_LIMIT)
        return self.called


class Said(NamedTuple):
    """A letter with its texts cleaned; `received_at` (UTC) isn't later than now."""

    key: str
    kind: LetterKind
    sender: Person
    subject: str
    text: str
    received_at: datetime
    thread: str
    message_id: str
    answers: tuple[str, ...]
    ref: str
    language: str
    attachments: tuple[Attachment, ...]
    size: int

    @property
    def title(self) -> str:
        """Return the subject; where there is none, the first words of the text."""
        return self.subject or clean(first_line(self.text) or NO_SUBJECT, limit=SUBJECT_OF_TEXT)


def first_line(text: str) -> str:
    """Return the first line of `text` that says something, empty if none does."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def counterpart_ref(ref: str, source: str) -> str:
    """Return what a ticket of another system goes by here where its reference is taken."""
    return clean(f"{ref}-{source}", limit=REF_LIMIT)


def person(sender: Sender) -> Person:
    """Return `sender` made fit to show. An address that can't be shown as it is is none."""
    address = clean(sender.address, limit=NAME_LIMIT)
    repaired = UNSHOWN in address or address.endswith(ELLIPSIS)
    return Person(clean(sender.name, limit=NAME_LIMIT), MailAddress() if repaired else address_of(address))


def received(at: datetime, now: datetime) -> datetime:
    """Return when something was received (R5) that a server says it had `at`.

    One whose clock is ahead had nothing later than `now`, and what it knows no date of came in now.
    """
    return min(at, now) if at >= EARLIEST else now


def said(letter: Letter, now: datetime) -> Said:
    """Return `letter` made fit to store."""
    language = letter.language if len(letter.language) == 2 and letter.language.isalpha() else ""
    return Said(
        key=clean(letter.key, limit=KEY_LIMIT),
        kind=letter.kind,
        sender=person(letter.sender),
        subject=clean(letter.subject, limit=SUBJECT_LIMIT),
        text=clean_body(letter.text),
        received_at=received(letter.received_at, now),
        thread=clean(letter.thread, limit=KEY_LIMIT),
        message_id=message_id_of(letter.message_id),
        answers=nearest(letter.answers),
        ref=clean(letter.ref, limit=REF_LIMIT),
        language=language if language.isascii() else "",
        attachments=tuple(
            file._replace(
                name=clean(file.name, limit=NAME_LIMIT),
                media_type=clean(file.media_type, limit=NAME_LIMIT),
                part=clean(file.part, limit=KEY_LIMIT),
            )
            for file in letter.attachments
        ),
        size=letter.size,
    )


class Facts(NamedTuple):
    """What the store knows of all that a batch speaks of, read in a few questions.

    `keys` are those of letters that are known, `mails` the known ones by Message-ID, `threads` and `refs` the
    tickets by what they go by in the source and here, `whose` the senders by address.
    """

    keys: set[str]
    mails: dict[str, list[Stored]]
    threads: Mapping[str, int]
    refs: Mapping[str, int]
    tickets: Mapping[int, Ticket]
    links: Mapping[int, Link]
    whose: Mapping[str, Belonging]


def facts_of(
    connection: Connection, source: str, standings: Sequence[Standing], found: Sequence[Said]
) -> Facts:
    """Read what is known of the letters `found` in `source`, and of the `standings` of its tickets."""
    keys = letters.known_keys(connection, source, [each.key for each in found])
    new = [each for each in found if each.key not in keys]
    message_ids = {each.message_id for each in new} | {one for each in new for one in each.answers}
    mails = letters.by_message_id(connection, message_ids - {""})
    named = {each.thread for each in new} | {each.thread for each in standings}
    threads = linking.by_thread(connection, source, named - {""})
    refs_there = [clean(each.ref, limit=REF_LIMIT) for each in standings]
    wanted = {each.ref for each in new} | {*refs_there} | {counterpart_ref(ref, source) for ref in refs_there}
    refs: dict[str, int] = {}
    for part in in_parts(wanted - {""}):
        refs |= {ref: known.id for ref, known in imports.known(connection, part).items()}
    answered = {one.ticket_id for several in mails.values() for one in several if one.ticket_id is not None}
    tickets = ticket_store.read_all(connection, answered | {*threads.values(), *refs.values()})
    people = [each.sender for each in new] + [person(each.requestor) for each in standings]
    return Facts(
        keys,
        mails,
        threads,
        refs,
        tickets,
        linking.of_tickets(connection, tickets),
        senders.whose(connection, {each.address for each in people}),
    )
