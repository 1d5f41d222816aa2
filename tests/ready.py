"""Databases with an up-to-date schema and nothing in them: a copy costs a thirtieth of the migrations."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from oncall_tui.store.engine import Store

TEMPLATE = "t_ready"
"""The name of the PostgreSQL database that others are copies of."""


def ready_file(path: Path) -> None:
    """Put a migrated SQLite database where none is."""
    if not path.exists():
        shutil.copyfile(_migrated_file(), path)
        path.chmod(0o600)


@lru_cache
def _migrated_file() -> Path:
    """Return a database that was migrated once, in this process."""
    folder = tempfile.mkdtemp(prefix="oncall-tui-ready-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "ready.db")
    Store.open(f"sqlite:///{path}").close()
    return path
