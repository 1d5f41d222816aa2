"""Calls on the emergency line: how one rings, what is found out, what is written down (R11–R15).

What is found out is a row of steps that are only ever added to: `Answers.of` reads them, the last one of
each kind counting. What was decided is a `CallRecord`; a correction is a new one (R13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.codes import CodeKind, Proof
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.emergency import Contract, Decision, Ending, Facts, Reason, Ruling, Topic
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.messages import NOTHING_SAID, Spoken
from oncall_tui.domain.plans import Plan, PlanTerms


class Origin(StrEnum):
    """How the desk came to know of a call."""

    TELEPHONE = "telephone"
    """A telephone system told of it: its hook, or its control socket."""

    HAND = "hand"


class Step(StrEnum):
    """What is written down while a call goes on. The value of each is a mapping of texts."""

    RANG = "rang"
    PICKED_UP = "picked_up"
    TAKEN_OVER = "taken_over"
    HUNG_UP = "hung_up"
    WHO = "who"
    """`customer` (an id), `name`, `person`; or `stranger` for somebody without a contract."""

    CODE = "code"
    """How a look-up came out: `outcome`; with a proof `proof`, `customer`, `name`, `kind`, `contact`, `by`;
    `unverified` when no further code is taken.
    """

    LANGUAGE = "language"
    """`language`, two or three letters; or what it is called."""

    INFRASTRUCTURE = "infrastructure"
    """`yes` or `no` as `answer`, with a `topic` if it is none."""

    NEEDS_US = "needs_us"
    SERVICE = "service"
    """`service`, and `yes` or `no` for ours and theirs as `answer`."""

    DUPLICATE = "duplicate"
    """`ticket`, the reference of the case that is open."""

    SUMMARY = "summary"
    ENDING = "ending"
    RECORDED = "recorded"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class OnFile:
    """Whom a calling number belongs to, as far as it can be known: a number is claimed, not proven.

    `others` counts the organisations besides `customer` (an id) that have it too.
    """

    customer: str
    name: str
    plan: Plan
    contact: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stands. Instants are UTC.

    `ref` names it, `external_id` is the telephone system's name for it, empty for none. `operator` is who
    picked it up, None while it rings. It stands open until it is `recorded_at` an instant.
    """

    id: int
    ref: str
    external_id: str
    origin: Origin
    number: str
    called: str
    rang_at: datetime
    operator: str | None = None
    picked_up_at: datetime | None = None
    hung_up_at: datetime | None = None
    recorded_at: datetime | None = None
    revision: int = 0
    on_file: OnFile | None = None

    @property
    def rings(self) -> bool:
        """Say whether it can be picked up."""
        return self.operator is None and self.hung_up_at is None and self.recorded_at is None

    @property
    def open(self) -> bool:
        """Say whether nothing was decided yet."""
        return self.recorded_at is None


