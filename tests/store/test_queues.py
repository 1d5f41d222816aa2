"""How the first page is read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from support import NOW

from oncall_tui.domain.queue import Order, queue_named
from oncall_tui.store import queues
from oncall_tui.store.engine import Store

BY_ITSELF = [order for order in Order if order is not Order.OPENING]


@pytest.mark.parametrize(
    ("name", "order"), [*(("all", order) for order in BY_ITSELF), ("pro", Order.DUE), ("pro", Order.PLAN)]
)
def test_the_first_page_is_read_from_an_index_and_sorts_nothing(
    sqlite_url: str, name: str, order: Order
) -> None:
    store = Store.open(sqlite_url)
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with store.connect() as connection:
        queues.page(connection, queue_named(name), "Léa", NOW, limit=60, order=order)
        pages = [each for each in asked if "FROM tickets" in each[0]]
        plans = [
            row.detail
            for statement, values in pages
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    store.close()
    assert pages
    assert not [step for step in plans if "TEMP B-TREE" in step]
    assert [step for step in plans if "tickets USING INDEX" in step] == [
        step for step in plans if "tickets" in step
    ]
