"""Where passwords come from, what is refused, and that they go nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from oncall_tui.credentials import SERVICE, Credential, to_keyring, variable_of
from oncall_tui.domain.errors import BadSettings

SECRET = "geheim-canary"


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(f"locked, and it quotes {SECRET}")
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password


@pytest.fixture
def kept():
    """A keyring of the system that is open and empty."""
    before = keyring.get_keyring()
    backend = Kept()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring():
    """A system without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    return path


def refusal(credential: Credential) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        credential()
    assert SECRET not in caught.value.message + caught.value.hint
    return caught.value


def test_the_environment_goes_before_the_file_and_the_file_before_the_keyring(kept, secret_file):
    kept.passwords[SERVICE, "my-box"] = "third"
    env = {"ONCALL_TUI_SECRET_MY_BOX": "first"}
    assert variable_of("my-box") == "ONCALL_TUI_SECRET_MY_BOX"
    first = Credential.of("my-box", env, secret_file)
    assert (first(), first.find().place) == ("first", "ONCALL_TUI_SECRET_MY_BOX")
    second = Credential.of("my-box", {}, secret_file)
    assert (second(), second.find().place) == (SECRET, str(secret_file))
    third = Credential.of("my-box", {"ONCALL_TUI_SECRET_MY_BOX": ""}, None)
    assert (third(), third.find().place) == ("third", "the keyring")


def test_a_secret_that_is_changed_is_in_force_at_once(secret_file):
    credential = Credential("x", file=secret_file)
    credential()
    secret_file.write_text("another")
    assert credential() == "another"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_file_that_is_open_to_others_is_refused(secret_file, mode):
    secret_file.chmod(mode)
    error = refusal(Credential("x", file=secret_file))
    assert f"mode {mode:04o}" in error.message
    assert f"chmod 600 {secret_file}" in error.hint


def test_a_file_that_is_stricter_or_a_link_to_one_is_taken(secret_file, tmp_path):
    secret_file.chmod(0o400)
    link = tmp_path / "link"
    link.symlink_to(secret_file)
    assert Credential("x", file=link)() == SECRET


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_refused(secret_file, monkeypatch):
    os.chown(secret_file, 12345, 12345)
    assert "somebody else" in refusal(Credential("x", file=secret_file)).message
    os.chown(secret_file, 0, 0)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert Credential("x", file=secret_file)() == SECRET


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    assert "is no file" in refusal(Credential("x", file=pipe)).message
    assert "is no file" in refusal(Credential("x", file=tmp_path)).message
    assert "No such file" in refusal(Credential("x", file=tmp_path / "none")).message


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n", b"a\nb", b"a\x1b[2J", b"\xff\xfe"])
def test_a_file_that_holds_no_secret_is_refused(secret_file, content):
    secret_file.write_bytes(content)
    refusal(Credential("x", file=secret_file))


@given(st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_password_is_what_it_is(password):
    held = Credential.of("x", {"ONCALL_TUI_SECRET_X": password}, None)
    assert held() == password
    assert repr(held) == repr(Credential.of("x", {"ONCALL_TUI_SECRET_X": "another"}, None))


def test_without_any_secret_it_says_where_one_may_be(no_keyring):
    error = refusal(Credential("support"))
    assert "this machine has none" in error.message
    for way in ("oncall-tui source secret support", "secret_file", "ONCALL_TUI_SECRET_SUPPORT"):
        assert way in error.hint


def test_a_locked_keyring_is_said_in_our_own_words(kept):
    kept.locked = True
    assert "it is locked" in refusal(Credential("support")).message


def test_a_keyring_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'oncall-tui[keyring]'" in refusal(Credential("support")).message


def test_what_is_put_into_the_keyring_is_found_there(kept):
    to_keyring("support", SECRET)
    assert Credential("support").find() == (SECRET, "the keyring")
    assert SECRET not in repr(Credential("support").find())


def test_the_keyring_is_loaded_only_when_it_is_asked():
    code = "import oncall_tui.credentials, sys; print('keyring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
