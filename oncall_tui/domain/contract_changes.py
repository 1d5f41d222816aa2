"""What can be changed of a contract, and what is said to who asks for what can't (R8, R21).

A plan goes up at once and never down; before the commitment is over nobody cancels, and nothing is
refunded, not even pro rata. `rule_on` is the whole decision, with the words to say to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.commitment import Commitment, Contract, committed_until
from oncall_tui.domain.dates import day_in_words
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.plans import Plan


class Change(StrEnum):
    """What is asked for of a contract."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CANCEL = "cancel"
    REFUND = "refund"


CHANGES: Mapping[Change, str] = {
    Change.UPGRADE: marked("Upgrade"),
    Change.DOWNGRADE: marked("Downgrade"),
    Change.CANCEL: marked("Cancel"),
    Change.REFUND: marked("Refund"),
}
"""The changes in words, of which there are translations."""


class Answer(StrEnum):
    """What the contract says to a change that is asked for."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    NOT_HERE = "not_here"
    """Nothing forbids it, and it isn't done with this program."""

    UNKNOWN = "unknown"
    """What it depends on isn't on file."""


class Ruling(NamedTuple):
    """What the contract says to a change: the answer, the rule behind it, why (for the engineer), what to
    say to the caller in French or English, and the engineer's next step.
    """

    change: Change
    plan: Plan | None
    answer: Answer
    rule: str
    why: Message
    say: Message
    next_step: Message

    @property
    def refused(self) -> bool:
        """Say whether a rule forbids it."""
        return self.answer is Answer.REFUSED


def rule_on(contract: Contract, change: Change, plan: Plan | None = None) -> Ruling:
    """Return what the contract says to `change` today (R8, R21).

    `plan` is the one that an upgrade leads to, else None. An upgrade to the same plan or a lower one is
    refused as what it is.
    """
    match change:
        case Change.UPGRADE if plan is not None and plan in contract.can_become:
            return _upgrade(contract, plan)
        case Change.UPGRADE if plan is contract.plan:
            return _same(contract)
        case Change.UPGRADE | Change.DOWNGRADE:
            return _downgrade(contract)
        case Change.CANCEL:
            return _cancel(contract)
        case Change.REFUND:
            return _refund(contract)


def plan_name(plan: Plan) -> str:
    """Return the name of a plan as the offer writes it; names aren't translated."""
    return plan.value.capitalize()


_IN_WRITING = marked(
    "write the request down; if they want the answer in writing, file a ticket by e-mail for it"
)
_MANAGER = marked("write the request down; offer that their account manager gets in touch")
_PASS_ON = marked("file a ticket by e-mail for it")
_PASS_ON_MANAGER = marked("file a ticket by e-mail for it, or ask their account manager")
_NOTHING = marked("nothing to do")


def _upgrade(contract: Contract, plan: Plan) -> Ruling:
    values: dict[str, str | Message] = {"plan": plan_name(plan)}
    if contract.plan is Plan.STANDARD:
        until = committed_until(contract.today, contract.months)
        values |= {"until": day_in_words(until), "months": str(contract.months)}
        why = marked("a plan can go up; a commitment of {months} months begins today, until {until}")
        say = marked(
            "I can move you to Support {plan} right away. It begins today with a commitment until {until}: "
            "it can't be cancelled before, and what is paid isn't refunded."
        )
    elif contract.commitment is Commitment.RUNNING and contract.until is not None:
        values["until"] = day_in_words(contract.until)
        why = marked("a plan can go up at any time; the commitment until {until} stays as it is")
        say = marked(
            "I can move you to Support {plan} right away. Your commitment until {until} stays as it is."
        )
    else:
        why = marked("a plan can go up at any time; no new commitment begins")
        say = marked("I can move you to Support {plan} right away. It counts from this moment on.")
    return Ruling(
        Change.UPGRADE,
        plan,
        Answer.ALLOWED,
        "R8",
        _message(why, values),
        _message(say, values),
        Message(marked("look at the deadlines, and do it once they have said yes")),
    )


