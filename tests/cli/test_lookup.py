"""`lookup` and `codes`: JSON and exit codes as the contract has them, and no code anywhere it could stay."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pty_program import Program

Run = Callable[..., Any]

VIP, SUPPORT, WRONG = "407182659", "55550140", "999999999"
FROM = ("--from", "+41 22 555 99 99")

LEMAN = {
    "id": "leman",
    "name": "Banque du Léman",
    "plan": "enterprise",
    "vip_code": VIP,
    "contacts": [{"name": "Anne Rochat", "support_code": SUPPORT}],
}
JARDIN = {"id": "jardin", "name": "Jardin d'Été", "plan": "standard"}


@pytest.fixture
def desk(process: Run, tmp_path: Path) -> Path:
    """The folder of a desk with two organisations."""
    rows = "\n".join(json.dumps(row) for row in (LEMAN, JARDIN))
    assert process("import", "customers", "-", stdin=rows).code == 0
    return tmp_path


def lookup(process: Run, code: str, *options: str) -> tuple[int, Any]:
    result = process("lookup", "--json", *options, stdin=code)
    return result.code, result.json


CONTRACT = {"outcome", "kind", "customer", "customer_name", "plan", "wait_until", "attempts_left"}


@pytest.mark.usefixtures("desk")
def test_a_match_says_whose_code_it_is(process: Run) -> None:
    code, found = lookup(process, f"{VIP}\n")
    assert code == 0
    assert {name: found[name] for name in CONTRACT} == {
        "outcome": "match",
        "kind": "vip",
        "customer": "leman",
        "customer_name": "Banque du Léman",
        "plan": "enterprise",
        "wait_until": None,
        "attempts_left": 5,
    }
    code, found = lookup(process, "5555 0140", "--kind", "support")
    assert (code, found["kind"], found["contact"]) == (0, "support", "Anne Rochat")
    assert lookup(process, SUPPORT, "--kind", "vip")[0] == 3


@pytest.mark.usefixtures("desk")
def test_every_other_outcome_has_its_exit_code(process: Run) -> None:
    assert lookup(process, "123")[1]["outcome"] == "misheard"
    assert lookup(process, "Xk7-pQ2z!")[1]["outcome"] == "transfer_code"
    assert process("codes", "revoke", "leman").code == 0
    for typed, outcome in (
        (VIP, "revoked"),
        (WRONG, "no_match"),
        ("12", "misheard"),
        ("a1b2c3d4", "transfer_code"),
    ):
        code, found = lookup(process, typed)
        assert (code, found["outcome"]) == (3, outcome)


@pytest.mark.usefixtures("desk")
def test_the_limit_holds_from_one_command_to_the_next(process: Run) -> None:
    """R18"""
    found = [lookup(process, WRONG, *FROM) for _ in range(6)]
    assert [(code, each["outcome"], each["attempts_left"]) for code, each in found] == [
        (3, "no_match", 4),
        (3, "no_match", 3),
        (3, "no_match", 2),
        (3, "no_match", 1),
        (3, "no_match", 0),
        (4, "wait", 0),
    ]
    assert found[5][1]["wait_until"] == found[4][1]["wait_until"]
    code, waits = lookup(process, VIP, "--from", "022 555 99 99")
    assert (code, waits["customer"]) == (4, None)
    assert lookup(process, VIP, "--from", "022 555 00 00")[0] == 0


@pytest.mark.usefixtures("desk")
def test_the_proof_can_be_given_with_the_command(process: Run) -> None:
    """R17"""
    assert lookup(process, VIP, "--said", "banque du leman")[1]["confirmed"] is True
    code, found = lookup(process, VIP, "--said", "Clinique Valmont")
    assert (code, found["outcome"], found["confirmed"], found["customer"]) == (3, "no_match", False, None)


@pytest.mark.usefixtures("desk")
def test_people_are_told_what_to_say(process: Run) -> None:
    told = process("lookup", *FROM, stdin=WRONG).out.splitlines()
    assert told[0] == "NO MATCH  4 more wrong codes are taken"
    assert told[1].startswith("  Say   « Je ne trouve pas ce code.")
    told = process("lookup", *FROM, stdin=VIP).out
    assert told.startswith("MATCH  Banque du Léman, enterprise\n")
    assert "Pour quelle organisation appelez-vous ?" in told


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "arguments",
    [
        ("lookup", VIP),
        ("lookup", "--json", VIP),
        ("lookup", f"--json={VIP}"),
        ("lookup", "--kind", VIP),
        ("codes", "issue", "leman", VIP),
        ("codes", VIP),
        ("codes", "list", "leman", f"--json={VIP}"),
        (VIP,),
    ],
)
def test_a_code_is_no_argument_and_is_not_repeated(process: Run, arguments: tuple[str, ...]) -> None:
    result = process("--debug", *arguments, stdin=VIP)
    assert result.code == 2
    log = Path(result.err.split("the details are in ")[-1].strip()) if "details" in result.err else None
    assert VIP not in result.out + result.err + (log.read_text() if log else "")


@pytest.mark.usefixtures("desk")
def test_no_code_and_an_unknown_kind_are_wrong_usage(process: Run) -> None:
    assert process("lookup", stdin=" \n").code == 2
    result = process("lookup", "--kind", "pin", "--json", stdin=VIP)
    assert (result.code, result.json["error"]["hint"]) == (2, "allowed: vip, support")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "typed", [b"\xff\xfe407182659", b"\x1b[2J" * 50, b"4" * 10_000, b"[bold]x[/]", b"\0" * 12]
)
def test_hostile_codes_get_a_verdict(process: Run, typed: bytes) -> None:
    result = process("lookup", "--json", stdin=typed)
    assert (result.code, result.json["outcome"]) == (3, "misheard")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("name", ["--call", "--from", "--customer", "--said"])
@pytest.mark.parametrize("value", ["\udcff", "\x1b[31m" + "x" * 10_000, " "])
def test_hostile_options_get_a_verdict_and_are_stored_clean(process: Run, name: str, value: str) -> None:
    code, found = lookup(process, VIP, name, value)
    assert (code, found["outcome"]) in [(0, "match"), (3, "no_match")]
    entries = process("audit", "list", "--json").json
    assert all(len(str(entry)) < 1000 and "\\x1b" not in str(entry) for entry in entries)


@pytest.mark.usefixtures("desk")
def test_what_is_no_text_at_the_prompt_is_misheard() -> None:
    with Program("lookup") as program:
        program.wait_for("Code: ")
        program.type(b"4071\xff\xfe82659\r")
        program.wait_for("MISHEARD")
        assert program.wait_for_exit() == 3


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("act", [("revoke",), ("rotate", "--out", "new.txt"), ("issue", "--out", "new.txt")])
def test_an_empty_name_of_a_user_means_no_vip_code(process: Run, act: tuple[str, ...]) -> None:
    result = process("codes", *act, "leman", "--support", "", "--json")
    assert (result.code, result.json["error"]["message"]) == (2, "--support names no user")
    assert lookup(process, VIP)[0] == 0


@pytest.mark.usefixtures("desk")
def test_codes_are_listed_as_they_stood(process: Run) -> None:
    before = datetime.now(UTC).isoformat()
    assert process("codes", "rotate", "leman", "--out", "new.txt").code == 0
    states = process("--now", before, "codes", "list", "leman", "--json").json
    assert [(state["kind"], state["revoked_at"]) for state in states] == [("vip", None), ("support", None)]
    assert process("--now", "2020-01-01T00:00", "codes", "list", "leman", "--json").json == []


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "list", "--by", "\udcff"),
        ("audit", "list", "--customer", "\udcff"),
        ("codes", "list", "\udcff"),
        ("codes", "issue", "\udcff", "--stdin"),
        ("ticket", "show", "\udcff"),
    ],
)
def test_an_argument_that_is_no_text_is_wrong_usage(process: Run, arguments: tuple[str, ...]) -> None:
    result = process(*arguments, "--json", stdin="123123123")
    assert (result.code, result.json["error"]["message"]) == (2, "an argument is no UTF-8")


@pytest.mark.usefixtures("desk")
def test_digits_of_any_script_are_digits(process: Run) -> None:
    assert lookup(process, "４０７１８２６５９")[0] == lookup(process, "٤٠٧ ١٨٢ ٦٥٩")[0] == 0


def test_a_code_is_issued_into_a_file_of_its_owner(process: Run, desk: Path) -> None:
    assert process("codes", "issue", "leman", "--out", "x.txt").code == 1, "one is in force"
    assert not (desk / "x.txt").exists()
    result = process("codes", "rotate", "leman", "--out", "leman.txt", "--json")
    assert (result.code, result.json["replaced"]) == (0, True)
    file = desk / "leman.txt"
    code = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert code not in result.out + result.err
    assert lookup(process, code)[1]["customer"] == "leman"
    assert lookup(process, VIP)[1]["outcome"] == "revoked"
    assert process("codes", "rotate", "leman", "--out", "leman.txt").code == 2, "nothing is overwritten"
    listed = process("codes", "list", "leman", "--json").json
    assert [(each["kind"], each["revoked_at"] is None) for each in listed] == [
        ("vip", True),
        ("support", True),
        ("vip", False),
    ]


@pytest.mark.usefixtures("desk")
def test_a_code_of_another_system_is_taken_from_stdin(process: Run) -> None:
    result = process("codes", "rotate", "leman", "--support", "Anne Rochat", "--stdin", stdin="12 34 56 78")
    assert result.code == 0
    assert lookup(process, "12345678")[1]["contact"] == "Anne Rochat"
    for arguments, code, words in (
        (("leman", "--support", "Nobody"), 3, "there are: Anne Rochat"),
        (("jardin",), 1, "no VIP code (R16)"),
        (("nobody",), 3, "no customer"),
    ):
        result = process("codes", "issue", *arguments, "--stdin", stdin="87654321")
        assert (result.code, words in result.err) == (code, True), result.err


@pytest.mark.usefixtures("desk")
def test_after_another_key_every_code_is_known_still(process: Run) -> None:
    result = process("codes", "key-rotate", "--json")
    assert (result.code, result.json["codes"]) == (0, 2)
    assert lookup(process, VIP)[0] == lookup(process, SUPPORT)[0] == 0
    assert process("codes", "key-rotate", "--json").json["key"] != result.json["key"]
    assert lookup(process, VIP)[0] == 0


@pytest.mark.usefixtures("desk")
def test_a_key_file_that_cannot_be_used_is_one_clear_line(process: Run) -> None:
    key = Path(os.environ["XDG_DATA_HOME"], "oncall-tui", "oncall.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    kept = key.read_bytes()
    key.chmod(0o640)
    result = process("lookup", stdin=VIP)
    assert result.code == 1
    assert result.err.splitlines()[0] == f"oncall-tui: the key file {key} is open to others (mode 0640)"
    key.unlink()
    assert "is not there" in process("lookup", stdin=VIP).err
    other = {"ONCALL_TUI_KEY": "A" * 43 + "="}
    result = process("lookup", stdin=VIP, env=other)
    assert (result.code, "needs key" in result.err) == (1, True)
    assert process("lookup", stdin=VIP, env={"ONCALL_TUI_KEY": "short"}).code == 1
    given = [line for line in kept.decode().splitlines() if not line.startswith("#")]
    assert process("lookup", stdin=VIP, env={"ONCALL_TUI_KEY": " ".join(given)}).code == 0
