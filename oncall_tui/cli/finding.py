"""What a check of `doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `hint` says what to do; `unreachable` marks a store that can't be reached."""

    name: str
    state: State
    message: str
    hint: str = ""
    unreachable: bool = False
