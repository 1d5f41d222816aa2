"""What the benchmarks measure is there to be measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support import HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import open_desk
from oncall_tui.domain.queue import QUEUES


def test_the_sample_of_the_benchmarks_can_be_made(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import samples

    samples.fill(sqlite_url, 30, soon=3)
    desk = open_desk(sqlite_url, load_settings(None, {}).offer, "Léa", clock=HandClock())
    assert len(desk.queue.page(QUEUES[0], limit=100)) == 30
    desk.close()
    sys.modules.pop("samples")


def test_the_guides_of_the_benchmark_are_found(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import guides

    desk = guides.filled(sqlite_url, guides.made(6))
    typed = list(guides.prefixes())
    assert len(typed) >= 200
    assert any(desk.guides.find(text, language=language) for text, language in typed)
    desk.close()
    sys.modules.pop("guides")
