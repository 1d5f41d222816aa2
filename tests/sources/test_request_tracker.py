"""Request Tracker as a source, as `tests/real/test_request_tracker.py` recorded it with the real one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from conversations import FOLDER, conversation

from oncall_tui.sources import rt_writing

pytest.register_assert_rewrite("rt_stories")

from rt_stories import STORIES, Stage  # noqa: E402 - after the line above


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_story(
    story: Callable[[Stage, Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(rt_writing, "SETTLES_SECONDS", 0)
    with conversation(story.__name__) as said, caplog.at_level(logging.DEBUG):
        stage = Stage(said.url, None, said)
        story(stage, tmp_path)
        stage.source.close()
    assert "1-2-played" not in caplog.text, "the token is in a log"
    assert "0123456789abcdef" not in caplog.text


def test_every_recording_is_of_a_story_and_holds_no_token() -> None:
    recorded = {path.stem: path.read_text() for path in FOLDER.glob("*.jsonl")}
    assert recorded.keys() == {story.__name__ for story in STORIES}
    for said in recorded.values():
        assert "uthorization" not in said
        assert "127.0.0.1" not in said
