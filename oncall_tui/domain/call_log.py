"""The log of calls: what stands in it of each call, and how a record is corrected (R13, R15).

Records are never changed: a correction is a record of its own that takes the place of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.calls import Answers, Call, CallRecord, CallStep
from oncall_tui.domain.emergency import LANGUAGES, RULES, Decision, Reason
from oncall_tui.domain.errors import BadInput, Refused
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.messages import marked
from oncall_tui.domain.text import NAME_LIMIT, SUBJECT_LIMIT, clean

LANGUAGE_LIMIT = 40
"""Characters of the name of a language."""


class Cursor(NamedTuple):
    """A place in the log: it goes from the newest to the oldest by the instant of the ring (UTC), then id."""

    rang_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One call in the log: as its last record has it, or an open one as it stands.

    `answers` is what is known of an open call so far. `told` says that the team was told of the call.
    """

    call: Call
    record: CallRecord | None = None
    answers: Answers = field(default_factory=Answers)
    told: bool = False

    @property
    def known(self) -> CallRecord | Answers:
        """Return what is known of caller, language and problem."""
        return self.answers if self.record is None else self.record

    @property
    def decision(self) -> Decision | None:
        """Return what became of the call, None while it is open."""
        return None if self.record is None else self.record.decision

    @property
    def reason(self) -> Reason | None:
        """Return why the call was refused, None if it wasn't."""
        return None if self.record is None else self.record.reason

    @property
    def operator(self) -> str:
        """Return who decided the call or has it in hand, empty for nobody."""
        return (self.call.operator or "") if self.record is None else self.record.operator

    @property
    def corrected(self) -> bool:
        """Say whether the record was corrected."""
        return self.record is not None and self.record.corrects is not None

    @property
    def cursor(self) -> Cursor:
        """Return the place of a recorded call in the log."""
        return Cursor(self.call.rang_at, 0 if self.record is None else self.record.id)


def as_it_stood(call: Call, as_of: datetime, operator: str | None) -> Call:
    """Return `call` as it stood at an instant (UTC), in the hands of `operator`, without what came later."""

    def by_then(instant: datetime | None) -> datetime | None:
        return instant if instant is not None and instant <= as_of else None

    return replace(
        call,
        operator=operator,
        picked_up_at=by_then(call.picked_up_at),
        hung_up_at=by_then(call.hung_up_at),
        recorded_at=by_then(call.recorded_at),
    )


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call with every step of it, and its record with all corrections, the first one first."""

    line: LogLine
    steps: Sequence[CallStep]
    records: Sequence[CallRecord]


class Field(StrEnum):
    """What can be corrected in a record."""

    LANGUAGE = "language"
    REASON = "reason"
    PERSON = "person"
    SERVICE = "service"
    SUMMARY = "summary"

    @property
    def label(self) -> str:
        """Return the name of the field in words, of which there are translations."""
        return _LABELS[self]


_LABELS: Mapping[Field, str] = {
    Field.LANGUAGE: marked("language"),
    Field.REASON: marked("reason"),
    Field.PERSON: marked("caller"),
    Field.SERVICE: marked("service"),
    Field.SUMMARY: marked("summary"),
}

_LIMITS: Mapping[Field, int] = {
    Field.LANGUAGE: LANGUAGE_LIMIT,
    Field.PERSON: NAME_LIMIT,
    Field.SERVICE: NAME_LIMIT,
    Field.SUMMARY: SUBJECT_LIMIT,
}


def correctable(record: CallRecord) -> tuple[Field, ...]:
    """Return what can be corrected in `record`: only a refusal has a reason."""
    return tuple(each for each in Field if each is not Field.REASON or record.reason is not None)


def value_of(record: CallRecord, field: Field) -> str:
    """Return what `record` has in `field`, as a correction is written."""
    if field is Field.REASON:
        return record.reason.value if record.reason else ""
    return str(getattr(record, field.value))


def corrected(
    record: CallRecord, changes: Mapping[Field, str], why: str, *, by: str, at: datetime
) -> CallRecord:
    """Return the record that takes the place of `record`, with `changes` that `by` made `at` an instant.

    What was said and done stays what it was; with another reason goes its rule. Raises `BadInput` without
    a `why`, without a change or for a reason that there isn't, `Refused` where the language and the
    decision would say different things (R15).
    """
    why = clean(why, limit=SUBJECT_LIMIT).strip()
    if not why:
        raise BadInput("a correction needs a reason why", hint="both stay in the log", rule="R13")
    told = {field: _told(record, field, text) for field, text in changes.items()}
    changed = {field: text for field, text in told.items() if text != value_of(record, field)}
    if not changed:
        raise BadInput(f"that is what stands in the record of {record.call} already")
    values: dict[str, object] = {field.value: text for field, text in changed.items()}
    if Field.REASON in changed:
        reason = Reason(changed[Field.REASON])
        values |= {"reason": reason, "rule": RULES[reason]}
    new = replace(record, id=0, corrects=record.id, corrected_by=by, at=at, why=why)
    new = replace(new, **values)  # type: ignore[arg-type]  # the fields of the record, each of its type
    _refuse_another_story(new)
    return new


def _told(record: CallRecord, field: Field, text: str) -> str:
    if field is not Field.REASON:
        text = clean(text, limit=_LIMITS[field]).strip()
        return language_named(text.lower()) if field is Field.LANGUAGE else text
    if record.decision is not Decision.REFUSED:
        raise Refused(f"{record.call} was {record.decision}: only a refusal has a reason", rule="R13")
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in list(Reason):
        raise BadInput(f"unknown reason {text[:40]!r}", hint=f"allowed: {', '.join(Reason)}", rule="R13")
    return name


def _refuse_another_story(record: CallRecord) -> None:
    ours = record.language in LANGUAGES
    if record.decision is Decision.ACCEPTED and not ours:
        raise Refused(
            f"{record.call} was accepted: its language is fr or en",
            hint="the database keeps it so",
            rule="R15",
        )
    if record.reason is Reason.OTHER_LANGUAGE and ours:
        raise Refused(
            f"{record.call} was refused for its language, which can't be {record.language}",
            hint="correct the reason as well",
            rule="R15",
        )
