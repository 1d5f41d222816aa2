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
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from typing import Any

_STATUS = re.compile(r"\berror\s*[=:]\s*(\d{3})\b")
_NO_CONNECTION = re.compile(r"connection error", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,19}")


_UNREADABLE = "Apprise can't read the URL"

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


def _targets(urls: list[str]) -> list[Any]:
    """Return a target a URL, None for one that Apprise can't read."""
    from apprise import Apprise, AppriseAsset

    log = logging.getLogger("apprise")
    log.handlers, log.propagate = [_Listener(logging.WARNING)], False
    log.setLevel(logging.WARNING)
    asset = AppriseAsset(
        app_id="oncall-tui", app_desc="oncall-tui", app_url="", async_mode=False, plugin_paths=[]
    )
    # Each by itself: one that fails or hangs is no matter of the others.
    targets = [Apprise(asset=asset) for _url in urls]
    return [target if target.add(url) else None for target, url in zip(targets, urls, strict=True)]


def _reasons_of(targets: list[Any], wanted: dict[str, Any]) -> list[str]:
    """Send to all at once and return what went wrong with each, empty for nothing."""
    pool = ThreadPoolExecutor(len(targets))
    sent = [pool.submit(_sent, target, wanted) for target in targets if target is not None]
    wait(sent, timeout=wanted["seconds"])
    answers = iter(sent)
    return [_UNREADABLE if target is None else _reason(next(answers)) for target in targets]


def _reason(sent: Future[str]) -> str:
    if not sent.done():
        return "no answer"
    error = sent.exception()
    return sent.result() if error is None else type(error).__name__


def _failures(wanted: dict[str, Any]) -> list[str]:
    """Send, or only read the URLs where there is nothing to be sent, and return what went wrong."""
    urls = wanted["urls"]
    targets = _targets(urls)
    if wanted.get("title"):
        reasons = _reasons_of(targets, wanted)
    else:
        reasons = ["" if target is not None else _UNREADABLE for target in targets]
    return [
        f"target {at} ({scheme[0] if (scheme := _SCHEME.match(url)) else '?'}): {reason}"
        for at, (url, reason) in enumerate(zip(urls, reasons, strict=True), 1)
        if reason
    ]


def main() -> int:
    """Send what stdin says and return the exit status."""
    try:
        failures = _failures(json.load(sys.stdin.buffer))
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
