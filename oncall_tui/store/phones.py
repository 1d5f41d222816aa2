"""Telephone numbers in E.164, however somebody writes them."""

from __future__ import annotations

NUMBER_LIMIT = 100
"""Characters in which a number may be written; what is longer is none."""


def e164(text: str, region: str) -> str:
    """Return the number in `text` like `+41225550140`, empty where there is none.

    One without a country belongs to `region`, two letters. An extension is left out. A number counts when
    its length is one of its country's: which of them are given out changes from year to year.
    """
    if not any(map(str.isdecimal, text)) or len(text) > NUMBER_LIMIT:
        return ""
    # Imported here: it costs a board 50 ms that never looks for a number.
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        ValidationResult,
        format_number,
        is_possible_number_with_reason,
        parse,
    )

    try:
        number = parse(text, region)
    except NumberParseException:
        return ""
    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return ""
    return format_number(number, PhoneNumberFormat.E164)


def begun(text: str, digits: str, region: str) -> str:
    """Return with what a number in E.164 begins whose `digits` were typed as `text` up to now.

    Empty where that can't be told: a number begins with `+` or `00` and its country, or with `0`, and then it
    belongs to `region`.
    """
    if text.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if not digits.startswith("0"):
        return ""
    from phonenumbers import country_code_for_region

    return f"+{country_code_for_region(region)}{digits[1:]}"
