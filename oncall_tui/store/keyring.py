"""The keys that codes and audit are sealed with (R19): outside the database, in one file or the environment.

A key is 32 random bytes, and goes by an id that follows from them. From each key three others are derived,
one for each use, so that what one of them has sealed says nothing about another. The first key of a
keyring seals what is new; the others open what was sealed before they were replaced.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from pathlib import Path

from oncall_tui.domain.errors import OncallError

KEY_BYTES = 32

_OTHERS = 0o077
_COMMENT = (
    "# The keys of oncall-tui, the newest first. Keep a copy, apart from those of the database: without\n"
    "# them no code is known and the audit can't be verified.\n"
)


class KeyTrouble(OncallError):
    """There is no key that can be used; what needs one is off, and nothing was changed."""

    title = "Key"


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its `id`, as the three that are used: to look codes up, to encrypt them, to seal entries."""

    id: str
    lookup: bytes = field(repr=False)
    encryption: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Key:
        """Derive the key from its 32 secret bytes."""
        return cls(
            id=_derived(secret, "id").hex()[:8],
            lookup=_derived(secret, "lookup"),
            encryption=_derived(secret, "encryption"),
            audit=_derived(secret, "audit"),
        )


def _derived(secret: bytes, use: str) -> bytes:
    # HKDF-Expand of RFC 5869 for one block; a key that is random needs no HKDF-Extract before.
    return hmac.digest(secret, f"oncall-tui {use}\x01".encode(), "sha256")


class Keyring:
    """The keys of one desk. Read when they are first asked for, and again when the file has changed.

    Safe to share between threads. Every method raises `KeyTrouble` with the place, what is wrong with it,
    and what helps.
    """

    def __init__(self, path: Path, given: str = "", variable: str = "the environment") -> None:
        """Read `given`, the keys of the environment in `variable`, or else the file at `path`."""
        self._path = path
        self._given = given
        self._variable = variable
        self._read: tuple[tuple[int, int, int], tuple[Key, ...]] | None = None

    def __repr__(self) -> str:
        return f"Keyring({self.place})"

    @property
    def place(self) -> str:
        """Return where the keys are."""
        return self._variable if self._given else str(self._path)

    @property
    def is_file(self) -> bool:
        """Say whether the keys are in a file, where a new one can be added."""
        return not self._given

    def exists(self) -> bool:
        """Say whether there is a key at all, without looking whether it can be used."""
        return bool(self._given) or self._path.exists()

    def held(self) -> tuple[Key, ...]:
        """Return the keys, the newest first."""
        if self._given:
            if self._read is None:
                self._read = (0, 0, 0), _parse(self._given, self._variable)
            return self._read[1]
        try:
            found = self._path.stat()
            state = found.st_ino, found.st_mtime_ns, found.st_mode
            if self._read is None or self._read[0] != state:
                _refuse_open(self._path, found)
                self._read = state, _parse(self._path.read_text("ascii", "replace"), str(self._path))
        except FileNotFoundError:
            raise KeyTrouble(
                f"the key file {self._path} is not there", hint="put it back, or restore its copy"
            ) from None
        except OSError as error:
            raise KeyTrouble(f"the key file {self._path} can't be read: {error.strerror}") from None
        return self._read[1]

    def newest(self) -> Key:
        """Return the key that seals what is new."""
        return self.held()[0]

    def get(self, key_id: str) -> Key:
        """Return the key that goes by `key_id`."""
        for key in self.held():
            if key.id == key_id:
                return key
        held = ", ".join(key.id for key in self.held())
        raise KeyTrouble(
            f"{self.place} holds key {held}; this database needs key {key_id}",
            hint="name the key file of this database with codes.key_file",
        )

    def create(self) -> Key:
        """Make the file with a first key (mode 0600) if there is none, and return the newest key.

        Of several processes that come at once one makes it, and all get the same key.
        """
        if not self.exists():
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(self._path, [_fresh()], replace=False)
            except OSError as error:
                raise KeyTrouble(
                    f"the key file {self._path} can't be made: {error.strerror}",
                    hint="name another place with codes.key_file",
                ) from None
        return self.newest()

    def add(self) -> Key:
        """Put a fresh key before the others in the file and return it."""
        if self._given:
            raise KeyTrouble(
                f"the keys come from {self._variable}, where this program can't write",
                hint="put a new key before the old one there, a blank between them, and run this again",
            )
        self.held()
        try:
            # A link stays one: other desks may share what it leads to.
            place = self._path.resolve()
            _write(place, [_fresh(), *_tokens(place.read_text("ascii", "replace"))], replace=True)
        except OSError as error:
            raise KeyTrouble(f"the key file {self._path} can't be written: {error.strerror}") from None
        return self.newest()


def _fresh() -> str:
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _tokens(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [token for line in lines for token in line.split()]


def _parse(text: str, place: str) -> tuple[Key, ...]:
    keys = []
    for number, token in enumerate(_tokens(text), 1):
        try:
            secret = urlsafe_b64decode(token)
        except (Base64Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            # What stands there may be most of a key: it isn't repeated.
            raise KeyTrouble(
                f"{place}: key {number} is none", hint=f"a key is {KEY_BYTES} bytes in base64, 44 characters"
            )
        keys.append(Key.of(secret))
    if not keys:
        raise KeyTrouble(f"{place} holds no key", hint="restore its copy")
    return tuple(keys)


def _refuse_open(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyTrouble(f"the key file {path} is no file")
    if os.name == "posix" and found.st_mode & _OTHERS:
        raise KeyTrouble(
            f"the key file {path} is open to others (mode {stat.S_IMODE(found.st_mode):04o})",
            hint=f"allowed: 0600; run chmod 600 {path}, and think about who may have read it",
        )


def _write(path: Path, tokens: list[str], *, replace: bool) -> None:
    """Write the file as a whole; without `replace` one that somebody else has made meanwhile stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    content = _COMMENT + "".join(f"{token}\n" for token in tokens)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(draft, path)
        else:
            try:
                os.link(draft, path)
            except FileExistsError:
                return
    finally:
        draft.unlink(missing_ok=True)
