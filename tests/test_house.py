"""Who may import whom (CONTRIBUTING), from the imports and from a fresh process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {
    "textual",
    "rich",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "apscheduler",
    "plyer",
    "apprise",
    "phonenumbers",
    "fpdf",
    "segno",
    "fontTools",
}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import oncall_tui.cli", set()),
        ("import oncall_tui.actions", set()),
        ("import oncall_tui.alerts.senders", set()),
        ("import oncall_tui.app", {"textual", "rich"}),
        ("import oncall_tui.desk", {"sqlalchemy"}),
        ("import oncall_tui.desk.document_files, oncall_tui.documents", {"sqlalchemy"}),
    ],
)
def test_what_an_import_loads_in_a_fresh_process(statement: str, allowed: set[str]) -> None:
    assert loaded_by(statement) & HEAVY <= allowed
