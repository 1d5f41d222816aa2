"""Calls on the emergency line that are over: what the tests of the log stand on."""

from __future__ import annotations

from oncall_tui.desk import Desk
from oncall_tui.domain.calls import Call, CallRecord, Step
from oncall_tui.translation import spoken

LEMAN_NUMBER = "+41 22 555 01 40"


def picked_up(desk: Desk, number: str = LEMAN_NUMBER, external_id: str = "") -> Call:
    """Return a call from `number` that was picked up at `desk`."""
    return desk.calls.pick_up(desk.calls.ring(number, external_id=external_id).ref)


def accepted(desk: Desk, *, language: str = "fr", summary: str = "Cluster unreachable") -> CallRecord:
    """Return the record of a call by Banque du Léman that was accepted at `desk`."""
    ref = picked_up(desk).ref
    tell = desk.calls.answer
    tell(ref, Step.WHO, {"customer": "leman", "name": "Banque du Léman", "person": "Anne Rochat"})
    proof = {"outcome": "match", "proof": "code", "customer": "leman", "name": "Banque du Léman"}
    tell(ref, Step.CODE, proof | {"kind": "vip", "contact": "Anne Rochat"})
    tell(ref, Step.LANGUAGE, {"language": language})
    tell(ref, Step.INFRASTRUCTURE, {"answer": "yes"})
    tell(ref, Step.NEEDS_US, {"answer": "yes"})
    tell(ref, Step.SERVICE, {"service": "Public cloud", "answer": "yes"})
    tell(ref, Step.SUMMARY, {"summary": summary})
    return desk.calls.record(ref, spoken)


def refused(
    desk: Desk, *, language: str = "de", number: str = "+41 91 555 03 01", who: str = "", name: str = ""
) -> CallRecord:
    """Return the record of a call that was refused at `desk` for its language, or as no infrastructure."""
    ref = picked_up(desk, number).ref
    if who:
        desk.calls.answer(ref, Step.WHO, {"customer": who, "name": name, "person": "Paul Moret"})
    desk.calls.answer(ref, Step.LANGUAGE, {"language": language})
    if language in ("fr", "en"):
        desk.calls.answer(ref, Step.INFRASTRUCTURE, {"answer": "no", "topic": "how_to"})
    return desk.calls.record(ref, spoken)


def missed(desk: Desk, number: str = "+41 44 555 04 01", external_id: str = "x1") -> Call:
    """Return a call that nobody answered."""
    desk.calls.ring(number, external_id=external_id)
    return desk.calls.hang_up(external_id)
