"""Where alerts go out to, as the settings have it: what a channel needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class TerminalWay(StrEnum):
    """How a terminal is told: `auto` finds out what it understands, besides the bell."""

    AUTO = "auto"
    BELL = "bell"
    OSC9 = "osc9"
    OSC777 = "osc777"
    OSC99 = "osc99"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class AlertChannels:
    """What the channels of one desk need to know.

    `push` are Apprise URLs of whoever is to be reached, `people` those of single engineers by name, `command`
    is the user's own program with its arguments; all may hold passwords and are never shown. A channel that
    nothing is set for isn't there.
    """

    desktop: bool = True
    terminal: TerminalWay = TerminalWay.AUTO
    push: tuple[str, ...] = field(default=(), repr=False)
    people: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    command: tuple[str, ...] = field(default=(), repr=False)
