"""The command line: a contract for scripts, telephone systems, cron jobs and screen readers.

One module a command. Each has `add_parser(commands)`, which declares it, and `run(args, context)`,
which does it and returns the exit code; whatever goes wrong leaves as an `OncallError`. Textual and
SQLAlchemy are imported inside `run`, so that `--help` costs what argparse costs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

INTERRUPTED = 130
"""What a shell reports for a program that ctrl+c ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: that of the process) and return its exit code.

    0 done, 1 refused by a rule or done in part, 2 wrong usage or settings, 3 not found, 4 wait,
    5 store not reachable. Nothing is raised and no traceback is shown.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`). What was done is done.
        _discard(sys.stdout)
        return 0
    except OSError as error:
        _discard(sys.stdout)
        if sys.stderr is not None:
            with suppress(OSError):
                print(f"oncall-tui: input or output failed: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        # A terminal that is gone takes no last words, which says nothing of how the command ended.
        try:
            if sys.stderr is not None:
                sys.stderr.flush()
        except OSError:
            _discard(sys.stderr)
    return code


def _run(arguments: list[str]) -> int:
    from oncall_tui.cli.parser import parse

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that isn't UTF-8 gets \xe9 for an é it doesn't have, not the end of the program.
            stream.reconfigure(errors="backslashreplace")
    try:
        args = parse(arguments)
        from oncall_tui.cli.context import Context

        code: int = args.run(args, Context.of(args))
    except SystemExit as finished:  # argparse, after --help and --version
        return int(finished.code or 0)
    except OSError as error:
        if error.filename is None:  # a stream of ours, not a file
            raise
        return _tell(error, arguments)
    except Exception as error:  # noqa: BLE001 - the last net: nobody on call is shown a traceback
        return _tell(error, arguments)
    return code


def _tell(error: Exception, arguments: list[str]) -> int:
    from oncall_tui.cli.trouble import report

    return report(error, arguments)


def _discard(stream: TextIO | None) -> None:
    """Point `stream` at nothing, so that the interpreter's last flush has nowhere to fail."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
