"""Programs in place of `notify-send` and of a user's own: real ones, which write down what they got."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Written = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Written:
    """Write a program: `program("notify-send", "Python code")`; what it needs to know stands in `HERE`."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def write(name: str, code: str) -> Path:
        path = folder / name
        path.write_text(
            f"#!{sys.executable} -I\nimport sys, os, time, json\nHERE = {str(tmp_path)!r}\n{code}\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


@pytest.fixture
def desktop_env(tmp_path: Path) -> dict[str, str]:
    """An environment with a session bus, as far as anybody looks before sending, and programs of a test."""
    (tmp_path / "bus").touch()
    return {
        "PATH": f"{tmp_path / 'bin'}",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "HOME": str(tmp_path),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
