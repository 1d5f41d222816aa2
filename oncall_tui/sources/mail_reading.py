"""A mail as its server has it, read into a letter. Pure: bytes in, no connection, nothing that fails."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.utils import getaddresses
from typing import NamedTuple

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.correspondence import Letter, LetterKind, Sender
from oncall_tui.domain.language_guess import guess_language
from oncall_tui.sources.mail_bounces import (
    MESSAGE_ID,
    bounce_text,
    is_automatic,
    is_bounce,
    nothing_failed,
    returned,
)
from oncall_tui.sources.mail_mime import Entity, Head
from oncall_tui.sources.mail_parts import read_parts
from oncall_tui.sources.mail_text import decoded, header_text

CUT_LIMIT = 64 << 20
"""Bytes of a mail that is read in full."""

CUT_TO = 1 << 20
"""Bytes that are read of a longer one."""

_ANSWERED_LIMIT = 100
_HEADERS_LIMIT = 10
_REFERENCE = re.compile(r"\[([A-Z]{1,4}-\d{1,12})\]")
_ANGLED = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")


class RawMail(NamedTuple):
    """A mail as it came: `key` is what its mailbox knows it by, without its Message-ID; `size` is bytes, of
    which `data` are the first; `received_at` is when the server got it (UTC).
    """

    key: str
    data: bytes
    received_at: datetime
    size: int


def read_mail(raw: RawMail, own_address: str = "") -> Letter:
    """Return the letter that a mail is. `own_address` is where our answers are from.

    Whatever is broken in it is read as far as it goes: at worst the letter is its bytes.
    """
    try:
        return _read(raw, Entity(raw.data), own_address)
    # What nobody thought of is a request too, and the mails after it are to be read.
    except Exception:  # noqa: BLE001
        return _as_it_stands(raw)


def _read(raw: RawMail, mail: Entity, own_address: str) -> Letter:
    head = mail.head
    subject = header_text(head.first("subject"))
    own = address_of(own_address).address
    sender = _sender(head, own)
    answers = _answers(head)
    reference = _REFERENCE.findall(subject)
    ref = reference[-1] if reference else ""
    kind = LetterKind.REQUEST
    text, attachments = read_parts(mail)
    if is_bounce(mail, sender.address):
        kind = LetterKind.AUTOMATIC if nothing_failed(mail) else LetterKind.BOUNCE
        answers, text = returned(mail), bounce_text(mail)
    elif is_automatic(mail):
        kind = LetterKind.AUTOMATIC
    elif own and address_of(sender.address).address == own and _to_others(head, own) and (answers or ref):
        kind = LetterKind.ANSWER
    message_id = _message_id(raw, head)
    return Letter(
        key=f"{raw.key} {message_id}",
        kind=kind,
        sender=sender,
        subject=subject,
        text=f"{_cut_words(raw)}{text}",
        received_at=raw.received_at,
        message_id=message_id,
        answers=answers,
        ref=ref,
        language=guess_language(text) or guess_language(subject),
        attachments=() if len(raw.data) < raw.size > CUT_LIMIT else attachments,
        size=raw.size,
    )


def _as_it_stands(raw: RawMail) -> Letter:
    message_id = _made_up_id(raw)
    return Letter(
        key=f"{raw.key} {message_id}",
        kind=LetterKind.REQUEST,
        sender=Sender(),
        subject="",
        text=f"(This mail is broken; this is what it consists of.)\n\n{decoded(raw.data[:CUT_TO])}",
        received_at=raw.received_at,
        message_id=message_id,
        size=raw.size,
    )


def _cut_words(raw: RawMail) -> str:
    if not len(raw.data) < raw.size > CUT_LIMIT:
        return ""
    return f"(This mail has {raw.size >> 20} MiB: only its first MiB was read, and no attachments.)\n\n"


def _people(head: Head, *names: str) -> list[Sender]:
    """Return who stands in the headers `names`, those with an address."""
    # An encoded word may hold a comma: names are read after they were told apart.
    values = [value for name in names for value in head.all(name)[:_HEADERS_LIMIT]]
    found = [
        Sender(header_text(name), header_text(address))
        for name, address in getaddresses(values)
        if "@" in address
    ]
    if found:
        return found
    return [Sender("", address) for value in values for address in _ANGLED.findall(header_text(value))]


def _sender(head: Head, own: str) -> Sender:
    """Return who wrote a mail, and where an answer goes.

    Reply-To says the latter, as in what a form on a web page sends; that of a mailing list doesn't, nor
    does our own address.
    """
    author = next(iter(_people(head, "from") or _people(head, "sender", "return-path")), Sender())
    author = author if author.address else Sender(header_text(head.first("from")), "")
    listed = head.first("list-post").lower()
    for reply in _people(head, "reply-to"):
        address = address_of(reply.address).address
        if address and address != own and f"mailto:{address}" not in listed:
            return Sender(reply.name or author.name, reply.address)
    return author


def _to_others(head: Head, own: str) -> bool:
    """Say whether a mail went to somebody else than us: who claims to be us and writes to us isn't."""
    return any(address_of(each.address).address != own for each in _people(head, "to", "cc", "bcc"))


def _answers(head: Head) -> tuple[str, ...]:
    """Return the Message-IDs of what a mail answers, the nearest first."""
    direct = MESSAGE_ID.findall(header_text(head.first("in-reply-to")))
    thread = MESSAGE_ID.findall(header_text(head.first("references")))
    return tuple(dict.fromkeys((*direct, *reversed(thread))))[:_ANSWERED_LIMIT]


def _message_id(raw: RawMail, head: Head) -> str:
    """Return a mail's Message-ID, or one that stays the same as long as the mail does."""
    found = MESSAGE_ID.search(header_text(head.first("message-id")))
    return found[0] if found else _made_up_id(raw)


def _made_up_id(raw: RawMail) -> str:
    head = re.split(rb"\r?\n\r?\n", raw.data[:CUT_TO], maxsplit=1)[0]
    mark = hashlib.sha256(f"{raw.received_at.isoformat()} {raw.size} ".encode() + head)
    return f"<{mark.hexdigest()[:40]}@no-message-id.invalid>"
