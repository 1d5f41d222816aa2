"""Running commands: in this process with its output caught, and as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.cli import main

Run = Callable[..., "Result"]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; anything else there is an error."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _no_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output that nobody looks at is as wide as it likes; pytest-xdist would say 80."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(arguments)
        caught = capsys.readouterr()
        return Result(code, caught.out, caught.err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """Run a command as a process of its own; `stdin` is text or bytes, `env` adds to the environment.

    `first` is called in the new process, before the command.
    """

    def run(
        *arguments: str,
        stdin: str | bytes = b"",
        env: dict[str, str] | None = None,
        first: Callable[[], object] | None = None,
    ) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=os.environ | (env or {}),
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            preexec_fn=first,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err
        return Result(done.returncode, out, err)

    return run
