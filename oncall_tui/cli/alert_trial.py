"""Tries the channels of alerts, for `doctor`: sends a test over each, and asks whether it was seen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.cli.finding import Finding, State
from oncall_tui.domain.alerts import Channel, Level, Notice, Result
from oncall_tui.domain.messages import marked
from oncall_tui.translation import translated

if TYPE_CHECKING:
    from oncall_tui.alerts.senders import Sender
    from oncall_tui.config import Settings
    from oncall_tui.domain.alert_channels import AlertChannels

TITLE = marked("oncall-tui: a test")
BODY = marked("Sent at {time}. Nothing has happened.")

_NAMES = {Channel.TERMINAL: "bell"}
"""The channels that the checks call otherwise."""


def trials(settings: Settings, now: datetime, ask: Callable[[str], bool] | None) -> Iterator[Finding]:
    """Send a test over each channel and yield what became of it.

    `ask` asks whether it was seen, None where nobody can answer.
    """
    from oncall_tui.alerts.senders import senders

    found = senders(settings.channels, None if ask is None else _told)
    for channel, sender in found.items():
        for name in _names(channel, settings.channels):
            yield _tried(channel, sender, _notice(settings, now, name), ask)
    if not found:
        yield Finding("trial", State.WARN, "no channel is set")


def _names(channel: Channel, channels: AlertChannels) -> Iterator[str]:
    """Return who is sent a test by name; empty for everybody."""
    if channel is not Channel.PUSH or channels.push:
        yield ""
    if channel is Channel.PUSH:
        yield from channels.people


def _notice(settings: Settings, now: datetime, to: str) -> Notice:
    at = f"{now.astimezone(settings.offer.zone):%H:%M:%S}"
    title, body = (translated(text, settings.language) for text in (TITLE, BODY))
    return Notice(Level.WARNING, title, body.format(time=at), to)


def _tried(channel: Channel, sender: Sender, notice: Notice, ask: Callable[[str], bool] | None) -> Finding:
    name = _NAMES.get(channel, channel.value)
    to = f" to {notice.to}" if notice.to else ""
    sent = sender.send(notice)
    detail = f": {sent.detail}" if sent.detail else ""
    if sent.result is Result.ABSENT:
        return Finding(name, State.OK, f"none here{detail}")
    if sent.result is not Result.OK:
        return Finding(name, State.FAIL, f"test{to} not delivered, {sent.result}{detail}")
    if ask is None:
        return Finding(name, State.OK, f"test{to} delivered; whether it was seen nobody could be asked")
    if ask(f"{name}: a test{to} was sent. Did you see it?"):
        return Finding(name, State.OK, f"test{to} seen")
    return Finding(name, State.FAIL, f"test{to} not seen", _HINTS[channel])


_HINTS = {
    Channel.DESKTOP: "is the desktop set not to disturb? Does the notification service run on this screen?",
    Channel.TERMINAL: "does the terminal have its bell on? alerts.terminal sets which sequence it gets",
    Channel.PUSH: "look for it where the target keeps what it refuses; see alerts.push",
    Channel.COMMAND: "run the program by hand with the same JSON on stdin; see alerts.command",
}


def _told(sequence: str) -> None:
    """Write to the terminal that the questions are asked on."""
    sys.stdout.write(sequence)
    sys.stdout.flush()


def asked(question: str) -> bool:
    """Ask on the terminal; anything but yes is no, and so is the end of the input."""
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        print()
        return False
    return answer.strip().lower() in ("y", "yes", "o", "oui")
