"""A file that can't be written to its end isn't left as if it were whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from oncall_tui.domain.errors import BadInput
from oncall_tui.sources.saving import new_file


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as write:
        write(b"all of it")
    assert (tmp_path / "a").read_bytes() == b"all of it"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_what_is_not_finished_is_taken_away(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "a") as write:
        write(b"half")
        raise ZeroDivisionError
    assert not (tmp_path / "a").exists()


def test_a_file_that_fails_when_it_is_closed_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = os.close

    def out_of_room(descriptor: int) -> None:
        close(descriptor)
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="can't be written: No space left"), new_file(tmp_path / "a") as write:
        write(b"all of it")
        monkeypatch.setattr(os, "close", out_of_room)
    monkeypatch.undo()
    assert not (tmp_path / "a").exists()
