"""What moves on a screen, and what the program itself does."""

from __future__ import annotations

from oncall_tui.actions.kinds import BOARD, EVERYWHERE, Action, Group, Scope

_WITHOUT_TEXT = EVERYWHERE - {Scope.COMPOSE}
"""Where these keys aren't the field's own."""

ACTIONS: tuple[Action, ...] = (
    Action("down", ("j", "down"), "down", "One line down.", _WITHOUT_TEXT, group=Group.MOVE),
    Action("up", ("k", "up"), "up", "One line up.", _WITHOUT_TEXT, group=Group.MOVE),
    Action("first", ("g", "home"), "top", "To the top.", _WITHOUT_TEXT, group=Group.MOVE),
    Action("last", ("G", "end"), "end", "To the end.", _WITHOUT_TEXT, group=Group.MOVE),
    Action(
        "page_down",
        ("pagedown", "ctrl+f"),
        "page down",
        "One page down.",
        EVERYWHERE,
        group=Group.MOVE,
    ),
    Action("page_up", ("pageup", "ctrl+b"), "page up", "One page up.", EVERYWHERE, group=Group.MOVE),
    Action(
        "pane_down",
        ("J",),
        "ticket down",
        "Scroll the ticket beside the list down.",
        BOARD,
        group=Group.MOVE,
    ),
    Action("pane_up", ("K",), "ticket up", "Scroll the ticket beside the list up.", BOARD, group=Group.MOVE),
    Action(
        "help",
        ("question_mark", "f1"),
        "help",
        "What the keys and signs of this screen mean.",
        EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "palette",
        "Do something by its name: an action, a queue.",
        EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "log",
        ("l",),
        "log",
        "Show the messages of this run, the newest first.",
        _WITHOUT_TEXT - {Scope.HELP},
        group=Group.PROGRAM,
        aliases=("messages",),
    ),
    Action("theme", ("T",), "theme", "Show the next theme.", _WITHOUT_TEXT, group=Group.PROGRAM),
    Action(
        "suspend",
        ("ctrl+z",),
        "suspend",
        "Stop the program and go to the shell; `fg` brings it back.",
        EVERYWHERE,
        group=Group.PROGRAM,
    ),
    Action(
        "leave",
        ("q", "ctrl+q"),
        "quit",
        "Leave the program.",
        EVERYWHERE,
        group=Group.PROGRAM,
        hint=16,
        aliases=("q", "quit", "exit"),
    ),
)
