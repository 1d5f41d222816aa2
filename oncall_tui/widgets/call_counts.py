"""The line above the log: how many calls the shift had, by decision and by language."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.text import Text

from oncall_tui.domain.calls import CallCounts
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.emergency import LANGUAGES, Decision
from oncall_tui.domain.messages import marked
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Line

_COUNTED = {
    Decision.ACCEPTED: marked("{count} accepted"),
    Decision.REFUSED: marked("{count} refused"),
    Decision.MISSED: marked("{count} missed"),
}


class CountsLine(Line):
    """Counts the calls of the shift; it says nothing before they are known."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(id="counts")
        self.zone = zone
        self.counts: CallCounts | None = None

    def show(self, counts: CallCounts) -> None:
        """Show `counts`."""
        if counts != self.counts:
            self.counts = counts
            self.update()

    def compose_line(self, width: int) -> Text:
        counts = self.counts
        if counts is None:
            return Text("")
        since = self._clock(counts.since)
        text = self._counted(counts, _("Since {time}").format(time=since))
        return text if text.cell_len <= width else self._counted(counts, since)

    def _counted(self, counts: CallCounts, since: str) -> Text:
        dim = self.ink("dim")
        text = Text(" ").append(since, dim)
        for decision, said in _COUNTED.items():
            count = counts.decisions.get(decision, 0)
            text.append("  ").append(_(said).format(count=count), "" if count else dim)
        others = sorted(name for name in counts.languages if name not in LANGUAGES)
        for place, name in enumerate((*LANGUAGES, *others)):
            count = counts.languages.get(name, 0)
            text.append("  " if place else "    ").append(f"{name} {count}", "" if count else dim)
        return text

    def _clock(self, since: datetime) -> str:
        return f"{to_local(since, self.zone):%H:%M}"
