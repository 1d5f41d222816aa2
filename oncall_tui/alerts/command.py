"""Notices to a program of the user's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from oncall_tui.alerts.children import run
from oncall_tui.domain.alerts import Notice, Outcome, Result
from oncall_tui.domain.text import REF_LIMIT, clean, clean_body

LIMIT = 10.0
"""Seconds that the program may take."""

TEXT_LIMIT = 4000
"""Characters that it is given."""


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
            return Outcome(Result.FAILED, f"{clean(self._argv[0], limit=80)}: {error.strerror}")
        if ended.code is None:
            return Outcome(Result.TIMEOUT, ended.words)
        if ended.code:
            return Outcome(Result.FAILED, ended.words or f"exit status {ended.code}")
        return Outcome(Result.OK)
