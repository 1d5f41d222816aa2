"""`oncall-tui document`: what it prints, what it ends with, and what a full disk or a kill leaves (R25)."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from printed import pages_of, qr_of, text_of

Run = Callable[..., Any]

CODE = "407182659"
ROWS = (
    {"id": "leman", "name": "Banque du Léman", "plan": "enterprise", "vip_code": CODE, "language": "fr"},
    {"id": "moret", "name": "Fromagerie Moret", "plan": "pro"},
    {"id": "jardin", "name": "Jardin d'Été", "plan": "standard"},
)
SETTINGS = """
[support]
phone = "+41 22 555 01 00"
emergency_phone = "+41 22 555 01 99"
"""


@pytest.fixture
def desk(process: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a desk with three organisations."""
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS)
    monkeypatch.setenv("ONCALL_TUI_CONFIG", str(settings))
    rows = "\n".join(json.dumps(row) for row in ROWS)
    assert process("import", "customers", "-", stdin=rows).code == 0
    return tmp_path


def acts(process: Run) -> list[str]:
    return [entry["act"] for entry in process("audit", "list", "--json").json]


def test_a_document_is_issued_and_one_line_says_so(process: Run, desk: Path) -> None:
    result = process("document", "leman", "--out", "leman.pdf")
    assert (result.code, result.err) == (0, "")
    assert result.out == "document no 1 of leman, in fr: leman.pdf\n"
    pdf = (desk / "leman.pdf").read_bytes()
    assert pages_of(pdf) == 1
    assert "407 182 659" in text_of(pdf)
    assert qr_of(pdf) == "tel:+41225550199"
    assert (desk / "leman.pdf").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in desk.glob(".*.part")] == []


def test_the_json_of_it(process: Run, desk: Path) -> None:
    result = process("document", "moret", "--new-code", "--out", str(desk / "m.pdf"), "--json")
    assert result.code == 0
    issued_at = result.json.pop("issued_at")
    assert issued_at[-6:] in ("+01:00", "+02:00")
    assert result.json | {"issued_at": ""} == {
        "customer": "moret",
        "number": 1,
        "language": "en",
        "new_code": True,
        "replaced": False,
        "file": str(desk / "m.pdf"),
        "issued_at": "",
    }


def test_a_new_code_makes_the_old_one_known_as_revoked(process: Run, desk: Path) -> None:
    process("document", "leman", "--out", "1.pdf")
    result = process("document", "leman", "--new-code", "--out", "2.pdf")
    assert "with a new VIP code; the one before is revoked" in result.out
    assert process("lookup", "--json", stdin=CODE).json["outcome"] == "revoked"
    assert "407 182 659" not in text_of((desk / "2.pdf").read_bytes())