def _same(contract: Contract) -> Ruling:
    values = {"plan": plan_name(contract.plan)}
    return Ruling(
        Change.UPGRADE,
        contract.plan,
        Answer.REFUSED,
        "R21",
        Message(marked("{plan} is the plan that they have"), values),
        Message(marked("Support {plan} is the plan that you have already."), values),
        Message(_NOTHING),
    )


def _downgrade(contract: Contract) -> Ruling:
    values = {"plan": plan_name(contract.plan)}
    if contract.plan is Plan.STANDARD:
        why, say = (
            marked("standard support is free: there is no plan below it"),
            marked("Your support is the standard one, free and unlimited: there is no plan below it."),
        )
    else:
        why, say = (
            marked("a plan can go up, never down"),
            marked(
                "I understand. A Premium Support plan can be changed to a higher one and not to a lower one: "
                "your contract says so, and yours stays {plan}."
            ),
        )
    return _refused(contract, Change.DOWNGRADE, _message(why, values), _message(say, values))


def _cancel(contract: Contract) -> Ruling:
    if contract.commitment is Commitment.NONE:
        return Ruling(
            Change.CANCEL,
            None,
            Answer.NOT_HERE,
            "",
            Message(marked("standard support is free and has no commitment")),
            Message(
                marked("Your support is the standard one, free and unlimited: nothing has to be cancelled.")
            ),
            Message(_NOTHING),
        )
    if contract.until is None:
        return Ruling(
            Change.CANCEL,
            None,
            Answer.UNKNOWN,
            "R21",
            Message(
                marked("the day of subscription isn't on file: nobody can say until when they are committed")
            ),
            Message(
                marked(
                    "I can't see here until when your contract runs. I am having it looked up, and you will "
                    "get an answer in writing."
                )
            ),
            Message(marked("file a ticket by e-mail: whoever keeps the contracts knows the day")),
        )
    values = {"until": day_in_words(contract.until)}
    if contract.commitment is Commitment.OVER:
        return Ruling(
            Change.CANCEL,
            None,
            Answer.NOT_HERE,
            "",
            Message(
                marked("the commitment ended on {until}: they may cancel, and this isn't where it is done"),
                values,
            ),
            Message(
                marked(
                    "Your commitment ended on {until}, so you may cancel. I am passing your request on, and "
                    "you will get a confirmation in writing."
                ),
                values,
            ),
            Message(_PASS_ON_MANAGER if _managed(contract) else _PASS_ON),
        )
    return _refused(
        contract,
        Change.CANCEL,
        Message(marked("committed until {until}, whatever else is cancelled"), values),
        Message(
            marked(
                "I understand. Your Premium Support is committed until {until} and can't be cancelled "
                "before, even if you cancel other products or close your account."
            ),
            values,
        ),
    )


def _refund(contract: Contract) -> Ruling:
    if contract.plan is Plan.STANDARD:
        why, say = (
            marked("standard support is free: nothing was paid for it"),
            marked("Your support is the standard one, free and unlimited: nothing was paid for it."),
        )
    else:
        why, say = (
            marked("nothing is refunded, not even pro rata"),
            marked(
                "I understand. What is paid for Premium Support isn't refunded, not even in part, whatever "
                "else is cancelled: your contract says so."
            ),
        )
    return _refused(contract, Change.REFUND, Message(why), Message(say))


def _refused(contract: Contract, change: Change, why: Message, say: Message) -> Ruling:
    next_step = Message(_MANAGER if _managed(contract) else _IN_WRITING)
    return Ruling(change, None, Answer.REFUSED, "R21", why, say, next_step)


def _managed(contract: Contract) -> bool:
    return bool(contract.customer.managers) and contract.plan is not Plan.STANDARD


def _message(text: str, values: Mapping[str, str | Message]) -> Message:
    return Message(text, {name: value for name, value in values.items() if "{" + name + "}" in text})
