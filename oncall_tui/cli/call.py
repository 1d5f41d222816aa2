"""`oncall-tui call`: the emergency line, for scripts and for a telephone system."""

from __future__ import annotations

from oncall_tui.cli import call_log
from oncall_tui.cli.parser import Commands, Parser


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "call",
        help="the emergency line and its log",
        description="The emergency line and its log.",
        epilog="example: oncall-tui call list --since 2026-03-27T00:00",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)
    call_log.add_list(acts)
    call_log.add_show(acts)
    call_log.add_correct(acts)
    call_log.add_export(acts)
