"""What holds for every command: exit codes, where what is printed, and no traceback."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import HOSTILE

import oncall_tui
from oncall_tui import cli as package
from oncall_tui.domain.errors import (
    BadInput,
    Conflict,
    MustWait,
    NotFound,
    OncallError,
    Refused,
    StoreUnavailable,
)

COMMANDS = ("open", "demo", "import", "queue", "ticket", "deadline", "doctor", "keys", "db")
TICKET_ACTS = ("new", "take", "answer", "promise", "note", "hand-over", "close", "reopen", "show")
HEAVY = {"textual", "sqlalchemy", "alembic", "rich", "tomllib", "zoneinfo", "oncall_tui.config"}


def test_the_two_ways_to_start_are_one_program(process):
    result = process("--version")
    assert (result.code, result.out.strip()) == (0, f"oncall-tui {oncall_tui.__version__}")
    script = Path(sys.executable).with_name("oncall-tui")
    assert subprocess.check_output([script, "--version"], text=True) == result.out


def test_help_names_every_command_that_there_is(cli):
    result = cli("--help")
    assert result.code == 0
    for command in COMMANDS:
        assert f"    {command} " in result.out


@pytest.mark.parametrize(
    "command",
    [
        *((name,) for name in COMMANDS),
        *(("ticket", act) for act in TICKET_ACTS),
        *(("import", kind) for kind in ("customers", "tickets")),
        *(("db", act) for act in ("upgrade", "backup", "purge")),
    ],
    ids=" ".join,
)
def test_help_of_a_command_ends_with_an_example_that_it_understands(cli, command):
    result = cli(*command, "--help")
    assert result.code == 0
    assert result.err == ""
    assert f"example: oncall-tui {command[0]}" in result.out or "example: oncall-tui --now" in result.out


def test_help_loads_neither_textual_nor_sqlalchemy_nor_the_settings():
    code = (
        "import sys; from oncall_tui.cli import main; main(['queue', '--help']); "
        f"print('heavy:', {HEAVY} & set(sys.modules))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out.splitlines()[-1] == "heavy: set()"


@pytest.mark.parametrize("command", ["calls", "report", "quue"])
def test_a_command_that_is_not_there_is_wrong_usage_that_lists_those_that_are(process, command):
    result = process(command, "--json")
    assert result.code == 2
    assert result.json["error"]["title"] == "Usage"
    assert "queue" in result.json["error"]["message"]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("queue", "--limti", "3"), "--limti", "--limit N"),
        (("queue", "--lim", "3"), "--lim", "--limit N"),
        (("queue", "--limit", "0"), "whole number from 1", "--limit N"),
        (("queue", "--order", "age"), "due", "--order"),
        (("queue", "--queue", "vip"), "vip", "unassigned"),
        (("queue", "--now", "2026-03-27T03:00"), "--now goes before", "oncall-tui --now"),
        (("ticket",), "required: ACT", "oncall-tui ticket"),
        (("ticket", "take"), "required: REF", "REF"),
        (("--now", "2026-03-27T03:00", "ticket", "take", "T-1"), "ticket take acts in the present", ""),
        (("--now", "yesterday", "queue"), "yesterday", "2026-03-27T18:10"),
        (("--config", "none.toml", "queue"), "none.toml", "--config"),
        (("--database", "oncall.db", "queue"), "--database", "sqlite:////"),
        (("open", "--screen", "log"), "log", "queue, calls, lookup"),
        (("demo", "--tickets", "-1"), "--tickets", "oncall-tui demo"),
    ],
)
def test_wrong_usage_is_one_line_and_what_is_allowed(cli, arguments, message, hint):
    result = cli(*arguments)
    assert result.code == 2
    assert result.out == ""
    first, *rest = result.err.splitlines()
    assert first.startswith("oncall-tui: ")
    assert message in first
    assert hint in "".join(rest)
    assert len(rest) <= 1


@pytest.mark.parametrize(
    ("error", "code"),
    [(Refused, 1), (Conflict, 1), (BadInput, 2), (NotFound, 3), (MustWait, 4), (StoreUnavailable, 5)],
)
def test_every_kind_of_error_has_its_exit_code(cli, monkeypatch, error: type[OncallError], code):
    def fail(*_):
        raise error("no\x1b[2Jno", hint="do that", rule="R21")

    monkeypatch.setattr("oncall_tui.cli.keys.run", fail)
    result = cli("keys")
    assert (result.code, result.out) == (code, "")
    assert result.err == "oncall-tui: no\ufffd[2Jno (R21)\n  do that\n"
    result = cli("keys", "--json")
    assert (result.code, result.err) == (code, "")
    assert result.json == {
        "error": {"title": error.title, "message": "no\ufffd[2Jno", "hint": "do that", "rule": "R21"}
    }


def test_what_nobody_foresaw_shows_no_traceback_and_quotes_nothing(cli, monkeypatch):
    def fail(*_):
        raise ValueError("the code is 407182")

    monkeypatch.setattr("oncall_tui.cli.keys.run", fail)
    result = cli("keys")
    assert result.code == 1
    assert "ValueError in test_main.py, line" in result.err
    assert "407182" not in result.err
    assert "Traceback" not in result.err
    assert cli("keys", "--json").json["error"]["rule"] is None


def test_debug_writes_the_traceback_to_a_private_log_without_local_variables(cli, monkeypatch):
    def fail(*_):
        secret = "407182"
        raise KeyError(len(secret))

    monkeypatch.setattr("oncall_tui.cli.keys.run", fail)
    result = cli("--debug", "keys")
    log = Path(result.err.splitlines()[-1].split("details are in ")[1])
    assert "KeyError: 6" in log.read_text()
    assert "407182" not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    assert "Traceback" not in result.err


def test_an_unreachable_store_is_exit_5(process):
    for url in ("postgresql://u:geheim@127.0.0.1:1/d", "sqlite:////proc/nowhere/oncall.db"):
        result = process("--database", url, "queue", "--json")
        assert result.code == 5
        assert "geheim" not in result.out + result.err
        assert result.json["error"]["title"] == "Store"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    command = [sys.executable, "-m", "oncall_tui", "keys", "--json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_that_cannot_be_written_is_said():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", "keys"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"oncall-tui: input or output failed: No space left on device\n"


def test_a_closed_stdout_is_no_crash():
    done = subprocess.run(
        f"{sys.executable} -m oncall_tui keys >&-", shell=True, stderr=subprocess.PIPE, check=False
    )
    assert b"Traceback" not in done.stderr


def test_ctrl_c_ends_it_without_a_word(tmp_path):
    command = [sys.executable, "-m", "oncall_tui", "--as", "Léa", "ticket", "note", "T-1", "--text", "-"]
    running = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        # A shell's background job, as a test run may be, passes on that the signal is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stdin is not None
    # The database file is there as soon as the command reads its stdin for the note.
    database = Path(os.environ["XDG_DATA_HOME"], "oncall-tui", "oncall.db")
    while not database.exists() and running.poll() is None:
        pass
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == package.INTERRUPTED
    assert out == b""
    assert b"Traceback" not in err


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\0" not in HOSTILE[name]])
def test_hostile_arguments_never_reach_the_terminal(cli, name):
    text = HOSTILE[name]
    for arguments in (
        ("queue", "--queue", text),
        ("queue", f"--x{text}"),
        ("--now", text, "queue"),
        ("--as", text, "queue", "--queue", "?"),
        ("deadline", "--received", "2026-03-27T10:00", "--calendar", text, "--minutes", "1"),
    ):
        for result in (cli(*arguments), cli(*arguments, "--json")):
            assert result.code == 2
            shown = result.out + result.err
            assert not [
                c for c in shown if c != "\n" and not c.isprintable() and c not in "\u00a0\u3000\u202f"
            ]


def test_a_stdout_that_is_not_utf8_gets_json_all_the_same(process):
    result = process("keys", "--json", env={"PYTHONIOENCODING": "latin-1"})
    assert result.out.isascii()
    assert any("↓" in key or "down" in key for action in result.json for key in action["keys"])
    assert process("keys", env={"PYTHONIOENCODING": "ascii"}).code == 0
