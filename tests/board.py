"""The board on a real store, driven with keys: what the tests of screens stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import wraps
from pathlib import Path
from time import monotonic
from typing import Any

from ready import ready_file
from support import CUSTOMERS, NOW, HandClock
from textual.pilot import Pilot

from oncall_tui.app import OncallApp
from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.customers import Customer
from oncall_tui.domain.queue import QUEUES, Queue
from oncall_tui.domain.tickets import Channel, Means, Ticket
from oncall_tui.screens.session import Session
from oncall_tui.store import customers
from oncall_tui.store.keyring import Keyring

PATIENCE = 10.0
"""Seconds after which waiting for something that must happen has failed."""


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an `async def` test on an event loop of its own."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


class Night:
    """A store with customers and a clock, desks on it, and boards on it."""

    def __init__(
        self,
        url: str,
        clock: HandClock | None = None,
        *,
        known: Sequence[Customer] = CUSTOMERS,
        keyring: Keyring | None = None,
        config: Path | None = None,
    ) -> None:
        """`known` are the customers; without a `keyring` no code is. `config` is a settings file."""
        self.url = url
        self.clock = clock or HandClock()
        self.keyring = keyring
        self.settings = load_settings(config, {}, database=url)
        self._desks: list[Desk] = []
        with self.desk("setup").store.begin() as tx:
            customers.add(tx, [(customer, None) for customer in known])

    def desk(self, operator: str, *, read_only: bool = False) -> Desk:
        """Open a desk for `operator`; `close` closes it."""
        desk = open_desk(
            self.url,
            self.settings.offer,
            operator,
            clock=self.clock,
            read_only=read_only,
            keyring=self.keyring,
        )
        self._desks.append(desk)
        return desk

    def close(self) -> None:
        for desk in self._desks:
            desk.close()

    def file(
        self,
        customer: str = "leman",
        subject: str = "Cluster unreachable",
        *,
        minutes_ago: float = 0,
        channel: Channel = Channel.EMERGENCY,
        **more: Any,
    ) -> Ticket:
        """File a ticket that was received so many minutes ago."""
        received = self.clock() - timedelta(minutes=minutes_ago)
        return self._desks[0].tickets.new(
            customer=customer, channel=channel, subject=subject, received_at=received, **more
        )

    def app(
        self,
        operator: str = "Léa",
        *,
        read_only: bool = False,
        queue: Queue = QUEUES[0],
        queues: Sequence[Queue] = QUEUES,
        live: bool = False,
        ticking: bool = True,
        open_desk: Callable[[], Desk] | None = None,
        **more: Any,
    ) -> OncallApp:
        """Return a board of `operator`; without `live` nothing happens in it by itself."""
        session = Session(
            title="On call",
            operator=operator,
            zone=self.settings.offer.zone,
            clock=self.clock,
            read_only=read_only,
            hold_seconds=0.0,
            ticking=ticking,
        )

        def open_own() -> Desk:
            from oncall_tui import desk

            return desk.open_desk(
                self.url,
                self.settings.offer,
                operator,
                clock=self.clock,
                read_only=read_only,
                queues=queues,
                keyring=self.keyring,
            )

        return OncallApp(session, open_desk or open_own, queue=queue, queues=queues, live=live, **more)


def fill(night: Night) -> None:
    """File the tickets of the sketch: one of each urgency, owners, a promise, an answered one."""
    desk = night.desk("Léa")
    marc = night.desk("Marc")
    first = night.file("leman", "Cluster unreachable since 02:40", minutes_ago=72, contact="A. Rochat")
    desk.tickets.take(first.id)
    night.file("leman", "Mail queue stuck", minutes_ago=52)
    night.file("moret", "VPS won't boot", minutes_ago=89)
    renewal = night.file("moret", "Certificate renewal", channel=Channel.EMAIL)
    marc.tickets.take(renewal.id)
    night.file("tessin", "DNS change to be done", channel=Channel.EMAIL)
    told = night.file("leman", "Backup: which day?", channel=Channel.EMAIL, minutes_ago=60)
    desk.tickets.answer(told.id, Means.PHONE, text="We restore the one of Tuesday.")
    desk.tickets.promise(told.id, NOW + timedelta(minutes=40))
    night.file("jardin", "How do I move my site?", channel=Channel.EMAIL, minutes_ago=600)


async def until(pilot: Pilot[None], happened: Callable[[], object], what: str) -> None:
    """Wait until `happened` is true, however long the machine takes."""
    give_up = monotonic() + PATIENCE
    while not happened():
        if monotonic() > give_up:
            raise AssertionError(f"never: {what}\n{screen_text(pilot.app)}")
        await asyncio.sleep(0.01)
    await pilot.pause()


async def loaded(pilot: Pilot[None]) -> None:
    """Wait until the board stands and has nothing left to do."""
    app = pilot.app
    assert isinstance(app, OncallApp)
    await until(pilot, lambda: settled(app), "the board is loaded")


def settled(app: OncallApp) -> bool:
    """Say whether nothing is on its way: no worker, no read, no answer that isn't shown."""
    board = app.board
    return (
        board.tickets.view.complete
        and app.session.health.read_at is not None
        and bool(app.session.urgencies)
        and app.live is not None
        and not app.live.busy
        and not any(worker.is_running for worker in app.workers)
    )


def screen_text(app: Any) -> str:
    """Return what the screen shows, line by line, without colours."""
    return "\n".join(screen_lines(app))


def screen_lines(app: Any) -> list[str]:
    """Return the lines of the screen on top."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def url_in(folder: Path) -> str:
    """Return the URL of an SQLite file in `folder`, with an up-to-date schema."""
    path = folder / "night.db"
    ready_file(path)
    return f"sqlite:///{path}"
