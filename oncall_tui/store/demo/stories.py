"""The past of the sample tickets: every act by the rules of the desk, at the instant it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from oncall_tui.domain import tickets as rules
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.tickets import Act, Channel, ClockTimes, Message, MessageKind, State, Ticket
from oncall_tui.store.audit import Entry
from oncall_tui.store.demo.scene import Slot
from oncall_tui.store.demo.timing import Times, between
from oncall_tui.store.demo.world import MAILBOX, Asked, Colleague, World
from oncall_tui.store.spans import ended_spans


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a ticket before its story is told."""

    slot: Slot
    asked: Asked
    times: Times


@dataclass(slots=True)
class Story:
    """A ticket with all that was said and done about it, in order of time."""

    ticket: Ticket
    body: str
    messages: list[Message] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    acts: int = 0

    def record(self, at: datetime, by: Colleague, act: Act, detail: Mapping[str, str] | None = None) -> None:
        """Write an act down as the desk does."""
        ticket = self.ticket
        entry = Entry(
            at, by.name, by.workstation, act, ticket.ref, detail or {}, ticket.id, customer=ticket.customer
        )
        self.entries.append(entry)

    def act(
        self,
        at: datetime,
        by: Colleague,
        act: Act,
        change: Callable[[Ticket], Ticket],
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Let `change` make of the ticket what `act` makes of it."""
        old = self.ticket
        self.ticket = change(old)
        self.acts += 1
        self.spans += ended_spans(old, self.ticket, at)
        self.record(at, by, act, detail)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells stories under `offer`, with `me` as the operator; the same `rng`, the same stories."""

    world: World
    offer: Offer
    me: Colleague
    team: tuple[Colleague, ...]
    calendar_ids: Mapping[Channel, int]
    customer_ids: Mapping[str, int]
    now: datetime
    rng: Random

    def tell(self, ticket_id: int, ref: str, beginning: Beginning) -> Story:
        """Return the story that makes of `beginning` what its slot wants now."""
        story = self._told(ticket_id, ref, beginning)
        # Each act but a note is a new version.
        story.ticket = replace(story.ticket, version=1 + story.acts)
        return story

    def _told(self, ticket_id: int, ref: str, beginning: Beginning) -> Story:
        slot, asked, times = beginning.slot, beginning.asked, beginning.times
        story = self._filed(ticket_id, ref, beginning)
        first = self.rng.choice(self.team)
        if times.taken_at is None:
            if times.closed_at is not None:
                self._close(story, first, times.closed_at, self.world.sent_twice)
            return story
        owner = self.me if slot.mine else first
        handed_over = slot.state is State.IN_PROGRESS and self.rng.random() < (0.5 if slot.mine else 0.1)
        taker = first if handed_over else owner
        self._take(story, taker, times.taken_at)
        if times.answered_at is None:
            self._note(story, taker, asked, times.taken_at, self.now)
            return story
        end = times.closed_at or (times.promise[0] if times.promise else self.now)
        self._answer(story, taker, times.answered_at, asked, asked.request.answer)
        self._note(story, taker, asked, times.answered_at, end)
        if handed_over:
            owner = owner if owner != taker else self._another(taker)
            self._hand_over(story, owner, end)
        if times.promise is not None:
            self._promise(story, owner, *times.promise)
        if times.closed_at is not None:
            self._answer(story, owner, times.closed_at, asked, asked.request.done)
            self._close(story, owner, times.closed_at, "")
        return story

    def _filed(self, ticket_id: int, ref: str, beginning: Beginning) -> Story:
        slot, asked, times = beginning.slot, beginning.asked, beginning.times
        received = times.received_at
        guarantee = self.offer.guarantee(slot.plan, slot.channel, received)
        ticket = Ticket(
            id=ticket_id,
            ref=ref,
            customer_id=self.customer_ids[asked.organisation.id],
            customer=asked.organisation.id,
            customer_name=asked.organisation.name,
            plan=slot.plan,
            channel=slot.channel,
            subject=asked.request.subject,
            contact=asked.reach,
            received_at=received,
            recorded_at=times.recorded_at,
            calendar_id=self.calendar_ids[slot.channel],
            budget=self.offer.plans[slot.plan].response,
            response=ClockTimes.of(guarantee) if guarantee else None,
        )
        story = Story(ticket, self.world.body(asked))
        filer = MAILBOX if slot.channel is Channel.EMAIL else self.rng.choice(self.team)
        detail = {
            "customer": ticket.customer,
            "channel": slot.channel.value,
            "received_at": received.isoformat(),
        }
        story.record(times.recorded_at, filer, Act.NEW, detail)
        return story

    def _take(self, story: Story, by: Colleague, at: datetime) -> None:
        story.act(at, by, Act.TAKE, lambda ticket: rules.take(ticket, by.name, at))

    def _answer(self, story: Story, by: Colleague, at: datetime, asked: Asked, text: str) -> None:
        means = asked.request.means
        said = self.world.answer(asked, text, by.name)
        story.messages.append(Message(at, by.name, MessageKind.ANSWER, said))
        story.act(
            at,
            by,
            Act.ANSWER,
            lambda ticket: rules.answer(ticket, by.name, means, at, at),
            {"means": means.value},
        )

    def _note(self, story: Story, by: Colleague, asked: Asked, start: datetime, end: datetime) -> None:
        if not asked.request.note or self.rng.random() < 0.3:
            return
        at = self._meanwhile(story, start, end)
        story.messages.append(Message(at, by.name, MessageKind.NOTE, self.world.note(asked)))
        story.record(at, by, Act.NOTE)

    def _hand_over(self, story: Story, to: Colleague, end: datetime) -> None:
        last = story.entries[-1]
        by = Colleague(last.operator, last.workstation)
        at = self._meanwhile(story, last.at, end)
        story.act(at, by, Act.HAND_OVER, lambda ticket: rules.hand_over(ticket, to.name, at), {"to": to.name})

    def _promise(self, story: Story, by: Colleague, made_at: datetime, due_at: datetime) -> None:
        thresholds = self.offer.thresholds
        story.act(
            made_at,
            by,
            Act.PROMISE,
            lambda ticket: rules.promise(ticket, by.name, due_at, made_at, thresholds),
            {"due_at": due_at.isoformat()},
        )

    def _close(self, story: Story, by: Colleague, at: datetime, reason: str) -> None:
        detail = {"reason": reason} if reason else {}
        story.act(at, by, Act.CLOSE, lambda ticket: rules.close(ticket, reason, at), detail)

    def _meanwhile(self, story: Story, start: datetime, end: datetime) -> datetime:
        """Return an instant between the two at which the ticket's line was open, if it was."""
        hours = self.offer.calendar_for(story.ticket.channel)
        return between(hours, start, end, self.rng.uniform(0.1, 0.6)).replace(microsecond=0)

    def _another(self, one: Colleague) -> Colleague:
        return self.team[(self.team.index(one) + 1) % len(self.team)]
