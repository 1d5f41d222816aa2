"""`import`: what scripts and people are told, and what is left beside the file."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE

TICKET = {
    "ref": "T-1",
    "customer": "leman",
    "channel": "email",
    "subject": "Mail queue stuck",
    "received_at": "2026-03-27T03:00:00+01:00",
}
CUSTOMERS = (
    "\ufeffid;name;plan;contact_name;vip_code\r\n"
    "leman;Banque du Léman;enterprise;A. Rochat;407182\r\n"
    "leman;;;B. Favre;\r\n"
    "jardin;Jardin d'Été;standard;;\r\n"
)


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)


@pytest.fixture
def customers(tmp_path: Path) -> str:
    path = tmp_path / "customers.csv"
    path.write_bytes(CUSTOMERS.encode())
    return str(path)


def tickets(folder: Path, *rows: dict[str, Any]) -> str:
    path = folder / "tickets.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_customers_then_tickets_then_both_again(cli, customers, tmp_path):
    first = cli("import", "customers", customers, "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json == {
        "read": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "rejected_file": None,
    }
    night = tickets(tmp_path, TICKET, TICKET | {"ref": "T-2", "customer": "jardin"})
    assert cli("import", "tickets", night, "--json").json["created"] == 2
    assert cli("import", "customers", customers, "--json").json["unchanged"] == 2
    assert cli("import", "tickets", night, "--json").json["unchanged"] == 2
    assert [ticket["ref"] for ticket in cli("queue", "--json").json] == ["T-1", "T-2"]
    assert not list(tmp_path.glob("*.rejected.jsonl"))


def test_what_is_rejected_stands_beside_the_file_and_the_rest_is_stored(cli, customers, tmp_path):
    cli("import", "customers", customers)
    rows = [TICKET, TICKET | {"ref": "T-2", "customer": "nobody"}, TICKET | {"ref": "T-3", "channel": "fax"}]
    done = cli("import", "tickets", tickets(tmp_path, *rows), "--json")
    rejected = tmp_path / "tickets.jsonl.rejected.jsonl"
    assert done.code == 1
    assert done.json == {
        "read": 3,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 2,
        "rejected_file": str(rejected),
    }
    told = [json.loads(line) for line in rejected.read_text().splitlines()]
    assert sorted((row["line"], row["record"]["ref"]) for row in told) == [(2, "T-2"), (3, "T-3")]
    assert all(set(row) == {"line", "reason", "record"} for row in told)
    assert rejected.stat().st_mode & 0o777 == 0o600
    assert "line 3: unknown channel 'fax'; allowed: email, phone, emergency" in done.err
    assert str(rejected) in done.err


def test_people_get_one_line_and_the_first_reasons(cli, customers, tmp_path):
    cli("import", "customers", customers)
    night = tickets(tmp_path, TICKET, *(TICKET | {"ref": f"X-{n}", "channel": "fax"} for n in range(9)))
    done = cli("import", "tickets", night)
    assert done.out == f"{night}: 10 read, 1 created, 0 updated, 0 unchanged, 9 rejected\n"
    assert len(done.err.splitlines()) == 7
    assert "and 4 more\n" in done.err


def test_a_dry_run_stores_nothing(cli, customers, tmp_path):
    done = cli("import", "customers", customers, "--dry-run")
    would_be = "2 read, 2 created, 0 updated, 0 unchanged, 0 rejected"
    assert done.out == f"{customers}, nothing stored yet (--dry-run): {would_be}\n"
    assert cli("import", "customers", customers, "--json").json["created"] == 2


def test_jsonl_comes_from_stdin(process, tmp_path, customers):
    assert process("import", "customers", customers).code == 0
    done = process("import", "tickets", "-", "--json", stdin=f"{json.dumps(TICKET)}\r\nnonsense\n")
    assert done.code == 1
    assert (done.json["created"], done.json["rejected_file"]) == (1, "stdin.rejected.jsonl")
    assert (tmp_path / "stdin.rejected.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("rows.txt", b"", "is neither .csv nor .jsonl"),
        ("rows.csv", b"", "rows.csv is empty"),
        ("rows.csv", b"ref,colour\n", "line 1: unknown column 'colour'"),
        ("rows.csv", "ref,customer\n".encode("utf-16"), "looks like UTF-16"),
        (None, b"", "No such file or directory"),
    ],
)
def test_a_file_of_another_kind_is_wrong_usage(cli, tmp_path, name, content, says):
    path = tmp_path / (name or "missing.csv")
    if name:
        path.write_bytes(content)
    done = cli("import", "tickets", str(path), "--json")
    assert done.code == 2
    assert says in done.json["error"]["message"]


def test_a_plan_that_goes_down_names_the_rule(cli, customers, tmp_path):
    cli("import", "customers", customers)
    path = tmp_path / "later.jsonl"
    path.write_text(
        json.dumps({"id": "leman", "name": "Banque du Léman", "plan": "pro", "vip_code": "407182"})
    )
    done = cli("import", "customers", str(path), "--json")
    assert done.code == 1
    (row,) = [json.loads(line) for line in Path(done.json["rejected_file"]).read_text().splitlines()]
    assert row["reason"].endswith("(R21)")
    assert row["record"]["vip_code"] == "***"


def test_a_code_is_never_repeated(cli, tmp_path):
    """R19: not in the rejected file, not on the screen, however wrong the row is."""
    path = tmp_path / "customers.jsonl"
    code = {"vip_code": "407182"}
    rows: list[object] = [
        {"id": "a", "name": "A", "plan": "gold"} | code,
        {"id": "b", "name": "B"} | code,
        {"id": "c", "name": "C", "plan": "pro", "vipcode": "407182"},
        {"id": "d", "name": "D", "plan": "pro", "contacts": [{"support_code": "407182"}]},
        {"id": "e", "name": "E", "plan": "pro", "contacts": {"VIP-Code": "407182"}},
        ["407182"],
    ]
    lines = [json.dumps(row) for row in rows] + [
        '{"vip_code": "407182"',
        '{"vip_code": "407182", "vip_code": 1}',
    ]
    path.write_text("\n".join(lines))
    done = cli("import", "customers", str(path))
    assert f"{len(lines)} read" in done.out
    assert f"{len(lines)} rejected" in done.out
    assert "407182" not in done.out + done.err + Path(f"{path}.rejected.jsonl").read_text()


def test_hostile_rows_never_reach_the_terminal(cli, customers, tmp_path):
    cli("import", "customers", customers)
    rows = [TICKET | {"ref": text, "channel": text, "customer": text} for text in HOSTILE.values()]
    done = cli("import", "tickets", tickets(tmp_path, *rows))
    assert done.code == 1
    shown = done.out + done.err
    assert not [c for c in shown if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c in "\u202e\u2066"]
    assert Path(tmp_path / "tickets.jsonl.rejected.jsonl").read_text().isascii()


def test_a_terminal_sees_how_far_it_is(customers, tmp_path):
    """A pipe sees none of it: the other tests compare stderr to the letter."""
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", "import", "customers", customers, "--json"],
            env=os.environ | {"TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=slave,
            timeout=120,
            check=True,
        )
        os.close(slave)
        slave = -1
        seen = b""
        while b"100%" not in seen:
            seen += os.read(master, 4096)
    finally:
        os.close(master)
        if slave >= 0:
            os.close(slave)
    assert json.loads(done.stdout)["created"] == 2


def test_without_rows_nothing_happens_and_all_is_well(cli, tmp_path):
    assert cli("import", "tickets", tickets(tmp_path), "--json").json["read"] == 0


def test_an_unwritable_folder_is_told(cli, customers, tmp_path):
    cli("import", "customers", customers)
    night = tickets(tmp_path, TICKET | {"channel": "fax"})
    (tmp_path / "tickets.jsonl.rejected.jsonl").mkdir()
    done = cli("import", "tickets", night)
    assert done.code == 1
    assert "can't be written" in done.err


PEOPLE = """id,name,plan,contact_name,contact_email,support_code
acme,Acme SA,pro,Ann,ann@acme.ch,55550140
acme,Acme SA,pro,Bob,bob@acme.ch,55550141
zorn,Zorn AG,pro,Cid,cid@zorn.ch,55550142
zorn,Zorn AG,pro,Dan,dan@zorn.ch,55550143
"""


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("acme,Acme SA,pro,Bob", "acme,Acme SA,plus,Bob"),
        ("acme,Acme SA,pro,Bob", "acme,Acme SA,pro,x,Bob"),
        ("acme,Acme SA,pro,Bob", ",Acme SA,pro,Bob"),
        ("zorn,Zorn AG,pro,Cid", "zorn,Zorn AG,prooo,Cid"),
        ("zorn,Zorn AG,pro,Cid", "zorn,Zorn AG,pro,x,Cid"),
        ("Dan,dan@zorn.ch", "Dan," + "x" * 300),
    ],
    ids=["plan", "column", "no id", "first plan", "first column", "address"],
)
def test_a_slip_in_one_row_takes_no_code_from_anybody(cli, tmp_path, right, slip):
    """R16: what is revoked is revoked for good, so the row that is mended could never come in again."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    assert cli("import", "customers", str(path)).code == 0
    path.write_text(PEOPLE.replace(right, slip))
    done = cli("import", "customers", str(path), "--json")
    assert (done.code, done.json["rejected"]) == (1, 1)
    path.write_text(PEOPLE)
    assert cli("import", "customers", str(path), "--json").json["rejected"] == 0
    for customer in ("acme", "zorn"):
        states = cli("codes", "list", customer, "--json").json
        assert [state["revoked_at"] for state in states] == [None, None]


def test_who_leaves_after_a_slip_in_another_row_is_known_no_more(cli, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    cli("import", "customers", str(path))
    path.write_text(PEOPLE.replace("acme,Acme SA,pro,Bob", "acme,Acme SA,plus,Bob"))
    cli("import", "customers", str(path))
    path.write_text(PEOPLE.replace("acme,Acme SA,pro,Bob,bob@acme.ch,55550141\n", ""))
    assert cli("import", "customers", str(path)).code == 0
    states = cli("codes", "list", "acme", "--json").json
    assert {state["contact"]: state["revoked_at"] is None for state in states} == {"Ann": True, "Bob": False}
