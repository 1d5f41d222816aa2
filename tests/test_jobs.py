from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from board import Night, on_loop, url_in

from oncall_tui import jobs
from oncall_tui.desk import Desk
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.domain.tickets import Channel
from oncall_tui.jobs import Jobs, Listener


class Heard:
    """Counts, and lets a test wait for the next count."""

    def __init__(self) -> None:
        self.times = 0
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._event.set()

    async def next(self) -> None:
        async with asyncio.timeout(10):
            await self._event.wait()
        self._event.clear()


@on_loop
async def test_the_refresh_job_runs_at_once_and_then_by_the_interval(tmp_path: Path) -> None:
    night, heard = Night(url_in(tmp_path)), Heard()
    running = Jobs(heard, 0.05)
    await running.start(night.desk("Léa"))
    for _ in range(4):
        await heard.next()
    assert not running.stalled()
    running.stop()
    night.close()


@on_loop
async def test_a_commit_by_anybody_is_heard_of_though_the_interval_is_long(
    open_as: Callable[..., Desk],
) -> None:
    mine, other = open_as("Léa"), open_as("Marc")
    heard = Heard()
    running = Jobs(heard, 300)
    await running.start(mine)
    while heard.times < 2:  # the job's first run, and the signal's first look
        await heard.next()
    before = heard.times
    other.tickets.new(customer="leman", channel=Channel.EMAIL, subject="x")
    while heard.times == before:
        await heard.next()
    running.stop()


@on_loop
async def test_a_clock_set_back_stops_the_job_and_rebuilding_starts_it_again(tmp_path: Path) -> None:
    night, heard = Night(url_in(tmp_path)), Heard()
    running = Jobs(heard, 0.05)
    with time_machine.travel("2026-03-27T03:00:00Z") as clock:
        await running.start(night.desk("Léa"))
        await heard.next()
        clock.move_to("2026-03-27T02:00:00Z")
        running.rebuild()
        before = heard.times
        while heard.times < before + 3:
            await heard.next()
    running.stop()
    night.close()


@on_loop
async def test_a_scheduler_that_stands_still_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, heard = Night(url_in(tmp_path)), Heard()
    running = Jobs(heard, 0.01)
    assert not running.stalled()
    await running.start(night.desk("Léa"))
    await heard.next()
    monkeypatch.setattr(jobs, "_STALLED_SECONDS", 0.02)
    running.scheduler.pause()
    while not running.stalled():
        await asyncio.sleep(0.01)
    running.scheduler.resume()
    running.rebuild()
    assert not running.stalled()
    running.stop()
    night.close()


class Flaky:
    """A change signal that fails, then tells of one commit."""

    def __init__(self) -> None:
        self.tries = 0
        self.closed = threading.Event()

    def wait(self, timeout: float) -> bool:
        self.tries += 1
        if self.tries <= 2:
            raise StoreUnavailable("gone")
        if self.tries == 3:
            return True
        self.closed.wait(timeout)
        return False

    def close(self) -> None:
        self.closed.set()


@on_loop
async def test_the_listener_outlives_a_store_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(jobs, "_FIRST_PAUSE", 0.01)
    signal, heard = Flaky(), Heard()
    listener = Listener(lambda: signal, heard, asyncio.get_running_loop())
    listener.start()
    await heard.next()
    listener.stop()
    assert listener.join(10)


def test_the_scheduler_prints_nothing_over_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("apscheduler.scheduler").warning("over the screen")
    assert capsys.readouterr().err == ""
