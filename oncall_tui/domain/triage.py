"""The way through a call, a line a question (R12): where one begins, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from oncall_tui.domain.calls import Step, Triage
from oncall_tui.domain.emergency import LANGUAGES, Decision, Question, Reason
from oncall_tui.domain.messages import marked


class Row(StrEnum):
    """A line of the call: the questions of R12, and what the engineer writes down at last."""

    WHO = "who"
    CODE = "code"
    PLAN = "plan"
    LANGUAGE = "language"
    INFRASTRUCTURE = "infrastructure"
    NEEDS_US = "needs_us"
    SERVICE = "service"
    SUMMARY = "summary"

    @property
    def question(self) -> Question | None:
        """Return the question that the line is about, None for the summary."""
        return None if self is Row.SUMMARY else Question(self.value)

    @property
    def label(self) -> str:
        """Return what stands before the answer, of which there are translations."""
        return _LABELS[self]


ROWS = tuple(Row)

_LABELS: Mapping[Row, str] = {
    Row.WHO: marked("Who"),
    Row.CODE: marked("Code"),
    Row.PLAN: marked("Plan"),
    Row.LANGUAGE: marked("Language"),
    Row.INFRASTRUCTURE: marked("Infrastructure"),
    Row.NEEDS_US: marked("Needs us"),
    Row.SERVICE: marked("Service"),
    Row.SUMMARY: marked("Summary"),
}

_FOUND_OUT = frozenset(Step) - {Step.RANG, Step.PICKED_UP, Step.TAKEN_OVER, Step.HUNG_UP}

# Nobody is there to be asked, or the team knows already.
_NOT_ASKED = frozenset({Reason.ABANDONED, Reason.WRONG_NUMBER, Reason.DUPLICATE})


def is_open(triage: Triage, row: Row) -> bool:
    """Say whether the answer on the line `row` is needed and missing."""
    return row.question in triage.ruling.missing


def first_open(triage: Triage) -> Row:
    """Return the line where one goes on: the first that is missing, at last the summary.

    On a refusal that stands before anybody asked, whether it is about infrastructure: nothing hides an
    outage (R14).
    """
    ruling = triage.ruling
    if may_hide_an_outage(triage):
        return Row.INFRASTRUCTURE
    return Row(ruling.missing[0].value) if ruling.missing else Row.SUMMARY


def may_hide_an_outage(triage: Triage) -> bool:
    """Say whether the call is refused without anybody having asked about infrastructure (R14)."""
    ruling, facts = triage.ruling, triage.facts
    refused = ruling.decision is Decision.REFUSED
    return refused and facts.infrastructure is None and ruling.reason not in _NOT_ASKED


def begins_at(triage: Triage) -> Row:
    """Return the line where a call that is opened begins: who calls, or where it was left."""
    found_out = any(each.step in _FOUND_OUT for each in triage.steps)
    return first_open(triage) if found_out else Row.WHO


def after(triage: Triage, row: Row) -> Row:
    """Return the line to go on to from `row`: the next that is missing, at last the summary."""
    later = ROWS[ROWS.index(row) + 1 :]
    return next((each for each in later if is_open(triage, each)), Row.SUMMARY)


def follows(triage: Triage, row: Row) -> Row:
    """Return the line to be on after an answer, from `row`: that one while it is missing still."""
    if is_open(triage, row):
        return row
    wants_topic = triage.facts.infrastructure is False and triage.facts.topic is None
    if row is Row.INFRASTRUCTURE and wants_topic and triage.ruling.reason is Reason.NOT_INFRASTRUCTURE:
        return row
    return first_open(triage)


def spoken_first(triage: Triage) -> str:
    """Return in which language of the line to speak first: the caller's, else their organisation's, else
    French.
    """
    customer = triage.customer
    wanted = (triage.answers.language, customer.language.lower()[:2] if customer else "")
    return next((each for each in wanted if each in LANGUAGES), "fr")
