"""A contract in lines: what was bought, what may be changed, and what an upgrade does (R8, R21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from oncall_tui.domain.account_managers import technical_first
from oncall_tui.domain.commitment import Commitment, Contract
from oncall_tui.domain.contract_changes import Answer, Change, Ruling, plan_name
from oncall_tui.domain.dates import day_in_words
from oncall_tui.domain.entitlements import MANAGER_CALENDAR, Opening, entitlements
from oncall_tui.domain.hours_words import hours_text
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plan_upgrade import PlanUpgrade, what_opens
from oncall_tui.domain.plans import Plan
from oncall_tui.translation import _, spoken, told
from oncall_tui.widgets.card_page import GAP, Ink, Page
from oncall_tui.widgets.card_people import duty_words
from oncall_tui.widgets.columns import due_text, fit

TICKETS_SHOWN = 200
"""Open tickets that are listed under an upgrade."""

ANSWERS = {
    Answer.ALLOWED: marked("possible now"),
    Answer.REFUSED: marked("refused"),
    Answer.NOT_HERE: marked("not done here"),
    Answer.UNKNOWN: marked("not on file"),
}
"""What the contract says to a change, in a word or two."""

_DUE = 9
_ARROW = " → "
_SUBJECT_LEAST = 10
_REF_MOST = 12
_LABELS = {
    Change.DOWNGRADE: marked("Downgrade"),
    Change.CANCEL: marked("Cancel"),
    Change.REFUND: marked("Refund"),
}


def change_name(change: Change, plan: Plan | None) -> str:
    """Return a change in words: `Upgrade to Pro`, `Refund`."""
    if change is Change.UPGRADE and plan is not None:
        return _("Upgrade to {plan}").format(plan=plan_name(plan))
    return _(_LABELS.get(change, change.value))


def contract_section(page: Page, contract: Contract) -> list[Text]:
    """Return the line of a card that says since when and until when they are bound (R21)."""
    return page.section(_("Contract"), page.flow(_commitment(contract)))


def advice_section(page: Page, advice: Opening | None, hours: str) -> list[Text]:
    """Return the line on tailored advice, none for a plan without; `hours` are its usual ones."""
    if advice is None:
        return []
    parts = [(hours, "dim")]
    if advice.changes_at is not None:
        words = _("open until {time}") if advice.is_open else _("opens {time}")
        parts.insert(0, (words.format(time=page.at(advice.changes_at)), ""))
    return page.section(_("Advice"), page.flow(parts))


def fact_lines(contract: Contract, offer: Offer, now: datetime, width: int, ink: Ink) -> list[Text]:
    """Return what was bought and who looks after it, at `now` (UTC), in lines of `width` columns."""
    page = Page(max(width, 1), now, offer.zone, ink)
    customer = contract.customer
    hours = hours_text(offer.calendars[MANAGER_CALENDAR])
    rights = entitlements(offer, customer, None, now)
    what = ", ".join((plan_name(contract.plan), *([_("partner")] if customer.partner else [])))
    name = Text(customer.name, page.ink("strong"))
    name.truncate(max(page.width - cell_len(what) - GAP, 1), overflow="ellipsis")
    lines = [Text.assemble(name, f"  {what}"), *contract_section(page, contract)]
    if customer.partner and contract.plan is Plan.STANDARD:
        lines += page.section("", [Text(_("a partner can have Plus"), page.ink("dim"))])
    lines += advice_section(page, rights.advice, hours)
    lines += page.section(_("Managers"), _managers(page, contract, rights.managers, hours))
    for line in lines:
        line.truncate(page.width, overflow="ellipsis")
    return lines


def _managers(page: Page, contract: Contract, duty: Opening | None, hours: str) -> list[Text]:
    managers = technical_first(contract.customer.managers)
    if duty is None:
        return [Text(_("none: the plan has no account manager"), page.ink("dim"))]
    if not managers:
        return [Text(_("none named on file"), page.ink("dim"))]
    technical = _("technical")
    names = [(f"{each.name} ({technical})" if each.technical else each.name, "") for each in managers]
    return page.flow([*names, (duty_words(duty, page.at), "accent" if duty.is_open else ""), (hours, "dim")])


def _commitment(contract: Contract) -> list[tuple[str, str]]:
    """Return since when and until when they are bound, a piece at a time."""
    since, until = contract.subscribed_on, contract.until
    if contract.commitment is Commitment.NONE:
        return [(_("standard support: free, no commitment"), "dim")]
    if since is None or until is None:
        return [(_("the day of subscription isn't on file"), "warning")]
    begins = _("begins {day}") if since > contract.today else _("since {day}")
    parts = [(begins.format(day=_day(since)), "")]
    if contract.commitment is Commitment.OVER:
        return [*parts, (_("committed until {day}").format(day=_day(until)), ""), (_("over"), "dim")]
    parts.append((_("committed until {day}").format(day=_day(until)), ""))
    left = contract.days_left or 0
    words = _("the last day") if not left else _("{count} days left") if left > 1 else _("1 day left")
    parts.append((words.format(count=left), "dim"))
    return parts


def _day(day: date) -> str:
    return told(day_in_words(day))


def ruling_text(ruling: Ruling, ink: Ink, *, refusal_key: str = "") -> Table:
    """Return why a change is possible or not, what to say in both languages, and the next step.

    `refusal_key` writes a refusal down; empty where that can't be.
    """
    said = spoken(ruling.say)
    rule = f" ({ruling.rule})" if ruling.rule else ""
    rows = [
        (_("Why"), f"{told(ruling.why)}{rule}"),
        (_("Say"), f"« {said.fr} »".replace(" »", "\u00a0»").replace("« ", "«\u00a0")),
        ("", f'"{said.en}"'),
        (_("Next"), told(ruling.next_step)),
    ]
    if refusal_key and ruling.refused:
        rows.append(("", _("{key} writes it down").format(key=refusal_key)))
    return _facts(rows, ink)


def opens_text(contract: Contract, plan: Plan, offer: Offer, ink: Ink) -> Table:
    """Return what a higher plan has that the present one hasn't."""
    opens = "; ".join(told(each) for each in what_opens(contract, plan, offer))
    return _facts([(_("Opens"), opens or _("nothing besides"))], ink)


