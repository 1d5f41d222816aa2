from __future__ import annotations

import asyncio
import threading

import pytest
from board import on_loop

from oncall_tui import background


@on_loop
async def test_leaving_waits_for_a_write_under_way() -> None:
    gate, done = threading.Event(), threading.Event()

    def write() -> None:
        gate.wait(10)
        done.set()

    writing = asyncio.create_task(background.write(write))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    threading.Timer(0.05, gate.set).start()
    assert background.finish_writes(10)
    assert done.is_set()


@on_loop
async def test_a_write_that_hangs_keeps_nobody_from_leaving() -> None:
    gate = threading.Event()
    writing = asyncio.create_task(background.write(lambda: gate.wait(10)))
    await asyncio.sleep(0)
    assert not background.finish_writes(0.01)
    assert background.finish_writes(10), "it is waited for once"
    gate.set()
    assert await writing


@on_loop
async def test_reads_one_after_the_other_need_one_thread() -> None:
    first = await background.read(threading.get_ident)
    assert {await background.read(threading.get_ident) for _ in range(20)} == {first}


@on_loop
async def test_a_read_that_hangs_is_in_nobodys_way() -> None:
    gate = threading.Event()
    hanging = asyncio.create_task(background.read(lambda: gate.wait(10)))
    await asyncio.sleep(0)
    assert await background.read(lambda: "an answer") == "an answer"
    assert not hanging.done()
    gate.set()
    assert await hanging


@on_loop
async def test_what_a_read_raises_is_raised_where_it_is_awaited_and_the_thread_goes_on() -> None:
    def fail() -> None:
        raise LookupError(threading.get_ident())

    with pytest.raises(LookupError) as raised:
        await background.read(fail)
    assert raised.value.args == (await background.read(threading.get_ident),)
