"""Looking for an organisation, and the card of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain.customers import CALLS_SHOWN, TICKETS_SHOWN, CustomerCard, Found
from oncall_tui.domain.errors import BadInput, NotFound, Refused
from oncall_tui.domain.filters import TEXT_LIMIT
from oncall_tui.domain.text import REF_LIMIT, clean
from oncall_tui.store import access, cards, codes, customers, documents, finding, listing

_NAMED = 4
"""Organisations that are named where a text may mean several."""


OPEN_CARD, WITHOUT_CODE = "open card", "without a code"
"""The words of the audit."""


@dataclass(frozen=True, slots=True)
class CustomerDesk:
    """The organisations, as they are looked for and read. Every method may raise `StoreUnavailable`."""

    context: Context

    def find(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Return at most `limit` organisations that `text` fits, the likeliest first.

        It may be an id, words of name, contacts, e-mail addresses, domains and services, all of which must
        fit, or a telephone number in any notation. Where no words begin so, what stands within words counts
        as well, which takes a while in a large store. Nothing is found by no text.
        """
        return self.find_at_once(text, limit) or self.find_inside(text, limit)

    def find_at_once(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Return what `find` does of the organisations in which words begin so: quick in any store."""
        with self.context.store.connect() as connection:
            return finding.find_at_once(connection, _cleaned(text), self.context.offer.region, limit)

    def find_inside(
        self, text: str, limit: int = 20, stopped: Callable[[], bool] = lambda: False
    ) -> tuple[Found, ...]:
        """Return what `find` does where no words begin so; nothing as soon as it is `stopped`.

        It reads everything: about a second for a million organisations.
        """
        with self.context.store.connect() as connection:
            return finding.find_inside(connection, _cleaned(text), limit, stopped)

    def page(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        begin: str | None = None,
        limit: int = 100,
    ) -> tuple[Found, ...]:
        """Return at most `limit` organisations by name: those after `after`, before `before`, from `begin`.

        They are ids; without any it is the beginning of the list. `NotFound` for an id that there isn't.
        """
        with self.context.store.connect() as connection:
            return listing.page(connection, after=after, before=before, begin=begin, limit=limit)

    def last_page(self, limit: int = 100) -> tuple[Found, ...]:
        """Return the last `limit` organisations of the list, by name."""
        with self.context.store.connect() as connection:
            return listing.last_page(connection, limit)

    def meant(self, text: str) -> str:
        """Return the id of the organisation that `text` means: its id, or whatever finds it alone.

        Raises `NotFound` where it finds none, `BadInput` naming the first of several.
        """
        with self.context.store.connect() as connection:
            if customers.known(connection, [text]):
                return text
        found = self.find(text, _NAMED + 1)
        if not found:
            raise NotFound(
                f"no customer {text[:60]!r}", hint="an id, a part of the name, a domain or a number finds one"
            )
        if len(found) > 1:
            several = ", ".join(one.customer for one in found[:_NAMED])
            raise BadInput(
                f"{text[:60]!r} may be {several}{' or others' if len(found) > _NAMED else ''}",
                hint="write the id of one",
            )
        return found[0].customer

    def card(self, customer: str, *, as_of: datetime | None = None) -> CustomerCard:
        """Return the card of the organisation with that id; `NotFound` if there is none.

        Its tickets stand as they stood at `as_of`, or at the instant that a replay looks back to. Of the
        organisation itself no past is kept.
        """
        as_of = as_of or self.context.as_of
        with self.context.store.connect() as connection:
            customer_id, found = customers.find(connection, clean(customer, limit=REF_LIMIT))
            if as_of is None:
                shown, open_count = cards.open_tickets(connection, customer_id, TICKETS_SHOWN)
                calls = cards.calls(connection, customer_id, CALLS_SHOWN)
            else:
                past = cards.tickets_as_of(connection, customer_id, as_of)
                shown, open_count = past[:TICKETS_SHOWN], len(past)
                calls = cards.calls_as_of(connection, customer_id, as_of, CALLS_SHOWN)
            known = codes.states(connection, customer_id, as_of)
            issued = documents.last(connection, customer_id, as_of)
            grants = access.of_customer(connection, customer_id)
        if as_of is not None:
            grants = tuple(then for each in grants if (then := each.as_of(as_of)) is not None)
        return CustomerCard(found, tuple(shown), open_count, tuple(calls), known, grants, issued)

    def open_card(self, customer: str) -> CustomerCard:
        """Return the card of the organisation with that id, which is opened with nobody verified.

        That leaves an audit entry, as a look-up does (R20): `Refused` on a read-only desk, which can leave
        none. `NotFound` if there is no such organisation.
        """
        if self.context.read_only:
            raise Refused(
                "a card that is opened without a code leaves its trace, and this desk is read-only",
                hint="start it without --read-only and --now",
                rule="R20",
            )
        card = self.card(customer)
        with self.context.writing() as tx:
            self.context.record(
                tx,
                self.context.clock(),
                OPEN_CARD,
                card.customer.id,
                {},
                customer=card.customer.id,
                outcome=WITHOUT_CODE,
            )
        return card


def _cleaned(text: str) -> str:
    return clean(text, limit=TEXT_LIMIT)
