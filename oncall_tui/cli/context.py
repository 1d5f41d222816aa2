"""What a command works with: settings, desk and clock, each made when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from zoneinfo import ZoneInfo

    from oncall_tui.config import Settings
    from oncall_tui.desk import Desk


class Context:
    """The global options, and what follows from them."""

    def __init__(
        self,
        *,
        config: str | None = None,
        database: str | None = None,
        operator: str | None = None,
        now: str | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self._config = config
        self._database = database
        self._operator = operator
        self._now = now
        self._env = env

    @classmethod
    def of(cls, args: Namespace) -> Context:
        """Return the context that the parsed global options `args` ask for."""
        return cls(config=args.config, database=args.database, operator=args.operator, now=args.now)

    @cached_property
    def settings(self) -> Settings:
        """The settings (`BadSettings`)."""
        from oncall_tui.config import load_settings

        path = None if self._config is None else Path(self._config)
        return load_settings(path, self._env, database=self._database, operator=self._operator)

    @property
    def zone(self) -> ZoneInfo:
        """The provider's zone, in which instants without an offset are read and all are shown."""
        return self.settings.offer.zone

    @cached_property
    def as_of(self) -> datetime | None:
        """The instant that `--now` names, in UTC; None for the present (`BadInput`)."""
        return None if self._now is None else self.instant(self._now)

    def now(self) -> datetime:
        """Return the instant to answer for, in UTC: that of `--now`, else the present."""
        return self.as_of or self.clock()

    @staticmethod
    def clock() -> datetime:
        """Return the present, in UTC."""
        return datetime.now(UTC)

    def instant(self, text: str) -> datetime:
        """Read an instant from the command line; without an offset it is the provider's time (`BadInput`)."""
        from oncall_tui.domain.clock import parse_instant

        return parse_instant(text, self.zone)

    @contextmanager
    def desk(self, *, read_only: bool = False) -> Iterator[Desk]:
        """Open the desk for the length of a `with` block (`StoreUnavailable`)."""
        settings = self.settings
        from oncall_tui.desk import open_desk

        desk = open_desk(
            settings.database,
            settings.offer,
            settings.operator,
            clock=self.clock,
            read_only=read_only,
            keyring=settings.keyring,
        )
        try:
            yield desk
        finally:
            desk.close()
