"""Figures of the benchmarks: each is a ratio against a peer or a floor, measured in the same run."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from types import ModuleType

NAME_WIDTH = 52

_missed = False


def best_of_interleaved(callables: Mapping[str, Callable[[], object]], repeats: int = 9) -> dict[str, float]:
    """Return the shortest time in seconds that each callable took in `repeats` rounds.

    The rounds are interleaved, so that a slow moment of the machine meets everyone alike, and the
    minimum is what the code costs when nothing else runs.
    """
    best = dict.fromkeys(callables, float("inf"))
    for call in callables.values():
        call()
    for _ in range(repeats):
        for name, call in callables.items():
            begun = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - begun)
    return best


def heading(ours: str, other: str, ratio: str = "ratio") -> None:
    """Print what the columns of the figures below are."""
    print(f"{'':{NAME_WIDTH}}{ours:>12}{other:>14}{ratio:>10}")


def figure(
    name: str,
    ours: float,
    other: float,
    unit: str = "",
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> float:
    """Print one aligned line; return the ratio ours : other, which the bounds are for."""
    return _line(name, ours, other, unit, ours / other, "", at_least, at_most)


def speedup(name: str, ours: float, other: float, unit: str = "", *, at_least: float | None = None) -> float:
    """Print one aligned line of two times; return how many times `ours` goes into `other`."""
    return _line(name, ours, other, unit, other / ours, "x", at_least, None)


def exit_status() -> int:
    """Return 1 if any figure so far was out of its bounds, for `sys.exit` at the end of a benchmark."""
    return int(_missed)


def _line(
    name: str,
    ours: float,
    other: float,
    unit: str,
    ratio: float,
    sign: str,
    at_least: float | None,
    at_most: float | None,
) -> float:
    global _missed
    wanted = ""
    if at_least is not None and ratio < at_least:
        wanted = f"  MISSED, at least {at_least:g}{sign}"
    if at_most is not None and ratio > at_most:
        wanted = f"  MISSED, at most {at_most:g}{sign}"
    _missed = _missed or bool(wanted)
    ours_text, other_text = (f"{value:.2f} {unit}".rstrip() for value in (ours, other))
    shown = f"{ratio:.1f}{sign}" if sign else f"{ratio:.2f}"
    print(f"{name:{NAME_WIDTH}}{ours_text:>12}{other_text:>14}{shown:>10}{wanted}", flush=True)
    return ratio


def peer(module: str) -> ModuleType:
    """Import a peer library; without it, end with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise SystemExit(
            f"{missing}: the benchmarks need the `bench` extra: pip install -e '.[bench]'"
        ) from None
