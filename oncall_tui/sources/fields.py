"""The fields of one row: typed and clean on the way out, with a reason that names the field where not.

A field that is left out, null or empty is None. What is only to be read is cut to its length; what
something goes by, or is reached by, is worthless when it is cut and refused instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from unicodedata import normalize
from zoneinfo import ZoneInfo

from oncall_tui.domain.clock import parse_instant
from oncall_tui.domain.codes import Code
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, clean, clean_body
from oncall_tui.sources.files import json_kind

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})

T = TypeVar("T")


class Fields:
    """Reads the fields of `values`. Every method raises `BadInput` naming the field that is wrong.

    `where` names the place of an object inside another one, like `contacts[2]`.
    """

    __slots__ = ("_values", "_where")

    def __init__(self, values: object, allowed: frozenset[str], where: str = "") -> None:
        if not isinstance(values, dict):
            raise BadInput(f"{where} is {json_kind(values)} where an object {{…}} is needed")
        self._values: Mapping[str, Any] = values
        self._where = where
        if not values.keys() <= allowed:
            unknown = next(name for name in values if name not in allowed)
            raise BadInput(
                f"unknown field {self._name(unknown)[:60]!r}", hint=f"allowed: {', '.join(sorted(allowed))}"
            )

    def text(self, name: str, limit: int) -> str | None:
        """Return one clean line, cut at `limit` characters."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._no_text(name, value)
        return clean(value, limit=limit) or None

    def required(self, name: str, limit: int) -> str:
        """Return one clean line, cut at `limit` characters, that has to be there."""
        text = self.text(name, limit)
        if text is None:
            raise self._missing(name)
        return text

    def body(self, name: str) -> str | None:
        """Return clean lines."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._no_text(name, value)
        return clean_body(value) or None

    def short(self, name: str, limit: int) -> str | None:
        """Return one clean line that may not be longer than `limit` characters."""
        text = self.text(name, limit + 1)
        if text is not None and len(text) > limit:
            raise BadInput(f"{self._name(name)} is longer than {limit} characters")
        return text

    def identity(self, name: str) -> str:
        """Return what something goes by. Cut or repaired it might be somebody else's: it has to be right."""
        value = self._values.get(name)
        if type(value) is int:  # as systems write it that count; True is an int too and means nothing here
            value = str(value)
        if value is None:
            raise self._missing(name)
        if not isinstance(value, str):
            raise self._no_text(name, value)
        text = clean(value, limit=REF_LIMIT + 1)
        if not text:
            raise self._missing(name)
        if len(text) > REF_LIMIT:
            raise BadInput(f"{self._name(name)} is longer than {REF_LIMIT} characters")
        if text != value and text != normalize("NFC", value.strip()):
            raise BadInput(f"{self._name(name)} holds characters that can't be shown")
        return text

    def instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Return an instant in UTC; without an offset it is wall-clock time in `zone`."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._no_text(name, value)
        text = value.strip()
        if not text:
            return None
        try:
            return parse_instant(text, zone)
        except BadInput as error:
            message = f"{self._name(name)}: {error.message}"
            raise BadInput(message, hint=error.hint, rule=error.rule) from None

    def required_instant(self, name: str, zone: ZoneInfo) -> datetime:
        """Return an instant in UTC that has to be there."""
        instant = self.instant(name, zone)
        if instant is None:
            raise self._missing(name)
        return instant

    def day(self, name: str) -> date | None:
        """Return a date of the calendar."""
        text = self.text(name, NAME_LIMIT)
        if text is None:
            return None
        if not _DATE.fullmatch(text):
            raise BadInput(f"{self._name(name)} {text[:40]!r} is no date", hint="write it like 2026-03-27")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadInput(f"{self._name(name)} {text!r} is no date of the calendar") from None

    def boolean(self, name: str) -> bool | None:
        """Return true or false, also where it is written as a word."""
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return value
        text = self.text(name, NAME_LIMIT)
        if text is None:
            return None
        word = text.casefold()
        if word not in _YES | _NO:
            raise BadInput(
                f"{self._name(name)} is neither true nor false", hint="allowed: true, false, yes, no, 1, 0"
            )
        return word in _YES

    def lines(self, name: str, limit: int) -> tuple[str, ...] | None:
        """Return a list of clean lines, each once."""
        return self._list(name, lambda where, value: _element(where, value, limit))

    def objects(
        self, name: str, allowed: frozenset[str], read: Callable[[Fields], T]
    ) -> tuple[T, ...] | None:
        """Return a list of objects, each as `read` makes it of its fields."""
        return self._list(name, lambda where, value: read(Fields(value, allowed, where)))

    def code(self, name: str) -> Code | None:
        """Return a code as it is written, wrapped; whether it can be one is for others to say."""
        value = self._values.get(name)
        if type(value) is int:
            value = str(value)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if not isinstance(value, str):
            raise self._no_text(name, value)
        return Code(value)

    def refuse(self, reason: str, *, rule: str | None = None) -> BadInput:
        """Return the error that says `reason` of this object."""
        return BadInput(f"{self._where}: {reason}" if self._where else reason, rule=rule)

    def _list(self, name: str, read: Callable[[str, object], T]) -> tuple[T, ...] | None:
        value = self._values.get(name)
        if value is None:
            return None
        where = self._name(name)
        if not isinstance(value, list):
            raise BadInput(f"{where} is {json_kind(value)} where a list […] is needed")
        read_ones = (read(f"{where}[{position}]", element) for position, element in enumerate(value, 1))
        return tuple(dict.fromkeys(read_ones))

    def _no_text(self, name: str, value: object) -> BadInput:
        return BadInput(f"{self._name(name)} is {json_kind(value)} where text is needed")

    def _name(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _missing(self, name: str) -> BadInput:
        return BadInput(f"{self._name(name)} is missing")


def _element(where: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{where} is {json_kind(value)} where text is needed")
    line = clean(value, limit=limit)
    if not line:
        raise BadInput(f"{where} is empty")
    return line
