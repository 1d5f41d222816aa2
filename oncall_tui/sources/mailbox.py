"""A mailbox as a source of tickets: IMAP in, SMTP out.

What is there is read and nothing else: no mail is deleted, moved or marked, whoever looks at the mailbox
otherwise sees no trace. The cursor is `UIDVALIDITY:UID`, and of which folder of whom: many a server begins
to count at 1 in each. Where it counts anew all is read again, and Message-IDs tell what is known.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from imap_tools import ImapToolsError, MailboxFetchError

from oncall_tui.domain.correspondence import (
    Batch,
    Handed,
    Letter,
    Outgoing,
    SourceAccess,
)
from oncall_tui.domain.errors import NotFound
from oncall_tui.sources.ahead import ahead
from oncall_tui.sources.imap_client import MailBox
from oncall_tui.sources.imap_folder import Fetched, Folder, Listed
from oncall_tui.sources.mail_reading import CUT_LIMIT, CUT_TO, RawMail, read_mail
from oncall_tui.sources.mail_sending import MailSender
from oncall_tui.sources.mail_server import IMAP_SCHEMES, said_by, server_at, tls_context, unavailable
from oncall_tui.sources.saving import Decoder, new_file

BATCH_BYTES = 8 << 20
BATCH_MAILS = 500
"""A batch ends with the mail that would exceed one of these, unless it is alone in it."""

_SECTION_BYTES = 4 << 20
_TROUBLES = (imaplib.IMAP4.error, ImapToolsError, OSError, UnicodeError)


def open_source(access: SourceAccess) -> Mailbox:
    """Return the mailbox that `access` reaches; it connects with the first call. Raises `BadSettings`."""
    return Mailbox(access)


class Mailbox:
    """One mailbox over one connection; a `Source`. `clock` returns the instant (UTC) for what has none."""

    def __init__(
        self, access: SourceAccess, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._access = access
        self._clock = clock
        self._server = server_at(access.url, IMAP_SCHEMES, access.name)
        self._sender = MailSender(access, clock)
        self._box: MailBox | None = None
        self._folder: Folder | None = None
        self._validity = 0
        self._whose = blake2b(f"{access.user}\n{access.folder}".encode(), digest_size=4).hexdigest()
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)

    @property
    def place(self) -> str:
        """Return the user, the server and the folder."""
        user = f"{self._access.user} at " if self._access.user else ""
        return f"{user}{self._server}, {self._access.folder}"

    def check(self) -> str:
        """Log in, also where answers go out; count the mails."""
        with self._in_words():
            folder = self._examined()
            told = "IDLE" if folder.tells else "no IDLE"
            return f"{folder.count} mails, {told}; {self._sender.check()}"

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield what came in since `cursor`, the oldest first, until nothing is left.

        Between the parts of a pull nothing else may be asked of this mailbox.
        """
        with self._in_words():
            folder = self._examined()
            last = self._uid_in(cursor)
            done, total = 0, 0
            while listed := folder.since(last):
                total = done + len(listed)
                parts = list(_batches(listed))
                fetched = (_fetched(folder, part, listed) for part in parts)
                # The server looks for the next mails while these are read and stored.
                with contextlib.closing(ahead(fetched) if len(parts) > 1 else fetched) as coming:
                    for part, (mails, unread) in zip(parts, coming, strict=True):
                        done, last = done + len(part), part[-1].uid
                        letters = self._letters(part, mails)
                        cursor = f"{self._validity}:{last} {self._whose}"
                        yield Batch(cursor, letters, done=done, total=total, unread=unread)

    def wait(self, seconds: float) -> bool:
        """Wait for a mail; where the server has no IDLE, return False at once."""
        with self._in_words():
            folder = self._folder
            if folder is None:
                self._examined()
                return True
            came = folder.idle(seconds, self._wake)
            with contextlib.suppress(BlockingIOError):
                while self._wake.recv(4096):
                    pass
            return came

    def interrupt(self) -> None:
        """End a `wait` that is under way; where none is, the next one."""
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand an answer to the server that sends mail."""
        return self._sender.send(outgoing)

    def save(self, key: str, part: str, target: Path) -> None:
        """Write an attachment to a new file that only its owner can read."""
        section, _, encoding = part.partition("/")
        with self._in_words():
            folder = self._examined()
            chunks = self._chunks(folder, self._uid_of(folder, key), section)
            first = next(chunks)
            with new_file(target) as write:
                decoder = Decoder(encoding)
                for chunk in chain((first,), chunks):
                    write(decoder.feed(chunk))
                write(decoder.rest())

    def close(self) -> None:
        """Say goodbye to the server. The mailbox isn't used any more then."""
        self._leave()
        self._wake.close()
        self._waker.close()

    def _examined(self) -> Folder:
        """Return the folder as it is now, over a connection that answers."""
        if self._folder is None:
            self._folder = self._connected()
        self._validity = self._folder.examine()
        return self._folder

    def _connected(self) -> Folder:
        access, secret = self._access, self._access.secret()
        context = None if self._server.plain else tls_context(access.ca_file, access.name)
        self._box = MailBox(self._server, context)
        try:
            self._box.log_in(access.user, secret)
        except _TROUBLES as error:
            self._leave()
            raise unavailable(error, self._server, secret=secret) from None
        return Folder(self._box, access.folder)

    def _uid_in(self, cursor: str) -> int:
        """Return the UID in `cursor`; 0 where it is of another count, so that all is read again."""
        numbers, _, whose = cursor.partition(" ")
        counted, _, uid = numbers.partition(":")
        counts = counted == str(self._validity) and whose == self._whose
        return int(uid) if counts and uid.isdecimal() else 0

    def _letters(self, part: Sequence[Listed], mails: Sequence[Fetched]) -> tuple[Letter, ...]:
        sizes = {each.uid: each.size for each in part}
        return tuple(self._letter(each, sizes[each.uid]) for each in mails)

    def _letter(self, fetched: Fetched, size: int) -> Letter:
        received_at = fetched.received_at or self._clock()
        raw = RawMail(f"{self._validity}:{fetched.uid}", fetched.data, received_at, size)
        return read_mail(raw, self._access.address)

    def _uid_of(self, folder: Folder, key: str) -> int:
        """Return the UID of a letter, also where the server has begun to count anew since it came in."""
        numbers, _, message_id = key.partition(" ")
        validity, _, uid = numbers.partition(":")
        if validity == str(self._validity) and uid.isdecimal():
            return int(uid)
        found = folder.find(message_id) if message_id.isascii() else []
        if not found:
            raise NotFound("the mail isn't in the mailbox any more")
        return found[-1]

    def _chunks(self, folder: Folder, uid: int, section: str) -> Iterator[bytes]:
        begin = 0
        while True:
            chunk = folder.section(uid, section, begin, _SECTION_BYTES)
            if chunk is None and not begin:
                raise NotFound("the attachment isn't in the mailbox any more")
            yield chunk or b""
            if chunk is None or len(chunk) < _SECTION_BYTES:
                return
            begin += len(chunk)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say what goes wrong, and drop the connection with it."""
        try:
            yield
        except _TROUBLES as error:
            self._leave()
            raise unavailable(error, self._server, self._access.folder) from None

    def _leave(self) -> None:
        box, self._box, self._folder = self._box, None, None
        if box is not None:
            box.client.leave()


def _batches(listed: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Yield mails in their order, as many together as one transaction takes."""
    batch: list[Listed] = []
    size = 0
    for each in listed:
        if batch and (size + each.size > BATCH_BYTES or len(batch) == BATCH_MAILS):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch


