"""Who may use the emergency line, and what is said to those who may not (R11–R15, R24).

`rule_on` is the whole decision: the facts of a call in, one ruling out. The first answer in the order of
the questions (R12) that stands against the call decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.messages import Message, marked

LANGUAGES = ("fr", "en")
"""The languages of the line (R11, R15)."""


class Decision(StrEnum):
    """What became of a call. A call that nobody answered is missed: nobody decided."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    MISSED = "missed"


class Reason(StrEnum):
    """Why a call is refused (R13)."""

    ABANDONED = "abandoned"
    WRONG_NUMBER = "wrong_number"
    CALLER_NOT_VERIFIED = "caller_not_verified"
    NO_ACTIVE_PLAN = "no_active_plan"
    PLAN_WITHOUT_LINE = "plan_without_line"
    OTHER_LANGUAGE = "other_language"
    NOT_INFRASTRUCTURE = "not_infrastructure"
    NO_INTERVENTION_NEEDED = "no_intervention_needed"
    NOT_OUR_SERVICE = "not_our_service"
    DUPLICATE = "duplicate"

    @property
    def label(self) -> str:
        """Return the reason in words, of which there are translations."""
        return REASON_LABELS[self]


REASON_LABELS: Mapping[Reason, str] = {
    Reason.ABANDONED: marked("caller hung up"),
    Reason.WRONG_NUMBER: marked("wrong number"),
    Reason.CALLER_NOT_VERIFIED: marked("caller not verified"),
    Reason.NO_ACTIVE_PLAN: marked("no active plan"),
    Reason.PLAN_WITHOUT_LINE: marked("plan without the line"),
    Reason.OTHER_LANGUAGE: marked("other language"),
    Reason.NOT_INFRASTRUCTURE: marked("not infrastructure"),
    Reason.NO_INTERVENTION_NEEDED: marked("needs nothing of us"),
    Reason.NOT_OUR_SERVICE: marked("not our service"),
    Reason.DUPLICATE: marked("known already"),
}


class Ending(StrEnum):
    """How a call ended before it was decided."""

    ABANDONED = "abandoned"
    WRONG_NUMBER = "wrong_number"


class Contract(StrEnum):
    """What the organisation of the caller has bought (R11)."""

    LINE = "line"
    """A plan with the emergency line."""

    NO_LINE = "no_line"

    NOT_BEGUN = "not_begun"
    """One that begins later."""

    NOT_ACTIVE = "not_active"
    """No contract with us."""


class Topic(StrEnum):
    """What a call is about that isn't about infrastructure (R24)."""

    THIRD_PARTY = "third_party"
    WEB_DEVELOPMENT = "web_development"
    HOW_TO = "how_to"

    @property
    def label(self) -> str:
        """Return the topic in words, of which there are translations."""
        return TOPIC_LABELS[self]


TOPIC_LABELS: Mapping[Topic, str] = {
    Topic.THIRD_PARTY: marked("third-party application"),
    Topic.WEB_DEVELOPMENT: marked("web development"),
    Topic.HOW_TO: marked("how-to question"),
}


class Question(StrEnum):
    """What the engineer finds out, in the order of R12."""

    WHO = "who"
    CODE = "code"
    PLAN = "plan"
    LANGUAGE = "language"
    INFRASTRUCTURE = "infrastructure"
    NEEDS_US = "needs_us"
    SERVICE = "service"


class NextStep(StrEnum):
    """What happens after a refusal (R13). `TICKET` is one by e-mail, `CASE` the one that is open already."""

    TICKET = "ticket"
    CASE = "case"
    CALL_BACK = "call_back"
    OPENING_HOURS = "opening_hours"
    GUIDE = "guide"
    PARTNER = "partner"
    WRITE = "write"
    NOTHING = "nothing"


