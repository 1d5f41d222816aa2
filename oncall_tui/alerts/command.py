"""Notices to a program of the user's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from oncall_tui.alerts.children import run
from oncall_tui.domain.alerts import Notice, Outcome, Result
from oncall_tui.domain.text import ELLIPSIS, REF_LIMIT, clean, clean_body

LIMIT = 10.0
"""Seconds that the program may take."""

TEXT_LIMIT = 4000
"""Characters that it is given."""

_PATH_LIMIT, _PATH_SHOWN = 4096, 80
"""Characters of a path that are read, and of its end that are shown: the folders above can be missed."""


class Command:
    """Starts the program `argv` for each notice, without a shell."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._argv = tuple(argv)
        self._env = env

    def send(self, notice: Notice) -> Outcome:
        """Give `notice` to the program, as JSON on stdin and in variables. 0 says that it was delivered."""
        told = {
            "level": notice.level.value,
            "title": clean(notice.title, limit=TEXT_LIMIT),
            "text": clean_body(notice.body, limit=TEXT_LIMIT),
            "to": clean(notice.to, limit=TEXT_LIMIT),
        }
        refs = [clean(ref, limit=REF_LIMIT) for ref in notice.refs]
        variables = {f"ONCALL_TUI_{key.upper()}": value for key, value in told.items()}
        variables["ONCALL_TUI_REFS"] = " ".join(refs)
        try:
            ended = run(
                self._argv,
                json.dumps({**told, "refs": refs}, ensure_ascii=False),
                limit=LIMIT,
                env={**self._env, **variables},
            )
        except OSError as error:
            return Outcome(Result.FAILED, f"{_end_of(self._argv[0])}: {error.strerror}")
        if ended.code is None:
            return Outcome(Result.TIMEOUT, ended.words)
        if ended.code:
            return Outcome(Result.FAILED, ended.words or f"exit status {ended.code}")
        return Outcome(Result.OK)


def _end_of(path: str) -> str:
    shown = clean(path, limit=_PATH_LIMIT)
    return shown if len(shown) <= _PATH_SHOWN else ELLIPSIS + shown[1 - _PATH_SHOWN :]
