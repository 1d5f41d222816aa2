"""The desk as screens, jobs and commands get it: opened once, closed at the end."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oncall_tui.desk.context import Context
from oncall_tui.desk.queue import QueueDesk
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.clock import Clock
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.store.engine import Store

if TYPE_CHECKING:
    from oncall_tui.desk.access import AccessDesk
    from oncall_tui.desk.alerts import AlertDesk
    from oncall_tui.desk.audit import AuditDesk
    from oncall_tui.desk.call_log import CallLogDesk
    from oncall_tui.desk.callers import CallerDesk
    from oncall_tui.desk.calls import CallDesk
    from oncall_tui.desk.codes import CodeDesk
    from oncall_tui.desk.contracts import ContractDesk
    from oncall_tui.desk.customers import CustomerDesk
    from oncall_tui.desk.documents import DocumentDesk
    from oncall_tui.desk.guides import GuideDesk
    from oncall_tui.desk.imports import ImportDesk
    from oncall_tui.desk.letters import LetterDesk
    from oncall_tui.desk.maintenance import MaintenanceDesk
    from oncall_tui.desk.managers import ManagerDesk
    from oncall_tui.desk.organisations import OrganisationDesk
    from oncall_tui.desk.outages import OutageDesk
    from oncall_tui.desk.outbox import OutboxDesk
    from oncall_tui.desk.sources import SourceDesk
    from oncall_tui.store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that can be done, by what it is done to. Safe to share between threads."""

    context: Context
    tickets: TicketDesk
    queue: QueueDesk
    _access: dict[str, AccessDesk] = field(default_factory=dict)
    _alerts: dict[str, AlertDesk] = field(default_factory=dict)
    _contracts: dict[str, ContractDesk] = field(default_factory=dict)
    _organisations: dict[str, OrganisationDesk] = field(default_factory=dict)

    @property
    def access(self) -> AccessDesk:
        """Return the temporary access that customers granted. Loaded when used, as imports are."""
        from oncall_tui.desk.access import AccessDesk

        # One for all threads: it knows what can be undone.
        return self._access.setdefault(self.operator, AccessDesk(self.context))

    @property
    def alerts(self) -> AlertDesk:
        """Return the alerts. Loaded when used: the board that starts has none to show yet."""
        from oncall_tui.desk.alerts import AlertDesk

        # One for all threads: it knows up to where it has looked.
        return self._alerts.setdefault(self.operator, AlertDesk(self.context))

    @property
    def outages(self) -> OutageDesk:
        """Return what can't be reached. Loaded when used, as imports are."""
        from oncall_tui.desk.outages import OutageDesk

        return OutageDesk(self.context)

    @property
    def callers(self) -> CallerDesk:
        """Return what is done about who calls. Loaded when used: the board that starts looks nobody up."""
        from oncall_tui.desk.callers import CallerDesk

        return CallerDesk(self.context)

    @property
    def calls(self) -> CallDesk:
        """Return the emergency line. Loaded when used, as imports are."""
        from oncall_tui.desk.calls import CallDesk

        return CallDesk(self.context)

    @property
    def call_log(self) -> CallLogDesk:
        """Return the log of calls. Loaded when used, as imports are."""
        from oncall_tui.desk.call_log import CallLogDesk

        return CallLogDesk(self.context)

    @property
    def codes(self) -> CodeDesk:
        """Return the issuing of codes. Loaded when used, as imports are."""
        from oncall_tui.desk.codes import CodeDesk

        return CodeDesk(self.context)

    @property
    def contracts(self) -> ContractDesk:
        """Return the contracts. Loaded when used, as imports are."""
        from oncall_tui.desk.contracts import ContractDesk

        # One for all threads: it knows what can be undone.
        return self._contracts.setdefault(self.operator, ContractDesk(self.context))

    @property
    def customers(self) -> CustomerDesk:
        """Return the organisations. Loaded when used, as imports are."""
        from oncall_tui.desk.customers import CustomerDesk

        return CustomerDesk(self.context)

    @property
    def documents(self) -> DocumentDesk:
        """Return the technical documents. Loaded when used, as imports are."""
        from oncall_tui.desk.documents import DocumentDesk

        return DocumentDesk(self.context)

    @property
    def guides(self) -> GuideDesk:
        """Return the guides and partners. Loaded when used, as imports are."""
        from oncall_tui.desk.guides import GuideDesk

        return GuideDesk(self.context)

    @property
    def imports(self) -> ImportDesk:
        """Return the imports. Loaded when used: the board that starts never imports."""
        from oncall_tui.desk.imports import ImportDesk

        return ImportDesk(self.context)

    @property
    def letters(self) -> LetterDesk:
        """Return what takes in that which other systems bring. Loaded when used, as imports are."""
        from oncall_tui.desk.letters import LetterDesk

        return LetterDesk(self.context)

    @property
    def maintenance(self) -> MaintenanceDesk:
        """Return the housekeeping. Loaded when used, as imports are."""
        from oncall_tui.desk.maintenance import MaintenanceDesk

        return MaintenanceDesk(self.context)

    @property
    def managers(self) -> ManagerDesk:
        """Return what is asked of account managers. Loaded when used, as imports are."""
        from oncall_tui.desk.managers import ManagerDesk

        return ManagerDesk(self.context, self.tickets)

    @property
    def organisations(self) -> OrganisationDesk:
        """Return the editing of organisations. Loaded when used, as imports are."""
        from oncall_tui.desk.organisations import OrganisationDesk

        # One for all threads: it knows what can be undone.
        return self._organisations.setdefault(self.operator, OrganisationDesk(self.context))

    @property
    def outbox(self) -> OutboxDesk:
        """Return what goes out to other systems. Loaded when used, as imports are."""
        from oncall_tui.desk.outbox import OutboxDesk

        return OutboxDesk(self.context, self.tickets)

    @property
    def sources(self) -> SourceDesk:
        """Return the systems that tickets come from. Loaded when used, as imports are."""
        from oncall_tui.desk.sources import SourceDesk

        return SourceDesk(self.context)

    @property
    def audit(self) -> AuditDesk:
        """Return the audit. Loaded when used, as imports are."""
        from oncall_tui.desk.audit import AuditDesk

        return AuditDesk(self.context)

    @property
    def store(self) -> Store:
        """Return the store behind the desk."""
        return self.context.store

    @property
    def offer(self) -> Offer:
        """Return the offer in force."""
        return self.context.offer

    @property
    def operator(self) -> str:
        """Return the name under which this desk acts."""
        return self.context.operator

    @property
    def clock(self) -> Clock:
        """Return the clock that dates the acts."""
        return self.context.clock

    @property
    def read_only(self) -> bool:
        """Say whether acts are refused."""
        return self.context.read_only

    def close(self) -> None:
        """Give back the connections to the store."""
        self.store.close()


def open_desk(
    database: str,
    offer: Offer,
    operator: str,
    *,
    clock: Clock,
    read_only: bool = False,
    upgrade: bool = True,
    replay: bool = False,
    queues: Sequence[Queue] = QUEUES,
    keyring: Keyring | None = None,
) -> Desk:
    """Open the database at the SQLAlchemy URL `database` and return a desk on it for `operator`.

    With `replay` the desk is read-only and shows what there was at the instant of `clock`. `queues` are
    those that it counts. Without a `keyring` it knows no codes.

    Blocks while it connects and, unless `upgrade` is false, brings an older schema up to date.
    Raises `StoreUnavailable` where it can't, `BadInput` for a URL of an unknown kind.
    """
    store = Store.open(database, upgrade=upgrade, keyring=keyring)
    context = Context(store, offer, operator, platform.node(), clock, read_only or replay, replay)
    return Desk(context, TicketDesk(context), QueueDesk(context, queues))
