"""What a guide is looked for on a page: the ticket, call or organisation that is at hand."""

from __future__ import annotations

from typing import NamedTuple

from oncall_tui.domain.guides import GuideKind
from oncall_tui.domain.tickets import Ticket


class Sought(NamedTuple):
    """What is at hand. `subject` is what it is about, `language` the customer's in two letters, empty where
    it isn't known; `call` is a reference, `customer` an id and `name` what that organisation is called.
    """

    subject: str = ""
    language: str = ""
    ticket: Ticket | None = None
    call: str = ""
    customer: str = ""
    name: str = ""
    kind: GuideKind = GuideKind.GUIDE

    @property
    def noted(self) -> bool:
        """Say whether there is something that the use of a guide is noted on."""
        return self.ticket is not None or bool(self.call or self.customer)
