"""Guides, and partners for what is out of scope (R24): finding one, and remembering what it was good for."""

from __future__ import annotations

from dataclasses import dataclass

from oncall_tui.desk.context import Context
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.guides import URL_LIMIT, Guide, GuideKind, Hit
from oncall_tui.domain.text import REF_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.store import guide_uses, guides
from oncall_tui.store import tickets as ticket_store

FOUND = 20
"""Guides that are listed if nobody says."""

USE_ACT = "give guide"
"""The word of the audit."""


@dataclass(frozen=True, slots=True)
class GuideDesk:
    """Guides and partners. Every method may raise `StoreUnavailable`."""

    context: Context

    def find(
        self,
        text: str,
        kind: GuideKind = GuideKind.GUIDE,
        language: str = "",
        limit: int = FOUND,
        *,
        like: str = "",
    ) -> tuple[Hit, ...]:
        """Return at most `limit` guides that `text` fits, the likeliest first; none for no text.

        All words must fit, each by its stem in French or English or with what it begins with; where they
        find nothing together, any of the longer ones. Those in `language` (two letters) come first. Each
        says how many tickets with a subject `like` that at hand it has closed.
        """
        wanted, subject = clean(text, limit=SUBJECT_LIMIT), clean(like, limit=SUBJECT_LIMIT)
        with self.context.store.connect() as connection:
            return guides.find(connection, wanted, kind, language, limit, subject)

    def suggested(
        self, subject: str, kind: GuideKind = GuideKind.GUIDE, language: str = "", limit: int = FOUND
    ) -> tuple[Hit, ...]:
        """Return at most `limit` guides for a ticket or call about `subject`: those that closed tickets like
        it before, then those in which its words stand.
        """
        with self.context.store.connect() as connection:
            wanted = clean(subject, limit=SUBJECT_LIMIT)
            return guides.suggested(connection, wanted, kind, language, limit)

    def get(self, url: str) -> Guide:
        """Return the guide or partner with that link; `NotFound` if there is none."""
        with self.context.store.connect() as connection:
            return guides.get(connection, clean(url, limit=URL_LIMIT))

    def count(self, kind: GuideKind) -> int:
        """Return how many guides or partners there are."""
        with self.context.store.connect() as connection:
            return guides.count(connection, kind)

    def used(self, url: str, *, ticket_id: int | None = None, call: str = "", customer: str = "") -> Guide:
        """Note that the guide with that link was given to the customer of a ticket or in a call; return it.

        It is noted once a ticket, and counts there when the ticket is closed. `call` is a reference and
        `customer` an id, empty where there is none. Raises `NotFound` for a guide or ticket that is gone,
        `BadInput` where there is neither ticket nor call nor customer.
        """
        context, about = self.context, clean(call, limit=REF_LIMIT) or clean(customer, limit=REF_LIMIT)
        with context.writing() as tx:
            guide = guides.get(tx.connection, clean(url, limit=URL_LIMIT))
            who, ref = customer, ""
            if ticket_id is not None:
                ticket = ticket_store.get(tx.connection, ticket_id)
                who, ref = ticket.customer, ticket.ref
            elif not about:
                raise BadInput("a guide is given on a ticket, in a call or to an organisation")
            now = context.clock()
            new = guide_uses.note(
                tx, guide.id, ticket_id=ticket_id, ticket=ref, call=call, operator=context.operator, at=now
            )
            if new:
                detail = {guide.kind.value: guide.url}
                context.record(tx, now, USE_ACT, ref or about, detail, ticket_id, customer=who)
        return guide
