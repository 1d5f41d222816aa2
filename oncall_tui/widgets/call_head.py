"""The first line of a call: which one it is, who rings as far as is known, and for how long."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.text import Text

from oncall_tui.domain.calls import Call
from oncall_tui.translation import _
from oncall_tui.widgets.columns import due_text
from oncall_tui.widgets.ink import Line, spread
from oncall_tui.widgets.top_bar import call_length, minutes


class CallHead(Line):
    """Draws a call and how long ago it rang. It is empty until `show` is called."""

    def __init__(self, zone: ZoneInfo, *, ticking: bool = True) -> None:
        """Clock times are those of `zone`. Without `ticking` no seconds are shown."""
        super().__init__(id="head")
        self._zone = zone
        self._ticking = ticking
        self._call: Call | None = None
        self._now: datetime | None = None

    def show(self, call: Call, now: datetime) -> None:
        """Show `call` at `now` (UTC)."""
        self._call, self._now = call, now
        self.update()

    def compose_line(self, width: int) -> Text:
        call, now = self._call, self._now
        title = Text(" " + _("EMERGENCY CALL"), self.ink("focus"))
        if call is None or now is None:
            return title
        right = Text(f"{self._time(call, now)} ", self.ink("strong"))
        number = Text("  " + (call.number or _("no number")))
        on_file = Text(f"  {_on_file(call)}".rstrip(), self.ink("dim"))
        ref = Text(f"  {call.ref}", self.ink("dim"))
        short = Text(" " + _("CALL"), self.ink("focus"))
        # The reference goes first, then who of them has the number; the number stays.
        whose = Text(f"  {call.on_file.name}" if call.on_file else "", self.ink("dim"))
        shorter = (title, number, on_file), (short, number, on_file), (short, number, whose), (short, number)
        for parts in ((title, ref, number, on_file), *shorter):
            left = Text.assemble(*parts)
            if left.cell_len + 2 + right.cell_len <= width:
                break
        else:
            left = number
        return spread(left, right, width)

    def _time(self, call: Call, now: datetime) -> str:
        if call.hung_up_at is not None:
            return _("hung up {time}").format(time=due_text(call.hung_up_at, now, self._zone))
        end = call.recorded_at or now
        seconds = max(int((end - call.rang_at).total_seconds()), 0)
        return call_length(seconds) if self._ticking else minutes(seconds)


def _on_file(call: Call) -> str:
    known = call.on_file
    if known is None:
        return _("not on file") if call.number else ""
    if known.others:
        return _("on file: {name} +{count}").format(name=known.name, count=known.others)
    who = ", ".join(filter(None, (known.contact, known.name)))
    return _("on file: {who}").format(who=who)
