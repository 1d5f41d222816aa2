"""The passwords and tokens of sources: from the environment, a file of its owner's, or the system's keyring.

A secret is read when a connection needs it and kept nowhere: one that was changed is in force at the next
connection. It stands in no settings, output, log or error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from oncall_tui.domain.environment import SECRET_PREFIX
from oncall_tui.domain.errors import BadSettings

SERVICE = "oncall-tui"
"""What the keyring of the system files the secrets under, by the name of the source."""

_OTHERS = 0o077
_LIMIT = 65_536


class Secret(NamedTuple):
    """A secret and, in words, where it is from."""

    value: str
    place: str

    def __repr__(self) -> str:
        return f"Secret({self.place})"


class NoKeyring(Exception):
    """The keyring of the system can't be used; the text says why, and what helps."""


def variable_of(source: str) -> str:
    """Return the variable of the environment that holds the secret of the source by that name."""
    return f"{SECRET_PREFIX}{source.upper().replace('-', '_')}"


@dataclass(frozen=True, slots=True)
class Credential:
    """Where the secret of one source may be. Calling it returns the secret, or raises `BadSettings`."""

    source: str
    given: str = field(default="", repr=False, compare=False)
    file: Path | None = None

    @classmethod
    def of(cls, source: str, env: Mapping[str, str], file: Path | None) -> Credential:
        """Return that of the source by that name: `file` is its `secret_file`, None for none."""
        return cls(source, env.get(variable_of(source), ""), file)

    def __call__(self) -> str:
        """Return the secret. Raises `BadSettings`, which says where it may be."""
        return self.find().value

    def find(self) -> Secret:
        """Return the secret and where it is from. Raises `BadSettings` as calling does.

        Blocks while a keyring asks its owner to open it.
        """
        variable = variable_of(self.source)
        if self.given:
            return Secret(checked(self.given, variable), variable)
        if self.file is not None:
            return Secret(_read(self.file), str(self.file))
        why = ""
        try:
            found = from_keyring(self.source)
        except NoKeyring as trouble:
            found, why = None, f"; the keyring of the system can't be used: {trouble}"
        if found:
            return Secret(checked(found, "the keyring"), "the keyring")
        raise BadSettings(
            f"there is no password or token for the source {self.source}{why}",
            hint=f"run oncall-tui source secret {self.source}, "
            f"or set sources.{self.source}.secret_file or the variable {variable}",
        )


def from_keyring(source: str) -> str | None:
    """Return what the keyring of the system has for a source, None for nothing. Raises `NoKeyring`."""
    try:
        import keyring

        return keyring.get_password(SERVICE, source)
    except Exception as error:  # noqa: BLE001 - each backend has errors of its own
        raise NoKeyring(_trouble(error)) from None


def to_keyring(source: str, secret: str) -> str:
    """Keep `secret` in the keyring of the system; return what that calls itself. Raises `NoKeyring`."""
    try:
        import keyring

        keyring.set_password(SERVICE, source, secret)
        return str(keyring.get_keyring().name)
    except Exception as error:  # noqa: BLE001 - as above
        raise NoKeyring(_trouble(error)) from None


def _trouble(error: Exception) -> str:
    """Return what is wrong in words of ours: those of a backend may quote what it was given."""
    match type(error).__name__:
        case "ModuleNotFoundError":
            return "it isn't installed (pip install 'oncall-tui[keyring]')"
        case "NoKeyringError":
            return "this machine has none"
        case "KeyringLocked":
            return "it is locked"
        case name:
            return name


def _read(path: Path) -> str:
    """Return the secret in the file at `path`, which nobody else may read."""
    try:
        # A pipe would otherwise keep us waiting for somebody who writes into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            _refuse_open(path, os.fstat(descriptor))
            raw = os.read(descriptor, _LIMIT)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BadSettings(f"the secret file {path} can't be read: {error.strerror}") from None
    try:
        return checked(raw.decode("utf-8-sig"), f"the secret file {path}")
    except UnicodeDecodeError:
        raise BadSettings(f"the secret file {path} is not UTF-8") from None


def _refuse_open(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise BadSettings(f"the secret file {path} is no file")
    if os.name != "posix":
        return
    if found.st_mode & _OTHERS:
        raise BadSettings(
            f"the secret file {path} is open to others (mode {stat.S_IMODE(found.st_mode):04o})",
            hint=f"allowed: 0600; run chmod 600 {path}, and think about who may have read it",
        )
    if found.st_uid not in (os.geteuid(), 0):
        raise BadSettings(
            f"the secret file {path} belongs to somebody else",
            hint="allowed: a file of your own, or of root's",
        )


def checked(text: str, place: str) -> str:
    """Return the secret that `text` is; `BadSettings` says of `place` what is wrong with it."""
    secret = text.strip("\r\n")
    if not secret.strip():
        raise BadSettings(f"{place} is empty", hint="it holds the password or token and nothing else")
    if any(ord(each) < 32 or ord(each) == 127 for each in secret):
        raise BadSettings(
            f"{place} holds more than one line, or control characters",
            hint="it holds the password or token and nothing else",
        )
    return secret
