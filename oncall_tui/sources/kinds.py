"""The kinds of source there are, what each needs of the settings, and where its code is."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from oncall_tui.domain.correspondence import SourceAccess
from oncall_tui.domain.errors import BadSettings
from oncall_tui.sources.source import Source


class SourceKind(NamedTuple):
    """A kind of source: `open_source` of its `module` opens one.

    `needs` are the settings of `[sources.NAME]` that it can't do without, `takes` those that it may have
    besides; `every` goes with any. `schemes` are what its `url` may begin with, empty for a path;
    `plain_schemes` those of them that encrypt nothing, for this machine only. `extra` is what has to be
    installed for it (`oncall-tui[mail]`), empty where nothing has to.
    """

    name: str
    module: str
    needs: frozenset[str]
    takes: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset()
    plain_schemes: frozenset[str] = frozenset()
    has_secret: bool = False
    extra: str = ""


MAILBOX, REQUEST_TRACKER, FILES = "mailbox", "request-tracker", "files"

KINDS = {
    kind.name: kind
    for kind in (
        SourceKind(
            MAILBOX,
            "oncall_tui.sources.mailbox",
            needs=frozenset({"url", "user"}),
            takes=frozenset({"smtp", "address", "sender_name", "folder", "ca_file", "secret_file"}),
            schemes=frozenset({"imaps", "imap+starttls", "imap"}),
            plain_schemes=frozenset({"imap"}),
            has_secret=True,
            extra="mail",
        ),
        SourceKind(
            REQUEST_TRACKER,
            "oncall_tui.sources.request_tracker",
            needs=frozenset({"url", "user"}),
            takes=frozenset({"queues", "ca_file", "secret_file"}),
            schemes=frozenset({"https", "http"}),
            plain_schemes=frozenset({"http"}),
            has_secret=True,
            extra="request-tracker",
        ),
        SourceKind(FILES, "oncall_tui.sources.folder", needs=frozenset({"url"})),
    )
}
"""The kinds that come with the program, by name."""

SMTP_SCHEMES = frozenset({"smtps", "smtp+starttls", "smtp"})
"""What the `smtp` of a mailbox may begin with."""

PLAIN_SMTP_SCHEMES = frozenset({"smtp"})

_ALL = frozenset({"user", "smtp", "address", "sender_name", "folder", "queues", "ca_file", "secret_file"})


def kind_of(name: str) -> SourceKind:
    """Return the kind that goes by `name`; `BadSettings` where there is none.

    A name with a dot is that of a Python module with an `open_source`, which may use any setting.
    """
    if name in KINDS:
        return KINDS[name]
    if "." in name and all(part.isidentifier() for part in name.split(".")):
        return SourceKind(name, name, needs=frozenset({"url"}), takes=_ALL, has_secret=True)
    raise BadSettings(
        f"there is no kind of source {name!r}",
        hint=f"use one of {', '.join(KINDS)}, or the name of a Python module like my_desk.tickets",
    )


def open_source(access: SourceAccess) -> Source:
    """Open the source that `access` describes, without connecting to it yet.

    Raises `BadSettings` where the kind is unknown, its code can't be imported or what it needs isn't
    installed, and where a setting is of no use to it.
    """
    kind = kind_of(access.kind)
    try:
        opened: Source = import_module(kind.module).open_source(access)
    except ModuleNotFoundError as error:
        raise _missing(access, kind, error) from None
    except AttributeError:
        if hasattr(import_module(kind.module), "open_source"):
            raise
        raise BadSettings(
            f"sources.{access.name}: the module {kind.module} has no open_source",
            hint="docs/sources.md says what a source has to have",
        ) from None
    return opened


def _missing(access: SourceAccess, kind: SourceKind, error: ModuleNotFoundError) -> BadSettings:
    said = f"sources.{access.name}: {kind.name} needs {error.name}, which is not installed"
    if kind.extra:
        return BadSettings(said, hint=f"install the extra: pip install 'oncall-tui[{kind.extra}]'")
    return BadSettings(said, hint="install it where oncall-tui is installed, or set PYTHONPATH")