class Facts(NamedTuple):
    """What is known of a call; None and the empty text stand for what nobody has asked yet.

    `standing` is what is proven of the caller, `contract` what the organisation has bought, `language`
    the caller's, `infrastructure` and `needs_us` whether the problem is one of the provider's infrastructure
    and needs the provider's intervention. `ours` says that the service is the provider's and the
    organisation's, `duplicate` that the same problem is open as an emergency already.
    """

    ending: Ending | None = None
    standing: Standing | None = None
    contract: Contract | None = None
    language: str = ""
    infrastructure: bool | None = None
    topic: Topic | None = None
    needs_us: bool | None = None
    ours: bool | None = None
    duplicate: bool = False


class Ruling(NamedTuple):
    """What the facts of a call come to.

    `decision` is None while questions are `missing`. A refusal has a `reason`, the number of the `rule`
    behind it, the sentence to `say` and the `next_step`. With `alert` the team is told: an accepted call,
    or a refused one about infrastructure (R14).
    """

    decision: Decision | None
    missing: tuple[Question, ...] = ()
    reason: Reason | None = None
    rule: str = ""
    say: Message | None = None
    next_step: NextStep | None = None
    alert: bool = False


def rule_on(facts: Facts) -> Ruling:
    """Return what `facts` come to: accepted, refused with everything a refusal needs, or open.

    The reason of a refusal is the first in the order of R12 that stands: who isn't verified is told
    nothing of a contract. What was answered stays in force while something else is missing: nobody is
    kept on the telephone for an answer that can't help.
    """
    reason = _against(facts)
    if reason is not None:
        return Ruling(
            Decision.REFUSED,
            reason=reason,
            rule=_rule(reason, facts),
            say=Message(_sentence(reason, facts)),
            next_step=_next_step(reason, facts),
            alert=facts.infrastructure is True,
        )
    missing = tuple(_missing(facts))
    if missing:
        return Ruling(None, missing)
    return Ruling(Decision.ACCEPTED, rule="R11", say=Message(ACCEPTED_SENTENCE), alert=True)


def against(question: Question, facts: Facts) -> Reason | None:
    """Return the reason to refuse that the answer to `question` alone gives, None if there is none."""
    return _REFUSES[question](facts)


def rule_of(question: Question, facts: Facts) -> str:
    """Return the number of the rule by which the answer to `question` counts, for the call or against it."""
    reason = against(question, facts)
    return _ASKED_BY[question] if reason is None else _rule(reason, facts)


def _against(facts: Facts) -> Reason | None:
    if facts.ending is not None:
        return Reason(facts.ending.value)
    for question in Question:
        if (reason := _REFUSES[question](facts)) is not None:
            return reason
    return Reason.DUPLICATE if facts.duplicate else None


def _missing(facts: Facts) -> list[Question]:
    answered = {
        Question.WHO: facts.contract is not None,
        Question.CODE: facts.standing is not None,
        Question.PLAN: facts.contract is not None,
        Question.LANGUAGE: bool(facts.language),
        Question.INFRASTRUCTURE: facts.infrastructure is not None,
        Question.NEEDS_US: facts.needs_us is not None,
        Question.SERVICE: facts.ours is not None,
    }
    return [question for question in Question if not answered[question]]


def _of_code(facts: Facts) -> Reason | None:
    unproven = facts.standing in (Standing.UNVERIFIED, Standing.USER_ONLY)
    return Reason.CALLER_NOT_VERIFIED if unproven else None


def _of_plan(facts: Facts) -> Reason | None:
    if facts.contract is Contract.NOT_ACTIVE:
        return Reason.NO_ACTIVE_PLAN
    # What an organisation has bought is told to nobody who isn't known to speak for it.
    if facts.standing is not Standing.VERIFIED:
        return None
    reasons = {Contract.NO_LINE: Reason.PLAN_WITHOUT_LINE, Contract.NOT_BEGUN: Reason.NO_ACTIVE_PLAN}
    return None if facts.contract is None else reasons.get(facts.contract)


def _of_language(facts: Facts) -> Reason | None:
    return Reason.OTHER_LANGUAGE if facts.language and facts.language not in LANGUAGES else None


