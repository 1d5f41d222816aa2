"""Each step of a call has words, and what was taken back says so."""

from __future__ import annotations

import pytest
from support import NOW

from oncall_tui.domain.call_words import DECISIONS, PROOFS, STEPS, parts_of
from oncall_tui.domain.calls import CallStep, Step
from oncall_tui.domain.codes import Outcome, Proof
from oncall_tui.domain.emergency import Decision


def said(step: Step, **value: str) -> str:
    return ", ".join(part.text for part in parts_of(CallStep(NOW, "Léa", step, value)))


def test_every_step_decision_and_proof_has_its_words() -> None:
    assert set(STEPS) == set(Step)
    assert set(DECISIONS) == set(Decision)
    assert set(PROOFS) == set(Proof)


@pytest.mark.parametrize(
    ("step", "value", "words"),
    [
        (Step.RANG, {"number": "+41 22", "called": "+41 1"}, "+41 22, +41 1"),
        (Step.PICKED_UP, {}, ""),
        (Step.TAKEN_OVER, {"from": "Marc"}, "Marc"),
        (Step.WHO, {"customer": "leman", "name": "Banque", "person": "Anne"}, "Anne, Banque"),
        (Step.WHO, {"stranger": "yes", "person": "X"}, "X, no contract with us"),
        (Step.WHO, {}, "taken back"),
        (
            Step.CODE,
            {"outcome": "match", "proof": "code", "customer": "leman", "name": "Banque", "kind": "vip"},
            "verified, code, Banque",
        ),
        (Step.CODE, {"outcome": "no_match", "unverified": "yes"}, "wrong, not verified"),
        (Step.CODE, {}, "taken back"),
        (Step.INFRASTRUCTURE, {"answer": "no", "topic": "how_to"}, "no, how-to question"),
        (Step.SERVICE, {"service": "Mail", "answer": "yes"}, "Mail, yes"),
        (Step.ENDING, {"ending": "abandoned"}, "caller hung up"),
        (Step.RECORDED, {"decision": "refused", "reason": "duplicate"}, "refused, known already"),
        (Step.RECORDED, {"decision": "accepted", "ticket": "T-1"}, "accepted, T-1"),
        (Step.CORRECTED, {"reason": "duplicate", "why": "same"}, "reason, known already, same"),
        (Step.CORRECTED, {"person": "", "why": "unknown"}, "caller, –, unknown"),
    ],
)  # fmt: skip
def test_a_step_says_what_was_found_out(step: Step, value: dict[str, str], words: str) -> None:
    assert said(step, **value) == words


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_of_a_look_up_is_said_in_words(outcome: Outcome) -> None:
    assert parts_of(CallStep(NOW, "Léa", Step.CODE, {"outcome": outcome.value}))[0].ours
