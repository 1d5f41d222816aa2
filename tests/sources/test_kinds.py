"""The kinds of source, and what is said where one can't be opened."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from oncall_tui.domain.correspondence import SourceAccess
from oncall_tui.domain.errors import BadSettings
from oncall_tui.sources import kinds
from oncall_tui.sources.kinds import KINDS, SourceKind, kind_of, open_source

MADE_BY_SOMEBODY = """
class Board:
    place = "somewhere"

def open_source(access):
    board = Board()
    board.access = access
    return board
"""


def test_the_settings_of_a_kind_are_settings_of_a_source() -> None:
    known = {field.name for field in fields(SourceAccess)} | {"secret_file"}
    for kind in KINDS.values():
        assert kind.needs | kind.takes <= known
        assert not kind.needs & kind.takes
        assert kind.plain_schemes <= kind.schemes
        assert kind.has_secret == ("secret_file" in kind.takes)


def test_files_are_opened(tmp_path: Path) -> None:
    source = open_source(SourceAccess("drop", "files", str(tmp_path)))
    assert source.place == str(tmp_path)
    source.close()


def test_what_there_is_loads_nothing_that_has_to_be_installed() -> None:
    code = "import oncall_tui.sources.kinds, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"httpx", "imap_tools", "inscriptis", "lxml", "keyring"}


def test_an_unknown_kind_is_told_with_those_that_there_are() -> None:
    with pytest.raises(BadSettings) as told:
        kind_of("imap")
    assert told.value.message == "there is no kind of source 'imap'"
    assert "mailbox, request-tracker, files" in told.value.hint


def test_a_module_of_ones_own_is_a_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_desk").mkdir()
    (tmp_path / "own_desk" / "tickets.py").write_text(MADE_BY_SOMEBODY)
    monkeypatch.syspath_prepend(tmp_path)
    access = SourceAccess("own", "own_desk.tickets", "desk://here", folder="in")
    assert kind_of(access.kind).takes >= {"folder", "queues", "secret_file"}
    opened = open_source(access)
    assert opened.place == "somewhere"
    assert opened.access is access  # type: ignore[attr-defined]


def test_a_module_that_is_no_source_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_desk").mkdir()
    (tmp_path / "no_desk" / "empty.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BadSettings, match=r"sources\.own: the module no_desk\.empty has no open_source"):
        open_source(SourceAccess("own", "no_desk.empty", "x"))
    with pytest.raises(BadSettings, match=r"needs no_desk\.nowhere, which is not installed") as told:
        open_source(SourceAccess("own", "no_desk.nowhere", "x"))
    assert "PYTHONPATH" in told.value.hint


def test_a_missing_extra_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = SourceKind("letters", "absent_mail_library", needs=frozenset({"url"}), extra="mail")
    monkeypatch.setitem(kinds.KINDS, kind.name, kind)
    with pytest.raises(BadSettings) as told:
        open_source(SourceAccess("desk", "letters", "imaps://mail.example"))
    assert told.value.message == ("sources.desk: letters needs absent_mail_library, which is not installed")
    assert told.value.hint == "install the extra: pip install 'oncall-tui[mail]'"
