"""What a card costs doesn't grow with the tickets of everybody else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, text

from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.store import customers


def test_every_read_of_a_card_goes_by_an_index(sqlite_url: str, clock: Any) -> None:
    desk = open_desk(sqlite_url, load_settings(None, {}).offer, "Léa", clock=clock)
    with desk.store.begin() as tx:
        customers.add(tx, [(Customer("leman", "Banque du Léman", Plan.PRO), None)])
    asked: list[tuple[str, Any]] = []
    event.listen(
        desk.store.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)),
    )
    desk.customers.card("leman")
    selects = [(statement, values) for statement, values in asked if statement.startswith("SELECT")]
    with desk.store.connect() as connection:
        plans = [
            row.detail
            for statement, values in selects
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        indexes = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'index'")).all()
    desk.close()
    assert "ix_tickets_calls" in indexes
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
    assert any("ix_tickets_calls" in plan for plan in plans)
    assert any("ix_tickets_customer_id" in plan for plan in plans)
