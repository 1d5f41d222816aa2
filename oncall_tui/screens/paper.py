"""Screens with a page of text, and the keys of the registry that scroll it."""

from __future__ import annotations

from textual.screen import Screen

from oncall_tui.widgets.paper import Paper


class PaperKeys(Screen[None]):
    """A screen with one `Paper` and the keys that scroll it."""

    @property
    def paper(self) -> Paper:
        """Return what scrolls."""
        return self.query_one(Paper)

    def action_back(self) -> None:
        """Go back to the screen before."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Scroll one line down."""
        self.paper.scroll_relative(y=1, animate=False)

    def action_up(self) -> None:
        """Scroll one line up."""
        self.paper.scroll_relative(y=-1, animate=False)

    def action_first(self) -> None:
        """Scroll to the top."""
        self.paper.scroll_home(animate=False)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.paper.scroll_end(animate=False)

    def action_page_down(self) -> None:
        """Scroll one page down."""
        self.paper.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll one page up."""
        self.paper.scroll_page_up(animate=False)
