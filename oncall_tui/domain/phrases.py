"""What to tell the caller after a look-up, and what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from oncall_tui.domain.clock import minute_after
from oncall_tui.domain.codes import WRONG, CodeKind, CodeRules, Outcome, Verdict
from oncall_tui.domain.messages import Message, marked


class Advice(NamedTuple):
    """What to say to the caller (R11), and the engineer's next step."""

    say: Message
    next_step: Message

    @classmethod
    def of(cls, say: str, next_step: str) -> Self:
        """Return the advice of two sentences without values."""
        return cls(Message(say), Message(next_step))


_WITHOUT_A_CODE = marked(
    "find the organisation by name; call back on its number on file, or ask a second engineer"
)

_VIP = Advice.of(
    marked("Which organisation are you calling for?"),
    marked("compare the answer with the name below"),
)
_SUPPORT = Advice.of(
    marked("In whose name is your account, and in which organisation?"),
    marked("compare the answer with the names below; a support code opens no VIP right"),
)
_MISHEARD = Advice.of(
    marked("I didn't get the code. Could you read it out again, digit by digit?"),
    marked("type it again; this doesn't count as a wrong code"),
)
_NO_MATCH = Advice.of(
    marked("I can't find that code. Could you read it out again from your technical document?"),
    marked("type it again"),
)
_REVOKED = Advice.of(
    marked(
        "That code is no longer valid. The new one is on the page where you manage your support and on your "
        "new technical document."
    ),
    marked(
        "ask for the new code, or find the organisation by name; call back on its number on file, or ask a "
        "second engineer"
    ),
)
_TRANSFER_CODE = Advice.of(
    marked(
        "That looks like the authorisation code of a domain transfer. I need your VIP code: it has only "
        "digits and is on your technical document."
    ),
    marked("ask for the VIP code, or for the support code on the user's profile page"),
)
_UNVERIFIED = Advice.of(
    marked(
        "I can't verify your code in this call. I can call you back on the number that we have on file for "
        "your organisation."
    ),
    _WITHOUT_A_CODE,
)

_ADVICE = {
    Outcome.MISHEARD: _MISHEARD,
    Outcome.NO_MATCH: _NO_MATCH,
    Outcome.REVOKED: _REVOKED,
    Outcome.TRANSFER_CODE: _TRANSFER_CODE,
}


def advice(verdict: Verdict, zone: ZoneInfo) -> Advice:
    """Return what to say and do after `verdict`; clock times in it are those of `zone`.

    Nothing hides an outage: who can't be verified is offered to be called back on the number on file,
    never on the one that rang, or a second engineer's approval (R14).
    """
    if verdict.outcome is Outcome.MATCH:
        return _SUPPORT if verdict.kind is CodeKind.SUPPORT else _VIP
    if verdict.unverified:
        return _UNVERIFIED
    if verdict.wait_until is not None:
        return _waiting(verdict.wait_until, zone, numbered=not verdict.for_want_of_a_number)
    return _ADVICE.get(verdict.outcome, _UNVERIFIED)


def alert(rules: CodeRules) -> str:
    """Return what is told when the desk as a whole has had too many wrong codes (R18)."""
    return f"{rules.wrong_per_day} wrong codes in 24 hours over the whole desk: tell the team"


def headline(verdict: Verdict, zone: ZoneInfo) -> str:
    """Return what came out, in a word and whose code it is, such as `MATCH  Banque du Léman, enterprise`."""
    word = verdict.outcome.name.replace("_", " ")
    facts = []
    if verdict.customer_name is not None:
        owner = f"{verdict.contact}, {verdict.customer_name}" if verdict.contact else verdict.customer_name
        facts.append(f"{owner}, {verdict.plan}")
    if verdict.revoked_at is not None:
        facts.append(f"since {verdict.revoked_at.astimezone(zone):%d %b %Y %H:%M}")
    if verdict.wait_until is not None:
        facts.append(f"until {minute_after(verdict.wait_until).astimezone(zone):%H:%M}")
    elif verdict.unverified:
        facts.append("this call stays unverified")
    elif verdict.outcome in WRONG:
        left = verdict.attempts_left
        facts.append("1 more wrong code is taken" if left == 1 else f"{left} more wrong codes are taken")
    return "  ".join([word, ", ".join(facts)]).rstrip()


def _waiting(until: datetime, zone: ZoneInfo, *, numbered: bool) -> Advice:
    local = minute_after(until).astimezone(zone)
    say = marked(
        "I can't verify a code before {hour}:{minute}. I can call you back on the number that we have on "
        "file for your organisation."
    )
    next_step = marked(
        "note the calling number and type the code again, or find the organisation by name; call back on its "
        "number on file, or ask a second engineer"
    )
    return Advice(
        Message(say, {"hour": f"{local:%H}", "minute": f"{local:%M}"}),
        Message(_WITHOUT_A_CODE if numbered else next_step),
    )
