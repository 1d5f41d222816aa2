"""The same call at two workstations at once, also under one name: it has one outcome, and one ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from logged import picked_up
from sqlalchemy import text
from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.calls import Step
from oncall_tui.domain.errors import OncallError
from oncall_tui.translation import spoken

ROUNDS = 6
LEMAN = {"customer": "leman", "name": "Banque du Léman"}


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do `acts` at the same time, and return what each came to: empty, or what was refused."""
    begin = Barrier(len(acts))

    def act(one: Callable[[], object]) -> str:
        begin.wait()
        try:
            one()
        except OncallError as error:
            return error.message
        return ""

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def counted(desk: Desk, query: str, ref: str) -> int:
    with desk.store.connect() as connection:
        return int(connection.scalar(text(query), {"ref": ref}) or 0)


RECORDS = "SELECT count(*) FROM call_records JOIN calls ON calls.id = call_id WHERE ref = :ref"
STEPS = "SELECT count(*) FROM call_steps JOIN calls ON calls.id = call_id WHERE ref = :ref AND step = '{}'"
TICKETS = "SELECT count(*) FROM tickets WHERE channel = 'emergency'"


def ready(desk: Desk) -> str:
    ref = picked_up(desk).ref
    proof = {"outcome": "verified", "proof": "approval", "by": "Nora"} | LEMAN
    desk.calls.answer(ref, Step.CODE, proof)
    desk.calls.answer(ref, Step.LANGUAGE, {"language": "fr"})
    for step in (Step.INFRASTRUCTURE, Step.NEEDS_US, Step.SERVICE):
        desk.calls.answer(ref, step, {"answer": "yes"})
    return ref


@pytest.mark.parametrize("others", ["Léa", "Marc"])
def test_a_call_that_is_recorded_twice_at_once_has_one_record_and_one_ticket(
    open_as: Callable[..., Desk], others: str
) -> None:
    lea, again = open_as("Léa"), open_as(others)
    for done in range(1, ROUNDS + 1):
        ref = ready(lea)
        acts = [lambda desk=desk, ref=ref: desk.calls.record(ref, spoken) for desk in (lea, again)]
        said = at_once(*acts, lambda ref=ref: lea.calls.hang_up(ref))
        assert Counter(bool(each) for each in said[:2]) == {False: 1, True: 1}, said
        assert counted(lea, RECORDS, ref) == counted(lea, STEPS.format("recorded"), ref) == 1
        assert counted(lea, TICKETS, ref) == done
    assert lea.audit.verify().holds


def test_a_call_that_is_taken_over_while_it_is_answered_has_only_answers_of_who_had_it(
    open_as: Callable[..., Desk],
) -> None:
    lea, marc = open_as("Léa"), open_as("Marc")
    for _ in range(ROUNDS):
        ref = picked_up(lea).ref
        said = at_once(
            lambda ref=ref: lea.calls.answer(ref, Step.LANGUAGE, {"language": "de"}),
            lambda ref=ref: marc.calls.take_over(ref),
            lambda ref=ref: lea.calls.record(ref, spoken),
        )
        steps = lea.calls.triage(ref).steps
        holder = ""
        for each in steps:
            holder = each.operator if each.step in (Step.PICKED_UP, Step.TAKEN_OVER) else holder
            assert each.operator == holder or each.step is Step.RANG, (said, steps)
        assert len(lea.calls.records(ref)) == (0 if lea.calls.get(ref).open else 1)


def test_a_call_is_either_missed_or_picked_up(open_as: Callable[..., Desk], clock: HandClock) -> None:
    lea, marc = open_as("Léa"), open_as("Marc")
    for number in range(ROUNDS):
        ring = lea.calls.ring("", external_id=f"pbx-{number}")
        clock.now += timedelta(minutes=3)
        at_once(
            lambda ref=ring.ref: marc.calls.pick_up(ref),
            lea.calls.miss_unanswered,
            lambda name=ring.external_id: lea.calls.hang_up(name),
            marc.calls.miss_unanswered,
        )
        call = lea.calls.get(ring.ref)
        assert call.open == (call.operator == "Marc")
        assert counted(lea, RECORDS, ring.ref) == (0 if call.open else 1)


def test_two_corrections_at_once_follow_each_other(open_as: Callable[..., Desk]) -> None:
    from oncall_tui.domain.call_log import Field

    lea, marc = open_as("Léa"), open_as("Marc")
    for _ in range(ROUNDS):
        ref = picked_up(lea).ref
        lea.calls.answer(ref, Step.LANGUAGE, {"language": "de"})
        first = lea.calls.record(ref, spoken)
        acts = [
            lambda desk=desk, ref=ref, looked=first.id: desk.call_log.correct(
                ref, {Field.PERSON: desk.operator}, "x", record=looked
            )
            for desk in (lea, marc)
        ]
        said = at_once(*acts)
        assert sorted(bool(each) for each in said) == [False, True]
        at_once(
            *(
                lambda desk=desk, ref=ref: desk.call_log.correct(ref, {Field.SUMMARY: desk.operator}, "y")
                for desk in (lea, marc)
            )
        )
        records = lea.calls.records(ref)
        assert len(records) == 4
        assert [each.corrects for each in records] == [None, *(each.id for each in records[:-1])]
