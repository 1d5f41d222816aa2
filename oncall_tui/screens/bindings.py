"""Textual's bindings, made from the registry of actions."""

from __future__ import annotations

from textual.binding import Binding

from oncall_tui.actions import Action, Scope, actions_on


def bindings_on(scope: Scope) -> list[Binding]:
    """Return the bindings of a screen; each calls `action_` and the id of its action."""
    return [binding for action in actions_on(scope) for binding in _bindings(action)]


def _bindings(action: Action) -> list[Binding]:
    if not action.numbered:
        return [Binding(",".join(action.keys), action.id, action.label, show=False, id=action.id)]
    return [
        Binding(key, f"{action.id}({number})", action.label, show=False, id=f"{action.id}.{number}")
        for number, key in enumerate(action.keys, 1)
    ]
