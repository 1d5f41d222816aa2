"""A rule across the screen, with a title in it where something begins."""

from __future__ import annotations

from rich.text import Text

from oncall_tui.widgets.ink import Line


class Rule(Line):
    """A line of dashes; `title` stands in it from the left, `aside` follows dimmed."""

    def __init__(self, title: str = "", aside: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.title_text = title
        self.aside = aside

    def tell(self, title: str, aside: str = "") -> None:
        """Have another `title` and `aside` stand in it."""
        self.title_text, self.aside = title, aside
        self.update()

    def compose_line(self, width: int) -> Text:
        if not self.title_text:
            return Text("─" * width, self.ink("rule"))
        text = Text.assemble(
            ("── ", self.ink("rule")),
            (self.title_text, self.ink("focus")),
            f"  {self.aside} " if self.aside else " ",
        )
        text.truncate(width, overflow="ellipsis")
        return text.append("─" * max(width - text.cell_len, 0), self.ink("rule"))
