"""The card of an organisation in lines: who they are, what they may do now, their people and tickets.

Pure functions, without Textual: the screen draws the lines and the command line prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.text import Text

from oncall_tui.domain.clock import to_local
from oncall_tui.domain.codes import CodeKind, CodeState, Proof, Verification
from oncall_tui.domain.commitment import Contract
from oncall_tui.domain.customers import Access, CustomerCard
from oncall_tui.domain.durations import format_duration, format_left
from oncall_tui.domain.entitlements import (
    MANAGER_CALENDAR,
    AccessState,
    Entitlements,
    Line,
    Opening,
    Standing,
    entitlements,
)
from oncall_tui.domain.grants import WARN_BEFORE, Use
from oncall_tui.domain.hours_words import hours_text
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.technical_document import IssuedDocument
from oncall_tui.domain.tickets import Channel
from oncall_tui.translation import _
from oncall_tui.widgets.card_page import Ink, Page
from oncall_tui.widgets.card_people import people_lines
from oncall_tui.widgets.card_tickets import call_lines, ticket_lines
from oncall_tui.widgets.contract_text import advice_section, contract_section

SERVICE_LINES = 3
"""Lines of services."""

EXPIRED_SHOWN = 2
"""Grants of access that have run out and are still shown."""

COUNTED_DOWN = timedelta(days=1)
"""How long before its end the time that access is left is shown; before that the day says enough."""

CODES_SHOWN = 3
"""Codes of which it is said since when."""

_LANGUAGES = {"fr": "French", "en": "English", "de": "German", "it": "Italian"}
_CHANNELS = {Channel.PHONE: "phone", Channel.EMAIL: "mail"}
_LINE = {
    Line.OPEN: "open to them, target {target}: French or English, our infrastructure",
    Line.NOT_IN_PLAN: "not in their plan",
    Line.NO_VIP_RIGHT: "not with a support code: ask for the VIP code",
    Line.UNVERIFIED: "only once verified: code, call-back, approval",
}


def card_lines(
    card: CustomerCard,
    verification: Verification | None,
    offer: Offer,
    now: datetime,
    width: int,
    ink: Ink,
    *,
    ticking: bool = True,
    caller: bool = True,
) -> list[Text]:
    """Return the card as it stands at `now` (UTC), in lines of at most `width` terminal columns.

    Clock times are those of the provider's zone. Without `ticking` no seconds are shown. Without a `caller`
    it says so, and warns of nothing that one would have to prove.
    """
    page = Page(max(width, 1), now, offer.zone, ink, ticking)
    rights = entitlements(offer, card.customer, verification, now)
    hours = hours_text(offer.calendars[MANAGER_CALENDAR])
    people, others = people_lines(page, card, rights, hours)
    contract = Contract.of(card.customer, offer.commitment_months, page.today)
    groups = [
        [
            *_head(page, card, verification, rights, caller),
            *_rights(page, rights, caller),
            *advice_section(page, rights.advice, hours),
            *contract_section(page, contract),
        ],
        [
            *people,
            *page.section("Access", _access(page, card, rights)),
            *page.section("Services", _services(page, card.customer.services)),
        ],
        [
            *page.section("Open", ticket_lines(page, card)),
            *page.section("Calls", call_lines(page, card.calls)),
            *page.section("Codes", _codes(page, card.codes)),
            *_document(page, card.document),
        ],
    ]
    if others:
        groups.append(others)
    lines = [line for group in groups for line in (*group, Text())][:-1]
    for line in lines:
        line.truncate(page.width, overflow="ellipsis")
    return lines


def _head(
    page: Page, card: CustomerCard, verification: Verification | None, rights: Entitlements, caller: bool
) -> list[Text]:
    customer = card.customer
    what = customer.plan.value.capitalize() + (", partner" if customer.partner else "")
    name = Text.assemble((customer.name, page.ink("strong")), f"  {what}")
    speaks = _LANGUAGES.get(customer.language.lower(), customer.language)
    longer = Text.assemble(name, (f"  speaks {speaks}", page.ink("dim")) if speaks else "")
    proof = _proof(page, verification, rights.standing, caller)
    for left in (longer, name):
        room = page.width - left.cell_len - proof.cell_len
        if room >= 2:
            return [Text.assemble(left, " " * room, proof)]
    if longer.cell_len <= page.width:
        return [longer, proof]
    plan = Text(f"  {what}")
    shown = Text(customer.name, page.ink("strong"))
    shown.truncate(max(page.width - plan.cell_len, 1), overflow="ellipsis")
    return [Text.assemble(shown, plan), proof]


def _proof(page: Page, verification: Verification | None, standing: Standing, caller: bool) -> Text:
    """Return how the caller is known to speak for them (R14, R16, R17)."""
    if verification is None or standing is Standing.UNVERIFIED:
        if not caller:
            return Text(_("no caller: opened for work that needs no code"), page.ink("dim"))
        return Text("! NOT VERIFIED", page.ink("critical"))
    at = page.at(verification.at)
    match verification.proof, verification.kind:
        case Proof.CALL_BACK, _:
            return Text(f"called back {at} on {verification.by}", page.ink("accent"))
        case Proof.APPROVAL, _:
            return Text(f"approved {at} by {verification.by}", page.ink("accent"))
        case _, CodeKind.SUPPORT:
            of = f" of {verification.contact}" if verification.contact else ""
            return Text(f"~ support code{of}, {at}: no VIP right", page.ink("warning"))
        case _:
            return Text(f"VIP code, confirmed {at}", page.ink("accent"))


def _rights(page: Page, rights: Entitlements, caller: bool) -> list[Text]:
    budget = rights.answering[0].budget
    length = "" if budget is None else format_duration(budget)
    ink = {Line.OPEN: "", Line.NOT_IN_PLAN: "dim"}.get(rights.line, "warning" if caller else "dim")
    # A plan may have the line without a guarantee, and then there is no target either.
    line = _LINE[rights.line].replace(", target {target}", f", target {length}" if length else "")
    within = (f"in {length} of opening time:", "") if length else ("no time guaranteed:", "dim")
    hours = [
        f"{_CHANNELS[one.channel]} {_hours(page, one.opening)}"
        for one in rights.answering
        if one.channel in _CHANNELS
    ]
    return [
        *page.section("24/7 line", page.flow([(word, ink) for word in line.split()], " ")),
        *page.section(
            "Answer", page.flow([within, *((f"{one},", "") for one in hours[:-1]), (hours[-1], "")], " ")
        ),
    ]


def _hours(page: Page, opening: Opening) -> str:
    if opening.changes_at is None:
        return "24/7" if opening.is_open else "never open"
    at = page.at(opening.changes_at)
    return f"until {at}" if opening.is_open else f"opens {at}"


def _access(page: Page, card: CustomerCard, rights: Entitlements) -> list[Text]:
    """Return what they opened to us: how long it still runs and who uses it, then what is over (R23)."""
    parts = []
    expired = 0
    users = {(each.service, each.granted_at): each.in_use(page.now) for each in card.grants}
    for access, state in rights.access:
        match state:
            case AccessState.ACTIVE:
                parts.append(_active(page, access, users.get((access.service, access.granted_at), ())))
            case AccessState.NOT_YET:
                parts.append((f"{access.service} not before {page.at(access.granted_at)}", "dim"))
            case AccessState.EXPIRED:
                expired += 1
                if expired <= EXPIRED_SHOWN:
                    parts.append((f"{access.service} expired {page.at(access.until)}", "dim"))
    if expired > EXPIRED_SHOWN:
        parts.append((f"{expired - EXPIRED_SHOWN} more expired", "dim"))
    # Each of them has commas of its own: who uses one isn't taken for the next.
    return page.flow(parts or [("none granted", "dim")], "; ")


def _active(page: Page, access: Access, uses: Sequence[Use]) -> tuple[str, str]:
    """Return how long it runs, counted down on the last day or while it is used, and who uses it."""
    left = access.until - page.now
    said = f"{access.service} until {page.at(access.until)}"
    if uses or left < COUNTED_DOWN:
        said += f", {format_left(left, seconds_shown=page.ticking).strip()} left"
    if uses:
        said += f", in use by {', '.join(use.operator for use in uses)}"
    return (f"~ {said}", "warning") if left <= WARN_BEFORE else (said, "")


def _services(page: Page, services: Sequence[str]) -> list[Text]:
    lines = page.flow([(name, "") for name in services] or [("none on file", "dim")])
    return lines[:SERVICE_LINES]


def _codes(page: Page, codes: Sequence[CodeState]) -> list[Text]:
    """Return which codes there are and since when, those in force first (R19: never a digit)."""
    in_force = sorted(codes, key=lambda one: (one.revoked_at is not None, one.kind is not CodeKind.VIP))
    parts = []
    for one in in_force[:CODES_SHOWN]:
        of = f" of {one.contact}" if one.contact else ""
        kind = "VIP code" if one.kind is CodeKind.VIP else "support code"
        if one.revoked_at is None:
            parts.append((f"{kind}{of} since {page.at(one.issued_at)}", ""))
        else:
            parts.append((f"{kind}{of} revoked {page.at(one.revoked_at)}", "dim"))
    if len(codes) > CODES_SHOWN:
        parts.append((f"{len(codes) - CODES_SHOWN} more", "dim"))
    return page.flow(parts or [("none issued", "dim")])


def _document(page: Page, issued: IssuedDocument | None) -> list[Text]:
    """Return which technical document was issued last, and whether the code on it still holds (R25)."""
    if issued is None:
        return []
    local = to_local(issued.issued_at, page.zone)
    said = _("no {number}, {date}").format(number=issued.number, date=f"{local.day} {local:%b %Y}")
    parts = [(said, "")]
    if issued.out_of_date:
        parts.append((_("out of date: the code was changed"), "warning"))
    return page.section(_("Document"), page.flow(parts))