def test_rotating_a_code_says_which_document_is_void(process: Run, desk: Path) -> None:
    process("document", "leman", "--out", "1.pdf")
    result = process("codes", "rotate", "leman", "--out", "new.txt")
    assert "document no 1 is out of date: issue a new technical document (R25)" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("jardin", "--out", "x.pdf"), 1, "the standard plan, which has no technical document (R25)"),
        (("moret", "--out", "x.pdf"), 1, "moret has no VIP code in force to stand on the document (R25)"),
        (("nobody", "--out", "x.pdf"), 3, "no customer 'nobody'"),
        (("leman", "--out", "."), 2, ". is a folder"),
        (("leman", "--out", "settings.toml"), 1, "settings.toml is there already"),
        (("leman", "--out", "nowhere/x.pdf"), 2, "can't write nowhere/x.pdf: No such file or directory"),
        (("leman", "--out", "/dev/full", "--force"), 2, "/dev/full is no ordinary file"),
        (("leman", "--out", "~nobody-here/x.pdf"), 2, "is in no known home"),
        (("leman", "--out", "x" * 300), 2, "File name too long"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_issued(
    process: Run, desk: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = sorted(desk.iterdir())
    result = process("document", *arguments)
    assert result.code == code
    assert said in result.err.splitlines()[0]
    assert len(result.err.splitlines()) <= 2
    assert sorted(desk.iterdir()) == before
    assert "issue document" not in acts(process)


def test_without_a_number_in_the_settings_it_names_the_setting(process: Run, desk: Path) -> None:
    (desk / "settings.toml").write_text("")
    result = process("document", "leman", "--out", "x.pdf")
    assert result.code == 1
    assert "set support.emergency_phone in the settings" in result.err
    assert not (desk / "x.pdf").exists()


def test_without_the_extra_it_names_what_to_install(
    cli: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fpdf", None)
    result = cli("document", "leman", "--out", str(desk / "x.pdf"))
    assert result.code == 1
    assert result.err.splitlines() == [
        "oncall-tui: the extra pdf is not installed",
        "  pip install 'oncall-tui[pdf]'",
    ]
    found = next(check for check in cli("doctor", "--json").json["checks"] if check["name"] == "document")
    assert (found["state"], found["message"]) == ("warn", "the extra pdf is not installed")


def test_doctor_says_what_is_lacking(cli: Run, desk: Path) -> None:
    def found() -> dict[str, str]:
        return next(check for check in cli("doctor", "--json").json["checks"] if check["name"] == "document")

    assert found()["message"].startswith("can be issued; without support.name, support.email")
    (desk / "settings.toml").write_text('[support]\nphone = "+41 22 555 01 00"\n')
    assert found()["message"] == "no number to call is set"
    assert found()["hint"].startswith("support.emergency_phone in the settings")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 4 KB: less than a document takes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can make a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_issues_nothing_and_keeps_the_code(process: Run, desk: Path, small: Path) -> None:
    result = process("document", "leman", "--new-code", "--out", str(small / "x.pdf"))
    assert result.code == 2
    assert "No space left on device" in result.err.splitlines()[0]
    assert list(small.iterdir()) == []
    assert "issue document" not in acts(process)
    assert process("lookup", "--json", stdin=CODE).json["outcome"] == "match"


PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def keep_to_the_rights_of_files() -> None:
    """Let what is started from this process write no more than the rights of a file say, as root too."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def test_a_folder_that_is_nobodys_to_write_to(process: Run, desk: Path) -> None:
    closed = desk / "closed"
    closed.mkdir(mode=0o500)
    rights = keep_to_the_rights_of_files if sys.platform == "linux" else None
    result = process("document", "leman", "--new-code", "--out", str(closed / "x.pdf"), first=rights)
    assert (result.code, "Permission denied" in result.err) == (2, True)
    assert list(closed.iterdir()) == []
    assert process("lookup", "--json", stdin=CODE).json["outcome"] == "match"


KILLED = """
import os, signal, sys
from oncall_tui.desk.documents import DocumentDesk
from oncall_tui.store import documents

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "before":
    DocumentDesk.issue = kill
else:
    documents.add = kill  # within the transaction, the code being revoked
from oncall_tui.cli import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_kill_before_it_counts_leaves_nothing_issued(process: Run, desk: Path, when: str) -> None:
    arguments = ["document", "leman", "--new-code", "--out", "x.pdf"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, when, *arguments], cwd=desk, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not (desk / "x.pdf").exists()
    assert "issue document" not in acts(process)
    assert process("lookup", "--json", stdin=CODE).json["outcome"] == "match"
    # What was begun is nobody else's to read, and the next one is number 1.
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in desk.glob(".*.part"))
    assert process("document", "leman", "--out", "x.pdf", "--json").json["number"] == 1


def test_a_folder_that_goes_meanwhile_leaves_the_document_where_it_is_said(
    cli: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr(os, "link", fail)
    result = cli("document", "leman", "--out", str(desk / "x.pdf"))
    assert result.code == 1
    first, second = result.err.splitlines()
    assert "document no 1 is issued, but its file can't be called x.pdf: Permission denied" in first
    assert Path(second.strip().removeprefix("it is at ")).read_bytes().startswith(b"%PDF")
