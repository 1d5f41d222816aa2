"""Settings: the command line over the environment over one TOML file over the defaults.

What may be set stands in `settings.py`; here a file is read against that table and put together.
Every error names the file (or the variable, or the option), the key, the value and what is allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from oncall_tui import settings as table
from oncall_tui.alert_settings import rules_of
from oncall_tui.channel_settings import channels_of
from oncall_tui.domain.alert_channels import AlertChannels
from oncall_tui.domain.call_rules import CallRules
from oncall_tui.domain.codes import CodeRules
from oncall_tui.domain.errors import BadInput, BadSettings
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan, PlanTerms
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.domain.sla import Thresholds
from oncall_tui.setting import Setting

if TYPE_CHECKING:
    from oncall_tui.actions import Keymap
    from oncall_tui.store.keyring import Keyring

T = TypeVar("T")

CONFIG_VARIABLE = "ONCALL_TUI_CONFIG"
DATABASE_VARIABLE = "ONCALL_TUI_DATABASE"
OPERATOR_VARIABLE = "ONCALL_TUI_OPERATOR"
KEY_VARIABLE = "ONCALL_TUI_KEY"
"""The variable that holds keys in place of the key file, blanks between them, the newest first."""

_ONE_OF = {"calendars": "calendar", "queues": "queue", "people": "person"}
_OWN_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, checked. `source` is the file, None where there is none.

    `database` is an SQLAlchemy URL and may hold a password: it is never shown as it stands. `queues`
    are the program's own, then those of the file.
    `keys` are Textual's names of the keys by action id, where the file gives others than the default.
    `key_text` are the keys of the environment, if any (R19). `language` is that of the screens, `baresip`
    the host and port of a telephone's control socket, `channels` what alerts go out over.
    """

    offer: Offer
    database: str
    operator: str
    refresh_seconds: float
    hold_seconds: float
    theme: str
    tick: bool
    key_file: Path
    language: str = "en"
    baresip: tuple[str, int] | None = None
    queues: tuple[Queue, ...] = QUEUES
    source: Path | None = None
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    key_text: str = field(default="", repr=False)
    channels: AlertChannels = field(default_factory=AlertChannels)

    @property
    def keyring(self) -> Keyring:
        """Return the keys of codes and audit: those of the environment, or else of the key file."""
        from oncall_tui.store.keyring import Keyring

        return Keyring(self.key_file, self.key_text, KEY_VARIABLE)

    @property
    def keymap(self) -> Keymap:
        """Return the registry of actions with the keys of these settings."""
        from oncall_tui.actions import Keymap

        return Keymap().with_keys(self.keys) if self.keys else Keymap()


def load_settings(
    path: Path | None,
    env: Mapping[str, str],
    *,
    database: str | None = None,
    operator: str | None = None,
) -> Settings:
    """Read the settings.

    `path`, `database` and `operator` are what the command line says, None where it is silent. An
    empty variable counts as unset. The file in the user's configuration folder may be missing, one
    that was named may not. Raises `BadSettings`.
    """
    source, document = _find(path, env)
    values = _Values(str(source) if source else "the defaults", document)
    zone = values.get(table.TIMEZONE)
    return Settings(
        offer=Offer(
            zone=zone,
            calendars=_calendars(values, zone),
            plans={plan: _terms(values, plan) for plan in Plan},
            thresholds=_thresholds(values),
            codes=_codes(values),
            calls=CallRules(values.get(table.RING_LIMIT), values.get(table.SHIFTS)),
            region=values.get(table.REGION),
            alerts=rules_of(values, zone),
        ),
        database=_chosen(
            values, table.DATABASE, ("--database", database), (DATABASE_VARIABLE, env.get(DATABASE_VARIABLE))
        )
        or _default_database(),
        operator=_chosen(
            values, table.OPERATOR, ("--as", operator), (OPERATOR_VARIABLE, env.get(OPERATOR_VARIABLE))
        )
        or _login_name(env),
        refresh_seconds=values.get(table.REFRESH_SECONDS),
        hold_seconds=values.get(table.HOLD_SECONDS),
        theme=values.get(table.THEME),
        tick=values.get(table.TICK),
        language=values.get(table.LANGUAGE),
        baresip=values.get(table.BARESIP),
        key_file=values.given(table.KEY_FILE) or _default_key_file(),
        key_text=env.get(KEY_VARIABLE, ""),
        queues=(*QUEUES, *(_queue(values, name) for name in values.names("queues"))),
        source=source,
        keys=_keys(values),
        channels=channels_of(values),
    )


def default_file() -> Path:
    """Return the settings file that is read when none is named."""
    from platformdirs import user_config_path

    return user_config_path("oncall-tui", appauthor=False) / "config.toml"


