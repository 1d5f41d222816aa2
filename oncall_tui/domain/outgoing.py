"""What goes out to another system, and what becomes of it on the way."""

from __future__ import annotations

from enum import StrEnum


class OutgoingAct(StrEnum):
    """What a source is asked to do with a ticket."""

    ANSWER = "answer"
    OWNER = "owner"
    CLOSE = "close"
    REOPEN = "reopen"


class OutgoingState(StrEnum):
    """What became of something on its way out."""

    WAITING = "waiting"
    """It goes out with the next try."""

    SENDING = "sending"
    """Some desk is handing it over."""

    SENT = "sent"
    """The server has taken it."""

    UNSURE = "unsure"
    """The connection broke when the server may have taken it: never repeated without a person's word."""

    REFUSED = "refused"
    """The server won't take it, now or later."""

    CONFLICT = "conflict"
    """Somebody changed the ticket there meanwhile in a way that doesn't go with it."""

    BOUNCED = "bounced"
    """It was taken and came back."""

    DROPPED = "dropped"
    """An engineer took it back, or said that it isn't to go out."""

    @property
    def on_its_way(self) -> bool:
        """Say whether it goes out by itself."""
        return self in (OutgoingState.WAITING, OutgoingState.SENDING)

    @property
    def needs_a_person(self) -> bool:
        """Say whether it goes nowhere until an engineer decides."""
        return self in (
            OutgoingState.UNSURE,
            OutgoingState.REFUSED,
            OutgoingState.CONFLICT,
            OutgoingState.BOUNCED,
        )
