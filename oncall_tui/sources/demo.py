"""The mailbox of `oncall-tui demo`: no server is behind it. It takes every answer, and whoever got one writes
back.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from oncall_tui.domain.correspondence import (
    Batch,
    Handed,
    Letter,
    LetterKind,
    Outgoing,
    SourceAccess,
)
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources.source import Source

TAKES = 2.5
"""Seconds that handing something over takes, so that one sees it on its way."""

WRITES_BACK = 20.0
"""Seconds after which a customer thanks for an answer."""

_THANKS = {
    True: "Merci beaucoup, bon courage pour la nuit !",
    False: "Thank you very much, and have a quiet night!",
}
"""What they write, by whether the answer was in French."""


_coming: deque[tuple[datetime, Letter]] = deque()
"""What customers write back, each with when its answer was taken: one connection sends and another reads."""


class DemoMailbox:
    """One connection to the mailbox."""

    place = "no server, this is the demo"

    def __init__(self) -> None:
        self._interrupted = threading.Event()

    def check(self) -> str:
        """Say that there is nothing to check."""
        return self.place

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield what customers have written back since."""
        now = datetime.now(UTC)
        while _coming and (now - _coming[0][0]).total_seconds() >= WRITES_BACK:
            _at, letter = _coming.popleft()
            yield Batch(letter.key, (replace(letter, received_at=now),))

    def wait(self, seconds: float) -> bool:
        """Say that it can't tell when something comes in: it is asked again after its interval."""
        return False

    def interrupt(self) -> None:
        """End handing over."""
        self._interrupted.set()

    def send(self, outgoing: Outgoing) -> Handed:
        """Take `outgoing` after a moment; an answer is thanked for."""
        self._interrupted.wait(TAKES)
        now = datetime.now(UTC)
        if outgoing.act is OutgoingAct.ANSWER:
            _coming.append((now, _thanks(outgoing, now)))
        return Handed(OutgoingState.SENT, now)

    def save(self, key: str, part: str, target: Path) -> None:
        """Write a line that says what this is."""
        try:
            with target.open("x") as file:
                file.write(f"This is part {part} of letter {key} of the demo.\n")
        except OSError as error:
            raise BadInput(f"{target.name} can't be written: {error.strerror}") from None

    def close(self) -> None:
        """Give back nothing."""


def open_source(_access: SourceAccess) -> Source:
    """Return a connection to the mailbox of the demo."""
    return DemoMailbox()


def _thanks(outgoing: Outgoing, now: datetime) -> Letter:
    return Letter(
        key=f"thanks/{outgoing.id}",
        kind=LetterKind.REQUEST,
        sender=outgoing.to,
        subject=outgoing.subject,
        text=_THANKS[outgoing.text.startswith("Bonjour")],
        received_at=now,
        message_id=f"<thanks.{outgoing.id}@demo.example>",
        answers=(outgoing.message_id,) if outgoing.message_id else (),
    )
