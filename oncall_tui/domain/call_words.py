"""Calls in words: what became of one, and each step of it. There are translations of what is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from oncall_tui.domain.call_log import Field, LogLine
from oncall_tui.domain.calls import CallStep, Step
from oncall_tui.domain.codes import Proof
from oncall_tui.domain.emergency import Decision, Ending, Reason, Topic
from oncall_tui.domain.messages import marked

RINGS = marked("rings")
GOES_ON = marked("in progress")

DECISIONS: Mapping[Decision, str] = {
    Decision.ACCEPTED: marked("accepted"),
    Decision.REFUSED: marked("refused"),
    Decision.MISSED: marked("missed"),
}

PROOFS: Mapping[Proof, str] = {
    Proof.CODE: marked("code"),
    Proof.CALL_BACK: marked("called back"),
    Proof.APPROVAL: marked("second engineer"),
}

STEPS: Mapping[Step, str] = {
    Step.RANG: marked("rang"),
    Step.PICKED_UP: marked("picked up"),
    Step.TAKEN_OVER: marked("taken over"),
    Step.HUNG_UP: marked("hung up"),
    Step.WHO: marked("who calls"),
    Step.CODE: marked("code"),
    Step.LANGUAGE: marked("language"),
    Step.INFRASTRUCTURE: marked("infrastructure"),
    Step.NEEDS_US: marked("needs us"),
    Step.SERVICE: marked("service"),
    Step.DUPLICATE: marked("known already"),
    Step.SUMMARY: marked("what happened"),
    Step.ENDING: marked("ended"),
    Step.RECORDED: marked("recorded"),
    Step.CORRECTED: marked("corrected"),
}

_TAKEN_BACK = marked("taken back")
_ANSWERS = {"yes": marked("yes"), "no": marked("no")}
_ENDINGS: Mapping[Ending, str] = {
    Ending.ABANDONED: marked("caller hung up"),
    Ending.WRONG_NUMBER: marked("wrong number"),
}
_OUTCOMES: Mapping[str, str] = {
    "match": marked("right, not confirmed yet"),
    "misheard": marked("misheard"),
    "no_match": marked("wrong"),
    "wait": marked("refused for now, too many were wrong"),
    "revoked": marked("revoked"),
    "transfer_code": marked("that of a domain transfer"),
    "denied": marked("another organisation was named"),
}
_ASK = {
    Step.WHO,
    Step.CODE,
    Step.LANGUAGE,
    Step.INFRASTRUCTURE,
    Step.NEEDS_US,
    Step.SERVICE,
    Step.DUPLICATE,
    Step.SUMMARY,
    Step.ENDING,
}


class Part(NamedTuple):
    """A piece of text; `ours` says that there are translations of it."""

    text: str
    ours: bool = False


def outcome(line: LogLine) -> str:
    """Return how a call stands: what became of it, or that it rings or goes on."""
    if line.decision is not None:
        return DECISIONS[line.decision]
    return RINGS if line.call.rings else GOES_ON


def parts_of(step: CallStep) -> list[Part]:
    """Return what a step says besides its name, a piece at a time; that an answer was taken back."""
    found = [part for part in _parts(step) if part.text]
    return found or ([Part(_TAKEN_BACK, ours=True)] if step.step in _ASK else [])


def _parts(step: CallStep) -> Iterator[Part]:
    value = step.value
    match step.step:
        case Step.WHO:
            yield Part(value.get("person", ""))
            yield Part(value.get("name") or value.get("customer", ""))
            yield Part(marked("no contract with us") if value.get("stranger") else "", ours=True)
        case Step.CODE:
            yield from _of_code(value)
        case Step.INFRASTRUCTURE | Step.NEEDS_US | Step.SERVICE:
            yield Part(value.get("service", ""))
            yield Part(_ANSWERS.get(value.get("answer", ""), ""), ours=True)
            if topic := value.get("topic"):
                yield Part(Topic(topic).label, ours=True)
        case Step.ENDING:
            if ending := value.get("ending"):
                yield Part(_ENDINGS[Ending(ending)], ours=True)
        case Step.RECORDED:
            yield Part(DECISIONS[Decision(value["decision"])], ours=True)
            if reason := value.get("reason"):
                yield Part(Reason(reason).label, ours=True)
            yield Part(value.get("ticket", ""))
        case Step.CORRECTED:
            yield from _of_correction(value)
        case _:
            for text in value.values():
                yield Part(text)


def _of_code(value: Mapping[str, str]) -> Iterator[Part]:
    if proof := value.get("proof"):
        yield Part(marked("verified"), ours=True)
        yield Part(PROOFS[Proof(proof)], ours=True)
        yield Part(value.get("contact", ""))
        yield Part(value.get("name") or value.get("customer", ""))
        yield Part(value.get("by", ""))
        return
    outcome = value.get("outcome", "")
    yield Part(_OUTCOMES.get(outcome, outcome), ours=outcome in _OUTCOMES)
    yield Part(marked("not verified") if value.get("unverified") else "", ours=True)


def _of_correction(value: Mapping[str, str]) -> Iterator[Part]:
    for field in Field:
        if field.value in value:
            text = value[field.value]
            yield Part(field.label, ours=True)
            yield Part(Reason(text).label, ours=True) if field is Field.REASON else Part(text or "–")
    yield Part(value.get("why", ""))
