"""Telephone numbers in whatever notation: whether two of them may be one."""

from __future__ import annotations

SHORTEST_NUMBER = 6
"""Digits below which two numbers that end alike may still be two."""


def same_number(one: str, other: str) -> bool:
    """Say whether two notations may be the same telephone number, with its country or without."""
    short, long = sorted((_digits(one), _digits(other)), key=len)
    return bool(short) and (short == long or (len(short) >= SHORTEST_NUMBER and long.endswith(short)))


def _digits(number: str) -> str:
    return "".join(each for each in number if each.isdecimal()).lstrip("0")
