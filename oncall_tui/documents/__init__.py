"""What is printed for customers. It needs the extra `pdf`, which is asked for when something is printed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from oncall_tui.domain.errors import OncallError

if TYPE_CHECKING:
    from oncall_tui.domain.technical_document import TechnicalDocument

_NEEDED = ("fpdf", "segno", "uharfbuzz")


def installed() -> bool:
    """Say whether the extra is there."""
    return all(find_spec(name) is not None for name in _NEEDED)


def renderer() -> Callable[[TechnicalDocument], bytes]:
    """Return what makes a PDF of a technical document; `OncallError` where the extra isn't installed."""
    refuse_without()
    from oncall_tui.documents.technical_document import render

    return render


def refuse_without() -> None:
    """Raise `OncallError` where the extra isn't installed."""
    if not installed():
        raise OncallError(
            "the extra pdf is not installed", hint="pip install 'oncall-tui[pdf]'", title="Not installed"
        )
