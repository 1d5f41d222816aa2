"""The checks of `doctor` on channels of alerts: what is there, without sending anything."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from oncall_tui.cli.finding import Finding, State
from oncall_tui.domain.alert_channels import AlertChannels, TerminalWay
from oncall_tui.domain.alerts import Result

if TYPE_CHECKING:
    from pathlib import Path

_OFF = "off in the settings"

_NAMES = {TerminalWay.OSC9: "OSC 9", TerminalWay.OSC777: "OSC 777", TerminalWay.OSC99: "OSC 99"}

_WAYS = {
    "dbus": "Python's dbus",
    "notify-send": "notify-send",
    "portal": "the desktop portal",
    "mac": "the notification centre",
    "windows": "the notification area",
}


def alert_checks(
    channels: AlertChannels, source: Path | None, env: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Look at every channel. `source` is the settings file that says where pushes go."""
    yield _desktop(channels, env)
    yield _bell(channels, env)
    yield _push(channels, source, env)
    yield _command(channels, env)


def _desktop(channels: AlertChannels, env: Mapping[str, str]) -> Finding:
    from oncall_tui.alerts import bus, desktop

    def found(message: str, hint: str = "") -> Finding:
        return Finding("desktop", State.WARN if hint else State.OK, message, hint)

    if not channels.desktop:
        return found(_OFF)
    reason = desktop.why_not(env)
    if reason == desktop.NO_WAY:
        return found(f"none here: {reason}", "on Debian and Ubuntu: apt install libnotify-bin")
    if reason:
        return found(f"none here: {reason}")
    way = _WAYS[desktop.ways(env)[0]]
    address = desktop.bus_address(env)
    if sys.platform in ("win32", "darwin") or desktop.in_flatpak():
        return found(f"by plyer, over {way}")
    try:
        service = bus.notification_service(address)
    except bus.BusTrouble as trouble:
        return found(f"the session bus at {address} can't be asked: {trouble}", "log in to the desktop anew")
    if not service:
        return found(
            f"{desktop.NO_SERVICE} ({address})", "start a notification service, such as dunst or mako"
        )
    return found(f"by plyer, over {way}, shown by {service}")


def _bell(channels: AlertChannels, env: Mapping[str, str]) -> Finding:
    from oncall_tui.alerts import terminal

    if channels.terminal is TerminalWay.OFF:
        return Finding("bell", State.OK, _OFF)
    if not any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return Finding("bell", State.OK, "no terminal here")
    way = terminal.resolved(channels.terminal, env)
    text = f"the bell, and a notification by {_NAMES[way]}" if way in _NAMES else "the bell alone"
    hints = []
    if env.get("TMUX"):
        text += ", through tmux"
        hints = list(_tmux_hints(env, notification=way in _NAMES))
    elif env.get("STY"):
        text += ", through GNU screen"
    elif way not in _NAMES and channels.terminal is TerminalWay.AUTO:
        text += ": this terminal isn't known to show notifications"
    return Finding("bell", State.WARN if hints else State.OK, text, "; ".join(hints))


def _tmux_hints(env: Mapping[str, str], *, notification: bool) -> Iterator[str]:
    """Say what tmux keeps from the terminal, and the line in its settings that changes it."""
    from oncall_tui.alerts.terminal import tmux_says

    wanted = "#{allow-passthrough},#{bell-action},#{visual-bell}"
    passes, bell, visual = (*tmux_says(env, wanted).split(","), "", "", "")[:3]
    # tmux before 3.3 has no such option and lets everything through.
    if notification and passes in ("off", "0"):
        yield "tmux keeps notifications to itself: set -g allow-passthrough on"
    if bell == "none":
        yield "tmux keeps the bell to itself: set -g bell-action any"
    if visual == "on":
        yield "tmux shows a line in place of the bell: set -g visual-bell off"


def _push(channels: AlertChannels, source: Path | None, env: Mapping[str, str]) -> Finding:
    from oncall_tui.alerts.push import NO_APPRISE, Push, installed

    if not channels.push and not channels.people:
        alone = "" if channels.command else ": while no board is open nobody is reached"
        return Finding("push", State.OK, f"nothing set{alone}")
    if not installed():
        message, _, hint = NO_APPRISE.partition(": ")
        return Finding("push", State.FAIL, message, hint)
    count = len(channels.push)
    text = f"{count} {'target' if count == 1 else 'targets'} for everybody"
    if channels.people:
        text += f", and {', '.join(channels.people)} by name"
    seen = Push(channels.push, channels.people, env).look()
    if seen.result is not Result.OK:
        return Finding("push", State.FAIL, f"{text}; {seen.detail or seen.result}", "see alerts.push")
    if source is not None and os.name == "posix" and source.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return Finding("push", State.WARN, f"{text}; others may read them", f"chmod 600 {source}")
    return Finding("push", State.OK, text)


def _command(channels: AlertChannels, env: Mapping[str, str]) -> Finding:
    if not channels.command:
        return Finding("command", State.OK, "nothing set")
    program = channels.command[0]
    found = shutil.which(program, path=env.get("PATH", os.defpath))
    if found is None:
        return Finding("command", State.FAIL, f"{program} can't be started", "see alerts.command")
    return Finding("command", State.OK, found)


def on_a_terminal() -> bool:
    """Say whether somebody reads what is printed and can answer."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