_REFUSES: Mapping[Question, Callable[[Facts], Reason | None]] = {
    Question.WHO: lambda _: None,
    Question.CODE: _of_code,
    Question.PLAN: _of_plan,
    Question.LANGUAGE: _of_language,
    Question.INFRASTRUCTURE: lambda facts: (
        Reason.NOT_INFRASTRUCTURE if facts.infrastructure is False else None
    ),
    Question.NEEDS_US: lambda facts: Reason.NO_INTERVENTION_NEEDED if facts.needs_us is False else None,
    Question.SERVICE: lambda facts: Reason.NOT_OUR_SERVICE if facts.ours is False else None,
}

RULES: Mapping[Reason, str] = {
    Reason.ABANDONED: "R13",
    Reason.WRONG_NUMBER: "R13",
    Reason.CALLER_NOT_VERIFIED: "R14",
    Reason.NO_ACTIVE_PLAN: "R11",
    Reason.PLAN_WITHOUT_LINE: "R11",
    Reason.OTHER_LANGUAGE: "R11",
    Reason.NOT_INFRASTRUCTURE: "R11",
    Reason.NO_INTERVENTION_NEEDED: "R11",
    Reason.NOT_OUR_SERVICE: "R24",
    Reason.DUPLICATE: "R13",
}
"""The rule behind each reason, where nothing else is known of the call."""


def _rule(reason: Reason, facts: Facts) -> str:
    if reason is Reason.NOT_INFRASTRUCTURE and facts.topic in (Topic.THIRD_PARTY, Topic.WEB_DEVELOPMENT):
        return "R24"
    if reason is Reason.CALLER_NOT_VERIFIED and facts.standing is Standing.USER_ONLY:
        return "R16"
    return RULES[reason]


_ASKED_BY: Mapping[Question, str] = {
    Question.WHO: "R12",
    Question.CODE: "R17",
    Question.PLAN: "R11",
    Question.LANGUAGE: "R11",
    Question.INFRASTRUCTURE: "R11",
    Question.NEEDS_US: "R11",
    Question.SERVICE: "R24",
}

_NEXT_STEPS: Mapping[Reason, NextStep] = {
    Reason.ABANDONED: NextStep.CALL_BACK,
    Reason.WRONG_NUMBER: NextStep.NOTHING,
    Reason.CALLER_NOT_VERIFIED: NextStep.CALL_BACK,
    Reason.NO_ACTIVE_PLAN: NextStep.OPENING_HOURS,
    Reason.PLAN_WITHOUT_LINE: NextStep.TICKET,
    Reason.OTHER_LANGUAGE: NextStep.WRITE,
    Reason.NOT_INFRASTRUCTURE: NextStep.TICKET,
    Reason.NO_INTERVENTION_NEEDED: NextStep.GUIDE,
    Reason.NOT_OUR_SERVICE: NextStep.PARTNER,
    Reason.DUPLICATE: NextStep.CASE,
}


def _next_step(reason: Reason, facts: Facts) -> NextStep:
    if reason is Reason.NOT_INFRASTRUCTURE and facts.topic in (Topic.THIRD_PARTY, Topic.WEB_DEVELOPMENT):
        return NextStep.PARTNER
    return _NEXT_STEPS[reason]


# What is said. A refusal says what will happen and never blames; it is read out at 3 a.m.

ACCEPTED_SENTENCE = marked(
    "Thank you, that is an emergency for us. I am opening a ticket now, and we will tell you as soon as work "
    "on it has begun."
)

_SENTENCES: Mapping[Reason, str] = {
    Reason.ABANDONED: marked("Hello, this is the support. We were cut off: can you hear me?"),
    Reason.WRONG_NUMBER: marked(
        "This is the emergency line of the support. You have dialled a wrong number."
    ),
    Reason.CALLER_NOT_VERIFIED: marked(
        "I can't verify who is calling. I will hang up and call back on the number that we have on file for "
        "your organisation."
    ),
    Reason.NO_ACTIVE_PLAN: marked(
        "I can't find an active Premium Support contract. Our support answers by e-mail every day and by "
        "telephone on weekdays."
    ),
    Reason.PLAN_WITHOUT_LINE: marked(
        "Your plan doesn't include the emergency line. I am writing your request down now, and you will get "
        "an answer by e-mail."
    ),
    Reason.OTHER_LANGUAGE: marked(
        "On this line we speak French and English only. Please have somebody call who speaks one of them, or "
        "write us an e-mail."
    ),
    Reason.NOT_INFRASTRUCTURE: marked(
        "The emergency line is for failures of our infrastructure. I am writing your request down now, and "
        "you will get an answer by e-mail."
    ),
    Reason.NO_INTERVENTION_NEEDED: marked(
        "Our infrastructure is working, and there is nothing for us to repair. Please ask who looks after "
        "your network or your connection; our guides show what to check first."
    ),
    Reason.NOT_OUR_SERVICE: marked(
        "That service isn't one of those that you have with us. Please ask whoever provides it; our partners "
        "can help you too."
    ),
    Reason.DUPLICATE: marked(
        "We know of this failure and are working on it. I am adding your call to the case that is open."
    ),
}

