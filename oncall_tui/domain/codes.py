"""Codes as they are heard, and what a look-up makes of them (R16, R17, R18).

A VIP code belongs to a premium organisation and opens the rights of its plan, a support code belongs
to a user and opens none. The authorisation code of a domain transfer is neither. What a caller reads out
is read here; whose it is, the store knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from unicodedata import category, decimal

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.plans import Plan

SHORTEST, LONGEST = 4, 32
"""Digits between which the settings may choose the length of a code."""

HEARD_LIMIT = 200
"""Characters that are looked at: what is longer is no code."""

TRANSFER_LENGTHS = range(6, 33)
"""Characters of the authorisation code of a domain transfer."""


class CodeKind(StrEnum):
    """What a code identifies (R16)."""

    VIP = "vip"
    SUPPORT = "support"


class Outcome(StrEnum):
    """What a look-up comes to."""

    MATCH = "match"
    MISHEARD = "misheard"
    NO_MATCH = "no_match"
    WAIT = "wait"
    REVOKED = "revoked"
    TRANSFER_CODE = "transfer_code"


WRONG = (Outcome.NO_MATCH, Outcome.REVOKED)
"""The outcomes that count as a wrong code (R18)."""

UNCLEAR = (Outcome.MISHEARD, Outcome.TRANSFER_CODE)
"""The outcomes that say nothing about whether the caller has a code: they are asked again (R17)."""


@dataclass(frozen=True, slots=True)
class CodeRules:
    """The settings of codes and their limits; the defaults are those of R16, R17 and R18.

    `trust` is how long a proven code counts, None for the call it was read out in. `waits` are the
    first pause after too many wrong codes, the next one, and so on; the last one stays.
    """

    shortest: int = 6
    longest: int = 12
    length: int = 9
    check_digit: bool = False
    mask: bool = False
    trust: timedelta | None = None
    wrong_per_call: int = 3
    misheard_per_call: int = 5
    wrong: int = 5
    within: timedelta = timedelta(minutes=15)
    waits: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60))
    wrong_per_day: int = 20

    def __post_init__(self) -> None:
        if self.shortest > self.longest:
            raise BadSettings(
                f"codes.shortest = {self.shortest} is more than codes.longest = {self.longest}",
                hint=f"allowed: codes.shortest up to codes.longest, both from {SHORTEST} to {LONGEST}",
                rule="R16",
            )
        if not self.shortest <= self.length <= self.longest:
            raise BadSettings(
                f"codes.length = {self.length} is not between codes.shortest and codes.longest",
                hint=f"allowed: {self.shortest} to {self.longest}",
                rule="R16",
            )


DEFAULT_CODES = CodeRules()


class Heard(NamedTuple):
    """What was read out: the `digits` of a possible code, or an outcome that needs no look-up."""

    digits: str
    unclear: Outcome | None = None


def heard(text: str, rules: CodeRules) -> Heard:
    """Read a code as it was typed or pasted (R16, R17).

    Spaces, dots, dashes and no-break spaces are ignored, and digits of any script count. A wrong number
    of digits, a check digit that fails and anything else that no code can be are misheard; letters and
    digits as a registrar makes them are the authorisation code of a domain transfer.
    """
    kept = _without_separators(text[: HEARD_LIMIT + 1])
    digits = "".join(kept)
    if len(text) <= HEARD_LIMIT and digits.isascii() and digits.isdigit():
        right = rules.shortest <= len(digits) <= rules.longest
        if right and (not rules.check_digit or damm(digits) == 0):
            return Heard(digits)
        return Heard("", Outcome.MISHEARD)
    if len(text) <= HEARD_LIMIT and _is_transfer_code("".join(text.split())):
        return Heard("", Outcome.TRANSFER_CODE)
    return Heard("", Outcome.MISHEARD)


def is_separator(character: str) -> bool:
    """Say whether `character` only groups the digits of a code."""
    return character in "._·\u2212" or character.isspace() or category(character) in ("Zs", "Pd", "Cf")


def digit(character: str) -> str:
    """Return the ASCII digit that `character`, of whatever script, stands for, empty if for none."""
    value = decimal(character, None)
    return "" if value is None else str(value)


def _without_separators(text: str) -> list[str]:
    return [digit(character) or character for character in text if not is_separator(character)]


def _is_transfer_code(text: str) -> bool:
    return (
        len(text) in TRANSFER_LENGTHS
        and text.isascii()
        and text.isprintable()
        and any(character.isalpha() for character in text)
        and any(character.isdigit() for character in text)
    )


def grouped(digits: str) -> str:
    """Return `digits` in groups of three, as they are read out."""
    return " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))


_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def damm(digits: str) -> int:
    """Return the check digit of `digits` after H. M. Damm, 0 for digits that end with their own.

    It finds every single wrong digit and every two neighbours that changed places.
    """
    interim = 0
    for character in digits:
        interim = _DAMM[interim][int(character)]
    return interim


def new_code(rules: CodeRules, below: Callable[[int], int]) -> str:
    """Return a fresh code of `rules.length` digits; `below(n)` draws a whole number from 0 to n - 1."""
    length = rules.length - rules.check_digit
    digits = str(below(10**length)).zfill(length)
    return f"{digits}{damm(digits)}" if rules.check_digit else digits


class Code:
    """The digits of a code on their way, which no trace, log or debugger's line shows (R19)."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def reveal(self) -> str:
        """Return the digits, for the one place that needs them."""
        return self._digits

    def __repr__(self) -> str:
        return "Code(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and self._digits == other._digits

    def __hash__(self) -> int:
        return hash(self._digits)


