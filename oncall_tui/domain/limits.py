"""How many wrong codes are taken, and what follows when there were too many (R17, R18). Pure: whoever
counts hands the numbers in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall_tui.domain.codes import UNCLEAR, WRONG, CodeRules, Outcome


@dataclass(frozen=True, slots=True)
class Counts:
    """Wrong and unclear codes so far: of the call, and for each subject of a limit (the caller, an
    organisation) within the time that counts.
    """

    in_call: Mapping[Outcome, int]
    of_subjects: Mapping[str, int]

    @property
    def wrong_in_call(self) -> int:
        """Return the wrong codes of this call."""
        return sum(self.in_call.get(outcome, 0) for outcome in WRONG)

    @property
    def unclear_in_call(self) -> int:
        """Return the codes of this call that were asked for again."""
        return sum(self.in_call.get(outcome, 0) for outcome in UNCLEAR)


def call_is_over(rules: CodeRules, counts: Counts) -> bool:
    """Say whether the call stays unverified: its last wrong code was taken (R18)."""
    return counts.wrong_in_call >= rules.wrong_per_call


def asked_again_too_often(rules: CodeRules, counts: Counts) -> bool:
    """Say whether a code that is unclear once more counts as a wrong one (R17)."""
    return counts.unclear_in_call >= rules.misheard_per_call


def attempts_left(rules: CodeRules, counts: Counts, *, in_a_call: bool) -> int:
    """Return how many wrong codes are still taken."""
    left = [rules.wrong - number for number in counts.of_subjects.values()]
    if in_a_call:
        left.append(rules.wrong_per_call - counts.wrong_in_call)
    return max(min(left, default=rules.wrong), 0)


def counted_from(rules: CodeRules, now: datetime, last_wait_began: datetime | None) -> datetime:
    """Return the instant after which wrong codes count: a pause begins the count anew."""
    begin = now - rules.within
    return begin if last_wait_began is None else max(begin, last_wait_began)


def next_wait(rules: CodeRules, waits_so_far: int) -> timedelta:
    """Return how long the next pause is after `waits_so_far` in the last day: 15, 30, then 60 min."""
    return rules.waits[min(waits_so_far, len(rules.waits) - 1)]
