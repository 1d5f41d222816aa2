"""What is said of what goes out, of where a ticket came from, and of files: in words, without colours."""

from __future__ import annotations

from collections.abc import Mapping

from oncall_tui.domain.messages import marked
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.tickets import Origin
from oncall_tui.translation import _

STATES: Mapping[OutgoingState, str] = {
    OutgoingState.WAITING: marked("waiting"),
    OutgoingState.SENDING: marked("sending"),
    OutgoingState.SENT: marked("sent"),
    OutgoingState.UNSURE: marked("unsure"),
    OutgoingState.REFUSED: marked("refused"),
    OutgoingState.CONFLICT: marked("conflict"),
    OutgoingState.BOUNCED: marked("bounced"),
    OutgoingState.DROPPED: marked("dropped"),
}
"""A word for each state, for a column."""

ACTS: Mapping[OutgoingAct, str] = {
    OutgoingAct.ANSWER: marked("answer"),
    OutgoingAct.OWNER: marked("owner"),
    OutgoingAct.CLOSE: marked("close"),
    OutgoingAct.REOPEN: marked("reopen"),
}
"""A word for what the other system is asked to do."""

MEANINGS: Mapping[OutgoingState, str] = {
    OutgoingState.WAITING: marked("It goes out with the next try."),
    OutgoingState.SENDING: marked("It is being handed over."),
    OutgoingState.UNSURE: marked(
        "The connection broke when the server may have taken it. Look whether it arrived: it is never "
        "repeated by itself."
    ),
    OutgoingState.REFUSED: marked("The server won't take it as it is."),
    OutgoingState.CONFLICT: marked(
        "Somebody changed the ticket there meanwhile, in a way that doesn't go with it."
    ),
    OutgoingState.BOUNCED: marked("The server took it, and it came back: the customer doesn't have it."),
}
"""What a state means for whoever has to decide."""

_OF_ANSWER: Mapping[OutgoingState, str] = {
    OutgoingState.WAITING: marked("on its way"),
    OutgoingState.SENDING: marked("on its way"),
    OutgoingState.UNSURE: marked("perhaps not sent"),
    OutgoingState.REFUSED: marked("not sent"),
    OutgoingState.CONFLICT: marked("not sent"),
    OutgoingState.BOUNCED: marked("came back"),
    OutgoingState.DROPPED: marked("not sent, taken back"),
}

LANGUAGES: Mapping[str, str] = {
    "fr": marked("French"),
    "en": marked("English"),
    "de": marked("German"),
    "it": marked("Italian"),
}
"""The languages that have a key of their own, by their two letters."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def of_answer_state(state: OutgoingState) -> str:
    """Return in words how an answer stands: `on its way`, `perhaps not sent`."""
    return _(_OF_ANSWER.get(state, STATES[state]))


def of_answer(state: OutgoingState | None, detail: str) -> str:
    """Return what stands beside an answer that isn't with the customer yet, empty where there is nothing to
    say: `not sent: mailbox full; O shows it`.
    """
    said = _OF_ANSWER.get(state) if state is not None else None
    if said is None or state is None:
        return ""
    why = f": {detail}" if detail else ""
    return f"{_(said)}{why}"


def language_name(language: str) -> str:
    """Return a language by its name, by its letters where it has none here; empty where it isn't known."""
    return _(LANGUAGES[language]) if language in LANGUAGES else language


def origin_words(origin: Origin) -> str:
    """Return where a ticket came from and whom an answer goes to."""
    who = addressed(origin.name, origin.address)
    if origin.thread:
        text = _("ticket {thread} of {source}")
        return ", ".join(filter(None, (text.format(thread=origin.thread, source=origin.source), who)))
    return _("from {who}, through {source}").format(who=who or "–", source=origin.source)


def addressed(name: str, address: str) -> str:
    """Return somebody as a mail's head does: `Anna Rochat <anna@leman.example>`."""
    return f"{name} <{address}>" if name and address else name or address


def human_size(size: int) -> str:
    """Return a number of bytes with its unit, in three digits at most: `0 B`, `12 kB`, `1.4 MB`."""
    amount = float(max(size, 0))
    for unit in _UNITS:
        if amount < 999.5 or unit == _UNITS[-1]:
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if unit != "B" and amount < 9.95 else f"{amount:.0f} {unit}"


def duration_words(seconds: float) -> str:
    """Return a length of time in one unit, as short as it can be said: `4 s`, `12 min`, `3 h`, `2 d`."""
    whole = max(int(seconds), 0)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if whole >= length:
            return f"{whole // length} {unit}"
    return f"{whole} s"
