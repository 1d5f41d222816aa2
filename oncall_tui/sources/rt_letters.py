"""What was written in a ticket of Request Tracker: which of its parts is the text, and who wrote to whom."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from oncall_tui.domain.correspondence import Attachment, Letter, LetterKind, SourceAccess
from oncall_tui.sources.html_text import html_text
from oncall_tui.sources.rt_client import Client, Denied, every_page
from oncall_tui.sources.rt_records import (
    PART_FIELDS,
    SYSTEM,
    Person,
    RtPart,
    RtTicket,
    RtTransaction,
    in_path,
    read_part,
)

KEY = "txn/"
"""What the key of each letter begins with; its transaction follows."""

TEXT_LIMIT = 1 << 20
"""Bytes of a text that is read; a longer one is a file."""

_TOGETHER = 4 << 20
_AT_ONCE = 100
_AUTOMATIC = re.compile(r"^Auto-Submitted:[ \t]*(?!no\b)\S", re.IGNORECASE | re.MULTILINE)


class Letters:
    """Makes letters of transactions."""

    def __init__(self, client: Client, access: SourceAccess) -> None:
        self._client = client
        self._staff = {account.casefold(): name for name, account in access.accounts.items()}
        self._staff.setdefault(access.user.casefold(), "")
        self._privileged: dict[str, bool] = {}

    def of(self, written: Sequence[RtTransaction], tickets: Mapping[str, RtTicket]) -> tuple[Letter, ...]:
        """Return the letters that those of `written` are that belong to `tickets`, the oldest first."""
        wanted = [each for each in written if each.ticket in tickets]
        parts = self._parts([each.id for each in wanted])
        texts = {each.id: _text_part(parts.get(each.id, ())) for each in wanted}
        contents = self._contents([part for part in texts.values() if part is not None])
        return tuple(
            self._letter(each, tickets[each.ticket], parts.get(each.id, []), texts[each.id], contents)
            for each in wanted
        )

    def text_of(self, transaction: RtTransaction) -> str:
        """Return what was written in `transaction`."""
        part = _text_part(self._parts([transaction.id]).get(transaction.id, ()))
        return "" if part is None else self._contents([part]).get(part.id, "")

    def _letter(
        self,
        transaction: RtTransaction,
        ticket: RtTicket,
        parts: Sequence[RtPart],
        text: RtPart | None,
        contents: Mapping[str, str],
    ) -> Letter:
        body = contents.get(text.id, "") if text is not None else ""
        if text is not None and text.media_type == "text/html":
            body = html_text(body)
        first = transaction.kind == "Create"
        kind = self._kind(transaction, ticket, parts)
        writer = transaction.by
        if first and ticket.requestors:
            # Whoever typed it in: it is the requestor who asks, and who hears back.
            writer = ticket.requestors[0]
        sender = writer.sender
        if kind in (LetterKind.ANSWER, LetterKind.NOTE):
            sender = sender._replace(name=self._staff.get(writer.account.casefold()) or sender.name)
        return Letter(
            key=f"{KEY}{transaction.id}",
            kind=kind,
            sender=sender,
            subject=ticket.subject,
            text=body,
            received_at=ticket.created_at if first else transaction.at,
            thread=ticket.id,
            attachments=tuple(_attachment(part) for part in parts if part is not text and _is_file(part)),
            size=sum(part.size for part in parts),
        )

    def _kind(self, transaction: RtTransaction, ticket: RtTicket, parts: Sequence[RtPart]) -> LetterKind:
        """Say what a letter is. The clock stops only for who is known to be of the staff (R6)."""
        if transaction.kind == "Create":
            return LetterKind.REQUEST
        if transaction.kind == "Comment":
            return LetterKind.NOTE
        if transaction.by.account == SYSTEM or any(_AUTOMATIC.search(part.headers) for part in parts):
            return LetterKind.AUTOMATIC
        is_staff = self.is_staff(transaction.by, ticket.customers)
        return LetterKind.ANSWER if is_staff else LetterKind.REQUEST

    def is_staff(self, writer: Person, customers: Set[str] = frozenset()) -> bool:
        """Say whether somebody is of the staff, who isn't one of the `customers` of a ticket."""
        if writer.account.casefold() in self._staff:
            return True
        return writer.account not in customers and self._is_privileged(writer.account)

    def _is_privileged(self, account: str) -> bool:
        """Say whether Request Tracker lets an account do more than write mail; no, where it doesn't say."""
        if account not in self._privileged:
            try:
                user = self._client.get(f"user/{in_path(account)}").body
            except Denied as error:
                if error.status not in (403, 404):
                    raise
                user = None
            self._privileged[account] = isinstance(user, dict) and user.get("Privileged") in (1, "1")
        return self._privileged[account]

    def _parts(self, transactions: Sequence[int]) -> dict[int, list[RtPart]]:
        found: dict[int, list[RtPart]] = {}
        for some in _in_runs(transactions):
            limits = [{"field": "TransactionId", "value": str(number)} for number in some]

            def page(after: int, limits: list[dict[str, str]] = limits) -> list[dict[str, object]]:
                beyond = {"field": "id", "operator": ">", "value": str(after)}
                return self._client.limited("attachments", [*limits, beyond], orderby="id", **PART_FIELDS)

            for part in map(read_part, every_page(page, gaps=False)):
                found.setdefault(part.transaction, []).append(part)
        return found

    def _contents(self, parts: Iterable[RtPart]) -> dict[str, str]:
        """Return the texts of `parts` by their ids, some megabytes a request."""
        contents: dict[str, str] = {}
        for some in _in_bundles(parts):
            limits = [{"field": "id", "value": part.id} for part in some]
            for item in self._client.limited("attachments", limits, fields="Content"):
                content = item.get("Content")
                contents[str(item["id"])] = content if isinstance(content, str) else ""
        return contents


def _text_part(parts: Iterable[RtPart]) -> RtPart | None:
    """Return the part that is read: the first plain text, HTML where there is none."""
    texts = [part for part in parts if _is_text(part) and part.size > 0]
    plain = [part for part in texts if part.media_type == "text/plain"]
    return next(iter(plain or texts), None)


def _is_text(part: RtPart) -> bool:
    return not part.name and part.media_type in ("text/plain", "text/html") and part.size <= TEXT_LIMIT


def _is_file(part: RtPart) -> bool:
    return not part.media_type.startswith("multipart/") and not _is_text(part)


def _attachment(part: RtPart) -> Attachment:
    name = part.name or f"part-{part.id}{mimetypes.guess_extension(part.media_type) or ''}"
    return Attachment(name, part.media_type, part.size, part.id)


def _in_runs(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]


def _in_bundles(parts: Iterable[RtPart]) -> Iterator[list[RtPart]]:
    bundle: list[RtPart] = []
    size = 0
    for part in parts:
        if bundle and (size + part.size > _TOGETHER or len(bundle) == _AT_ONCE):
            yield bundle
            bundle, size = [], 0
        bundle.append(part)
        size += part.size
    if bundle:
        yield bundle
