from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from support import NOW

from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.tickets import Channel
from oncall_tui.store.engine import Store
from oncall_tui.store.keyring import Keyring


@pytest.fixture
def used(cli, open_as, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database in which two engineers did something at 03:12:44, by commands, which have a key."""
    open_as("setup")
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    with time_machine.travel(NOW, tick=False):
        new = ("ticket", "new", "--customer", "leman", "--channel", "email", "--subject", "x")
        assert cli("--as", "Léa", *new, "A-1").code == 0
        assert cli("--as", "Marc", "ticket", "take", "A-1").code == 0
    with time_machine.travel(NOW.replace(hour=5), tick=False):
        assert cli("--as", "Marc", "ticket", "note", "A-1", "--text", "[/b] seen").code == 0
    return database_url


def test_a_list_tells_who_did_what_when_and_to_whom(cli, used):
    first, second, third = cli("audit", "list", "--json").json
    assert {name: value for name, value in second.items() if name != "workstation"} == {
        "id": 2,
        "at": "2026-03-27T03:12:44+01:00",
        "operator": "Marc",
        "act": "take",
        "subject": "A-1",
        "customer": "leman",
        "outcome": "done",
        "detail": {},
    }
    assert (first["act"], first["operator"], third["act"]) == ("new", "Léa", "note")
    lines = cli("audit", "list").out.splitlines()
    assert lines[0].split() == ["ID", "AT", "BY", "FROM", "ACT", "OF", "CUSTOMER", "OUTCOME", "DETAIL"]
    assert lines[2].startswith(" 2  2026-03-27 03:12:44  Marc")
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--by", "Marc"], [2, 3]),
        (["--by", "Marc", "--act", "take"], [2]),
        (["--customer", "leman", "--limit", "1"], [3]),
        (["--customer", "moret"], []),
        (["--outcome", "done"], [1, 2, 3]),
        (["--outcome", "no_match"], []),
        (["--since", "2026-03-27T03:12:45"], [3]),
        (["--since", "2026-03-27T02:12:44+00:00", "--until", "2026-03-27T06:12:44"], [1, 2]),
    ],
)
def test_a_list_has_what_is_asked_for(cli, used, options, ids):
    assert [entry["id"] for entry in cli("audit", "list", "--json", *options).json] == ids


def test_a_list_as_of_then_ends_then(cli, used):
    then = cli("--now", "2026-03-27T04:00", "audit", "list", "--json").json
    assert [entry["id"] for entry in then] == [1, 2]


def test_an_empty_list_says_so(cli, used):
    result = cli("audit", "list", "--by", "Nobody")
    assert (result.code, result.out, result.err) == (0, "", "no entries\n")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "٣"])
def test_a_limit_is_a_number_from_1(cli, used, limit):
    assert cli("audit", "list", f"--limit={limit}").code == 2


def test_a_whole_audit_is_verified_and_its_head_is_taken_back(cli, used):
    document = cli("audit", "verify", "--json").json
    head = document.pop("head")
    assert document == {
        "ok": True,
        "entries": 3,
        "wrong": [],
        "more": 0,
        "without_key_before": 0,
        "without_key_since": 0,
    }
    result = cli("audit", "verify")
    assert result.code == 0
    assert result.out == f"3 entries: nothing changed, removed, inserted or moved\nhead {head}\n"
    assert cli("audit", "verify", "--head", head).code == 0
    other = cli("audit", "verify", "--head", "3:0123456789abcdef")
    assert other.code == 1
    assert "entry 3: not the one that was kept as 3:0123456789abcdef" in other.out
    assert cli("audit", "verify", "--head", "3").code == 2


def tamper(url: str, statement: str) -> None:
    store = Store.open(url)
    with store.begin() as tx:
        if store.dialect == "postgresql":
            tx.connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
        else:
            for verb in ("update", "delete"):
                tx.connection.exec_driver_sql(f"DROP TRIGGER audit_no_{verb}")
        tx.connection.exec_driver_sql(statement)
    store.close()


def test_an_audit_that_was_changed_is_exit_1_with_a_line_for_each_trouble(cli, used):
    tamper(used, "UPDATE audit SET operator = 'Léa' WHERE id = 2")
    result = cli("audit", "verify")
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith(
        "entry 2: changed\n3 entries: the audit is not proven to be as it was written\nhead 3:"
    )
    document = cli("audit", "verify", "--json").json
    assert document["ok"] is False
    assert document["wrong"] == [{"from": 2, "to": 2, "what": "changed"}]


def test_what_somebody_wrote_in_by_hand_is_shown_and_harmless(cli, used):
    tamper(
        used,
        "UPDATE audit SET detail = 'none', at = 9223372036854775807, subject = 'a\x1b]0;b\x07' WHERE id = 2",
    )
    entry = cli("audit", "list", "--json").json[1]
    assert (entry["detail"], entry["at"][:4]) == ({"?": "none"}, "2200")
    assert "\x1b" not in cli("audit", "list").out
    assert cli("audit", "verify").code == 1


def test_entries_without_the_key_are_told_and_pass_only_where_they_are_allowed(cli, used, tmp_path):
    key = Path(os.environ["XDG_DATA_HOME"], "oncall-tui", "oncall.key")
    key.rename(tmp_path / "kept")
    assert cli("ticket", "note", "A-1", "--text", "y").code == 0
    gone = cli("audit", "verify")
    assert gone.code == 1
    assert "entries 1 to 3: not verified (3 with key " in gone.out
    assert f"the key file {key} is not there" in gone.out
    (tmp_path / "kept").rename(key)
    result = cli("audit", "verify")
    assert result.code == 1
    assert "1 entry written without the key, between 4 and 4: " in result.out
    assert cli("audit", "verify", "--json").json["ok"] is False
    assert cli("audit", "verify", "--allow-keyless").code == 0
    found = next(c for c in cli("doctor", "--json").json["checks"] if c["name"] == "codes")
    assert found["state"] == "warn"
    assert "the last entry of the audit was written without it" in found["message"]


def test_entries_from_before_the_key_are_told(cli, desk: Desk, database_url):
    keyless = open_desk(database_url, desk.offer, "Léa", clock=desk.clock)
    keyless.tickets.new(ref="A-1", customer="leman", channel=Channel.EMAIL, subject="x")
    keyless.close()
    assert cli("--database", database_url, "ticket", "take", "A-1").code == 0
    result = cli("--database", database_url, "audit", "verify")
    assert result.code == 0
    assert "1 entry from before the first key: chained, but not sealed" in result.out


def test_an_audit_in_which_nothing_has_the_key_is_not_proven(cli, desk: Desk, database_url):
    Keyring(Path(os.environ["XDG_DATA_HOME"], "oncall-tui", "oncall.key")).create()
    keyless = open_desk(database_url, desk.offer, "Mallory", clock=desk.clock)
    keyless.tickets.new(ref="A-1", customer="leman", channel=Channel.EMAIL, subject="x")
    keyless.close()
    result = cli("--database", database_url, "audit", "verify")
    assert result.code == 1
    assert "no entry is sealed with the key, although there is one" in result.out
    assert cli("--database", database_url, "audit", "verify", "--allow-keyless").code == 0


def test_doctor_says_which_key_is_in_force_and_makes_none(cli, sqlite_url, tmp_path):
    def codes() -> dict[str, str]:
        checks = cli("--database", sqlite_url, "doctor", "--json").json["checks"]
        return next(check for check in checks if check["name"] == "codes")

    key = Path(os.environ["XDG_DATA_HOME"], "oncall-tui", "oncall.key")
    assert codes()["message"] == f"no key yet; the first act makes it: {key}"
    Store.open(sqlite_url).close()
    assert codes()["state"] == "ok"
    assert not key.exists()
    customers = tmp_path / "c.jsonl"
    customers.write_text('{"id": "leman", "name": "Banque", "plan": "pro"}')
    assert cli("--database", sqlite_url, "import", "customers", str(customers)).code == 0
    assert codes()["message"].endswith(f" from {key} (mode 0600)")
    key.chmod(0o640)
    assert codes()["state"] == "warn"
    assert codes()["message"].startswith(f"off: the key file {key} is open to others (mode 0640)")
    key.unlink()
    assert codes()["message"].startswith(f"off: the key file {key} is not there")
    assert not key.exists()


def test_a_pipe_that_closes_early_is_no_trouble(used):
    code = f"{sys.executable} -m oncall_tui audit list --json | head -c 1"
    done = subprocess.run(["sh", "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"[", b"")


def test_a_terminal_is_shown_how_far_it_is(used):
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "oncall_tui", "audit", "verify", "--json"],
        stdout=subprocess.PIPE,
        stderr=slave,
        env=os.environ | {"TERM": "xterm"},
        check=False,
    )
    os.close(slave)
    assert done.returncode == 0
    assert done.stdout.startswith(b"{")
    assert b"entries" in os.read(master, 65_536)
    os.close(master)
