"""Running what blocks outside the event loop.

Reads go to daemon threads: leaving the program never waits for a database that doesn't answer.
Writes do too, but leaving waits a while for them with `finish_writes`: an act that was begun is finished.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

Result = TypeVar("Result")

_writing: set[threading.Thread] = set()

log = logging.getLogger(__name__)


async def read(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a daemon thread of its own, or raise what it raises."""
    future, _ = _start(function, "oncall-read")
    return await future


async def write(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a thread that `finish_writes` waits for, or raise what it raises."""
    future, thread = _start(function, "oncall-write")
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


def _start(function: Callable[[], Result], name: str) -> tuple[asyncio.Future[Result], threading.Thread]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def run() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
            _settle(loop, future, None, error)
        else:
            _settle(loop, future, result, None)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return future, thread


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
