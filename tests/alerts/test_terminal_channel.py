"""The bell and the sequences that a terminal shows a notification for."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.alerts.terminal import Terminal, sequence, way_of, wrapped
from oncall_tui.domain.alert_channels import TerminalWay
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result
from oncall_tui.domain.errors import NotFound

BELL, OSC9, OSC777, OSC99 = TerminalWay.BELL, TerminalWay.OSC9, TerminalWay.OSC777, TerminalWay.OSC99

NOTICE = Notice(Level.BREACH, "!! Banque du Léman; broken", "It's <b> due 03:00")

WHOLE = {
    OSC9: re.compile(r"\x1b\]9;[^\x00-\x1f\x7f-\x9f;]+\a"),
    OSC777: re.compile(r"\x1b\]777;notify;[^\x00-\x1f\x7f-\x9f;]*;[^\x00-\x1f\x7f-\x9f;]*\a"),
    OSC99: re.compile(r"(?:\x1b\]99;i=oncall:d=[01]:u=[012]:e=1:p=(?:title|body);[A-Za-z0-9+/=]*\a){2}"),
}
"""What a sequence is from its first byte to its last: nothing in it ends it early or means something else."""


@pytest.mark.parametrize(
    ("env", "around", "way"),
    [
        ({"TERM": "xterm-kitty"}, "", OSC99),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "", OSC99),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "", OSC9),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "SSH_TTY": "/dev/pts/1"}, "", OSC9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "", OSC777),
        ({"TERM": "foot"}, "", OSC777),
        ({"TERM": "foot-extra"}, "", OSC777),
        ({"TERM": "xterm-ghostty"}, "", OSC777),
        ({"TERM": "rxvt-unicode-256color"}, "", OSC777),
        ({"TERM": "contour"}, "", OSC777),
        ({"TERM": "xterm-256color"}, "", BELL),
        ({"TERM": "rxvt"}, "", BELL),
        ({"TERM": "alacritty"}, "", BELL),
        ({"TERM": "linux"}, "", BELL),
        ({}, "", BELL),
        # Within tmux: the terminal that looks at it now goes before the one that it was started in.
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, "", OSC99),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, "xterm-256color iTerm2 3.5", OSC9),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, "xterm-256color XTerm(390)", BELL),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "tmux"}, "foot foot(1.17.2)", OSC777),
    ],
)
def test_what_a_terminal_understands(env, around, way):
    assert way_of(env, around) is way


def test_what_is_written():
    assert sequence(NOTICE, OSC9) == "\x1b]9;!! Banque du Léman, broken: It's <b> due 03:00\a"
    assert sequence(NOTICE, OSC777) == "\x1b]777;notify;!! Banque du Léman, broken;It's <b> due 03:00\a"
    title, body = re.findall(r"p=\w+;([^\a]*)\a", sequence(NOTICE, OSC99))
    assert (b64decode(title).decode(), b64decode(body).decode()) == (NOTICE.title, NOTICE.body)
    assert sequence(NOTICE, BELL) == ""


@pytest.mark.parametrize("way", [OSC9, OSC777, OSC99])
def test_nothing_breaks_out_of_a_sequence(way):
    for text in (*HOSTILE.values(), "4;3;100", "-", "x" * 10_000):
        written = sequence(NOTICE._replace(title=text, body=text), way)
        assert WHOLE[way].fullmatch(written), ascii(written)
        assert len(written) < 3000


@given(st.text(), st.text(), st.sampled_from([OSC9, OSC777, OSC99]))
def test_no_text_breaks_out_of_a_sequence(title, body, way):
    written = sequence(NOTICE._replace(title=f"t{title}", body=body), way)
    assert WHOLE[way].fullmatch(written)


def test_tmux_and_screen_hand_it_on():
    assert wrapped("\x1b]9;x\a", {"TMUX": "x"}) == "\x1bPtmux;\x1b\x1b]9;x\a\x1b\\"
    assert wrapped("\x1b]9;x\a", {"STY": "x"}) == "\x1bP\x1b]9;x\a\x1b\\"
    assert wrapped("\x1b]9;x\a", {}) == "\x1b]9;x\a"
    assert wrapped("", {"TMUX": "x"}) == ""


def test_the_bell_rings_always_and_kitty_tells_notices_apart():
    told: list[str] = []
    kitty = Terminal(TerminalWay.AUTO, told.append, {"TERM": "xterm-kitty"})
    assert [kitty.send(NOTICE), kitty.send(NOTICE)] == 2 * [Outcome(Result.OK)]
    assert all(each.startswith("\a\x1b]99;") for each in told)
    assert len({re.search(r"i=([^:]+)", each)[1] for each in told}) == 2
    Terminal(TerminalWay.BELL, told.append, {"TERM": "xterm-kitty"}).send(NOTICE)
    assert told[-1] == "\a"


def test_a_tmux_that_is_not_there_leaves_the_bell():
    told: list[str] = []
    env = {"TMUX": "/no/such,1,0", "TERM": "tmux-256color", "PATH": "/usr/bin:/bin"}
    assert Terminal(TerminalWay.AUTO, told.append, env).send(NOTICE).result is Result.OK
    assert told == ["\a"]


def test_without_a_screen_there_is_no_terminal():
    def gone(sequence: str) -> None:
        raise NotFound("there is no terminal to write to")

    outcome = Terminal(TerminalWay.AUTO, gone, {}).send(NOTICE)
    assert outcome == Outcome(Result.ABSENT, "there is no terminal to write to")
