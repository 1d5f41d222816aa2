"""What an action is, and where it can be done. Key names are Textual's."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from oncall_tui.keynames import shown


class Scope(StrEnum):
    """A screen that an action belongs to."""

    BOARD = "board"
    TICKET = "ticket"
    HELP = "help"
    MESSAGES = "messages"
    LOOKUP = "lookup"
    FIND = "find"
    CARD = "card"
    CALL = "call"
    CALLS = "calls"
    CALL_RECORD = "call_record"
    ALERTS = "alerts"
    ALERT = "alert"
    OUTBOX = "outbox"
    COMPOSE = "compose"
    ORGANISATIONS = "organisations"
    EDIT = "edit"
    CONTRACT = "contract"
    ACCESS = "access"
    GUIDES = "guides"

    @property
    def heading(self) -> str:
        """Return the name of the screen in a heading."""
        return {
            "board": "The board",
            "ticket": "A ticket",
            "help": "This help",
            "messages": "The messages",
            "lookup": "A code",
            "find": "Finding an organisation",
            "card": "An organisation",
            "call": "A call",
            "calls": "The log of calls",
            "call_record": "A call in the log",
            "alerts": "The alerts",
            "alert": "An alert",
            "outbox": "Outbox and sources",
            "compose": "Writing an answer",
            "organisations": "The organisations",
            "edit": "What is on file of an organisation",
            "contract": "A contract",
            "access": "Temporary access",
            "guides": "Guides and partners",
        }[self.value]


class Group(StrEnum):
    """A heading in the help."""

    ANSWER = "Answers"
    CALL = "Calls"
    ALERT = "Alerts"
    ACT = "Tickets"
    MAIL = "Mail and other systems"
    CUSTOMER = "Organisations"
    MOVE = "Moving"
    LOOK = "Looking"
    PROGRAM = "The program"


class Action(NamedTuple):
    """Something that a key does.

    `label` is the word in the hint line and `help` the sentence in the help. `asks_first` means that
    a question with the default *No* stands between the key and the act. `writes` marks what a
    read-only board refuses. `hint` is the place in the hint line, 1 first, 0 never. With `numbered`
    each key stands for its place among `keys`, from 1. `aliases` are what the palette takes for the id.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    scope: frozenset[Scope]
    asks_first: bool = False
    group: Group = Group.LOOK
    writes: bool = False
    hint: int = 0
    numbered: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def shown_keys(self) -> str:
        """Return the keys as a person reads them, such as `j ↓`."""
        if self.numbered and self.keys == DIGITS[: len(self.keys)] and len(self.keys) > 2:
            return f"{shown(self.keys[0])}-{shown(self.keys[-1])}"
        if self.numbered and self.keys == (*DIGITS, "0"):
            return "0-9"
        return " ".join(shown(key) for key in self.keys)


DIGITS = tuple("123456789")

BOARD = frozenset({Scope.BOARD})
TICKET = frozenset({Scope.TICKET})
TICKETS = frozenset({Scope.BOARD, Scope.TICKET})
CARD = frozenset({Scope.CARD})
CALLS = frozenset({Scope.CALLS})
LOGGED = frozenset({Scope.CALLS, Scope.CALL_RECORD})
ALERTED = frozenset({Scope.ALERTS, Scope.ALERT})
LOOKUP = frozenset({Scope.LOOKUP})
CALL = frozenset({Scope.CALL})
OUTBOX = frozenset({Scope.OUTBOX})
COMPOSE = frozenset({Scope.COMPOSE})
GUIDES = frozenset({Scope.GUIDES})
EVERYWHERE = frozenset(Scope)
TYPING = frozenset({Scope.LOOKUP, Scope.FIND, Scope.COMPOSE, Scope.GUIDES})
"""Where most keys write."""
