"""The settings of how customers reach the provider: a part of the table in `settings.py`, and what becomes
of it.
"""

from __future__ import annotations

from collections.abc import Callable

from oncall_tui.domain.support import SupportContacts
from oncall_tui.domain.text import NAME_LIMIT
from oncall_tui.setting import Setting, Values

_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # E.164 has no more


def _line(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= NAME_LIMIT or not value.isprintable():
        raise ValueError
    return value.strip()


def _number(value: object) -> str:
    """Return a telephone number as it is written, which has its country in front."""
    text = _line(value)
    digits = sum(character.isdigit() for character in text)
    if text[0] != "+" or not set(text[1:]) <= set("0123456789 .-/()"):
        raise ValueError
    if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise ValueError
    return text


def _address(value: object) -> str:
    text = _line(value)
    before, at, after = text.partition("@")
    if not (before and at and after) or " " in text or "@" in after:
        raise ValueError
    return text


def _site(value: object) -> str:
    text = _line(value)
    if " " in text or "." not in text:
        raise ValueError
    return text


def _setting(name: str, allowed: str, kind: Callable[[object], str], help_: str, unset: str) -> Setting[str]:
    return Setting(f"support.{name}", allowed, kind, help_, unset=unset)


NAME = _setting("name", "a name", _line, "Who the provider is.", "nothing is printed in its place")
PHONE = _setting(
    "phone",
    'a telephone number with its country in front, like "+41 22 555 01 00"',
    _number,
    "The telephone of the support.",
    "the hours alone are printed, and a plan without the emergency line gets no document",
)
EMERGENCY_PHONE = _setting(
    "emergency_phone",
    PHONE.allowed,
    _number,
    "The emergency line (R11).",
    "a plan that has the line gets no document",
)
EMAIL = _setting(
    "email",
    'an address like "support@provider.example"',
    _address,
    "Where customers write to.",
    "the hours alone are printed",
)
WEB = _setting(
    "web", 'a site like "provider.example"', _site, "The provider's site.", "nothing is printed in its place"
)
STATUS = _setting(
    "status",
    'a page like "status.provider.example"',
    _site,
    "Where known disturbances are published.",
    "nothing is printed in its place",
)

SETTINGS: tuple[Setting[object], ...] = (NAME, PHONE, EMERGENCY_PHONE, EMAIL, WEB, STATUS)
"""In the order in which the page of settings lists them."""

SECTIONS: dict[str, str] = {
    "support": "How customers reach you: the technical document prints it (R25). The offer names no number "
    "and no address, so nothing is set until you do.",
}


def support_of(values: Values) -> SupportContacts:
    """Return what the file says of it. Raises `BadSettings`."""
    return SupportContacts(
        name=values.given(NAME) or "",
        phone=values.given(PHONE) or "",
        emergency_phone=values.given(EMERGENCY_PHONE) or "",
        email=values.given(EMAIL) or "",
        web=values.given(WEB) or "",
        status=values.given(STATUS) or "",
    )
