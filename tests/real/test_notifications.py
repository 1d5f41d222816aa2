"""Notices on a real session bus, over both of plyer's ways, and on a real desktop."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from notifications import Bus, Service, Shown

from oncall_tui.alerts import desktop, desktop_child
from oncall_tui.alerts.bus import BusTrouble, notification_service
from oncall_tui.alerts.desktop import Desktop
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result

NOTICE = Notice(Level.BREACH, "-h Banque du Léman – «It's» 日本", "It's <b> & -- due 03:00", refs=("T-1",))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a socket's is a hundred characters at most."""
    with tempfile.TemporaryDirectory(prefix="oncall-bus-") as made:
        yield Path(made)


@pytest.fixture
def bus(folder: Path) -> Iterator[Bus]:
    started = Bus(folder)
    yield started
    started.stop()


@pytest.fixture
def service(bus: Bus, folder: Path) -> Iterator[Service]:
    started = Service(bus.address, folder)
    yield started
    started.stop()


def env_of(bus: Bus, **more: str) -> dict[str, str]:
    return os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus.address} | more


def arrived(shown: Shown) -> tuple[str, str, int | None, int, str]:
    return shown.title, shown.body, shown.urgency, shown.milliseconds, shown.app


def test_notify_send_brings_it_to_the_desktop(bus: Bus, service: Service) -> None:
    env = env_of(bus)
    assert "notify-send" in desktop.ways(env)
    assert Desktop(env).send(NOTICE) == Outcome(Result.OK)
    quiet = NOTICE._replace(level=Level.NOTICE, title="x" * 10_000, body="\\n\\t<i>" * 2_000)
    assert Desktop(env).send(quiet) == Outcome(Result.OK)
    first, second = service.wait_for(2)
    assert arrived(first) == (
        "–h Banque du Léman – «It's» 日本",
        "It's ‹b› + -- due 03:00",
        2,
        0,
        "oncall-tui",
    )
    assert arrived(second) == (*desktop.words(quiet), 0, 10_000, "oncall-tui")


def test_pythons_dbus_brings_it_to_the_desktop(bus: Bus, service: Service, folder: Path) -> None:
    """In Debian's own Python, which python3-dbus is made for; plyer and the child are ours."""
    import plyer

    site = folder / "site"
    site.mkdir()
    (site / "plyer").symlink_to(Path(plyer.__file__).parent)
    done = subprocess.run(
        ["/usr/bin/python3", desktop_child.__file__],
        input=desktop.wanted(NOTICE, ["dbus"]).encode(),
        env=env_of(bus, PYTHONPATH=str(site)),
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (shown,) = service.wait_for(1)
    assert arrived(shown) == (*desktop.words(NOTICE), 2, 0, "oncall-tui")


def test_nobody_on_the_bus_is_no_desktop(bus: Bus) -> None:
    assert Desktop(env_of(bus)).send(NOTICE) == Outcome(Result.ABSENT, desktop.NO_SERVICE)
    assert notification_service(bus.address) == ""


def test_a_dead_bus_fails_and_says_so(bus: Bus) -> None:
    bus.stop()
    sent = Desktop(env_of(bus)).send(NOTICE)
    assert sent.result is Result.FAILED
    assert "No such file or directory" in sent.detail or "refused" in sent.detail


def test_a_service_that_hangs_is_given_up_in_time(bus: Bus, service: Service) -> None:
    service.hang()
    began = time.monotonic()
    assert Desktop(env_of(bus)).send(NOTICE) == Outcome(Result.TIMEOUT)
    assert time.monotonic() - began < 2 * desktop.LIMIT
    with pytest.raises(BusTrouble, match="no answer"):
        notification_service(bus.address, limit=0.5)


def test_doctor_names_who_shows_notifications(bus: Bus, service: Service, tmp_path: Path) -> None:
    assert notification_service(bus.address) == "recorder 1"
    done = subprocess.run(
        [sys.executable, "-m", "oncall_tui", "doctor", "--alerts", "--json"],
        env=env_of(bus),
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    document = json.loads(done.stdout)
    found = {check["name"]: check for check in document["checks"]}
    assert found["desktop"]["message"].endswith("shown by recorder 1")
    assert [trial["state"] for trial in document["trials"]] == ["ok"]
    (shown,) = service.wait_for(1)
    assert shown.title == "oncall-tui: a test"


@pytest.fixture
def dunst(bus: Bus, folder: Path) -> Iterator[dict[str, str]]:
    """A desktop: a screen that nobody sees, and dunst on it; returns the environment there."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "900x300x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        display = f":{told.readline().strip()}"
    env = env_of(bus, DISPLAY=display, XDG_CONFIG_HOME=str(folder))
    shower = subprocess.Popen(["dunst"], env=env, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + 20
    while not notification_service(bus.address):
        assert time.monotonic() < give_up, "dunst doesn't start"
        time.sleep(0.05)
    yield env
    for process in (shower, screen):
        process.kill()
        process.wait()


def test_a_real_desktop_shows_it_as_it_is(dunst: dict[str, str], tmp_path: Path) -> None:
    assert notification_service(dunst["DBUS_SESSION_BUS_ADDRESS"]).startswith("dunst ")
    notice = NOTICE._replace(title="!! Banque du Léman: promise broken", body="It's <b> due & 03:00")
    assert Desktop(dunst).send(notice) == Outcome(Result.OK)
    picture = tmp_path / "desktop.png"
    give_up = time.monotonic() + 20
    while shown_now(dunst) != "1":
        assert time.monotonic() < give_up, "dunst shows nothing"
        time.sleep(0.05)
    subprocess.run(["scrot", "-o", str(picture)], env=dunst, check=True)
    # A screen of one colour makes a far smaller file.
    assert picture.stat().st_size > 2_000
    if kept := os.environ.get("ONCALL_TUI_PICTURES"):
        shutil.copy(picture, Path(kept, "dunst.png"))
    subprocess.run(["dunstctl", "close-all"], env=dunst, check=True)
    history = json.loads(subprocess.check_output(["dunstctl", "history"], env=dunst))
    (entry,) = history["data"][0]
    assert entry["summary"]["data"] == notice.title
    assert entry["body"]["data"] == "It's ‹b› due + 03:00"
    assert entry["timeout"]["data"] == 0  # stays until it is seen


def shown_now(env: dict[str, str]) -> str:
    return subprocess.check_output(["dunstctl", "count", "displayed"], env=env, text=True).strip()
