"""The card of an organisation, on a page that scrolls where it must."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.text import Text
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip

from oncall_tui.domain.codes import Verification
from oncall_tui.domain.customers import CustomerCard
from oncall_tui.domain.offer import Offer
from oncall_tui.widgets.card_text import card_lines
from oncall_tui.widgets.ink import Drawn, Inked
from oncall_tui.widgets.paper import Paper


class CardPaper(Paper, Inked, can_focus=False, inherit_bindings=False):
    """The page of one organisation. It is empty until `show` is called."""

    def __init__(self, *, ticking: bool = True) -> None:
        """Without `ticking` no seconds are shown."""
        super().__init__(id="card")
        self._ticking = ticking
        self._card: CustomerCard | None = None
        self._verification: Verification | None = None
        self._offer: Offer | None = None
        self._caller = True
        self._lines = Lines()

    def compose(self) -> ComposeResult:
        yield self._lines

    def show(
        self,
        card: CustomerCard,
        verification: Verification | None,
        offer: Offer,
        now: datetime,
        *,
        caller: bool = True,
    ) -> None:
        """Show `card` as it stands at `now` (UTC), to a caller who is verified as `verification` says.

        Without a `caller` it is there for work that needs no code.
        """
        if self._card is None or self._card.customer.id != card.customer.id:
            self.scroll_home(animate=False)
        self._card, self._verification, self._offer = card, verification, offer
        self._caller = caller
        self.tick(now)

    def unread(self, why: str) -> None:
        """Show `why` the card can't be read, in its place."""
        self._card = None
        self._lines.show(lambda _width: [Text(f"This can't be read: {why}", self.ink("dim"))])

    def tick(self, now: datetime) -> None:
        """Bring what depends on the clock up to `now` (UTC)."""
        card, offer, verification = self._card, self._offer, self._verification
        caller, ticking = self._caller, self._ticking
        if card is None or offer is None:
            return

        def compose(width: int) -> list[Text]:
            return card_lines(card, verification, offer, now, width, self.ink, ticking=ticking, caller=caller)

        self._lines.show(compose)


class Lines(Drawn):
    """Lines of text, of which only those are drawn that have changed."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"

    def __init__(self, margin: int = 1) -> None:
        """`margin` is how many blanks stand at either side."""
        super().__init__()
        self._margin = margin
        self._composed: Callable[[int], list[Text]] = lambda _width: []
        self._texts: list[Text] = []
        self._strips: list[Strip | None] = []
        self._width = -1

    def show(self, compose: Callable[[int], list[Text]]) -> None:
        """Show the lines that `compose` returns for a width in terminal columns."""
        self._composed = compose
        if self._width < 0:
            self.refresh(layout=True)
            return
        before, self._texts = self._texts, compose(self._width)
        if len(before) != len(self._texts):
            self._strips = [None] * len(self._texts)
            self.refresh(layout=True)
            return
        for y, (old, new) in enumerate(zip(before, self._texts, strict=True)):
            if old != new or old.spans != new.spans or old.style != new.style:
                self._strips[y] = None
                self.refresh(Region(0, y, self.size.width, 1))

    def render(self) -> Text:
        return Text("\n").join(self._texts)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._compose_for(width)
        return len(self._texts)

    def draw_line(self, y: int) -> Strip:
        self._compose_for(self.size.width)
        if y >= len(self._texts):
            return Strip.blank(self.size.width, self.base)
        strip = self._strips[y]
        if strip is None:
            strip = self.inked(Text.assemble(" " * self._margin, self._texts[y]))
            strip = self._strips[y] = strip.adjust_cell_length(self.size.width, self.base)
        return strip

    def notify_style_update(self) -> None:
        self._width = -1
        super().notify_style_update()

    def _compose_for(self, width: int) -> None:
        if width != self._width + 2 * self._margin:
            self._width = max(width - 2 * self._margin, 0)
            self._texts = self._composed(self._width)
            self._strips = [None] * len(self._texts)
