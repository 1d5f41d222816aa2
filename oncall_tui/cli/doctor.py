"""`oncall-tui doctor`: is everything in place, and what to do about what isn't."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.cli.finding import Finding


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "doctor",
        run,
        help="check program, settings, database, clock, terminal and the channels of alerts",
        example="oncall-tui doctor --json",
    )
    parser.add_argument(
        "--alerts", action="store_true", help="send a test over each channel, and ask whether it was seen"
    )


def run(args: Namespace, context: Context) -> int:
    """Print a line a check. 0 if nothing failed, 5 if the store can't be reached, else 1."""
    from oncall_tui.cli.checks import all_checks
    from oncall_tui.cli.finding import State
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.errors import StoreUnavailable

    findings = all_checks(context)
    if not args.json:
        _show(findings)
    tried: list[Finding] = []
    if not any(finding.name == "settings" and finding.state is State.FAIL for finding in findings):
        for finding in _tried(args, context):
            if not args.json:
                _show([finding])
            tried.append(finding)
    failed = [finding for finding in (*findings, *tried) if finding.state is State.FAIL]
    if args.json:
        document: dict[str, object] = {"ok": not failed, "checks": [_as_json(each) for each in findings]}
        if args.alerts:
            document["trials"] = [_as_json(each) for each in tried]
        print_json(document)
    if any(finding.unreachable for finding in failed):
        return StoreUnavailable.exit_code
    return 1 if failed else 0


def _tried(args: Namespace, context: Context) -> Iterator[Finding]:
    """Try the channels, where that is asked for: by option, or by somebody at the terminal."""
    from oncall_tui.cli.alert_checks import on_a_terminal
    from oncall_tui.cli.alert_trial import asked, trials

    can_ask = on_a_terminal() and not args.json
    if args.alerts or (can_ask and asked("Send a test over each channel of alerts?")):
        yield from trials(context.settings, context.clock(), asked if can_ask else None)


def _show(findings: list[Finding]) -> None:
    from oncall_tui.domain.text import clean

    for finding in findings:
        print(f"{finding.state:<4}  {finding.name:<10}  {clean(finding.message, limit=500)}")
        if finding.hint:
            print(f"{'':18}{clean(finding.hint, limit=500)}")
    sys.stdout.flush()


def _as_json(finding: Finding) -> dict[str, str]:
    from oncall_tui.domain.text import clean

    return {
        "name": finding.name,
        "state": finding.state,
        "message": clean(finding.message, limit=500),
        "hint": clean(finding.hint, limit=500),
    }
