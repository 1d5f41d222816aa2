"""What a person or a script is told when something went wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from oncall_tui.cli.output import print_json
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.domain.text import clean

_LINE = 500
"""Characters of a message at most; nobody reads a longer line."""


def report(error: Exception, arguments: Sequence[str]) -> int:
    """Tell about `error` and return the exit code it stands for.

    With `--json` among the command line's `arguments` the telling is a document on stdout, else a
    line and its hint on stderr. With `--debug` the traceback goes to the log file.
    """
    told = error if isinstance(error, OncallError) else _unexpected(error)
    message, hint = clean(told.message, limit=_LINE), clean(told.hint, limit=_LINE)
    if "--json" in arguments:
        print_json({"error": {"title": told.title, "message": message, "hint": hint, "rule": told.rule}})
    else:
        rule = f" ({told.rule})" if told.rule else ""
        _say(f"oncall-tui: {message}{rule}")
        if hint:
            _say(f"  {hint}")
    if "--debug" in arguments:
        from oncall_tui import logfile

        _say(f"  {logfile.record(error)}")
    return told.exit_code


def _unexpected(error: Exception) -> OncallError:
    if isinstance(error, OSError) and error.filename is not None:
        return OncallError(f"{error.filename}: {error.strerror}")
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        # Python hands bytes of the command line that are no UTF-8 on as that.
        return BadInput("an argument is no UTF-8", hint="the program reads UTF-8 only", title="Usage")
    from oncall_tui import logfile

    # Only the kind and the place: what an unforeseen exception says may quote a customer or a code.
    return OncallError(
        f"a mistake of this program: {logfile.place(error)}",
        hint="with --debug before the command's name the details go to a log file",
    )


def _say(line: str) -> None:
    if sys.stderr is not None:
        print(line, file=sys.stderr)
