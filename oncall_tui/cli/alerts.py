"""`oncall-tui alert`: what was raised, and stopping it from a script."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.alerts import Alert, Delivery

    Sent = Mapping[int, Sequence[Delivery]]

_AT_ONCE = 500
_MOST = 2**31 - 1


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "alert",
        help="list what was raised, acknowledge it, put it off",
        description="List what was raised, acknowledge it, put it off.",
        epilog="example: oncall-tui alert list --open",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    shown = add_command(
        acts,
        "list",
        run_list,
        help="list the alerts, the newest first, with what became of them on their ways out",
        example="oncall-tui alert list --since 2026-03-27T00:00 --open",
    )
    shown.add_argument("--since", metavar="T", help="those that were raised from this instant on")
    shown.add_argument("--open", action="store_true", help="those only that nobody acknowledged or settled")

    ack = add_command(
        acts,
        "ack",
        run_ack,
        help="acknowledge an alert: it stops for everybody",
        example="oncall-tui alert ack 42",
        acts=True,
    )
    snooze = add_command(
        acts,
        "snooze",
        run_snooze,
        help="put an alert off for everybody; then it is told again",
        example="oncall-tui alert snooze 42 --for 15min",
        acts=True,
    )
    for act in (ack, snooze):
        act.add_argument("id", type=_id, metavar="ID", help="its number in alert list")
    snooze.add_argument(
        "--for", dest="time", required=True, metavar="TIME", help='how long, like "15min", up to 12 h'
    )


def _id(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:20]) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no number of an alert")
    return int(text)


def run_list(args: Namespace, context: Context) -> int:
    """Print the alerts that are asked for, as of `--now` where it is given."""
    from oncall_tui.cli.output import print_json, terminal_width

    since = None if args.since is None else context.instant(args.since)
    with context.desk(read_only=True) as desk:
        found = list(_found(desk, args, since, context.as_of))
        sent = _sent(desk, found, context.as_of)
    if args.json:
        print_json([as_json(alert, sent[alert.id], context.zone) for alert in found])
    elif not found:
        print("no alerts", file=sys.stderr)
    else:
        print(*lines(found, sent, context.zone, context.now(), terminal_width()), sep="\n")
    return 0


def _found(desk: Desk, args: Namespace, since: datetime | None, as_of: datetime | None) -> Iterator[Alert]:
    before: Alert | None = None
    while page := desk.alerts.page(_AT_ONCE, before=before, since=since, open_only=args.open, as_of=as_of):
        yield from page
        before = page[-1]


def _sent(desk: Desk, found: Sequence[Alert], as_of: datetime | None) -> Sent:
    sent: dict[int, Sequence[Delivery]] = {}
    for at in range(0, len(found), _AT_ONCE):
        ids = [alert.id for alert in found[at : at + _AT_ONCE]]
        sent |= desk.alerts.deliveries_of(ids, as_of=as_of)
    return sent


def run_ack(args: Namespace, context: Context) -> int:
    """Acknowledge an alert and print it as it stands then."""
    with context.desk() as desk:
        alert = desk.alerts.acknowledge(args.id)
        _print(args, desk, alert, context)
    return 0


def run_snooze(args: Namespace, context: Context) -> int:
    """Put an alert off and print it as it stands then."""
    from oncall_tui.domain.durations import parse_duration

    time = parse_duration(args.time)
    with context.desk() as desk:
        alert = desk.alerts.snooze(args.id, time)
        _print(args, desk, alert, context)
    return 0


def _print(args: Namespace, desk: Desk, alert: Alert, context: Context) -> None:
    from oncall_tui.cli.output import print_json

    if args.json:
        print_json(as_json(alert, desk.alerts.deliveries(alert.id), context.zone))
    else:
        print(f"alert {alert.id} is {state_in_words(alert, context.zone, context.now())}")


def as_json(alert: Alert, sent: Sequence[Delivery], zone: ZoneInfo) -> dict[str, Any]:
    """Return an alert for scripts, with its deliveries in their order."""
    from oncall_tui.cli.output import stamp

    return {
        "alert": alert.id,
        "kind": alert.kind.value,
        "level": alert.level.value,
        "subject": alert.subject or None,
        "customer": alert.customer or None,
        "customer_name": alert.customer_name or None,
        "plan": alert.plan.value if alert.plan else None,
        "at": stamp(alert.at, zone),
        "due_at": stamp(alert.due_at, zone),
        "raised_at": stamp(alert.raised_at, zone),
        "to": alert.to or None,
        "by": alert.by or None,
        "facts": dict(alert.facts),
        "state": state_of(alert),
        "round": alert.round,
        "escalations": alert.step,
        "again_at": stamp(alert.again_at, zone),
        "snoozed_by": alert.snoozed_by or None,
        "acknowledged_at": stamp(alert.acknowledged_at, zone),
        "acknowledged_by": alert.acknowledged_by or None,
        "settled_at": stamp(alert.settled_at, zone),
        "deliveries": [
            {
                "round": each.round,
                "channel": each.channel.value,
                "place": each.place or None,
                "result": each.result.name.lower(),
                "at": stamp(each.at, zone),
                "ended_at": stamp(each.ended_at, zone),
                "detail": each.detail or None,
                "together": each.together,
            }
            for each in sent
        ],
    }


def state_of(alert: Alert) -> str:
    """Return `open`, `snoozed`, `acknowledged` or `settled`."""
    if alert.acknowledged_at is not None:
        return "acknowledged"
    if alert.settled_at is not None:
        return "settled"
    return "snoozed" if alert.waits else "open"


def state_in_words(alert: Alert, zone: ZoneInfo, now: datetime) -> str:
    """Return how an alert stands, by whom and since or until when."""
    from oncall_tui.notices import moment

    if alert.acknowledged_at is not None:
        return f"acknowledged {moment(alert.acknowledged_at, zone, now)} by {alert.acknowledged_by}"
    if alert.settled_at is not None:
        return f"settled {moment(alert.settled_at, zone, now)}"
    if alert.waits and alert.again_at is not None:
        return f"put off until {moment(alert.again_at, zone, now)} by {alert.snoozed_by}"
    return "open"


def lines(found: Sequence[Alert], sent: Sent, zone: ZoneInfo, now: datetime, width: int | None) -> list[str]:
    """Return the alerts as a table of at most `width` columns (None: as wide as it wants to be)."""
    from oncall_tui.cli.output import Column, table
    from oncall_tui.domain.alert_words import whom

    columns = (
        Column("ALERT", right=True),
        Column("RAISED", drop=1),
        Column("LEVEL", drop=2),
        Column("WHAT", least=12),
        Column("WHO", least=8, drop=5),
        Column("ABOUT", drop=3),
        Column("STATE", least=4),
        Column("SENT", least=8, drop=4),
    )
    rows = [
        (
            str(alert.id),
            f"{alert.raised_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            alert.level.value,
            _what(alert, zone, now),
            whom(alert) or "–",
            alert.subject or "–",
            state_in_words(alert, zone, now),
            ", ".join(dict.fromkeys(f"{each.channel} {each.result}" for each in sent[alert.id])) or "–",
        )
        for alert in found
    ]
    return table(columns, rows, width)


def _what(alert: Alert, zone: ZoneInfo, now: datetime) -> str:
    from oncall_tui.domain.alert_words import what
    from oncall_tui.notices import moment

    said = what(alert, lambda instant: moment(instant, zone, now))
    return said.text.format(**said.values)
