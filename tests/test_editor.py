"""A text is written in the engineer's own editor, which is a real process here."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hostile import HOSTILE

from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import clean_body
from oncall_tui.editor import edited


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
    assert edited("first line", "M-12", SUSPENDED) == "first line\nsecond line"


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
    text = edited("", "M-12", SUSPENDED)
    assert text == clean_body(text)


@pytest.mark.parametrize(
    ("script", "says"),
    [("exit 3", "ended with 3"), ('rm "$1"', "can't be read: No such file"), ("kill -9 $$", "ended with -9")],
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
