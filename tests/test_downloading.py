"""Where a file that came with a letter is saved: under a harmless name, and over nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.errors import BadInput
from oncall_tui.screens.downloading import proposal, proposed, safe_name, target_of


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\eve\\run.exe", "run.exe"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("~root", "root"),
        ('a<b>:"|?*c', "a_b______c"),
        ("..", "attachment"),
        ("", "attachment"),
        ("trailing. ", "trailing"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_name_leaves_its_folder(name: str, tmp_path: Path) -> None:
    path = proposed(tmp_path, HOSTILE[name])
    assert path.parent == tmp_path
    path.touch()
    assert list(tmp_path.iterdir()) == [path]


@given(st.text())
def test_any_name_is_one_of_a_file_in_a_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert Path("folder", safe).name == safe
    assert safe_name(safe) == safe


def test_what_is_there_is_never_proposed_nor_taken(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "a (2).txt").touch()
    assert proposed(tmp_path, "a.txt") == tmp_path / "a (3).txt"
    assert target_of(str(tmp_path), "a.txt") == tmp_path / "a (3).txt"
    with pytest.raises(BadInput, match="exists already"):
        target_of(str(tmp_path / "a.txt"), "b.txt")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="exists already"):
        target_of(str(tmp_path / "dangling"), "b.txt")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no folder"):
        target_of(str(tmp_path / "none" / "a.txt"), "a.txt")
    with pytest.raises(BadInput, match="can't be a file"):
        target_of("a\0b", "a.txt")


def test_where_no_folder_can_be_looked_at_none_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file system has a name as long as that of the home; the current folder was removed."""
    home, gone = tmp_path / "home", tmp_path / "gone"
    (home / "Downloads").mkdir(parents=True)
    gone.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert proposal("a.txt") == str(home / "Downloads" / "a.txt")
    monkeypatch.setenv("HOME", str(tmp_path / ("x" * 300)))
    monkeypatch.chdir(tmp_path)
    assert proposal("a.txt") == str(tmp_path / "a.txt")
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert proposal("a.txt") == ""
    with pytest.raises(BadInput, match=r"can't be a file|there is no folder"):
        target_of("none/a.txt", "a.txt")
