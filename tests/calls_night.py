"""A night with calls in the log: what the stories and the pictures of the log take place in."""

from __future__ import annotations

from datetime import timedelta

from board import Night, fill, until
from callers import CodedNight
from logged import accepted, missed, picked_up, refused
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.calls import Call, Step
from oncall_tui.screens.call_detail import CallRecordScreen
from oncall_tui.screens.call_log import CallLogScreen

OPEN_NUMBER = "+41 26 555 02 01"


def call_all(night: Night) -> None:
    """Have calls of each kind in the log of two engineers: over a day, of two shifts."""
    lea, marc = night.desk("Léa"), night.desk("Marc")
    clock = night.clock
    for hours, what in (
        (30, lambda: accepted(marc, summary="Cluster unreachable")),
        (28, lambda: refused(marc)),
        (7, lambda: refused(lea, language="en", who="moret", name="Fromagerie Moret")),
        (4, lambda: missed(lea, external_id="m1")),
        (3, lambda: refused(lea, language="it", number="+41 91 555 03 02")),
        (1, lambda: accepted(lea, language="en", summary="Mail queue stuck since 01:30")),
        (0.5, lambda: missed(lea, "+41 22 555 01 40", external_id="m2")),
    ):
        clock.now = NOW - timedelta(hours=hours)
        what()
    clock.now = NOW


def ring_two(night: Night) -> tuple[Call, Call]:
    """Have one call ring, and another go on at Marc's desk."""
    marc = night.desk("Marc")
    night.clock.now = NOW - timedelta(minutes=5)
    going = picked_up(marc, OPEN_NUMBER)
    marc.calls.answer(going.ref, Step.LANGUAGE, {"language": "fr"})
    night.clock.now = NOW - timedelta(seconds=12)
    rings = marc.calls.ring("+41 22 555 01 40", external_id="rings")
    night.clock.now = NOW
    return rings, going


def full_night(folder: object) -> CodedNight:
    """Return a night with tickets and the calls of `call_all`."""
    made = CodedNight(folder)  # type: ignore[arg-type]
    fill(made)
    call_all(made)
    return made


async def log_read(pilot: Pilot[None]) -> None:
    """Wait until the log on top, or the call in it, is read."""

    def read() -> bool:
        page = pilot.app.screen
        if isinstance(page, CallLogScreen):
            bars = page.query("FilterBar")
            typed = all(bar.field.value.strip() == page.filters.current.text for bar in bars)  # type: ignore[attr-defined]
            return page.settled and typed
        return not isinstance(page, CallRecordScreen) or page.detail is not None

    await until(pilot, read, "the log is read")
    await until(pilot, lambda: not any(work.is_running for work in pilot.app.workers), "all is done")
