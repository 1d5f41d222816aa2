"""Notices to people elsewhere, with Apprise: mail, ntfy, Signal, SMS gateways and many more.

Apprise is an extra and slow to load, so it runs in a process of its own. Its URLs hold passwords: they go
there on stdin, and nothing that Apprise says comes back but the scheme of a URL and a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from oncall_tui.alerts.children import python, run
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result
from oncall_tui.domain.messages import marked
from oncall_tui.domain.text import clean

LIMIT = 15.0
"""Seconds that a push may take."""

ANSWERING = 12.0
"""Seconds of them that the targets have, so that it can still be said which one didn't answer."""

TEXT_LIMIT = 1000
"""Characters that are sent."""

NO_APPRISE = marked("Apprise is not installed: pip install 'oncall-tui[push]'")
NOBODY = marked("no push is set for them")

_TYPES = {Level.NOTICE: "info", Level.WARNING: "warning"}


class Push:
    """Sends notices to `urls`, and those for one of `people`, by name, to theirs."""

    def __init__(
        self, urls: Sequence[str], people: Mapping[str, Sequence[str]], env: Mapping[str, str]
    ) -> None:
        self._urls = tuple(urls)
        self._people = people
        self._env = env

    def send(self, notice: Notice) -> Outcome:
        """Send `notice`. It counts as delivered when every target has taken it."""
        if not installed():
            return Outcome(Result.FAILED, NO_APPRISE)
        urls = self.targets(notice.to)
        if not urls:
            return Outcome(Result.ABSENT, NOBODY)
        wanted = {
            "title": clean(notice.title, limit=TEXT_LIMIT),
            "body": clean(notice.body, limit=TEXT_LIMIT) or clean(notice.title, limit=TEXT_LIMIT),
            "type": _TYPES.get(notice.level, "failure"),
            "seconds": ANSWERING,
        }
        return self._told({**wanted, "urls": urls})

    def look(self) -> Outcome:
        """Say whether Apprise can read all URLs. Nothing is sent."""
        urls = [*self._urls, *(url for own in self._people.values() for url in own)]
        return self._told({"urls": urls}) if installed() else Outcome(Result.FAILED, NO_APPRISE)

    def _told(self, wanted: Mapping[str, object]) -> Outcome:
        ended = run(python("push_child.py"), json.dumps(wanted), limit=LIMIT, env=self._env)
        if ended.code is None:
            return Outcome(Result.TIMEOUT)
        if ended.code:
            return Outcome(Result.FAILED, ended.words or f"exit status {ended.code}")
        return Outcome(Result.OK)

    def targets(self, name: str) -> tuple[str, ...]:
        """Return where notices for `name` go: to all for nobody in particular, and for who has no target."""
        return tuple(self._people.get(name) or self._urls) if name else self._urls


def installed() -> bool:
    """Say whether the extra is there, without loading it."""
    from importlib.util import find_spec

    spec = find_spec("apprise")
    return spec is not None and spec.origin is not None
