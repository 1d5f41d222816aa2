"""The contract of an organisation: what it is, what an upgrade would do, and the upgrade itself (R8, R21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.desk.conflicts import conflict
from oncall_tui.desk.context import Context
from oncall_tui.desk.upgrades import reclock
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.commitment import Contract
from oncall_tui.domain.contract_changes import Answer, Change, Ruling, plan_name, rule_on
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.errors import Conflict, Refused
from oncall_tui.domain.file_history import UPGRADE_PLAN
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plan_upgrade import PlanUpgrade
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.receipt import PlanChange
from oncall_tui.domain.text import REF_LIMIT, clean
from oncall_tui.domain.tickets import UNDO_WITHIN, Act, Ticket
from oncall_tui.domain.whatif import Upgraded, upgraded
from oncall_tui.store import audit_reading, calendars, customers, upgrades
from oncall_tui.store import tickets as ticket_store
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

ASKED_FOR = "ask for change"
"""The word of the audit for a change that was asked for and refused."""

REFUSED = "refused"
"""The outcome of what was refused."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An upgrade of this desk, kept for a moment to undo it."""

    upgrade: PlanUpgrade
    moved: Sequence[tuple[Ticket, Ticket]]
    earlier: PlanChange | None
    """The upgrade before it, None without any."""


