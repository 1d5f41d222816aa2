"""Notices on the desktop with plyer, over a `notify-send` that writes down what it is called with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.alerts import desktop
from oncall_tui.alerts.children import python
from oncall_tui.alerts.desktop import LIMIT, Desktop, bus_address, cut_utf16, why_not, words
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result
from oncall_tui.domain.text import clean

NOTICE = Notice(Level.BREACH, "!! Banque du Léman: promise broken", "Due 03:00, overdue", refs=("T-1",))

RECORDS = "with open(f'{HERE}/argv', 'a') as file: file.write(json.dumps(sys.argv[1:]) + '\\n')"


def recorded(tmp_path: Path) -> list[str]:
    (line,) = (tmp_path / "argv").read_text().splitlines()
    return json.loads(line)


def test_title_and_text_are_shown_with_the_urgency_of_the_level(program, desktop_env, tmp_path):
    program("notify-send", RECORDS)
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.OK)
    shown = recorded(tmp_path)
    assert shown[:2] == [NOTICE.title, NOTICE.body]
    assert shown[shown.index("-u") + 1] == "critical"
    assert shown[shown.index("-a") + 1] == "oncall-tui"
    assert shown[shown.index("-t") + 1] == "0"  # stays until it is seen


@pytest.mark.parametrize("text", ["-h", "--help", "It's <b>bold</b> & \\n \\033", "x" * 10_000])
def test_nothing_is_read_as_an_option_or_as_markup(text):
    harmless(*words(NOTICE._replace(title=text, body=text)))


def test_nothing_acts_on_the_desktop():
    for text in HOSTILE.values():
        harmless(*words(NOTICE._replace(title=text, body=text)))


def harmless(title: str, body: str) -> None:
    assert title
    for shown in (title, body):
        assert not shown.startswith("-")
        assert clean(shown, limit=400) == shown
    assert not set("<>&\\") & set(body)


def test_a_text_of_ten_thousand_characters_that_looks_like_an_option_arrives(program, desktop_env, tmp_path):
    program("notify-send", RECORDS)
    long = NOTICE._replace(title="-h It's <b>", body="--It's <b> " + "x" * 10_000)
    assert Desktop(desktop_env).send(long) == Outcome(Result.OK)
    title, body = recorded(tmp_path)[:2]
    assert title == "–h It's <b>"
    assert body.startswith("–-It's ‹b› xxx")
    assert body.endswith("x…")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (
            "sys.exit('Could not connect: No such file or directory')",
            "Could not connect: No such file or directory",
        ),
        ("sys.exit(5)", "exit status 1"),
        ("os.kill(os.getpid(), 9)", "exit status 1"),
        (
            "sys.stderr.write('(notify-send:1): GLib-CRITICAL: \\x1b[2Jno\\n')",
            "(notify-send:1): GLib-CRITICAL: �[2Jno",
        ),
    ],
)
def test_a_bad_status_and_a_word_on_stderr_are_failures(program, desktop_env, code, outcome):
    program("notify-send", code)
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.FAILED, outcome)


def test_a_bus_that_nobody_shows_notifications_on_is_no_desktop(program, desktop_env):
    name = "org.freedesktop.Notifications"
    program("notify-send", f"sys.exit('The name {name} was not provided by any .service files')")
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.ABSENT, desktop.NO_SERVICE)


def test_a_desktop_that_hangs_is_given_up(program, desktop_env, monkeypatch):
    monkeypatch.setattr(desktop, "LIMIT", 0.5)
    program("notify-send", "time.sleep(60)")
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.TIMEOUT)
    assert LIMIT == 3


def test_one_that_hangs_and_whose_board_is_gone_ends_by_itself_with_all_that_it_started(
    program, desktop_env, tmp_path
):
    program(
        "notify-send", "with open(f'{HERE}/pid', 'w') as file: file.write(str(os.getpid()))\ntime.sleep(60)"
    )
    child = subprocess.Popen(
        python("desktop_child.py"),
        stdin=subprocess.PIPE,
        env=desktop_env,
        start_new_session=True,
    )
    child.communicate(desktop.wanted(NOTICE, ["notify-send"]).encode(), timeout=30)
    assert child.returncode == -signal.SIGKILL
    started, until = int((tmp_path / "pid").read_text()), time.monotonic() + 10
    # It is dead before it is gone.
    while _runs(started):
        assert time.monotonic() < until
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_without_notify_send_there_is_no_desktop(program, desktop_env, monkeypatch):
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.ABSENT, desktop.NO_WAY)
    # It may go away, or Python's dbus be one for another Python, after it was looked for.
    monkeypatch.setattr(desktop, "ways", lambda env: ("dbus", "notify-send"))
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.ABSENT, desktop.NO_WAY)


def test_without_a_bus_and_over_ssh_nothing_is_started(program, desktop_env, tmp_path):
    program("notify-send", RECORDS)
    (tmp_path / "bus").unlink()
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.ABSENT, desktop.NO_BUS)
    remote = desktop_env | {
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x",
        "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22",
    }
    assert Desktop(remote).send(NOTICE) == Outcome(Result.ABSENT, desktop.OVER_SSH)
    assert not (tmp_path / "argv").exists()


def test_where_the_bus_is(desktop_env, tmp_path):
    assert bus_address(desktop_env) == f"unix:path={tmp_path}/bus"
    assert bus_address({"DBUS_SESSION_BUS_ADDRESS": "unix:abstract=/x"}) == "unix:abstract=/x"
    assert bus_address({}) == ""
    assert why_not({"SSH_TTY": "/dev/pts/1"}) == desktop.OVER_SSH


def test_a_folder_named_app_makes_no_flatpak(program, desktop_env, tmp_path):
    """plyer takes it for one, and hands texts to gdbus unescaped."""
    program("notify-send", RECORDS)
    (tmp_path / "app").mkdir()
    program("gdbus", "open(f'{HERE}/gdbus', 'w')")
    site = tmp_path / "site"
    site.mkdir()
    # In the child `/app` is there.
    (site / "sitecustomize.py").write_text(
        "import os.path\nreal = os.path.isdir\nos.path.isdir = lambda path: path == '/app' or real(path)\n"
    )
    assert Desktop(desktop_env | {"PYTHONPATH": str(site)}).send(NOTICE) == Outcome(Result.OK)
    assert recorded(tmp_path)[0] == NOTICE.title
    assert not (tmp_path / "gdbus").exists()


def test_within_a_flatpak_the_portal_is_asked_with_a_text_that_stays_one(
    program, desktop_env, tmp_path, monkeypatch
):
    monkeypatch.setattr(desktop, "in_flatpak", lambda: True)
    program("gdbus", RECORDS)
    sent = Desktop(desktop_env).send(NOTICE._replace(title="It's", body="'>, 'buttons': <[{'x'}]\\"))
    assert sent == Outcome(Result.OK)
    (variant,) = recorded(tmp_path)[-1:]
    assert variant == "{'title': <'It’s'>, 'body': <'’›, ’buttons’: ‹[{’x’}]/'>}"


def test_the_folder_one_is_in_is_not_loaded_from(program, desktop_env, tmp_path, monkeypatch):
    program("notify-send", RECORDS)
    for name in ("plyer.py", "json.py", "oncall_tui.py", "selectors.py"):
        (tmp_path / name).write_text("raise SystemExit('taken from the folder')")
    monkeypatch.chdir(tmp_path)
    assert Desktop(desktop_env).send(NOTICE) == Outcome(Result.OK)


@given(st.text(max_size=300), st.integers(1, 64))
def test_a_text_for_windows_fits_and_is_cut_between_characters(text, units):
    text = text.encode("utf-16-le", "replace").decode("utf-16-le")
    cut = cut_utf16(text, units)
    assert len(cut.encode("utf-16-le")) <= 2 * units
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_windows_gets_what_its_fields_hold():
    title, body = words(NOTICE._replace(title="𝄞" * 200, body="𝄞" * 2000), windows=True)
    assert len(title.encode("utf-16-le")) // 2 <= 63
    assert len(body.encode("utf-16-le")) // 2 <= 255
    assert sys.platform != "win32" or desktop.ways({}) == ("windows",)
