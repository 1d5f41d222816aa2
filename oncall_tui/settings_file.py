"""The settings file: where it is, and what stands in it, looked up setting by setting.

What may stand in it is the table in `settings.py`; whatever isn't there is refused at once. Every error names
the file, the key, the value and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from oncall_tui import settings as table
from oncall_tui.domain.errors import BadInput, BadSettings
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES
from oncall_tui.setting import Setting

T = TypeVar("T")

CONFIG_VARIABLE = "ONCALL_TUI_CONFIG"

OWN_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""What a section of one's own may be called."""

_ONE_OF = {
    "calendars": "calendar",
    "queues": "queue",
    "people": "person",
    "sources": "source",
    "templates": "template",
}


def default_file() -> Path:
    """Return the settings file that is read when none is named."""
    from platformdirs import user_config_path

    return user_config_path("oncall-tui", appauthor=False) / "config.toml"


class SettingsFile:
    """A settings file, looked up setting by setting. Unknown keys are refused at once."""

    def __init__(self, source: str, document: Mapping[str, Any]) -> None:
        self.source = source
        self._document = document
        self._refuse_unknown(document)

    def get(self, setting: Setting[T], name: str | None = None) -> T:
        """Return the value of `setting`, in the section `name`, or its default."""
        if self._raw(setting, name) is None:
            return setting.read(setting.default_for(name))
        return self._read(setting, name)

    def given(self, setting: Setting[T], name: str | None = None) -> T | None:
        """Return the value that the file gives, None where it is silent."""
        return None if self._raw(setting, name) is None else self._read(setting, name)

    def _raw(self, setting: Setting[T], name: str | None) -> object:
        # TOML has no null, so None can only mean that nothing stands there.
        value: Any = self._document
        for part in _path(setting, name):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _read(self, setting: Setting[T], name: str | None) -> T:
        return read(setting, self._raw(setting, name), self.source, ".".join(_path(setting, name)))

    def refuse_keys(self, name: str, allowed: str) -> NoReturn:
        """Raise `BadSettings` for the keys of the action `name`."""
        raise BadSettings(
            f"{self.source}: keys.{name} = {_shown(self._raw(table.KEYS, name))} is not allowed",
            hint=f"allowed: {allowed}",
        )

    def names(self, section: str) -> list[str]:
        """Return the names that the file gives `[section.NAME]` for."""
        return list(self._document.get(section, ()))

    def _refuse_unknown(
        self, found: Mapping[str, Any], inside: tuple[str, ...] = (), shown: tuple[str, ...] = ()
    ) -> None:
        """Look at the section `found`: `inside` is its path in the table of settings, `shown` in the file."""
        known = _children(inside)
        for key, value in found.items():
            here = ".".join((*shown, _shown_key(key)))
            if any_name := _any_name(known):
                self._refuse_name(inside[0], key)
            elif key not in known:
                raise BadSettings(
                    f"{self.source}: {here} is no setting",
                    hint=_did_you_mean(key, known) or f"allowed here: {', '.join(known)}",
                )
            path = (*inside, any_name or key)
            if not (parts := _children(path)):
                continue
            if not isinstance(value, Mapping):
                said = here if _holds_secret(path) else f"{here} = {_shown(value)}"
                raise BadSettings(
                    f"{self.source}: {said}: it is a section",
                    hint=f"allowed in it: {', '.join(parts)}",
                )
            self._refuse_unknown(value, path, (*shown, key))

    def _refuse_name(self, section: str, name: str) -> None:
        if section == "plans":
            plans = [plan.value for plan in Plan]
            if name not in plans:
                raise BadSettings(
                    f"{self.source}: plans.{_shown_key(name)} is no plan",
                    hint=_did_you_mean(name, plans) or f"allowed: {', '.join(plans)}",
                )
        elif section == "keys":
            from oncall_tui.actions import ACTIONS

            actions = [action.id for action in ACTIONS]
            if name not in actions:
                raise BadSettings(
                    f"{self.source}: keys.{_shown_key(name)} is no action",
                    hint=_did_you_mean(name, actions) or f"allowed: {', '.join(actions)}",
                )
        elif section in ("people", "sources", "templates"):
            self._refuse_own_name(section, name)
        elif section == "queues":
            self._refuse_own_name(section, name)
            if taken := [queue.name for queue in QUEUES if queue.name == name]:
                raise BadSettings(
                    f"{self.source}: queues.{name}: there is a queue {taken[0]} already",
                    hint=f"allowed: any name but {', '.join(queue.name for queue in QUEUES)}",
                )
        elif name not in table.CALENDARS:
            self._refuse_own_name(section, name)
            # A calendar of one's own may have any name, but [calendars.phnoe] would leave the hours
            # of the telephone as they are without a word.
            if meant := _did_you_mean(name, table.CALENDARS):
                raise BadSettings(
                    f"{self.source}: calendars.{name} looks like a slip",
                    hint=f"{meant} A calendar of your own needs a name further from it",
                )

    def _refuse_own_name(self, section: str, name: str) -> None:
        if not OWN_NAME.fullmatch(name):
            raise BadSettings(
                f"{self.source}: {section}.{_shown_key(name)} can't be the name of a {_ONE_OF[section]}",
                hint="allowed: a small letter, then up to 31 small letters, digits, - or _",
            )


