"""A database that goes back under open desks: what comes then is told all the same. The way is SQLite's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from oncall_tui.desk import Desk
from oncall_tui.domain.alerts import Kind
from oncall_tui.domain.tickets import Channel as Via


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_a_database_that_is_put_back_under_an_open_desk_is_looked_at_from_there(
    desk: Desk, open_as: Callable[..., Desk], tmp_path: Path
) -> None:
    """`.restore` of SQLite, like a server's, writes into the database that the desks have open."""
    filed = desk.tickets.new(customer="leman", channel=Via.EMERGENCY, subject="Mail")
    desk.alerts.evaluate()
    open_file, backup = sqlite3.connect(tmp_path / "oncall.db"), sqlite3.connect(":memory:")
    with closing(open_file) as there, closing(backup) as kept:
        there.backup(kept)
        for _ in range(5):
            desk.tickets.note(filed.id, "busy")
        desk.alerts.evaluate()
        kept.backup(there)
    open_as("Marc").tickets.hand_over(filed.id, "Léa")
    desk.alerts.evaluate()
    assert [alert.kind for alert in desk.alerts.page(9)] == [Kind.HANDED_OVER]
