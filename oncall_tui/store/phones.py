"""Telephone numbers as people write them, in the one notation in which they can be compared."""

from __future__ import annotations

_LONGEST = 40


def e164(text: str, region: str) -> str:
    """Return the number in `text` in E.164, like `+41225550140`; empty where it is none.

    One without a country belongs to `region`, two letters.
    """
    if len(text) > _LONGEST:
        return ""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
