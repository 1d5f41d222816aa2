"""The settings of when alerts are raised, and which channels each level goes out over: a part of the table
in `settings.py`, and what becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from oncall_tui import setting_values as read
from oncall_tui.domain.alerts import DEFAULT_ALERTS, AlertRules, Chain, Channel, Kind, Level
from oncall_tui.domain.durations import format_duration, parse_duration
from oncall_tui.domain.errors import BadInput, BadSettings
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.setting import Setting, Values

LONGEST_WAIT = timedelta(hours=12)


def _percents(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(type(item) in (int, float) for item in value):
        raise ValueError
    if not all(0 <= item < 100 for item in value) or len(set(value)) != len(value):
        raise ValueError
    return tuple(sorted((item / 100 for item in value), reverse=True))


def _wait(off: str) -> Callable[[object], timedelta | None]:
    """Return what reads a duration up to `LONGEST_WAIT`, None for the word `off`."""

    def wait(value: object) -> timedelta | None:
        if not isinstance(value, str):
            raise ValueError
        if value.strip().lower() == off:
            return None
        try:
            duration = parse_duration(value)
        except BadInput:
            raise ValueError from None
        if not timedelta(minutes=1) <= duration <= LONGEST_WAIT:
            raise ValueError
        return duration

    return wait


def _kinds(value: object) -> frozenset[Kind]:
    if not isinstance(value, list):
        raise ValueError
    return frozenset(Kind(item) for item in value)


def _chain(value: object) -> Chain:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError
    chain = tuple(frozenset(Channel(name) for name in re.split(r"\s*\+\s*", item.strip())) for item in value)
    if len([channel for step in chain for channel in step]) != len(frozenset().union(*chain)):
        raise ValueError
    return chain


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError
    names = tuple(read.operator(item) for item in value)
    if len(set(names)) != len(names):
        raise ValueError
    return names


_INTERVAL = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)


def _nightly(value: object) -> tuple[str, ...]:
    """Return intervals within a day: one over midnight is split there."""
    found: list[str] = []
    for each in read.intervals(value):
        match = _INTERVAL.fullmatch(each.strip())
        if match is None:
            raise ValueError
        begins, ends = match.groups()
        found += [f"{begins}-{ends}"] if begins < ends else [f"{begins}-24:00", f"00:00-{ends}"]
    kept = tuple(each for each in found if each != "00:00-00:00")
    try:
        if kept:
            OpeningHours("quiet", "UTC", {"daily": kept})
    except BadSettings:
        raise ValueError from None
    return kept


def _written(chain: Chain) -> list[str]:
    return ["+".join(channel for channel in Channel if channel in step) for step in chain]


RESPONSE = Setting(
    "alerts.response",
    "a list of percentages from 0 to below 100 like [50, 25, 10, 0]",
    _percents,
    "What is left of a guarantee, in percent of its opening time, when an alert is raised; 0 is the breach "
    "(R3, R6).",
    default=[round(share * 100) for share in DEFAULT_ALERTS.response],
)
PROMISE = Setting(
    "alerts.promise",
    'a duration from 1min to 12h like "5min", or "none"',
    _wait("none"),
    "How long before its end a promised update raises an alert; its end raises one in any case (R7).",
    default=format_duration(timedelta(minutes=5)),
)
ACCESS = Setting(
    "alerts.access_before",
    'a duration from 1min to 12h like "15min", or "none"',
    _wait("none"),
    "How long before its end temporary access raises an alert to the engineer who uses it; its end raises "
    "one in any case (R23).",
    default=format_duration(timedelta(minutes=15)),
)
OFF = Setting(
    "alerts.off",
    f"a list of: {', '.join(Kind)}",
    _kinds,
    "What raises no alert.",
    default=[],
)
CHAINS: Mapping[Level, Setting[Chain]] = {
    level: Setting(
        f"alerts.chain.{level}",
        f'a list of channels ({", ".join(Channel)}), each once, like ["desktop+terminal", "push"]',
        _chain,
        f"What an alert of the level *{level}* goes out over: what stands first; where that fails, what "
        "comes next. With + between them channels go out together. A channel that nothing is set for is "
        "passed over; [] leaves the mark on the board.",
        default=_written(DEFAULT_ALERTS.chains[level]),
    )
    for level in Level
}
QUIET = Setting(
    "alerts.quiet",
    'a list of intervals like ["22:00-06:00"], which may go over midnight',
    _nightly,
    "Hours of the provider's day in which nothing is told a second time: the end of a snooze and escalations "
    "wait until they are over. Emergencies are never quiet, nor is what is told for the first time.",
    default=[],
)
ESCALATE = Setting(
    "alerts.escalate",
    'a duration from 1min to 12h like "10min", or "off"',
    _wait("off"),
    "How long nobody may acknowledge an alert before it goes on: first over the channels of an emergency, "
    "then to each of `alerts.duty` in their order. Notices don't.",
    default="off",
)
DUTY = Setting(
    "alerts.duty",
    'a list of names like ["Léa", "Marc"], each once',
    _names,
    "Who is on duty, in the order in which an alert goes to them. `people.NAME.push` says where they are "
    "reached; `alerts.command` gets the name.",
    default=[],
)

SETTINGS: tuple[Setting[object], ...] = (
    RESPONSE,
    PROMISE,
    ACCESS,
    OFF,
    *CHAINS.values(),
    QUIET,
    ESCALATE,
    DUTY,
)
"""In the order in which the page of settings lists them."""

SECTIONS: dict[str, str] = {
    "alerts.chain": "The channels by level: `notice` (a new Enterprise ticket, a ticket that was handed "
    "over), `warning` (half of a guarantee is left, a promise is due soon, access that you use ends "
    "soon, a pause after wrong codes, a source is away), `critical` (a quarter and less, access that you use "
    "has ended, a refused report of an outage, somebody may be guessing codes, the store is away), `breach` "
    "and `emergency` (a call rings, an emergency was accepted).",
}


def rules_of(values: Values, zone: ZoneInfo) -> AlertRules:
    """Return what the file says about raising alerts. Raises `BadSettings`."""
    quiet = values.get(QUIET)
    return AlertRules(
        response=values.get(RESPONSE),
        promise_before=values.get(PROMISE),
        access_before=values.get(ACCESS),
        off=values.get(OFF),
        chains=MappingProxyType({level: values.get(setting) for level, setting in CHAINS.items()}),
        quiet=OpeningHours("quiet", zone.key, {"daily": quiet}) if quiet else None,
        escalate_after=values.get(ESCALATE),
        duty=values.get(DUTY),
    )
