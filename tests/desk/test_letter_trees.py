"""Conversations of any shape, in batches of any size, read again as often as it comes: each mail once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letters import HOLDER, hold, letter
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.correspondence import Batch, Letter, LetterKind
from oncall_tui.store import customers

_examples = itertools.count(1)


@pytest.fixture(scope="module")
def lasting_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for all examples: each has mails of its own."""
    path: Path = tmp_path_factory.mktemp("letters") / "oncall.db"
    offer = load_settings(None, {}).offer
    opened = open_desk(f"sqlite:///{path}", offer, "Léa", clock=HandClock())
    with opened.store.begin() as tx:
        customers.add(tx, [(each, None) for each in CUSTOMERS])
    yield opened
    opened.close()


@st.composite
def conversations(draw: st.DrawFn) -> list[Letter]:
    """Mails in the order in which they came in, each a new one or one that answers some before it."""
    example = next(_examples)
    found: list[Letter] = []
    for place in range(draw(st.integers(1, 12))):
        answered = draw(st.lists(st.sampled_from(found), max_size=3)) if found else []
        one = letter(
            key=f"{example}:{place}",
            message_id=f"<{example}.{place}@customer.example>",
            answers=tuple(each.message_id for each in answered),
            kind=draw(st.sampled_from([LetterKind.REQUEST, LetterKind.REQUEST, LetterKind.AUTOMATIC])),
            received_at=NOW - timedelta(minutes=60 - place),
            text=f"{example}.{place}",
        )
        found.append(one)
    return found


def batches(found: list[Letter], sizes: list[int]) -> Iterator[tuple[Letter, ...]]:
    left = list(found)
    for size in itertools.chain(sizes, itertools.repeat(len(found))):
        if not left:
            return
        yield tuple(left[:size])
        left = left[size:]


def expected(found: list[Letter]) -> dict[str, str | None]:
    """Where each mail belongs: the text of the mail that its ticket was made of, None for no ticket."""
    home: dict[str, str | None] = {}
    for one in found:
        answered = (home[each] for each in one.answers)
        joined = next((each for each in answered if each is not None), None)
        home[one.message_id] = joined or (one.text if one.kind is LetterKind.REQUEST else None)
    return home


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conversations(), st.lists(st.integers(1, 5), max_size=6), st.integers(0, 5), st.booleans())
def test_each_mail_stands_once_where_it_belongs(
    lasting_desk: Desk, found: list[Letter], sizes: list[int], overlap: int, anew: bool
) -> None:
    desk = lasting_desk
    hold(desk)
    home = expected(found)
    number = {"created": 0, "joined": 0, "recorded": 0}
    before: tuple[Letter, ...] = ()
    for part in batches(found, sizes):
        # What a program that was killed had stored is read again.
        again = before[len(before) - overlap :] if overlap else ()
        taken = desk.letters.take_in("support", HOLDER, Batch("c", again + part))
        assert taken.known == len(again)
        number = {name: count + getattr(taken, name) for name, count in number.items()}
        before = part
    if anew:
        # The server has numbered its mails anew.
        renamed = tuple(replace(one, key=f"anew/{one.key}") for one in found)
        assert desk.letters.take_in("support", HOLDER, Batch("c", renamed)).known == len(found)
    assert desk.letters.take_in("support", HOLDER, Batch("c", tuple(found))).known == len(found)
    roots = {one.text for one in found if home[one.message_id] == one.text}
    assert number["created"] == len(roots)
    assert number["recorded"] == sum(each is None for each in home.values())
    assert sum(number.values()) == len(found)
    with desk.store.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT letters.message_id, tickets.body, COALESCE(messages.text, tickets.body)"
            " FROM letters LEFT JOIN tickets ON tickets.id = letters.ticket_id"
            " LEFT JOIN messages ON messages.id = letters.line_id"
        )
        stored = {row[0]: (row[1], row[2]) for row in rows if row[0] in home}
        lines = connection.exec_driver_sql("SELECT text, count(*) FROM messages GROUP BY text")
        often = dict(lines.all())  # type: ignore[arg-type]
    assert {one: body for one, (body, _) in stored.items()} == home
    for one in found:
        if home[one.message_id] is not None:
            assert stored[one.message_id][1] == one.text
            assert often.get(one.text, 0) == (0 if one.text in roots else 1)
