"""Running what blocks outside the event loop.

Reads go to daemon threads: leaving the program never waits for a database that doesn't answer.
Writes go to asyncio's own pool, which leaving does wait for: an act that was begun is finished.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

log = logging.getLogger(__name__)


async def read(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a daemon thread of its own, or raise what it raises."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def run() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is awaited
            _settle(loop, future, None, error)
        else:
            _settle(loop, future, result, None)

    threading.Thread(target=run, name="oncall-read", daemon=True).start()
    return await future


async def write(function: Callable[[], Result]) -> Result:
    """Return what `function` returns in a thread that leaving the program waits for."""
    return await asyncio.shield(asyncio.to_thread(function))


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
