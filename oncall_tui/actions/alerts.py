"""What is done about alerts, and what shows them."""

from __future__ import annotations

from oncall_tui.actions.kinds import EVERYWHERE, TYPING, Action, Group, Scope

_WITHOUT_TYPING = EVERYWHERE - TYPING

ACTIONS: tuple[Action, ...] = (
    Action(
        "acknowledge",
        ("x",),
        "acknowledge",
        "Acknowledge the alert that was told last, else the loudest; on a ticket its alerts, in the list the "
        "one under the cursor. It stops everywhere.",
        _WITHOUT_TYPING,
        group=Group.ALERT,
        writes=True,
        hint=36,
        aliases=("ack",),
    ),
    Action(
        "snooze",
        ("Z",),
        "snooze",
        "Put the same alert off for 5, 15 or 30 minutes, for everybody. Then it is told again.",
        _WITHOUT_TYPING,
        group=Group.ALERT,
        writes=True,
        hint=37,
    ),
    Action(
        "alerts",
        ("exclamation_mark",),
        "alerts",
        "List the alerts, the newest first: what was told, over what, and who acknowledged it.",
        _WITHOUT_TYPING - {Scope.ALERTS},
        group=Group.ALERT,
        hint=19,
    ),
    Action(
        "open_only",
        ("H",),
        "open ones",
        "List only the alerts that are open; again lists all.",
        frozenset({Scope.ALERTS}),
        group=Group.ALERT,
        hint=3,
    ),
)
