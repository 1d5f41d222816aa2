"""A mail as its server has it, read into a letter. Pure: bytes in, no connection, nothing that fails."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import NamedTuple

from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.correspondence import Letter, LetterKind, Sender
from oncall_tui.domain.language_guess import guess_language
from oncall_tui.sources.mail_bounces import MESSAGE_ID, bounce_text, is_automatic, is_bounce, returned
from oncall_tui.sources.mail_parts import read_parts
from oncall_tui.sources.mail_text import decoded, header_text

CUT_LIMIT = 64 << 20
"""Bytes of a mail that is read in full."""

CUT_TO = 1 << 20
"""Bytes that are read of a longer one."""

_ANSWERED_LIMIT = 100
_HEADER_LIMIT = 20_000
_REFERENCE = re.compile(r"\[([A-Z]{1,4}-\d{1,12})\]")
_ANGLED = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_PARSER = BytesParser()


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
        return _read(raw, _PARSER.parsebytes(raw.data), own_address)
    # The parser raises what it likes on what nobody's mailer would write, and that mail is a request too.
    except Exception:  # noqa: BLE001
        return _as_it_stands(raw)


def _read(raw: RawMail, message: Message, own_address: str) -> Letter:
    subject = _header(message, "Subject")
    own = address_of(own_address).address
    sender = _sender(message, own)
    answers = _answers(message)
    reference = _REFERENCE.findall(subject)
    ref = reference[-1] if reference else ""
    kind = LetterKind.REQUEST
    text, attachments = read_parts(message)
    if is_bounce(message, sender.address):
        kind, answers, text = LetterKind.BOUNCE, returned(message), bounce_text(message)
    elif is_automatic(message):
        kind = LetterKind.AUTOMATIC
    elif own and address_of(sender.address).address == own and _to_others(message, own) and (answers or ref):
        kind = LetterKind.ANSWER
    message_id = _message_id(raw, message)
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


def _header(message: Message, name: str) -> str:
    """Return the first header `name` as text in one line."""
    wanted = name.lower()
    raw = next((value for each, value in message.raw_items() if each.lower() == wanted), "")
    return header_text(str(raw)[:_HEADER_LIMIT])


def _people(message: Message, *names: str) -> list[Sender]:
    """Return who stands in the headers `names`, those with an address."""
    wanted = {name.lower() for name in names}
    # An encoded word may hold a comma: names are read after they were told apart.
    values = [str(raw)[:_HEADER_LIMIT] for each, raw in message.raw_items() if each.lower() in wanted]
    found = [
        Sender(header_text(name), header_text(address))
        for name, address in getaddresses(values)
        if "@" in address
    ]
    if found:
        return found
    return [Sender("", address) for value in values for address in _ANGLED.findall(header_text(value))]


def _sender(message: Message, own: str) -> Sender:
    """Return who wrote a mail, and where an answer goes.

    Reply-To says the latter, as in what a form on a web page sends; that of a mailing list doesn't, nor
    does our own address.
    """
    author = next(iter(_people(message, "From") or _people(message, "Sender", "Return-Path")), Sender())
    author = author if author.address else Sender(_header(message, "From"), "")
    listed = str(message.get("List-Post", "")).lower()
    for reply in _people(message, "Reply-To"):
        address = address_of(reply.address).address
        if address and address != own and f"mailto:{address}" not in listed:
            return Sender(reply.name or author.name, reply.address)
    return author


def _to_others(message: Message, own: str) -> bool:
    """Say whether a mail went to somebody else than us: who claims to be us and writes to us isn't."""
    return any(address_of(each.address).address != own for each in _people(message, "To", "Cc", "Bcc"))


def _answers(message: Message) -> tuple[str, ...]:
    """Return the Message-IDs of what a mail answers, the nearest first."""
    direct = MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    thread = MESSAGE_ID.findall(_header(message, "References"))
    return tuple(dict.fromkeys((*direct, *reversed(thread))))[:_ANSWERED_LIMIT]


def _message_id(raw: RawMail, message: Message) -> str:
    """Return a mail's Message-ID, or one that stays the same as long as the mail does."""
    found = MESSAGE_ID.search(_header(message, "Message-ID"))
    return found[0] if found else _made_up_id(raw)


def _made_up_id(raw: RawMail) -> str:
    head = re.split(rb"\r?\n\r?\n", raw.data[:CUT_TO], maxsplit=1)[0]
    mark = hashlib.sha256(f"{raw.received_at.isoformat()} {raw.size} ".encode() + head)
    return f"<{mark.hexdigest()[:40]}@no-message-id.invalid>"
