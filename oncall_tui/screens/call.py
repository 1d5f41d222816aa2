"""A call in hand."""

from __future__ import annotations

from oncall_tui.screens.page import Page


def open_call(page: Page, ref: str) -> None:
    """Say which call is in hand over `page`."""
    page.say(ref)