class _Values:
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
        elif section == "people":
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
        if not _OWN_NAME.fullmatch(name):
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


def _find(path: Path | None, env: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
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


def _calendars(values: _Values, zone: ZoneInfo) -> dict[str, OpeningHours]:
    names = dict.fromkeys((*table.CALENDARS, *values.names("calendars")))
    return {name: _calendar(values, name, zone) for name in names}


def _calendar(values: _Values, name: str, zone: ZoneInfo) -> OpeningHours:
    given = {key: values.given(setting, name) for key, setting in table.HOURS.items()}
    hours = {key: intervals for key, intervals in given.items() if intervals is not None}
    if not hours:
        hours = {
            key: setting.read(setting.default_for(name))
            for key, setting in table.HOURS.items()
            if setting.default_for(name) is not None
        }
    own_zone = values.given(table.CALENDAR_TIMEZONE, name) or zone
    with _naming(values.source):
        return OpeningHours(name, own_zone.key, hours, values.get(table.HOLIDAYS, name))


def _terms(values: _Values, plan: Plan) -> PlanTerms:
    return PlanTerms(
        plan,
        values.get(table.RESPONSE, plan.value),
        emergency=values.get(table.EMERGENCY, plan.value),
        managers=values.get(table.MANAGERS, plan.value),
    )


def _keys(values: _Values) -> Mapping[str, tuple[str, ...]]:
    names = values.names("keys")
    if not names:
        return MappingProxyType({})
    # The registry is imported where it is needed: few files have keys of their own.
    from oncall_tui.actions import NEVER_WITHOUT_A_KEY, Keymap

    default = Keymap()
    given = {name: values.get(table.KEYS, name) for name in names}
    for name, keys in given.items():
        action = default.named(name)
        if not keys and name in NEVER_WITHOUT_A_KEY:
            values.refuse_keys(name, "at least one key, or nobody would find the way")
        if action.numbered and len(keys) > len(action.keys):
            values.refuse_keys(name, f"at most {len(action.keys)} keys, each for the queue at its place")
    with _naming(values.source):
        default.with_keys(given)
    return MappingProxyType(given)


def _codes(values: _Values) -> CodeRules:
    with _naming(values.source):
        return CodeRules(
            shortest=values.get(table.SHORTEST),
            longest=values.get(table.LONGEST),
            length=values.get(table.LENGTH),
            check_digit=values.get(table.CHECK_DIGIT),
            mask=values.get(table.MASK),
            trust=values.get(table.TRUST),
            wrong_per_call=values.get(table.WRONG_PER_CALL),
            misheard_per_call=values.get(table.MISHEARD_PER_CALL),
            wrong=values.get(table.WRONG),
            within=values.get(table.WITHIN),
            waits=values.get(table.WAITS),
            wrong_per_day=values.get(table.WRONG_PER_DAY),
        )


def _thresholds(values: _Values) -> Thresholds:
    with _naming(values.source):
        return Thresholds(warning=values.get(table.WARNING), critical=values.get(table.CRITICAL))


def _queue(values: _Values, name: str) -> Queue:
    wanted = values.given(table.QUEUE_FILTER, name)
    if wanted is None:
        raise BadSettings(
            f"{values.source}: queues.{name}.filter is missing",
            hint=f"allowed: {table.QUEUE_FILTER.allowed}",
        )
    return Queue(name, values.given(table.QUEUE_LABEL, name) or name.capitalize(), filter=wanted)


@contextmanager
def _naming(source: str) -> Iterator[None]:
    """Put `source` before what the domain says about a value."""
    try:
        yield
    except BadSettings as error:
        raise BadSettings(f"{source}: {error.message}", hint=error.hint, rule=error.rule) from None


def _chosen(values: _Values, setting: Setting[T], *givers: tuple[str, str | None]) -> T | None:
    """Return what the first of `givers` that says anything says, else the file."""
    for giver, text in givers:
        if text is not None and (text or giver.startswith("--")):
            return read(setting, text, giver, setting.key)
    return values.given(setting)


def _default_database() -> str:
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('oncall-tui', appauthor=False) / 'oncall.db'}"


def _default_key_file() -> Path:
    from platformdirs import user_data_path

    return user_data_path("oncall-tui", appauthor=False) / "oncall.key"


def _login_name(env: Mapping[str, str]) -> str:
    for variable in ("LOGNAME", "USER", "USERNAME"):
        if env.get(variable):
            return read(table.OPERATOR, env[variable], variable, table.OPERATOR.key)
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        # A container may run as a number without a name; the number still says who it was.
        return f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"


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
