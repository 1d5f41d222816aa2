"""The settings of where tickets come from: a part of the table in `settings.py`, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from oncall_tui import setting_values as read
from oncall_tui.channel_settings import PERSON_NAME
from oncall_tui.domain.errors import BadInput, BadSettings
from oncall_tui.setting import Setting, Values

if TYPE_CHECKING:
    from oncall_tui.domain.correspondence import SourceAccess
    from oncall_tui.sources.kinds import SourceKind

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
"""How often a source may be asked, and how seldom."""

_TEXT_LIMIT = 200
_EVERY = {"request-tracker": timedelta(seconds=20)}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    if not 0 < len(text) <= _TEXT_LIMIT or not text.isprintable():
        raise ValueError
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple(dict.fromkeys(_text(item) for item in value))


def _url(value: object) -> str:
    """Return a URL, or a path, that holds neither a user nor a password."""
    url = _text(value)
    _, slashes, rest = url.partition("://")
    if slashes and "@" in rest:
        raise BadInput(
            "it holds a user or a password",
            hint="the name of the user stands in `user`; the password in the keyring, the environment or a "
            "secret_file",
        )
    if slashes and ("?" in rest or "#" in rest):
        raise BadInput("it goes on after the place with ? or #", hint="allowed: scheme://host:port/path")
    return url


def _address(value: object) -> str:
    from oncall_tui.domain.addresses import address_of

    if not address_of(_text(value)).address:
        raise ValueError
    return _text(value).strip("<> ")


KIND = Setting(
    "sources.NAME.kind",
    "mailbox, request-tracker or files; or a Python module of your own like my_desk.tickets",
    _text,
    "What it is. A module of your own has an `open_source`, as those of the program have.",
    unset="must be given",
)
URL = Setting(
    "sources.NAME.url",
    '"imaps://mail.example", "https://rt.example" or "/whole/path/to/folder", without user and password',
    _url,
    "Where it is. A mailbox: `imaps://`, `imap+starttls://`, and `imap://` on this machine only. Request "
    "Tracker: `https://`, and `http://` on this machine only. Files: the path of a file or a folder.",
    unset="must be given",
    secret=True,
)
USER = Setting(
    "sources.NAME.user",
    f"a text of 1 to {_TEXT_LIMIT} printable characters",
    _text,
    "Who asks there: the name that the mailbox is opened with.",
    unset="must be given for a mailbox",
)
SMTP = Setting(
    "sources.NAME.smtp",
    '"smtps://mail.example" or "smtp+starttls://mail.example:587", and "smtp://" on this machine only',
    _url,
    "Where answers are handed over. Without it the mailbox is only read.",
    unset="no answers",
    secret=True,
)
ADDRESS = Setting(
    "sources.NAME.address",
    "a mail address like support@example.ch",
    _address,
    "Who answers are from.",
    unset="`user`, where that is an address",
)
SENDER_NAME = Setting(
    "sources.NAME.sender_name",
    USER.allowed,
    _text,
    "The name that stands before that address, such as that of the company.",
    unset="none",
)
FOLDER = Setting(
    "sources.NAME.folder",
    USER.allowed,
    _text,
    "The folder of the mailbox that is read.",
    default="INBOX",
)
QUEUES = Setting(
    "sources.NAME.queues",
    'a list of names like ["Support", "Network"]',
    _texts,
    "The queues of Request Tracker that are read.",
    unset="all queues that the token may see",
)
EVERY = Setting(
    "sources.NAME.every",
    'a duration from 5s to 1h like "30s"',
    read.short(SHORTEST, LONGEST),
    "How often it is asked for what is new. A mailbox that can say so itself (IDLE) is heard at once.",
    unset="30s, for Request Tracker 20s",
)
CA_FILE = Setting(
    "sources.NAME.ca_file",
    "the path of a file",
    read.key_file,
    "Certificates (PEM) of an authority of your own that the server's certificate is checked against.",
    unset="those of this machine",
)
SECRET_FILE = Setting(
    "sources.NAME.secret_file",
    "the path of a file",
    read.key_file,
    "A file that holds the password or token and nothing else, for its owner's eyes only (mode 0600).",
    unset="the keyring of the system: `oncall-tui source secret NAME` puts it there",
)
ACCOUNT = Setting(
    "people.NAME.account",
    USER.allowed,
    _text,
    "Their name in other systems, such as Request Tracker.",
    unset="the name that they act under",
)

SETTINGS: tuple[Setting[object], ...] = (
    KIND,
    URL,
    USER,
    SMTP,
    ADDRESS,
    SENDER_NAME,
    FOLDER,
    QUEUES,
    EVERY,
    CA_FILE,
    SECRET_FILE,
    ACCOUNT,
)
"""In the order in which the page of settings lists them."""

SECTIONS: dict[str, str] = {
    "sources.NAME": "Where tickets come from and answers go to, such as `[sources.support]`. NAME begins "
    "with a small letter. `oncall-tui doctor` tries each. The password or token is looked for in the "
    "variable ONCALL_TUI_SECRET_NAME (NAME in capitals, _ for -), then in `secret_file`, then in the keyring "
    "of the system, and is never shown.",
}

_OPTIONAL = {
    "user": USER,
    "smtp": SMTP,
    "address": ADDRESS,
    "sender_name": SENDER_NAME,
    "folder": FOLDER,
    "queues": QUEUES,
    "ca_file": CA_FILE,
    "secret_file": SECRET_FILE,
}


def sources_of(values: Values, env: Mapping[str, str], zone: ZoneInfo) -> Mapping[str, SourceAccess]:
    """Return what the file says about sources, by name; `zone` is the provider's. Raises `BadSettings`."""
    names = values.names("sources")
    if not names:
        return MappingProxyType({})
    from oncall_tui.credentials import variable_of

    variables: dict[str, str] = {}
    for name in names:
        if other := variables.get(variable_of(name)):
            raise BadSettings(
                f"{values.source}: sources.{name} and sources.{other} share the variable {variable_of(name)}",
                hint="allowed: names that differ in more than - and _",
            )
        variables[variable_of(name)] = name
    accounts = _accounts(values)
    found = {name: _source(values, env, name) for name in names}
    return MappingProxyType(
        {name: replace(access, accounts=accounts, zone=zone) for name, access in found.items()}
    )


