"""The rest of the desk in `oncall-tui demo`: customers who go on asking, colleagues who go on working.

Everything happens through the acts of the desk, under the names of the sample world's team, as it
would from other workstations on the same store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple, TypeVar

from oncall_tui.desk.demo_calls import Callers
from oncall_tui.desk.desk import Desk
from oncall_tui.desk.tickets import TicketDesk
from oncall_tui.domain.errors import NotFound, OncallError, Refused
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.sla import ClockKind
from oncall_tui.domain.tickets import Channel, MessageKind, Ticket
from oncall_tui.store.demo import MAILBOX, Asked, Colleague, World, load_world

T = TypeVar("T")

FIRST_AFTER = 6.0
"""Seconds until the first request arrives."""

PAUSE = (8.0, 25.0)
"""Seconds between two events, at least and at most."""

LEFT_TO_THE_OPERATOR = 3
"""So many of the most urgent tickets that nobody has are not taken by colleagues …"""

RESCUED_AFTER = timedelta(minutes=10)
"""… unless they are overdue by this, as on a board that nobody watches."""

_IN_VIEW = 200
_SMALLEST_BOARD = 12
_EMERGENCIES_APART = timedelta(minutes=12)
_UPDATE_BEFORE = timedelta(minutes=4)
_AFTER_TROUBLE = 30.0
_PLANS = {Plan.STANDARD: 38, Plan.PLUS: 28, Plan.PRO: 22, Plan.ENTERPRISE: 12}
_PROMISES = (timedelta(minutes=20), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))


class Task(NamedTuple):
    """A ticket that a colleague has, with what it asks."""

    ticket: Ticket
    owner: Colleague
    asked: Asked


@dataclass(frozen=True, slots=True)
class Room:
    """What the colleagues see when they look up: the open tickets, in board order, and what is to do.

    `free` are tickets to take, `unanswered`, `promised` (an update that is due) and `answered` theirs.
    """

    now: datetime
    open: Sequence[Ticket]
    free: Sequence[Ticket]
    unanswered: Sequence[Task]
    promised: Sequence[Task]
    answered: Sequence[Task]


class Arrivals:
    """Lets things happen on `desk` while its operator looks on.

    `step()` does the next thing and says after how many seconds the one after it is due; `start()`
    does so in a daemon thread until `stop()`. The operator's own tickets are never touched. What
    happens follows from `seed`, the state of the store and the desk's clock.
    """

    def __init__(self, desk: Desk, seed: int = 1) -> None:
        """Act on the store of `desk`, which another thread may share; nothing is read yet."""
        self._desk = desk
        self._rng = Random(seed)  # noqa: S311 - sample data
        self._world: World = load_world()
        self._team = {one.name: one for one in self._world.colleagues(desk.operator)}
        # What comes first is not left to chance: within the first minute there is an emergency.
        self._planned = [self._mail, self._take, self._emergency, self._mail, self._answer]
        self._usual = 0
        self._last_emergency: datetime | None = None
        self._callers = Callers(desk, self._rng)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-demo", daemon=True)

    def start(self) -> None:
        """Begin, `FIRST_AFTER` seconds from now."""
        self._thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """Let nothing happen any more; waits up to `patience` seconds for what is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def step(self) -> float:
        """Do the next thing and return the seconds until the next one.

        Where the operator was faster, nothing happens. Raises `StoreUnavailable`.
        """
        self._callers.step()
        room = self._look()
        self._usual = self._usual or max(len(room.open), _SMALLEST_BOARD)
        event = self._planned.pop(0) if self._planned else self._drawn(room)
        with suppress(Refused, NotFound):
            event(room)
        return self._rng.uniform(*PAUSE)

    def _run(self) -> None:
        pause = FIRST_AFTER
        while not self._stopped.wait(pause):
            try:
                pause = self.step()
            except OncallError:
                # The board says itself that the store is away.
                pause = _AFTER_TROUBLE

    def _look(self) -> Room:
        now = self._desk.clock()
        found = self._desk.queue.page(QUEUES[0], limit=_IN_VIEW)
        unowned = [ticket for ticket in found if ticket.owner is None]
        tasks = [
            Task(ticket, owner, asked)
            for ticket in found
            if (owner := self._team.get(ticket.owner or ""))
            and (asked := self._world.asked(ticket.customer, ticket.subject, ticket.contact))
        ]
        return Room(
            now=now,
            open=found,
            free=[
                ticket
                for place, ticket in enumerate(unowned)
                if place >= LEFT_TO_THE_OPERATOR or _due_before(ticket, now - RESCUED_AFTER)
            ],
            unanswered=[task for task in tasks if task.ticket.answered_at is None],
            promised=[
                task
                for task in tasks
                if task.ticket.clock is ClockKind.PROMISE and _due_before(task.ticket, now + _UPDATE_BEFORE)
            ],
            answered=[task for task in tasks if task.ticket.answered_at and task.ticket.clock is None],
        )

    def _drawn(self, room: Room) -> Callable[[Room], None]:
        """Draw what happens next: the more there is of something, the likelier somebody deals with it.

        So the board keeps its size, whatever its size is.
        """
        usual = self._usual
        ways: dict[Callable[[Room], None], float] = {
            self._arrive: min((usual / max(len(room.open), 1)) ** 2, 4),
            self._take: len(room.free) / (0.25 * usual),
            self._answer: len(room.unanswered) / (0.12 * usual) + len(room.promised) / 2,
            self._close: len(room.answered) / (0.4 * usual),
            self._note: 0.15,
        }
        return self._rng.choices(list(ways), list(ways.values()))[0]

    # Customers

    def _arrive(self, room: Room) -> None:
        quiet = self._last_emergency is None or room.now - self._last_emergency > _EMERGENCIES_APART
        if quiet and self._rng.random() < 0.2:
            self._emergency(room)
        elif self._rng.random() < 0.3 and self._desk.offer.calendar_for(Channel.PHONE).is_open(room.now):
            self._file(room, Channel.PHONE, self._plan(), self._colleague())
        else:
            self._mail(room)

    def _mail(self, room: Room) -> None:
        self._file(room, Channel.EMAIL, self._plan(), MAILBOX)

    def _emergency(self, room: Room) -> None:
        open_to = [plan for plan, terms in self._desk.offer.plans.items() if terms.emergency]
        plans = [plan for plan in open_to if self._world.askable(plan, Channel.EMERGENCY)]
        if plans:
            self._last_emergency = room.now
            self._file(room, Channel.EMERGENCY, self._rng.choice(plans), self._colleague())

    def _file(self, room: Room, channel: Channel, plan: Plan, by: Colleague) -> None:
        """File a request that nobody asks now, of an organisation that isn't waiting, if there is one."""
        asking = {ticket.subject for ticket in room.open}
        waiting = {ticket.customer for ticket in room.open if ticket.channel is channel}
        pairs = self._world.askable(plan, channel)
        unasked = [pair for pair in pairs if pair[1].subject not in asking]
        fresh = [pair for pair in unasked if pair[0].id not in waiting]
        organisation, request = self._rng.choice(fresh or unasked or pairs)
        asked = Asked(organisation, self._rng.choice(organisation.contacts), request)
        # A call is typed after it was taken (R5).
        said = timedelta(seconds=0 if channel is Channel.EMAIL else self._rng.randint(20, 70))
        self._as(by).new(
            customer=organisation.id,
            channel=channel,
            subject=request.subject,
            body=self._world.body(asked),
            contact=asked.reach,
            received_at=room.now - said,
        )

    def _plan(self) -> Plan:
        return self._rng.choices(list(_PLANS), list(_PLANS.values()))[0]

    # Colleagues

    def _take(self, room: Room) -> None:
        if room.free:
            ticket = self._picked(room.free)
            self._as(self._colleague()).take(ticket.id, version=ticket.version)

    def _answer(self, room: Room) -> None:
        waiting = [*room.promised, *room.unanswered]
        if not waiting:
            return
        task = self._picked(waiting)
        first = task.ticket.answered_at is None
        request = task.asked.request
        answered = self._tell(task, request.answer if first else self._world.phrases[request.language].update)
        premium = task.ticket.plan in (Plan.PRO, Plan.ENTERPRISE) and not request.question
        if self._rng.random() < (0.5 if request.channel is Channel.EMERGENCY else 0.2 * premium):
            due = room.now + self._rng.choice(_PROMISES)
            self._as(task.owner).promise(answered.id, due, version=answered.version)

    def _close(self, room: Room) -> None:
        if room.answered:
            task = self._rng.choice(room.answered)
            told = self._tell(task, task.asked.request.done)
            self._as(task.owner).close(told.id, version=told.version)

    def _note(self, room: Room) -> None:
        noteworthy = [task for task in (*room.unanswered, *room.answered) if task.asked.request.note]
        if not noteworthy:
            return
        task = self._rng.choice(noteworthy)
        said = self._desk.tickets.detail(task.ticket.id).messages
        if all(message.kind is not MessageKind.NOTE for message in said):
            self._as(task.owner).note(task.ticket.id, self._world.note(task.asked))

    def _tell(self, task: Task, text: str) -> Ticket:
        """Say `text` to the customer of the task, as they asked: by mail or by phone."""
        ticket, owner, asked = task
        said = self._world.answer(asked, text, owner.name)
        return self._as(owner).answer(ticket.id, asked.request.means, text=said, version=ticket.version)

    def _picked(self, choice: Sequence[T]) -> T:
        """Return the most urgent one as a rule, now and then another."""
        return choice[0] if self._rng.random() < 0.7 else self._rng.choice(choice)

    def _colleague(self) -> Colleague:
        return self._rng.choice(list(self._team.values()))

    def _as(self, one: Colleague) -> TicketDesk:
        context = self._desk.context
        return TicketDesk(replace(context, operator=one.name, workstation=one.workstation))


def _due_before(ticket: Ticket, instant: datetime) -> bool:
    return ticket.due_at is not None and ticket.due_at < instant
