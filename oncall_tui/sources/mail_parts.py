"""What a mail is made of: the part that is read, and the files that come with it."""

from __future__ import annotations

import binascii
import mimetypes
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property

from oncall_tui.domain.correspondence import Attachment
from oncall_tui.sources.mail_text import decoded, header_text, html_text

TEXT_LIMIT = 1 << 20
"""Characters of text that are read; a ticket keeps fewer."""

_DEPTH = 50
_PARTS = 1000
_READ = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]{1,60})", re.IGNORECASE)
_UNNAMED = {"message/rfc822": "mail.eml", "text/calendar": "calendar.ics"}


class Part:
    """A part that has no parts itself, with its number (RFC 3501, 6.4.5) and its type in lower case."""

    def __init__(self, section: str, media_type: str, message: Message) -> None:
        self.section = section
        self.media_type = media_type
        self.message = message
        self.file_name = file_name(message)
        self.is_file = bool(self.file_name) or media_type not in _READ or _is_attached(message)
        """Whether it is a file, rather than something to read."""

    @property
    def encoding(self) -> str:
        """Return how it is encoded for transfer, in lower case; empty for not at all."""
        return str(self.message.get("Content-Transfer-Encoding", "")).strip().lower()

    @cached_property
    def content(self) -> bytes:
        """Return its bytes, decoded from what they were encoded in for transfer."""
        payload = self.message.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""


def read_parts(message: Message) -> tuple[str, tuple[Attachment, ...]]:
    """Return the text of a mail as it is read, and its files."""
    texts: list[str] = []
    files: list[Attachment] = []
    room = TEXT_LIMIT
    for part in _leaves(message):
        if part.is_file:
            files.append(_attachment(part))
        elif room > 0 and (text := part_text(part)):
            texts.append(text[:room])
            room -= len(text)
    return "\n\n".join(texts), tuple(files)


def part_text(part: Part) -> str:
    """Return what a part to read says."""
    text = decoded(part.content, _charset(part.message))
    text = html_text(text) if part.media_type == "text/html" else text.replace("\r\n", "\n")
    return text.strip("\n").rstrip()


def file_name(message: Message) -> str:
    """Return the name of the file that a part is, as one line; empty where it has none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        if parameter not in _raw(message, header).lower():
            continue
        try:
            value = _readable(message, header).get_param(parameter, "", header=header)
            name = header_text(collapse_rfc2231_value(value))
        # Its charset may be anything.
        except (ValueError, LookupError, TypeError):
            continue
        if name:
            return name
    return ""


def _charset(message: Message) -> str:
    found = _CHARSET.search(_raw(message, "content-type"))
    return found[1] if found else ""


def _is_attached(message: Message) -> bool:
    return _raw(message, "content-disposition").partition(";")[0].strip().lower() == "attachment"


def _raw(message: Message, header: str) -> str:
    """Return a header as it stands there; empty where there is none."""
    return next((str(value) for name, value in message.raw_items() if name.lower() == header), "")


def _readable(message: Message, header: str) -> Message:
    """Return something with the same header, without letters that stand there bare of any charset."""
    raw = _raw(message, header)
    if raw.isascii():
        return message
    readable = Message()
    readable[header] = decoded(raw.encode("utf-8", "surrogateescape"))
    return readable


def _leaves(message: Message) -> Iterator[Part]:
    """Yield the parts of a mail in the order they stand in; of alternatives those that say the same in
    another way aren't among them.
    """
    kind = message.get_content_type()
    if message.is_multipart() and not kind.startswith("message/"):
        yield from _within(message, kind, "", 0, [_PARTS])
    else:
        yield Part("1", kind, message)


def _within(message: Message, kind: str, section: str, depth: int, left: list[int]) -> Iterator[Part]:
    found: list[Part] = []
    for number, child in enumerate(_children(message), 1):
        left[0] -= 1
        if left[0] < 0 or depth > _DEPTH:
            break
        inner = f"{section}{number}"
        inner_kind = child.get_content_type()
        if child.is_multipart() and not inner_kind.startswith("message/"):
            found.extend(_within(child, inner_kind, f"{inner}.", depth + 1, left))
        else:
            found.append(Part(inner, inner_kind, child))
    yield from _best(found) if kind == "multipart/alternative" else found


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _best(parts: list[Part]) -> Iterator[Part]:
    """Yield what is read of alternatives: the plain one that says something, else HTML; and all files."""
    read = [part for part in parts if not part.is_file]
    plain = [part for part in read if part.media_type == "text/plain" and part.content.strip()]
    chosen = plain or [part for part in read if part.media_type == "text/html"][-1:] or read[-1:]
    yield from (part for part in parts if part.is_file or part in chosen)


def _attachment(part: Part) -> Attachment:
    name = part.file_name or _made_up_name(part)
    return Attachment(name, part.media_type, _size(part), f"{part.section}/{part.encoding or '8bit'}")


def _made_up_name(part: Part) -> str:
    if part.media_type in _UNNAMED:
        return _UNNAMED[part.media_type]
    extension = mimetypes.guess_extension(part.media_type) or ""
    return f"{part.media_type.partition('/')[0]}-{part.section}{extension}"


def _size(part: Part) -> int:
    """Return the bytes that a file has when it is saved; of base64 without decoding what nobody reads."""
    payload = part.message.get_payload()
    if isinstance(payload, list):
        return sum(len(each.as_bytes()) for each in _children(part.message))
    if not isinstance(payload, str):
        return 0
    if part.encoding == "base64":
        letters = len(payload) - payload.count("\n") - payload.count("\r") - payload.count(" ")
        return max(0, letters * 3 // 4 - payload[-8:].count("="))
    try:
        return len(part.content)
    except (ValueError, binascii.Error):
        return len(payload)
