"""Reading a code: from stdin, or from a terminal that shows nothing of it. It is never an argument (R19)."""

from __future__ import annotations

import sys

from oncall_tui.domain.errors import BadInput

_MOST_BYTES = 65_536


def read_code(prompt: str, *, optional: bool = False) -> str:
    """Return the code as it was typed or sent; `BadInput` where there is none.

    An `optional` one is taken where it is sent, empty for none, and nobody is asked to type it. Bytes that
    are no UTF-8 become a sign, so that they are no code either.
    """
    if sys.stdin is None or (sys.stdin.isatty() and optional):
        text = ""
    elif sys.stdin.isatty():
        # Imported here: a script sends the code on stdin.
        from getpass import getpass

        try:
            text = getpass(prompt, stream=sys.stderr)
        except EOFError:
            text = ""
        except UnicodeDecodeError:
            text = "\ufffd"
    else:
        text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    if not text.strip() and not optional:
        raise BadInput("no code was given", hint="type it when asked, or send it on stdin", title="Usage")
    return text.strip()
