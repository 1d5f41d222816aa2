"""What is fetched ahead: in order, with what goes wrong, and not any more once nobody wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from oncall_tui.sources.ahead import ahead


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "oncall-ahead"]


def test_everything_comes_in_its_order() -> None:
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert list(ahead(iter(()))) == []
    assert threads() == []


def test_what_goes_wrong_comes_after_what_went_well() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ConnectionResetError("gone")

    found: list[int] = []
    with pytest.raises(ConnectionResetError, match="gone"):
        found.extend(ahead(failing()))
    assert found == [1]
    assert threads() == []


def test_the_next_is_made_while_this_one_is_used() -> None:
    second = threading.Event()

    def making() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    for item in ahead(making()):
        assert second.wait(10), item


def test_nothing_is_made_any_more_once_it_is_closed() -> None:
    made: list[int] = []

    def making() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    with closing(ahead(making())) as coming:
        assert next(coming) == 0
    assert threads() == []
    assert len(made) <= 5
