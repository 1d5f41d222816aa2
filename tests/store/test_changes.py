"""The signal: somebody committed something."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.store.changes import signal
from oncall_tui.store.engine import Store


def test_a_commit_by_another_store_is_told_and_a_quiet_time_is_not(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    changes = signal(store)
    assert changes.wait(5), "the first look can't know what it missed"
    assert not changes.wait(0.3)
    with other.begin():
        pass
    assert changes.wait(5)
    assert not changes.wait(0.3)
    changes.close()
    other.close()


def test_a_write_that_was_rolled_back_is_not_told(store: Store) -> None:
    changes = signal(store)
    changes.wait(5)
    with pytest.raises(RuntimeError), store.begin():
        raise RuntimeError
    assert not changes.wait(0.3)
    changes.close()


def test_closing_ends_a_wait(store: Store) -> None:
    changes = signal(store)
    changes.wait(5)
    told: list[bool] = []
    waiter = threading.Thread(target=lambda: told.append(changes.wait(60)))
    waiter.start()
    changes.close()
    waiter.join(5)
    assert told == [False]


def test_a_lost_connection_is_said_and_the_next_wait_reads_anew(postgresql_url: str) -> None:
    store = Store.open(postgresql_url)
    changes = signal(store)
    assert changes.wait(5)
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'oncall-tui changes'"
        )
    deadline = time.monotonic() + 10
    with pytest.raises(StoreUnavailable, match="can't be reached"):
        while time.monotonic() < deadline:
            changes.wait(0.5)
    assert changes.wait(5), "what was committed in between would be lost otherwise"
    changes.close()
    store.close()
