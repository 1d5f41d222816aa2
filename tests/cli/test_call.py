"""`call ring`, `hangup`, `decide`: the fields and exit codes of the contract, the decision of the screen."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.cli.context import Context
from oncall_tui.desk import Desk
from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import Caller

Run = Callable[..., Any]

LEMAN_CODE, ROCHAT, WRONG = "407182659", "55550140", "999999999"
ON_FILE, ELSEWHERE = "+41 22 555 01 40", "+41 79 555 99 99"

CUSTOMERS = (
    {
        "id": "leman",
        "name": "Banque du Léman",
        "plan": "enterprise",
        "vip_code": LEMAN_CODE,
        "services": ["Public cloud", "Mail"],
        "contacts": [{"name": "Anne Rochat", "phone": ON_FILE, "support_code": ROCHAT}],
    },
    {"id": "moret", "name": "Fromagerie Moret", "plan": "pro", "vip_code": "318204771"},
    {"id": "jardin", "name": "Jardin d'Été", "plan": "standard"},
)

ALL = (
    *("--language", "fr", "--infrastructure", "yes", "--needs-us", "yes"),
    *("--service", "mail", "--summary", "Mail is down"),
)
"""What an emergency needs."""

FIELDS = {"call", "decision", "reason", "rule", "say", "next_step", "ticket", "due_at"}


@pytest.fixture
def process(cli: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with `stdin`; in this process, for there are many."""

    def run(*arguments: str, stdin: str = "") -> Any:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        return cli(*arguments)

    return run


