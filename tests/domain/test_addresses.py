"""Whom a letter is from is compared by address."""

from __future__ import annotations

import pytest

from oncall_tui.domain.addresses import MailAddress, address_of


@pytest.mark.parametrize(
    ("text", "address", "domain"),
    [
        ("Lea@Example.CH", "lea@example.ch", "example.ch"),
        (" <lea@example.ch> ", "lea@example.ch", "example.ch"),
        ("lea@example.ch.", "lea@example.ch", "example.ch"),
        ("léa@bücher.example", "léa@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ('"a@b"@example.ch', '"a@b"@example.ch', "example.ch"),
    ],
)
def test_an_address_is_compared_in_lower_case_and_by_its_domain(text: str, address: str, domain: str) -> None:
    assert address_of(text) == MailAddress(address, domain)


@pytest.mark.parametrize("text", ["", "lea", "@example.ch", "lea@", "le a@example.ch", "<>"])
def test_what_is_no_address_is_nobodys(text: str) -> None:
    assert address_of(text) == MailAddress()
