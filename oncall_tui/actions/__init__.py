"""THE registry of actions: what can be done, with which key, where, and whether it asks first.

Key bindings, the hint line, the help screen, the palette, the `keys` command and the documentation are
made from it, so that the same letter does the same thing on every screen. A `Keymap` is the registry
with the keys of one engineer's settings. Key names are Textual's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oncall_tui.actions import (
    alerts,
    answers,
    callers,
    calls,
    correspondence,
    organisations,
    program,
    tickets,
)
from oncall_tui.actions.kinds import Action, Group, Scope
from oncall_tui.domain.errors import BadSettings
from oncall_tui.keynames import shown

__all__ = ["ACTIONS", "NEVER_WITHOUT_A_KEY", "Action", "Group", "Keymap", "Scope"]

ACTIONS: tuple[Action, ...] = (
    *tickets.ACTIONS,
    *callers.ACTIONS,
    *answers.ACTIONS,
    *calls.ACTIONS,
    *alerts.ACTIONS,
    *correspondence.ACTIONS,
    *organisations.ACTIONS,
    *program.ACTIONS,
)
"""All of them, in the order in which they are listed."""

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
