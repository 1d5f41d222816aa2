"""A board with a source beside it: what comes in is on it, answers go out, and what is wrong is said."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, until, url_in
from letterboxes import Box
from test_jobs import Heard

from oncall_tui.domain.queue import QUEUES
from oncall_tui.domain.tickets import Channel
from oncall_tui.jobs import OUTBOX, Jobs, Polls, source_job


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Box:
    """A box that is opened by its kind, as every source is."""
    made = Box()
    made.access = replace(made.access, kind="boxes.here")
    monkeypatch.setitem(sys.modules, "boxes", SimpleNamespace(__path__=[]))
    monkeypatch.setitem(sys.modules, "boxes.here", SimpleNamespace(open_source=made.opened))
    return made


@on_loop
async def test_what_comes_in_is_on_the_board_and_its_answer_goes_out_by_itself(
    night: Night, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The commit alone makes an answer go out: nothing else looks what there is.
    monkeypatch.setattr("oncall_tui.sending._EVERY", 3600)
    app = night.app(live=True, refresh_seconds=300, sources={"support": box.access})
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await until(pilot, lambda: box.readers, "it is read")
        box.put("Cluster is down")
        await until(pilot, lambda: "Cluster is down" in screen_text(app), "it is on the board")
        desk = night.desk("Léa")
        ticket = next(
            each for each in desk.queue.page(QUEUES[0], limit=99) if each.subject == "Cluster is down"
        )
        # The commit alone makes it go out: the outbox isn't looked at for hours.
        app.live.jobs.scheduler.remove_job(OUTBOX)
        desk.outbox.answer(ticket.id, "We have started to work on it")
        await until(pilot, lambda: box.sent, "it is handed over")
        await until(pilot, lambda: desk.tickets.find(ticket.ref).answered_at is not None, "the clock stops")
        await until(pilot, lambda: app.session.sources and not app.session.sources[0].waiting, "it is known")
        assert app.session.polling is not None
    assert box.open == [], "no connection is left open"
    assert desk.sources.health()[0].holder == "", "the next desk can read at once"


@on_loop
async def test_a_source_that_fails_is_said_on_every_page(night: Night, box: Box) -> None:
    box.away = "mail.example refuses the password"
    app = night.app(live=True, refresh_seconds=300, sources={"support": box.access})
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await until(pilot, lambda: "support fails" in screen_lines(app)[0], "it is said")
        await pilot.press("question_mark")
        await until(pilot, lambda: "support fails" in screen_lines(app)[0], "on the next page, too")
        await pilot.press("escape")
        box.away = ""
        app.session.polling.nudge()
        await until(pilot, lambda: "support fails" not in screen_text(app), "it is back")


@on_loop
async def test_a_board_that_may_not_act_reads_nothing_and_shows_how_the_others_do(
    night: Night, box: Box
) -> None:
    other = night.desk("Marc")
    assert other.sources.hold("support", "box", "box://support") is not None
    other.sources.went_wrong("support", "no route", None)
    app = night.app(live=True, read_only=True, sources={"support": box.access})
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await until(pilot, lambda: "support fails" in screen_lines(app)[0], "it is said")
        assert app.session.polling is None
    assert box.readers == []


@on_loop
async def test_leaving_waits_for_no_source_that_hangs(night: Night, box: Box) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(_what: str) -> None:
        hangs.set()
        goes_on.wait(60)

    box.before = hang
    app = night.app(live=True, sources={"support": box.access})
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await until(pilot, hangs.is_set, "it hangs")
        await pilot.press("q")
    assert app.return_code == 0
    assert not goes_on.is_set()
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("oncall-pull"):
            thread.join(20)


@on_loop
async def test_a_mistake_in_the_code_of_a_source_is_logged_and_said(
    night: Night, box: Box, tmp_path: Path
) -> None:
    def fail(what: str) -> None:
        if what == "pull":
            raise ZeroDivisionError("and it quotes a customer")

    box.before = fail
    log = tmp_path / "log"
    app = night.app(live=True, log_file=log, sources={"support": box.access})
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        await until(pilot, lambda: "ZeroDivisionError" in screen_text(app), "it is said")
        assert "Mail queue stuck" in screen_text(app)
        assert "quotes a customer" not in screen_text(app)
    assert "ZeroDivisionError" in log.read_text()


@on_loop
async def test_each_source_has_a_job_and_a_commit_looks_what_goes_out(night: Night) -> None:
    sent, due = Heard(), []
    polls = Polls({"support": timedelta(seconds=0.05), "rt": timedelta(hours=1)}, due.append, sent)
    running = Jobs(lambda: None, 300, polls=polls)
    await running.start(night.desk("Léa"))
    jobs = {job.id for job in running.scheduler.get_jobs()}
    assert {source_job("support"), source_job("rt"), OUTBOX} <= jobs
    running.scheduler.remove_job(OUTBOX)
    await sent.next()
    before = sent.times
    night.desk("Marc").tickets.new(customer="leman", channel=Channel.EMAIL, subject="x")
    while sent.times == before:
        await sent.next()
    running.rebuild()
    assert {job.id for job in running.scheduler.get_jobs()} == jobs
    running.stop()
    assert set(due) == {"support"}