def _facts(rows: Sequence[tuple[str, str]], ink: Ink) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=5, style=ink("dim"))
    table.add_column(ratio=1)
    for label, text in rows:
        table.add_row(label, Text(text))
    return table


def whatif_lines(upgrade: PlanUpgrade, zone: ZoneInfo, width: int, ink: Ink, most: int) -> list[Text]:
    """Return a line for each open ticket: reference, subject, due so far and then (R8); at most `most` of
    them, and how many there are besides.
    """
    if not upgrade.tickets:
        return [Text(_("No ticket of theirs is open."), ink("dim"))]

    def due(instant: datetime | None) -> str:
        return due_text(instant, upgrade.at, zone)

    shown = upgrade.tickets[:most]
    ref = min(max(cell_len(each.before.ref) for each in shown), _REF_MOST)
    note = max(cell_len(_(each.note)) for each in shown)
    room = width - ref - 2 * _DUE - len(_ARROW) - 2 * GAP
    # Where there is no room for notes, the two times say that nothing moves.
    if room - note - GAP < _SUBJECT_LEAST:
        note = 0
    subject = max(room - (note + GAP if note else 0), 1)
    lines = []
    for each in shown:
        old, new = due(each.old_due_at), due(each.new_due_at)
        same = each.old_due_at == each.new_due_at
        line = Text.assemble((fit(each.before.ref, ref), ink("dim")), " " * GAP)
        line.append(fit(each.before.subject, subject)).append(" " * GAP)
        line.append(f"{fit(old, _DUE, right=True)}{_ARROW}", ink("dim"))
        line.append(fit(new, _DUE), ink("dim" if same else "strong"))
        line.append(" " * GAP).append(fit(_(each.note), note), ink("dim"))
        line.rstrip()
        lines.append(line)
    if (more := len(upgrade.tickets) - len(shown)) > 0:
        lines.append(Text(_("and {count} more").format(count=more), ink("dim")))
    return lines


def done_words(upgrade: PlanUpgrade) -> str:
    """Return what an upgrade has done, in half a sentence."""
    moved = sum(each.old_due_at != each.new_due_at for each in upgrade.tickets)
    if not moved:
        words = marked("{plan} from now on; no deadline moved")
    elif moved == 1:
        words = marked("{plan} from now on; 1 deadline moved")
    else:
        words = marked("{plan} from now on; {count} deadlines moved")
    return told(Message(words, {"plan": plan_name(upgrade.plan), "count": str(moved)}))
