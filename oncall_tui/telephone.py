"""The telephone beside the desk: what rings there rings here, and picking up here answers it there.

What the telephone tells is written down by a thread of its own and in its order, again and again where the
store can't be reached: a ring is not lost to a database that is busy for a moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

from oncall_tui.domain.errors import Conflict, NotFound, OncallError, StoreUnavailable
from oncall_tui.sources.baresip import PREFIX, Baresip, Ringing
from oncall_tui.translation import _

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.calls import Call

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_LEAVING = 3.0


class Telephone:
    """The SIP telephone of one engineer, which is connected to one desk at a time."""

    def __init__(
        self,
        desk: Desk,
        address: tuple[str, int],
        told: Callable[[str], None],
        changed: Callable[[Call], None] = lambda _call: None,
        *,
        picks_up: bool = True,
        connection: Callable[[bool, str], None] = lambda _connected, _why: None,
    ) -> None:
        """Connect to the control socket at `address`, host and port.

        Who answers with the keys of the telephone picks the call up at this desk, unless `picks_up` is false:
        a server has no engineer.

        `told` gets a line for the engineer when the telephone is lost, once, and when it is back; `changed`
        gets each call that was written down; `connection` whether it is connected, and why it isn't. All are
        called on threads of the telephone's.
        """
        self._desk = desk
        self._place = "{}:{}".format(*address)
        self._told = told
        self._changed = changed
        self._connection = connection
        self._picks_up = picks_up
        self._baresip = Baresip(address, self)
        self._acts: SimpleQueue[Callable[[], Call | None] | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="oncall-telephone", daemon=True)
        self._stopped = threading.Event()
        self._connected = threading.Event()
        self._lost = self._store_lost = False

    def start(self) -> None:
        """Connect, and go on trying. A desk that is read-only leaves the telephone to those that act."""
        if not self._desk.read_only:
            self._writer.start()
            self._baresip.start()

    def stop(self) -> None:
        """Disconnect. Calls that go on do so at the telephone. Waits a moment for what is being written."""
        if self._writer.is_alive():
            self._baresip.stop()
            self._stopped.set()
            self._acts.put(None)
            self._writer.join(_LEAVING)

    def connected_within(self, seconds: float) -> bool:
        """Wait until the telephone tells what happens; say whether it does."""
        return self._connected.wait(seconds)

    def answer(self, call: Call) -> None:
        """Answer at the telephone a call that this desk has picked up; nothing for one from elsewhere.

        Blocks for some seconds at most. `told` gets what went wrong: the call is this desk's all the same.
        """
        self._ask(self._baresip.accept, call)

    def end(self, call: Call) -> None:
        """Hang up at the telephone, as `answer` answers."""
        self._ask(self._baresip.hang_up, call)

    def _ask(self, act: Callable[[str], bool], call: Call) -> None:
        if self._desk.read_only or not call.external_id.startswith(PREFIX):
            return
        try:
            act(call.external_id)
        except OncallError as error:
            self._told(f"{_(error.message)}; {_(error.hint)}" if error.hint else _(error.message))

    # What the telephone tells

    def rang(self, call: Ringing) -> None:
        """Write down a call that comes in."""
        ring = self._desk.calls.ring
        self._acts.put(partial(ring, call.number, called=call.called, external_id=call.external_id))

    def answered(self, external_id: str) -> None:
        """Write down that the engineer has picked up, unless somebody else was first."""
        if self._picks_up:
            self._acts.put(partial(self._picked_up, external_id))

    def _picked_up(self, external_id: str) -> Call | None:
        # It may have rung before this desk was connected, or be somebody else's meanwhile.
        with suppress(Conflict, NotFound):
            call = self._desk.calls.find(external_id)
            if call.rings:
                return self._desk.calls.pick_up(call.ref)
        return None

    def closed(self, external_id: str, *, answered: bool) -> None:
        """Write down the end of a call; it is none where somebody answers it at another telephone."""
        self._acts.put(partial(self._desk.calls.hang_up, external_id, elsewhere=not answered))

    def connected(self) -> None:
        """Say that the telephone is back, if it was missed."""
        self._connected.set()
        self._connection(True, "")
        if self._lost:
            self._lost = False
            self._told(_("telephone {place} is connected again").format(place=self._place))

    def lost(self, why: str) -> None:
        """Say that the telephone is lost, once until it is back."""
        self._connected.clear()
        self._connection(False, why)
        if not self._lost:
            self._lost = True
            text = _("telephone {place} is not connected: {why}; trying again")
            self._told(text.format(place=self._place, why=_(why)))

    def _write(self) -> None:
        while (act := self._acts.get()) is not None:
            pause = _FIRST_PAUSE
            while not self._done(act) and not self._stopped.is_set():
                self._stopped.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _done(self, act: Callable[[], Call | None]) -> bool:
        """Do `act`; say whether that is the end of it."""
        try:
            call = act()
        except StoreUnavailable as error:
            if not self._store_lost:
                self._store_lost = True
                self._told(_("a call can't be written down yet: {why}").format(why=error.message))
            return False
        except OncallError as error:
            self._told(error.message)
            return True
        except Exception as error:  # noqa: BLE001 - a mistake in one act is no reason to lose the next calls
            from oncall_tui import logfile

            where = logfile.record(error)
            self._told(f"a mistake of this program: {logfile.place(error)}; {where}")
            return True
        self._store_lost = False
        if call is not None:
            self._changed(call)
        return True
