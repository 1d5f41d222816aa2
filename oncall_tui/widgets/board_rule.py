"""The rule above the list, which says what is listed: the filter, the order, the marks."""

from __future__ import annotations

from typing import NamedTuple

from rich.text import Text

from oncall_tui.widgets.ink import Line
from oncall_tui.widgets.ticket_line import MARK


class Listing(NamedTuple):
    """What is listed. `found` of `of` tickets pass the filter, None while that isn't known; `order` is
    empty for the usual one.
    """

    filter: str = ""
    found: int | None = None
    of: int | None = None
    order: str = ""
    marked: int = 0

    @property
    def is_usual(self) -> bool:
        """Say whether there is nothing to tell."""
        return not (self.filter or self.order or self.marked)


class BoardRule(Line):
    """A rule; where less or something else is listed than usual, it says so."""

    def __init__(self) -> None:
        super().__init__(id="rule")
        self.listing = Listing()

    def show(self, listing: Listing) -> None:
        """Show `listing`."""
        if listing != self.listing:
            self.listing = listing
            self.set_class(not listing.is_usual, "-telling")
            self.update()

    def compose_line(self, width: int) -> Text:
        listing, rule, dim = self.listing, self.ink("rule"), self.ink("dim")
        if listing.is_usual:
            return Text("─" * width, rule)
        parts = []
        if listing.marked:
            parts.append(Text(f"{MARK} {listing.marked} marked", self.ink("focus")))
        if listing.filter:
            chip = Text(f"/{listing.filter}", self.ink("focus"))
            chip.truncate(max(width // 2, 12), overflow="ellipsis")
            parts.append(chip)
            if listing.found is not None and listing.of is not None:
                parts.append(Text(f"{listing.found} of {listing.of}", dim))
        if listing.order:
            parts.append(Text(listing.order, dim))
        text = Text.assemble(("── ", rule), Text("   ").join(parts), " ")
        text.truncate(width, overflow="ellipsis")
        return text.append("─" * max(width - text.cell_len, 0), rule)
