"""The log of calls on a real store: what stands in it, what is found, and how it is corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from logged import accepted, missed, picked_up, refused
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.desk.call_log import CallLogDesk
from oncall_tui.domain.call_export import csv_rows, jsonl
from oncall_tui.domain.call_filters import CallFilter, Organisation, Seen
from oncall_tui.domain.call_log import Field, LogLine
from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import Caller, CodeKind
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.store import customers
from oncall_tui.translation import spoken


@pytest.fixture
def line(open_as: Callable[..., Desk], clock: HandClock) -> Desk:
    """Léa's desk, with a night of calls an hour apart."""
    lea, marc = open_as("Léa"), open_as("Marc")
    with lea.store.begin() as tx:
        known = Customer(
            "valmont", "Clinique Valmont", Plan.PRO, contacts=(Contact("X", "", "044 555 04 01"),)
        )
        customers.add(tx, [(known, None)])
    clock.advance(hours=-30)
    accepted(lea)
    clock.advance(hours=10)
    refused(marc)
    clock.advance(hours=10)
    refused(lea, language="en", who="moret", name="Fromagerie Moret")
    clock.advance(hours=9)
    missed(marc)
    accepted(marc, language="en", summary="Mail stuck")
    clock.advance(hours=1)
    return lea


def refs(lines: object) -> list[str]:
    return [each.call.ref for each in lines]  # type: ignore[attr-defined]


def found(desk: Desk, text: str) -> list[LogLine]:
    page = desk.call_log.page(CallFilter.parse(text))
    return [*page.open, *page.lines]


def told(lines: list[LogLine]) -> list[tuple[str, str, str]]:
    return [
        (line.known.customer or "?", line.decision.value if line.decision else "open", line.operator)
        for line in lines
    ]


ALL = [
    ("leman", "accepted", "Marc"),
    ("valmont", "missed", ""),
    ("moret", "refused", "Léa"),
    ("?", "refused", "Marc"),
    ("leman", "accepted", "Léa"),
]


def test_the_log_has_every_call_the_newest_first(line: Desk) -> None:
    assert told(found(line, "")) == ALL


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("language:fr", [4]),
        ("language:fr,en", [0, 2, 4]),
        ("language:de", [3]),
        ("language:other", [3]),
        ("language:none", [1]),
        ("!language:other", [0, 1, 2, 4]),
        ("decision:accepted", [0, 4]),
        ("decision:accepted,missed", [0, 1, 4]),
        ("reason:other", [3]),
        ("reason:other,not", [2, 3]),
        ("!reason:other", [0, 1, 2, 4]),
        ("engineer:me", [2, 4]),
        ("engineer:lea,marc", [0, 2, 3, 4]),
        ("engineer:none", [1]),
        ("day:today", [0, 1]),
        ("day:yesterday", [2, 3]),
        ("day:2026-03-25", [4]),
        ("day:2026-03-25,today", [0, 1, 4]),
        ("!day:today", [2, 3, 4]),
        ("day:today day:yesterday", []),
        ("leman", [0, 4]),
        ("banque léman", [0, 4]),
        ("l", [0, 1, 4]),
        ("044 555 04 01", [1]),
        ("5550401", [1]),
        ("!leman", [1, 2, 3]),
        ("leman language:en engineer:marc day:today", [0]),
        ("nobody", []),
        ("language:fr decision:missed", []),
    ],
)
def test_a_filter_finds_the_calls_that_fit(line: Desk, text: str, places: list[int]) -> None:
    everything = found(line, "")
    assert refs(found(line, text)) == refs(everything[place] for place in places)
    # The same in memory, which is how open calls are looked at.
    wanted = CallFilter.parse(text)
    meant = {
        term.condition: {each.known.customer for each in found(line, term.condition.text)} - {""}
        for term in wanted.terms
        if isinstance(term.condition, Organisation)
    }
    zone = line.offer.zone
    seen = Seen("Léa", zone, line.clock().astimezone(zone).date(), meant)
    assert refs(each for each in everything if wanted.matches(each, seen)) == refs(found(line, text))


@pytest.mark.parametrize(
    "text", ["", "language:fr,en", "leman", "decision:accepted,missed,refused", "!moret"]
)
def test_pages_in_both_directions_have_every_call_once(line: Desk, text: str) -> None:
    log, wanted = line.call_log, CallFilter.parse(text)
    whole = list(log.page(wanted).lines)
    down: list[LogLine] = []
    while lines := log.page(wanted, down[-1].cursor if down else None, 2).lines:
        down += lines
    assert down == whole
    up = list(log.oldest(wanted, 2).lines)
    while lines := log.page(wanted, before=up[0].cursor, limit=2).lines:
        up = [*lines, *up]
    assert up == whole


def test_calls_of_one_instant_are_paged_without_loss(desk: Desk) -> None:
    for number in range(5):
        missed(desk, external_id=f"same-{number}")
    down: list[LogLine] = []
    while lines := desk.call_log.page(after=down[-1].cursor if down else None, limit=2).lines:
        down += lines
    assert len(set(refs(down))) == 5


