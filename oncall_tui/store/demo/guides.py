"""The guides and partners of the sample world, read from `guides.toml`, with what they were good for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, NamedTuple

from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.domain.text import clean_body
from oncall_tui.store import guide_uses, guides
from oncall_tui.store.engine import Transaction

_CLOSED_AGO = timedelta(days=60)
"""How long ago the first ticket was closed with a guide, a day before the next; they were purged since."""


class Sample(NamedTuple):
    """A guide, and the subjects of what it closed."""

    guide: Guide
    closed: tuple[str, ...]


def samples() -> Iterator[Sample]:
    """Yield the guides and then the partners of the file that comes with the program."""
    text = files(__package__).joinpath("guides.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    for one in tables["guides"]:
        yield Sample(
            _guide(GuideKind.GUIDE, one["title"], (one["language"],), one), tuple(one.get("closed", ()))
        )
    for one in tables["partners"]:
        yield Sample(_guide(GuideKind.PARTNER, one["name"], tuple(one["languages"]), one), ())


def _guide(kind: GuideKind, title: str, languages: tuple[str, ...], table: dict[str, Any]) -> Guide:
    tags = tuple(table["tags"])
    return Guide(kind, table["url"], title, languages, tags, clean_body(table["text"]))


def add_guides(tx: Transaction, now: datetime, operators: tuple[str, ...]) -> None:
    """Store the guides, and that tickets were closed with them before `now` by `operators`, each in turn."""
    found = list(samples())
    ids = guides.add(tx, [(one.guide, "") for one in found])
    closed = [(guide, subject) for guide, one in zip(ids, found, strict=True) for subject in one.closed]
    for number, (guide, subject) in enumerate(closed):
        at = now - _CLOSED_AGO + timedelta(days=number)
        guide_uses.note_closed(tx, guide, subject, operators[number % len(operators)], at)
