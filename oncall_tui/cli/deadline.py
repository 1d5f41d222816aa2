"""`oncall-tui deadline`: when a guarantee runs out, and why, line by line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.hours import OpeningHours

_MINUTES = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,6}))?")


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "deadline",
        run,
        help="say when a guarantee runs out, and why, line by line",
        example="oncall-tui deadline --received 2026-03-27T18:10 --plan plus --channel phone",
    )
    parser.add_argument(
        "--received", required=True, metavar="T", help="when the request came in (ISO 8601, local time)"
    )
    parser.add_argument("--plan", metavar="P", help="standard, plus, pro or enterprise")
    parser.add_argument("--channel", metavar="C", help="email, phone or emergency")
    parser.add_argument("--calendar", metavar="NAME", help="a calendar of the settings, instead of a channel")
    parser.add_argument(
        "--minutes", metavar="N", help="opening time in minutes (2.5 works), instead of a plan"
    )
    parser.add_argument("--until", metavar="T", help="also count the opening time between the two")


def run(args: Namespace, context: Context) -> int:
    """Print the deadline and its ledger."""
    from oncall_tui.cli.describe import lines_as_json
    from oncall_tui.cli.output import moment, print_json, seconds, stamp, terminal_width
    from oncall_tui.domain.durations import format_duration
    from oncall_tui.domain.ledger import ledger, render_ledger

    received = context.instant(args.received)
    until = None if args.until is None else context.instant(args.until)
    hours, budget = _budget(args, context, received)
    lines = () if budget is None else ledger(hours, received, budget)
    elapsed = None if until is None else hours.elapsed(received, until)
    zone = context.zone
    if args.json:
        document = {
            "received_at": stamp(received, zone),
            "due_at": None if budget is None else stamp(hours.add(received, budget), zone),
            "calendar": hours.name,
            "budget_seconds": None if budget is None else seconds(budget),
            "ledger": lines_as_json(lines, zone),
        }
        if elapsed is not None:
            document["elapsed_opening_seconds"] = seconds(elapsed)
        print_json(document)
        return 0
    if budget is None:
        print("No deadline: this plan guarantees none. It is answered as soon as possible.")
    else:
        plan = "" if args.plan is None else f"{args.plan.strip().capitalize()}, "
        what = f"{plan}{format_duration(budget)} of {hours.name} hours"
        print(*render_ledger(lines, hours, what, max(terminal_width() or 100, 60)), sep="\n")
    if elapsed is not None and until is not None:
        print(f" {format_duration(elapsed)} of {hours.name} hours until {moment(until, zone)}")
    return 0


def _budget(args: Namespace, context: Context, received: datetime) -> tuple[OpeningHours, timedelta | None]:
    """Return calendar and budget that the options name, None without a guarantee."""
    given = {name for name in ("plan", "channel", "calendar", "minutes") if getattr(args, name) is not None}
    offer = context.settings.offer
    if given == {"calendar", "minutes"}:
        hours = offer.calendars.get(args.calendar)
        if hours is None:
            raise BadInput(
                f"there is no calendar {args.calendar[:40]!r}", hint=f"allowed: {', '.join(offer.calendars)}"
            )
        return hours, _minutes(args.minutes)
    if given != {"plan", "channel"}:
        raise BadInput(
            "a deadline needs a plan and a channel, or a calendar and minutes",
            hint="give --plan P --channel C, or --calendar NAME --minutes N",
            title="Usage",
        )
    from oncall_tui.domain.plans import Plan
    from oncall_tui.domain.tickets import Channel

    plan, channel = Plan.parse(args.plan), Channel.parse(args.channel)
    # The line of a plan without it is refused here as it would be at receipt (R11).
    clock = offer.guarantee(plan, channel, received)
    return offer.calendar_for(channel), None if clock is None else clock.budget


def _minutes(text: str) -> timedelta:
    found = _MINUTES.fullmatch(text)
    if found is None:
        raise BadInput(
            f"--minutes {text[:40]!r} is no number of minutes", hint="write it like 90 or 2.5", title="Usage"
        )
    whole, fraction = found[1], (found[2] or "").ljust(6, "0")
    # Counted in microseconds, so that 0.1 minutes is six seconds and not a little less.
    return timedelta(minutes=int(whole), microseconds=int(fraction) * 60)