def test_open_calls_come_first_where_the_filter_allows(line: Desk) -> None:
    mine = picked_up(line)
    line.calls.answer(mine.ref, Step.LANGUAGE, {"language": "fr"})
    line.calls.answer(mine.ref, Step.WHO, {"customer": "leman", "name": "Banque du Léman"})
    rings = line.calls.ring("044 555 04 01")
    assert refs(line.call_log.page().open) == [rings.ref, mine.ref]
    assert refs(line.call_log.page(after=line.call_log.page().lines[0].cursor).open) == []
    for text in ("language:fr", "leman", "engineer:me", "leman !decision:missed"):
        assert refs(line.call_log.page(CallFilter.parse(text)).open) == [mine.ref], text
    for text in ("language:de", "decision:missed", "reason:other", "day:yesterday"):
        assert not line.call_log.page(CallFilter.parse(text)).open, text
    assert refs(line.call_log.page(CallFilter.parse("valmont")).open) == [rings.ref]


def test_counts_are_those_of_the_shift_by_decision_and_language(line: Desk) -> None:
    counted = line.call_log.counts()
    assert counted.since == NOW.replace(hour=18, minute=0, second=0) - timedelta(days=1)
    assert dict(counted.decisions) == {Decision.ACCEPTED: 1, Decision.REFUSED: 0, Decision.MISSED: 1}
    assert dict(counted.languages) == {"en": 1}
    everything = line.call_log.counts(NOW - timedelta(days=9))
    assert dict(everything.languages) == {"fr": 1, "en": 2, "de": 1}


def test_a_correction_stands_for_the_call_and_the_record_before_stays(line: Desk) -> None:
    """R13"""
    before = found(line, "reason:other")[0]
    ref = before.call.ref
    new = line.call_log.correct(ref, {Field.LANGUAGE: "it", Field.SUMMARY: "Wanted a domain"}, "misheard")
    assert (new.operator, new.corrected_by, new.corrects) == ("Marc", "Léa", before.cursor.id)
    assert refs(found(line, "language:it")) == [ref]
    assert found(line, "language:de") == []
    now = found(line, "reason:other")
    assert [(each.corrected, each.known.summary) for each in now] == [(True, "Wanted a domain")]
    assert len(found(line, "")) == len(ALL)
    detail = line.call_log.detail(ref)
    assert [record.language for record in detail.records] == ["de", "it"]
    assert detail.line.record == new
    assert detail.steps[-1].step is Step.CORRECTED
    assert detail.steps[-1].value == {"language": "it", "summary": "Wanted a domain", "why": "misheard"}
    entry = next(iter(line.audit.entries(limit=1)))
    assert (entry.act, entry.subject, entry.detail["why"]) == ("correct call", ref, "misheard")


def test_a_correction_of_what_somebody_corrected_meanwhile_says_who_was_first(
    line: Desk, open_as: Callable[..., Desk]
) -> None:
    seen = found(line, "reason:other")[0]
    open_as("Marc").call_log.correct(seen.call.ref, {Field.LANGUAGE: "it"}, "misheard")
    with pytest.raises(Conflict, match=f"Marc corrected {seen.call.ref} at 03:12:44"):
        line.call_log.correct(seen.call.ref, {Field.LANGUAGE: "es"}, "misheard", record=seen.cursor.id)


def test_what_cant_be_corrected_is_refused_and_nothing_is_written(line: Desk) -> None:
    """R15"""
    log = line.call_log
    first = found(line, "language:fr")[0].call.ref
    with pytest.raises(Refused) as refusal:
        log.correct(first, {Field.LANGUAGE: "de"}, "misheard")
    assert (refusal.value.rule, refusal.value.message) == (
        "R15",
        f"{first} was accepted: its language is fr or en",
    )
    with pytest.raises(BadInput, match="a correction needs a reason why"):
        log.correct(first, {Field.LANGUAGE: "en"}, " ")
    with pytest.raises(Refused, match="isn't decided yet"):
        log.correct(picked_up(line).ref, {Field.LANGUAGE: "en"}, "misheard")
    with pytest.raises(NotFound):
        log.correct("C-999999", {Field.LANGUAGE: "en"}, "misheard")
    assert [len(log.detail(ref).records) for ref in refs(log.page().lines)] == [1] * len(ALL)


def test_a_read_only_desk_corrects_nothing(line: Desk, open_as: Callable[..., Desk]) -> None:
    ref = found(line, "language:fr")[0].call.ref
    with pytest.raises(Refused, match="read-only"):
        open_as("Léa", read_only=True).call_log.correct(ref, {Field.LANGUAGE: "en"}, "misheard")


