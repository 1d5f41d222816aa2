"""How customers reach the provider: what the settings say of it. The offer names no number and no address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SupportContacts:
    """The provider's name, numbers and addresses as customers get them; empty where none is set.

    `phone` and `emergency_phone` have their country in front, as in "+41 22 555 01 00". `status` is the page
    that says what is disturbed.
    """

    name: str = ""
    phone: str = ""
    emergency_phone: str = ""
    email: str = ""
    web: str = ""
    status: str = ""


NO_CONTACTS = SupportContacts()

SAMPLE_CONTACTS = SupportContacts(
    name="Hébergeur Exemple",
    phone="+41 22 555 01 00",
    emergency_phone="+41 22 555 01 99",
    email="support@host.example",
    web="host.example",
    status="status.host.example",
)
"""Of the provider of the sample world, whom nobody can call."""


def dialled(phone: str) -> str:
    """Return a number that has its country in front as a telephone dials it: "+41225550100".

    The zero in "+41 (0)22 …" is for those who call from within the country only.
    """
    phone = phone.replace("(0)", "")
    return "+" + "".join(character for character in phone if character.isascii() and character.isdigit())
