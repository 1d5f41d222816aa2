"""THE registry of actions: what can be done, with which key, where, and whether it asks first.

Key bindings, the hint line, the help screen, the palette, the `keys` command and the documentation are
made from it, so that the same letter does the same thing on every screen. A `Keymap` is the registry
with the keys of one engineer's settings. Key names are Textual's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from oncall_tui.domain.errors import BadSettings
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
        }[self.value]


class Group(StrEnum):
    """A heading in the help."""

    ANSWER = "Answers"
    CALL = "Calls"
    ACT = "Tickets"
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
        if self.numbered and self.keys == _DIGITS[: len(self.keys)] and len(self.keys) > 2:
            return f"{shown(self.keys[0])}-{shown(self.keys[-1])}"
        if self.numbered and self.keys == (*_DIGITS, "0"):
            return "0-9"
        return " ".join(shown(key) for key in self.keys)


_DIGITS = tuple("123456789")

_BOARD = frozenset({Scope.BOARD})
_TICKET = frozenset({Scope.TICKET})
_TICKETS = frozenset({Scope.BOARD, Scope.TICKET})
_CARD = frozenset({Scope.CARD})
_CALLS = frozenset({Scope.CALLS})
_LOGGED = frozenset({Scope.CALLS, Scope.CALL_RECORD})
_LOOKUP = frozenset({Scope.LOOKUP})
_CALL = frozenset({Scope.CALL})
_EVERYWHERE = frozenset(Scope)

ACTIONS: tuple[Action, ...] = (
    Action(
        "take",
        ("t",),
        "take",
        "Make a ticket yours. The response clock goes on.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=2,
    ),
    Action(
        "answer",
        ("m",),
        "answer",
        "Record that you told the customer that work has begun. This stops the response clock for good.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=3,
    ),
    Action(
        "promise",
        ("p",),
        "promise",
        "Promise the customer an update; the promise is a clock on the board.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=9,
    ),
    Action(
        "note",
        ("w",),
        "note",
        "Write a note that the team sees and the customer doesn't.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=11,
    ),
    Action(
        "hand_over",
        ("h",),
        "hand over",
        "Give the ticket to somebody else, whoever has it.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=12,
    ),
    Action(
        "close",
        ("d",),
        "done",
        "Close the ticket. One that nobody answered needs a reason.",
        _TICKETS,
        asks_first=True,
        group=Group.ACT,
        writes=True,
        hint=10,
    ),
    Action(
        "reopen",
        ("b",),
        "bring back",
        "Open a closed ticket again.",
        _TICKET,
        asks_first=True,
        group=Group.ACT,
        writes=True,
        hint=6,
    ),
    Action(
        "undo",
        ("u",),
        "undo",
        "Take back what was done last, within 10 s. The history keeps both.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=1,
    ),
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark the ticket; the keys above then act on all that are marked.",
        _BOARD,
        group=Group.ACT,
    ),
    Action(
        "new",
        ("plus",),
        "new",
        "File a ticket for a customer, on a card for that organisation.",
        frozenset({Scope.BOARD, Scope.CARD}),
        group=Group.ACT,
        writes=True,
        hint=13,
    ),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the ticket: conversation, history and why it is due when it is. In the log open the call, "
        "or go on with it; from there its ticket.",
        _BOARD | _LOGGED,
        group=Group.LOOK,
        hint=7,
    ),
    Action(
        "back",
        ("escape",),
        "back",
        "Go back; on the board and in the log take the filter away first, on the board the marks before it. "
        "Leaving the card ends the call.",
        _EVERYWHERE,
        group=Group.LOOK,
        hint=8,
    ),
    Action(
        "order",
        ("s",),
        "sort",
        "List in the next order: by due time, opening time left, oldest, newest, plan, last changed.",
        _BOARD,
        hint=14,
    ),
    Action("order_back", ("S",), "sort back", "List in the order before.", _BOARD),
    Action(
        "copy",
        ("y",),
        "copy",
        "Copy the reference, or those of the marked tickets, to the clipboard of the terminal.",
        _TICKETS,
    ),
    Action(
        "queue",
        _DIGITS,
        "queue",
        "Show the queue at this place.",
        _BOARD,
        group=Group.LOOK,
        numbered=True,
    ),
    Action("next_queue", ("tab", "right"), "next queue", "Show the next queue.", _BOARD),
    Action("previous_queue", ("shift+tab", "left"), "previous queue", "Show the queue before.", _BOARD),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Show only what has the typed words; on the board also !not, plan:pro, state:new, owner:me, "
        "customer:name; in the log language:fr, decision:refused, reason:other, engineer:me, day:today.",
        frozenset({Scope.BOARD, Scope.HELP, Scope.CALLS}),
        hint=6,
    ),
    Action(
        "refresh",
        ("r",),
        "refresh",
        "Ask the store what changed now, also between two tries of one that doesn't answer.",
        _TICKETS | _CARD | _CALL | _LOGGED,
        hint=15,
    ),
    Action(
        "lookup",
        ("v",),
        "code",
        "A caller reads out a code: whose it is, and what they may ask for.",
        _EVERYWHERE - {Scope.LOOKUP, Scope.FIND},
        hint=4,
        aliases=("vip", "caller"),
    ),
    Action(
        "find",
        ("slash",),
        "find",
        "Find an organisation by its name, a domain, a contact or a phone number.",
        _LOOKUP | _CARD | _CALL,
        hint=6,
    ),
    Action(
        "confirm",
        ("y",),
        "yes",
        "The caller named the organisation that is shown: open its card.",
        _LOOKUP,
        group=Group.ANSWER,
        hint=1,
    ),
    Action(
        "deny",
        ("n",),
        "no",
        "The caller named another one. This counts as a wrong code.",
        _LOOKUP,
        group=Group.ANSWER,
        hint=2,
    ),
    Action(
        "go_on",
        ("enter",),
        "go on",
        "Go on to what isn't known yet; record a call that is decided; open the ticket of a recorded one.",
        _CALL,
        group=Group.ANSWER,
        hint=3,
    ),
    Action("step_back", ("backspace",), "step back", "Go one line back.", _CALL, group=Group.ANSWER, hint=33),
    Action(
        "yes",
        ("y",),
        "yes",
        "Answer the question on this line with yes.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=20,
    ),
    Action(
        "no",
        ("n",),
        "no",
        "Answer the question on this line with no; the service is none of those on file.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=21,
    ),
    Action(
        "french",
        ("f",),
        "French",
        "The caller speaks French, whatever line the cursor is on.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=22,
    ),
    Action(
        "english",
        ("e",),
        "English",
        "The caller speaks English.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=23,
    ),
    Action(
        "german",
        ("d",),
        "German",
        "The caller speaks German: not on this line.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=24,
    ),
    Action(
        "italian",
        ("i",),
        "Italian",
        "The caller speaks Italian: not on this line.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=25,
    ),
    Action(
        "other_language",
        ("o",),
        "other",
        "Write which other language the caller speaks.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=26,
    ),
    Action(
        "choose",
        (*_DIGITS, "0"),
        "choose",
        "Begin the code; or choose the service, the topic or the ticket with this number.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        numbered=True,
    ),
    Action(
        "no_code",
        ("minus",),
        "no code",
        "The caller has no code, or none that counts. Again takes it back.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=27,
    ),
    Action(
        "person",
        ("p",),
        "person",
        "Write who calls.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=28,
    ),
    Action(
        "stranger",
        ("u",),
        "not a customer",
        "The caller is nobody's customer of ours. Again takes it back.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=29,
    ),
    Action(
        "other_service",
        ("s",),
        "other service",
        "Write which service it is about.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=30,
    ),
    Action(
        "same_case",
        ("m",),
        "same case",
        "It is the emergency that is open already. Again takes it back.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=31,
    ),
    Action(
        "summary",
        ("w",),
        "summary",
        "Write in a line what happened; it becomes the subject of the ticket.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=32,
    ),
    Action(
        "hung_up",
        ("h",),
        "hung up",
        "The caller hung up before it was decided. Again takes it back.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=34,
    ),
    Action(
        "wrong_number",
        ("z",),
        "wrong number",
        "The caller dialled a wrong number. Again takes it back.",
        _CALL,
        group=Group.ANSWER,
        writes=True,
        hint=35,
    ),
    Action(
        "take_over",
        ("t",),
        "take over",
        "Go on with a call that another engineer has in hand.",
        _CALL,
        asks_first=True,
        group=Group.ANSWER,
        writes=True,
        hint=7,
    ),
    Action(
        "call_back",
        ("C",),
        "call back",
        "Call back on a number on file, which verifies the caller without a code.",
        _CARD | _CALL,
        hint=1,
    ),
    Action(
        "approve",
        ("A",),
        "approve",
        "Have a second engineer vouch for the caller, without a code.",
        _CARD | _CALL,
        hint=2,
    ),
    Action(
        "pick_up",
        ("a", "f2"),
        "pick up",
        "Pick up the call that rings, or go back to yours. F2 does so also where one types.",
        _EVERYWHERE,
        group=Group.CALL,
        hint=17,
    ),
    Action(
        "call",
        ("n",),
        "call",
        "Begin an emergency call that rang elsewhere; on a card, one of this organisation.",
        _EVERYWHERE - {Scope.LOOKUP, Scope.FIND, Scope.CALL},
        group=Group.CALL,
        writes=True,
        hint=5,
    ),
    Action(
        "calls",
        ("c",),
        "calls",
        "Open the log of calls: what became of each, the newest first.",
        _EVERYWHERE - {Scope.LOOKUP, Scope.FIND, Scope.CALLS},
        group=Group.CALL,
        hint=18,
    ),
    Action(
        "correct",
        ("e",),
        "correct",
        "Correct what stands in the record of the call, and say why. What was recorded before stays.",
        _LOGGED,
        group=Group.CALL,
        writes=True,
        hint=9,
    ),
    Action(
        "export",
        ("X",),
        "export",
        "Write the calls that are listed into a new file, .csv or .jsonl.",
        _CALLS,
        group=Group.CALL,
        hint=10,
    ),
    Action(
        "ticket",
        _DIGITS,
        "ticket",
        "Open the ticket with this number on the card.",
        _CARD,
        numbered=True,
    ),
    Action("down", ("j", "down"), "down", "One line down.", _EVERYWHERE, group=Group.MOVE),
    Action("up", ("k", "up"), "up", "One line up.", _EVERYWHERE, group=Group.MOVE),
    Action("first", ("g", "home"), "top", "To the top.", _EVERYWHERE, group=Group.MOVE),
    Action("last", ("G", "end"), "end", "To the end.", _EVERYWHERE, group=Group.MOVE),
    Action(
        "page_down",
        ("pagedown", "ctrl+f"),
        "page down",
        "One page down.",
        _EVERYWHERE,
        group=Group.MOVE,
    ),
    Action("page_up", ("pageup", "ctrl+b"), "page up", "One page up.", _EVERYWHERE, group=Group.MOVE),
    Action(
        "pane_down",
        ("J",),
        "ticket down",
        "Scroll the ticket beside the list down.",
        _BOARD,
        group=Group.MOVE,
    ),
    Action("pane_up", ("K",), "ticket up", "Scroll the ticket beside the list up.", _BOARD, group=Group.MOVE),
    Action(
        "help",
        ("question_mark", "f1"),
        "help",
        "What the keys and signs of this screen mean.",
        _EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "palette",
        "Do something by its name: an action, a queue.",
        _EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "log",
        ("l",),
        "log",
        "Show the messages of this run, the newest first.",
        frozenset(Scope) - {Scope.HELP},
        group=Group.PROGRAM,
        aliases=("messages",),
    ),
    Action("theme", ("T",), "theme", "Show the next theme.", _EVERYWHERE, group=Group.PROGRAM),
    Action(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Stop the program and go to the shell; `fg` brings it back.",
        _EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "leave",
        ("q", "ctrl+q"),
        "quit",
        "Leave the program.",
        _EVERYWHERE,
        group=Group.PROGRAM,
        hint=16,
        aliases=("q", "quit", "exit"),
    ),
)


NEVER_WITHOUT_A_KEY = frozenset({"help", "back", "leave"})
"""The actions that must keep a key: without them nobody would find the way."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The registry with the keys that are in force; `Keymap()` has the default ones."""

    actions: tuple[Action, ...] = ACTIONS

    def with_keys(self, keys: Mapping[str, tuple[str, ...]]) -> Keymap:
        """Return this keymap with other `keys`, by action id; an action without any has none.

        `BadSettings` names the screen and both actions where a key would stand for two.
        """
        changed = Keymap(
            tuple(
                action._replace(keys=keys[action.id]) if action.id in keys else action
                for action in self.actions
            )
        )
        changed._refuse_clashes()
        return changed

    def on(self, scope: Scope) -> tuple[Action, ...]:
        """Return what can be done on a screen, in the order of the registry."""
        return tuple(action for action in self.actions if scope in action.scope)

    def named(self, action_id: str) -> Action:
        """Return the action that goes by `action_id`; KeyError if none does."""
        for action in self.actions:
            if action.id == action_id:
                return action
        raise KeyError(action_id)

    def key(self, action_id: str) -> str:
        """Return the key by which a text names the action; the palette's name for it where it has none."""
        keys = self.named(action_id).keys
        return shown(keys[0]) if keys else f":{action_id}"

    def _refuse_clashes(self) -> None:
        for scope in Scope:
            meaning: dict[tuple[bool, str], Action] = {}
            for action in self.on(scope):
                # Answers go before, as they do in a dialog; only another answer is in their way.
                answers = action.group is Group.ANSWER
                for key in action.keys:
                    other = meaning.setdefault((answers, key), action)
                    if other is not action:
                        raise BadSettings(
                            f"keys: {shown(key)} would be both {other.id} and {action.id} on the screen "
                            f'"{scope.heading}"',
                            hint=f"give one of them another key with keys.{other.id} or keys.{action.id}",
                        )