@dataclass(frozen=True, slots=True)
class CodeState:
    """That there is a code, without its digits. `contact` is the user of a support code."""

    kind: CodeKind
    contact: str
    issued_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who calls, before any code.

    `call` names the call, over which wrong codes are counted; None where each look-up is one of its own.
    `number` is the calling number as it was given or shown, `customer` the id of the organisation that
    the caller claims to speak for; both may be empty.
    """

    call: str | None = None
    number: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look-up came to, at the instant `at`.

    `customer` (an id), `customer_name` and `plan` are of the organisation that the code belongs to, and
    `contact` is the user whose support code it is: of a match, and of a code that was `revoked_at` an
    instant. `wait_until` is when codes are looked at again, None where it is no matter of time:
    `unverified` says that the caller has had the last try of this call (R18). `attempts_left` counts the
    wrong codes that are still taken. With `alert` the desk as a whole has had too many in a day. A pause
    `for_want_of_a_number` is that of the engineer, who counts where no number is known.
    """

    outcome: Outcome
    at: datetime
    kind: CodeKind | None = None
    customer: str | None = None
    customer_name: str | None = None
    plan: Plan | None = None
    contact: str = ""
    wait_until: datetime | None = None
    attempts_left: int = 0
    unverified: bool = False
    revoked_at: datetime | None = None
    alert: bool = False
    for_want_of_a_number: bool = False


class Proof(StrEnum):
    """How a caller was known to speak for an organisation: by a code (R17), or without one (R14)."""

    CODE = "code"
    CALL_BACK = "call-back"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Verification:
    """That a caller speaks for the organisation `customer` (an id).

    `kind` is that of the code, None without one. It counts in the call `call` only, or everywhere
    `until` an instant. `by` is the second engineer of an approval, or the number that was called back.
    """

    customer: str
    proof: Proof
    at: datetime
    kind: CodeKind | None = None
    contact: str = ""
    call: str | None = None
    until: datetime | None = None
    by: str = ""

    def holds(self, call: str | None, now: datetime) -> bool:
        """Say whether it counts in the call `call` at `now`."""
        if self.until is not None:
            return now < self.until
        return call is not None and call == self.call

    @property
    def opens_rights(self) -> bool:
        """Say whether the rights of the plan are open: a support code opens none (R16)."""
        return self.kind is not CodeKind.SUPPORT
