"""An attachment on its way into a file: decoded piece by piece, however large it is."""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from oncall_tui.domain.errors import BadInput

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


@contextmanager
def new_file(target: Path) -> Iterator[Callable[[bytes], None]]:
    """Give a function that writes to the file `target`, which is new and for its owner only.

    Raises `BadInput` where it can't be written. What was begun and not finished is taken away.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BadInput(f"{target} can't be written: {error.strerror}") from None

    def write(data: bytes) -> None:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError as error:
            raise BadInput(f"{target} can't be written: {error.strerror}") from None

    try:
        try:
            yield write
        finally:
            _close(descriptor, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _close(descriptor: int, target: Path) -> None:
    """Close the file `target`: over a network this is where it turns out that there was no room for it."""
    try:
        os.close(descriptor)
    except OSError as error:
        raise BadInput(f"{target} can't be written: {error.strerror}") from None


class Decoder:
    """Turns what was encoded for transfer (RFC 2045) into what it was, in whatever pieces it comes."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.lower()
        self._left = b""

    def feed(self, data: bytes) -> bytes:
        """Return as much as can be decoded with `data`."""
        if self._encoding == "base64":
            letters = self._left + data.translate(None, _NOT_BASE64)
            whole = len(letters) - len(letters) % 4
            self._left = letters[whole:]
            return binascii.a2b_base64(letters[:whole])
        if self._encoding == "quoted-printable":
            lines, newline, self._left = (self._left + data).rpartition(b"\n")
            return binascii.a2b_qp(lines + newline)
        return data

    def rest(self) -> bytes:
        """Return what is left at the end."""
        if self._encoding == "base64":
            # One letter alone is less than a byte.
            return binascii.a2b_base64(self._left + b"==") if len(self._left) > 1 else b""
        return binascii.a2b_qp(self._left) if self._encoding == "quoted-printable" else b""
