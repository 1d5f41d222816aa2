"""A text is written in the engineer's own editor, which is a real process here."""

from __future__ import annotations

import resource
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hostile import HOSTILE

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import BODY_LIMIT, clean_body
from oncall_tui.editor import edited, ended_at_once


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes a shell script the editor; the file is its `$1`."""

    def chosen(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("EDITOR", f"'{path}'")
        monkeypatch.delenv("VISUAL", raising=False)

    return chosen


@contextmanager
def nothing_to_give() -> Iterator[None]:
    yield


SUSPENDED: Callable[[], AbstractContextManager[None]] = nothing_to_give


def test_what_the_editor_leaves_is_the_text(editor: Callable[[str], None]) -> None:
    editor('echo "second line" >> "$1"')
    assert edited("first line", "M-12", SUSPENDED).text == "first line\nsecond line"


def test_the_file_is_private_and_gone_afterwards(editor: Callable[[str], None], tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    editor(f'stat -c "%a %n" "$1" > "{seen}"; touch "$1~" "$(dirname "$1")/.swap"')
    edited("secret", "M-12", SUSPENDED)
    mode, _, name = seen.read_text().strip().partition(" ")
    assert int(mode, 8) == stat.S_IRUSR | stat.S_IWUSR
    assert name.endswith("/M-12.txt")
    assert not Path(name).parent.exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_written_is_cleaned(name: str, editor: Callable[[str], None], tmp_path: Path) -> None:
    hostile = tmp_path / "hostile"
    hostile.write_bytes(HOSTILE[name].encode("utf-8", errors="surrogatepass"))
    editor(f'cat "{hostile}" > "$1"')
    text = edited("", "M-12", SUSPENDED).text
    assert text == clean_body(text)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 3", "ended with 3"),
        ('rm "$1"', "can't be read: No such file"),
        ("kill -9 $$", "ended with -9"),
        ('rm "$1"; mkfifo "$1"', "isn't a file"),
        ('rm "$1"; ln -s /dev/zero "$1"', "isn't a file"),
    ],
)
def test_an_editor_that_fails_leaves_the_text_as_it_was(
    script: str, says: str, editor: Callable[[str], None]
) -> None:
    editor(script)
    with pytest.raises(BadInput, match=says):
        edited("first line", "M-12", SUSPENDED)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [("", "neither"), ("no-such-editor -x", "can't be started: No such file"), ("'unclosed", "a quote")],
)
def test_an_editor_that_is_not_there_is_named(
    chosen: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", chosen)
    monkeypatch.delenv("EDITOR", raising=False)
    with pytest.raises(BadInput, match=says):
        edited("x", "M-12", SUSPENDED)


def test_a_name_with_a_slash_is_none_of_a_folder(editor: Callable[[str], None]) -> None:
    editor('basename "$1" > "$1.new"; mv "$1.new" "$1"')
    assert edited("x", "../INC/12", SUSPENDED).text == "___INC_12.txt"


def test_a_folder_that_is_gone_leaves_the_text_as_it_was(
    editor: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor('echo more >> "$1"')
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(BadInput, match="no file for an editor: No such file"):
        edited("first line", "M-12", SUSPENDED)


@pytest.fixture
def full() -> Iterator[None]:
    """Let no file become longer than ten bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full")
def test_a_disk_without_room_leaves_the_text_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")
    with pytest.raises(BadInput, match="no file for an editor: File too large"):
        edited("much more than ten bytes", "M-12", SUSPENDED)


def test_signs_that_are_lost_are_said(editor: Callable[[str], None]) -> None:
    editor("printf 'caf\\351' > \"$1\"")
    written = edited("", "M-12", SUSPENDED)
    assert written.text.startswith("caf")
    assert written.signs_lost


def test_a_text_that_is_cut_is_said_to_be(editor: Callable[[str], None], tmp_path: Path) -> None:
    long = tmp_path / "long"
    editor(f'cat "{long}" > "$1"')
    for text, cut in (("é" * BODY_LIMIT, False), ("é" * (BODY_LIMIT + 1), True), ("x" + "é" * 900_000, True)):
        long.write_text(f"{text}\n", encoding="utf-8")
        written = edited("", "M-12", SUSPENDED)
        assert (len(written.text), written.cut, written.signs_lost) == (BODY_LIMIT, cut, False)


def test_an_editor_that_did_not_wait_for_its_window_is_noticed(editor: Callable[[str], None]) -> None:
    editor("true")
    assert edited("as before", "M-12", SUSPENDED, lambda: 0.0) == ("as before", False, False, True)
    editor('echo "as before" > "$1.new"; mv "$1.new" "$1"')
    assert not edited("as before", "M-12", SUSPENDED, lambda: 0.0).at_once


@pytest.mark.parametrize(
    ("seconds", "written", "at_once"), [(0.1, False, True), (0.1, True, False), (5.0, False, False)]
)
def test_who_looks_for_a_while_and_changes_nothing_had_an_editor(
    seconds: float, written: bool, at_once: bool
) -> None:
    assert ended_at_once(seconds, written=written) is at_once


def test_no_secret_reaches_the_editor(editor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_TUI_SECRET_MAIL", "hunter2")
    monkeypatch.setenv("ONCALL_TUI_KEY", "hunter3")
    monkeypatch.setenv("MINE", "yes")
    editor('env > "$1"')
    text = edited("", "M-12", SUSPENDED).text
    assert "MINE=yes" in text
    assert "hunter" not in text
