"""The settings of what alerts go out over: a part of the table in `settings.py`, and what becomes of it."""

from __future__ import annotations

from types import MappingProxyType

from oncall_tui import setting_values as read
from oncall_tui.domain.alert_channels import AlertChannels, TerminalWay
from oncall_tui.domain.errors import BadSettings
from oncall_tui.setting import Setting, Values

DESKTOP = Setting(
    "alerts.desktop",
    "true or false",
    read.boolean,
    "Whether alerts are shown as notifications on the desktop that the program runs on.",
    default=True,
)
TERMINAL = Setting(
    "alerts.terminal",
    f"{', '.join(TerminalWay)}",
    read.terminal_way,
    "How the terminal of the board is told. `auto` rings the bell and, where the terminal is known to show "
    "notifications, sends the sequence for it: 99 to kitty, 9 to iTerm2, 777 to WezTerm, foot, ghostty, "
    "rxvt-unicode and contour. `bell` only rings, `off` does nothing.",
    default=TerminalWay.AUTO.value,
)
PUSH = Setting(
    "alerts.push",
    'a list of Apprise URLs like ["ntfys://ntfy.example/oncall", "mailtos://user:password@mail.example"]',
    read.push_urls,
    "Where alerts go to reach people elsewhere: mail, ntfy, Signal, SMS gateways and what else "
    "[Apprise](https://github.com/caronc/apprise) knows. It needs `pip install 'oncall-tui[push]'`. All are "
    "sent to at once and have 12 s, so a URL for each recipient is best. The file should be for its owner's "
    "eyes only (mode 0600): such a URL holds passwords, and is never shown.",
    default=[],
    secret=True,
)
COMMAND = Setting(
    "alerts.command",
    'a program and its arguments, a list of texts like ["/usr/local/bin/page-me", "--loud"]',
    read.command,
    "A program of your own that is started for each alert, without a shell and for 10 s at most. It gets the "
    "alert as JSON on stdin (`level`, `title`, `text`, `refs`, `to`) and in the variables ONCALL_TUI_LEVEL, "
    "ONCALL_TUI_TITLE, ONCALL_TUI_TEXT, ONCALL_TUI_REFS and ONCALL_TUI_TO. Any exit status but 0 is a "
    "failure, and the last line on stderr says why.",
    default=[],
    secret=True,
)

PERSON_NAME = Setting(
    "people.NAME.name",
    "a name of 1 to 64 printable characters",
    read.operator,
    "The name that they act under, as in `operator`.",
    unset="NAME",
)
PERSON_PUSH = Setting(
    "people.NAME.push",
    PUSH.allowed,
    read.push_urls,
    "Where alerts for them alone go: a ticket that was handed over, an escalation. Never shown.",
    default=[],
    secret=True,
)

SETTINGS: tuple[Setting[object], ...] = (DESKTOP, TERMINAL, PUSH, COMMAND, PERSON_NAME, PERSON_PUSH)
"""In the order in which the page of settings lists them."""

SECTIONS: dict[str, str] = {
    "alerts": "What raises an alert, and what it goes out over besides the mark on every board. "
    "`oncall-tui doctor --alerts` tries each channel.",
    "people.NAME": "Who alerts can be sent to by name. NAME begins with a small letter.",
}


def channels_of(values: Values) -> AlertChannels:
    """Return what the file says about channels. Raises `BadSettings`."""
    people: dict[str, tuple[str, ...]] = {}
    for key in values.names("people"):
        name = values.given(PERSON_NAME, key) or key
        if name in people:
            raise BadSettings(
                f"{values.source}: people.{key}: there is one by the name {name} already",
                hint="allowed: each name once",
            )
        people[name] = values.get(PERSON_PUSH, key)
    return AlertChannels(
        desktop=values.get(DESKTOP),
        terminal=values.get(TERMINAL),
        push=values.get(PUSH),
        people=MappingProxyType({name: urls for name, urls in people.items() if urls}),
        command=values.get(COMMAND),
    )