@dataclass(frozen=True, slots=True)
class ContractDesk:
    """Contracts. An organisation goes by its id.

    Every method raises `NotFound` for one that isn't there, and `StoreUnavailable`.
    """

    context: Context
    _undoable: dict[str, _Done] = field(default_factory=dict)

    def show(self, customer: str, *, as_of: datetime | None = None) -> Contract:
        """Return the contract as it stands today, or on the day of `as_of`, in the provider's zone.

        Of plans that are over no past is kept.
        """
        at = as_of or self.context.as_of or self.context.clock()
        with self.context.store.connect() as connection:
            _, who = customers.find(connection, clean(customer, limit=REF_LIMIT))
        return self._contract(who, at)

    def outlook(self, customer: str, plan: Plan) -> PlanUpgrade:
        """Return what an upgrade to `plan` now would do to every open ticket; nothing is written (R8).

        Raises `Refused` (R21) for a plan that isn't higher.
        """
        context = self.context
        now = context.as_of or context.clock()
        with context.store.connect() as connection:
            customer_id, who = customers.find(connection, clean(customer, limit=REF_LIMIT))
            contract = self._contract(who, now)
            _refuse_lower(contract, plan)
            found = self._outlooks(connection, customer_id, plan, now)
        return PlanUpgrade(contract, plan, now, found)

    def upgrade(self, customer: str, plan: Plan, *, version: int | None = None) -> PlanUpgrade:
        """Put the organisation under a higher `plan` from now on, and its waiting tickets with it (R8).

        `version` is that of the organisation as it was seen; None takes whatever is there now. A commitment
        that runs goes on; coming from the standard plan one begins today. Raises `Refused` (R21) for a plan
        that isn't higher, `Conflict` naming who was first where the version is no more.
        """
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            customer_id, who = customers.find(tx.connection, clean(customer, limit=REF_LIMIT))
            if version is not None and version != who.version:
                raise self._conflict(tx, who)
            contract = self._contract(who, now)
            _refuse_lower(contract, plan)
            since = contract.upgraded()
            if not upgrades.set_plan(tx, customer_id, who, replace(who, plan=plan, subscribed_on=since)):
                raise self._conflict(tx, who)
            earlier = upgrades.last(tx.connection, customer_id)
            upgrades.note(tx, customer_id, PlanChange(who.plan, now))
            seen = self._outlooks(tx.connection, customer_id, plan, now)
            moved = reclock(context, tx, customer_id, plan, now)
            detail = {"from": who.plan.value, "to": plan.value, "tickets": str(len(moved))}
            if since != who.subscribed_on and since is not None:
                detail["subscribed_on"] = since.isoformat()
            context.record(tx, now, UPGRADE_PLAN, who.id, detail, customer=who.id)
        became = {old.id: new for old, new in moved}
        told = (replace(each, after=became.get(each.before.id, each.after)) for each in seen)
        done = PlanUpgrade(contract, plan, now, tuple(told))
        self._remember(_Done(done, moved, earlier))
        return done

    def undo(self, customer: str) -> Customer:
        """Take back the upgrade of this desk, if that is at most `UNDO_WITHIN` ago: plan, day of subscription
        and the clocks of the tickets are as they were. It is an act of its own; both stay in the audit.

        Raises `Refused` when there is nothing to undo, `Conflict` naming who was first where somebody has
        changed the organisation or one of the tickets since.
        """
        context = self.context
        done = self._undoable.get(customer)
        if done is None or context.clock() - done.upgrade.at > UNDO_WITHIN:
            raise Refused(
                "there is no upgrade to undo",
                hint=f"one can be undone for {int(UNDO_WITHIN.total_seconds())} s where it was done",
            )
        with context.writing() as tx:
            now = context.clock()
            before, after = done.upgrade.contract.customer, done.upgrade.customer
            customer_id, who = customers.find(tx.connection, customer)
            if who.version != after.version or not upgrades.set_plan(
                tx, customer_id, who, replace(who, plan=before.plan, subscribed_on=before.subscribed_on)
            ):
                raise self._conflict(tx, who)
            upgrades.note(tx, customer_id, done.earlier)
            for old, new in done.moved:
                current = ticket_store.get(tx.connection, new.id)
                back = replace(old, version=new.version + 1, revision=tx.revision, outgoing=current.outgoing)
                if current.version != new.version or not ticket_store.save(
                    tx, current, back, now, undoing=done.upgrade.at
                ):
                    raise conflict(context, tx, current)
                context.record(tx, now, Act.UNDO, old.ref, {"of": "upgrade"}, old.id, customer=who.id)
            detail = {"of": UPGRADE_PLAN, "plan": f"{after.plan} to {before.plan}"}
            context.record(tx, now, Act.UNDO, who.id, detail, customer=who.id)
        self._undoable.pop(customer, None)
        return replace(before, version=after.version + 1)

    def can_undo(self, customer: str) -> bool:
        """Say whether `undo` has an upgrade of this desk to take back."""
        done = self._undoable.get(customer)
        return done is not None and self.context.clock() - done.upgrade.at <= UNDO_WITHIN

    def refuse(self, customer: str, change: Change) -> Ruling:
        """Write down that `change` was asked for and refused, and return what to say (R21).

        Raises `Refused` for a change that the contract doesn't forbid, or of which it isn't on file whether
        it does: nothing is written then.
        """
        context = self.context
        with context.writing() as tx:
            now = context.clock()
            _, who = customers.find(tx.connection, clean(customer, limit=REF_LIMIT))
            contract = self._contract(who, now)
            ruling = rule_on(contract, change, contract.can_become[0] if contract.can_become else who.plan)
            if not ruling.refused:
                raise Refused(
                    f"{change} isn't refused: {ruling.why.english}",
                    hint=ruling.next_step.english,
                    rule=ruling.rule or None,
                )
            detail = {"change": change.value, "plan": who.plan.value, "rule": ruling.rule}
            if contract.until is not None:
                detail["committed_until"] = contract.until.isoformat()
            context.record(tx, now, ASKED_FOR, who.id, detail, customer=who.id, outcome=REFUSED)
        return ruling

    def _contract(self, customer: Customer, at: datetime) -> Contract:
        offer = self.context.offer
        return Contract.of(customer, offer.commitment_months, to_local(at, offer.zone).date())

    def _outlooks(
        self, connection: Connection, customer_id: int, plan: Plan, now: datetime
    ) -> tuple[Upgraded, ...]:
        """Return what an upgrade at `now` makes of each open ticket."""
        offer = self.context.offer
        hours: dict[int, OpeningHours] = {}
        found = []
        for ticket in upgrades.all_open(connection, customer_id):
            if ticket.calendar_id not in hours:
                hours[ticket.calendar_id] = calendars.get(connection, ticket.calendar_id)
            own = hours[ticket.calendar_id]
            found.append(upgraded(ticket, own, offer.plans[plan], offer.thresholds, now))
        return tuple(found)

    def _remember(self, done: _Done) -> None:
        """Keep what was done for as long as it can be undone."""
        for customer, earlier in list(self._undoable.items()):
            if done.upgrade.at - earlier.upgrade.at > UNDO_WITHIN:
                self._undoable.pop(customer, None)
        self._undoable[done.upgrade.customer.id] = done

    def _conflict(self, tx: Transaction, customer: Customer) -> Conflict:
        """Say who changed the organisation since it was seen, how and when."""
        last = audit_reading.last_edit(tx.connection, customer.id)
        if last is None:
            return Conflict(f"{customer.name} was changed meanwhile", hint="look at it again")
        who = "you" if last.operator == self.context.operator else last.operator
        done = "upgraded" if last.act == UPGRADE_PLAN else "changed"
        at = self.context.clock_time(last.at)
        return Conflict(f"{who} {done} {customer.name} at {at}", hint="look at it again")


def _refuse_lower(contract: Contract, plan: Plan) -> None:
    ruling = rule_on(contract, Change.UPGRADE, plan)
    if ruling.answer is not Answer.ALLOWED:
        what = "already has" if plan is contract.plan else "can't go down to"
        higher = ", ".join(plan_name(each) for each in contract.can_become)
        raise Refused(
            f"{contract.customer.name} {what} {plan_name(plan)}",
            hint=f"it can become {higher}" if higher else "there is no higher plan",
            rule=ruling.rule,
        )
