"""Two desks, results in any order, desks that die: an answer is handed over at most once unless a person says
"again", and the clock stops exactly when one was.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from mailing import SUPPORT, TRACKER, by_mail, from_tracker, handed, stored
from support import CUSTOMERS, HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.correspondence import Outgoing
from oncall_tui.domain.errors import Refused
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.store import customers, outbox
from oncall_tui.store.engine import Store

OFFER = load_settings(None, {}).offer
S, A = OutgoingState, OutgoingAct
SOURCES = (SUPPORT, TRACKER)
desks = st.sampled_from(["Léa", "Marc"])


@cache
def empty() -> bytes:
    """Return a database with four customers and nothing else."""
    with TemporaryDirectory(prefix="oncall-tui-outbox-") as folder:
        file = Path(folder) / "oncall.db"
        store = Store.open(f"sqlite:///{file}")
        with store.begin() as tx:
            customers.add(tx, [(customer, None) for customer in CUSTOMERS])
        store.close()
        return file.read_bytes()


class Outbox(RuleBasedStateMachine):
    """The servers beside the outbox: `taken` counts what they have taken, `said_again` what people said."""

    under_way = Bundle("under_way")

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory(prefix="oncall-tui-outbox-")
        file = Path(self.folder.name) / "oncall.db"
        # To make a database takes longer than all that is done to it here.
        file.write_bytes(empty())
        self.clock = HandClock()
        self.desks: dict[str, Desk] = {
            name: open_desk(f"sqlite:///{file}", OFFER, name, clock=self.clock, upgrade=False)
            for name in ("Léa", "Marc")
        }
        lea = self.desks["Léa"]
        self.tickets = [by_mail(lea).id, from_tracker(lea).id]
        # Who filed them can take that back no more.
        self.clock.advance(minutes=1)
        self.taken: dict[int, int] = {}
        self.allowed: dict[int, int] = {}
        self.told: dict[int, list[datetime]] = {ticket: [] for ticket in self.tickets}

    def teardown(self) -> None:
        for desk in getattr(self, "desks", {}).values():
            desk.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def outgoing(self, each: int) -> Outgoing:
        return self.desks["Léa"].outbox.get(each)

    @rule(seconds=st.sampled_from([1, 5, 60, 121, 600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule(by=desks, which=st.integers(0, 1))
    def answer(self, by: str, which: int) -> None:
        self.desks[by].outbox.answer(self.tickets[which], "We have begun.")

    @rule(by=desks, which=st.integers(0, 1), act=st.sampled_from(["take", "hand over", "undo"]))
    def act(self, by: str, which: int, act: str) -> None:
        tickets, ticket_id = self.desks[by].tickets, self.tickets[which]
        try:
            match act:
                case "take":
                    tickets.take(ticket_id)
                case "hand over":
                    tickets.hand_over(ticket_id, "Zoé")
                case _:
                    tickets.undo(ticket_id)
        except Refused:
            pass

    @rule(target=under_way, by=desks, source=st.sampled_from(SOURCES))
    def claim(self, by: str, source: str) -> object:
        before = {each.id: each.state for each in self.desks[by].outbox.open()}
        claimed = self.desks[by].outbox.claim(source, "example.org")
        for each in claimed:
            assert each.state is S.SENDING
            assert before[each.id] is S.WAITING or each.act is not A.ANSWER
        return multiple(*((by, each) for each in claimed))

    @rule(one=consumes(under_way), taken=st.booleans())
    def die(self, one: tuple[str, Outgoing], taken: bool) -> None:
        """The server may have taken it, and nobody ever says so."""
        if taken:
            self.take(one[1])

    @rule(one=consumes(under_way), result=st.sampled_from([S.SENT, S.SENT, S.WAITING, S.REFUSED, S.CONFLICT]))
    def finish(self, one: tuple[str, Outgoing], result: OutgoingState) -> None:
        by, outgoing = one
        current = self.outgoing(outgoing.id)
        counts = current.tries == outgoing.tries and current.state not in (S.SENT, S.DROPPED)
        if result is S.SENT:
            self.take(outgoing)
            if counts and outgoing.act is A.ANSWER and current.state in (S.SENDING, S.UNSURE, S.WAITING):
                self.tell(outgoing)
        self.desks[by].outbox.finish(outgoing, handed(self.clock.now, result, version=f"v{self.clock.now}"))

    @rule(one=consumes(under_way), taken=st.booleans())
    def lose_the_connection(self, one: tuple[str, Outgoing], taken: bool) -> None:
        by, outgoing = one
        if taken:
            self.take(outgoing)
        self.desks[by].outbox.finish(outgoing, handed(self.clock.now, S.UNSURE))

    @rule(by=desks, place=st.integers(0, 9), word=st.sampled_from(["again", "sent", "drop", "force"]))
    def decide(self, by: str, place: int, word: str) -> None:
        desk = self.desks[by].outbox
        found = [each for each in desk.open() if not each.state.on_its_way or word != "again"]
        if not found:
            return
        each = found[place % len(found)]
        try:
            match word:
                case "again":
                    desk.again(each.id)
                    self.allowed[each.id] = self.allowed.get(each.id, 1) + 1
                case "sent":
                    desk.was_sent(each.id)
                    assert each.ended_at is not None
                    self.told[each.ticket_id].append(max(each.ended_at, each.created_at))
                case "drop":
                    desk.drop(each.id)
                case _:
                    desk.force(each.id)
        except Refused:
            pass

    @rule(by=desks, place=st.integers(0, 9))
    def come_back(self, by: str, place: int) -> None:
        desk = self.desks[by]
        sent = [
            each
            for each in desk.outbox.of_ticket(self.tickets[0])
            if each.state is S.SENT and each.act is A.ANSWER
        ]
        if sent:
            with desk.store.begin() as tx:
                assert outbox.came_back(tx, sent[place % len(sent)].message_id, "550", self.clock.now)

    def take(self, outgoing: Outgoing) -> None:
        self.taken[outgoing.id] = self.taken.get(outgoing.id, 0) + 1

    def tell(self, outgoing: Outgoing) -> None:
        self.told[outgoing.ticket_id].append(self.clock.now)

    @invariant()
    def an_answer_is_handed_over_once_unless_a_person_said_again(self) -> None:
        for each, number in getattr(self, "taken", {}).items():
            if self.outgoing(each).act is A.ANSWER:
                assert number <= self.allowed.get(each, 1)

    @invariant()
    def the_clock_stops_when_the_first_answer_was_handed_over(self) -> None:
        """R6."""
        for ticket_id, told in getattr(self, "told", {}).items():
            ticket = stored(self.desks["Léa"], ticket_id)
            assert ticket.answered_at == min(told, default=None)

    @invariant()
    def one_thing_of_a_ticket_goes_out_at_a_time(self) -> None:
        if hasattr(self, "desks"):
            sending = [each.ticket_id for each in self.desks["Léa"].outbox.open() if each.state is S.SENDING]
            assert len(sending) == len(set(sending))


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
