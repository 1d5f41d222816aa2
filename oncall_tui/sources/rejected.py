"""The file that the rows go to that an import didn't take, beside the file they came from."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.records import Rejection
from oncall_tui.sources.files import STDIN

SUFFIX = ".rejected.jsonl"
"""Ends the name of such a file."""


class RejectedFile:
    """Collects rejections, one line of JSON each: `{"line", "reason", "record"}`.

    Made on the first rejection, for its owner's eyes only (0600), and put in the place of an earlier
    one as a whole when the `with` block ends well. Nothing rejected, nothing touched.
    """

    def __init__(self, source: str) -> None:
        """Belong to the file at `source`: `FILE.rejected.jsonl`, `stdin.rejected.jsonl` for `-`."""
        self._target = Path(f"{'stdin' if source == STDIN else source}{SUFFIX}")
        self._file: IO[str] | None = None

    @property
    def path(self) -> Path | None:
        """Return where the rejections are, None if there are none."""
        return None if self._file is None else self._target

    def add(self, rejection: Rejection) -> None:
        """Write `rejection` down."""
        try:
            if self._file is None:
                self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - lives as long as the with block
                    "w", encoding="ascii", dir=self._target.parent, prefix=".rejected-", delete=False
                )
            # Only ASCII is written: whoever lists the file is shown escapes and sends none to the terminal.
            self._file.write(json.dumps(rejection._asdict()) + "\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
            if kind is None:
                os.replace(self._file.name, self._target)
                return
        except OSError as failure:
            if kind is None:
                raise self._unwritable(failure) from None
        finally:
            if kind is not None:
                Path(self._file.name).unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> OncallError:
        return OncallError(
            f"the rejected rows can't be written to {self._target}: {error.strerror}",
            hint="what was imported is kept; importing the file again is safe",
            title="Import",
        )
