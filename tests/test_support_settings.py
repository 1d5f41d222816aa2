"""The settings of how customers reach the provider: nothing by default, and no number without a country."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui.config import load_settings
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.support import NO_CONTACTS, SupportContacts, dialled


def loaded(folder: Path, text: str) -> SupportContacts:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, {"USER": "lea"}).offer.support


def test_the_offer_names_nothing() -> None:
    assert load_settings(None, {"USER": "lea"}).offer.support == NO_CONTACTS


def test_what_the_file_says_is_kept_as_it_is_written(tmp_path: Path) -> None:
    support = loaded(
        tmp_path,
        """
        [support]
        name = "Hébergeur"
        phone = "+41 (0)22 555.01-00"
        emergency_phone = "+41 22 555 01 99"
        email = "support@host.example"
        web = "host.example"
        status = "https://status.host.example/now"
        """,
    )
    assert support.name == "Hébergeur"
    assert support.phone == "+41 (0)22 555.01-00"
    assert support.status == "https://status.host.example/now"
    assert dialled(support.emergency_phone) == "+41225550199"


def test_a_zero_that_is_only_dialled_at_home_is_left_out() -> None:
    assert dialled("+41 (0)22 555 01 00") == "+41225550100"


@pytest.mark.parametrize(
    "text",
    [
        'phone = "022 555 01 00"',
        'phone = "+41 22"',
        'phone = "+41 22 555 01 00 ext 3"',
        "phone = 41225550100",
        'emergency_phone = "+"',
        'emergency_phone = ""',
        'email = "host.example"',
        'email = "a@b@c"',
        'web = "our site"',
        'name = ""',
        'name = "a\\u0000b"',
    ],
)
def test_what_nobody_could_use_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match=f"support.{text.split()[0]}"):
        loaded(tmp_path, f"[support]\n{text}")
