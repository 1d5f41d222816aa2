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
from oncall_tui.domain.messages import marked
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.technical_document import IssuedDocument
from oncall_tui.domain.tickets import Channel
from oncall_tui.translation import _
from oncall_tui.widgets.card_page import Ink, Page
from oncall_tui.widgets.card_people import people_lines
from oncall_tui.widgets.card_tickets import call_lines, ticket_lines
from oncall_tui.widgets.columns import date_text, day_names
from oncall_tui.widgets.contract_text import advice_section, contract_section

SERVICE_LINES = 3
"""Lines of services."""

EXPIRED_SHOWN = 2
"""Grants of access that have run out and are still shown."""

COUNTED_DOWN = timedelta(days=1)
"""How long before its end the time that access is left is shown; before that the day says enough."""

CODES_SHOWN = 3
"""Codes of which it is said since when."""

_LANGUAGES = {
    "fr": marked("French"),
    "en": marked("English"),
    "de": marked("German"),
    "it": marked("Italian"),
}
_CHANNELS = {Channel.PHONE: marked("phone"), Channel.EMAIL: marked("mail")}
_LINE = {
    Line.OPEN: marked("open to them: French or English, our infrastructure"),
    Line.NOT_IN_PLAN: marked("not in their plan"),
    Line.NO_VIP_RIGHT: marked("not with a support code: ask for the VIP code"),
    Line.UNVERIFIED: marked("only once verified: code, call-back, approval"),
}
_OPEN_WITHIN = marked("open to them, target {target}: French or English, our infrastructure")


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
    hours = hours_text(offer.calendars[MANAGER_CALENDAR], day_names())
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
            *page.section(_("Access"), _access(page, card, rights)),
            *page.section(_("Services"), _services(page, card.customer.services)),
        ],
        [
            *page.section(_("Open"), ticket_lines(page, card)),
            *page.section(_("Calls"), call_lines(page, card.calls)),
            *page.section(_("Codes"), _codes(page, card.codes)),
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
    what = ", ".join((customer.plan.value.capitalize(), *([_("partner")] if customer.partner else [])))
    name = Text.assemble((customer.name, page.ink("strong")), f"  {what}")
    speaks = _(_LANGUAGES.get(customer.language.lower(), customer.language))
    said = _("speaks {language}").format(language=speaks)
    longer = Text.assemble(name, (f"  {said}", page.ink("dim")) if speaks else "")
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
        return Text(_("! NOT VERIFIED"), page.ink("critical"))
    at = page.at(verification.at)
    match verification.proof, verification.kind:
        case Proof.CALL_BACK, _:
            said = _("called back {at} on {by}").format(at=at, by=verification.by)
        case Proof.APPROVAL, _:
            said = _("approved {at} by {by}").format(at=at, by=verification.by)
        case _, CodeKind.SUPPORT:
            whose = _("~ support code of {contact}, {at}: no VIP right")
            said = whose if verification.contact else _("~ support code, {at}: no VIP right")
            return Text(said.format(contact=verification.contact, at=at), page.ink("warning"))
        case _other:
            said = _("VIP code, confirmed {at}").format(at=at)
    return Text(said, page.ink("accent"))


def _rights(page: Page, rights: Entitlements, caller: bool) -> list[Text]:
    budget = rights.answering[0].budget
    length = "" if budget is None else format_duration(budget)
    ink = {Line.OPEN: "", Line.NOT_IN_PLAN: "dim"}.get(rights.line, "warning" if caller else "dim")
    # A plan may have the line without a guarantee, and then there is no target either.
    within_target = rights.line is Line.OPEN and length
    line = _(_OPEN_WITHIN).format(target=length) if within_target else _(_LINE[rights.line])
    in_time = _("in {length} of opening time:").format(length=length)
    within = (in_time, "") if length else (_("no time guaranteed:"), "dim")
    hours = [
        f"{_(_CHANNELS[one.channel])} {_hours(page, one.opening)}"
        for one in rights.answering
        if one.channel in _CHANNELS
    ]
    return [
        *page.section(_("24/7 line"), page.flow([(word, ink) for word in line.split()], " ")),
        *page.section(
            _("Answer"), page.flow([within, *((f"{one},", "") for one in hours[:-1]), (hours[-1], "")], " ")
        ),
    ]


def _hours(page: Page, opening: Opening) -> str:
    if opening.changes_at is None:
        return "24/7" if opening.is_open else _("never open")
    words = _("until {time}") if opening.is_open else _("opens {time}")
    return words.format(time=page.at(opening.changes_at))


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
                parts.append(
                    (_told(_("{service} not before {time}"), page, access, access.granted_at), "dim")
                )
            case AccessState.EXPIRED:
                expired += 1
                if expired <= EXPIRED_SHOWN:
                    parts.append((_told(_("{service} expired {time}"), page, access, access.until), "dim"))
    if expired > EXPIRED_SHOWN:
        parts.append((_("{count} more expired").format(count=expired - EXPIRED_SHOWN), "dim"))
    # Each of them has commas of its own: who uses one isn't taken for the next.
    return page.flow(parts or [(_("none granted"), "dim")], "; ")


def _told(words: str, page: Page, access: Access, at: datetime) -> str:
    return words.format(service=access.service, time=page.at(at))


def _active(page: Page, access: Access, uses: Sequence[Use]) -> tuple[str, str]:
    """Return how long it runs, counted down on the last day or while it is used, and who uses it."""
    left = access.until - page.now
    parts = [_told(_("{service} until {time}"), page, access, access.until)]
    if uses or left < COUNTED_DOWN:
        parts.append(_("{left} left").format(left=format_left(left, seconds_shown=page.ticking).strip()))
    if uses:
        parts.append(_("in use by {who}").format(who=", ".join(use.operator for use in uses)))
    said = ", ".join(parts)
    return (f"~ {said}", "warning") if left <= WARN_BEFORE else (said, "")


def _services(page: Page, services: Sequence[str]) -> list[Text]:
    lines = page.flow([(name, "") for name in services] or [(_("none on file"), "dim")])
    return lines[:SERVICE_LINES]


def _codes(page: Page, codes: Sequence[CodeState]) -> list[Text]:
    """Return which codes there are and since when, those in force first (R19: never a digit)."""
    in_force = sorted(codes, key=lambda one: (one.revoked_at is not None, one.kind is not CodeKind.VIP))
    parts = []
    for one in in_force[:CODES_SHOWN]:
        whose = _("support code of {contact}") if one.contact else _("support code")
        code = _("VIP code") if one.kind is CodeKind.VIP else whose.format(contact=one.contact)
        if one.revoked_at is None:
            parts.append((_("{code} since {time}").format(code=code, time=page.at(one.issued_at)), ""))
        else:
            parts.append((_("{code} revoked {time}").format(code=code, time=page.at(one.revoked_at)), "dim"))
    if len(codes) > CODES_SHOWN:
        parts.append((_("{count} more").format(count=len(codes) - CODES_SHOWN), "dim"))
    return page.flow(parts or [(_("none issued"), "dim")])


def _document(page: Page, issued: IssuedDocument | None) -> list[Text]:
    """Return which technical document was issued last, and whether the code on it still holds (R25)."""
    if issued is None:
        return []
    local = to_local(issued.issued_at, page.zone)
    said = _("no {number}, {date}").format(number=issued.number, date=date_text(local))
    parts = [(said, "")]
    if issued.out_of_date:
        parts.append((_("out of date: the code was changed"), "warning"))
    return page.section(_("Document"), page.flow(parts))
