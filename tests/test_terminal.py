"""What reaches the terminal and what comes from it, with the program in a process of its own."""

from __future__ import annotations

import base64
import os
import re
import signal
import stat
from pathlib import Path

import pytest
from board import Night, url_in
from hostile import HOSTILE
from pty_program import Program
from support import HandClock
from textual.app import App

from oncall_tui import terminal
from oncall_tui.domain.errors import BadInput, NotFound, OncallError
from oncall_tui.multiplexer import passed_through

ALLOWED = re.compile(
    rb"\x1b\[[0-9;]*[Hm]"  # Textual's cursor and colours
    rb"|\x1b\[[?<>][0-9;]*[hlu]|\x1b\[\?[0-9;]*\$p|\x1b\[<u"  # its modes, set at the start and the end
    rb"|\x1b\]22;[a-z]*(?:\x07|\x1b\\)"  # the pointer's shape
    rb"|\x1b\]22;default"
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_in(tmp_path)


def night_now(url: str) -> Night:
    """A night whose clock stands at the present, for programs that have the real one."""
    from datetime import UTC, datetime

    return Night(url, HandClock(datetime.now(UTC)))


def test_no_hostile_byte_reaches_the_terminal(url: str) -> None:
    night = night_now(url)
    for text in [*HOSTILE.values(), "x" * 10_000]:
        try:
            last = night.file(subject=text, contact=text, body=text, minutes_ago=1)
        except OncallError:
            continue  # nothing is left of it but nothing
    night.close()

    with Program("--database", url, columns=200, lines=len(HOSTILE) + 20) as program:
        program.wait_for(last.ref)
        program.wait_for("ago")
        program.type(b"G\r")
        program.wait_for("Conversation")
        program.type(b"\x1b")
        program.wait_for("SUBJECT")
        program.type(b"q")
        assert program.wait_for_exit() == 0

    rest = ALLOWED.sub(b"", program.output).decode()
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest), repr(
        re.findall(r".{0,20}[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f].{0,20}", rest)
    )
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", rest)
    assert "[/foo]" in rest
    assert "[@click=app.quit]x[/]" in rest


@pytest.mark.parametrize("noise", [b"\xff", b"\xc3", b"\x80\x81", b"\xf0\x28\x8c\x28"])
def test_bytes_that_are_not_utf8_dont_end_the_program(url: str, noise: bytes) -> None:
    night = night_now(url)
    night.file(subject="first", minutes_ago=2)
    night.file(subject="second", minutes_ago=1)
    night.close()
    with Program("--database", url) as program:
        program.wait_for("second")
        program.type(noise)
        program.type(b"w")
        program.wait_for("hat the team should know")
        program.type(b"\x1b")
        program.wait_for("take")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    assert "Traceback" not in program.text


CRASH = """
import sys
from oncall_tui.app import run_board
from oncall_tui.config import load_settings
from oncall_tui.screens.board import BoardScreen

def broken(self):
    vip_code = "407182" + "650"
    raise ValueError(f"foreign [/text] {vip_code} \\x1b[31m")

BoardScreen.action_refresh = broken
sys.exit(run_board(load_settings(None, {}, database=sys.argv[1], operator="Léa")))
"""


def test_a_crash_says_one_line_where_the_log_is_and_exits_non_zero(url: str, tmp_path: Path) -> None:
    night = night_now(url)
    night.file(subject="first")
    night.close()
    with Program(url, script=CRASH, columns=300) as program:
        program.wait_for("first")
        program.type(b"r")
        assert program.wait_for_exit() == 70

    after = program.output.rpartition(b"\x1b[?1049l")[2]
    lines = [line for line in re.sub(rb"\x1b\[[?0-9]*[a-z]", b"", after).decode().splitlines() if line]
    assert len(lines) == 1
    said = re.fullmatch(
        r"oncall-tui: a mistake of this program: ValueError in .*, line \d+; the details are in (.*)",
        lines[0],
    )
    assert said
    log = Path(said[1])
    assert log.is_relative_to(tmp_path)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    logged = log.read_text()
    assert "ValueError" in logged
    assert "vip_code =" not in logged.replace('vip_code = "407182" + "650"', "")
    assert "\x1b" not in logged


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_cleanly(url: str, number: signal.Signals) -> None:
    night = night_now(url)
    night.file(subject="first")
    night.close()
    with Program("--database", url) as program:
        program.wait_for("first")
        program.signal(number)
        assert program.wait_for_exit() == 128 + number
    assert program.output.count(b"\x1b[?1049l") == 1
    assert "Traceback" not in program.text


def test_a_terminal_that_goes_away_takes_the_program_with_it(url: str) -> None:
    night = night_now(url)
    night.file(subject="first")
    night.close()
    with Program("--database", url) as program:
        program.wait_for("first")
        program.hang_up()
        assert program.wait_for_exit() != 0


def test_stopped_and_continued_from_outside_it_goes_on(url: str) -> None:
    night = night_now(url)
    night.file(subject="Alpine", minutes_ago=2)
    night.close()
    with Program("--database", url) as program:
        program.wait_for("Alpine")
        program.wait_for("ago")
        program.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, program.process.pid, os.WSTOPPED)
        program.signal(signal.SIGCONT)
        program.wait_for("Alpine")
        program.type(b"?")
        program.wait_for("Make a ticket yours")
        program.type(b"\x1b")
        program.wait_for("Alpine")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    assert program.output.count(b"\x1b[?1049l") == 1


def colours_written(program: Program) -> set[str]:
    """Return the parameters of every SGR sequence that set a colour or an attribute."""
    return {found.decode() for found in re.findall(rb"\x1b\[([0-9;]*)m", program.output)} - {"0", ""}


