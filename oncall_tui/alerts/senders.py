"""What can be sent over, by channel."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from oncall_tui.domain.alert_channels import AlertChannels, TerminalWay
from oncall_tui.domain.alerts import Channel, Notice, Outcome, Result


class Sender(Protocol):
    """Sends over one channel."""

    def send(self, notice: Notice) -> Outcome:
        """Send `notice` and say what became of it. It may take some seconds and raises nothing."""
        ...


class _Guarded:
    """A sender that raises nothing, whatever goes wrong in it."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def send(self, notice: Notice) -> Outcome:
        """Send `notice`; an unforeseen error is named by its kind alone, its text may hold a secret."""
        try:
            return self._sender.send(notice)
        except Exception as error:  # noqa: BLE001 - the chain goes on with the next channel
            return Outcome(Result.FAILED, type(error).__name__)


def senders(
    channels: AlertChannels,
    tell_terminal: Callable[[str], None] | None = None,
    env: Mapping[str, str] = os.environ,
) -> Mapping[Channel, Sender]:
    """Return a sender a channel that something is set for.

    `tell_terminal` writes a sequence to the terminal of the screen, from any thread; None where there is
    none. `env` is the environment that channels are found in and that programs get.
    """
    found: dict[Channel, Sender] = {}
    if channels.desktop:
        from oncall_tui.alerts.desktop import Desktop

        found[Channel.DESKTOP] = Desktop(env)
    if channels.terminal is not TerminalWay.OFF and tell_terminal is not None:
        from oncall_tui.alerts.terminal import Terminal

        found[Channel.TERMINAL] = Terminal(channels.terminal, tell_terminal, env)
    if channels.push or channels.people:
        from oncall_tui.alerts.push import Push

        found[Channel.PUSH] = Push(channels.push, channels.people, env)
    if channels.command:
        from oncall_tui.alerts.command import Command

        found[Channel.COMMAND] = Command(channels.command, env)
    return {channel: _Guarded(sender) for channel, sender in found.items()}
