"""The app around the screens: opening the store, losing and finding it, time that jumps, crashes."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, until, url_in

from oncall_tui.app import CRASHED
from oncall_tui.desk import Desk
from oncall_tui.domain.errors import StoreUnavailable
from oncall_tui.watchdog import Reading


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


class Clocks:
    """The three clocks of the machine, plus what a test adds to them."""

    def __init__(self) -> None:
        self.wall = self.monotonic = self.boot = 0.0

    def __call__(self) -> Reading:
        now = Reading.now()
        boot = (now.monotonic if now.boot is None else now.boot) + self.boot
        return Reading(now.wall + self.wall, now.monotonic + self.monotonic, boot)


@on_loop
async def test_the_first_frame_is_painted_before_the_store_is_opened(night: Night) -> None:
    may_open = threading.Event()

    def open_desk() -> Desk:
        assert may_open.wait(10)
        return night.desk("Léa")

    app = night.app(open_desk=open_desk)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Opening the store …" in screen_text(app)
        await pilot.press("t")
        assert "take: the store isn't open" in screen_text(app)
        assert screen_lines(app)[-1].endswith("? help")
        may_open.set()
        await loaded(pilot)
        assert "Mail queue stuck" in screen_text(app)


@on_loop
async def test_a_store_that_isnt_there_yet_is_tried_again(night: Night) -> None:
    tries = []

    def open_desk() -> Desk:
        tries.append(None)
        if len(tries) < 3:
            raise StoreUnavailable("postgresql://desk/oncall doesn't answer")
        return night.desk("Léa")

    app = night.app(open_desk=open_desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "The store can't be reached." in screen_text(app), "it is said")
        assert "postgresql://desk/oncall doesn't answer" in screen_text(app)
        assert "NO DATA 00:00:0" in screen_lines(app)[0]
        assert "r tries again now" in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: len(tries) > 1, "r tried again")
        await pilot.press("r")
        await loaded(pilot)
        assert "NO DATA" not in screen_text(app)


@on_loop
async def test_a_store_that_cant_be_used_ends_the_program_with_its_line_and_code(tmp_path: Path) -> None:
    night = Night(url_in(tmp_path))
    night.url = "mysql://nobody@nowhere/nothing"
    app = night.app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.return_code is not None, "it has left")
    assert app.return_code == 2
    assert app.last_words.startswith("oncall-tui: the database URL is of no kind this program knows")
    night.close()


@on_loop
async def test_a_store_that_goes_away_leaves_the_last_good_data_and_comes_back(
    postgresql_server: str, postgresql_url: str
) -> None:
    night = Night(postgresql_url)
    fill(night)
    app = night.app(live=True, refresh_seconds=0.2)
    name = urlsplit(postgresql_url).path[1:]
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        with psycopg.connect(postgresql_server, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            await until(pilot, lambda: "STALE 00:00:0" in screen_lines(app)[0], "stale is said")
            assert "Mail queue stuck" in screen_text(app), "the last good data is kept"
            await pilot.press("j", "t")
            await until(pilot, lambda: "Not done" in screen_lines(app)[-2], "an act isn't done")
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await until(pilot, lambda: "STALE" not in screen_text(app), "it has come back by itself")
        night.clock.advance(seconds=1)
        Night.desk(night, "Marc").tickets.take(night.desk("x").tickets.find("T-000004").id)
        await until(pilot, lambda: "Mail queue stuck" in screen_text(app), "the board is there")
        await until(
            pilot,
            lambda: any("Mail queue" in line and "Marc" in line for line in screen_lines(app)),
            "changes are heard of again",
        )
    night.close()


@pytest.mark.parametrize(
    ("jump", "said"),
    [
        ({"wall": 3600, "boot": 3600}, "asleep "),
        ({"wall": 3600}, "clock set forward by 1 h"),
        ({"wall": -3600}, "clock set back by 1 h"),
        ({"wall": 60, "monotonic": 60, "boot": 60}, "stopped "),
    ],
)
@on_loop
async def test_time_that_jumps_is_noticed_said_and_caught_up(
    night: Night, jump: dict[str, float], said: str
) -> None:
    clocks = Clocks()
    app = night.app(live=True, read_clocks=clocks)
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        for name, seconds in jump.items():
            setattr(clocks, name, seconds)
        await until(pilot, lambda: "caught up" in screen_text(app), "it is said")
        assert said in screen_lines(app)[-2]
        await pilot.press("j")
        assert "caught up" not in screen_text(app)


@on_loop
async def test_a_scheduler_that_stands_still_is_started_again(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncall_tui import jobs

    monkeypatch.setattr(jobs, "_STALLED_SECONDS", 0.1)
    app = night.app(live=True, refresh_seconds=0.1)
    async with app.run_test(size=(119, 24)) as pilot:
        await loaded(pilot)
        assert app.live is not None
        await until(pilot, lambda: app.live.jobs.scheduler is not None, "the scheduler runs")
        app.live.jobs.scheduler.remove_all_jobs()
        await until(pilot, lambda: "the scheduler had stopped, caught up" in screen_text(app), "it is said")


def test_a_crash_is_raised_in_tests_and_leaves_its_line(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app(log_file=tmp_path / "own.log")

    def broken() -> None:
        raise ZeroDivisionError("\x1b[31m[/foo]")

    monkeypatch.setattr(app.board, "action_refresh", broken)

    @on_loop
    async def crash() -> None:
        async with app.run_test() as pilot:
            await loaded(pilot)
            await pilot.press("r")

    with pytest.raises(ZeroDivisionError):
        crash()
    assert app.return_code == CRASHED
    assert app.last_words.startswith(
        "oncall-tui: a mistake of this program: ZeroDivisionError in test_app.py"
    )
    assert str(tmp_path / "own.log") in app.last_words
    assert "\x1b" not in app.last_words
    logged = (tmp_path / "own.log").read_text()
    assert "ZeroDivisionError" in logged
    assert "\x1b" not in logged


@on_loop
async def test_ctrl_c_says_how_to_leave(night: Night) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("ctrl+c")
        assert "q leaves the program" in screen_text(app)
        await pilot.press("q")
        await until(pilot, lambda: app.return_code is not None, "it has left")
    assert app.return_code == 0


@on_loop
async def test_garbage_is_collected_again_after_the_first_rows(night: Night) -> None:
    gc.disable()
    try:
        app = night.app(hurry=True)
        async with app.run_test(size=(80, 24)) as pilot:
            await loaded(pilot)
            assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
