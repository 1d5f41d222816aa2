"""The call that an engineer has in hand while codes are looked up: who rings, and what of it is proven."""

from __future__ import annotations

from uuid import uuid4

from oncall_tui.domain.codes import Caller, Verification
from oncall_tui.screens.session import Session


class CallInHand:
    """One call, from the moment its look-up opens. Wrong codes are counted over it (R18)."""

    def __init__(self, session: Session, ref: str = "", number: str = "") -> None:
        """`ref` is the reference of a call on the emergency line, which keeps what its look-ups find out."""
        self._session = session
        self._id = ref or uuid4().hex
        self._proven: dict[str, Verification] = {}
        self.ref = ref
        self.number = number
        """The calling number, as it was typed or as the telephone shows it."""
        self.customer = ""
        """The id of the organisation that the caller claims to speak for."""

    @property
    def caller(self) -> Caller:
        """Return what is known of who calls."""
        return Caller(self._id, self.number.strip(), self.customer)

    def keep(self, verification: Verification, name: str) -> None:
        """Keep that the caller speaks for an organisation, which goes by `name`.

        Where the settings trust a proof for a while, it is kept for later calls too.
        """
        self._proven[verification.customer] = verification
        if verification.until is not None:
            self._session.trusted[verification.customer] = (name, verification)

    def verification(self, customer: str) -> Verification | None:
        """Return why the caller speaks for `customer` (an id), None if that isn't known or is over."""
        _, trusted = self._session.trusted.get(customer, ("", None))
        now = self._session.now()
        for found in (self._proven.get(customer), trusted):
            if found is not None and found.holds(self._id, now):
                return found
        return None

    def trusted(self) -> tuple[str, Verification] | None:
        """Return the name and proof of the organisation that was verified last and still is."""
        now = self._session.now()
        held = [each for each in self._session.trusted.values() if each[1].holds(self._id, now)]
        return max(held, key=lambda each: each[1].at, default=None)
