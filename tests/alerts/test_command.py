"""A program of the user's own: it gets the notice, and says by its status whether it was delivered."""

from __future__ import annotations

import json
import os

import pytest

from oncall_tui.alerts import command
from oncall_tui.alerts.command import Command
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result

NOTICE = Notice(
    Level.CRITICAL, "! Fromagerie Moret: 10 % left", "It's <b> $(reboot) `x`", "Léa", ("T-1", "T-2")
)

RECORDS = """
got = {"argv": sys.argv[1:], "stdin": json.load(sys.stdin), "tty": os.isatty(1)}
got["env"] = {key: value for key, value in os.environ.items() if key.startswith("ONCALL_TUI_")}
json.dump(got, open(f"{HERE}/got", "w"))
"""


def test_it_gets_the_notice_on_stdin_and_in_variables(program, tmp_path):
    page = program("page", RECORDS)
    argv = [str(page), "--to; reboot", "$HOME", "a b"]
    assert Command(argv, dict(os.environ)).send(NOTICE) == Outcome(Result.OK)
    got = json.loads((tmp_path / "got").read_text())
    assert got["argv"] == argv[1:]
    assert got["tty"] is False
    assert got["stdin"] == {
        "level": "critical",
        "title": NOTICE.title,
        "text": NOTICE.body,
        "to": "Léa",
        "refs": ["T-1", "T-2"],
    }
    assert got["env"] == {
        "ONCALL_TUI_LEVEL": "critical",
        "ONCALL_TUI_TITLE": NOTICE.title,
        "ONCALL_TUI_TEXT": NOTICE.body,
        "ONCALL_TUI_TO": "Léa",
        "ONCALL_TUI_REFS": "T-1 T-2",
    }


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (
            "sys.stderr.write('trying …\\nno credit left\\n'); sys.exit(2)",
            Outcome(Result.FAILED, "no credit left"),
        ),
        ("sys.exit(2)", Outcome(Result.FAILED, "exit status 2")),
        ("sys.stderr.write('all is well\\n')", Outcome(Result.OK)),
    ],
)
def test_its_status_says_whether_it_was_delivered(program, code, outcome):
    assert Command([str(program("page", code))], dict(os.environ)).send(NOTICE) == outcome


def test_one_that_hangs_is_given_up(program, monkeypatch):
    monkeypatch.setattr(command, "LIMIT", 0.5)
    page = program("page", "sys.stderr.write('dialling\\n'); sys.stderr.flush(); time.sleep(60)")
    assert Command([str(page)], dict(os.environ)).send(NOTICE) == Outcome(Result.TIMEOUT, "dialling")


@pytest.mark.parametrize("folder", [".", "far" * 60])
def test_one_that_cannot_be_started_is_named(tmp_path, folder):
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "text").write_text("no program")
    for path, reason in (("missing", "No such file or directory"), ("text", "Permission denied")):
        outcome = Command([str(tmp_path / folder / path), "secret"], {}).send(NOTICE)
        assert outcome.result is Result.FAILED
        assert outcome.detail.endswith(f"/{path}: {reason}")
        assert len(outcome.detail) <= 120
        assert "secret" not in outcome.detail
