"""Notices through the terminal: the bell, and the sequence that it shows a notification for.

A terminal says nowhere what it understands, so it is known by what it leaves in the environment. One that
doesn't know a sequence may print it, so a terminal that isn't known gets the bell alone.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import count

from oncall_tui.domain.alert_channels import TerminalWay
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result
from oncall_tui.domain.environment import without_secrets
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.text import clean
from oncall_tui.multiplexer import passed_through

BELL = "\a"

TITLE_LIMIT, BODY_LIMIT = 120, 240
"""Characters that are told; kitty takes 2048 bytes of each."""

_ASKING = 1.0
"""Seconds that tmux has for an answer."""

_KNOWN: tuple[tuple[str, TerminalWay], ...] = (
    ("kitty", TerminalWay.OSC99),
    ("iterm", TerminalWay.OSC9),
    ("wezterm", TerminalWay.OSC777),
    ("foot", TerminalWay.OSC777),
    ("ghostty", TerminalWay.OSC777),
    ("rxvt-unicode", TerminalWay.OSC777),
    ("contour", TerminalWay.OSC777),
)
"""What the names of terminals have in them, and what those understand."""

_TRACES: tuple[tuple[str, str], ...] = (
    ("KITTY_WINDOW_ID", "kitty"),
    ("WEZTERM_PANE", "wezterm"),
    ("GHOSTTY_RESOURCES_DIR", "ghostty"),
    ("ITERM_SESSION_ID", "iterm"),
)
"""Variables that only one terminal sets."""

_URGENCY = {Level.NOTICE: 0, Level.WARNING: 1}


class Terminal:
    """Tells notices to the terminal of the screen, through `tell`."""

    def __init__(self, way: TerminalWay, tell: Callable[[str], None], env: Mapping[str, str]) -> None:
        self._way = way
        self._tell = tell
        self._env = env
        self._numbers = count(1)

    def send(self, notice: Notice) -> Outcome:
        """Tell `notice`. Whether the terminal showed it can't be known."""
        # tmux is asked each time: somebody may look at it from another terminal by now.
        way = resolved(self._way, self._env)
        name = f"oncall-{os.getpid()}-{next(self._numbers)}"
        try:
            self._tell(BELL + wrapped(sequence(notice, way, name), self._env))
        except OncallError as error:
            return Outcome(Result.ABSENT, error.message)
        return Outcome(Result.OK)


def resolved(way: TerminalWay, env: Mapping[str, str]) -> TerminalWay:
    """Return the way to go: what is set, or what the terminal understands. tmux may be asked."""
    if way is not TerminalWay.AUTO:
        return way
    return way_of(env, tmux_says(env, "#{client_termname} #{client_termtype}") if env.get("TMUX") else "")


def way_of(env: Mapping[str, str], around: str = "") -> TerminalWay:
    """Return what the terminal understands, going by `env` and what tmux says of the terminal `around` it.

    Over SSH little arrives but `TERM`; within tmux the variables are those of the terminal it was started in.
    """
    for name in _names(env, around):
        for part, way in _KNOWN:
            if part in name.lower():
                return way
    return TerminalWay.BELL


def _names(env: Mapping[str, str], around: str) -> Iterator[str]:
    yield around
    if not around:
        yield from (env.get(each, "") for each in ("TERM", "TERM_PROGRAM", "LC_TERMINAL", "TERMINAL_NAME"))
        yield from (name for variable, name in _TRACES if env.get(variable))


def tmux_says(env: Mapping[str, str], wanted: str) -> str:
    """Return what tmux fills into `wanted`, one of its formats, empty if it doesn't answer soon."""
    import subprocess

    target = ["-t", env["TMUX_PANE"]] if env.get("TMUX_PANE") else []
    try:
        done = subprocess.run(  # noqa: S603 - nothing foreign in it
            ["tmux", "display-message", "-p", *target, wanted],  # noqa: S607 - the one that it runs in
            env=without_secrets(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASKING,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return clean(done.stdout.decode("utf-8", "replace"), limit=200) if done.returncode == 0 else ""


def sequence(notice: Notice, way: TerminalWay, name: str = "oncall") -> str:
    """Return the sequence that shows `notice`, empty where the bell is all; `name` tells it from others."""
    # Clean text has no control character, so nothing in it ends the sequence.
    title = clean(notice.title, limit=TITLE_LIMIT) or "oncall-tui"
    body = clean(notice.body, limit=BODY_LIMIT)
    if way is TerminalWay.OSC99:
        urgency = _URGENCY.get(notice.level, 2)
        return "".join(
            f"\x1b]99;i={name}:d={done}:u={urgency}:e=1:p={part};{b64encode(text.encode()).decode()}{BELL}"
            for done, part, text in ((0, "title", title), (1, "body", body))
        )
    # A semicolon separates, and `9;4;…` would be ConEmu's progress.
    title, body = title.replace(";", ","), body.replace(";", ",")
    if way is TerminalWay.OSC777:
        return f"\x1b]777;notify;{title};{body}{BELL}"
    if way is TerminalWay.OSC9:
        return f"\x1b]9;{title}: {body}{BELL}" if body else f"\x1b]9;{title}{BELL}"
    return ""


def wrapped(sequence: str, env: Mapping[str, str]) -> str:
    """Return `sequence` for the terminal itself, through tmux or GNU screen where one of them runs."""
    return (passed_through(sequence, env) or sequence) if sequence else ""
