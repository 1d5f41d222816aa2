"""What a mail is made of for who reads it: a text, and the files that come with it."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator

from oncall_tui.domain.correspondence import Attachment
from oncall_tui.sources.html_text import html_text
from oncall_tui.sources.mail_mime import DEPTH, PARTS, Entity
from oncall_tui.sources.mail_text import decoded, header_text

TEXT_LIMIT = 1 << 20
"""Characters of text that are read; a ticket keeps fewer."""

_READ = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]{1,60})", re.IGNORECASE)
_UNNAMED = {"message/rfc822": "mail.eml", "text/calendar": "calendar.ics"}


class Part:
    """A part that has no parts itself, with its number (RFC 3501, 6.4.5)."""

    def __init__(self, section: str, entity: Entity) -> None:
        self.section = section
        self.entity = entity
        # What says that it has parts, and has none, is read.
        self.media_type = "text/plain" if entity.media_type.startswith("multipart/") else entity.media_type
        self.file_name = _file_name(entity)
        disposition = entity.head.first("content-disposition").partition(";")[0].strip().lower()
        self.is_file = bool(self.file_name) or self.media_type not in _READ or disposition == "attachment"
        """Whether it is a file, rather than something to read."""

    @property
    def text(self) -> str:
        """Return what it says."""
        found = _CHARSET.search(self.entity.head.first("content-type"))
        text = decoded(self.entity.content, found[1] if found else "")
        text = html_text(text) if self.media_type == "text/html" else text.replace("\r\n", "\n")
        return text.strip("\n").rstrip()


def read_parts(mail: Entity) -> tuple[str, tuple[Attachment, ...]]:
    """Return the text of a mail as it is read, and its files."""
    texts: list[str] = []
    files: list[Attachment] = []
    room = TEXT_LIMIT
    for part in _leaves(mail):
        if part.is_file:
            files.append(_attachment(part))
        elif room > 0 and (text := part.text):
            texts.append(text[:room])
            room -= len(text)
    return "\n\n".join(texts), tuple(files)


def _file_name(entity: Entity) -> str:
    """Return the name of the file that a part is, as one line; empty where it has none."""
    name = entity.head.parameter("content-disposition", "filename")
    return header_text(name or entity.head.parameter("content-type", "name"))


def _leaves(mail: Entity) -> Iterator[Part]:
    """Yield the parts of a mail in the order they stand in; of alternatives those that say the same in
    another way aren't among them.
    """
    if mail.children:
        yield from _within(mail, "", DEPTH, [PARTS])
    else:
        yield Part("1", mail)


def _within(entity: Entity, section: str, depth: int, left: list[int]) -> Iterator[Part]:
    found: list[Part] = []
    for number, child in enumerate(entity.children, 1):
        left[0] -= 1
        if left[0] < 0:
            break
        inner = f"{section}{number}"
        if depth and child.children:
            found.extend(_within(child, f"{inner}.", depth - 1, left))
        else:
            found.append(Part(inner, child))
    yield from _best(found) if entity.media_type == "multipart/alternative" else found


def _best(parts: list[Part]) -> Iterator[Part]:
    """Yield what is read of alternatives: the plain one that says something, else HTML; and all files."""
    read = [part for part in parts if not part.is_file]
    plain = [part for part in read if part.media_type == "text/plain" and part.entity.content.strip()]
    chosen = plain or [part for part in read if part.media_type == "text/html"][-1:] or read[-1:]
    yield from (part for part in parts if part.is_file or part in chosen)


def _attachment(part: Part) -> Attachment:
    name = part.file_name or _made_up_name(part)
    return Attachment(name, part.media_type, part.entity.size, f"{part.section}/{part.entity.encoding}")


def _made_up_name(part: Part) -> str:
    if part.media_type in _UNNAMED:
        return _UNNAMED[part.media_type]
    extension = mimetypes.guess_extension(part.media_type) or ""
    return f"{part.media_type.partition('/')[0]}-{part.section}{extension}"