def look(url: str, **env: str) -> Program:
    """Return the output of a board with one overdue ticket and one that isn't, the cursor moved once."""
    night = night_now(url)
    night.file(subject="first", minutes_ago=100)
    night.file(subject="second", minutes_ago=1)
    night.close()
    with Program("--database", url, env=env) as program:
        program.wait_for("first")
        program.wait_for("1 overdue")
        program.type(b"j")
        program.wait_for("second")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    return program


def test_without_colour_nothing_is_coloured_and_everything_is_said(url: str) -> None:
    program = look(url, NO_COLOR="1")
    # 39 and 49 are whatever the terminal has; bold, and reversed for the line of the cursor.
    assert colours_written(program) == {"39;49", "1;39;49", "1;7;39;49"}
    assert "!! -00:40:" in program.text
    assert re.search(rb"\x1b\[1;7;39;49m\xe2\x96\x8c .*second", program.output)


def test_256_colours_are_entries_of_the_palette(url: str) -> None:
    written = colours_written(look(url, COLORTERM="", TERM="xterm-256color"))
    assert all(re.fullmatch(r"(1;)?(38;5;\d+;)?48;5;\d+", codes) for codes in written)
    grounds = {codes.rpartition(";")[2] for codes in written}
    assert len(grounds) == 2, "the background, and the line of the cursor"


@pytest.mark.parametrize("term", ["linux", "xterm", "vt220"])
def test_16_colours_have_a_theme_of_their_own(url: str, term: str) -> None:
    written = colours_written(look(url, COLORTERM="", TERM=term))
    assert all(re.fullmatch(r"(1;)?(7;)?((3|9)[0-7];)?40", codes) for codes in written)
    assert "1;7;97;40" in written, "the line of the cursor is reversed"
    assert "30;40" not in written


COPY = """
import sys
from oncall_tui import terminal
from oncall_tui.app import run_board
from oncall_tui.config import load_settings
from oncall_tui.screens.board import BoardScreen

BoardScreen.action_refresh = lambda self: (terminal.copy(self.app, "T-000002 Léman"), self.say("copied"))
sys.exit(run_board(load_settings(None, {}, database=sys.argv[1], operator="Léa")))
"""


@pytest.mark.parametrize(
    ("env", "wrapped"),
    [
        ({"TMUX": "", "STY": ""}, b""),
        ({"TMUX": "/tmp/tmux-0/default,1,0", "STY": ""}, b"\x1bPtmux;\x1b\x1b]52;c;%s\x07\x1b\\"),
        ({"TMUX": "", "STY": "1.pts-0.desk"}, b"\x1bP\x1b]52;c;%s\x07\x1b\\"),
    ],
)
def test_copying_goes_to_the_clipboard_of_the_terminal(url: str, env: dict[str, str], wrapped: bytes) -> None:
    night = night_now(url)
    night.file(subject="first")
    night.close()
    with Program(url, script=COPY, env=env) as program:
        program.wait_for("first")
        before = len(program.output)
        program.type(b"r")
        program.wait_for("copied")
        program.type(b"q")
        assert program.wait_for_exit() == 0
    written = program.output[before:]
    encoded = base64.b64encode("T-000002 Léman".encode())
    assert b"\x1b]52;c;" + encoded + b"\x07" in written
    assert written.count(b"]52;") == (2 if wrapped else 1)
    if wrapped:
        assert wrapped % encoded in written


TELL = """
import sys, threading
from oncall_tui import terminal
from oncall_tui.app import run_board
from oncall_tui.config import load_settings
from oncall_tui.screens.board import BoardScreen

def begin(self):
    threading.Thread(target=terminal.tell, args=(self.app, "\\a\\x1b]777;notify;Léman;due\\a")).start()

BoardScreen.action_refresh = begin
sys.exit(run_board(load_settings(None, {}, database=sys.argv[1], operator="Léa")))
"""


def test_a_thread_tells_the_terminal_between_two_pictures(url: str) -> None:
    night = night_now(url)
    night.file(subject="first")
    night.close()
    with Program(url, script=TELL) as program:
        program.wait_for("first")
        program.type(b"r")
        program.wait_for("\a\x1b]777;notify;Léman;due\a")
        program.type(b"q")
        assert program.wait_for_exit() == 0


def test_without_a_screen_there_is_no_terminal_to_tell() -> None:
    with pytest.raises(NotFound):
        terminal.tell(App(), "\a")


@pytest.mark.parametrize("text", ["rm -rf ~\n", "\x1b]52;c;?\x07", "a\x00", "a\u202eb"])
def test_control_characters_are_not_copied(text: str) -> None:
    with pytest.raises(BadInput):
        terminal.copy(App(), text)


def test_a_long_text_goes_through_screen_in_pieces() -> None:
    wrapped = passed_through("\x1b]52;c;" + 1_000 * "A" + "\a", {"STY": "1.pts-0.desk"})
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", wrapped, re.DOTALL)
    assert "".join(pieces) == "\x1b]52;c;" + 1_000 * "A" + "\a"
    assert max(map(len, pieces)) <= 256


def test_keys_that_a_slow_line_brings_in_one_piece_are_carried_out_one_by_one(url: str) -> None:
    night = night_now(url)
    ticket = night.file(minutes_ago=1)
    with Program("--database", url) as program:
        program.wait_for("SUBJECT")
        program.wait_for("ago")
        program.type(b"wrack 12 is dark\r")
        program.wait_for("note written")
        program.type(b":q\r")
        assert program.wait_for_exit() == 0
    assert [note.text for note in night.desk("x").tickets.detail(ticket.id).messages] == ["rack 12 is dark"]
    night.close()
