"""THE registry of actions: what can be done, with which key, where, and whether it asks first.

Key bindings, the hint line, the help screen, the `keys` command and the documentation are made from
it, so that the same letter does the same thing on every screen. Key names are Textual's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Scope(StrEnum):
    """A screen that an action belongs to."""

    BOARD = "board"
    TICKET = "ticket"
    HELP = "help"

    @property
    def heading(self) -> str:
        """Return the name of the screen in a heading."""
        return {"board": "The board", "ticket": "A ticket", "help": "This help"}[self.value]


class Group(StrEnum):
    """A heading in the help."""

    ACT = "Tickets"
    MOVE = "Moving"
    LOOK = "Looking"
    PROGRAM = "The program"


class Action(NamedTuple):
    """Something that a key does.

    `label` is the word in the hint line and `help` the sentence in the help. `asks_first` means that
    a question with the default *No* stands between the key and the act. `writes` marks what a
    read-only board refuses. `hint` is the place in the hint line, 1 first, 0 never. With `numbered`
    each key stands for its place among `keys`, from 1.
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

    @property
    def shown_keys(self) -> str:
        """Return the keys as a person reads them, such as `j ↓`."""
        if self.numbered:
            return f"{shown(self.keys[0])}-{shown(self.keys[-1])}"
        return " ".join(shown(key) for key in self.keys)


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "space": "Space",
    "plus": "+",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def shown(key: str) -> str:
    """Return Textual's key name `key` as a person reads it."""
    *modifiers, name = key.split("+")
    return "-".join([modifier.capitalize() for modifier in modifiers] + [_NAMES.get(name, name)])


_BOARD = frozenset({Scope.BOARD})
_TICKET = frozenset({Scope.TICKET})
_TICKETS = frozenset({Scope.BOARD, Scope.TICKET})
_EVERYWHERE = frozenset(Scope)
_BEHIND = frozenset({Scope.TICKET, Scope.HELP})

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
        hint=7,
    ),
    Action(
        "note",
        ("w",),
        "note",
        "Write a note that the team sees and the customer doesn't.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=9,
    ),
    Action(
        "hand_over",
        ("h",),
        "hand over",
        "Give the ticket to somebody else, whoever has it.",
        _TICKETS,
        group=Group.ACT,
        writes=True,
        hint=10,
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
        hint=8,
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
        hint=4,
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
        "File a ticket for a customer.",
        _BOARD,
        group=Group.ACT,
        writes=True,
        hint=11,
    ),
    Action(
        "open",
        ("enter",),
        "open",
        "Open the ticket: conversation, history and why it is due when it is.",
        _BOARD,
        group=Group.LOOK,
        hint=5,
    ),
    Action("back", ("escape",), "back", "Go back.", _BEHIND, group=Group.LOOK, hint=3),
    Action(
        "filter",
        ("slash",),
        "filter",
        "List only what matches: words, !not, plan:pro, state:new, owner:me, customer:name.",
        _BOARD,
        hint=4,
    ),
    Action("clear", ("escape",), "clear", "Take the marks away, or else the filter.", _BOARD, hint=6),
    Action(
        "order", ("s",), "sort", "List by opening time left, or in the next of other orders.", _BOARD, hint=12
    ),
    Action("order_back", ("S",), "sort back", "List in the order before.", _BOARD),
    Action("copy", ("y",), "copy", "Copy the reference to the clipboard of the terminal.", _TICKETS),
    Action(
        "queue",
        tuple("123456789"),
        "queue",
        "Show a queue.",
        _BOARD,
        group=Group.LOOK,
        numbered=True,
    ),
    Action("next_queue", ("tab", "right"), "next queue", "Show the next queue.", _BOARD),
    Action("previous_queue", ("shift+tab", "left"), "previous queue", "Show the queue before.", _BOARD),
    Action(
        "refresh",
        ("r",),
        "refresh",
        "Read the store now, also while it is being retried.",
        _TICKETS,
        hint=13,
    ),
    Action("down", ("j", "down"), "down", "One line down.", _EVERYWHERE, group=Group.MOVE),
    Action("up", ("k", "up"), "up", "One line up.", _EVERYWHERE, group=Group.MOVE),
    Action("first", ("g", "home"), "top", "To the top: what runs out next.", _EVERYWHERE, group=Group.MOVE),
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
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Stop the program and go to the shell; `fg` brings it back.",
        _EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action("leave", ("q", "ctrl+q"), "quit", "Leave the program.", _EVERYWHERE, group=Group.PROGRAM, hint=14),
)


def actions_on(scope: Scope) -> tuple[Action, ...]:
    """Return what can be done on a screen, in the order of the registry."""
    return tuple(action for action in ACTIONS if scope in action.scope)


def action_named(action_id: str) -> Action:
    """Return the action that goes by `action_id`; KeyError if none does."""
    for action in ACTIONS:
        if action.id == action_id:
            return action
    raise KeyError(action_id)