def test_the_past_shows_what_was_recorded_by_then(line: Desk, clock: HandClock) -> None:
    ref = found(line, "reason:other")[0].call.ref
    then = clock()
    clock.advance(minutes=1)
    line.call_log.correct(ref, {Field.LANGUAGE: "it"}, "misheard")
    picked_up(line)
    assert refs(found(line, "language:it")) == [ref]
    log = CallLogDesk(line.context, then)
    assert refs(log.page(CallFilter.parse("language:de")).lines) == [ref]
    assert log.page(CallFilter.parse("language:it")).lines == ()
    assert (len(log.page().lines), log.page().open) == (len(ALL), ())
    assert [record.language for record in log.detail(ref).records] == ["de"]
    assert not log.detail(ref).line.corrected
    earlier = CallLogDesk(line.context, NOW - timedelta(hours=12))
    assert told(list(earlier.page().lines)) == ALL[3:]
    assert dict(earlier.counts().decisions)[Decision.REFUSED] == 1
    with pytest.raises(NotFound, match="had not rung by then"):
        earlier.detail(refs(found(line, "day:today"))[0])


def test_the_detail_has_every_step_with_its_time(line: Desk) -> None:
    detail = line.call_log.detail(found(line, "language:fr")[0].call.ref)
    assert [each.step for each in detail.steps] == [
        Step.RANG,
        Step.PICKED_UP,
        Step.WHO,
        Step.CODE,
        Step.LANGUAGE,
        Step.INFRASTRUCTURE,
        Step.NEEDS_US,
        Step.SERVICE,
        Step.SUMMARY,
        Step.RECORDED,
    ]
    assert detail.line.told
    assert detail.line.record is not None
    assert detail.line.record.decided_at == NOW - timedelta(hours=30)


def test_a_corrected_call_is_still_one_that_the_team_was_told_of(line: Desk) -> None:
    ref = found(line, "language:fr")[0].call.ref
    line.call_log.correct(ref, {Field.PERSON: "Luc Favre"}, "was on the line himself")
    assert [each.told for each in found(line, "leman day:2026-03-25")] == [True]


def test_an_export_has_every_call_that_fits_in_batches_and_says_how_far_it_is(line: Desk) -> None:
    given: list[LogLine] = []
    progress: list[tuple[int, int]] = []
    done = line.call_log.export(
        CallFilter.parse("leman"), given.extend, progress=lambda *far: progress.append(far)
    )
    assert (done, refs(given)) == (2, refs(found(line, "leman")))
    assert progress == [(0, 2), (2, 2)]
    since = NOW - timedelta(hours=5)
    assert line.call_log.export(CallFilter(), given.extend, since=since) == 2


def test_a_number_that_is_told_after_the_end_brings_the_organisation_into_the_record(line: Desk) -> None:
    line.calls.hang_up("late")
    assert told(found(line, ""))[0] == ("?", "missed", "")
    line.calls.ring("+41 44 555 04 01", external_id="late")
    line.calls.ring("+41 44 555 04 01", external_id="late")
    now = found(line, "")[0]
    assert (now.known.customer, now.call.number) == ("valmont", "+41 44 555 04 01")
    assert [record.why for record in line.call_log.detail(now.call.ref).records] == ["", "number told later"]
    assert refs(found(line, "valmont")) == [now.call.ref, refs(found(line, "decision:missed"))[1]]


def test_a_number_that_nobody_has_on_file_is_told_without_a_correction(desk: Desk) -> None:
    desk.calls.hang_up("late")
    call = desk.calls.ring("+41 44 000 00 00", external_id="late")
    assert len(desk.call_log.detail(call.ref).records) == 1
    assert desk.call_log.page().lines[0].call.number == "+41 44 000 00 00"


def test_words_that_mean_more_organisations_than_are_read_one_by_one_cut_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oncall_tui.store.call_filters.ORGANISATIONS_BY_INDEX", 1)
    accepted(desk)
    refused(desk, language="en", who="moret", name="Fromagerie Moret")
    refused(desk)
    assert told(found(desk, "e")) == [("moret", "refused", "Léa"), ("leman", "accepted", "Léa")]
    assert told(found(desk, "!e")) == [("?", "refused", "Léa")]
    monkeypatch.setattr("oncall_tui.store.call_filters.BRANCHES_AT_MOST", 0)
    assert told(found(desk, "decision:accepted,refused language:en")) == [("moret", "refused", "Léa")]


def test_the_reason_is_that_of_the_last_correction(line: Desk) -> None:
    ref = found(line, "reason:other")[0].call.ref
    line.call_log.correct(ref, {Field.REASON: "wrong_number", Field.LANGUAGE: ""}, "heard again")
    again = line.call_log.detail(ref).line
    assert (again.reason, again.record and again.record.rule) == (Reason.WRONG_NUMBER, "R13")


def test_no_digit_of_a_code_is_in_a_step_a_record_or_an_export(desk: Desk) -> None:
    """R19"""
    code = "407182659"
    desk.codes.issue("leman", CodeKind.VIP, given=code)
    call = picked_up(desk)
    for typed in ("935811478", code):
        desk.callers.look_up(typed, Caller(call=call.ref))
    desk.calls.answer(call.ref, Step.ENDING, {"ending": "abandoned"})
    desk.calls.record(call.ref, spoken)
    given: list[LogLine] = []
    desk.call_log.export(CallFilter(), given.extend)
    told = (
        jsonl(given, desk.offer.zone)
        + csv_rows(given, desk.offer.zone)
        + repr(desk.call_log.detail(call.ref))
    )
    assert "no_match" in told
    assert "407182659" not in told
    assert "935811478" not in told
