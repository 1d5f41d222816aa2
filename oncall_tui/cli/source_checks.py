"""The checks of `doctor` on sources: is there a password, does the server answer, how did reading it go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oncall_tui.cli.finding import Finding, State
from oncall_tui.credentials import Credential
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.errors import OncallError

if TYPE_CHECKING:
    from oncall_tui.domain.correspondence import SourceAccess, SourceHealth

LIMIT = 10.0
"""Seconds that a source has to answer in."""


def source_checks(
    sources: Mapping[str, SourceAccess], known: Mapping[str, SourceHealth], now: datetime
) -> Iterator[Finding]:
    """Look at every source. `known` is how each did for all desks by now."""
    if not sources:
        yield Finding("sources", State.OK, "nothing set: tickets come in by hand and by import")
    for name, access in sources.items():
        yield _found(access)
        if name in known:
            yield _history(known[name], now)


def _found(access: SourceAccess) -> Finding:
    """Look for the password and connect: all of it is given up after `LIMIT`, whoever doesn't answer."""
    where = f"{access.kind}, {access.url}"
    place = ""

    def look() -> str:
        nonlocal place
        from oncall_tui.polling import opened
        from oncall_tui.sources.kinds import KINDS

        # Whether a kind of one's own needs a password only its code knows.
        if isinstance(access.secret, Credential) and access.kind in KINDS:
            place = f"; password from {access.secret.find().place}"
        source = opened(access)
        try:
            return source.check()
        finally:
            source.close()

    try:
        answer = _within(LIMIT, look)
    except OncallError as error:
        return Finding(access.name, State.FAIL, f"{where}: {error.message}{place}", error.hint)
    except TimeoutError:
        return Finding(
            access.name, State.FAIL, f"{where}: no answer within {LIMIT:g} s{place}", "is it overloaded?"
        )
    except Exception as error:  # noqa: BLE001 - a source of one's own may raise anything
        return Finding(access.name, State.FAIL, f"{where}: {type(error).__name__} in its code{place}")
    return Finding(access.name, State.OK, f"{where}: {answer}{place}")


def _history(health: SourceHealth, now: datetime) -> Finding:
    """Say how reading it went, and what goes out to it."""
    said = [_read(health, now)]
    if health.lag is not None:
        said.append(f"the last one lay there for {_span(timedelta(seconds=health.lag))}")
    if health.holder:
        said.append(f"{health.holder} reads it")
    if health.waiting:
        said.append(f"{health.waiting} on the way out")
    if health.stuck:
        said.append(f"{health.stuck} not sent")
    hint = "oncall-tui outbox list says why" if health.stuck else ""
    state = State.WARN if health.fails or health.stuck else State.OK
    return Finding(health.name, state, ", ".join(said), hint)


def _read(health: SourceHealth, now: datetime) -> str:
    if health.fails and health.failed_at is not None:
        tries = f", {health.failures} times in a row" if health.failures > 1 else ""
        return f"the last try failed {_span(now - health.failed_at)} ago{tries}: {health.error}"
    if health.succeeded_at is None:
        return "never read yet"
    return f"read {_span(now - health.succeeded_at)} ago"


def _span(span: timedelta) -> str:
    return format_duration(timedelta(seconds=max(round(span.total_seconds()), 0)))


def _within(seconds: float, work: Callable[[], str]) -> str:
    """Return what `work` returns, or raise what it raises; `TimeoutError` if it takes longer."""
    done: list[str] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run, name="oncall-check", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise TimeoutError
    return done[0]
