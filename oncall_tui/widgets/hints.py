"""The last line: which keys do something here, the most useful first; `? help` is never cut."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from oncall_tui.actions import Action
from oncall_tui.keynames import shown
from oncall_tui.translation import _
from oncall_tui.widgets.ink import Line, spread


class Hints(Line):
    """Key hints at the left, the age of the data and `? help` at the right."""

    def __init__(self, help_action: Action) -> None:
        super().__init__(id="hints")
        self.help_action = help_action
        self.actions: Sequence[Action] = ()
        self.age = ""

    def show(self, actions: Sequence[Action], age: str, help_action: Action | None = None) -> None:
        """Show what is possible here, in the order of `Action.hint`, and how old the data is; `help_action`
        has the keys that open the help now, where those are others than to begin with.
        """
        help_action = help_action or self.help_action
        if (actions, age, help_action) != (self.actions, self.age, self.help_action):
            self.actions, self.age, self.help_action = actions, age, help_action
            self.update()

    def compose_line(self, width: int) -> Text:
        right = Text.assemble(
            (f"{self.age}   " if self.age and width >= 50 else "", self.ink("dim")),
            self._hint(self.help_action),
            " ",
        )
        room = width - right.cell_len - 2
        left = Text(" ")
        for hint in fitted([self._hint(action) for action in by_hint(self.actions)], room - 1):
            left.append_text(hint)
            left.append("  ")
        left.rstrip()
        return spread(left, right, width)

    def _hint(self, action: Action) -> Text:
        return Text.assemble(
            (shown(action.keys[0]), self.ink("focus")), " ", (_(action.label), self.ink("dim"))
        )


def hinted_first(actions: Sequence[Action], ids: Sequence[str]) -> list[Action]:
    """Return the actions with those called `ids` first in the hint line, in that order."""
    first = {each: place for place, each in enumerate(ids, 1)}
    return [
        action._replace(hint=first.get(action.id, action.hint and action.hint + len(ids)))
        for action in actions
    ]


def by_hint(actions: Sequence[Action]) -> list[Action]:
    """Return the actions that belong in a hint line, the most useful first."""
    return sorted(
        (action for action in actions if action.hint and action.keys), key=lambda action: action.hint
    )


def fitted(hints: Sequence[Text], room: int) -> list[Text]:
    """Return the first hints that fit into `room` columns with two blanks between them."""
    taken: list[Text] = []
    used = 0
    for hint in hints:
        needed = hint.cell_len + (2 if taken else 0)
        if used + needed > room:
            break
        taken.append(hint)
        used += needed
    return taken