def read(setting: Setting[T], value: object, source: str, key: str) -> T:
    """Return the typed value of `setting`; `BadSettings` names `source`, `key`, value and what is allowed."""
    shown = "" if setting.secret else f" = {_shown(value)}"
    try:
        return setting.read(value)
    except ValueError:
        raise BadSettings(
            f"{source}: {key}{shown} is not allowed", hint=f"allowed: {setting.allowed}"
        ) from None
    except BadInput as error:
        raise BadSettings(f"{source}: {key}{shown}: {error.message}", hint=error.hint) from None


def find(path: Path | None, env: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    """Return the settings file and what stands in it; None and nothing where there is none.

    `path` is what the command line says. Raises `BadSettings` for a file that was named and isn't there,
    can't be read or is no TOML.
    """
    named = path or (Path(env[CONFIG_VARIABLE]) if env.get(CONFIG_VARIABLE) else None)
    source = named or default_file()
    try:
        raw = source.read_bytes()
    except FileNotFoundError:
        if named is None:
            return None, {}
        raise BadSettings(
            f"{source}: there is no such settings file",
            hint=f"named by {'--config' if path else CONFIG_VARIABLE}; without it {default_file()} is read",
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadSettings(f"{source}: the settings file can't be read: {reason}") from None
    # Imported here: most start without a settings file.
    import tomllib

    try:
        return source, tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadSettings(f"{source}: line {line} is not UTF-8", hint="save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(
            f"{source}: no valid TOML: {error}", hint='a setting looks like timezone = "Europe/Zurich"'
        ) from None
    except RecursionError:
        raise BadSettings(f"{source}: no valid TOML: nested too deeply") from None


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Put `source` before what the domain says about a value."""
    try:
        yield
    except BadSettings as error:
        raise BadSettings(f"{source}: {error.message}", hint=error.hint, rule=error.rule) from None


def _path(setting: Setting[T], name: str | None) -> list[str]:
    return [name or part if part.isupper() else part for part in setting.key.split(".")]


def _any_name(known: Iterable[str]) -> str:
    """Return what stands in the table for any name (NAME, ACTION) if one may stand here, else nothing."""
    return next((key for key in known if key.isupper()), "")


def _children(path: tuple[str, ...]) -> list[str]:
    """Return the keys that may stand in the section at `path`, none for a setting."""
    depth = len(path)
    split = (tuple(setting.key.split(".")) for setting in table.SETTINGS)
    return list(dict.fromkeys(key[depth] for key in split if key[:depth] == path and len(key) > depth))


def _holds_secret(path: tuple[str, ...]) -> bool:
    """Say whether a value that stands for the section at `path` may be one that is never shown."""
    return any(
        setting.secret and tuple(setting.key.split("."))[: len(path)] == path for setting in table.SETTINGS
    )


def _did_you_mean(text: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, list(known), n=1, cutoff=0.75)
    return f"did you mean {close[0]}?" if close else ""


def _shown_key(key: str) -> str:
    return key[:40] if re.fullmatch(r"[A-Za-z0-9_-]+", key) else repr(key[:40])


def _shown(value: object) -> str:
    """Return `value` as a line for an error: short, without control codes."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
