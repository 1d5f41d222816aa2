"""Mail addresses as they are compared: whom a letter is from."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple


class MailAddress(NamedTuple):
    """An address in lower case, and what stands after its @. Both are empty where it is none."""

    address: str = ""
    domain: str = ""


def address_of(text: str) -> MailAddress:
    """Return the address that `text` is, without what surrounds it.

    What stands before the @ may tell capitals apart (RFC 5321), which no provider does: it is compared
    without. A domain written in other letters than Latin compares equal to its form in ASCII.
    """
    address = text.strip().strip("<>").strip()
    local, at, domain = address.rpartition("@")
    if not local or not at or not domain or any(each.isspace() for each in address):
        return MailAddress()
    domain = domain.rstrip(".").casefold()
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return MailAddress(f"{local.casefold()}@{domain}", domain)
