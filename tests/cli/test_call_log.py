"""The log of calls on the command line."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from logged import accepted, missed, picked_up, refused
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.call_export import FIELDS, csv_head, csv_rows
from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.calls import Answers, Call, Origin, Step
from oncall_tui.store import customers


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'calls.db'}"


@pytest.fixture
def desk(url: str, clock: HandClock) -> Iterator[Desk]:
    """Léa's desk, on which one call was accepted, one refused and one missed, an hour apart."""
    opened = open_desk(url, load_settings(None, {}).offer, "Léa", clock=clock)
    with opened.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in CUSTOMERS])
    for what in (accepted, refused, missed):
        what(opened)
        clock.advance(hours=1)
    yield opened
    opened.close()


@pytest.fixture
def log(desk: Desk, url: str, cli: Run) -> Run:
    def run(*arguments: str, before: tuple[str, ...] = ()) -> object:
        return cli("--database", url, "--as", "Léa", *before, "call", *arguments)

    return run


def refs(desk: Desk) -> list[str]:
    return [line.call.ref for line in desk.call_log.page().lines]


def test_the_list_as_json_has_every_fact_of_every_call_the_newest_first(log: Run, desk: Desk) -> None:
    done = log("list", "--json")
    assert (done.code, done.err) == (0, "")
    assert [list(call) for call in done.json] == [list(FIELDS)] * 3
    last, other, first = done.json
    assert [last["decision"], other["decision"], first["decision"]] == ["missed", "refused", "accepted"]
    assert first == {
        "call": refs(desk)[2],
        "external_id": None,
        "rang_at": "2026-03-27T03:12:44+01:00",
        "number": "+41 22 555 01 40",
        "called": None,
        "picked_up_at": "2026-03-27T03:12:44+01:00",
        "hung_up_at": None,
        "decided_at": "2026-03-27T03:12:44+01:00",
        "operator": "Léa",
        "decision": "accepted",
        "reason": None,
        "rule": "R11",
        "language": "fr",
        "customer": "leman",
        "customer_name": "Banque du Léman",
        "plan": "enterprise",
        "person": "Anne Rochat",
        "proof": "code",
        "service": "Public cloud",
        "infrastructure": True,
        "summary": "Cluster unreachable",
        "say": first["say"],
        "next_step": None,
        "ticket": first["ticket"],
        "due_at": "2026-03-27T04:12:44+01:00",
        "alert": True,
        "corrected": False,
    }
    assert sorted(first["say"]) == ["en", "fr"]
    assert (other["reason"], other["rule"], other["language"]) == ("other_language", "R11", "de")
    assert (last["external_id"], last["say"], last["operator"]) == ("x1", None, None)


def test_open_calls_come_first_and_have_no_decision(log: Run, desk: Desk) -> None:
    call = picked_up(desk)
    desk.calls.answer(call.ref, Step.LANGUAGE, {"language": "en"})
    first = log("list", "--json").json[0]
    assert (first["call"], first["decision"], first["language"], first["operator"]) == (
        call.ref,
        None,
        "en",
        "Léa",
    )
    assert "in progress" in log("list").out.splitlines()[1]


@pytest.mark.parametrize(
    ("arguments", "decisions"),
    [
        (("--limit", "2"), ["missed", "refused"]),
        (("--since", "2026-03-27T04:00"), ["missed", "refused"]),
        (("--until", "2026-03-27T04:00"), ["accepted"]),
        (("--since", "2026-03-27T04:00", "--until", "2026-03-27T05:00"), ["refused"]),
        (("--filter", "language:fr"), ["accepted"]),
        (("--filter", "decision:refused,missed", "--limit", "1"), ["missed"]),
        (("--filter", "nobody"), []),
    ],
)
def test_the_list_is_what_was_asked_for(log: Run, arguments: tuple[str, ...], decisions: list[str]) -> None:
    assert [call["decision"] for call in log("list", "--json", *arguments).json] == decisions


