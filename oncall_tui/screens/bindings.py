"""Textual's bindings, made from the keymap that is in force."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding, BindingsMap

from oncall_tui.actions import Action, Group, Keymap, Scope
from oncall_tui.keynames import commands, writes


def bindings_on(scope: Scope, keymap: Keymap) -> list[Binding]:
    """Return the bindings of a screen; each calls `action_` and the id of its action.

    An answer to what the screen asks goes before another action that has its key.
    """
    actions = sorted(keymap.on(scope), key=lambda action: action.group is not Group.ANSWER)
    return [binding for action in actions for binding in _bindings(action)]


def bound(inherited: BindingsMap, bindings: list[Binding]) -> BindingsMap:
    """Return `bindings` together with those of `inherited` whose keys they leave free.

    Textual's own keymap is gone through at each key that is pressed, and can't take a key away.
    """
    keys = dict(inherited.key_to_bindings)
    keys.update(BindingsMap(bindings).key_to_bindings)
    return BindingsMap.from_keys(keys)


def bindings_in_dialogs(keymap: Keymap) -> list[Binding]:
    """Return the bindings that every dialog has: the help, and picking up with a key that is no text.

    Where a field has the focus the letters of the help are text.
    """
    pick_up = keymap.named("pick_up")
    picking = pick_up._replace(keys=tuple(key for key in pick_up.keys if not writes(key)))
    return [*_bindings(keymap.named("help")), *_bindings(picking)]


def bindings_of_app(keymap: Keymap) -> list[Binding]:
    """Return what holds in every field and dialog: the keys that leave or suspend and can't be an answer."""
    actions = [keymap.named("leave"), keymap.named("suspend")]
    return [
        *(
            Binding(key, action.id, action.label, show=False, priority=True)
            for action in actions
            for key in action.keys
            if commands(key)
        ),
        Binding("ctrl+c", "help_quit", show=False),
    ]


def _bindings(action: Action) -> list[Binding]:
    return list(_each(action))


def _each(action: Action) -> Iterator[Binding]:
    if action.numbered:
        for number, key in enumerate(action.keys, 1):
            call, name = f"{action.id}({number})", f"{action.id}.{number}"
            yield Binding(key, call, action.label, show=False, id=name)
    elif action.keys:
        yield Binding(",".join(action.keys), action.id, action.label, show=False, id=action.id)
