"""Reading Request Tracker: its transactions, as letters and as how tickets stand.

Transactions are numbered, but one with a lower number may become visible later: each is made within a longer
change of the database. So the cursor stays behind what is younger than a minute, and what was handed on of
that already is left out by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from oncall_tui.domain.correspondence import Batch, Letter, SourceAccess, Standing
from oncall_tui.sources import rt_client
from oncall_tui.sources.rt_client import Client, Denied, Found, every_page
from oncall_tui.sources.rt_letters import Letters
from oncall_tui.sources.rt_records import (
    KNOWN_ACTIVE,
    KNOWN_INACTIVE,
    TICKET_FIELDS,
    TRANSACTION_FIELDS,
    Cursor,
    RtTicket,
    RtTransaction,
    any_of,
    read_cursor,
    read_ticket,
    read_transaction,
)

LOOKS_BEHIND_SECONDS = 60.0
"""How often it is asked whether there is more behind a page on which nothing new may be seen."""

_SETTLES = timedelta(minutes=1)
_OF_A_TICKET = "ObjectType = 'RT::Ticket'"
_OF_TICKETS = "ObjectType = 'RT::Ticket' AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"
_LETTERS = "(Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment')"
_ACTIVE, _INACTIVE = "Status = '__Active__'", "Status = '__Inactive__'"


class Reading:
    """Reads one Request Tracker with `client`; what it knows of the last pull helps with the next."""

    def __init__(self, client: Client, access: SourceAccess) -> None:
        self._client = client
        self._queues = access.queues
        self._names = {account.casefold(): name for name, account in access.accounts.items()}
        self._letters = Letters(client, access)
        # The cursor that was given last, and the numbers after it that were handed on with it.
        self._given = ""
        self._handed_on: set[int] = set()
        self._looked_behind_at = monotonic()

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Yield what came in since `cursor`, all that isn't closed for the first contact."""
        if cursor != self._given:
            self._handed_on.clear()
        for batch in self._batches(read_cursor(cursor)):
            yield batch
            self._given = batch.cursor

    def _batches(self, known: Cursor | None) -> Iterator[Batch]:
        if known is None:
            known = Cursor(self._settled(), 0)
        if known.ticket is not None:
            yield from self._first_contact(known)
        yield from self._since(known.transaction)

    def operator(self, account: str) -> str:
        """Return who an account is here: the name of an engineer, or the account."""
        return self._names.get(account.casefold(), account)

    def is_inactive(self, status: str, thread: str) -> bool:
        """Say whether a ticket that has `status` is closed."""
        if status in KNOWN_ACTIVE or status in KNOWN_INACTIVE:
            return status in KNOWN_INACTIVE
        return bool(self._client.search("tickets", f"id = {int(thread)} AND {_INACTIVE}").items)

    def changes(self, thread: str, since: int) -> list[RtTransaction]:
        """Return what happened to a ticket after the transaction `since`, the oldest first."""
        return self._transactions(f"{_OF_TICKETS} AND ObjectId = {int(thread)}", since)

    def _transactions(self, query: str, after: int = 0) -> list[RtTransaction]:
        def page(after: int) -> list[dict[str, Any]]:
            wanted = f"{query} AND id > {after}"
            return self._client.search("transactions", wanted, orderby="id", **TRANSACTION_FIELDS).items

        return [read_transaction(item) for item in every_page(page, after)]

    def _settled(self) -> int:
        """Return the number of the newest transaction after which none is to be expected that is lower."""
        newest = self._newest()
        before = 0
        for transaction in map(read_transaction, newest.items):
            if transaction.at <= newest.at - _SETTLES:
                return transaction.id
            before = transaction.id - 1
        return before

    def _newest(self) -> Found:
        """Return the newest transactions, the last one first."""
        only = {"fields": "Created,ObjectId", "orderby": "id", "order": "DESC"}
        return self._client.search("transactions", _OF_TICKETS, **only)

    def _first_contact(self, cursor: Cursor) -> Iterator[Batch]:
        """Yield the tickets that aren't closed with all that was written, from where `cursor` is."""
        start, after = cursor.transaction, cursor.ticket or 0
        mine = f" AND {any_of('Queue', self._queues)}" if self._queues else ""
        done, total = 0, 0
        while True:
            query = f"{_ACTIVE} AND id > {after}{mine}"
            found = self._client.search("tickets", query, orderby="id", **TICKET_FIELDS)
            tickets = list(map(read_ticket, found.items))
            total = total or found.total
            if not tickets:
                break
            after = int(tickets[-1].id)
            done += len(tickets)
            yield Batch(
                str(Cursor(start, after)),
                letters=self._written_in(tickets),
                standings=tuple(_standing(each, self._owner(each), None, start) for each in tickets),
                done=done,
                total=max(done, total),
            )
            if done >= total > 0:
                break
        yield Batch(str(Cursor(start)), done=done, total=done)

    def _written_in(self, tickets: Sequence[RtTicket]) -> tuple[Letter, ...]:
        of_these = any_of("ObjectId", (ticket.id for ticket in tickets))
        written = self._transactions(f"{_OF_A_TICKET} AND {_LETTERS} AND {of_these}")
        return self._letters.of(written, {ticket.id: ticket for ticket in tickets})

    def _since(self, cursor: int) -> Iterator[Batch]:
        self._handed_on = {number for number in self._handed_on if number > cursor}
        after, settled, moving = cursor, cursor, True
        while True:
            # The first look is for the cursor itself too: where it isn't known, it may be another system's.
            first = after == cursor and cursor > 0
            query = f"{_OF_TICKETS} AND id {'>=' if first else '>'} {after}"
            found = self._client.search("transactions", query, orderby="id", **TRANSACTION_FIELDS)
            page = list(map(read_transaction, found.items))
            if first and (not page or page[0].id != cursor) and self._is_of_another(cursor):
                self._handed_on.clear()
                yield from self._batches(None)
                return
            known = {cursor, *self._handed_on}
            if len(page) < rt_client.PAGE and known.issuperset(each.id for each in page):
                page += self._behind_what_is_hidden(query, page[-1].id if page else after)
            if not page or page[-1].id == cursor:
                return
            after = page[-1].id
            for transaction in page:
                moving = moving and transaction.at <= found.at - _SETTLES
                settled = transaction.id if moving else settled
            new = [each for each in page if each.id > cursor and each.id not in self._handed_on]
            again = [each for each in page if cursor < each.id <= settled and each.id in self._handed_on]
            if new or again:
                yield self._batch(new, again, settled)
                self._handed_on.update(each.id for each in new)
            elif settled > cursor:
                yield Batch(str(Cursor(settled)))
            if len(page) < rt_client.PAGE:
                # Where something is out of sight on it there may be more, which the next pull begins with.
                return

    def _behind_what_is_hidden(self, query: str, after: int) -> list[RtTransaction]:
        """Return what `query` finds behind whole pages of what the account may not see, such as a change of
        the same field in a hundred tickets: they look like the end. That is asked for now and then only.
        """
        if monotonic() - self._looked_behind_at < LOOKS_BEHIND_SECONDS:
            return []
        self._looked_behind_at = monotonic()
        newest = max((int(item["id"]) for item in self._newest().items), default=0)
        for number in range(2, (newest - after) // rt_client.PAGE + 2):
            found = self._client.search(
                "transactions", query, orderby="id", page=str(number), **TRANSACTION_FIELDS
            )
            if found.items:
                return list(map(read_transaction, found.items))
        return []

    def _is_of_another(self, cursor: int) -> bool:
        # Where none of the newest may be seen, nothing speaks against it.
        newest = self._newest().items
        return bool(newest) and int(newest[0]["id"]) < cursor

    def _batch(self, new: Sequence[RtTransaction], again: Sequence[RtTransaction], settled: int) -> Batch:
        """Return what `new` transactions tell, with the tickets as they are now.

        Those of the transactions that settled are told of `again`: what was read of a ticket just after an
        act of ours counts for nothing here, and else nobody would hear of who took it from us meanwhile.
        """
        version = max(each.id for each in (*new, *again))
        happened: dict[str, list[RtTransaction]] = {}
        for transaction in new:
            happened.setdefault(transaction.ticket, []).append(transaction)
        tickets = self._tickets(dict.fromkeys((*happened, *(each.ticket for each in again))))
        mine = {thread: ticket for thread, ticket in tickets.items() if self._is_mine(ticket)}
        # What comes from another queue, or was closed at the first contact, comes with all that was written.
        whole = [
            mine[thread] for thread in happened if thread in mine and any(map(_comes_anew, happened[thread]))
        ]
        rest = {thread: ticket for thread, ticket in mine.items() if ticket not in whole}
        letters = [*self._letters.of([each for each in new if each.is_letter], rest)]
        letters += self._written_in(whole) if whole else ()
        closed = self._inactive(mine.values())
        standings = [
            _standing(ticket, self._owner(ticket), _closed_at(ticket) if thread in closed else None, version)
            for thread, ticket in mine.items()
        ]
        for thread, transactions in happened.items():
            if thread in mine:
                continue
            left = tickets.get(thread) if any(each.moves for each in transactions) else None
            left = left or (None if thread in tickets else self._gone(thread))
            if left is not None:
                standings.append(_standing(left, self._owner(left), transactions[-1].at, version))
        return Batch(str(Cursor(settled)), letters=tuple(letters), standings=tuple(standings))

    def _tickets(self, threads: Iterable[str]) -> dict[str, RtTicket]:
        """Return the tickets of `threads` by their id, without those that were merged or deleted."""
        query = any_of("id", threads)
        found = self._client.search("tickets", query, orderby="id", **TICKET_FIELDS)
        return {ticket.id: ticket for ticket in map(read_ticket, found.items)}

    def _gone(self, thread: str) -> RtTicket | None:
        """Return a ticket that no search finds as it was: deleted, or a part of another one now."""
        try:
            ticket = read_ticket(self._client.get(f"ticket/{int(thread)}").body)
        except Denied as error:
            if error.status in (401, 403, 404):
                return None
            raise
        return ticket._replace(id=thread)

    def _is_mine(self, ticket: RtTicket) -> bool:
        return not self._queues or ticket.queue.casefold() in map(str.casefold, self._queues)

    def _inactive(self, tickets: Iterable[RtTicket]) -> set[str]:
        """Return the ids of those that are closed; only a status that RT doesn't come with is asked for."""
        tickets = list(tickets)
        closed = {ticket.id for ticket in tickets if ticket.status in KNOWN_INACTIVE}
        asked = [ticket.id for ticket in tickets if ticket.status not in KNOWN_ACTIVE | KNOWN_INACTIVE]
        if asked:
            found = self._client.search("tickets", f"{any_of('id', asked)} AND {_INACTIVE}", fields="Status")
            closed |= {str(item["id"]) for item in found.items}
        return closed

    def _owner(self, ticket: RtTicket) -> str | None:
        return self.operator(ticket.owner) if ticket.owner else None


def _comes_anew(transaction: RtTransaction) -> bool:
    return transaction.moves or (transaction.field == "Status" and transaction.old not in KNOWN_ACTIVE)


def _closed_at(ticket: RtTicket) -> datetime:
    return ticket.resolved_at or ticket.updated_at or ticket.created_at


def _standing(ticket: RtTicket, owner: str | None, closed_at: datetime | None, version: int) -> Standing:
    return Standing(
        thread=ticket.id,
        ref=f"RT-{ticket.id}",
        subject=ticket.subject,
        requestor=ticket.requestor,
        created_at=ticket.created_at,
        owner=owner,
        closed_at=closed_at,
        version=str(version),
    )
