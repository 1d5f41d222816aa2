"""`oncall-tui keys`: which key does what, from the registry of actions and the settings."""

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
        "keys",
        run,
        help="list the keys of the dashboard",
        example="oncall-tui keys | grep -i close",
    )


def run(args: Namespace, context: Context) -> int:
    """Print every action with its keys, screen by screen."""
    from oncall_tui.actions import Scope
    from oncall_tui.cli.output import Column, print_json, table, terminal_width

    keymap = context.settings.keymap
    if args.json:
        print_json(
            [
                {
                    "id": action.id,
                    "keys": list(action.keys),
                    "label": action.label,
                    "help": action.help,
                    "scope": sorted(action.scope),
                    "asks_first": action.asks_first,
                }
                for action in keymap.actions
            ]
        )
        return 0
    columns = (Column("KEYS"), Column("ID", drop=1), Column("DOES"), Column("WHAT IT MEANS", least=20))
    for scope in Scope:
        rows = [
            (
                action.shown_keys or "–",
                action.id,
                action.label,
                action.help + (" Asks first." if action.asks_first else ""),
            )
            for action in keymap.on(scope)
        ]
        print(scope.heading)
        print(*(f"  {line}" for line in table(columns, rows, _inside(terminal_width()))), "", sep="\n")
    return 0


def _inside(width: int | None) -> int | None:
    return None if width is None else width - 2
