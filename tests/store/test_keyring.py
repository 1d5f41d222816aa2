"""The key file: made once by whoever comes first, for its owner's eyes only, and never guessed at (R19)."""

from __future__ import annotations

import multiprocessing
import os
import stat
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from oncall_tui.store.keyring import KEY_BYTES, Key, Keyring, KeyTrouble


def token(fill: int) -> str:
    return urlsafe_b64encode(bytes([fill]) * KEY_BYTES).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "oncall.key"


def test_the_first_use_makes_a_file_that_only_its_owner_can_read(file: Path) -> None:
    key = Keyring(file).create()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Keyring(file).newest() == key
    assert Keyring(file).create() == key, "it is made once"
    assert os.listdir(file.parent) == ["oncall.key"]


def test_a_key_says_nothing_of_itself(file: Path) -> None:
    keyring = Keyring(file)
    key = keyring.create()
    shown = f"{key!r} {keyring!r}"
    secret = file.read_text().split()[-1]
    assert secret not in shown
    assert repr(key) == f"Key(id={key.id!r})"


def test_each_use_has_a_key_of_its_own() -> None:
    key, other = Key.of(bytes(32)), Key.of(bytes([1]) * 32)
    assert len({key.lookup, key.encryption, key.audit, other.lookup, other.encryption, other.audit}) == 6
    assert key.id != other.id
    assert len(key.encryption) == 32


def test_a_new_key_goes_before_the_others(file: Path) -> None:
    keyring = Keyring(file)
    first = keyring.create()
    second = keyring.add()
    assert [key.id for key in Keyring(file).held()] == [second.id, first.id]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_stays_one_and_foreign_remarks_hinder_nobody(file: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared.key"
    first = Keyring(shared).create()
    shared.write_text(f"# clé de secours\n{shared.read_text()}", "utf-8")
    file.parent.mkdir()
    file.symlink_to(shared)
    second = Keyring(file).add()
    assert file.is_symlink()
    assert [key.id for key in Keyring(shared).held()] == [second.id, first.id]
    assert stat.S_IMODE(shared.stat().st_mode) == 0o600


def test_a_file_that_changes_is_read_anew(file: Path) -> None:
    keyring = Keyring(file)
    first = keyring.create()
    second = Keyring(file).add()
    assert keyring.newest() == second
    assert keyring.get(first.id) == first


def test_the_environment_goes_before_the_file(file: Path) -> None:
    keyring = Keyring(file, f"{token(1)} {token(2)}", "ONCALL_TUI_KEY")
    assert [key.id for key in keyring.held()] == [Key.of(bytes([n]) * 32).id for n in (1, 2)]
    assert keyring.create() == keyring.newest()
    assert not file.exists()
    with pytest.raises(KeyTrouble, match="the keys come from ONCALL_TUI_KEY"):
        keyring.add()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no key"),
        ("# only a comment\n", "holds no key"),
        ("rubbish", "key 1 is none"),
        (f"{token(1)}\n{token(2)[:-5]}\n", "key 2 is none"),
        ("é" * 44, "key 1 is none"),
    ],
)
def test_what_is_no_key_is_told_and_not_repeated(file: Path, content: str, words: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyTrouble, match=words) as trouble:
        Keyring(file).create()
    assert file.read_text() == content
    for part in content.split():
        if part not in "# only a comment":
            assert part not in f"{trouble.value} {trouble.value.hint}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o700 | 0o010])
def test_a_file_that_others_can_open_is_refused(file: Path, mode: int) -> None:
    Keyring(file).create()
    file.chmod(mode)
    with pytest.raises(KeyTrouble, match=f"open to others \\(mode {mode:04o}\\)"):
        Keyring(file).held()


def test_a_folder_in_its_place_and_a_place_that_cannot_be_made_are_one_line(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(KeyTrouble, match="is no file"):
        Keyring(file).held()
    with pytest.raises(KeyTrouble, match="can't be made"):
        Keyring(Path("/proc/none/oncall.key")).create()


def first_use(file: str, start: Any, told: Any) -> None:
    start.wait()
    told.put(Keyring(Path(file)).create().id)


def test_of_eight_that_come_at_once_all_get_the_same_key(file: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(8), spawn.Queue()
    processes = [spawn.Process(target=first_use, args=(str(file), start, told)) for _ in range(8)]
    for process in processes:
        process.start()
    assert len({told.get(timeout=60) for _ in processes}) == 1
    for process in processes:
        process.join(30)
