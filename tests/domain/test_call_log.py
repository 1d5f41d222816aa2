"""A correction takes the place of a record, and says nothing that contradicts the decision (R13, R15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import NOW

from oncall_tui.domain.call_log import Field, correctable, corrected
from oncall_tui.domain.calls import CallRecord
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.errors import BadInput, OncallError, Refused
from oncall_tui.domain.messages import Spoken

LATER = NOW + timedelta(hours=1)
SAID = Spoken("Bonjour", "Hello")
REFUSED = CallRecord(
    7, "C-000001", NOW, NOW, "Léa", Decision.REFUSED, reason=Reason.OTHER_LANGUAGE, rule="R11", language="de",
    said=SAID,
)  # fmt: skip
ACCEPTED = CallRecord(8, "C-000002", NOW, NOW, "Léa", Decision.ACCEPTED, language="fr", ticket="T-000001")


def correct(record: CallRecord, changes: dict[Field, str], why: str = "misheard") -> CallRecord:
    return corrected(record, changes, why, by="Marc", at=LATER)


def test_a_correction_keeps_who_decided_and_says_who_corrected_what_when_and_why() -> None:
    new = correct(REFUSED, {Field.PERSON: " Anna\x1b[31m Meier ", Field.LANGUAGE: "IT"})
    assert (new.operator, new.corrected_by, new.at, new.why) == ("Léa", "Marc", LATER, "misheard")
    assert (new.corrects, new.language, new.person.split()[-1]) == (7, "it", "Meier")
    assert "\x1b" not in new.person


def test_with_another_reason_goes_its_rule_and_what_was_said_stays() -> None:
    new = correct(REFUSED, {Field.REASON: "not our service"})
    assert (new.reason, new.rule, new.said) == (Reason.NOT_OUR_SERVICE, "R24", SAID)


@pytest.mark.parametrize("language", ["de", "", "frisian"])
def test_the_language_of_an_accepted_call_stays_french_or_english(language: str) -> None:
    """R15"""
    with pytest.raises(Refused, match="was accepted: its language is fr or en") as refused:
        correct(ACCEPTED, {Field.LANGUAGE: language})
    assert refused.value.rule == "R15"
    assert correct(ACCEPTED, {Field.LANGUAGE: "en"}).language == "en"
    assert correct(ACCEPTED, {Field.LANGUAGE: "English"}).language == "en"


def test_a_call_refused_for_its_language_isnt_in_french() -> None:
    """R15"""
    with pytest.raises(Refused, match="refused for its language, which can't be fr"):
        correct(REFUSED, {Field.LANGUAGE: "fr"})
    both = correct(REFUSED, {Field.LANGUAGE: "fr", Field.REASON: "not_infrastructure"})
    assert (both.language, both.reason) == ("fr", Reason.NOT_INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("record", "changes", "why", "says"),
    [
        (REFUSED, {Field.LANGUAGE: "it"}, "  ", "a correction needs a reason why"),
        (REFUSED, {Field.LANGUAGE: "de"}, "typo", "that is what stands in the record of C-000001 already"),
        (REFUSED, {}, "typo", "that is what stands in the record of C-000001 already"),
        (REFUSED, {Field.REASON: "tired"}, "typo", "unknown reason 'tired'"),
        (ACCEPTED, {Field.REASON: "duplicate"}, "typo", "C-000002 was accepted: only a refusal has a reason"),
    ],
)
def test_what_is_no_correction_is_refused(
    record: CallRecord, changes: dict[Field, str], why: str, says: str
) -> None:
    with pytest.raises(OncallError) as refused:
        correct(record, changes, why)
    assert refused.value.message == says
    assert isinstance(refused.value, BadInput | Refused)


def test_only_a_refusal_has_a_reason_to_correct() -> None:
    assert Field.REASON in correctable(REFUSED)
    assert Field.REASON not in correctable(ACCEPTED)
