"""Which organisation a sender writes for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER


class Organisation(NamedTuple):
    """An organisation: `row` is what the store knows it by, `id` what people do."""

    row: int
    id: str
    name: str
    plan: Plan


class Belonging(NamedTuple):
    """Whom a sender writes for: None for nobody known. `contact` is the name on file there, if it is one.

    `others` have the same address on file.
    """

    organisation: Organisation | None = None
    contact: str = ""
    others: tuple[Organisation, ...] = ()

    def speaks_for(self, customer_id: int) -> bool:
        """Say whether the sender may write into what that organisation, by its row, has asked."""
        if self.organisation is None or self.organisation.id == UNKNOWN_CUSTOMER:
            return False
        return customer_id in (self.organisation.row, *(each.row for each in self.others))


NOWHERE = Belonging()


def belonging(
    remembered: Organisation | None,
    contacts: Sequence[tuple[Organisation, str]],
    of_domain: Collection[Organisation],
) -> Belonging:
    """Return whom a sender writes for.

    What an engineer said of the address goes first (`remembered`), then the `contacts` that have it, by
    organisation and name, then the only one of the organisations that have contacts at its domain
    (`of_domain`; none at a public mail provider).

    An address that several organisations have on file, an agency's say, goes to the one with the highest
    plan: a promise that was bought isn't lost, and who reads the ticket is told of the others.
    """
    if remembered is not None:
        names = {name for organisation, name in contacts if organisation.row == remembered.row}
        return Belonging(remembered, names.pop() if len(names) == 1 else "")
    found = sorted(
        {organisation for organisation, _ in contacts}, key=lambda each: (each.plan.rank, each.row)
    )
    if found:
        names = {name for organisation, name in contacts if organisation == found[0]}
        # An address that several people share names none of them.
        return Belonging(found[0], names.pop() if len(names) == 1 else "", tuple(found[1:]))
    return Belonging(next(iter(of_domain))) if len(of_domain) == 1 else NOWHERE