def test_the_list_is_a_table_for_people(log: Run) -> None:
    head, *rows = log("list").out.splitlines()
    assert head.split() == ["CALL", "RANG", "WHO", "CALLER", "LANG", "OUTCOME", "ENGINEER", "TICKET"]
    assert "refused, other language" in rows[1]
    none = log("list", "--filter", "nobody")
    assert (none.code, none.out, none.err) == (0, "", "no calls\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list", "--filter", "decision:perhaps"), "fits no decision of a call"),
        (("list", "--limit", "0"), "is no whole number"),
        (("list", "--since", "yesterday"), "is no ISO 8601 instant"),
        (("export", "calls.txt"), "ends in neither .csv nor .jsonl"),
        (("export", "/nowhere/calls.csv"), "can't write /nowhere/calls.csv"),
        (("export", "~nobody-of-that-name/calls.csv"), "is in no known home"),
        (("correct", "C-1", "--why", "x"), "nothing is corrected"),
        (("correct", "C-1", "--language", "it"), "--why"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_exit_2(log: Run, arguments: tuple[str, ...], says: str) -> None:
    done = log(*arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_show_prints_every_step_and_every_correction(log: Run, desk: Desk) -> None:
    ref = refs(desk)[1]
    assert log("correct", ref, "--language", "it", "--why", "misheard").out == (
        f"{ref} is corrected; the record before stays\n"
    )
    shown = log("show", ref)
    assert shown.code == 0
    assert "language        it" in shown.out
    assert "corrected: language, it, misheard" in shown.out
    facts = log("show", ref, "--json").json
    assert (facts["language"], facts["corrected"], facts["decided_at"]) == (
        "it",
        True,
        "2026-03-27T04:12:44+01:00",
    )
    assert [step["step"] for step in facts["steps"]] == [
        "rang",
        "picked_up",
        "language",
        "recorded",
        "corrected",
    ]
    assert [(each["operator"], each["why"], each["language"]) for each in facts["corrections"]] == [
        ("Léa", "misheard", "it")
    ]
    assert log("show", "C-999999").code == 3


def test_now_shows_the_log_as_it_was(log: Run, desk: Desk) -> None:
    then = ("--now", "2026-03-27T04:30")
    assert [call["decision"] for call in log("list", "--json", before=then).json] == ["refused", "accepted"]
    assert log("show", refs(desk)[0], before=then).code == 3


def test_a_correction_against_a_rule_is_refused_with_the_rule(log: Run, desk: Desk) -> None:
    """R15"""
    done = log("correct", refs(desk)[2], "--language", "de", "--why", "misheard", "--json")
    assert done.code == 1
    assert done.json["error"]["rule"] == "R15"
    assert log("list", "--json").json[2]["corrected"] is False


def test_an_export_has_what_the_list_has(log: Run, tmp_path: Path) -> None:
    calls = log("list", "--json").json
    lines, table = tmp_path / "calls.jsonl", tmp_path / "calls.csv"
    assert log("export", str(lines)).out == f"3 calls in {lines}\n"
    assert [json.loads(line) for line in lines.read_text("utf-8").splitlines()] == calls
    assert log("export", str(table), "--filter", "language:fr", "--json").json == {
        "file": str(table),
        "calls": 1,
    }
    with table.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["call"], row["customer_name"], row["infrastructure"], row["number"]) == (
        calls[2]["call"],
        "Banque du Léman",
        "true",
        "'+41 22 555 01 40",
    )
    assert row["say_fr"] == calls[2]["say"]["fr"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (lines, table)] == [0o600] * 2


def test_a_dash_prints_jsonl(log: Run, desk: Desk, url: str, process: Run) -> None:
    done = process("--database", url, "call", "export", "-", "--since", "2026-03-27T04:00")
    assert [json.loads(line)["decision"] for line in done.out.splitlines()] == ["missed", "refused"]


def test_nothing_is_overwritten(log: Run, tmp_path: Path) -> None:
    there = tmp_path / "calls.csv"
    there.write_text("mine")
    done = log("export", str(there))
    assert (done.code, there.read_text()) == (1, "mine")
    assert "is there already" in done.err


def test_nothing_is_left_of_an_export_that_failed(
    log: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("oncall_tui.desk.call_files.csv_rows", full)
    done = log("export", str(tmp_path / "calls.csv"))
    assert (done.code, "No space left on device" in done.err) == (2, True)
    assert not (tmp_path / "calls.csv").exists()


@given(st.text(min_size=1, max_size=30))
def test_no_cell_of_a_csv_file_is_run_as_a_formula_and_none_breaks_its_line(text: str) -> None:
    call = Call(1, "C-1", "", Origin.HAND, text, "", NOW)
    zone = load_settings(None, {}).offer.zone
    written = csv_head() + csv_rows([LogLine(call, answers=Answers(summary=text, person=text))], zone)
    head, row = csv.reader(io.StringIO(written, newline=""))
    assert len(head) == len(row)
    for cell in row:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row[head.index("summary")].removeprefix("'") == text.removeprefix("'")
