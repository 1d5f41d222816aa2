"""What the pictures of a call are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.style import Style

from oncall_tui.domain.calls import Answers, CallRecord, Triage
from oncall_tui.domain.messages import Message
from oncall_tui.domain.plans import Plan, PlanTerms
from oncall_tui.domain.triage import Row

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""


class Offer(NamedTuple):
    """A key as a person reads it, and what it answers."""

    key: str
    label: str


class Unstored(NamedTuple):
    """Answers that couldn't be stored: on which lines, what would be known with them, and why not."""

    rows: frozenset[Row]
    answers: Answers
    why: str


class CallView(NamedTuple):
    """A call as it is shown at `now` (UTC), with the cursor on `row`.

    `offers` are the keys that answer there, `choices` those that stand for a name each. `hints` are the
    keys of what is told at the foot, by action. `next_step` is what would follow a refusal. `record` is
    what was written down; `notice` says why nothing can be answered, or what has to be known besides.
    """

    triage: Triage
    row: Row
    now: datetime
    zone: ZoneInfo
    plans: Mapping[Plan, PlanTerms]
    key: Callable[[str], str]
    offers: Sequence[Offer] = ()
    choices: Sequence[Offer] = ()
    notices: Sequence[str] = ()
    next_step: Message | None = None
    record: CallRecord | None = None
    unstored: Unstored | None = None
    answerable: bool = True
