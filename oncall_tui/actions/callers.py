"""What finds a ticket or an organisation, and what is done about a code that is read out."""

from __future__ import annotations

from oncall_tui.actions.kinds import (
    ALERTED,
    CALL,
    CARD,
    EVERYWHERE,
    LOGGED,
    LOOKUP,
    OUTBOX,
    TICKETS,
    TYPING,
    Action,
    Group,
    Scope,
)

ACTIONS: tuple[Action, ...] = (
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
        TICKETS | CARD | CALL | LOGGED | ALERTED | OUTBOX | {Scope.ACCESS, Scope.ORGANISATIONS},
        hint=15,
    ),
    Action(
        "lookup",
        ("v",),
        "code",
        "A caller reads out a code: whose it is, and what they may ask for.",
        EVERYWHERE - TYPING,
        hint=4,
        aliases=("vip", "caller"),
    ),
    Action(
        "find",
        ("slash",),
        "find",
        "Find an organisation by its name, a domain, a contact or a phone number.",
        LOOKUP | CARD | CALL | {Scope.ORGANISATIONS},
        hint=6,
    ),
    Action(
        "confirm",
        ("y",),
        "yes",
        "The caller named the organisation that is shown: open its card.",
        LOOKUP,
        group=Group.ANSWER,
        hint=1,
    ),
    Action(
        "deny",
        ("n",),
        "no",
        "The caller named another one. This counts as a wrong code.",
        LOOKUP,
        group=Group.ANSWER,
        hint=2,
    ),
)
