"""The line that organisations are looked for in, in the place of the rule above their list."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from oncall_tui.actions import Action, Scope
from oncall_tui.domain.messages import marked
from oncall_tui.widgets.filter_bar import FilterBar

_HERE = frozenset({Scope.ORGANISATIONS})


class SearchBar(FilterBar):
    """A field that tells each change. Enter opens what is chosen below, Esc takes the search away."""

    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action(
            "keep", ("enter",), marked("open"), marked("Open the card of the organisation."), _HERE, hint=1
        ),
        Action(
            "clear", ("escape",), marked("list all"), marked("List every organisation again."), _HERE, hint=2
        ),
        Action("older", ("up",), marked("up"), marked("Choose the one above."), _HERE),
        Action("newer", ("down",), marked("next"), marked("Choose another one."), _HERE, hint=3),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.keys[0], action.id, action.label, show=False) for action in ACTIONS[1:]
    ]

    class Chosen(Message):
        """The cursor of the list is to move by a line, up where it is negative."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def action_older(self) -> None:
        """Choose the line above."""
        self.post_message(self.Chosen(-1))

    def action_newer(self) -> None:
        """Choose the line below."""
        self.post_message(self.Chosen(1))
