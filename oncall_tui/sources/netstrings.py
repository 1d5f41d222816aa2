"""JSON objects framed as netstrings (`12:{"a": "b c"},`), out of a stream that may be torn or dirty."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MOST = 65_536
"""Bytes of a frame at most; what claims to be longer is none."""

_HEADER = re.compile(rb"(\d{1,5}):(?=\{)")
_HEADER_LENGTH = 6


class Netstrings:
    """Reads frames as the bytes of a stream come in, in whatever pieces.

    What is no frame is skipped up to the next one that begins with an object.
    """

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> list[Mapping[str, Any]]:
        """Return the objects that are complete now, in their order."""
        kept, at, found = self._kept + data, 0, []
        while header := _HEADER.search(kept, at):
            begin, end = header.end(), header.end() + int(header[1])
            if int(header[1]) <= MOST and end >= len(kept):
                at = header.start()
                break
            at = begin
            if int(header[1]) <= MOST and kept[end : end + 1] == b",":
                document = _object(kept[begin:end])
                if document is not None:
                    found.append(document)
                    at = end + 1
        else:
            at = max(at, len(kept) - _HEADER_LENGTH)
        self._kept = kept[at:]
        return found


def framed(document: Mapping[str, Any]) -> bytes:
    """Return `document` as a frame."""
    body = json.dumps(document).encode()
    return b"%d:%s," % (len(body), body)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
