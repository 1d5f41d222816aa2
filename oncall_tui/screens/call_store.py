"""A call and the store: reading it, writing each answer down at once, and recording what it came to.

Nothing is shown as known before it is committed. While an answer is being stored the keys that follow wait;
where that takes too long they are let go, so that nobody is caught on a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.timer import Timer

from oncall_tui import background
from oncall_tui.domain.calls import Answers, Call, CallRecord, CallStep, Step, Triage
from oncall_tui.domain.errors import Conflict, OncallError, StoreUnavailable
from oncall_tui.domain.messages import Message
from oncall_tui.domain.triage import Row, begins_at, follows
from oncall_tui.keystrokes import Keystrokes
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _, spoken
from oncall_tui.widgets.call_view import Unstored
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk import Desk

SLOW_ANSWER = 1.0
"""Seconds after which it is said that an answer still waits, and keys are taken again."""


class Looked(NamedTuple):
    """A call as it was read: with what would follow a refusal, and with what was written down of it."""

    triage: Triage
    next_step: Message | None
    record: CallRecord | None


class Untold(NamedTuple):
    """An answer that couldn't be stored, or the wish to record; `step` is None for that one."""

    step: Step | None
    value: Mapping[str, str]
    row: Row
    why: str = ""


def look(desk: Desk, ref: str) -> Looked:
    """Read the call that goes by `ref`; blocks."""
    return _looked(desk, desk.calls.triage(ref))


def _looked(desk: Desk, triage: Triage) -> Looked:
    step = desk.calls.next_step(triage) if triage.ruling.next_step is not None else None
    records = () if triage.call.open else desk.calls.records(triage.call.ref)
    return Looked(triage, step, records[-1] if records else None)


