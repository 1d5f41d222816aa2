"""What all screens of one run share: who looks at what since when, and how the store is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from oncall_tui.actions import Keymap
from oncall_tui.domain.clock import Clock
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.sla import Urgency
from oncall_tui.domain.tickets import Ticket
from oncall_tui.translation import _

if TYPE_CHECKING:
    from pathlib import Path

    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert, AlertNews
    from oncall_tui.domain.calls import Call
    from oncall_tui.domain.codes import Verification
    from oncall_tui.domain.correspondence import SourceHealth
    from oncall_tui.domain.templates import Template


_KEPT_MESSAGES = 200

LONG_PULL = 100
"""Letters from which on it is said how far reading them is: fewer are there at once."""

_FRESH = 5
"""Seconds up to which data counts as of now."""


class Health:
    """Whether the store answers, and how old what is on screen is."""

    def __init__(self, *, ticking: bool = True) -> None:
        """Without `ticking` ages are in whole minutes."""
        self.ticking = ticking
        self.read_at: float | None = None
        self.failed_at: float | None = None
        self.why = ""
        """What is wrong with the store, and what helps."""
        self.reason = ""
        """What is wrong, without what helps."""

    def answered(self) -> bool:
        """Note that the store answered just now; say whether it hadn't before."""
        recovered = self.failed_at is not None
        self.read_at, self.failed_at, self.why, self.reason = monotonic(), None, "", ""
        return recovered

    def failed(self, error: Exception) -> bool:
        """Note that the store didn't answer, and why; say whether it had before."""
        first = self.failed_at is None
        if self.failed_at is None:
            self.failed_at = monotonic()
        self.why, self.reason = words(error), words(error, hint=False)
        return first

    @property
    def stale_seconds(self) -> int | None:
        """Return how long ago the data was read, None while the store answers."""
        if self.failed_at is None:
            return None
        return int(monotonic() - (self.failed_at if self.read_at is None else self.read_at))

    @property
    def age(self) -> str:
        """Return how old the data is, in words."""
        if self.read_at is None:
            return ""
        seconds = int(monotonic() - self.read_at)
        if not self.ticking and seconds < 60:
            return "<1 min ago"
        if seconds < _FRESH:
            # A number that changes twice a second says no more and draws the eye.
            return f"<{_FRESH} s ago"
        if seconds < 60:
            return f"{seconds} s ago"
        return f"{seconds // 60} min ago" if seconds < 3600 else f"{seconds // 3600} h ago"


class Undoable(NamedTuple):
    """Tickets as an act left them, and when (UTC)."""

    tickets: tuple[Ticket, ...]
    at: datetime


class Told(NamedTuple):
    """A message that was shown; `times` counts it if it came several times in a row, last `at` (UTC)."""

    at: datetime
    tone: str
    text: str
    times: int = 1


class Telephone(Protocol):
    """A telephone beside the board, whose calls ring here. Its methods block for some seconds at most."""

    def answer(self, call: Call) -> None:
        """Answer a call that this desk has picked up; nothing for one that rang elsewhere."""
        ...

    def end(self, call: Call) -> None:
        """Hang up a call; nothing for one that rang elsewhere."""
        ...


class Polling(Protocol):
    """What reads the sources of this board and sends what goes out."""

    def nudge(self, name: str | None = None) -> None:
        """Read the source `name` and send what waits now, all of them for None. Returns at once."""
        ...

    def fetch(self, enclosure_id: int, target: Path) -> None:
        """Write a file that came with a ticket to `target`, which is new. Blocks while it is loaded.

        Raises `NotFound` where the source doesn't have it any more, `BadInput` where it can't be written,
        `SourceUnavailable`.
        """
        ...


class Draft(NamedTuple):
    """An answer that is being written to a `ticket`, by its reference: its language in two letters, and the
    template it is still the text of, empty where it is more than that. `service` is the one that access is
    asked for.
    """

    ticket: str
    text: str
    language: str
    template: str = ""
    service: str = ""


class Messages:
    """The last messages of this run, whichever screen showed them."""

    def __init__(self) -> None:
        self._kept: deque[Told] = deque(maxlen=_KEPT_MESSAGES)

    def __iter__(self) -> Iterator[Told]:
        """Iterate from the newest to the oldest."""
        return reversed(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, at: datetime, tone: str, text: str) -> None:
        """Keep a clean message; one that only repeats the last is counted with it."""
        times = 1
        if self._kept and (self._kept[-1].tone, self._kept[-1].text) == (tone, text):
            times += self._kept.pop().times
        self._kept.append(Told(at, tone, text, times))


