"""The account managers of an organisation: who can be asked (R22)."""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui.domain.customers import Customer, Manager
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.domain.folding import fold
from oncall_tui.domain.offer import Offer


def managers_of(customer: Customer, offer: Offer) -> tuple[Manager, ...]:
    """Return the account managers of `customer`, the technical one first.

    Raises `Refused` (R22) for a plan that has none, and where none is on file.
    """
    if not offer.plans[customer.plan].managers:
        raise Refused(
            f"the {customer.plan} plan has no account manager",
            hint="write a note, or hand the ticket over to a colleague",
            rule="R22",
        )
    if not customer.managers:
        raise Refused(
            f"no account manager of {customer.name} is on file",
            hint="add one to the card, or hand the ticket over to a colleague",
            rule="R22",
        )
    return technical_first(customer.managers)


def technical_first(managers: Sequence[Manager]) -> tuple[Manager, ...]:
    """Return `managers` with the technical one before the others."""
    return tuple(sorted(managers, key=lambda each: not each.technical))


def manager_named(managers: Sequence[Manager], name: str) -> Manager:
    """Return the manager that goes by `name`, also by a part of it that fits one only; else `NotFound`."""
    wanted = fold(name.strip())
    same = [each for each in managers if fold(each.name) == wanted]
    fits = same or [each for each in managers if wanted and wanted in fold(each.name)]
    if len(fits) == 1 or (same and len(set(same)) == 1):
        return fits[0]
    there = ", ".join(each.name for each in managers)
    raise NotFound(f"no account manager {name[:60]!r}", hint=f"there is: {there}")
