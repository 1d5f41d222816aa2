"""`oncall-tui source`: how the sources of tickets do, reading one now, and keeping its password."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput, BadSettings, NotFound, OncallError, Refused, StoreUnavailable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import SourceAccess, SourceHealth
    from oncall_tui.pulling import Pulled

_MOST_BYTES = 65_536


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "source",
        help="say how the sources of tickets do, read them now, keep their passwords",
        description="Say how the sources of tickets do, read them now, keep their passwords.",
        epilog="example: oncall-tui source list",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)
    add_command(
        acts,
        "list",
        run_list,
        help="list the sources: when each was read last, what is on its way out, what is wrong",
        example="oncall-tui source list --json",
    )
    pull = add_command(
        acts,
        "pull",
        run_pull,
        help="read a source now, or all of them",
        example="oncall-tui source pull support",
        acts=True,
    )
    pull.add_argument("name", metavar="NAME", nargs="?", help="its name in the settings; all without one")
    secret = add_command(
        acts,
        "secret",
        run_secret,
        help="keep the password or token of a source, typed when asked or on stdin, in the system's keyring",
        example="oncall-tui source secret support",
        acts=True,
        json=False,
    )
    secret.add_argument("name", metavar="NAME", help="its name in the settings")
    secret.set_defaults(secret=True)
    add_command(
        acts,
        "unfiled",
        run_unfiled,
        help="list what machines wrote that belongs to no ticket: automatic replies, mails that came back",
        example="oncall-tui source unfiled --json",
    )
    forget = add_command(
        acts,
        "forget",
        run_forget,
        help="take a source that is in no settings any more out of the list; what came from it stays",
        example="oncall-tui source forget support",
        acts=True,
        json=False,
    )
    forget.add_argument("name", metavar="NAME", help="its name in the list")


def _access(sources: Mapping[str, SourceAccess], name: str) -> SourceAccess:
    if name in sources:
        return sources[name]
    known = (
        f"the settings have {', '.join(sources)}"
        if sources
        else "the settings have none; see docs/sources.md"
    )
    raise NotFound(f"there is no source {name[:40]!r}", hint=known)


def run_forget(args: Namespace, context: Context) -> int:
    """Take a source out of the list. 1 where it is read still, 3 where there is none."""
    if args.name in context.settings.sources:
        raise Refused(f"{args.name} is in these settings", hint="take it out there first")
    with context.desk() as desk:
        desk.sources.forget(args.name)
    print(f"{args.name} is forgotten; what came from it stays")
    return 0


# Listing


def run_unfiled(args: Namespace, context: Context) -> int:
    """Print what came in and is no ticket, the newest first."""
    from oncall_tui.cli.output import Column, print_json, stamp, table, terminal_width

    with context.desk() as desk:
        found = desk.sources.unfiled()
    if args.json:
        print_json(
            [
                {
                    "source": each.source,
                    "kind": each.kind.value,
                    "received_at": stamp(each.received_at, context.zone),
                    "from": each.sender.address or None,
                    "from_name": each.sender.name or None,
                    "subject": each.subject,
                }
                for each in found
            ]
        )
        return 0
    if not found:
        print("nothing came in that belongs to no ticket", file=sys.stderr)
        return 0
    columns = (
        Column("RECEIVED"),
        Column("SOURCE", drop=1),
        Column("KIND"),
        Column("FROM"),
        Column("SUBJECT", least=20),
    )
    rows = [
        (
            str(stamp(each.received_at, context.zone)),
            each.source,
            each.kind.value,
            each.sender.address or each.sender.name,
            each.subject,
        )
        for each in found
    ]
    print(*table(columns, rows, terminal_width()), sep="\n")
    return 0


def run_list(args: Namespace, context: Context) -> int:
    """Print how the sources do that are set here, and those that any desk ever read."""
    from oncall_tui.cli.output import print_json, terminal_width

    sources = context.settings.sources
    with context.desk(read_only=True) as desk:
        known = {health.name: health for health in desk.sources.health()}
    found = [known.get(name) or _unread(access) for name, access in sources.items()]
    found += [health for name, health in known.items() if name not in sources]
    if args.json:
        print_json([_as_json(health, context, is_set=health.name in sources) for health in found])
    elif not found:
        print("no source is set; docs/sources.md says how", file=sys.stderr)
    else:
        print(*_lines(found, context, terminal_width()), sep="\n")
    return 0


def _unread(access: SourceAccess) -> SourceHealth:
    from oncall_tui.domain.correspondence import SourceHealth

    return SourceHealth(access.name, access.kind, access.url)


def _as_json(health: SourceHealth, context: Context, *, is_set: bool) -> dict[str, object]:
    from oncall_tui.cli.output import stamp

    zone = context.zone
    return {
        "name": health.name,
        "kind": health.kind,
        "place": health.place,
        "set_here": is_set,
        "state": state_of(health),
        "holder": health.holder or None,
        "succeeded_at": stamp(health.succeeded_at, zone),
        "failed_at": stamp(health.failed_at, zone),
        "error": health.error or None,
        "failures": health.failures,
        "next_at": stamp(health.next_at, zone),
        "lag_seconds": health.lag,
        "done": health.done,
        "total": health.total,
        "waiting": health.waiting,
        "stuck": health.stuck,
    }


def state_of(health: SourceHealth) -> str:
    """Return in one word how a source does: `fails`, `reading`, `ok` or `unread`."""
    if health.fails:
        return "fails"
    if health.total:
        return "reading"
    return "unread" if health.succeeded_at is None else "ok"


def _lines(found: Sequence[SourceHealth], context: Context, width: int | None) -> list[str]:
    from oncall_tui.cli.output import Column, table

    now = context.now()
    columns = (
        Column("SOURCE"),
        Column("KIND", drop=1),
        Column("STATE"),
        Column("READ"),
        Column("LAG", right=True, drop=2),
        Column("WAITING", right=True),
        Column("STUCK", right=True),
        Column("", least=20),
    )
    rows = [
        (
            health.name,
            health.kind,
            state_of(health),
            _ago(health.succeeded_at, now),
            "" if health.lag is None else _span(health.lag),
            str(health.waiting or ""),
            str(health.stuck or ""),
            _about(health),
        )
        for health in found
    ]
    return table(columns, rows, width)


def _about(health: SourceHealth) -> str:
    if health.fails:
        return health.error
    return f"{health.done} of {health.total} read" if health.total else health.place


def _ago(instant: datetime | None, now: datetime) -> str:
    return "never" if instant is None else f"{_span(max((now - instant).total_seconds(), 0))} ago"


def _span(seconds: float) -> str:
    from datetime import timedelta

    from oncall_tui.domain.durations import format_duration

    return format_duration(timedelta(seconds=round(seconds)))


# Reading


def run_pull(args: Namespace, context: Context) -> int:
    """Read one source, or all; 1 if one of all failed, that of the error if the one did."""
    sources = context.settings.sources
    if args.name is None and not sources:
        raise BadInput("no source is set", hint="docs/sources.md says how")
    wanted = [_access(sources, args.name)] if args.name else list(sources.values())
    came_of_it: list[dict[str, object]] = []
    failed = False
    with context.desk() as desk:
        for access in wanted:
            try:
                pulled = _pull(desk, access)
            except StoreUnavailable:
                raise
            except OncallError as error:
                if args.name:
                    raise
                failed = True
                came_of_it.append({"name": access.name, "error": error.message})
                _tell(f"{access.name}: {error.message}", error.hint)
                continue
            came_of_it.append({"name": access.name, **_counts(pulled), "error": None})
            for why in pulled.unread:
                _tell(f"{access.name}: {why}")
            if not args.json:
                print(f"{access.name}: {str(pulled) or 'nothing new'}")
    if args.json:
        from oncall_tui.cli.output import print_json

        print_json(came_of_it)
    return 1 if failed else 0


def _pull(desk: Desk, access: SourceAccess) -> Pulled:
    from oncall_tui.cli.progress import bar
    from oncall_tui.polling import opened
    from oncall_tui.pulling import Puller, Reading

    puller = Puller(desk, access, Reading(), opened)
    try:
        with bar("read") as tell:
            pulled = puller.pull(lambda batch, _taken: tell(batch.done, batch.total))
    finally:
        puller.leave()
    if pulled is None:
        holder = {each.name: each.holder for each in desk.sources.health()}.get(access.name)
        reader = holder or "another desk"
        raise Refused(f"{access.name} is being read by {reader}", hint="what it reads is stored")
    return pulled


def _counts(pulled: Pulled) -> dict[str, object]:
    counts = ("created", "joined", "recorded", "known", "rejected")
    return {name: getattr(pulled, name) for name in counts}


def _tell(line: str, hint: str = "") -> None:
    from oncall_tui.domain.text import SUBJECT_LIMIT, clean

    print(clean(f"{line} ({hint})" if hint else line, limit=SUBJECT_LIMIT), file=sys.stderr)


# Passwords


def run_secret(args: Namespace, context: Context) -> int:
    """Keep what is typed, or comes on stdin, in the keyring of the system."""
    from oncall_tui.credentials import Credential, NoKeyring, to_keyring, variable_of

    access = _access(context.settings.sources, args.name)
    credential = access.secret
    if not isinstance(credential, Credential):
        raise Refused(f"{access.name} needs no password: its kind is {access.kind}")
    secret = _read_secret(f"Password or token of {access.name}: ")
    try:
        where = to_keyring(access.name, secret)
    except NoKeyring as trouble:
        raise BadSettings(
            f"the keyring of the system can't be used: {trouble}",
            hint=f"set sources.{access.name}.secret_file to a file of mode 0600 that holds it, "
            f"or the variable {variable_of(access.name)}",
        ) from None
    print(f"the password or token of {access.name} is in the keyring ({where})")
    before = variable_of(access.name) if credential.given else credential.file
    if before is not None:
        print(f"  it isn't used while {before} is set", file=sys.stderr)
    return 0


def _read_secret(prompt: str) -> str:
    from oncall_tui.credentials import checked

    if sys.stdin is None:
        text = ""
    elif sys.stdin.isatty():
        # Imported here: a script sends it on stdin.
        from getpass import getpass

        try:
            text = getpass(prompt, stream=sys.stderr)
        except EOFError:
            text = ""
    else:
        try:
            text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInput("what was given is not UTF-8", title="Usage") from None
    return checked(text, "what was given")
