"""The filter language of the board's `/` and of `oncall-tui queue --filter`.

Blanks part the terms, and all must fit: `cluster` somewhere in the ticket, `"two words"` as one
phrase, `plan:pro,plus` one of several values; `!` before any of them turns it round. A filter is also
understood while it is being typed: `plan:` asks for nothing yet, and a phrase ends with the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from oncall_tui.domain.conditions import Term
    from oncall_tui.domain.tickets import Ticket

TEXT_LIMIT = 200
"""Characters of a filter."""

TERMS_LIMIT = 20
"""Terms of a filter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Terms that must all fit. `text` is what was typed, harmless to show; without terms it is false."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read what somebody types.

        Raises `BadInput` for a value that its key doesn't know, naming both and what is allowed, and
        for more than `TEXT_LIMIT` characters or `TERMS_LIMIT` terms.
        """
        text = " ".join(text.splitlines()).replace("\t", " ").strip()
        if len(text) > TEXT_LIMIT:
            raise BadInput(f"a filter has at most {TEXT_LIMIT} characters", hint="fewer words find more")
        # Most boards start without a filter.
        from oncall_tui.domain.conditions import terms_of
        from oncall_tui.domain.text import clean

        # Cleaning may take a character apart; it cuts nothing here.
        shown = clean(text, limit=4 * TEXT_LIMIT)
        terms = tuple(terms_of(shown))
        if len(terms) > TERMS_LIMIT:
            raise BadInput(f"a filter has at most {TERMS_LIMIT} terms", hint="fewer words find more")
        return cls(shown, terms)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def plus(self, other: Filter) -> Filter:
        """Return the filter that holds what both hold."""
        return Filter(f"{self.text} {other.text}".strip(), self.terms + other.terms)

    def matches(self, ticket: Ticket, operator: str) -> bool:
        """Say whether `ticket` fits every term; `operator` is who `owner:me` means."""
        return all(term.condition.fits(ticket, operator) is term.wanted for term in self.terms)
