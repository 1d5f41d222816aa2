"""Asking the store what changed: never twice at once, never an old answer after a new one.

*No change*, *changed* and *failed* are three outcomes. After a failure the store is asked again with
growing pauses until it answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

from oncall_tui import background
from oncall_tui.domain.errors import StoreUnavailable

Answer = TypeVar("Answer")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between tries while the store doesn't answer."""

SLOW = 5.0
"""Seconds after which a store that hasn't answered counts as failed; a late answer is still taken."""

SHORTEST_GAP = 0.1
LONGEST_GAP = 0.3
"""Seconds from the end of one read to the start of the next, while changes come without a break."""

JUST_AFTER_A_KEY = (0.015, 0.035)
"""Seconds after a key in which its frame is out and the next key isn't there yet: the time to ask."""

_LOOKS_EVERY = 0.01


class Refresher(Generic[Answer]):
    """Runs `plan()` on the event loop and what it returns in a thread, then delivers the answer.

    Belongs to one event loop; every method is called on it. `plan` returns None while there is
    nothing to ask for.
    """

    def __init__(
        self,
        plan: Callable[[], Callable[[], Answer] | None],
        deliver: Callable[[Answer], None],
        failed: Callable[[Exception, float], None],
        since_key: Callable[[], float] = lambda: inf,
    ) -> None:
        """`failed` takes the error and the seconds until the next try, 0 while one is under way.

        `since_key` tells how many seconds ago a key was pressed.
        """
        self._plan = plan
        self._deliver = deliver
        self._failed = failed
        self._since_key = since_key
        self._ended = -inf
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._pause = 0.0
        self._retry: asyncio.TimerHandle | None = None
        self._gap: asyncio.TimerHandle | None = None
        self._stopped = False

    @property
    def running(self) -> bool:
        """Say whether the store is being asked, or is about to be."""
        return self._task is not None or self._gap is not None

    def request(self, *, force: bool = False) -> None:
        """Ask the store, or once more after the question under way; `force` ends a pause."""
        if self._stopped:
            return
        if self._retry is not None:
            if not force:
                return
            self._retry.cancel()
            self._retry = None
        if self._task is not None or self._gap is not None:
            self._again = True
            return
        if force:
            self._start()
        else:
            self._start_at_a_good_moment()

    def stop(self) -> None:
        """Ask nothing any more; the answer under way is dropped."""
        self._stopped = True
        for handle in (self._retry, self._gap):
            if handle is not None:
                handle.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._again = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name="refresh")

    async def _run(self) -> None:
        try:
            question = self._plan()
            if question is not None:
                slow = asyncio.get_running_loop().call_later(SLOW, self._is_slow)
                try:
                    answer = await background.read(question)
                finally:
                    slow.cancel()
                self._answered(answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the last good data stays and is called stale
            self._fail(error)
        finally:
            self._task = None
            self._ended = asyncio.get_running_loop().time()
        if self._again and self._retry is None and not self._stopped:
            loop = asyncio.get_running_loop()
            self._gap = loop.call_later(SHORTEST_GAP, self._start_at_a_good_moment)

    def _start_at_a_good_moment(self) -> None:
        """Ask when no key is likely to come while the answer is on its way, or after the longest gap."""
        loop, since = asyncio.get_running_loop(), self._since_key()
        soonest, latest = JUST_AFTER_A_KEY
        waited = loop.time() - self._ended
        if waited < LONGEST_GAP and (since < soonest or latest < since < LONGEST_GAP):
            self._gap = loop.call_later(_LOOKS_EVERY, self._start_at_a_good_moment)
        else:
            self._gap = None
            self._start()

    def _answered(self, answer: Answer) -> None:
        if not self._stopped:
            self._pause = 0.0
            self._deliver(answer)

    def _is_slow(self) -> None:
        if not self._stopped:
            self._failed(StoreUnavailable("the store doesn't answer"), 0.0)

    def _fail(self, error: Exception) -> None:
        if self._stopped:
            return
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._retry = asyncio.get_running_loop().call_later(self._pause, self._try_again)
        self._failed(error, self._pause)

    def _try_again(self) -> None:
        self._retry = None
        self.request()
