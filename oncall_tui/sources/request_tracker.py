"""Request Tracker 5 as a source: its tickets are on the board, what is done there is done in it.

Its account needs the rights SeeQueue, ShowTicket, ShowTicketComments, ReplyToTicket, ModifyTicket, OwnTicket,
TakeTicket and ReassignTicket in its queues.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from oncall_tui.domain.correspondence import Batch, Handed, Outgoing, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import BadInput, NotFound
from oncall_tui.domain.text import clean
from oncall_tui.sources.rt_client import Client, Denied
from oncall_tui.sources.rt_letters import KEY
from oncall_tui.sources.rt_reading import Reading
from oncall_tui.sources.rt_records import in_path
from oncall_tui.sources.rt_writing import Writing


def open_source(access: SourceAccess) -> RequestTracker:
    """Return the Request Tracker at `access.url`, which the account `access.user` asks with its token.

    Raises `BadSettings` for an address that is none, or that sends the token over a network in plain.
    """
    return RequestTracker(Client(access), access)


class RequestTracker:
    """One Request Tracker; see `Source`."""

    def __init__(self, client: Client, access: SourceAccess) -> None:
        self._client = client
        self._queues = access.queues
        self._reading = Reading(client, access)
        self._writing = Writing(client, access, self._reading)

    @property
    def place(self) -> str:
        """Return its address."""
        return self._client.place

    def check(self) -> str:
        """Ask which version it is, and for the queues: of one that the account may not see nothing comes."""
        version = self._client.get("rt").body.get("Version") or "of an unknown version"
        for queue in self._queues:
            try:
                self._client.get(f"queue/{in_path(queue)}")
            except Denied as error:
                if error.status not in (403, 404):
                    raise
                raise SourceUnavailable(
                    f"{self.place} shows no queue {queue!r} to this account",
                    hint="it needs the right SeeQueue there; see sources.NAME.queues",
                ) from None
        count = len(self._queues)
        seen = f"{count} {'queue' if count == 1 else 'queues'}" if count else "all its queues"
        return f"Request Tracker {clean(str(version), limit=20)}, {seen}"

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield what came in since `cursor`; `done` and `total` of a batch count tickets."""
        return self._reading.pull(cursor)

    def wait(self, seconds: float) -> bool:
        """Return False: Request Tracker tells nobody."""
        return False

    def interrupt(self) -> None:
        """Do nothing: `wait` doesn't wait."""

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand `outgoing` over."""
        return self._writing.send(outgoing)

    def save(self, key: str, part: str, target: Path) -> None:
        """Write the attachment `part` of the letter `key` to the new file `target`."""
        # Searched for first: asked for one that isn't there, RT 5.0.3 ends with an error.
        limits = [
            {"field": "id", "value": part},
            {"field": "TransactionId", "value": key.removeprefix(KEY)},
        ]
        if not part.isdecimal() or not self._client.limited("attachments", limits, fields="TransactionId"):
            raise NotFound(f"{self.place} has no attachment {part} of {key} any more")
        body = self._client.get(f"attachment/{part}").body
        try:
            content = b64decode(body["Content"])
        except (KeyError, TypeError, ValueError):
            raise SourceUnavailable(f"{self.place} sends attachment {part} as nobody can read it") from None
        try:
            file = target.open("xb")
        except OSError as error:
            raise BadInput(f"can't write {target}: {error.strerror}") from None
        try:
            with file:
                file.write(content)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise BadInput(f"can't write {target}: {error.strerror}") from None

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()
