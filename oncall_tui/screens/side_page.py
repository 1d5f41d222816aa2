"""A page that stands beside the list where there is room for both, and takes the screen where there isn't."""

from __future__ import annotations

from typing import Any, Self

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region

from oncall_tui import terminal
from oncall_tui.screens.board import WIDE, BoardScreen
from oncall_tui.screens.page import Page
from oncall_tui.screens.session import Session
from oncall_tui.widgets.ink import LOW

_NARROWEST, _WIDEST = 46, 90
"""Columns of the place beside the list, of which it takes two fifths: the same as a ticket there has."""

_ABOVE, _ABOVE_LOW = 3, 2
"""Lines of the board above its list; a low terminal has no rule there."""


class SidePage(Page):
    """A page over the board. From `WIDE` columns on the list goes on at its left, and ticks.

    Stands first among the bases of a page: Textual looks for styles there alone.
    """

    # Loads with the first of these pages; see `Dialog`.
    SCOPED_CSS = False
    CSS = """
    SidePage #side { height: 1fr; width: 1fr; background: $background; }
    SidePage.-beside #top { display: none; }
    SidePage.-beside #side { border-left: solid $ink-rule; }
    SidePage Input, SidePage Input:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $panel;
        background-tint: transparent;
        color: $ink;
    }
    SidePage Input > .input--placeholder { color: $ink-dim; }
    SidePage .field { height: 1; }
    SidePage .label { width: 9; padding: 0 0 0 1; color: $ink-dim; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.side = Vertical(id="side")

    def compose_side(self) -> ComposeResult:
        """Yield what the page is about."""
        raise NotImplementedError

    def compose_body(self) -> ComposeResult:
        with self.side:
            yield from self.compose_side()

    def on_mount(self) -> None:
        self._place()
        super().on_mount()

    def on_resize(self) -> None:
        super().on_resize()
        self._place()

    def on_screen_resume(self) -> None:
        self._place()

    def _place(self) -> None:
        """Stand beside the list, or take the whole screen."""
        if self not in self.app.screen_stack:
            return  # told of it after it was left
        size = self.app.size
        beside = size.width >= WIDE and self._over_the_board
        self.set_class(beside, "-beside")
        if beside:
            above = _ABOVE_LOW if size.height < LOW else _ABOVE
            width = min(max(size.width * 2 // 5, _NARROWEST), _WIDEST)
            self.side.styles.margin = (above, 0, 0, size.width - width)
            # Not by its class: what shines through is asked for before the styles are read again.
            self.styles.background = "transparent"
        else:
            self.side.styles.margin = 0
            self.styles.background = None
        if beside:
            terminal.lay_out_below(self)

    @property
    def _over_the_board(self) -> bool:
        """Say whether the board is what lies below, other pages of this kind aside."""
        below = self.app.screen_stack[: self.app.screen_stack.index(self)]
        return all(isinstance(screen, SidePage | BoardScreen) for screen in below)

    def refresh(self, *regions: Region, **how: Any) -> Self:
        terminal.drawn_through(self, *regions)
        return super().refresh(*regions, **how)

    def page_below(self) -> Page | None:
        """Return the page that is seen when this one goes, the pages of its kind aside."""
        stack = self.app.screen_stack
        pages = [screen for screen in stack if isinstance(screen, Page) and not isinstance(screen, SidePage)]
        return pages[-1] if pages else None
