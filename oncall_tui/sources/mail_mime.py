"""The structure of a mail (RFC 2045): heads, and parts within parts, found without looking at each line.

The standard library's parser takes a mail apart line by line, which costs more than fetching it, and seconds
where it has a large file in it. What is broken is taken as far as it goes; nothing here fails.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property
from itertools import islice

from oncall_tui.sources.mail_text import decoded

DEPTH = 50
PARTS = 1000
"""How deep parts are looked for within parts, and how many of them."""

_ENCODINGS = frozenset({"base64", "quoted-printable", "7bit", "8bit", "binary"})
_HEADER_LIMIT = 20_000
_WITHIN_LIMIT = 1 << 20
_ENVELOPE = re.compile(rb">?From [^\n]*\n")
_HEAD = re.compile(rb"(?:[!-9;-~]+[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z))*")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")
_BLANK = re.compile(rb"\r?\n")
_MEDIA_TYPE = re.compile(r"\s*([\w.+-]{1,60}/[\w.+-]{1,60})\s*(?:;|\Z)", re.ASCII)
_BOUNDARY = re.compile(r'\bboundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


class Head:
    """The headers of a mail or of a part as they stand there, by their names in lower case."""

    def __init__(self, block: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in _FIELD.findall(block):
            text = value[:_HEADER_LIMIT].decode("ascii", "surrogateescape").strip()
            self._values.setdefault(name.decode("ascii").lower(), []).append(text)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def first(self, name: str) -> str:
        """Return the first of a name; empty where there is none."""
        return self._values.get(name, ("",))[0]

    def all(self, name: str) -> list[str]:
        """Return all of a name."""
        return self._values.get(name, [])

    def parameter(self, header: str, name: str) -> str:
        """Return a parameter of a header, however it is written (RFC 2231); empty where there is none."""
        raw = self.first(header)
        if name not in raw.lower():
            return ""
        if not raw.isascii():
            raw = decoded(raw.encode("utf-8", "surrogateescape"))
        message = Message()
        message[header] = raw
        try:
            return collapse_rfc2231_value(message.get_param(name, "", header=header)).strip()
        # Its charset may be anything.
        except (ValueError, LookupError, TypeError):
            return ""


class Entity:
    """A mail, or a part of one: `head`, `body` as it was transferred, and `media_type` in lower case."""

    def __init__(self, data: bytes) -> None:
        envelope = _ENVELOPE.match(data)
        begin = envelope.end() if envelope else 0
        head = _HEAD.match(data, begin)
        end = head.end() if head else begin
        blank = _BLANK.match(data, end)
        self.head = Head(data[begin:end])
        self.body = data[blank.end() if blank else end :]
        found = _MEDIA_TYPE.match(self.head.first("content-type"))
        self.media_type = found[1].lower() if found else "text/plain"

    @property
    def encoding(self) -> str:
        """Return how the body is encoded for transfer; what isn't known isn't decoded."""
        encoding = self.head.first("content-transfer-encoding").partition(";")[0].strip().lower()
        return encoding if encoding in _ENCODINGS else "8bit"

    @cached_property
    def content(self) -> bytes:
        """Return the body as it was before it was encoded for transfer."""
        if self.encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if self.encoding != "base64":
            return self.body
        letters = _NOT_BASE64.sub(b"", self.body)
        # One letter that is over is less than a byte.
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")

    @cached_property
    def size(self) -> int:
        """Return the bytes of `content`; of base64 without decoding what nobody reads."""
        if self.encoding != "base64":
            return len(self.content)
        blanks = sum(map(self.body.count, (b"\n", b"\r", b" ")))
        return max(0, (len(self.body) - blanks) * 3 // 4 - self.body[-8:].count(b"="))

    @cached_property
    def children(self) -> list[Entity]:
        """Return the parts that it consists of; none where it isn't made of parts, or they aren't found."""
        if not self.media_type.startswith("multipart/"):
            return []
        found = _BOUNDARY.search(self.head.first("content-type"))
        boundary = (found[1] or found[2] or "") if found else self.head.parameter("content-type", "boundary")
        delimiter = b"--" + boundary.rstrip().encode("ascii", "surrogateescape")
        children = [Entity(part) for part in _split(self.body, delimiter)] if boundary.strip() else []
        if children:
            # They have it now: a mail with parts within parts would be in memory as often as it is deep.
            self.body = b""
        return children

    def within(self) -> Iterator[Entity]:
        """Yield it and the parts within, also those of the beginnings of mails that it has in it, up to
        `PARTS` of them.
        """
        return islice(self._within(DEPTH), PARTS)

    def _within(self, depth: int) -> Iterator[Entity]:
        yield self
        # A mail within a mail would be in memory as often as it is deep.
        is_mail = self.media_type.startswith("message/rfc822")
        mail = [Entity(self.content[:_WITHIN_LIMIT])] if is_mail else []
        for child in (*self.children, *mail) if depth else ():
            yield from child._within(depth - 1)


def _split(body: bytes, delimiter: bytes) -> Iterator[bytes]:
    """Yield what stands between lines that are `delimiter`, up to one that ends them."""
    begin: int | None = None
    at = 0 if body.startswith(delimiter) else body.find(b"\n" + delimiter) + 1
    number = 0
    while (at or body.startswith(delimiter)) and number < PARTS:
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[at + len(delimiter) : line_end].strip()
        if rest in (b"", b"--"):
            if begin is not None:
                yield _without_newline(body[begin:at])
                number += 1
            begin = line_end + 1
            if rest:
                return
        following = body.find(b"\n" + delimiter, line_end)
        if following < 0:
            break
        at = following + 1
    if begin is not None and begin < len(body):
        yield body[begin:]


def _without_newline(part: bytes) -> bytes:
    return part[:-2] if part.endswith(b"\r\n") else part[:-1]