_OUTSIDE = marked(
    "That is outside what our support can do: the application or the site isn't ours. Our guides and our "
    "partners can help you."
)
_SUPPORT_CODE = marked(
    "That code is yours as a user, but it doesn't open the emergency line. I need the VIP code of your "
    "organisation; without it I will call back on the number that we have on file."
)


def _sentence(reason: Reason, facts: Facts) -> str:
    if reason is Reason.NOT_INFRASTRUCTURE and facts.topic in (Topic.THIRD_PARTY, Topic.WEB_DEVELOPMENT):
        return _OUTSIDE
    if reason is Reason.CALLER_NOT_VERIFIED and facts.standing is Standing.USER_ONLY:
        return _SUPPORT_CODE
    return _SENTENCES[reason]


QUESTIONS: Mapping[Question, str] = {
    Question.WHO: marked(
        "Emergency line, good day. Which organisation are you calling for, and who are you?"
    ),
    Question.CODE: marked("Could you read me your VIP code? It is on your technical document."),
    Question.PLAN: marked("One moment please, I am looking at your contract."),
    Question.LANGUAGE: marked("Would you like to go on in French or in English?"),
    Question.INFRASTRUCTURE: marked(
        "What has failed: is it a service that runs with us, or an application or site?"
    ),
    Question.NEEDS_US: marked(
        "Is it something that we have to repair, or is your own network or provider concerned?"
    ),
    Question.SERVICE: marked("Which of your services with us is concerned, and since when?"),
}
"""What is asked, a sentence a question."""


def next_step_text(
    step: NextStep, *, ticket: str = "", due: str = "", reach: str = "", opens: str = ""
) -> Message:
    """Return what the engineer does after a refusal, in words.

    `ticket` is the reference of the ticket that is filed or open, empty where none can be; `due` when it is
    due, empty without a guarantee; `reach` the number on file to call back on and whose it is; `opens` from
    when on the telephone is answered, empty while it is.
    """
    values = {"ticket": ticket, "due": due, "reach": reach, "opens": opens}
    match step:
        case NextStep.TICKET if ticket and due:
            text = marked("ticket {ticket} by e-mail, due {due}")
        case NextStep.TICKET if ticket:
            text = marked("ticket {ticket} by e-mail, without a guaranteed time")
        case NextStep.TICKET:
            text = marked("ask for an e-mail: nobody knows yet whose ticket it would be")
        case NextStep.CASE:
            text = marked("noted on {ticket}, which is open")
        case NextStep.CALL_BACK if reach:
            text = marked("call back on {reach}, or have a second engineer approve")
        case NextStep.CALL_BACK:
            text = marked(
                "find the organisation and call back on a number on file, or have a second engineer approve"
            )
        case NextStep.OPENING_HOURS if opens:
            text = marked("the telephone is answered from {opens}, e-mail every day")
        case NextStep.OPENING_HOURS:
            text = marked("pass the call to the telephone support, which is open now")
        case NextStep.GUIDE:
            text = marked("point to the guide on network and connection")
        case NextStep.PARTNER:
            text = marked("point to a guide, or name a partner")
        case NextStep.WRITE:
            text = marked("ask for an e-mail, or for somebody who speaks French or English")
        case NextStep.NOTHING:
            text = marked("nothing to do")
    return Message(text, {name: value for name, value in values.items() if "{" + name + "}" in text})
