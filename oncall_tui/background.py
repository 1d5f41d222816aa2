"""Running what blocks outside the event loop.

Reads go to daemon threads: leaving the program never waits for a database that doesn't answer. A thread
that has answered waits for the next read; one that doesn't answer is in nobody's way. Writes have daemon
threads too, but leaving waits a while for them with `finish_writes`: an act that was begun is finished.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import TypeVar

Result = TypeVar("Result")

_READERS_KEPT = 2
"""How many threads wait for the next read; that two are wanted at once is rare."""

_writing: set[threading.Thread] = set()

log = logging.getLogger(__name__)


class _Reader(threading.Thread):
    """A thread that does one piece of work after the other."""

    def __init__(self) -> None:
        super().__init__(name="oncall-read", daemon=True)
        self.work: SimpleQueue[Callable[[], Callable[[], None]]] = SimpleQueue()

    def run(self) -> None:
        stays = True
        while stays:
            tell = self.work.get()()
            stays = len(_waiting) < _READERS_KEPT
            if stays:
                # Before it tells: who awaits the answer may have the next question at once.
                _waiting.append(self)
            tell()
            del tell  # it holds the answer


_waiting: deque[_Reader] = deque()


async def read(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a daemon thread, or raise what it raises."""
    future, work = _future_of(function)
    try:
        reader = _waiting.pop()
    except IndexError:
        reader = _Reader()
        reader.start()
    reader.work.put(work)
    return await future


async def write(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a thread that `finish_writes` waits for, or raise what it raises."""
    future, work = _future_of(function)
    thread = threading.Thread(target=lambda: work()(), name="oncall-write", daemon=True)
    thread.start()
    _writing.add(thread)
    try:
        return await future
    finally:
        if future.done() and not future.cancelled():
            _writing.discard(thread)


def finish_writes(seconds: float) -> bool:
    """Wait up to `seconds` for the writes under way, and then no more; say whether all were finished."""
    threads = list(_writing)
    _writing.clear()
    until = monotonic() + seconds
    for thread in threads:
        thread.join(max(until - monotonic(), 0.0))
    return not any(thread.is_alive() for thread in threads)


def _future_of(
    function: Callable[[], Result],
) -> tuple[asyncio.Future[Result], Callable[[], Callable[[], None]]]:
    """Return a future, and the work for another thread: it returns what tells the future how it went."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def run() -> Callable[[], None]:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
            return partial(_settle, loop, future, None, error)
        return partial(_settle, loop, future, result, None)

    return future, run


def _settle(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Result],
    result: Result | None,
    error: BaseException | None,
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where Result allows it

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # The loop is closed: nobody waits any more.
        if error is not None:
            log.debug("a read failed after the program had left", exc_info=error)
