"""`oncall-tui call`: the emergency line, for a telephone system's hook and for scripts."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from oncall_tui.cli import call_log
from oncall_tui.cli.call_decide import add_decide
from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace
    from zoneinfo import ZoneInfo

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.calls import Call

_LOOKS_EVERY = 0.5
"""Seconds between two looks for calls that have rung for too long."""


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "call",
        help="the emergency line: a call rings, ends, is decided",
        description="Tell of calls on the emergency line, decide them, and read their log.",
        epilog="example: oncall-tui call ring --from '+41 22 555 01 40' --external-id 7f3a@pbx",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    ring = add_command(
        acts,
        "ring",
        run_ring,
        help="tell that a call rings, as the hook of a telephone system; it may be told more than once",
        example="oncall-tui call ring --from '+41 22 555 01 40' --external-id 7f3a@pbx",
        acts=True,
    )
    ring.add_argument(
        "--from", dest="number", required=True, metavar="NUMBER", help='the calling number; "" where withheld'
    )
    ring.add_argument("--to", dest="called", default="", metavar="NUMBER", help="the number that was dialled")
    ring.add_argument(
        "--external-id", default="", metavar="ID", help="the telephone system's own name for the call"
    )

    hang_up = add_command(
        acts,
        "hangup",
        run_hang_up,
        help="tell that a call ended; one that nobody had picked up is missed then",
        example="oncall-tui call hangup --external-id 7f3a@pbx",
        acts=True,
    )
    hang_up.add_argument(
        "--external-id", required=True, metavar="ID", help="the telephone system's own name for the call"
    )

    add_decide(acts)
    call_log.add_list(acts)
    call_log.add_show(acts)
    call_log.add_correct(acts)
    call_log.add_export(acts)

    listen = add_command(
        acts,
        "listen",
        run_listen,
        help="write down what rings at the SIP telephone baresip, without a screen, until it is stopped",
        example="oncall-tui call listen --baresip 127.0.0.1:4444",
        acts=True,
        json=False,
    )
    listen.add_argument(
        "--baresip",
        metavar="HOST:PORT",
        help="its control socket (module ctrl_tcp), if not that of the setting calls.baresip",
    )


def run_ring(args: Namespace, context: Context) -> int:
    """Write a ring down; the same external id is the same call."""
    with context.desk() as desk:
        call = desk.calls.ring(args.number, called=args.called, external_id=args.external_id)
    _print(args, call, context.zone)
    return 0


def run_hang_up(args: Namespace, context: Context) -> int:
    """Write the end of a call down."""
    with context.desk() as desk:
        call = desk.calls.hang_up(args.external_id)
    _print(args, call, context.zone)
    return 0


def run_listen(args: Namespace, context: Context) -> int:
    """Write down what rings at a telephone until a signal comes; say on stderr what does."""
    import signal
    from threading import Event

    from oncall_tui.telephone import Telephone

    address = context.settings.baresip if args.baresip is None else _address(args.baresip)
    if address is None:
        raise BadInput(
            "no telephone is named", hint="give --baresip HOST:PORT, or set calls.baresip", title="Usage"
        )
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with context.desk() as desk:
        telephone = Telephone(desk, address, _say, lambda call: _say(in_words(call)), picks_up=False)
        telephone.start()
        while not telephone.connected_within(_LOOKS_EVERY) and not stopped.is_set():
            _miss_unanswered(desk)
        if not stopped.is_set():
            _say("listening to {}:{}; ctrl+c ends it".format(*address))
        while not stopped.wait(_LOOKS_EVERY):
            _miss_unanswered(desk)
        telephone.stop()
    return 0


def _miss_unanswered(desk: Desk) -> None:
    from oncall_tui.domain.errors import StoreUnavailable

    # The telephone says so as soon as there is something to write down.
    with suppress(StoreUnavailable):
        desk.calls.miss_unanswered()


def _address(text: str) -> tuple[str, int]:
    from oncall_tui import setting_values

    try:
        found = setting_values.address(text)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(
            f"--baresip {text[:60]!r} is no address", hint='allowed: like "127.0.0.1:4444"', title="Usage"
        )
    return found


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(args: Namespace, call: Call, zone: ZoneInfo) -> None:
    if args.json:
        from oncall_tui.cli.output import print_json

        print_json(as_json(call, zone))
    else:
        print(in_words(call))


def as_json(call: Call, zone: ZoneInfo) -> dict[str, Any]:
    """Return a call as it stands for scripts."""
    from oncall_tui.cli.output import stamp

    known = call.on_file
    return {
        "call": call.ref,
        "external_id": call.external_id or None,
        "state": state_of(call),
        "number": call.number or None,
        "called": call.called or None,
        "customer": known.customer if known else None,
        "customer_name": known.name if known else None,
        "contact": (known.contact or None) if known else None,
        "operator": call.operator,
        "rang_at": stamp(call.rang_at, zone),
        "picked_up_at": stamp(call.picked_up_at, zone),
        "hung_up_at": stamp(call.hung_up_at, zone),
        "recorded_at": stamp(call.recorded_at, zone),
    }


def state_of(call: Call) -> str:
    """Return `ringing`, `in_hand`, `missed` or `decided`."""
    if call.open:
        return "ringing" if call.operator is None else "in_hand"
    return "missed" if call.operator is None else "decided"


def in_words(call: Call) -> str:
    """Return a call as it stands in one line."""
    who = call.number or "a number that is withheld"
    if call.on_file is not None:
        person = ", ".join(filter(None, (call.on_file.contact, call.on_file.name)))
        who = f"{who}, on file: {person}"
    what = {
        "ringing": "rings",
        "in_hand": f"is in the hands of {call.operator}",
        "missed": "was missed",
        "decided": f"was decided by {call.operator}",
    }[state_of(call)]
    return f"{call.ref} {what}: {who}"
