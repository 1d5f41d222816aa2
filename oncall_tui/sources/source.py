"""What every source of tickets can do. `docs/sources.md` says how to add one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from oncall_tui.domain.correspondence import Batch, Handed, Outgoing


class Source(Protocol):
    """A system that tickets come from and answers go to.

    Its methods block, are called on one thread at a time, and raise `SourceUnavailable` where the system
    can't be reached or refuses who asks; the next call connects anew. Nothing in the system is deleted or
    marked by reading it.
    """

    @property
    def place(self) -> str:
        """Return where it is, for people: without a password."""
        ...

    def check(self) -> str:
        """Connect, also to where answers go out, and say in a few words what answers there, for people.

        Raises `SourceUnavailable` as the other methods do. Nothing is read or sent.
        """
        ...

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield what came in since `cursor`, the oldest first; empty for the first contact.

        A cursor is the source's own text; what it says of another system is refused by nobody: where it
        doesn't hold any more, all is read again, and `key` and `message_id` tell what is known.
        """
        ...

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for something to come in; say whether it did. False at once where the system
        can't tell: it is asked again after its interval.
        """
        ...

    def interrupt(self) -> None:
        """End a `wait` that is under way, from another thread."""
        ...

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand `outgoing` over. Raises nothing: what went wrong is in what it returns."""
        ...

    def save(self, key: str, part: str, target: Path) -> None:
        """Write the attachment `part` of the letter `key` to the file `target`, which is new.

        Raises `NotFound` where the source doesn't have it any more, `BadInput` where it can't be written.
        """
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...
