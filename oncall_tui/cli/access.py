"""`oncall-tui access`: temporary access that customers granted, who uses it, what a hand-over says."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.grants import Grant

    Doing = Callable[[Namespace, Context, Desk], Grant]

SINCE_HOURS = 12
"""How far back a hand-over looks if nobody says."""


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "access",
        help="temporary access that customers granted: list, record, use, end it",
        description="Temporary access that customers granted to their services. Each act is audited.",
        epilog="example: oncall-tui access grant acme --service Mail --until 18:00",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    listed = add_command(
        acts,
        "list",
        run_list,
        help="list the access of a customer, or for a hand-over that of all: active, in use, ended of late",
        example="oncall-tui access list --since 2026-03-27T19:00 --json",
    )
    listed.add_argument("customer", metavar="CUSTOMER", nargs="?", help="the customer's id; all without one")
    listed.add_argument(
        "--since",
        metavar="T",
        help=f"what ended since then is listed, too; by default {SINCE_HOURS} h ago, or all of a customer's",
    )

    grant = _act(
        acts,
        "grant",
        _grant,
        "record access that a customer granted; what is active already is prolonged",
        "oncall-tui access grant acme --service Mail --until 18:00 --by 'Anne Rochat'",
    )
    grant.add_argument("customer", metavar="CUSTOMER", help="the customer's id")
    grant.add_argument("--service", required=True, metavar="NAME", help="one of its services, or its number")
    grant.add_argument(
        "--until",
        required=True,
        metavar="T",
        help='its end: an instant, a time of day, or a length like "4h"',
    )
    grant.add_argument("--from", dest="begins", metavar="T", help="its beginning, if that isn't now")
    grant.add_argument("--by", default="", metavar="NAME", help="who of theirs granted it")

    use = _act(
        acts,
        "use",
        _use,
        "note that you use an access from now on",
        'oncall-tui access use 12 --purpose "look into the mail queue" --ticket T-000042',
        by_id=True,
    )
    use.add_argument("--purpose", default="", metavar="TEXT", help="what for; not needed with a ticket")
    use.add_argument("--ticket", metavar="REF", help="the ticket that it is used for")

    _act(acts, "stop", _stop, "give an access that you use back", "oncall-tui access stop 12", by_id=True)
    _act(
        acts,
        "end",
        _end,
        "note that an access is over before its time, for everybody",
        "oncall-tui access end 12",
        by_id=True,
    )


def _act(
    acts: Commands[Parser], name: str, do: Doing, what: str, example: str, *, by_id: bool = False
) -> Parser:
    parser = add_command(acts, name, partial(_run, do), help=what, example=example, acts=True)
    if by_id:
        parser.add_argument("id", metavar="ID", type=_number, help="the number that access list shows")
    return parser


def run_list(args: Namespace, context: Context) -> int:
    """Print the access of a customer, or what a hand-over has to say, as of `--now` where it is given."""
    from datetime import timedelta

    from oncall_tui.cli.output import print_json

    now, as_of = context.now(), context.as_of
    since = None if args.since is None else context.instant(args.since)
    with context.desk(read_only=True) as desk:
        if args.customer is None:
            back = since or now - timedelta(hours=SINCE_HOURS)
            grants = desk.access.in_force(back, as_of=as_of)
        else:
            grants = desk.access.of(args.customer, as_of=as_of).grants
            if since is not None:
                grants = tuple(each for each in grants if each.ends_at >= since)
    if args.json:
        print_json([grant_as_json(each, now, context.zone) for each in grants])
    elif grants:
        _print_table(grants, now, context.zone)
    else:
        print("no access: nothing is granted, and nothing has ended of late")
    return 0


def _print_table(grants: Sequence[Grant], now: datetime, zone: ZoneInfo) -> None:
    from datetime import timedelta

    from oncall_tui.cli.output import Column, moment, table, terminal_width
    from oncall_tui.domain.durations import format_duration

    columns = (
        Column("ID", right=True),
        Column("STATE"),
        Column("CUSTOMER", least=12),
        Column("SERVICE", least=8),
        Column("UNTIL"),
        Column("LEFT", right=True, drop=1),
        Column("IN USE BY", least=8),
    )
    rows = []
    for each in grants:
        state = each.state(now)
        left = each.left(now) if state.in_force else None
        rows.append(
            (
                str(each.id),
                state.value,
                each.customer_name,
                each.service,
                moment(each.ends_at, zone),
                "" if left is None else format_duration(left - left % timedelta(minutes=1)),
                ", ".join(use.operator for use in each.in_use(now)),
            )
        )
    print(*table(columns, rows, terminal_width()), sep="\n")


def grant_as_json(grant: Grant, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return a grant for scripts, as it stands at `now`; `ended_at` of a use is never after its access."""
    from oncall_tui.cli.output import seconds, stamp

    state = grant.state(now)
    over = state.over
    return {
        "id": grant.id,
        "customer": grant.customer,
        "customer_name": grant.customer_name,
        "service": grant.service,
        "state": state.name.lower(),
        "granted_at": stamp(grant.granted_at, zone),
        "until": stamp(grant.until, zone),
        "remaining_seconds": seconds(grant.left(now)) if state.in_force else 0,
        "granted_by": grant.granted_by,
        "recorded_by": grant.recorded_by,
        "recorded_at": stamp(grant.recorded_at, zone),
        "ended_at": stamp(grant.ends_at if over else None, zone),
        "ended_by": grant.ended_by,
        "in_use_by": [use.operator for use in grant.in_use(now)],
        "uses": [
            {
                "operator": use.operator,
                "workstation": use.workstation,
                "purpose": use.purpose,
                "ticket": use.ticket or None,
                "began_at": stamp(use.began_at, zone),
                "ended_at": stamp(grant.end_of(use) or (grant.ends_at if over else None), zone),
            }
            for use in grant.uses
        ],
    }


def _run(do: Doing, args: Namespace, context: Context) -> int:
    """Do the act and print the access as it stands then."""
    with context.desk() as desk:
        grant = do(args, context, desk)
    now = context.now()
    if args.json:
        from oncall_tui.cli.output import print_json

        print_json(grant_as_json(grant, now, context.zone))
        return 0
    from oncall_tui.cli.output import moment

    words = f"{grant.id}  {grant.customer_name}, {grant.service}: {grant.state(now)}"
    users = ", ".join(use.operator for use in grant.in_use(now))
    print(f"{words}{f' by {users}' if users else ''}, until {moment(grant.ends_at, context.zone)}")
    return 0


def _grant(args: Namespace, context: Context, desk: Desk) -> Grant:
    from oncall_tui.domain.grants import parse_until

    until = parse_until(args.until, context.clock(), context.zone)
    begins = None if args.begins is None else context.instant(args.begins)
    return desk.access.grant(args.customer, args.service, until, args.by, begins)


def _use(args: Namespace, _context: Context, desk: Desk) -> Grant:
    return desk.access.use(args.id, args.purpose, args.ticket)


def _stop(args: Namespace, _context: Context, desk: Desk) -> Grant:
    return desk.access.stop(args.id)


def _end(args: Namespace, _context: Context, desk: Desk) -> Grant:
    return desk.access.end(args.id)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= len(text) <= 15:
        raise ArgumentTypeError(f"{text[:20]!r} is no number of an access")
    return int(text)
