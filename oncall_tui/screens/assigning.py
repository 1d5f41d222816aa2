"""Filing a ticket under another organisation: what a sender nobody knows wrote, or what was filed wrongly.

That is a correction of wrong data: the deadline is computed anew from receipt (R8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui.domain.customers import Found
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.messages import marked
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.acting import ActingPage, Tickets
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.held_key import HeldKey
from oncall_tui.screens.many import about
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.columns import moment
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk.tickets import TicketDesk


class AssignDialog(Dialog[bool]):
    """Whether to file it there; the result says whether the sender is remembered, too."""

    def __init__(self, aside: str, says: Sequence[str], sender: str, asked_with: tuple[str, float]) -> None:
        """`says` are the lines on what it changes; `sender` is the address to remember, empty for none.
        `asked_with` as in `ConfirmDialog`.
        """
        super().__init__(_("File under"), aside)
        self.says = says
        self.sender = sender
        self._held = HeldKey(*asked_with)

    def typed(self, key: str) -> bool:
        return self._held.repeats(key)

    def keys(self) -> Sequence[DialogKey]:
        remember = _("yes, and remember {sender}").format(sender=self.sender)
        return (
            DialogKey("y", "yes(False)", _("yes")),
            *((DialogKey("r", "yes(True)", remember),) if self.sender else ()),
            DialogKey("n", "cancel", marked("no")),
            DialogKey("enter", "cancel", marked("no")),
            DialogKey("escape", "cancel", marked("no")),
        )

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n".join(self.says)))

    def action_yes(self, remember: bool) -> None:
        """Answer with yes, and say whether the sender is remembered."""
        self.dismiss(remember)


def assign(page: ActingPage) -> None:
    """Ask which organisation the chosen tickets belong to, show what that changes, and file them there."""
    from oncall_tui.screens.find import FindScreen

    if not (targets := page.chosen("assign")):
        return

    def chosen(found: Found) -> None:
        while page.app.screen is not page:
            page.app.pop_screen()
        if len(targets) > 1:
            _confirm(page, targets, found, "")
        else:
            page.ask_store(
                lambda desk: desk.tickets.detail(targets[0].id),
                lambda detail: _confirm(page, targets, found, detail.origin.address if detail.origin else ""),
            )

    page.app.push_screen(FindScreen(page.session, chosen, _("file it there")))


def _confirm(page: ActingPage, targets: Tickets, found: Found, sender: str) -> None:
    desk = page.session.desk
    if desk is None:
        return
    try:
        says = what_changes(targets, found, desk.offer, page.session)
    except Refused as error:
        page.say(words(error), Tone.REFUSED)
        return

    def answered(remember: bool | None) -> None:
        if remember is None:
            return
        others = 0

        def file(tickets: TicketDesk, ticket: Ticket) -> Ticket:
            nonlocal others
            filed = tickets.assign(ticket.id, found.customer, remember=remember, version=ticket.version)
            others = tickets.also_unknown(ticket.id) if remember else 0
            return filed

        def done(_filed: Ticket) -> str:
            if not remember:
                return _("filed there")
            if not others:
                return _("filed, sender remembered")
            return _("filed, sender remembered; {count} more of theirs stay").format(count=others)

        page.act_on(targets, file, done)

    page.app.push_screen(AssignDialog(about(targets), says, sender, page.session.last_key), answered)


def what_changes(targets: Tickets, found: Found, offer: Offer, session: Session) -> list[str]:
    """Return in lines what filing `targets` under `found` changes; `Refused` where a plan forbids it."""
    to = _("To {name}, {plan}.").format(name=found.name, plan=found.plan.value)
    if len(targets) > 1:
        for ticket in targets:
            offer.guarantee(found.plan, ticket.channel, ticket.received_at)
        return [to, _("The deadline of each is computed anew from its receipt (R8).")]
    ticket = targets[0]
    clock = offer.guarantee(found.plan, ticket.channel, ticket.received_at)
    before = ticket.response.due_at if ticket.response else None
    after = clock.due_at if clock else None
    now = session.now()
    line = _("First response: {before} so far, then {after}.").format(
        before=_due(before, session), after=_due(after, session)
    )
    origin = _("From {name}, {plan}.").format(name=ticket.customer_name, plan=ticket.plan.value)
    lines = [origin, to, line]
    if ticket.answered_at is None and after is not None and after < now:
        lines.append(_("That is past: the ticket is overdue from then on."))
    return lines


def _due(due_at: datetime | None, session: Session) -> str:
    return moment(due_at, session.zone) if due_at is not None else _("not guaranteed")
