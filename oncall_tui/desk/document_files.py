"""A technical document on its way into a file: nothing counts as issued before its bytes are on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple

from oncall_tui.desk.documents import DocumentDesk
from oncall_tui.domain.errors import BadInput, OncallError, Refused
from oncall_tui.domain.technical_document import TechnicalDocument

Render = Callable[[TechnicalDocument], bytes]
"""Makes a PDF of a document."""


class Written(NamedTuple):
    """A document that was issued, and where it is. It may have a new code, and the one before is revoked
    where that `replaced` one.
    """

    document: TechnicalDocument
    path: Path
    new_code: bool
    replaced: bool


def write_document(
    desk: DocumentDesk,
    customer: str,
    path: Path,
    render: Render,
    *,
    new_code: bool = False,
    force: bool = False,
) -> Written:
    """Issue the next document of `customer` into a file at `path`, for its owner's eyes only (mode 0600).

    `~` is somebody's home. What `path` held before is replaced with `force` only. Raises what
    `DocumentDesk.prepare` and `issue` raise, `Refused` where something is there, `BadInput` where it can't be
    written: then nothing was issued, no code was revoked and no file is left.
    """
    path = _whole(path)
    _refuse_taken(path, force=force)
    draft = desk.prepare(customer, new_code=new_code)
    with _beside(path) as (temporary, put):
        put(render(draft.document))
        _refuse_taken(path, force=force)
        desk.issue(draft)
        _move(temporary, path, draft.document.number, force=force)
    return Written(draft.document, path, draft.new_code, draft.replaces)


def _whole(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # there is nobody of that name
        raise BadInput(f"{str(path)[:200]} is in no known home", hint="choose another place") from None


def _refuse_taken(path: Path, *, force: bool) -> None:
    try:
        if path.is_dir():
            raise BadInput(f"{str(path)[:200]} is a folder", hint="name a file in it")
        if not os.path.lexists(path):
            return
        if not force:
            raise Refused(
                f"{str(path)[:200]} is there already",
                hint="name a new file, or --force to write over it",
            )
        if not path.is_file():
            raise BadInput(f"{str(path)[:200]} is no ordinary file", hint="choose another place")
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from None


@contextmanager
def _beside(path: Path) -> Iterator[tuple[Path, Callable[[bytes], None]]]:
    """Give a new file in the same folder, and what writes all of it; it goes again unless it was moved."""
    try:
        descriptor, name = mkstemp(prefix=".", suffix=".part", dir=path.parent)
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from None
    temporary = Path(name)

    def put(data: bytes) -> None:
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise _unwritten(path, error) from None

    try:
        yield temporary, put
    except _NotMoved as error:
        raise error.told from None
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    finally:
        with suppress(OSError):
            os.close(descriptor)


class _NotMoved(Exception):
    """An issued document couldn't get its name: its file stays."""

    def __init__(self, told: OncallError) -> None:
        super().__init__()
        self.told = told


def _move(temporary: Path, path: Path, number: int, *, force: bool) -> None:
    try:
        if force or not _linked(temporary, path):
            temporary.replace(path)
    except OSError as error:
        raise _NotMoved(
            OncallError(
                f"document no {number} is issued, but its file can't be called {path.name[:60]}: "
                f"{error.strerror}",
                hint=f"it is at {temporary}",
            )
        ) from None
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _linked(temporary: Path, path: Path) -> bool:
    """Give the file its name where nobody has it: a document that another engineer has just put there stays.

    Returns False on a disk that can't do that. Raises `FileExistsError`.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        return False
    with suppress(OSError):
        temporary.unlink()
    return True


def _unwritten(path: Path, error: Exception) -> BadInput:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return BadInput(f"can't write {str(path)[:200]}: {why}", hint="choose another place")
