"""A night on which everybody rings at once, and telephone systems that repeat and contradict themselves."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from oncall_tui.desk import Desk
from oncall_tui.domain.errors import Conflict

CALLS = 1000
TELEPHONES = 8
PICKED = 50

AT_A_DESK = """
import json, sys
from datetime import UTC, datetime
from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.errors import Conflict

url, name = sys.argv[1:]
desk = open_desk(url, load_settings(None, {}).offer, name, clock=lambda: datetime.now(UTC))
events = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
won, told = [], []
for kind, call in events:
    if kind == "ring":
        desk.calls.ring(f"+4122555{call:04}", external_id=f"pbx-{call}")
    elif kind == "hang up":
        desk.calls.hang_up(f"pbx-{call}")
    else:
        try:
            won.append(desk.calls.pick_up(call).ref)
        except Conflict as conflict:
            told.append([call, conflict.message])
desk.close()
print(json.dumps([won, told]))
"""


def at_desks(url: str, work: dict[str, Sequence[tuple[str, Any]]]) -> dict[str, Any]:
    """Let each desk do its part at the same time as the others, and return what each says."""
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", AT_A_DESK, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in work
    }
    for name, process in processes.items():
        assert process.stdin is not None
        process.stdin.write(json.dumps(work[name]) + "\n")
        process.stdin.flush()
    for process in processes.values():
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes.values():
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return {name: json.loads(process.communicate(timeout=200)[0]) for name, process in processes.items()}


def rows(desk: Desk, query: str) -> list[Any]:
    with desk.store.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


RECORDED = (
    "SELECT external_id, number, calls.operator, hung_up_at IS NOT NULL,"
    " count(call_records.id), min(decision) FROM calls LEFT JOIN call_records ON call_id = calls.id"
    " GROUP BY external_id, number, calls.operator, hung_up_at"
)


def test_a_thousand_calls_that_ring_at_once_are_each_recorded_once(desk: Desk, database_url: str) -> None:
    work: dict[str, list[tuple[str, int]]] = {f"telephone {number}": [] for number in range(TELEPHONES)}
    names = list(work)
    for call in range(CALLS):
        # A quarter goes on; the others end, which is told twice, by another telephone at any time, or before
        # the ring is.
        one, other = work[names[call % TELEPHONES]], work[names[(call * 3 + 1) % TELEPHONES]]
        ends = ("hang up", call)
        match call % 4:
            case 1:
                one += [("ring", call), ends, ends]
                other.append(("ring", call))
            case 2:
                one.append(("ring", call))
                other.append(ends)
            case 3:
                one += [ends, ("ring", call), ends]
                other.append(("ring", call))
            case _:
                one.append(("ring", call))
    at_desks(database_url, work)
    found = {external_id: rest for external_id, *rest in rows(desk, RECORDED)}
    assert len(found) == CALLS
    for call in range(CALLS):
        ended = call % 4 != 0
        number, operator, hung_up, records, decision = found[f"pbx-{call}"]
        assert (number, operator) == (f"+4122555{call:04}", None)
        assert (bool(hung_up), records, decision) == ((True, 1, "missed") if ended else (False, 0, None))
    assert len(desk.calls.open()) == CALLS // 4
    assert desk.audit.verify().holds


def test_of_two_desks_exactly_one_gets_each_call(desk: Desk, database_url: str) -> None:
    refs = [desk.calls.ring("", external_id=f"pbx-{number}").ref for number in range(PICKED)]
    picks = [("pick up", ref) for ref in refs]
    outcome = at_desks(database_url, {"Marc": picks, "Nora": picks[::-1]})
    winners = {ref: name for name, (won, _) in outcome.items() for ref in won}
    assert Counter(ref for won, _ in outcome.values() for ref in won) == Counter(refs)
    for _, told in outcome.values():
        for ref, message in told:
            assert message.startswith(f"{winners[ref]} picked {ref} up at ")
    assert {call.ref: call.operator for call in desk.calls.open()} == winners
    picked = "SELECT call_id, count(*) FROM call_steps WHERE step = 'picked_up' GROUP BY call_id"
    assert [count for _, count in rows(desk, picked)] == [1] * PICKED


_names = itertools.count(1)
EVENTS = ("ring", "hang up", "pick up", "hang up elsewhere")


def told(desk: Desk, other: Desk, events: Sequence[str]) -> tuple[Any, ...]:
    """Tell of one call, and return what is known of it in the end: call, records, what came first."""
    name = f"pbx-{next(_names)}"
    for event in events:
        if event == "ring":
            desk.calls.ring("022 555 01 40", called="0800", external_id=name)
        elif event == "hang up":
            desk.calls.hang_up(name)
        elif event == "hang up elsewhere":
            desk.calls.hang_up(name, elsewhere=True)
        else:
            found = rows(desk, f"SELECT ref FROM calls WHERE external_id = '{name}'")
            for (ref,) in found:
                with suppress(Conflict):
                    other.calls.pick_up(ref)
    found = rows(
        desk,
        "SELECT number, e164, called, calls.operator, hung_up_at IS NOT NULL, recorded_at IS NOT NULL,"
        f" decision FROM calls LEFT JOIN call_records ON call_id = calls.id WHERE external_id = '{name}'",
    )
    assert len(found) <= 1
    return found[0] if found else ()


def expected(events: Sequence[str]) -> tuple[Any, ...]:
    """Return what a call comes to: whether it is missed is decided by whichever came first."""
    there = picked = ended = missed = rang = False
    for event in events:
        there = there or event != "pick up"
        rang = rang or event == "ring"
        if event == "pick up":
            picked = picked or (there and not ended)
        elif event == "hang up" or (event == "hang up elsewhere" and not picked):
            missed = missed or (not ended and not picked)
            ended = True
    if not there:
        return ()
    number = ("022 555 01 40", "+41225550140", "0800") if rang else ("", "", "")
    return (*number, "Marc" if picked else None, ended, missed, "missed" if missed else None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.sampled_from(EVENTS), max_size=8))
@example(events=["hang up", "ring", "pick up", "ring", "hang up"])
@example(events=["ring", "pick up", "hang up elsewhere", "ring", "hang up"])
def test_whatever_is_told_in_whatever_order_a_call_has_one_end(
    desk: Desk, open_as: Callable[..., Desk], events: list[str]
) -> None:
    marc = _marc(open_as)
    assert told(desk, marc, events) == expected(events)


@pytest.mark.parametrize("repeats", [1, 2])
def test_a_ring_and_its_end_come_to_the_same_in_any_order(desk: Desk, repeats: int) -> None:
    orders = set(itertools.permutations(["ring", "hang up"] * repeats))
    ends = {told(desk, desk, order) for order in orders}
    assert ends == {expected(["ring", "hang up"])}


_desks: dict[Any, Desk] = {}


def _marc(open_as: Callable[..., Desk]) -> Desk:
    """Return one desk for all the examples of a test."""
    if open_as not in _desks:
        _desks.clear()
        _desks[open_as] = open_as("Marc")
    return _desks[open_as]
