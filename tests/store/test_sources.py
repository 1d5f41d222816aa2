"""One desk at a time pulls from a source, and what it stored stands with its cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall_tui.store import sources
from oncall_tui.store.engine import Store

NOW = datetime(2026, 3, 30, 3, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def test_one_desk_at_a_time_holds_a_source(store: Store) -> None:
    with store.begin() as tx:
        lease = sources.hold(tx, "support", "mailbox", "mail.example", "Léa", NOW, LATER)
        assert lease is not None
        assert lease.cursor == ""
    with store.begin() as tx:
        assert sources.hold(tx, "support", "mailbox", "mail.example", "Marc", NOW, LATER) is None
        assert sources.hold(tx, "support", "mailbox", "mail.example", "Léa", NOW, LATER) is not None
    with store.begin() as tx:
        assert sources.advance(tx, "support", "Léa", "7:42", lag=timedelta(seconds=1.5))
    with store.begin() as tx:
        taken_over = sources.hold(tx, "support", "mailbox", "mail.example", "Marc", LATER, LATER)
        assert taken_over is not None
        assert taken_over.cursor == "7:42"
        assert not sources.advance(tx, "support", "Léa", "7:43"), "who lost it can't go on"


def test_how_a_source_does_is_seen_by_every_desk(store: Store) -> None:
    with store.begin() as tx:
        sources.hold(tx, "support", "mailbox", "mail.example", "Léa", NOW, LATER)
        sources.advance(tx, "support", "Léa", "7:42", done=500, total=10_000, lag=timedelta(seconds=1.5))
    with store.connect() as connection:
        [health] = sources.health(connection, NOW)
        [later] = sources.health(connection, LATER)
    assert (later.done, later.total, later.holder) == (0, 0, ""), "who read has died"
    assert (health.done, health.total, health.lag, health.holder) == (500, 10_000, 1.5, "Léa")
    with store.begin() as tx:
        sources.went_wrong(tx, "support", "connection refused", LATER, None)
        sources.let_go(tx, "support", "Léa")
    with store.connect() as connection:
        [health] = sources.health(connection, LATER)
    assert health.fails
    assert (health.error, health.failed_at, health.holder, health.total) == (
        "connection refused",
        LATER,
        "",
        0,
    )
    with store.begin() as tx:
        sources.went_well(tx, "support", LATER, None)
    with store.connect() as connection:
        assert not sources.health(connection, LATER)[0].fails
