"""Mails that a machine wrote: out of office, and what couldn't be delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncall_tui.sources.mail_mime import Entity, Head
from oncall_tui.sources.mail_parts import read_parts
from oncall_tui.sources.mail_text import header_text

MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")

_DAEMONS = ("mailer-daemon", "mail-daemon", "postmaster")
_SAYS = ("x-autoreply", "x-autorespond", "x-auto-response")
_REPORTED = ("final-recipient", "original-recipient", "status", "diagnostic-code", "action")
_RETURNED_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
_REPORT_LIMIT = 1 << 16
_BETWEEN_BLOCKS = re.compile(rb"\r?\n\r?\n")


def is_bounce(mail: Entity, sender: str) -> bool:
    """Say whether a mail tells what became of another one, as a rule that it couldn't be delivered.

    A report on delivery (RFC 3464) does; so does what a mail system sent to an envelope without sender.
    """
    if mail.media_type == "multipart/report":
        return _reports(mail) == "delivery-status"
    nobody = "return-path" in mail.head and mail.head.first("return-path") in ("<>", "")
    return nobody and sender.partition("@")[0].lower() in _DAEMONS


def nothing_failed(mail: Entity) -> bool:
    """Say whether a report tells of no failure: what is late is still on its way, or it has arrived."""
    actions = {value.strip().lower() for block in _reported_blocks(mail) for value in block.all("action")}
    return bool(actions) and "failed" not in actions


def is_automatic(mail: Entity) -> bool:
    """Say whether a machine answered (RFC 3834, and what came before it).

    What a machine sends of its own accord isn't that: a customer's monitoring asks for help too.
    """
    head = mail.head
    if head.first("auto-submitted").lower().startswith("auto-replied") or "x-vacation" in head:
        return True
    if head.first("precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    if mail.media_type == "multipart/report":
        # A receipt that somebody opened a mail.
        return _reports(mail) == "disposition-notification"
    if any(head.first(name).lower() not in ("no", "") for name in _SAYS):
        return True
    return "vacation" in head.first("x-mailer").lower()


def bounce_text(mail: Entity) -> str:
    """Return what the mail system says became of a mail: to whom, and why."""
    lines: list[str] = []
    for block in _reported_blocks(mail):
        lines.extend(
            f"{name.capitalize()}: {header_text(value)}" for name in _REPORTED for value in block.all(name)
        )
    # The first part of a report is for people.
    said, _ = read_parts(mail.children[0] if mail.children else mail)
    return "\n".join((*dict.fromkeys(lines), *(("", said) if said else ()))).strip()


def returned(mail: Entity) -> tuple[str, ...]:
    """Return the Message-IDs of the mails that came back, wherever the report has them."""
    found: list[str] = []
    for part in mail.within():
        if part.media_type == "text/rfc822-headers":
            found += _RETURNED_ID.findall(part.content.decode("latin-1"))
        elif part is not mail:
            found += MESSAGE_ID.findall(part.head.first("message-id"))
    if not found and not mail.children:
        # Older systems copy the head of the mail into their text.
        found += _RETURNED_ID.findall(mail.content.decode("latin-1"))
    return tuple(dict.fromkeys(found))


def _reported_blocks(mail: Entity) -> Iterator[Head]:
    for part in mail.within():
        if part.media_type == "message/delivery-status":
            yield from map(Head, _BETWEEN_BLOCKS.split(part.content[:_REPORT_LIMIT]))


def _reports(mail: Entity) -> str:
    return mail.head.parameter("content-type", "report-type").lower()
