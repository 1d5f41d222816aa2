"""What comes in from other systems, and what goes back to them.

A *source* is such a system: a mailbox, Request Tracker, a file. It says what customers and colleagues wrote
(`Letter`) and how its tickets stand (`Standing`), and takes what goes out (`Outgoing`). Text in here is as
it came in: `desk/` cleans it where it enters the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.records import Rejection, Row, TicketRecord
from oncall_tui.domain.tickets import Enclosure


class SourceUnavailable(OncallError):
    """A source can't be reached, or refuses who asks. What came before is stored, the rest comes later."""

    title = "Source"
    exit_code = 5


@dataclass(frozen=True, slots=True)
class SourceAccess:
    """How one source is reached, as the settings say; what a kind of source makes of a key is its own.

    `url` is where it is, without a password, `smtp` where mail goes out, `user` who asks and `address` who
    answers are from, with the `sender_name` before it. `secret` returns the password or token when it is
    asked for, and raises `BadSettings` where there is none. `accounts` are the names there of engineers, by
    their names here. `zone` is whose wall clock shows an instant that is written without an offset.
    """

    name: str
    kind: str
    url: str
    user: str = ""
    secret: Callable[[], str] = field(default=str, repr=False, compare=False)
    smtp: str = ""
    address: str = ""
    sender_name: str = ""
    folder: str = "INBOX"
    queues: tuple[str, ...] = ()
    every: timedelta = timedelta(seconds=30)
    ca_file: Path | None = None
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Zurich"))


class Sender(NamedTuple):
    """Somebody by name and mail address, as both were written; either may be empty."""

    name: str = ""
    address: str = ""


NOBODY = Sender()


class Attachment(NamedTuple):
    """A file that came with a letter. It stays with the source, which knows it as `part`; `size` is bytes."""

    name: str
    media_type: str
    size: int
    part: str


class LetterKind(StrEnum):
    """What a letter is."""

    REQUEST = "request"
    """A customer wrote."""

    AUTOMATIC = "automatic"
    """A machine answered: out of office, a receipt. It restarts nothing."""

    BOUNCE = "bounce"
    """A mail of ours came back."""

    ANSWER = "answer"
    """A colleague answered the customer. In a system that knows who it was, that stops the clock (R6)."""

    NOTE = "note"
    """A colleague wrote to the team in the other system."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that was written, as its source has it. `received_at` is the server's instant (UTC).

    `key` is what the source knows it by, for good. `thread` is the source's own ticket, empty for mail.
    Mail is joined by `message_id` and by those that it `answers`, the nearest first, then by the reference
    `ref` that its subject names. `language` is a guess in two letters, empty where there is none.
    """

    key: str
    kind: LetterKind
    sender: Sender
    subject: str
    text: str
    received_at: datetime
    thread: str = ""
    message_id: str = ""
    answers: tuple[str, ...] = ()
    ref: str = ""
    language: str = ""
    attachments: tuple[Attachment, ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands in another system that has tickets of its own.

    `thread` is its id there and `ref` what it goes by here. `owner` is None for nobody. `version` is what
    the system takes as proof that a change was made in sight of the last one (an ETag).
    """

    thread: str
    ref: str
    subject: str
    requestor: Sender
    created_at: datetime
    owner: str | None = None
    closed_at: datetime | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of what came in, to be stored in one transaction with the `cursor` up to which it goes.

    `standings` are those of the threads of its letters and of others that changed; `records` are requests
    that come as rows. `done` of `total` letters were read since the pull began, for whoever waits; `unread`
    says of each letter that can't be read why.
    """

    cursor: str
    letters: tuple[Letter, ...] = ()
    standings: tuple[Standing, ...] = ()
    records: tuple[Row[TicketRecord] | Rejection, ...] = ()
    done: int = 0
    total: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something on its way out, as the store has it; instants are UTC, text is clean.

    `thread` is the other system's ticket, empty for mail. A mail has the Message-ID `message_id`, set by us,
    and `answers` the Message-IDs before it, the oldest first. `owner` is the name there that the act OWNER
    gives the ticket to, None for nobody. `seen` is the version of the other system's ticket that the act was
    made in sight of, empty to do it whatever stands there.
    """

    id: int
    source: str
    act: OutgoingAct
    state: OutgoingState
    ticket_id: int
    ticket: str
    author: str
    created_at: datetime
    thread: str = ""
    to: Sender = NOBODY
    subject: str = ""
    text: str = ""
    message_id: str = ""
    answers: tuple[str, ...] = ()
    owner: str | None = None
    seen: str = ""
    tries: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str = ""
    revision: int = 0


class Handed(NamedTuple):
    """What came of handing something over: `state` is WAITING where it certainly wasn't taken and may be
    tried again, else SENT, UNSURE, REFUSED or CONFLICT. `at` is when the server took it (UTC).

    `detail` says why in one line. `key` is that of the letter as which it will come in, empty where it won't
    or isn't known. `version` is that of the other system's ticket after it, `their_owner`
    who has it there where that is the conflict, empty for nobody.
    """

    state: OutgoingState
    at: datetime
    detail: str = ""
    key: str = ""
    version: str = ""
    their_owner: str = ""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source does, for all desks. All instants are UTC.

    `lag` is what lay between receipt and storing of what came last, in seconds. `done` of `total` letters
    are read while a long pull goes on, 0 of 0 otherwise. `waiting` and `stuck` count what is on its way out
    and what needs a person. `holder` is the desk that pulls, empty if none does.
    """

    name: str
    kind: str
    place: str
    holder: str = ""
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    failures: int = 0
    next_at: datetime | None = None
    lag: float | None = None
    done: int = 0
    total: int = 0
    waiting: int = 0
    stuck: int = 0

    @property
    def fails(self) -> bool:
        """Say whether the last try failed."""
        return self.failures > 0


class UnfiledLetter(NamedTuple):
    """What a machine wrote that belongs to no ticket, clean; `received_at` is the server's instant (UTC)."""

    source: str
    kind: LetterKind
    sender: Sender
    subject: str
    received_at: datetime


class EnclosureOrigin(NamedTuple):
    """Where a file is that came with a letter: `source` has it as `part` of the letter `key`."""

    source: str
    key: str
    part: str
    enclosure: Enclosure