def _accounts(values: Values) -> Mapping[str, str]:
    """Return the names of engineers in other systems, by their names here."""
    given = {
        values.given(PERSON_NAME, key) or key: values.given(ACCOUNT, key) for key in values.names("people")
    }
    return MappingProxyType({name: account for name, account in given.items() if account})


def _source(values: Values, env: Mapping[str, str], name: str) -> SourceAccess:
    from oncall_tui.credentials import Credential
    from oncall_tui.domain.correspondence import SourceAccess

    kind = _kind(values, name)
    url = values.given(URL, name)
    given = {key for key, setting in _OPTIONAL.items() if values.given(setting, name) is not None}
    _refuse_missing_and_idle(values, name, kind, given | ({"url"} if url else set()))
    user, smtp = values.given(USER, name) or "", values.given(SMTP, name) or ""
    return SourceAccess(
        name=name,
        kind=kind.name,
        url=_place(values, name, kind, url or ""),
        user=user,
        secret=Credential.of(name, env, values.given(SECRET_FILE, name)) if kind.has_secret else str,
        smtp=_smtp(values, name, smtp),
        address=values.given(ADDRESS, name) or _own_address(values, name, user, smtp),
        sender_name=values.given(SENDER_NAME, name) or "",
        folder=values.get(FOLDER, name),
        queues=values.given(QUEUES, name) or (),
        every=values.given(EVERY, name) or _EVERY.get(kind.name, timedelta(seconds=30)),
        ca_file=values.given(CA_FILE, name),
    )


def _kind(values: Values, name: str) -> SourceKind:
    from oncall_tui.sources.kinds import kind_of

    given = values.given(KIND, name)
    if given is None:
        raise BadSettings(f"{values.source}: sources.{name}.kind is missing", hint=f"allowed: {KIND.allowed}")
    try:
        return kind_of(given)
    except BadSettings as error:
        raise BadSettings(f"{values.source}: sources.{name}.kind: {error.message}", hint=error.hint) from None


def _refuse_missing_and_idle(values: Values, name: str, kind: SourceKind, given: Collection[str]) -> None:
    """Refuse a source that lacks what its kind needs, or has what that can do nothing with."""
    if missing := sorted(kind.needs.difference(given)):
        raise BadSettings(
            f"{values.source}: sources.{name}.{missing[0]} is missing",
            hint=f"the kind {kind.name} needs {', '.join(sorted(kind.needs))}",
        )
    if idle := sorted(set(given) - kind.needs - kind.takes):
        allowed = sorted({"kind", "every", *kind.needs, *kind.takes})
        raise BadSettings(
            f"{values.source}: sources.{name}.{idle[0]} is of no use to the kind {kind.name}",
            hint=f"allowed: {', '.join(allowed)}",
        )


def _place(values: Values, name: str, kind: SourceKind, url: str) -> str:
    if kind.schemes:
        _refuse_scheme(f"{values.source}: sources.{name}.url", url, kind.schemes, kind.plain_schemes)
        return url
    if kind.name != kind.module:
        path = Path(url).expanduser()
        if not path.is_absolute():
            raise BadSettings(
                f"{values.source}: sources.{name}.url is no whole path",
                hint="allowed: a path that begins with / or ~",
            )
        return str(path)
    return url


def _smtp(values: Values, name: str, smtp: str) -> str:
    from oncall_tui.sources.kinds import PLAIN_SMTP_SCHEMES, SMTP_SCHEMES

    if smtp:
        _refuse_scheme(f"{values.source}: sources.{name}.smtp", smtp, SMTP_SCHEMES, PLAIN_SMTP_SCHEMES)
    return smtp


def _own_address(values: Values, name: str, user: str, smtp: str) -> str:
    """Return `user` where it is the address that answers are from."""
    from oncall_tui.domain.addresses import address_of

    if address_of(user).address:
        return user
    if smtp:
        raise BadSettings(
            f"{values.source}: sources.{name}.address is missing: who are answers from?",
            hint=f"allowed: {ADDRESS.allowed}",
        )
    return ""


def _refuse_scheme(key: str, url: str, schemes: Collection[str], plain: Collection[str]) -> None:
    """Refuse a URL of another scheme, without a host, or that would show a password to the network."""
    allowed = f"allowed: {', '.join(f'{scheme}://' for scheme in sorted(schemes))}"
    scheme, slashes, _ = url.partition("://")
    if not slashes or scheme not in schemes:
        raise BadSettings(f"{key} is of no kind of address that is known", hint=allowed)
    try:
        found = urlsplit(url)
        host, port = found.hostname or "", found.port
    except ValueError:
        host, port = "", None
    if not host or any(each.isspace() for each in host) or port == 0:
        raise BadSettings(f"{key} names no host", hint=f"allowed: {scheme}://host or {scheme}://host:port")
    if scheme in plain and not _is_here(host):
        encrypted = ", ".join(f"{each}://" for each in sorted(set(schemes).difference(plain)))
        raise BadSettings(
            f"{key}: {scheme}:// encrypts nothing and is for this machine only",
            hint=f"allowed for {host}: {encrypted}",
        )


def _is_here(host: str) -> bool:
    """Say whether `host` is this machine, without asking anybody."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
