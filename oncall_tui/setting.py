"""What a setting is; the table of them stands in `settings.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T_co]):
    """One setting.

    `read` turns what stands in the file into the typed value. It raises `ValueError` for anything that
    `allowed` doesn't describe, `BadInput` where it can say better what is. `default` is what a file
    would say; for a key with NAME in it may be a mapping from the name. `unset` says in words what
    happens without a default. The value of a `secret` one is never repeated in an error.
    """

    key: str
    allowed: str
    read: Callable[[object], T_co]
    help: str
    default: object = None
    unset: str = ""
    secret: bool = False

    def default_for(self, name: str | None) -> object:
        """Return what a file would say by default, None if the setting has no default there."""
        return self.default.get(name) if isinstance(self.default, Mapping) else self.default


class Values(Protocol):
    """A settings file, looked up setting by setting."""

    source: str

    def get(self, setting: Setting[T], name: str | None = None) -> T:
        """Return the value of `setting`, in the section `name`, or its default."""
        ...

    def given(self, setting: Setting[T], name: str | None = None) -> T | None:
        """Return the value that the file gives, None where it is silent."""
        ...

    def names(self, section: str) -> list[str]:
        """Return the names that the file gives `[section.NAME]` for."""
        ...
