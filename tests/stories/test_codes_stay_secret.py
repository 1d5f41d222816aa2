"""After a whole story no code stands anywhere: database, log, audit, exports, output, process list (R19)."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pty_program import Program

VIP, OTHER, SUPPORT, WRONG = "407182659", "318204771", "55550140", "935811478"
CODES = (VIP, OTHER, SUPPORT, WRONG)

CUSTOMERS = [
    {
        "id": "leman",
        "name": "Banque du Léman",
        "plan": "enterprise",
        "vip_code": VIP,
        "contacts": [{"name": "Anne Rochat", "phone": "+41 22 555 01 40", "support_code": SUPPORT}],
    },
    {"id": "moret", "name": "Fromagerie Moret", "plan": "pro", "vip_code": OTHER},
    {"id": "twice", "name": "The same code again", "plan": "pro", "vip_code": VIP},
    {"id": "bad", "name": "A plan that isn't", "plan": "gold", "vip_code": WRONG},
]

# The look-up fails where the digits are on every frame of the stack.
BREAKS = """
import sys
from oncall_tui.cli import main
from oncall_tui.store import codes

def breaks(connection, digests):
    raise RuntimeError("the disk is on fire")

codes.find = breaks
sys.exit(main(sys.argv[1:]))
"""


def looked_for() -> re.Pattern[bytes]:
    """Return what finds a code however its digits are grouped, or one that was turned around or escaped."""
    separator = rb"[\s.\-\xa0]{0,2}"
    spelt = [separator.join(bytes([digit]) for digit in code.encode()) for code in CODES]
    return re.compile(b"|".join(spelt))


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the desk of the story is; what people brought along lies elsewhere."""
    (tmp_path / "desk").mkdir()
    (tmp_path / "brought").mkdir()
    return tmp_path / "desk"


def test_a_whole_story_leaves_no_code_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / "home" / kind.lower()))
    monkeypatch.setenv("ONCALL_TUI_DATABASE", f"sqlite:///{folder}/desk.db")
    output = b""

    def run(*arguments: str, stdin: str = "", codes: tuple[int, ...] = (0,)) -> None:
        nonlocal output
        done = subprocess.run(
            [sys.executable, "-m", "oncall_tui", "--debug", *arguments],
            input=stdin.encode(),
            cwd=folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in codes, (arguments, done.stderr)
        output += done.stdout + done.stderr

    # A writer that stays keeps the write-ahead log from being folded into the database and emptied.
    run("db", "upgrade")
    kept = sqlite3.connect(folder / "desk.db")
    kept.execute("BEGIN")
    kept.execute("SELECT * FROM audit").fetchall()

    file = folder.parent / "brought" / "customers.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in CUSTOMERS))
    run("import", "customers", "-", stdin=file.read_text(), codes=(1,))
    for typed in (VIP, SUPPORT, WRONG, "12345", "407 182 659"):
        run("lookup", "--json", "--from", "022 555 99 99", stdin=typed, codes=(0, 3))
    run("lookup", "--said", "Somebody else", stdin=VIP, codes=(3,))
    run("lookup", VIP, codes=(2,))
    run("codes", "rotate", "moret", "--stdin", stdin=WRONG)
    run("codes", "key-rotate", "--json")
    run("codes", "list", "leman")

    settings = folder / "config.toml"
    settings.write_text("[codes]\nmask = true\n")
    with Program("--config", str(settings), "open") as board:
        board.wait_for("s ago")
        board.type(b"v")
        board.wait_for("Type the code")
        board.type(VIP.encode())
        command_line = Path(f"/proc/{board.process.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{board.process.pid}/environ").read_bytes()
        board.type(b"\r")
        board.wait_for("Banque")
        board.type(b"y")
        board.wait_for("Anne Rochat")
        board.type(b"\x1b")
        board.wait_for("ended")
        board.type(b"l")
        board.wait_for("essages")
        board.type(b"q")
        assert board.wait_for_exit() == 0
        output += board.output + command_line + environment

    with Program("--config", str(settings), "open", script=BREAKS) as board:
        board.wait_for("s ago")
        board.type(b"v")
        board.wait_for("Type the code")
        board.type(VIP.encode() + b"\r")
        board.wait_for("mistake of this program")
        board.type(b"\x11")
        board.wait_for_exit()
        output += board.output

    for listing in (("queue", "--json"), ("audit", "list", "--limit", "999", "--json"), ("audit", "list")):
        run(*listing)
    run("customer", "show", "leman", "--json")
    run("doctor", codes=(0, 1))
    run("audit", "verify", "--json")
    run("db", "backup", str(folder / "copy.db"))

    found = files_under(folder)
    names = {path.name for path in found}
    assert {"desk.db", "desk.db-wal", "copy.db", "oncall-tui.log", "stdin.rejected.jsonl"} <= names
    assert (folder / "desk.db-wal").stat().st_size > 0
    assert "the disk is on fire" in next(path for path in found if path.name == "oncall-tui.log").read_text()
    pattern = looked_for()
    assert pattern.search(file.read_bytes()), "what looks for codes finds them"
    assert pattern.search(b"407 182.659")
    for path in found:
        assert not pattern.search(path.read_bytes()), path
        assert not pattern.search(os.fsencode(path)), path
    assert not pattern.search(output), pattern.search(output)
    kept.close()
