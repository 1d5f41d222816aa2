"""The board and a real Request Tracker 5, on the loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conversations import conversation
from rt_server import RequestTracker

from oncall_tui.sources import rt_writing

pytest.register_assert_rewrite("rt_stories")

from rt_stories import STORIES, Stage  # noqa: E402 - after the line above


@pytest.fixture(scope="module")
def server() -> Iterator[RequestTracker]:
    started = RequestTracker()
    yield started
    started.close()


@pytest.fixture
def rt(server: RequestTracker) -> RequestTracker:
    server.start_anew()
    return server


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_story(story: Callable[[Stage, Path], None], rt: RequestTracker, tmp_path: Path) -> None:
    with conversation(story.__name__, rt.url) as said, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rt_writing, "SETTLES_SECONDS", 0.5)
        stage = Stage(said, rt)
        story(stage, tmp_path)
        stage.source.close()
