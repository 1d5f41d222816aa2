"""A page of text that scrolls."""

from __future__ import annotations

from textual.containers import VerticalScroll


class Paper(VerticalScroll, can_focus=False, inherit_bindings=False):
    """What scrolls on a page; the page's own keys move it."""

    DEFAULT_CSS = """
    Paper {
        height: 1fr;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    Paper > Static { padding: 0 1; height: auto; }
    """
