"""Alerts in words: what happened and to whom. There are translations of what is marked.

What goes out to a telephone or a desktop may be read by anybody who passes: it names the organisation, the
reference and the times, and nothing that a customer wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from oncall_tui.domain.alerts import Alert, Kind, Level, Result
from oncall_tui.domain.messages import Message, marked
from oncall_tui.domain.outgoing import OutgoingState

Moment = Callable[[datetime], str]
"""Returns an instant on the provider's wall clock, in few characters."""

KINDS: Mapping[Kind, str] = {
    Kind.RESPONSE: marked("guarantee"),
    Kind.PROMISE: marked("promise"),
    Kind.RINGING: marked("call rings"),
    Kind.ACCEPTED: marked("emergency"),
    Kind.REFUSED: marked("refused call"),
    Kind.NEW: marked("new ticket"),
    Kind.HANDED_OVER: marked("handed over"),
    Kind.CODES: marked("wrong codes"),
    Kind.SOURCE: marked("source"),
    Kind.STORE: marked("store"),
    Kind.UNSENT: marked("answer not sent"),
    Kind.ACCESS: marked("access"),
}

RESULTS: Mapping[Result, str] = {
    Result.UNDER_WAY: marked("under way"),
    Result.OK: marked("sent"),
    Result.FAILED: marked("failed"),
    Result.TIMEOUT: marked("no answer"),
    Result.ABSENT: marked("none here"),
}

_ONE: Mapping[Level, str] = {
    Level.NOTICE: marked("1 notice"),
    Level.WARNING: marked("1 warning"),
    Level.CRITICAL: marked("1 critical"),
    Level.BREACH: marked("1 breach"),
    Level.EMERGENCY: marked("1 emergency"),
}
_MANY: Mapping[Level, str] = {
    Level.NOTICE: marked("{count} notices"),
    Level.WARNING: marked("{count} warnings"),
    Level.CRITICAL: marked("{count} critical"),
    Level.BREACH: marked("{count} breaches"),
    Level.EMERGENCY: marked("{count} emergencies"),
}

_UNSENT: Mapping[str, str] = {
    OutgoingState.WAITING: marked("the answer can't be sent, it is tried again"),
    OutgoingState.UNSURE: marked("nobody knows whether the answer was sent"),
    OutgoingState.REFUSED: marked("the answer was refused"),
    OutgoingState.CONFLICT: marked("the answer is in conflict with what was done there"),
    OutgoingState.BOUNCED: marked("the answer came back"),
}


def what(alert: Alert, moment: Moment) -> Message:
    """Return what happened, in a few words."""
    due = moment(alert.due_at) if alert.due_at else ""
    match alert.kind:
        case Kind.RESPONSE if alert.level is Level.BREACH:
            return Message(marked("guarantee broken at {due}"), {"due": due})
        case Kind.RESPONSE:
            values = {"percent": alert.facts.get("percent", ""), "due": due}
            return Message(marked("{percent} % left, due {due}"), values)
        case Kind.PROMISE if alert.level is Level.BREACH:
            return Message(marked("promise broken at {due}"), {"due": due})
        case Kind.PROMISE:
            return Message(marked("update promised for {due}"), {"due": due})
        case Kind.RINGING:
            return Message(marked("emergency call rings"))
        case Kind.ACCEPTED if due:
            return Message(marked("emergency, target {due}"), {"due": due})
        case Kind.ACCEPTED:
            return Message(marked("emergency"))
        case Kind.REFUSED:
            return Message(marked("outage report refused"))
        case Kind.NEW if due:
            return Message(marked("new ticket, due {due}"), {"due": due})
        case Kind.NEW:
            return Message(marked("new ticket"))
        case Kind.HANDED_OVER:
            return Message(marked("handed over by {by}"), {"by": alert.by})
        case Kind.CODES if due:
            return Message(marked("wrong codes, none is taken until {due}"), {"due": due})
        case Kind.CODES:
            values = {"number": alert.facts.get("number", "")}
            return Message(marked("{number} wrong codes in a day: somebody may be guessing"), values)
        case Kind.SOURCE:
            return Message(marked("can't be reached since {at}"), {"at": moment(alert.at)})
        case Kind.STORE:
            return Message(marked("the store can't be reached since {at}"), {"at": moment(alert.at)})
        case Kind.UNSENT:
            return Message(_UNSENT.get(alert.facts.get("state", ""), marked("the answer isn't sent")))
        case Kind.ACCESS if alert.level is Level.WARNING:
            return Message(
                marked("your access to {service} ends at {due}"), {"service": alert.subject, "due": due}
            )
        case Kind.ACCESS:
            return Message(marked("access to {service} has ended: stop using it"), {"service": alert.subject})


def whom(alert: Alert) -> str:
    """Return whom it is about: the organisation, a number that calls, or a source."""
    if alert.customer_name:
        return alert.customer_name
    match alert.kind:
        case Kind.RINGING:
            return alert.facts.get("number", "")
        case Kind.SOURCE:
            return alert.subject
        case _:
            return ""


def which(alert: Alert) -> str:
    """Return the references and the plan, for a line of their own."""
    number = alert.facts.get("number", "") if alert.kind is Kind.RINGING else ""
    plan = alert.plan.short if alert.plan else ""
    subject = "" if alert.kind in (Kind.SOURCE, Kind.STORE, Kind.CODES, Kind.ACCESS) else alert.subject
    return ", ".join(filter(None, (subject, plan, number)))


def counted(alerts: Iterable[Alert]) -> list[Message]:
    """Return how many alerts there are of each level, the loudest last: "2 warnings", "1 breach"."""
    counts = Counter(alert.level for alert in alerts)
    return [
        Message(_ONE[level]) if number == 1 else Message(_MANY[level], {"count": str(number)})
        for level in Level
        if (number := counts[level])
    ]
