"""The log of calls: 200 000 calls against 200, for whatever the screen asks of it.

- open: the newest page with the open calls and the counts of the shift, as the screen reads it;
- each kind of filter, and an organisation by its words and by its number: the newest page that fits;
- page: the one after a place in the middle, the one before it, and the oldest;
- detail: a call with its steps and records; counts: those of the shift alone.

Both logs have the same organisations, engineers and pace, one call in ten minutes, so that every page holds
as many lines. Each figure is the shortest of many interleaved rounds. On SQLite each has its bound; what
PostgreSQL does stands below, without.
ONCALL_BENCH_SHORT=1 takes fewer calls, for a look.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from figures import best_of_interleaved, exit_status, figure, heading
from servers import postgresql

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.call_filters import CallFilter
from oncall_tui.domain.clock import to_micros
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.store import customers
from oncall_tui.store.rows import add

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
MANY, FEW = (20_000, 200) if SHORT else (200_000, 200)
ROUNDS = 9 if SHORT else 60
ORGANISATIONS = 400
LINES = 50
"""Calls of a page."""

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
PACE = timedelta(minutes=10)
ENGINEERS = ("Léa", "Marc", "Nora")
BATCH = 20_000

FILTERS = (
    "language:fr",
    "language:fr,en",
    "decision:refused",
    "reason:other_language",
    "engineer:me",
    "engineer:marc,nora",
    "day:yesterday",
    "!decision:refused",
    "société 0 genève",
    "+41 22 555 00 00",
    "decision:refused language:de",
    "nobody",
)

CALL = (
    "id", "ref", "external_id", "origin", "number", "e164", "called", "rang_at", "operator", "picked_up_at",
    "hung_up_at", "recorded_at", "revision",
)  # fmt: skip
STEP = ("call_id", "at", "operator", "workstation", "step", "value")
RECORD = (
    "id", "call_id", "at", "rang_at", "operator", "workstation", "decision", "reason", "rule", "language",
    "customer", "customer_name", "plan", "person", "proof", "service", "infrastructure", "summary", "said_fr",
    "said_en", "next_step", "ticket_id", "ticket", "due_at", "alert", "corrects", "corrected_by", "why",
    "revision",
)  # fmt: skip


def filled(url: str, calls: int) -> Desk:
    """Return a desk on the database at `url` with so many calls in its log."""
    desk = open_desk(url, load_settings(None, {}).offer, "Léa", clock=lambda: NOW)
    with desk.store.begin() as tx:
        customers.add(tx, [(organisation(number), None) for number in range(ORGANISATIONS)])
    for begin in range(1, calls + 1, BATCH):
        numbers = range(begin, min(begin + BATCH, calls + 1))
        with desk.store.begin(bulk=True) as tx:
            add(tx, "calls", CALL, (call(number, calls) for number in numbers))
            add(tx, "call_steps", STEP, (each for number in numbers for each in steps(number, calls)))
            add(tx, "call_records", RECORD, (record(number, calls) for number in numbers))
    if desk.store.dialect == "postgresql":
        # What its autovacuum does by itself a minute later; nobody does it on SQLite.
        with desk.store.begin() as tx:
            tx.connection.exec_driver_sql("ANALYZE")
    return desk


def organisation(number: int) -> Customer:
    people = (Contact("Anne Rochat", "", f"+41 22 555 {number // 100:02} {number % 100:02}"),)
    return Customer(f"c{number}", f"Société {number} Genève", Plan.PRO, contacts=people)


def rang(number: int, calls: int) -> int:
    return to_micros(NOW - PACE * (calls - number))


def decision(number: int) -> str:
    """Half of the calls are refused, and one in eight is missed."""
    return ("accepted", "refused", "accepted", "refused", "accepted", "refused", "missed", "refused")[
        number % 8
    ]


def call(number: int, calls: int) -> tuple[object, ...]:
    at = rang(number, calls)
    picked = None if decision(number) == "missed" else at
    operator = None if picked is None else ENGINEERS[number % 3]
    own = f"C-{number:06}", f"x{number}", "telephone", "+41 22 555 00 00", "+41225550000", ""
    return (number, *own, at, operator, picked, at, at, 1)


def steps(number: int, calls: int) -> Iterator[tuple[object, ...]]:
    at = rang(number, calls)
    for step, value in (("rang", "{}"), ("picked_up", "{}"), ("language", '{"language": "fr"}')):
        yield number, at, ENGINEERS[number % 3], "desk", step, value


def record(number: int, calls: int) -> tuple[object, ...]:
    at, what = rang(number, calls), decision(number)
    reason = ("other_language", "not_infrastructure")[number // 2 % 2] if what == "refused" else ""
    language = (
        "" if what == "missed" else "de" if reason == "other_language" else ("fr", "en")[number // 4 % 2]
    )
    who = 0 if number % 4 == 1 else 1 + number % (ORGANISATIONS - 1)
    return (
        number, number, at, at, "" if what == "missed" else ENGINEERS[number % 3], "desk", what, reason,
        "" if what == "missed" else "R11", language, f"c{who}", f"Société {who} Genève", "pro", "Anne Rochat",
        "", "Mail", None, "Mail is down", "Bonjour", "Hello", "write", None,
        f"T-{number:06}" if what == "accepted" else "", None, "", None, "", "", 1,
    )  # fmt: skip


def questions(desk: Desk, calls: int) -> dict[str, Callable[[], object]]:
    """Return what is asked of the log, by its name."""
    log = desk.call_log
    page = log.page(limit=min(calls // 2, 1_000)).lines
    middle = page[-1].cursor

    def filtered(text: str) -> Callable[[], object]:
        return lambda: log.page(CallFilter.parse(text), limit=LINES)

    return {
        "open": lambda: (log.page(limit=LINES), log.counts()),
        **{f"filter {text}": filtered(text) for text in FILTERS},
        "the page after": lambda: log.page(after=middle, limit=LINES),
        "the page before": lambda: log.page(before=middle, limit=LINES),
        "the oldest page": lambda: log.oldest(limit=LINES),
        "detail": lambda: log.detail("C-000100"),
        "counts": log.counts,
    }


def compared(urls: Sequence[str], at_most: float | None) -> None:
    """Print a figure for each question, asked of a long log and of a short one at those URLs."""
    many, few = (filled(url, calls) for url, calls in zip(urls, (MANY, FEW), strict=True))
    of_few = questions(few, FEW)
    heading(f"{MANY:,}", f"{FEW:,}")
    for name, ask in questions(many, MANY).items():
        best = best_of_interleaved({"many": ask, "few": of_few[name]}, ROUNDS)
        figure(name, best["many"] * 1e3, best["few"] * 1e3, "ms", at_most=at_most)
    many.close()
    few.close()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        print("SQLite")
        compared([f"sqlite:///{folder}/{calls}.db" for calls in (MANY, FEW)], at_most=1.3)
    with postgresql() as url:
        print("PostgreSQL")
        compared([database(url, f"calls_{calls}") for calls in (MANY, FEW)], at_most=None)
    return exit_status()


def database(url: str, name: str) -> str:
    """Make a database of that name on the server at `url` and return its own URL."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if __name__ == "__main__":
    sys.exit(main())
