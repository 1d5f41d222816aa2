"""The pages of `docs/` that are written from the code: settings and keys.

`make docs` runs `python -m oncall_tui.reference docs`; a test fails while a page says something else
than the code does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from oncall_tui.actions import Action, Group, Keymap, Scope
from oncall_tui.config import CONFIG_VARIABLE, DATABASE_VARIABLE, OPERATOR_VARIABLE
from oncall_tui.setting import Setting
from oncall_tui.settings import SECTIONS, SETTINGS

_MADE_BY = "<!-- Written by `make docs` from the code; a change here is lost. -->"

_EXAMPLE = """\
timezone = "Europe/Zurich"

[calendars.phone]
weekdays = ["06:00-19:00"]
sat = ["09:00-12:00"]
holidays = ["2026-12-25", "2027-01-01"]

[plans.enterprise]
response = "1h"
emergency = true
"""


def settings_page() -> str:
    """Return `docs/settings.md`."""
    return "\n".join(_settings_lines())


def keys_page() -> str:
    """Return `docs/keys.md`."""
    return "\n".join(_keys_lines())


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page, "keys.md": keys_page}
"""The pages by their file names."""


def main(arguments: list[str]) -> int:
    """Write the pages into the folder that `arguments` names, `docs` if it names none."""
    folder = Path(arguments[0] if arguments else "docs")
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
    return 0


def _settings_lines() -> Iterator[str]:
    yield from (
        "# Settings",
        "",
        _MADE_BY,
        "",
        "One TOML file, all of it optional. It is the one that `--config FILE` names, else the one that",
        f"`{CONFIG_VARIABLE}` names, else `config.toml` in the user's configuration folder (on Linux",
        "`~/.config/oncall-tui`). `oncall-tui doctor` says which file is read.",
        "",
        f"`database` and `operator` can also be given as `{DATABASE_VARIABLE}` and",
        f"`{OPERATOR_VARIABLE}`, or as `--database` and `--as`: the command line goes before the",
        "environment, the environment before the file. Whatever the program doesn't know is refused, with",
        "the file, the key and what is allowed.",
        "",
        "```toml",
        _EXAMPLE + "```",
        "",
    )
    yield from _setting_table(setting for setting in SETTINGS if "." not in setting.key)
    for section, meaning in SECTIONS.items():
        yield from (f"## `[{section}]`", "", meaning, "")
        yield from _setting_table(
            setting for setting in SETTINGS if setting.key.rpartition(".")[0] == section
        )


def _setting_table(settings: Iterator[Setting[object]]) -> Iterator[str]:
    yield "| setting | allowed | default | what it does |"
    yield "|---|---|---|---|"
    for setting in settings:
        cells = (f"`{setting.key.rpartition('.')[2]}`", setting.allowed, _default(setting), setting.help)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _default(setting: Setting[object]) -> str:
    if isinstance(setting.default, Mapping):
        return "<br>".join(f"{name}: `{json.dumps(value)}`" for name, value in setting.default.items())
    return setting.unset or ("none" if setting.default is None else f"`{json.dumps(setting.default)}`")


def _keys_lines() -> Iterator[str]:
    yield from (
        "# Keys",
        "",
        _MADE_BY,
        "",
        "The same letter does the same thing on every screen. These are the default keys; `[keys]` in the",
        "[settings](settings.md) gives an action others, by its id. `oncall-tui keys` prints those that are",
        "in force, `?` shows the keys of the screen or dialog that is open.",
        "",
    )
    for scope in Scope:
        yield from (f"## {scope.heading}", "")
        actions = Keymap().on(scope)
        for group in Group:
            yield from _key_table(group, [action for action in actions if action.group is group])


def _key_table(group: Group, actions: list[Action]) -> Iterator[str]:
    if not actions:
        return
    yield from (f"### {group.value}", "", "| key | id | does | what it means |", "|---|---|---|---|")
    for action in actions:
        keys = " ".join(f"`{key}`" for key in action.shown_keys.split(" "))
        asks = " Asks first." if action.asks_first else ""
        yield f"| {keys} | `{action.id}` | {action.label} | {action.help}{asks} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
