"""The nights that the stories take place in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from board import Night, fill, url_in


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """Four customers, a clock that is set by hand, and no ticket."""
    made = Night(url_in(tmp_path))
    yield made
    made.close()


@pytest.fixture
def full(night: Night) -> Night:
    """The tickets of the sketch."""
    fill(night)
    return night
