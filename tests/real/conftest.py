"""A telephone and who calls it, and mail servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mail_servers import Exchange, Mailboxes
from telephones import Caller, Telephone


@pytest.fixture
def telephone(tmp_path: Path) -> Iterator[Telephone]:
    """A telephone that rings."""
    started = Telephone(tmp_path / "telephone")
    yield started
    started.stop()


@pytest.fixture
def calls(telephone: Telephone, tmp_path: Path) -> Iterator[Callable[[str], Caller]]:
    """Let somebody call: `calls("gives up")`."""
    callers: list[Caller] = []

    def begin(scenario: str) -> Caller:
        folder = tmp_path / f"caller-{len(callers)}"
        folder.mkdir()
        callers.append(Caller(telephone, scenario, folder))
        return callers[-1]

    yield begin
    for caller in callers:
        caller.stop()


@pytest.fixture
def boxes() -> Iterator[Mailboxes]:
    """Mailboxes for everybody."""
    started = Mailboxes()
    yield started
    started.stop()


@pytest.fixture
def exchange(boxes: Mailboxes) -> Iterator[Exchange]:
    """A server that brings mail into them."""
    started = Exchange(boxes)
    yield started
    started.stop()
