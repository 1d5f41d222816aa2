from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.cli import main
from oncall_tui.cli.deadline import _minutes

BEFORE_SUMMER_TIME = ("--received", "2026-03-27T18:10", "--plan", "plus", "--channel", "phone")

CASES = [
    case
    for case in json.loads(Path(__file__).parents[1].joinpath("data/sla_cases.json").read_text())["cases"]
    if not case["pauses"]
]


def test_the_ledger_says_why(cli):
    assert cli("deadline", *BEFORE_SUMMER_TIME).out.splitlines() == [
        " Due Mon 30 Mar 09:10  Plus, 4 h of phone hours (Mon–Fri 06–19, Zurich)",
        "   Fri 27 Mar 18:10 – 19:00      0:50 counted",
        "   Fri 27 Mar 19:00 – Mon 06:00       closed, clocks go forward on Sunday",
        "   Mon 30 Mar 06:00 – 09:10      3:10 counted",
        "                                 4:00 = 4 h",
    ]


def test_json_has_the_fields_of_the_contract(cli):
    document = cli("deadline", *BEFORE_SUMMER_TIME, "--json").json
    assert list(document) == ["received_at", "due_at", "calendar", "budget_seconds", "ledger"]
    assert document["received_at"] == "2026-03-27T18:10:00+01:00"
    assert document["due_at"] == "2026-03-30T09:10:00+02:00"
    assert document["calendar"] == "phone"
    assert document["budget_seconds"] == 14_400
    assert list(document["ledger"][0]) == ["from", "to", "counted_seconds", "why"]
    assert sum(line["counted_seconds"] for line in document["ledger"]) == 14_400


def test_until_counts_the_opening_time_between(cli):
    document = cli("deadline", *BEFORE_SUMMER_TIME, "--until", "2026-03-30T07:00", "--json").json
    assert document["elapsed_opening_seconds"] == 50 * 60 + 3_600
    assert (
        "1 h 50 of phone hours until"
        in cli("deadline", *BEFORE_SUMMER_TIME, "--until", "2026-03-30T07:00").out
    )


def test_a_plan_without_a_guarantee_has_no_deadline(cli):
    options = ("--received", "2026-03-27T18:10", "--plan", "standard", "--channel", "email")
    document = cli("deadline", *options, "--json").json
    assert (document["due_at"], document["budget_seconds"], document["ledger"]) == (None, None, [])
    assert "No deadline" in cli("deadline", *options).out


def test_the_emergency_line_of_a_plan_without_it_is_refused(cli):
    result = cli(
        "deadline", "--received", "2026-03-27T18:10", "--plan", "plus", "--channel", "emergency", "--json"
    )
    assert result.code == 1
    assert result.json["error"]["rule"] == "R11"


def test_fractions_of_a_minute_are_counted_exactly(cli):
    options = ("--received", "2026-03-27T10:00:00", "--calendar", "phone", "--minutes")
    assert cli("deadline", *options, "2.5", "--json").json["due_at"] == "2026-03-27T10:02:30+01:00"
    assert cli("deadline", *options, "0.1", "--json").json["budget_seconds"] == 6
    assert cli("deadline", *options, "0", "--json").json["due_at"] == "2026-03-27T10:00:00+01:00"


@given(st.integers(0, 10**8 - 1), st.integers(0, 999_999))
def test_minutes_are_read_to_the_microsecond(whole, millionths):
    text = f"{whole}.{millionths:06}"
    assert _minutes(text).total_seconds() * 1_000_000 == pytest.approx(
        (whole * 10**6 + millionths) * 60, rel=1e-15
    )


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ((), "--plan P --channel C"),
        (("--plan", "plus"), "--calendar NAME --minutes N"),
        (("--plan", "plus", "--channel", "phone", "--minutes", "3"), "--plan P --channel C"),
        (("--plan", "gold", "--channel", "phone"), "standard, plus, pro, enterprise"),
        (("--plan", "plus", "--channel", "fax"), "email, phone, emergency"),
        (("--calendar", "nights", "--minutes", "3"), "phone, email, manager, emergency"),
        (("--calendar", "phone", "--minutes", "-3"), "2.5"),
        (("--calendar", "phone", "--minutes", "1e3"), "2.5"),
        (("--calendar", "phone", "--minutes", "٣"), "2.5"),
    ],
)
def test_wrong_usage_says_what_is_allowed(cli, options, allowed):
    result = cli("deadline", "--received", "2026-03-27T18:10", *options, "--json")
    assert result.code == 2
    assert allowed in result.json["error"]["hint"]


@pytest.mark.parametrize(
    "received", ["2026-03-29T02:30", "2026-10-25T02:30", "tomorrow", "2026-03-27", "1979-01-01T00:00"]
)
def test_an_instant_that_is_none_is_refused(cli, received):
    result = cli("deadline", "--received", received, "--plan", "pro", "--channel", "phone")
    assert result.code == 2
    assert received in result.err


def test_a_budget_past_the_last_year_is_refused(cli):
    result = cli("deadline", "--received", "2199-12-31T10:00", "--calendar", "phone", "--minutes", "99999999")
    assert result.code == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_deadlines_that_other_projects_assert(case, tmp_path, capsys):
    hours = "\n".join(
        f"{day} = {json.dumps(['-'.join(interval) for interval in intervals])}"
        for day, intervals in case["hours"].items()
    )
    config = tmp_path / "config.toml"
    config.write_text(
        f'timezone = "{case["tz"]}"\n[calendars.phone]\n{hours}\nholidays = {json.dumps(case["holidays"])}\n'
    )
    minutes = f"{case.get('duration_seconds', 0) / 60:.6f}"
    options = ["deadline", "--received", case["start"], "--calendar", "phone", "--minutes", minutes, "--json"]
    if case["op"] == "elapsed":
        options += ["--until", case["end"]]
    assert main(["--config", str(config), *options]) == 0
    document = json.loads(capsys.readouterr().out)
    if case["op"] == "elapsed":
        assert document["elapsed_opening_seconds"] == case["expected_seconds"]
    else:
        found = datetime.fromisoformat(document["due_at"])
        assert abs((found - datetime.fromisoformat(case["expected_end"])).total_seconds()) < 0.001
        assert sum(line["counted_seconds"] for line in document["ledger"]) == pytest.approx(
            document["budget_seconds"]
        )
