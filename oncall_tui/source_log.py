"""What sources do, a line each, for whoever keeps the log of a server: references and counts, and no word of
a customer's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall_tui import logfile
from oncall_tui.domain.correspondence import Handed, Outgoing, SourceAccess
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.text import SUBJECT_LIMIT, clean
from oncall_tui.polling import SourceListening
from oncall_tui.pulling import Pulled, in_words

Say = Callable[[str], None]
Seen = Callable[[str, str | None], None]


class SourceLog(SourceListening):
    """Says what comes in and goes out, and what can't be reached."""

    def __init__(
        self,
        sources: Mapping[str, SourceAccess],
        say: Say,
        seen: Seen = lambda _name, _why: None,
    ) -> None:
        """`seen` is told that a source can be read, with None, or why it can't."""
        self._sources = sources
        self._say = say
        self._seen = seen

    def connected(self, name: str) -> None:
        """Say from where it reads."""
        self._say(f"{name}: reading {self._sources[name].url}")
        self._seen(name, None)

    def took_in(self, name: str, pulled: Pulled) -> None:
        """Say what came in, and what of it can't be read."""
        self._say(f"{name}: {pulled}")
        for why in pulled.unread:
            self._say(clean(f"{name}: {why}", limit=SUBJECT_LIMIT))

    def lost(self, name: str, error: Exception) -> None:
        """Say that it can't be read, and why."""
        self._say(clean(f"{name}: can't be read: {in_words(error)}; trying again", limit=SUBJECT_LIMIT))
        self._seen(name, in_words(error))

    def back(self, name: str) -> None:
        """Say that it can be read again."""
        self._say(f"{name}: can be read again")
        self._seen(name, None)

    def handed_over(self, outgoing: Outgoing, handed: Handed) -> None:
        """Say what became of a try."""
        self._say(f"{outgoing.source}: {became(outgoing, handed)}")

    def mistaken(self, error: Exception) -> None:
        """Say what went wrong, and where it is written down."""
        if isinstance(error, OncallError):
            self._say(clean(error.message, limit=SUBJECT_LIMIT))
        else:
            where = logfile.record(error)
            self._say(f"a mistake of this program: {logfile.place(error)}; {where}")


def became(outgoing: Outgoing, handed: Handed) -> str:
    """Return in one clean line what became of a try."""
    what = "answer" if outgoing.act is OutgoingAct.ANSWER else outgoing.act.value
    state = "not sent yet" if handed.state is OutgoingState.WAITING else handed.state.value
    detail = f": {handed.detail}" if handed.detail else ""
    return clean(f"{what} to {outgoing.ticket} {state}{detail}", limit=SUBJECT_LIMIT)
