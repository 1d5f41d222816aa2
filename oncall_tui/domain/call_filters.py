"""The filter language of the log's `/` and of `oncall-tui call list --filter`.

Blanks part the terms, and all must fit: `language:fr`, `decision:refused`, `reason:other`, `engineer:léa` or
`me`, `day:2026-11-26` or `today`; a comma parts several values of which one is enough. Other words are
those of one organisation: its name, its id or a number of it on file. `!` before a term turns it round. A
filter is also understood while it is being typed: `reason:` asks for nothing yet.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from oncall_tui.domain.call_log import LogLine
from oncall_tui.domain.emergency import LANGUAGES, Decision, Reason
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.filters import TERMS_LIMIT, TEXT_LIMIT
from oncall_tui.domain.folding import fold
from oncall_tui.domain.text import clean

Named = TypeVar("Named", bound=StrEnum)

_VALUE = r'(?:"[^"]*"?|[^ ,]*)'
_TERM = re.compile(
    r"(?P<no>!?+)(?:"
    rf"(?P<key>language|decision|reason|engineer|day):(?P<values>{_VALUE}(?:,{_VALUE})*)"
    r'|"(?P<phrase>[^"]*)"?'
    r"|(?P<word>[^ ]+))",
    re.IGNORECASE | re.ASCII,
)
_VALUES = re.compile(r'"(?P<phrase>[^"]*)"?|(?P<word>[^,]+)')
_DAYS = {"today": 0, "yesterday": -1}


class Seen(NamedTuple):
    """What a filter depends on besides the calls: who looks, the provider's zone and date, and the ids of
    the organisations that words mean, as far as they were looked for.
    """

    operator: str
    zone: ZoneInfo
    today: date
    organisations: Mapping[Organisation, Collection[str]]


@dataclass(frozen=True, slots=True)
class LanguageIs:
    """One of several languages, folded, or the beginning of one; `other` is neither French nor English,
    `none` stands for a call without one.
    """

    names: tuple[str, ...]

    def among(self, languages: Collection[str]) -> tuple[str, ...]:
        """Return those of `languages` that are meant."""
        return tuple(each for each in languages if any(self._means(name, each) for name in self.names))

    @staticmethod
    def _means(name: str, language: str) -> bool:
        if not language or name == "none":
            return not language and name == "none"
        if name == "other":
            return language not in LANGUAGES
        # The languages of the line are no beginnings: `en` isn't the one of a name.
        return fold(language) == name if name in LANGUAGES else fold(language).startswith(name)


@dataclass(frozen=True, slots=True)
class DecisionIn:
    """One of several decisions."""

    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class ReasonIn:
    """One of several reasons of a refusal."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class EngineerIs:
    """Who looks (`me`), nobody (`none`), or anybody with one of `parts`, folded, in the name."""

    me: bool
    none: bool
    parts: tuple[str, ...]

    def among(self, engineers: Collection[str], operator: str) -> tuple[str, ...]:
        """Return those of `engineers` that are meant when `operator` asks."""
        return tuple(each for each in engineers if self._means(each, operator))

    def _means(self, engineer: str, operator: str) -> bool:
        if not engineer:
            return self.none
        return (self.me and engineer == operator) or any(part in fold(engineer) for part in self.parts)