class CallStep(NamedTuple):
    """One step of a call: when, by whom, what."""

    at: datetime
    operator: str
    step: Step
    value: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of a call by its steps. None and the empty text stand for what nobody asked yet.

    `customer` is the id of the organisation that the caller speaks for, `claimed` says that nothing but the
    calling number tells so. `proof` says how it is proven. `unverified` means that no further code is taken,
    or that there is none. `stranger` is somebody without a contract.
    """

    customer: str = ""
    customer_name: str = ""
    person: str = ""
    claimed: bool = False
    stranger: bool = False
    proof: Proof | None = None
    kind: CodeKind | None = None
    by: str = ""
    unverified: bool = False
    language: str = ""
    infrastructure: bool | None = None
    topic: Topic | None = None
    needs_us: bool | None = None
    service: str = ""
    ours: bool | None = None
    duplicate_of: str = ""
    summary: str = ""
    ending: Ending | None = None

    @classmethod
    def of(cls, steps: Iterable[CallStep], on_file: OnFile | None = None) -> Answers:
        """Return what `steps`, in their order, come to; who is `on_file` for the number is claimed.

        An empty value takes an answer back. Another organisation than the one that was proven takes the
        proof with it.
        """
        answers = cls()
        if on_file is not None and not on_file.others:
            answers = cls(
                customer=on_file.customer, customer_name=on_file.name, person=on_file.contact, claimed=True
            )
        for each in steps:
            read = _READ.get(each.step)
            if read is not None:
                answers = read(answers, each.value)
        return answers

    @property
    def standing(self) -> Standing | None:
        """Return what is proven of the caller, None while nobody has asked (R16, R17)."""
        if self.proof is not None:
            return Standing.USER_ONLY if self.kind is CodeKind.SUPPORT else Standing.VERIFIED
        return Standing.UNVERIFIED if self.unverified else None

    def facts(self, customer: Customer | None, plans: Mapping[Plan, PlanTerms], today: date) -> Facts:
        """Return the facts that decide the call, with the organisation as it is on file.

        `today` is the provider's date: a contract that begins later is none yet.
        """
        return Facts(
            ending=self.ending,
            standing=self.standing,
            contract=_contract(self, customer, plans, today),
            language=self.language,
            infrastructure=self.infrastructure,
            topic=self.topic,
            needs_us=self.needs_us,
            ours=self.ours,
            duplicate=bool(self.duplicate_of),
        )


def _contract(
    answers: Answers, customer: Customer | None, plans: Mapping[Plan, PlanTerms], today: date
) -> Contract | None:
    if answers.stranger:
        return Contract.NOT_ACTIVE
    if customer is None:
        return None
    if customer.subscribed_on is not None and customer.subscribed_on > today:
        return Contract.NOT_BEGUN
    return Contract.LINE if plans[customer.plan].emergency else Contract.NO_LINE


def _who(answers: Answers, value: Mapping[str, str]) -> Answers:
    customer = value.get("customer", "")
    same = customer == answers.customer
    answers = replace(
        answers,
        customer=customer,
        customer_name=value.get("name", ""),
        person=value.get("person", ""),
        stranger=bool(value.get("stranger")),
        claimed=False,
    )
    if same:
        return answers
    # The services on file are those of one organisation, and so are a proof and a case that is open.
    return replace(answers, proof=None, kind=None, by="", service="", ours=None, duplicate_of="")


def _code(answers: Answers, value: Mapping[str, str]) -> Answers:
    if "proof" not in value:
        unverified = bool(value.get("unverified"))
        return replace(answers, unverified=unverified or (answers.unverified and bool(value)))
    who = {"customer": value["customer"], "name": value.get("name", "")}
    contact = value.get("contact", "")
    same = answers.customer == value["customer"]
    who["person"] = contact or (answers.person if same else "")
    if same and answers.standing is Standing.VERIFIED and value.get("kind") == CodeKind.SUPPORT:
        # Who has opened the rights of the plan doesn't lose them by saying who they are as well.
        return _who(answers, who)
    return replace(
        _who(answers, who),
        proof=Proof(value["proof"]),
        kind=CodeKind(value["kind"]) if value.get("kind") else None,
        by=value.get("by", ""),
        unverified=False,
    )


def _answer(value: Mapping[str, str]) -> bool | None:
    return {"yes": True, "no": False}.get(value.get("answer", ""))


def _infrastructure(answers: Answers, value: Mapping[str, str]) -> Answers:
    topic = value.get("topic")
    return replace(answers, infrastructure=_answer(value), topic=Topic(topic) if topic else None)


_READ: Mapping[Step, Callable[[Answers, Mapping[str, str]], Answers]] = {
    Step.WHO: _who,
    Step.CODE: _code,
    Step.LANGUAGE: lambda answers, value: replace(answers, language=value.get("language", "")),
    Step.INFRASTRUCTURE: _infrastructure,
    Step.NEEDS_US: lambda answers, value: replace(answers, needs_us=_answer(value)),
    Step.SERVICE: lambda answers, value: replace(
        answers, service=value.get("service", ""), ours=_answer(value)
    ),
    Step.DUPLICATE: lambda answers, value: replace(answers, duplicate_of=value.get("ticket", "")),
    Step.SUMMARY: lambda answers, value: replace(answers, summary=value.get("summary", "")),
    Step.ENDING: lambda answers, value: replace(
        answers, ending=Ending(value["ending"]) if value.get("ending") else None
    ),
}


@dataclass(frozen=True, slots=True)
class Triage:
    """A call in progress with all that is known of it, and what that comes to.

    `customer` is the organisation as it is on file, None while it isn't known; `emergencies` are the
    references and subjects of its open emergency tickets, which this call may be about too.
    """

    call: Call
    steps: Sequence[CallStep]
    answers: Answers
    facts: Facts
    ruling: Ruling
    customer: Customer | None = None
    emergencies: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is written down of a call that is over: complete, and never changed (R13).

    `call` is its reference. `at` is when it was decided, by `operator`. `said` is the sentence of the
    ruling in both languages, empty for a missed call. `next_step` is what the engineer was told to do.
    `ticket` is the reference of the ticket that came of it, due at `due_at`. `alert` says that the team
    was told. `corrects` is the id of the record that this one takes the place of; `at` is when
    `corrected_by` wrote it then, and `why` says why. `decided_at` is when the call itself was decided.
    """

    id: int
    call: str
    at: datetime
    rang_at: datetime
    operator: str
    decision: Decision
    number: str = ""
    reason: Reason | None = None
    rule: str = ""
    language: str = ""
    customer: str = ""
    customer_name: str = ""
    plan: Plan | None = None
    person: str = ""
    proof: Proof | None = None
    service: str = ""
    infrastructure: bool | None = None
    summary: str = ""
    said: Spoken = NOTHING_SAID
    next_step: str = ""
    ticket: str = ""
    ticket_id: int | None = None
    due_at: datetime | None = None
    alert: bool = False
    external_id: str = ""
    picked_up_at: datetime | None = None
    hung_up_at: datetime | None = None
    corrects: int | None = None
    corrected_by: str = ""
    why: str = ""
    called: str = ""
    decided_at: datetime | None = None
    revision: int = 0


class CallNews(NamedTuple):
    """What there is to tell of the line at the store's `revision`.

    `calls` ring or go on, the longest first; `ended` are those of the calls asked for that neither do any
    more.
    """

    calls: tuple[Call, ...]
    ended: tuple[Call, ...]
    revision: int


class CallCounts(NamedTuple):
    """The calls of a shift, since the instant `since`: by decision, and of the decided ones by language."""

    since: datetime
    decisions: Mapping[Decision, int]
    languages: Mapping[str, int]