class CallStore(Page):
    """A page on the call `ref`, which it keeps up to date."""

    def __init__(self, session: Session, ref: str) -> None:
        self.ref = ref  # the first line asks for it at once
        super().__init__(session)
        self.looked: Looked | None = None
        self.row = Row.WHO
        self.unread = ""
        """Why the call can't be read."""
        self.untold: tuple[Untold, ...] = ()
        """What couldn't be stored, in the order in which it was told."""
        self.storing = False
        self.takes_no_key = False
        """Whether keys wait for what is being stored."""
        self._slow: Timer | None = None

    def show_call(self) -> None:
        """Show the call as it is known now."""
        raise NotImplementedError

    @property
    def call(self) -> Call | None:
        """Return the call, None until it was read."""
        return None if self.looked is None else self.looked.triage.call

    @property
    def mine(self) -> bool:
        """Say whether this engineer has the call in hand."""
        call = self.call
        return call is not None and call.open and call.operator == self.session.operator

    # Reading

    def read(self) -> None:
        """Read the call, unless an answer to it is being stored: that brings it back as well."""
        if not self.storing:
            self.in_background(self._reading, "read call", only=True)

    async def _reading(self) -> None:
        desk = self.session.desk
        if desk is None:
            return
        try:
            looked = await background.read(lambda: look(desk, self.ref))
        except OncallError as error:
            self.unread = words(error)
            self.show_call()
        else:
            self._take(looked)

    def _take(self, looked: Looked, *, answered: bool = False) -> None:
        """Take the call as it was read or, `answered`, as it is after an answer; never an older one."""
        before, self.unread = self.looked, ""
        if before is not None and looked.triage.call.revision < before.triage.call.revision:
            return
        if before is None:
            self.row = begins_at(looked.triage)
        elif answered or before.triage.answers.standing != looked.triage.answers.standing:
            self.row = follows(looked.triage, self.row)
        if looked.record is not None and before is not None and before.next_step is not None:
            looked = looked._replace(next_step=_done(before.next_step, looked.record))
        self.looked = looked
        if self.mine:
            self.take_in_hand(looked.triage.call)
        self.show_call()

    def calls_changed(self, calls: Sequence[Call]) -> None:
        call = self.call
        now = next((each for each in calls if each.ref == self.ref), None)
        gone = now is None and call is not None and call.open
        if call is not None and (gone or (now is not None and now.revision > call.revision)):
            self.read()
        super().calls_changed(calls)

    # Writing

    def store(self, step: Step, value: Mapping[str, str]) -> None:
        """Write an answer down, and go on from the line that the cursor is on."""
        self._write(step, value, self.row)

    def record(self) -> None:
        """Write down what the call came to."""
        self._write(None, {}, self.row)

    def try_again(self) -> bool:
        """Store what couldn't be stored before; say whether there is something."""
        if not self.untold:
            return False
        self._write_all(self.untold)
        return True

    def _write(self, step: Step | None, value: Mapping[str, str], row: Row) -> None:
        # What couldn't be stored before goes first, but for what this takes the place of.
        waiting = (each for each in self.untold if each.step not in (step, None))
        self._write_all((*waiting, Untold(step, value, row)))

    def _write_all(self, untold: tuple[Untold, ...]) -> None:
        desk = self.session.desk
        if desk is None or self.storing:
            return
        self.storing = self.takes_no_key = True
        self._slow = self.set_timer(SLOW_ANSWER, self._takes_long)
        self.in_background(lambda: self._writing(desk, untold), "call")

    async def _writing(self, desk: Desk, untold: tuple[Untold, ...]) -> None:
        told: Looked | None = None
        left = list(untold)
        try:
            while left:
                told = await self._told(desk, left[0])
                del left[0]
        except StoreUnavailable as error:
            self.untold = tuple(each._replace(why=words(error)) for each in left)
            self.say(_("NOT STORED") + f": {words(error)}", Tone.NOT_DONE, keep=True)
            self._written()
            if told is not None:
                self._take(told, answered=True)
            self.show_call()
        except OncallError as error:
            self.untold = ()
            self.say(words(error), Tone.REFUSED, keep=isinstance(error, Conflict))
            self._written()
            self.read()
        else:
            self.untold = ()
            self._written()
            if told is None:
                self._recorded()
            else:
                self._take(told, answered=True)
        finally:
            self._written()
            self._let_keys_go()

    async def _told(self, desk: Desk, untold: Untold) -> Looked | None:
        """Store one answer and return the call with it, or record the call and return None."""
        step, value = untold.step, untold.value
        if step is None:
            await background.write(lambda: desk.calls.record(self.ref, spoken))
            return None
        return await background.write(lambda: _looked(desk, desk.calls.answer(self.ref, step, value)))

    def _recorded(self) -> None:
        self.session.calls = tuple(each for each in self.session.calls if each.ref != self.ref)
        self.read()
        self.session.refresh()

    def _written(self) -> None:
        self.storing = False
        if self._slow is not None:
            self._slow.stop()
            self._slow = None

    def _takes_long(self) -> None:
        if self.storing:
            self.say(_("still storing the last answer …"), keep=True)
            self._let_keys_go()

    def _let_keys_go(self) -> None:
        self.takes_no_key = False
        if isinstance(self.app, Keystrokes):
            self.app.take_waiting_keys()

    def unstored(self) -> Unstored | None:
        """Return the answers that couldn't be stored, as the page shows them."""
        looked = self.looked
        if not self.untold or looked is None:
            return None
        now, me = self.session.now(), self.session.operator
        waiting = [CallStep(now, me, each.step, each.value) for each in self.untold if each.step is not None]
        answers = Answers.of([*looked.triage.steps, *waiting], looked.triage.call.on_file)
        return Unstored(frozenset(map(_row_of, self.untold)), answers, self.untold[-1].why)


def _row_of(untold: Untold) -> Row:
    """Return the line on which an answer stands; one that has none stands where it was given."""
    return Row(untold.step.value) if untold.step is not None and untold.step.value in set(Row) else untold.row


def _done(step: Message, record: CallRecord) -> Message:
    """Return what was to follow a refusal, with the reference of the ticket that came of it."""
    if "ticket" not in step.values:
        return step
    return Message(step.text, {**step.values, "ticket": record.ticket})