@dataclass(frozen=True, slots=True)
class DayIn:
    """One of several days of the provider: dates, or so many days from today."""

    days: tuple[date | int, ...]

    def dates(self, today: date) -> list[date]:
        """Return the dates that are meant on the day `today`."""
        return [today + timedelta(days=each) if isinstance(each, int) else each for each in self.days]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with all words of `text`, folded, in its id and name, or with that number on file."""

    text: str


Condition = LanguageIs | DecisionIn | ReasonIn | EngineerIs | DayIn | Organisation


class Term(NamedTuple):
    """A condition, and whether it must fit or must not."""

    condition: Condition
    wanted: bool


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Terms that must all fit. `text` is what was typed, harmless to show; without terms it is false."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> CallFilter:
        """Read what somebody types.

        Raises `BadInput` for a value that its key doesn't know, naming both and what is allowed, and
        for more than `TEXT_LIMIT` characters or `TERMS_LIMIT` terms.
        """
        text = " ".join(text.splitlines()).replace("\t", " ").strip()
        if len(text) > TEXT_LIMIT:
            raise BadInput(f"a filter has at most {TEXT_LIMIT} characters", hint="fewer words find more")
        shown = clean(text, limit=4 * TEXT_LIMIT)
        terms = tuple(_terms_of(shown))
        if len(terms) > TERMS_LIMIT:
            raise BadInput(f"a filter has at most {TERMS_LIMIT} terms", hint="fewer words find more")
        return cls(shown, terms)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, line: LogLine, seen: Seen) -> bool:
        """Say whether `line` fits every term."""
        return all(fits(term.condition, line, seen) is term.wanted for term in self.terms)


def fits(condition: Condition, line: LogLine, seen: Seen) -> bool:
    """Say whether `line` fits `condition`."""
    match condition:
        case LanguageIs():
            return bool(condition.among([line.known.language]))
        case DecisionIn(decisions):
            return line.decision in decisions
        case ReasonIn(reasons):
            return line.reason in reasons
        case EngineerIs():
            return bool(condition.among([line.operator], seen.operator))
        case DayIn():
            return line.call.rang_at.astimezone(seen.zone).date() in condition.dates(seen.today)
        case Organisation():
            return line.known.customer in seen.organisations.get(condition, ())


def day_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) between which `day` lies in `zone`; the second is no longer of it (R2)."""
    begins, ends = (datetime.combine(day + timedelta(days=more), time(), zone) for more in (0, 1))
    return begins.astimezone(UTC), ends.astimezone(UTC)


class _Value(NamedTuple):
    text: str
    quoted: bool

    @property
    def folded(self) -> str:
        return fold(self.text).strip()


def _terms_of(text: str) -> Iterator[Term]:
    words: list[str] = []
    for found in _TERM.finditer(text):
        if found["key"] is not None:
            condition = _condition(found)
            if condition is not None:
                yield Term(condition, wanted=not found["no"])
            continue
        said = fold(found["word"] if found["phrase"] is None else found["phrase"]).strip()
        if said and found["no"]:
            yield Term(Organisation(said), wanted=False)
        elif said:
            # A number has blanks in it, as a name has: all words together mean one organisation.
            words.append(said)
    if words:
        yield Term(Organisation(" ".join(words)), wanted=True)


def _condition(found: re.Match[str]) -> Condition | None:
    """Return what the term asks for, None while it asks for nothing yet."""
    values = [value for value in _values(found["values"]) if value.folded]
    if not values:
        return None
    match found["key"].lower():
        case "language":
            return LanguageIs(tuple(value.folded for value in values))
        case "decision" as key:
            return DecisionIn(_meant(key, values, Decision))
        case "reason" as key:
            return ReasonIn(_meant(key, values, Reason))
        case "engineer":
            return _engineer(values)
        case _:
            return DayIn(tuple(map(_day, values)))


def _values(text: str) -> Iterator[_Value]:
    for found in _VALUES.finditer(text):
        quoted = found["phrase"] is not None
        yield _Value(found["phrase"] if quoted else found["word"], quoted)


def _meant(key: str, values: Collection[_Value], known: type[Named]) -> tuple[Named, ...]:
    """Return those of `known` whose name begins with one of `values`."""
    meant: dict[Named, None] = {}
    for value in values:
        beginning = value.folded.replace("-", "_").replace(" ", "_")
        fitting = [each for each in known if each.value.startswith(beginning)]
        if not fitting:
            raise BadInput(
                f"{key}:{value.text[:40]} fits no {key} of a call", hint=f"allowed: {', '.join(known)}"
            )
        meant |= dict.fromkeys(fitting)
    return tuple(meant)


def _engineer(values: Collection[_Value]) -> EngineerIs:
    # In quotation marks it is somebody's name.
    words = {value.folded for value in values if not value.quoted} & {"me", "none"}
    names = (value.folded for value in values if value.quoted or value.folded not in words)
    return EngineerIs("me" in words, "none" in words, tuple(names))


def _day(value: _Value) -> date | int:
    for name, away in _DAYS.items():
        if name.startswith(value.folded):
            return away
    try:
        day = date.fromisoformat(value.folded)
    except ValueError:
        day = date.min
    # Compared before any conversion, which would overflow at the ends of the calendar.
    if not 1980 <= day.year < 2200:
        raise BadInput(
            f"day:{value.text[:40]} is no day",
            hint="write day:2026-11-26, day:today or day:yesterday",
        )
    return day
