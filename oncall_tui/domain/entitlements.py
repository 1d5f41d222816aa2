"""What an organisation may do right now: the line, the answers, who is on duty (R1, R11, R22, R23).

Pure: the offer in force, the organisation, how its caller was verified, and the present.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.codes import CodeKind, Verification
from oncall_tui.domain.customers import Access, Customer
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Channel

MANAGER_CALENDAR = "manager"
"""The calendar on which account managers are on duty (R22), and tailored advice is given."""


class Standing(StrEnum):
    """What is known of who calls."""

    VERIFIED = "verified"
    """They speak for the organisation, and the rights of its plan are open."""

    USER_ONLY = "user_only"
    """A support code says which user it is, and opens no VIP right (R16)."""

    UNVERIFIED = "unverified"


class Line(StrEnum):
    """Whether the emergency line is open to who calls (R11)."""

    OPEN = "open"
    NOT_IN_PLAN = "not_in_plan"
    NO_VIP_RIGHT = "no_vip_right"
    UNVERIFIED = "unverified"


class Opening(NamedTuple):
    """Whether a calendar is open, and the instant (UTC) at which that changes; None for never."""

    is_open: bool
    changes_at: datetime | None

    @classmethod
    def of(cls, hours: OpeningHours, now: datetime) -> Opening:
        """Return how `hours` stand at `now` (R2: the closing instant is shut)."""
        is_open = hours.is_open(now)
        return cls(is_open, hours.closes_at(now) if is_open else hours.opens_next(now))


class Answering(NamedTuple):
    """How requests by one channel are answered: on which hours, and in how much of them (R1).

    `budget` is opening time of that calendar, None where the plan guarantees nothing.
    """

    channel: Channel
    budget: timedelta | None
    opening: Opening


class AccessState(StrEnum):
    """Whether temporary access may be used: what has run out is shown as such and never used (R23)."""

    ACTIVE = "active"
    EXPIRED = "expired"
    NOT_YET = "not_yet"


class Entitlements(NamedTuple):
    """What an organisation may do at an instant.

    `managers` is None for a plan that has no account managers, `advice` for one without tailored advice.
    `access` holds what is active, the first to
    run out first, then what is not yet, then what has run out, the latest first.
    """

    standing: Standing
    line: Line
    answering: tuple[Answering, ...]
    managers: Opening | None
    access: tuple[tuple[Access, AccessState], ...]
    advice: Opening | None = None


def entitlements(
    offer: Offer, customer: Customer, verification: Verification | None, now: datetime
) -> Entitlements:
    """Return what `customer` may do at `now`, an instant in UTC.

    A `verification` that is another organisation's, or whose time is over, counts as none.
    """
    terms = offer.plans[customer.plan]
    standing = standing_of(customer, verification, now)
    on_duty = Opening.of(offer.calendars[MANAGER_CALENDAR], now)
    channels = [Channel.PHONE, Channel.EMAIL]
    if terms.emergency:
        channels.append(Channel.EMERGENCY)
    return Entitlements(
        standing=standing,
        line=_line(standing, in_plan=terms.emergency),
        answering=tuple(
            Answering(channel, terms.response, Opening.of(offer.calendar_for(channel), now))
            for channel in channels
        ),
        managers=on_duty if terms.managers else None,
        access=_access(customer, now),
        advice=on_duty if terms.advice else None,
    )


def standing_of(customer: Customer, verification: Verification | None, now: datetime) -> Standing:
    """Return what `verification` makes of who calls for `customer` at `now` (R16, R17)."""
    if verification is None or verification.customer != customer.id:
        return Standing.UNVERIFIED
    if verification.until is not None and now >= verification.until:
        return Standing.UNVERIFIED
    return Standing.USER_ONLY if verification.kind is CodeKind.SUPPORT else Standing.VERIFIED


def access_state(access: Access, now: datetime) -> AccessState:
    """Return whether `access` may be used at `now`: from its grant up to its end, which is out (R23)."""
    if now >= access.until:
        return AccessState.EXPIRED
    return AccessState.ACTIVE if access.granted_at <= now else AccessState.NOT_YET


def _line(standing: Standing, *, in_plan: bool) -> Line:
    if not in_plan:
        return Line.NOT_IN_PLAN
    match standing:
        case Standing.VERIFIED:
            return Line.OPEN
        case Standing.USER_ONLY:
            return Line.NO_VIP_RIGHT
        case Standing.UNVERIFIED:
            return Line.UNVERIFIED


def _access(customer: Customer, now: datetime) -> tuple[tuple[Access, AccessState], ...]:
    found = [(access, access_state(access, now)) for access in customer.access]
    active = [one for one in found if one[1] is AccessState.ACTIVE]
    later = [one for one in found if one[1] is AccessState.NOT_YET]
    expired = [one for one in found if one[1] is AccessState.EXPIRED]
    active.sort(key=lambda one: one[0].until)
    later.sort(key=lambda one: one[0].granted_at)
    expired.sort(key=lambda one: one[0].until, reverse=True)
    return (*active, *later, *expired)
