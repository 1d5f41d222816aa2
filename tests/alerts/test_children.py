"""A program beside the screen can hold nothing up, whatever it does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from oncall_tui.alerts.children import run

ENV = dict(os.environ)


def python(code: str, text: str = "", limit: float = 20.0):
    return run(
        [sys.executable, "-c", f"import sys, os, time, subprocess\n{code}"], text, limit=limit, env=ENV
    )


def test_the_last_line_that_it_says_is_kept_clean() -> None:
    ended = python("sys.stderr.write('first\\n\\x1b]0;owned\\x07 la\\u0301st\\n\\n'); sys.exit(3)")
    assert ended.code == 3
    assert "\x1b" not in ended.words
    assert ended.words.endswith("lást")
    assert len(python("sys.stderr.write('x' * 1_000_000)").words) <= 200


def test_it_gets_the_whole_text_or_as_much_as_it_wants() -> None:
    text = "é" * 300_000
    assert python("sys.exit(len(sys.stdin.buffer.read()) == 600_000)", text).code == 1
    assert python("os.close(0)", text).code == 0
    assert python("pass", text).code == 0


def test_no_secret_of_ours_reaches_it() -> None:
    env = ENV | {"ONCALL_TUI_SECRET_MAIL": "hunter2", "ONCALL_TUI_KEY": "hunter3", "MINE": "hunted"}
    says = "sys.exit(' '.join(name for name, its in os.environ.items() if 'hunte' in its))"
    assert run([sys.executable, "-c", f"import os, sys; {says}"], "", limit=20.0, env=env) == (1, "MINE")


def test_at_the_limit_all_of_it_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    began = monotonic()
    ended = python(
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{other.pid}}')\n"
        "time.sleep(60)",
        limit=1.0,
    )
    assert ended.code is None
    assert monotonic() - began < 10
    for pid in map(int, pids.read_text().split()):
        wait_until_gone(pid)


def wait_until_gone(pid: int) -> None:
    give_up = monotonic() + 20
    while runs(pid):
        assert monotonic() < give_up, f"{pid} still runs"
        sleep(0.01)


def runs(pid: int) -> bool:
    # One that was killed may wait for its parent to take note.
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_one_that_is_left_behind_with_its_stderr_is_not_waited_for() -> None:
    began = monotonic()
    ended = python(
        "sys.stderr.write('done\\n'); sys.stderr.flush()\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], start_new_session=True)",
    )
    assert ended == (0, "done")
    assert monotonic() - began < 15


def test_no_key_waits_for_it() -> None:
    """It runs at a lower priority than the screen, and has no terminal to write to."""
    ended = python("time.sleep(0.3); sys.stderr.write(f'{os.nice(0)} {os.getsid(0) == os.getpid()}')")
    assert ended.words == f"{min(os.nice(0) + 10, 19)} True"
    assert python("sys.exit(os.isatty(0) or os.isatty(1) or os.isatty(2))").code == 0


def test_what_cannot_be_started_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        run(["/no/such/program"], "", limit=1, env=ENV)


def test_no_file_stays_open() -> None:
    python("pass")
    before = len(os.listdir("/dev/fd"))
    python("pass")
    python("time.sleep(60)", limit=0.2)
    with pytest.raises(FileNotFoundError):
        run(["/no/such/program"], "", limit=1, env=ENV)
    assert len(os.listdir("/dev/fd")) == before