class Session:
    """One run of the board. `desk` is None until the store is open.

    `refresh` asks the store for changes now, also during a pause between tries.
    """

    def __init__(
        self,
        title: str,
        operator: str,
        zone: ZoneInfo,
        clock: Clock,
        *,
        read_only: bool = False,
        replay: bool = False,
        hold_seconds: float = 1.5,
        ticking: bool = True,
        keymap: Keymap | None = None,
        tip: str = "",
    ) -> None:
        """`hold_seconds` after a key no line of the board changes place; None for the default `keymap`.

        Without `ticking` no seconds are shown, and the clock alone changes the screen once a minute.
        A `replay` shows the past. `tip` are lines on what to try in a look-up, where the desk is a sample.
        """
        self.title = title
        self.operator = operator
        self.zone = zone
        self.clock = clock
        self.read_only = read_only
        self.replay = replay
        self.hold_seconds = hold_seconds
        self.ticking = ticking
        self.keymap = keymap or Keymap()
        self.tip = tip
        self.desk: Desk | None = None
        self.refresh: Callable[[], None] = lambda: None
        self.urgencies: Mapping[Urgency, int] = {}
        self.health = Health(ticking=ticking)
        self.messages = Messages()
        self.undoable: Undoable | None = None
        self.trusted: dict[str, tuple[str, Verification]] = {}
        """The organisations, by id, that are verified beyond a call: name and proof."""
        self.calls: tuple[Call, ...] = ()
        """The calls that ring or go on, the longest first."""
        self.alerts: AlertNews | None = None
        """The alerts that are open, None until the store has been asked."""
        self.told_alert: int | None = None
        """The id of the alert that was told last."""
        self.told_at = 0.0
        """When that was, on the monotonic clock."""
        self.telephone: Telephone | None = None
        """The telephone that rings here, None where there is none."""
        self.failing: tuple[str, ...] = ()
        """The channels of alerts that don't get through from here."""
        self.sources: tuple[SourceHealth, ...] = ()
        """How the sources of tickets do, by name."""
        self.polling: Polling | None = None
        """What reads the sources and sends, None where this board does neither."""
        self.templates: Mapping[str, Template] = {}
        """What an answer may begin with, by name."""
        self.drafts: dict[int, Draft] = {}
        """The answers that were begun and not sent, by ticket id."""
        self.sent_last: tuple[int, Draft] | None = None
        """The answer that the last act sent, with its ticket's id: taking it back brings the draft back."""
        self.last_key: tuple[str, float] = ("", 0.0)
        """The last key, and when on the monotonic clock."""

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Return the open alerts that are known, the loudest first."""
        return () if self.alerts is None else self.alerts.open

    @property
    def sources_away(self) -> tuple[str, ...]:
        """Return the names of the sources whose last try failed."""
        return tuple(source.name for source in self.sources if source.fails)

    @property
    def stuck(self) -> int:
        """Return how much in the outbox needs a person."""
        return sum(source.stuck for source in self.sources)

    @property
    def meanwhile(self) -> str:
        """Return how far the long pulls are that go on: `support: 3 200 of 10 000 read`."""
        said = _("{source}: {done} of {total} read")
        return ", ".join(
            said.format(source=each.name, done=grouped(each.done), total=grouped(each.total))
            for each in self.sources
            if each.total >= LONG_PULL
        )

    @property
    def alerts_open(self) -> int:
        """Return how many alerts are open, also those beyond what is known of them."""
        return 0 if self.alerts is None else self.alerts.total

    def stopped(self, alert_ids: Collection[int]) -> None:
        """Take alerts as stopped that this desk has stopped, before the store tells everybody."""
        if self.alerts is not None:
            left = tuple(alert for alert in self.alerts.open if alert.id not in alert_ids)
            total = self.alerts.total - (len(self.alerts.open) - len(left))
            self.alerts = self.alerts._replace(open=left, total=total)

    @property
    def ringing(self) -> list[Call]:
        """Return the calls that ring, the longest first."""
        return [call for call in self.calls if call.rings]

    @property
    def call_in_hand(self) -> Call | None:
        """Return the call that this engineer picked up last and hasn't decided, None if there is none."""
        mine = [call for call in self.calls if call.operator == self.operator and call.open]
        return max(mine, key=lambda call: call.picked_up_at or call.rang_at, default=None)

    @property
    def why_read_only(self) -> str:
        """Return why nothing can be done on a read-only board, and what helps."""
        if self.replay:
            return "this board shows the past; start it without --now to act"
        return "this board is read-only; start it without --read-only to act"

    def draft_again(self, ticket_id: int) -> bool:
        """Make a draft again of what was sent last, if it was to this ticket; say whether it was."""
        if self.sent_last is None or self.sent_last[0] != ticket_id:
            return False
        self.drafts[ticket_id] = self.sent_last[1]
        self.sent_last = None
        return True

    def remember(self, done: Sequence[Ticket]) -> None:
        """Keep what was done last, so that it can be undone."""
        self.undoable, self.sent_last = Undoable(tuple(done), self.now()), None

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return self.clock()


def grouped(number: int) -> str:
    """Return a number in groups of three digits: `3 200`."""
    return f"{number:,}".replace(",", " ")


def words(error: Exception, *, hint: bool = True) -> str:
    """Return what to tell a person about `error`, in one clean line, with its `hint` or without."""
    if not isinstance(error, OncallError):
        return type(error).__name__
    from oncall_tui.domain.text import clean

    rule = f" ({error.rule})" if error.rule else ""
    helps = f"; {error.hint}" if error.hint and hint else ""
    return clean(f"{error.message}{rule}{helps}", limit=500)
