"""`oncall-tui doctor`: is everything in place, and what to do about what isn't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    add_command(
        commands,
        "doctor",
        run,
        help="check program, settings, database, clock and terminal",
        example="oncall-tui doctor --json",
    )


def run(args: Namespace, context: Context) -> int:
    """Print a line a check. 0 if nothing failed, 5 if the store can't be reached, else 1."""
    from oncall_tui.cli.checks import State, all_checks
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.errors import StoreUnavailable
    from oncall_tui.domain.text import clean

    findings = all_checks(context)
    failed = [finding for finding in findings if finding.state is State.FAIL]
    if args.json:
        print_json(
            {
                "ok": not failed,
                "checks": [
                    {
                        "name": finding.name,
                        "state": finding.state,
                        "message": clean(finding.message, limit=500),
                        "hint": clean(finding.hint, limit=500),
                    }
                    for finding in findings
                ],
            }
        )
    else:
        for finding in findings:
            print(f"{finding.state:<4}  {finding.name:<10}  {clean(finding.message, limit=500)}")
            if finding.hint:
                print(f"{'':18}{clean(finding.hint, limit=500)}")
    if any(finding.unreachable for finding in failed):
        return StoreUnavailable.exit_code
    return 1 if failed else 0
