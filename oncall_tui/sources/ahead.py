"""Something that is fetched while what came before is still worked on."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import NamedTuple, TypeVar

T = TypeVar("T")

_LOOKS_EVERY = 0.05


class _End(NamedTuple):
    """Nothing comes after this; `why` is what went wrong, if that is the reason."""

    why: BaseException | None = None


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """Yield `items`, which are made on a thread of their own, up to two before they are asked for.

    What goes wrong there is raised here. Once this iterator is closed, nothing is made any more.
    """
    made: Queue[T | _End] = Queue(1)
    closed = threading.Event()

    def make() -> None:
        end = _End()
        try:
            for item in items:
                made.put(item)
                if closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the items are used
            end = _End(error)
        made.put(end)

    maker = threading.Thread(target=make, name="oncall-ahead", daemon=True)
    maker.start()
    try:
        while not isinstance(item := made.get(), _End):
            yield item
        if item.why is not None:
            raise item.why
    finally:
        closed.set()
        while maker.is_alive():
            # It may wait for room for what nobody wants any more.
            with suppress(Empty):
                made.get(timeout=_LOOKS_EVERY)