def _fetched(
    folder: Folder, part: Sequence[Listed], all_listed: Sequence[Listed]
) -> tuple[list[Fetched], tuple[str, ...]]:
    """Return the mails of `part`, and which of these the server doesn't hand out."""
    limit = CUT_TO if part[0].size > CUT_LIMIT else None
    try:
        return list(folder.fetch([each.uid for each in part], limit)), ()
    except MailboxFetchError as error:
        return _one_by_one(folder, part, all_listed, limit, error)


def _one_by_one(
    folder: Folder,
    part: Sequence[Listed],
    all_listed: Sequence[Listed],
    limit: int | None,
    refusal: MailboxFetchError,
) -> tuple[list[Fetched], tuple[str, ...]]:
    """Return the mails of `part` that the server hands out, and which it doesn't.

    A mail is passed over only where the server hands out another one: else it is the server that fails, and
    nothing is lost by asking again.
    """
    fetched: list[Fetched] = []
    unread: list[str] = []
    for each in part:
        try:
            fetched.extend(folder.fetch([each.uid], limit))
        except MailboxFetchError as error:
            unread.append(f"mail {each.uid}: {said_by(error)}")
    tried = set(part)
    others = [each.uid for each in all_listed if each not in tried]
    another = fetched or (list(folder.fetch(others[-1:], 1)) if others else [])
    if not another:
        raise refusal
    return fetched, tuple(unread)
