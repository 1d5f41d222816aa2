"""A source that is real but for the network: a box that letters are put in and answers are taken from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from support import NOW

from oncall_tui.domain.correspondence import (
    Attachment,
    Batch,
    Handed,
    Letter,
    LetterKind,
    Outgoing,
    Sender,
    SourceAccess,
    SourceUnavailable,
)
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.polling import SourceListening
from oncall_tui.pulling import Pulled


class Box:
    """The system itself. `before` is called before each thing that is done in it, with what that is."""

    def __init__(self, name: str = "support", *, tells: bool = True, batch: int = 2) -> None:
        self.access = SourceAccess(
            name, "box", f"box://{name}", address="support@acme.example", every=timedelta(hours=1)
        )
        self.letters: list[Letter] = []
        self.sent: list[Outgoing] = []
        self.readers: list[BoxSource] = []
        self.open: list[BoxSource] = []
        self.tells = tells
        self.batch = batch
        self.away = ""
        self.before: Callable[[str], None] = lambda _what: None
        self.result: Callable[[Outgoing], Handed] = lambda _outgoing: Handed(OutgoingState.SENT, NOW)
        self.news = threading.Condition()

    def put(self, subject: str, *, sender: str = "anna@acme.example", files: Sequence[str] = ()) -> Letter:
        """Put a letter in, with `files` by name, and tell those who wait."""
        with self.news:
            number = len(self.letters) + 1
            letter = Letter(
                key=str(number),
                kind=LetterKind.REQUEST,
                sender=Sender("Anna", sender),
                subject=subject,
                text="Bonjour",
                received_at=NOW,
                message_id=f"<{number}@{self.access.name}.example>",
                attachments=tuple(
                    Attachment(name, "image/png", 10, str(part)) for part, name in enumerate(files, 2)
                ),
            )
            self.letters.append(letter)
            self.news.notify_all()
        return letter

    def opened(self, access: SourceAccess) -> BoxSource:
        """Open a connection."""
        assert access == self.access
        source = BoxSource(self)
        self.open.append(source)
        return source

    def used(self, what: str) -> None:
        self.before(what)
        if self.away:
            raise SourceUnavailable(self.away)


class BoxSource:
    """A connection to a box."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._interrupted = False
        self._seen = 0

    @property
    def place(self) -> str:
        return self._box.access.url

    def check(self) -> str:
        self._box.used("check")
        return f"{len(self._box.letters)} letters"

    def pull(self, cursor: str) -> Iterator[Batch]:
        box = self._box
        box.used("pull")
        box.readers.append(self)
        start, total = int(cursor or 0), len(box.letters)
        self._seen = total
        for at in range(start, total, box.batch):
            box.used("batch")
            end = min(at + box.batch, total)
            yield Batch(str(end), tuple(box.letters[at:end]), done=end - start, total=total - start)

    def wait(self, seconds: float) -> bool:
        box = self._box
        box.used("wait")
        if not box.tells:
            return False
        with box.news:
            box.news.wait_for(lambda: len(box.letters) > self._seen or self._interrupted, seconds)
            self._interrupted = False
            return len(box.letters) > self._seen

    def interrupt(self) -> None:
        with self._box.news:
            self._interrupted = True
            self._box.news.notify_all()

    def send(self, outgoing: Outgoing) -> Handed:
        self._box.before("send")
        self._box.sent.append(outgoing)
        return self._box.result(outgoing)

    def save(self, key: str, part: str, target: Path) -> None:
        self._box.used("save")
        target.write_text(f"{key}/{part}")

    def close(self) -> None:
        self._box.open.remove(self)


class Heard(SourceListening):
    """What was told, in its order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.mistakes: list[Exception] = []

    def connected(self, name: str) -> None:
        self.told.append(f"{name} connected")

    def took_in(self, name: str, pulled: Pulled) -> None:
        self.told.append(f"{name} {pulled}")

    def lost(self, name: str, error: Exception) -> None:
        self.told.append(f"{name} lost: {error}")

    def back(self, name: str) -> None:
        self.told.append(f"{name} back")

    def handed_over(self, outgoing: Outgoing, handed: Handed) -> None:
        self.told.append(f"{outgoing.ticket} {handed.state}")

    def mistaken(self, error: Exception) -> None:
        self.mistakes.append(error)
