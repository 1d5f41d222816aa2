"""The organisations of `oncall-tui demo`: access in use, a question to a manager, a number mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oncall_tui.desk.access import AccessDesk
from oncall_tui.desk.context import Context
from oncall_tui.desk.desk import Desk
from oncall_tui.desk.managers import ManagerDesk
from oncall_tui.desk.organisations import OrganisationDesk
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.editing import Edit, Part
from oncall_tui.domain.grants import WARN_BEFORE
from oncall_tui.store.demo import load_world

_WARNED_IN = timedelta(seconds=50)
"""How long after the demo opened who is on duty is warned that their access ends."""


def tell_earlier(desk: Desk) -> None:
    """Let customers have opened services to us, each at its instant, and somebody have used them."""
    now = desk.clock()
    team = load_world().colleagues(desk.operator)
    first, second, *_others = team

    def at(minutes_ago: int, operator: str = desk.operator, workstation: str = "") -> Context:
        then = now - timedelta(minutes=minutes_ago)
        return replace(
            desk.context,
            operator=operator,
            workstation=workstation or desk.context.workstation,
            clock=lambda: then,
        )

    _corrects_number(at(2_950, first.name, first.workstation))
    drive = AccessDesk(at(190, second.name, second.workstation)).grant(
        "halyard", "Drive", now + timedelta(hours=5), "Claire Osborne"
    )
    AccessDesk(at(75, second.name, second.workstation)).use(drive.id, "a shared folder that nobody can open")
    # To the second, as an engineer would write the end down.
    until = (now + WARN_BEFORE + _WARNED_IN).replace(microsecond=0)
    mail = AccessDesk(at(230)).grant("jorat", "Mail", until, "Anne Rochat")
    AccessDesk(at(18)).use(mail.id, "the queue of the relay holds mail back")
    _asks_manager(at(140))


def _corrects_number(context: Context) -> None:
    desk = OrganisationDesk(context)
    customer = desk.get("moret")
    before = customer.contacts[0]
    old = replace(before, phone="+41 26 555 06 00")
    # What stands in the sample world is what it was corrected to.
    desk.edit(customer.id, Edit(Part.CONTACT, before, old))
    desk.edit(customer.id, Edit(Part.CONTACT, old, before))


def _asks_manager(context: Context) -> None:
    asking = ManagerDesk(context, TicketDesk(context))
    manager = asking.of("kestrel")[0]
    asking.ask(
        "kestrel",
        manager.name,
        "They plan to move their trading database next month and ask for somebody to be at hand that night. "
        "Can you arrange it with them?",
    )
