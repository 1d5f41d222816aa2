"""Sends one push with Apprise, in a process of its own: a script that `push.py` starts by its path.

It reads what to send, and where, as JSON from stdin. What it says on stderr names a target by its place and
the scheme of its URL: the rest of a URL is a secret, and Apprise's own words may hold parts of it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import ContextVar
from typing import Any

_STATUS = re.compile(r"\berror\s*[=:]\s*(\d{3})\b")
_NO_CONNECTION = re.compile(r"connection error", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,19}")


_reasons: ContextVar[list[str]] = ContextVar("_reasons")
"""What went wrong at the target that is being sent to; Apprise takes the context into its own threads."""


class _Listener(logging.Handler):
    """Keeps of what Apprise logs only a status, or that there was no connection."""

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of what can be repeated."""
        said = record.getMessage()
        if status := _STATUS.search(said):
            _reasons.get([]).append(f"status {status[1]}")
        elif _NO_CONNECTION.search(said):
            _reasons.get([]).append("no connection")


def _sent(target: Any, wanted: dict[str, Any]) -> str:
    """Send to one target and return what went wrong, empty for nothing."""
    from apprise import NotifyFormat

    reasons: list[str] = []
    _reasons.set(reasons)
    done = target.notify(
        title=wanted["title"], body=wanted["body"], notify_type=wanted["type"], body_format=NotifyFormat.TEXT
    )
    return "" if done else reasons[-1] if reasons else "refused"


def _failures(wanted: dict[str, Any]) -> list[str]:
    """Send to all targets at once and return what went wrong, in their order."""
    from apprise import Apprise, AppriseAsset

    log = logging.getLogger("apprise")
    log.handlers, log.propagate = [_Listener(logging.WARNING)], False
    log.setLevel(logging.WARNING)
    asset = AppriseAsset(
        app_id="oncall-tui", app_desc="oncall-tui", app_url="", async_mode=False, plugin_paths=[]
    )
    # Each by itself: one that fails or hangs is no matter of the others. Adding loads Apprise's parts.
    targets = [Apprise(asset=asset) for _url in wanted["urls"]]
    known = [target.add(url) for target, url in zip(targets, wanted["urls"], strict=True)]
    pool = ThreadPoolExecutor(len(targets))
    sent = {at: pool.submit(_sent, target, wanted) for at, target in enumerate(targets) if known[at]}
    wait(sent.values(), timeout=wanted["seconds"])
    failures = []
    for at, url in enumerate(wanted["urls"]):
        if at not in sent:
            reason = "Apprise can't read the URL"
        elif not sent[at].done():
            reason = "no answer"
        elif (error := sent[at].exception()) is not None:
            reason = type(error).__name__
        else:
            reason = sent[at].result()
        if reason:
            scheme = _SCHEME.match(url)
            failures.append(f"target {at + 1} ({scheme[0] if scheme else '?'}): {reason}")
    return failures


def main() -> int:
    """Send what stdin says and return the exit status."""
    try:
        failures = _failures(json.load(sys.stdin))
    except Exception as error:  # noqa: BLE001 - what it says may hold a secret
        failures = [type(error).__name__]
    if failures:
        sys.stderr.write("; ".join(failures) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # A target that doesn't answer isn't waited for.
    os._exit(status)
