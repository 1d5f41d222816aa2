from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from board import on_loop

from oncall_tui import refresher
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.refresher import Refresher


class Asked:
    """A store whose answers are let go one by one, and who was told what."""

    def __init__(self) -> None:
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.gate = threading.Semaphore(0)
        self.error: Exception | None = None
        self.answers: list[int] = []
        self.failures: list[float] = []
        self.changed = asyncio.Event()
        self.refresher = Refresher(self.plan, self.deliver, self.failed)

    def plan(self) -> Callable[[], int]:
        self.asked += 1
        number = self.asked

        def ask() -> int:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.gate.acquire(timeout=10)
            self.at_once -= 1
            if self.error is not None:
                raise self.error
            return number

        return ask

    def deliver(self, answer: int) -> None:
        self.answers.append(answer)
        self.changed.set()

    def failed(self, _error: Exception, pause: float) -> None:
        self.failures.append(pause)
        self.changed.set()

    async def next_change(self) -> None:
        async with asyncio.timeout(10):
            await self.changed.wait()
        self.changed.clear()


@on_loop
async def test_it_never_asks_twice_at_once_and_forgets_no_request() -> None:
    store = Asked()
    for _ in range(5):
        store.refresher.request()
    await asyncio.sleep(0)
    store.refresher.request()
    store.gate.release()
    await store.next_change()
    assert store.answers == [1]
    store.gate.release()
    await store.next_change()
    assert store.answers == [1, 2]
    assert not store.refresher.running
    assert store.most_at_once == 1


@on_loop
async def test_after_a_failure_it_asks_again_by_itself_with_growing_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refresher, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(refresher, "LONGEST_PAUSE", 0.04)
    store = Asked()
    store.error = StoreUnavailable("gone")
    store.refresher.request()
    for _ in range(4):
        store.gate.release()
        await store.next_change()
    assert store.failures == [0.01, 0.02, 0.04, 0.04]
    store.error = None
    store.gate.release()
    await store.next_change()
    assert len(store.answers) == 1
    store.error = StoreUnavailable("gone again")
    store.refresher.request()
    store.gate.release()
    await store.next_change()
    assert store.failures[-1] == 0.01
    store.refresher.stop()


@on_loop
async def test_a_pause_holds_requests_back_but_not_one_that_is_forced() -> None:
    store = Asked()
    store.error = StoreUnavailable("gone")
    store.refresher.request()
    store.gate.release()
    await store.next_change()
    store.refresher.request()
    await asyncio.sleep(0)
    assert store.asked == 1
    store.error = None
    store.refresher.request(force=True)
    store.gate.release()
    await store.next_change()
    assert store.answers == [2]


@on_loop
async def test_nothing_is_delivered_after_it_was_stopped() -> None:
    store = Asked()
    store.refresher.request()
    await asyncio.sleep(0)
    store.refresher.stop()
    store.gate.release()
    await asyncio.sleep(0.05)
    assert store.answers == []
    store.refresher.request(force=True)
    assert store.asked == 1


@on_loop
async def test_a_store_that_hangs_is_told_and_its_late_answer_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refresher, "SLOW", 0.02)
    store = Asked()
    store.refresher.request()
    await store.next_change()
    assert (store.failures, store.answers) == ([0.0], [])
    assert store.refresher.running
    store.gate.release()
    await store.next_change()
    assert (store.failures, store.answers) == ([0.0], [1])
    store.refresher.stop()


@on_loop
async def test_while_somebody_types_it_asks_just_after_a_key_and_when_told_to_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refresher, "LONGEST_GAP", 60.0)
    store, since = Asked(), [1e9]
    store.refresher = Refresher(store.plan, store.deliver, store.failed, lambda: since[0])
    store.gate.release(10)
    store.refresher.request()
    await store.next_change()
    since[0] = 0.0
    store.refresher.request()
    await asyncio.sleep(0)
    assert store.asked == 1, "the frame of the key isn't out yet"
    assert store.refresher.running, "but it will ask"
    since[0] = sum(refresher.JUST_AFTER_A_KEY) / 2
    await store.next_change()
    assert store.answers == [1, 2]
    since[0] = 0.0
    store.refresher.request(force=True)
    await store.next_change()
    assert store.answers == [1, 2, 3]
