"""What is done about calls, and what shows them."""

from __future__ import annotations

from oncall_tui.actions.kinds import CALL, CALLS, CARD, DIGITS, EVERYWHERE, LOGGED, Action, Group, Scope

ACTIONS: tuple[Action, ...] = (
    Action(
        "call_back",
        ("C",),
        "call back",
        "Call back on a number on file, which verifies the caller without a code.",
        CARD | CALL,
        hint=1,
    ),
    Action(
        "approve",
        ("A",),
        "approve",
        "Have a second engineer vouch for the caller, without a code.",
        CARD | CALL,
        hint=2,
    ),
    Action(
        "pick_up",
        ("a", "f2"),
        "pick up",
        "Pick up the call that rings, or go back to yours. F2 does so also where one types.",
        EVERYWHERE,
        group=Group.CALL,
        hint=17,
    ),
    Action(
        "call",
        ("n",),
        "call",
        "Begin an emergency call that rang elsewhere; on a card, one of this organisation.",
        EVERYWHERE - {Scope.LOOKUP, Scope.FIND, Scope.CALL, Scope.COMPOSE},
        group=Group.CALL,
        writes=True,
        hint=5,
    ),
    Action(
        "calls",
        ("c",),
        "calls",
        "Open the log of calls: what became of each, the newest first.",
        EVERYWHERE - {Scope.LOOKUP, Scope.FIND, Scope.CALLS, Scope.COMPOSE},
        group=Group.CALL,
        hint=18,
    ),
    Action(
        "correct",
        ("e",),
        "correct",
        "Correct what stands in the record of the call, and say why. What was recorded before stays.",
        LOGGED,
        group=Group.CALL,
        writes=True,
        hint=9,
    ),
    Action(
        "export",
        ("X",),
        "export",
        "Write the calls that are listed into a new file, .csv or .jsonl.",
        CALLS,
        group=Group.CALL,
        hint=10,
    ),
    Action(
        "ticket",
        DIGITS,
        "ticket",
        "Open the ticket with this number on the card.",
        CARD,
        numbered=True,
    ),
)