@pytest.fixture
def desk(process: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a desk with three organisations."""
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(json.dumps(row) for row in CUSTOMERS)
    assert process("import", "customers", "-", stdin=rows).code == 0
    return tmp_path


@pytest.fixture
def screen(desk: Path) -> Iterator[Desk]:
    """The same desk as its engineer has it open."""
    with Context(operator="Léa", env={}).desk() as opened:
        yield opened


def decide(process: Run, *options: str, code: str = "", caller: str = ELSEWHERE) -> Any:
    which = () if "--call" in options else ("--from", caller)
    result = process("--as", "Léa", "call", "decide", *which, *options, "--json", stdin=code)
    assert LEMAN_CODE not in result.out + result.err
    assert result.code == 0, result.out
    assert result.json.keys() >= FIELDS
    return result.json


def ring(process: Run, number: str = ON_FILE, *options: str) -> Any:
    result = process("call", "ring", "--from", number, *options, "--json")
    assert result.code == 0, result.out
    return result.json


@pytest.mark.usefixtures("desk")
def test_a_ring_says_who_it_may_be(process: Run) -> None:
    call = ring(process, "022 555 01 40", "--to", "+41 800 55 55 55", "--external-id", "a@pbx")
    assert (call["state"], call["customer"], call["contact"]) == ("ringing", "leman", "Anne Rochat")
    assert (call["called"], call["operator"], call["hung_up_at"]) == ("+41 800 55 55 55", None, None)
    assert call["rang_at"].endswith(("+01:00", "+02:00"))
    assert ring(process, "022 555 01 40", "--external-id", "a@pbx") == call
    withheld = ring(process, "")
    assert (withheld["number"], withheld["customer"]) == (None, None)
    assert withheld["call"] != call["call"]


@pytest.mark.usefixtures("desk")
def test_a_call_that_ends_unanswered_is_missed_once(process: Run) -> None:
    call = ring(process, ON_FILE, "--external-id", "a@pbx")
    ends = [process("call", "hangup", "--external-id", "a@pbx", "--json").json for _ in range(2)]
    assert ends[0] == ends[1]
    assert (ends[0]["call"], ends[0]["state"]) == (call["call"], "missed")
    early = process("call", "hangup", "--external-id", "b@pbx", "--json").json
    late = ring(process, ON_FILE, "--external-id", "b@pbx")
    assert (late["call"], late["state"], late["number"]) == (early["call"], "missed", ON_FILE)


@pytest.mark.usefixtures("desk")
def test_an_emergency_is_accepted_with_its_ticket(process: Run) -> None:
    """R11"""
    call = ring(process, ON_FILE, "--external-id", "a@pbx")
    found = decide(process, "--call", call["call"], *ALL, code=LEMAN_CODE)
    assert (found["call"], found["decision"], found["rule"]) == (call["call"], "accepted", "R11")
    assert (found["reason"], found["next_step"]) == (None, None)
    assert found["say"]["fr"]
    assert found["say"]["en"]
    ticket = process("ticket", "show", found["ticket"], "--json").json
    assert (ticket["channel"], ticket["owner"], ticket["subject"]) == ("emergency", "Léa", "Mail is down")
    assert ticket["due_at"] == found["due_at"]
    assert ticket["received_at"] == call["rang_at"]


@pytest.mark.usefixtures("desk")
def test_a_call_goes_by_its_external_id_too(process: Run) -> None:
    call = ring(process, ON_FILE, "--external-id", "a@pbx")
    assert decide(process, "--call", "a@pbx", *ALL, code=LEMAN_CODE)["call"] == call["call"]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("options", "code", "reason", "rule"),
    [
        (("--language", "de"), LEMAN_CODE, "other_language", "R11"),
        (("--language", "fr", "--infrastructure", "no"), LEMAN_CODE, "not_infrastructure", "R11"),
        (("--language", "fr", "--topic", "web_development"), LEMAN_CODE, "not_infrastructure", "R24"),
        ((*ALL[:4], "--needs-us", "no"), LEMAN_CODE, "no_intervention_needed", "R11"),
        ((*ALL, "--service", "Kebab"), LEMAN_CODE, "not_our_service", "R24"),
        ((*ALL, "--customer", "jardin", "--approved-by", "Marc"), "", "plan_without_line", "R11"),
        ((*ALL, "--stranger"), "", "no_active_plan", "R11"),
        (("--abandoned",), "", "abandoned", "R13"),
        (("--wrong-number",), "", "wrong_number", "R13"),
        ((*ALL, "--no-code"), "", "caller_not_verified", "R14"),
        (ALL, ROCHAT, "caller_not_verified", "R16"),
        ((*ALL, "--said", "Fromagerie Moret"), LEMAN_CODE, "caller_not_verified", "R14"),
        ((*ALL, "--customer", "moret"), LEMAN_CODE, "caller_not_verified", "R14"),
    ],
)
def test_each_refusal_has_its_reason_rule_sentence_and_next_step(
    process: Run, options: tuple[str, ...], code: str, reason: str, rule: str
) -> None:
    """R13"""
    found = decide(process, *options, code=code)
    assert (found["decision"], found["reason"], found["rule"]) == ("refused", reason, rule)
    assert found["say"]["fr"]
    assert found["say"]["en"]
    assert found["next_step"]
    # Nothing hides an outage (R14).
    assert found["alert"] == ("--infrastructure" in options and "no" not in options[3:4])


@pytest.mark.usefixtures("desk")
def test_what_is_refused_anyhow_needs_no_code(process: Run) -> None:
    """R12: as on the screen, where a refusal by language is two keys from the ring."""
    found = decide(process, "--language", "de", "--infrastructure", "yes")
    assert (found["reason"], found["alert"]) == ("other_language", True)
    assert decide(process, "--language", "it")["reason"] == "other_language"
    result = process("call", "decide", "--from", ELSEWHERE, *ALL, "--json")
    assert (result.code, result.json["error"]["message"]) == (2, "no code was given")


@pytest.mark.usefixtures("desk")
def test_a_refusal_that_becomes_a_ticket_has_its_due_time(process: Run) -> None:
    found = decide(
        process, "--language", "fr", "--topic", "how_to", "--summary", "Which port?", code=LEMAN_CODE
    )
    ticket = process("ticket", "show", found["ticket"], "--json").json
    assert (ticket["channel"], ticket["owner"]) == ("email", None)
    assert found["due_at"] == ticket["due_at"] is not None
    assert found["ticket"] in found["next_step"]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("code", [WRONG, "12", "Xk7-pQ2z!", "318204771", "640551927x"])
def test_a_code_that_is_not_right_leads_to_a_call_back_and_never_to_silence(process: Run, code: str) -> None:
    """R14"""
    assert process("codes", "revoke", "moret").code == 0
    found = decide(process, *ALL, "--customer", "leman", code=code)
    assert (found["reason"], found["alert"]) == ("caller_not_verified", True)
    assert f"call back on {ON_FILE} (Anne Rochat)" in found["next_step"]


@pytest.mark.usefixtures("desk")
def test_who_has_to_wait_is_refused_and_called_back(process: Run) -> None:
    """R14, R18"""
    for _ in range(5):
        assert process("lookup", "--from", ELSEWHERE, stdin=WRONG).code == 3
    found = decide(process, *ALL, code=LEMAN_CODE)
    assert (found["decision"], found["reason"]) == ("refused", "caller_not_verified")


@pytest.mark.usefixtures("desk")
def test_without_a_code_a_call_back_or_a_second_engineer_is_proof(process: Run) -> None:
    """R14"""
    back = decide(process, *ALL, "--customer", "leman", "--call-back")
    assert (back["decision"], back["proof"]) == ("accepted", "call-back")
    named = decide(process, *ALL, "--customer", "leman", "--call-back", "022 555 01 40")
    assert (named["decision"], named["proof"]) == ("accepted", "call-back")
    by_number = decide(process, *ALL, "--approved-by", "Marc", caller=ON_FILE)
    assert (by_number["decision"], by_number["customer"], by_number["proof"]) == (
        "accepted",
        "leman",
        "approval",
    )


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--language", "fr", "--infrastructure", "yes"), 2, "without --needs-us, --service"),
        ((), 2, "without --language, --infrastructure, --needs-us, --service"),
        ((*ALL, "--approved-by", "léa"), 1, "a second engineer has to approve"),
        ((*ALL, "--call-back"), 2, "--customer"),
        ((*ALL, "--customer", "leman", "--call-back", ELSEWHERE), 1, "not on file"),
        ((*ALL, "--customer", "moret", "--call-back"), 1, "no number is on file"),
        ((*ALL, "--customer", "nobody"), 3, "nobody"),
        ((*ALL, "--duplicate-of", "T-999999"), 3, "T-999999"),
        ((*ALL, "--topic", "how_to"), 2, "--topic"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_is_written(
    process: Run, options: tuple[str, ...], code: int, words: str
) -> None:
    before = process("audit", "list", "--json").json
    result = process("--as", "Léa", "call", "decide", "--from", ELSEWHERE, *options, "--json")
    assert result.code == code
    error = result.json["error"]
    assert words in error["message"] + error["hint"]
    assert process("audit", "list", "--json").json == before


@pytest.mark.usefixtures("desk")
def test_a_known_failure_is_noted_on_its_ticket(process: Run) -> None:
    first = decide(process, *ALL, code=LEMAN_CODE)
    second = decide(process, *ALL, "--duplicate-of", first["ticket"], code=LEMAN_CODE)
    assert (second["reason"], second["ticket"]) == ("duplicate", first["ticket"])
    ticket = process("ticket", "show", first["ticket"], "--json").json
    assert second["call"] in json.dumps(ticket)
    assert process("--as", "Léa", "call", "decide", "--from", "", *ALL, "--customer", "moret").code == 2
    other = process(
        *("--as", "Léa", "call", "decide", "--from", "", *ALL, "--json"),
        *("--customer", "moret", "--duplicate-of", first["ticket"], "--no-code"),
    )
    assert (other.code, other.json["error"]["rule"]) == (1, "R13")


@pytest.mark.usefixtures("desk")
def test_a_call_that_somebody_has_or_has_decided_is_not_to_be_had(process: Run) -> None:
    call = ring(process)["call"]
    assert process("--as", "Marc", "call", "decide", "--call", call, "--wrong-number").code == 0
    again = process("--as", "Léa", "call", "decide", "--call", call, "--wrong-number", "--json")
    assert again.code == 1
    assert f"Marc decided {call} at " in again.json["error"]["message"]
    nowhere = process("call", "decide", "--call", "C-999999", "--wrong-number", "--json")
    assert nowhere.code == 3


@pytest.mark.usefixtures("desk")
def test_what_was_found_out_before_need_not_be_said_again(process: Run, screen: Desk) -> None:
    calls = screen.calls
    call = calls.pick_up(ring(process)["call"])
    calls.answer(call.ref, Step.LANGUAGE, {"language": "en"})
    calls.answer(call.ref, Step.INFRASTRUCTURE, {"answer": "yes"})
    screen.callers.approved("leman", "Marc", Caller(call.ref, call.number, "leman"))
    short = process("--as", "Léa", "call", "decide", "--call", call.ref, "--needs-us", "yes", "--json")
    assert "without --service" in short.json["error"]["message"]
    found = decide(process, "--call", call.ref, "--needs-us", "yes", "--service", "Mail")
    assert (found["decision"], found["language"], found["proof"]) == ("accepted", "en", "approval")


@pytest.mark.usefixtures("desk")
def test_where_no_code_can_be_looked_up_nothing_is_written(process: Run, desk: Path) -> None:
    """R14"""
    (key,) = desk.rglob("oncall.key")
    key.unlink()
    refused = process("call", "decide", "--from", ELSEWHERE, *ALL, "--json", stdin=LEMAN_CODE)
    assert (refused.code, refused.json["error"]["rule"]) == (1, "R14")
    assert "--approved-by" in refused.json["error"]["hint"]
    key.write_text("nothing that is a key")
    assert process("call", "decide", "--from", ELSEWHERE, *ALL, stdin=LEMAN_CODE).code == 1


@pytest.mark.usefixtures("desk")
def test_no_code_stays_anywhere(process: Run, desk: Path) -> None:
    """R19"""
    decide(process, *ALL, code=LEMAN_CODE)
    decide(process, *ALL, code=WRONG)
    extra = process("call", "decide", "--from", ELSEWHERE, *ALL, LEMAN_CODE, "--json")
    assert extra.code == 2
    assert LEMAN_CODE not in extra.out + extra.err
    kept = b"".join(path.read_bytes() for path in desk.rglob("*") if path.is_file())
    assert LEMAN_CODE.encode() not in kept
    assert WRONG.encode() not in kept


def test_listening_needs_a_telephone(process: Run) -> None:
    assert "calls.baresip" in process("call", "listen").err
    assert process("call", "listen").code == 2
    assert process("call", "listen", "--baresip", "nowhere").code == 2


def test_a_hook_waits_for_nothing_that_a_ring_does_not_need(process: Run, sqlite_url: str) -> None:
    assert process("--database", sqlite_url, "call", "ring", "--from", ON_FILE).code == 0
    code = (
        "import sys; from oncall_tui.cli import main; main(sys.argv[1:]);"
        " print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--database", sqlite_url, "call", "ring", "--from", ON_FILE],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "sqlalchemy" in loaded
    assert not loaded & {"textual", "rich", "alembic", "apscheduler", "psycopg", "cryptography"}


def test_a_call_is_decided_on_a_server_too(
    process: Run, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_TUI_DATABASE", postgresql_url)
    rows = "\n".join(json.dumps(row) for row in CUSTOMERS)
    assert process("import", "customers", "-", stdin=rows).code == 0
    call = ring(process, ON_FILE, "--external-id", "a@pbx")
    assert decide(process, "--call", call["call"], *ALL, code=WRONG)["reason"] == "caller_not_verified"
    found = decide(process, *ALL, code=LEMAN_CODE)
    assert (found["decision"], found["customer"]) == ("accepted", "leman")
    assert process("call", "hangup", "--external-id", "a@pbx", "--json").json["state"] == "decided"
