"""The board and a real Request Tracker 5, on the loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from conversations import conversation
from rt_server import RequestTracker

from oncall_tui.domain.correspondence import LetterKind, SourceUnavailable
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources import rt_client, rt_writing
from oncall_tui.sources.rt_client import Answer, Client

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
        stage = Stage(said.url, rt, said)
        story(stage, tmp_path)
        stage.source.close()


@pytest.fixture
def stage(rt: RequestTracker) -> Iterator[Stage]:
    """A board that asks the server itself, and has one ticket of it."""
    rt.mail("Anne Rochat <anne@leman.example>", "Queue stuck", "Bonjour")
    made = Stage(rt.url, rt)
    made.pull()
    yield made
    made.source.close()


def test_a_server_that_is_killed_loses_and_doubles_nothing(rt: RequestTracker, stage: Stage) -> None:
    rt.stop()
    with pytest.raises(SourceUnavailable, match="Connection refused"):
        stage.pull()
    for act in OutgoingAct:
        handed = stage.send(act, "Queue stuck", text="We have begun", owner="Léa")
        assert (handed.state, handed.detail) == (
            OutgoingState.WAITING,
            f"{rt.url} can't be reached: Connection refused",
        )
    rt.start()
    assert stage.send(OutgoingAct.ANSWER, "Queue stuck", text="We have begun").state is OutgoingState.SENT
    assert stage.news() == [("Queue stuck", LetterKind.ANSWER, "We have begun")]


def test_a_server_that_hangs_while_it_takes_an_answer_leaves_it_unsure(
    rt: RequestTracker, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on with it later: whoever had sent the answer again would have sent it twice."""
    stage.impatient(2.0)
    write = Client.write

    def hang_when_it_comes(client: Client, *asked: str) -> Answer:
        rt.pause()
        return write(client, *asked)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "write", hang_when_it_comes)
        handed = stage.send(OutgoingAct.ANSWER, "Queue stuck", text="We have begun")
    assert handed.state is OutgoingState.UNSURE
    assert "didn't answer within 2 s; it may have taken the answer" in handed.detail
    rt.resume()
    stage.impatient(30.0)
    assert until(stage.news) == [("Queue stuck", LetterKind.ANSWER, "We have begun")]


def test_a_server_that_is_killed_while_tickets_are_read_goes_on_from_there(
    rt: RequestTracker, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rt_client, "PAGE", 1)
    rt.mail("noe@alpes.example", "Down", "Hello")
    pull = stage.source.pull("")
    first = next(pull)
    rt.stop()
    with pytest.raises(SourceUnavailable):
        next(pull)
    rt.start()
    second = next(stage.source.pull(first.cursor))
    assert [each.subject for each in (*first.standings, *second.standings)] == ["Queue stuck", "Down"]


def until(look: Callable[[], list[Any]]) -> list[Any]:
    """Return what `look` finds as soon as it finds something."""
    give_up = monotonic() + 60
    while not (found := look()):
        assert monotonic() < give_up
    return found
