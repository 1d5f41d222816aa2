"""The list of what can be asked of a contract: a line a change, with what the contract says to it (R21)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from oncall_tui.domain.contract_changes import Answer, Ruling
from oncall_tui.translation import _, told
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.contract_text import ANSWERS, change_name
from oncall_tui.widgets.window_list import WindowList

_GAP = 2
_CHANGE_MOST = 24


class ChangeWindow:
    """The changes, and the place of the cursor: a change, not a line."""

    newer = older = False

    def __init__(self) -> None:
        self.rows: tuple[Ruling, ...] = ()
        self.position = 0

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, position: int) -> Ruling | None:
        """Return the line at a place, from 0, None where there is none."""
        return self.rows[position] if 0 <= position < len(self.rows) else None

    @property
    def current(self) -> Ruling | None:
        """Return the change under the cursor."""
        return self.at(self.position)

    def move_to(self, position: int) -> None:
        """Put the cursor on the line at a place, or the nearest there is."""
        self.position = min(max(position, 0), max(len(self.rows) - 1, 0))

    def show(self, rows: Sequence[Ruling]) -> None:
        """Take the list anew; the cursor stays on the change that it is on, or at its place."""
        before = self.current
        self.rows = tuple(rows)
        same = [
            place
            for place, row in enumerate(rows)
            if before is not None and (row.change, row.plan) == (before.change, before.plan)
        ]
        self.move_to(same[0] if same else self.position)


class ChangeList(WindowList[Ruling], can_focus=False, inherit_bindings=False):
    """The changes, the cursor on one of them; as high as it has lines."""

    DEFAULT_CSS = "ChangeList { height: auto; }"

    def __init__(self) -> None:
        self.window = ChangeWindow()
        super().__init__(self.window, "changes")

    def show(self, rows: Sequence[Ruling]) -> None:
        """Show the changes anew; the cursor stays on the one that it is on."""
        high = len(self.window) != len(rows)
        self.in_place(lambda: self.window.show(rows))
        if high:
            self.styles.height = len(rows) + 1
        self.refresh(layout=high)

    def headings(self, width: int) -> str:
        change, answer, _rest = self._widths(width)
        cells = fit(_("CHANGE"), change), fit(_("CONTRACT SAYS"), answer), _("WHY")
        return (" " * _GAP).join(cells)

    def segments(self, row: Ruling, width: int, inked: Callable[[str], Style]) -> list[Segment]:
        change, answer, rest = self._widths(width)
        word = _(ANSWERS[row.answer]) + (f", {row.rule}" if row.rule else "")
        # What can be done now stands out, by its word as well.
        ink = "strong" if row.answer is Answer.ALLOWED else ""
        return [
            Segment(" ", inked("")),
            Segment(fit(change_name(row.change, row.plan), change) + " " * _GAP, inked(ink)),
            Segment(fit(word, answer) + " " * _GAP, inked("accent" if ink else "")),
            Segment(fit(told(row.why), rest), inked("dim")),
        ]

    def _widths(self, width: int) -> tuple[int, int, int]:
        """Return the columns of a change, of what the contract says, and of why."""
        names = [change_name(row.change, row.plan) for row in self.window.rows]
        change = min(max(map(cell_len, (*names, _("CHANGE")))), _CHANGE_MOST)
        words = [_(word) for word in ANSWERS.values()]
        answer = max(max(map(cell_len, words)) + len(", R21"), cell_len(_("CONTRACT SAYS")))
        return change, answer, max(width - self.MARGIN - change - answer - 2 * _GAP, 1)
