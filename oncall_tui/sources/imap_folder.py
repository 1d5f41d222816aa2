"""One folder of a mailbox, looked at so that nobody can tell (EXAMINE, BODY.PEEK)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from socket import socket
from time import monotonic
from typing import Any, NamedTuple

from imap_tools.errors import MailboxFetchError, MailboxUidsError
from imap_tools.utils import check_command_status

from oncall_tui.sources.imap_client import MailBox

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
_NOTHING = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? ""')
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")

_IDLE_LIMIT = 28 * 60.0
"""Seconds after which IDLE is said anew: a server may hang up after 30 minutes (RFC 2177)."""


class Listed(NamedTuple):
    """A mail that is there, and its size in bytes."""

    uid: int
    size: int


class Fetched(NamedTuple):
    """What was fetched of a mail. `received_at` is when its server got it (UTC), None if it doesn't say."""

    uid: int
    received_at: datetime | None
    data: bytes


class Folder:
    """A folder over an open connection; its methods raise what imaplib and imap-tools do."""

    def __init__(self, box: MailBox, name: str) -> None:
        self._box = box
        self._client = box.client
        self._name = name
        self._exists = 0
        self._idles = "IDLE" in self._client.capabilities

    def examine(self) -> int:
        """Open the folder to look at it; return its UIDVALIDITY."""
        self._box.folder.set(self._name, readonly=True)
        self._exists = 0
        self.has_news()
        _, found = self._client.response("UIDVALIDITY")
        return int(found[-1]) if found and found[-1] else 0

    @property
    def count(self) -> int:
        """Return how many mails there were at the last look."""
        return self._exists

    @property
    def tells(self) -> bool:
        """Say whether the server tells of a mail that comes (IDLE)."""
        return self._idles

    def since(self, uid: int) -> list[Listed]:
        """Return the mails that came after the one with `uid`, the oldest first."""
        self.has_news()
        if not self._exists:
            return []
        answer = self._client.uid("FETCH", f"{uid + 1}:*", "(UID RFC822.SIZE)")
        check_command_status(answer, MailboxFetchError)
        found: dict[int, int] = {}
        for item in answer[1]:
            if not isinstance(item, bytes):
                continue
            number, size = _UID.search(item), _SIZE.search(item)
            # A range up to * has the last mail in it, whatever it begins with.
            if number and size and int(number[1]) > uid:
                found[int(number[1])] = int(size[1])
        return [Listed(number, found[number]) for number in sorted(found)]

    def fetch(self, uids: Sequence[int], limit: int | None = None) -> Iterator[Fetched]:
        """Yield the mails `uids` that are still there, the first `limit` bytes of each."""
        part = "BODY.PEEK[]" if limit is None else f"BODY.PEEK[]<0.{limit}>"
        answer = self._client.uid("FETCH", _ranges(uids), f"(UID INTERNALDATE {part})")
        check_command_status(answer, MailboxFetchError)
        wanted = set(uids)
        for about, data in _literals(answer[1]):
            number = _UID.search(about)
            if number and int(number[1]) in wanted:
                wanted.remove(int(number[1]))
                yield Fetched(int(number[1]), _instant(about), data)

    def section(self, uid: int, section: str, begin: int, size: int) -> bytes | None:
        """Return `size` bytes of a part of a mail, from `begin`; None where it isn't there."""
        answer = self._client.uid("FETCH", str(uid), f"(UID BODY.PEEK[{section}]<{begin}.{size}>)")
        check_command_status(answer, MailboxFetchError)
        for about, data in _literals(answer[1]):
            number = _UID.search(about)
            if number and int(number[1]) == uid:
                return data
        return None

    def find(self, message_id: str) -> list[int]:
        """Return the UIDs of the mails with a Message-ID."""
        quoted = message_id.replace("\\", "\\\\").replace('"', '\\"')
        answer = self._client.uid("SEARCH", "HEADER", "Message-ID", f'"{quoted}"')
        check_command_status(answer, MailboxUidsError)
        return [int(number) for line in answer[1] if line for number in line.split()]

    def has_news(self) -> bool:
        """Say whether the server told of mails since it was asked for them last."""
        told = self._client.untagged_responses
        gone = len(told.pop("EXPUNGE", ()))
        exists = [each for each in told.pop("EXISTS", ()) if isinstance(each, bytes)]
        before = max(0, self._exists - gone)
        self._exists = int(exists[-1]) if exists else before
        return self._exists > before

    def idle(self, seconds: float, wake: socket) -> bool:
        """Wait for a mail up to `seconds`, or until `wake` is written to; say whether one came.

        False at once where the server doesn't tell.
        """
        if self.has_news():
            return True
        until = monotonic() + seconds
        while self._idles and (left := until - monotonic()) > 0:
            self._idles = self._client.begin_idle()
            if not self._idles:
                break
            comes: bool | None = True
            news = self.has_news()
            renewed = monotonic() + min(left, _IDLE_LIMIT)
            while not news and (comes := self._client.line_comes(wake, renewed)):
                self._client.take_line()
                news = self.has_news()
            self._client.end_idle()
            if news or comes is None:
                return news
        return self.has_news()


def _ranges(uids: Sequence[int]) -> str:
    """Return numbers in ascending order as IMAP writes them: `1:500,502`."""
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ranges)


def _literals(items: Iterable[Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what an answer says about each literal, before and after it, and the literal."""
    about, data = b"", None
    for item in items:
        if isinstance(item, tuple):
            if data is not None:
                yield about, data
            about, data = item
        elif item is not None and data is not None:
            yield about + item, data
            data = None
        elif item is not None and _NOTHING.search(item):
            yield item, b""
    if data is not None:
        yield about, data


def _instant(about: bytes) -> datetime | None:
    found = _DATE.search(about)
    if not found or found[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second, ahead, behind = (int(found[each]) for each in (1, 3, 4, 5, 6, 8, 9))
    offset = timedelta(hours=ahead, minutes=behind) * (-1 if found[7] == b"-" else 1)
    month = _MONTHS.index(found[2].lower()) + 1
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
