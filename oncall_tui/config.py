"""Settings: the command line over the environment over one TOML file over the defaults.

What may be set stands in `settings.py`; here a file is read against that table and put together.
Every error names the file (or the variable, or the option), the key, the value and what is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from oncall_tui import contract_settings
from oncall_tui import settings as table
from oncall_tui.alert_settings import rules_of
from oncall_tui.channel_settings import channels_of
from oncall_tui.domain.alert_channels import AlertChannels
from oncall_tui.domain.call_rules import CallRules
from oncall_tui.domain.codes import CodeRules
from oncall_tui.domain.environment import KEY_VARIABLE
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan, PlanTerms
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.domain.sla import Thresholds
from oncall_tui.domain.templates import DEFAULT_TEMPLATES, Template
from oncall_tui.setting import Setting
from oncall_tui.settings_file import CONFIG_VARIABLE, SettingsFile, default_file, find, naming, read
from oncall_tui.source_settings import sources_of
from oncall_tui.support_settings import support_of
from oncall_tui.template_settings import templates_of

if TYPE_CHECKING:
    from oncall_tui.actions import Keymap
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.store.keyring import Keyring

__all__ = ["CONFIG_VARIABLE", "Settings", "default_file", "load_settings"]

T = TypeVar("T")

DATABASE_VARIABLE = "ONCALL_TUI_DATABASE"
OPERATOR_VARIABLE = "ONCALL_TUI_OPERATOR"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, checked. `source` is the file, None where there is none.

    `database` is an SQLAlchemy URL and may hold a password: it is never shown as it stands. `queues`
    are the program's own, then those of the file.
    `keys` are Textual's names of the keys by action id, where the file gives others than the default.
    `key_text` are the keys of the environment, if any (R19). `language` is that of the screens, `baresip`
    the host and port of a telephone's control socket, `channels` what alerts go out over. `sources` are where
    tickets come from, `templates` what answers begin with, both by name.
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
    sources: Mapping[str, SourceAccess] = field(default_factory=lambda: MappingProxyType({}))
    templates: Mapping[str, Template] = field(default_factory=lambda: DEFAULT_TEMPLATES)

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
    source, document = find(path, env)
    values = SettingsFile(str(source) if source else "the defaults", document)
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
            commitment_months=values.get(contract_settings.MONTHS),
            alerts=rules_of(values, zone),
            support=support_of(values),
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
        sources=sources_of(values, env, zone),
        templates=templates_of(values),
    )


def _calendars(values: SettingsFile, zone: ZoneInfo) -> dict[str, OpeningHours]:
    names = dict.fromkeys((*table.CALENDARS, *values.names("calendars")))
    return {name: _calendar(values, name, zone) for name in names}


def _calendar(values: SettingsFile, name: str, zone: ZoneInfo) -> OpeningHours:
    given = {key: values.given(setting, name) for key, setting in table.HOURS.items()}
    hours = {key: intervals for key, intervals in given.items() if intervals is not None}
    if not hours:
        hours = {
            key: setting.read(setting.default_for(name))
            for key, setting in table.HOURS.items()
            if setting.default_for(name) is not None
        }
    own_zone = values.given(table.CALENDAR_TIMEZONE, name) or zone
    with naming(values.source):
        return OpeningHours(name, own_zone.key, hours, values.get(table.HOLIDAYS, name))


def _terms(values: SettingsFile, plan: Plan) -> PlanTerms:
    return PlanTerms(
        plan,
        values.get(table.RESPONSE, plan.value),
        emergency=values.get(table.EMERGENCY, plan.value),
        managers=values.get(table.MANAGERS, plan.value),
        advice=values.get(contract_settings.ADVICE, plan.value),
    )


def _keys(values: SettingsFile) -> Mapping[str, tuple[str, ...]]:
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
    with naming(values.source):
        default.with_keys(given)
    return MappingProxyType(given)


def _codes(values: SettingsFile) -> CodeRules:
    with naming(values.source):
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


def _thresholds(values: SettingsFile) -> Thresholds:
    with naming(values.source):
        return Thresholds(warning=values.get(table.WARNING), critical=values.get(table.CRITICAL))


def _queue(values: SettingsFile, name: str) -> Queue:
    wanted = values.given(table.QUEUE_FILTER, name)
    if wanted is None:
        raise BadSettings(
            f"{values.source}: queues.{name}.filter is missing",
            hint=f"allowed: {table.QUEUE_FILTER.allowed}",
        )
    return Queue(name, values.given(table.QUEUE_LABEL, name) or name.capitalize(), filter=wanted)


def _chosen(values: SettingsFile, setting: Setting[T], *givers: tuple[str, str | None]) -> T | None:
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
