"""What may stand on the command line. Wrong usage is a `BadInput` that says what is allowed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from oncall_tui import __version__
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from oncall_tui.cli.context import Context

Commands = argparse._SubParsersAction
"""What `add_parser(commands)` of a command's module takes."""

_NEAR_CODES: tuple[list[str], ...] = ([], ["lookup"], ["codes"], ["call"])
"""The commands, and the place of theirs, where somebody may type a code (R19)."""

_GLOBAL = ("--config", "--database", "--as", "--now", "--debug")


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of ending the process, and guesses no abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **options}
        )

    def error(self, message: str) -> NoReturn:
        """Raise `BadInput` with argparse's words and the usage as the hint."""
        if self.prog.split()[1:2] in _NEAR_CODES:
            # What stands there may be a code: it isn't repeated.
            message = "".join("•" if character.isdigit() else character for character in message)
        usage = " ".join(self.format_usage().split())
        raise BadInput(message, hint=usage, title="Usage") from None  # argparse quotes, too


def add_command(
    commands: Commands[Parser],
    name: str,
    run: Callable[[argparse.Namespace, Context], int],
    *,
    help: str,  # noqa: A002 - argparse's own word for it
    example: str,
    acts: bool = False,
    json: bool = True,
) -> Parser:
    """Declare a command and return its parser.

    `acts` says that it changes something, so that `--now` is refused. `json` gives it `--json`.
    """
    parser = commands.add_parser(
        name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=f"example: {example}"
    )
    parser.set_defaults(run=run, acts=acts, json=False, parser=parser)
    if json:
        parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; without a command it is `open`.

    The result has `run`, `acts`, `json` and the global options. Raises `BadInput`, and `SystemExit`
    after `--help` and `--version`.
    """
    args, unknown = _parser(_command_in(arguments)).parse_known_args(arguments)
    if unknown:
        late = [argument for argument in unknown if argument.partition("=")[0] in _GLOBAL]
        if late:
            raise BadInput(
                f"{late[0]} goes before the command's name",
                hint=f"write oncall-tui {late[0]} … {args.command}",
                title="Usage",
            )
        # What stands there may be a code: it isn't repeated.
        found = (
            "one argument too many"
            if getattr(args, "secret", False)
            else f"unrecognized arguments: {' '.join(unknown)}"
        )
        args.parser.error(found)
    if args.now is not None and args.acts and not getattr(args, "read_only", False):
        raise BadInput(
            f"--now is for commands that only read; {args.parser.prog} acts in the present",
            hint="open --read-only shows the board as it was" if hasattr(args, "read_only") else "",
            title="Usage",
        )
    return args


_MODULES = {
    "open": "board",
    "demo": "board",
    "import": "imports",
    "queue": "queue",
    "ticket": "ticket",
    "lookup": "lookup",
    "codes": "codes",
    "customer": "customer",
    "plan": "plan",
    "guide": "guide",
    "access": "access",
    "call": "call",
    "alert": "alerts",
    "source": "source",
    "outbox": "outbox",
    "watch": "watch",
    "deadline": "deadline",
    "document": "document",
    "audit": "audit",
    "doctor": "doctor",
    "keys": "keys",
    "db": "db",
}
"""The commands in the order of the help, each with the module here that has it."""


def _command_in(arguments: Sequence[str]) -> str | None:
    """Return the word that can only be the command's name, None where all must be looked at."""
    words = iter(arguments)
    for word in words:
        if word in _GLOBAL and word != "--debug":
            next(words, None)
        elif word.partition("=")[0] not in _GLOBAL:
            return word if word in _MODULES else None
    return "open"


def _parser(command: str | None) -> Parser:
    """Return the parser; where `command` is known only that command's module is imported."""
    modules = dict.fromkeys(_MODULES.values() if command is None else [_MODULES[command]])

    parser = Parser(
        prog="oncall-tui",
        description="The dashboard of the on-call desk, and a command for all that it can do.",
        epilog="Without a command the dashboard opens. Each command has its own --help.",
    )
    parser.add_argument("--version", action="version", version=f"oncall-tui {__version__}")
    parser.add_argument("--config", metavar="FILE", help="settings file (or ONCALL_TUI_CONFIG)")
    parser.add_argument("--database", metavar="URL", help="database (or ONCALL_TUI_DATABASE)")
    parser.add_argument("--as", dest="operator", metavar="NAME", help="who you are (or ONCALL_TUI_OPERATOR)")
    parser.add_argument("--now", metavar="INSTANT", help="answer as of then, for commands that only read")
    parser.add_argument("--debug", action="store_true", help="write what went wrong to the log file")
    commands: Commands[Parser] = parser.add_subparsers(metavar="COMMAND", title="commands", dest="command")
    for name in modules:
        module = import_module(f"oncall_tui.cli.{name}")
        module.add_parser(commands)
        if name == "board":
            module.open_by_default(parser)
    return parser
