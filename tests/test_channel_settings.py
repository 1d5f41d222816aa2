"""The settings of channels; what holds passwords is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui.config import Settings, load_settings
from oncall_tui.domain.alert_channels import AlertChannels, TerminalWay
from oncall_tui.domain.errors import BadSettings

SECRET = "geheim"


@pytest.fixture
def load(tmp_path: Path):
    """Load settings from the text of a file."""

    def load_text(text: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, {"USER": "lea"})

    return load_text


def test_without_a_file_desktop_and_terminal_are_told():
    assert load_settings(None, {"USER": "lea"}).channels == AlertChannels()


def test_channels_are_read(load, monkeypatch):
    monkeypatch.setenv("HOME", "/home/lea")
    channels = load(
        f"""
        [alerts]
        desktop = false
        terminal = "osc99"
        push = ["ntfys://{SECRET}/oncall", "MailTo://lea:{SECRET}@mail.example", "ntfys://{SECRET}/oncall"]
        command = ["~/bin/page", "~", "--loud"]
        [people.lea]
        name = "Léa"
        push = ["signal://{SECRET}"]
        [people.marc]
        push = ["json://{SECRET}"]
        [people.nobody]
        """
    ).channels
    assert channels == AlertChannels(
        desktop=False,
        terminal=TerminalWay.OSC99,
        push=(f"ntfys://{SECRET}/oncall", f"MailTo://lea:{SECRET}@mail.example"),
        people={"Léa": (f"signal://{SECRET}",), "marc": (f"json://{SECRET}",)},
        command=("/home/lea/bin/page", "~", "--loud"),
    )
    assert SECRET not in repr(channels)
    assert "--loud" not in repr(channels)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('alerts.terminal = "loud"', 'alerts.terminal = "loud" is not allowed', "auto, bell, osc9"),
        ("alerts.desktop = 1", "alerts.desktop = 1 is not allowed", "true or false"),
        (f'alerts.push = "json://{SECRET}"', "alerts.push is not allowed", "a list of Apprise URLs"),
        (f'alerts.push = ["{SECRET}"]', "alerts.push is not allowed", "a list of Apprise URLs"),
        (f'alerts.push = ["json://a {SECRET}"]', "alerts.push is not allowed", "a list of Apprise URLs"),
        (f'alerts.push = ["json://{SECRET}\\u001b"]', "alerts.push is not allowed", "a list of Apprise URLs"),
        (f'alerts.command = ["", "{SECRET}"]', "alerts.command is not allowed", "a list of texts"),
        (f'alerts.command = "page {SECRET}"', "alerts.command is not allowed", "a list of texts"),
        (f'alerts = "json://{SECRET}"', "alerts: it is a section", "push"),
        (f'people.lea = "json://{SECRET}"', "people.lea: it is a section", "name, push"),
        (f'people.lea.push = ["{SECRET}"]', "people.lea.push is not allowed", "a list of Apprise URLs"),
        ("[people.Lea]", "people.Lea can't be the name of a person", "a small letter"),
        (
            'people.lea.name = "marc"\n[people.marc]',
            "there is one by the name marc already",
            "each name once",
        ),
    ],
)
def test_what_is_not_allowed_is_named_without_what_is_secret(load, text, message, hint):
    with pytest.raises(BadSettings) as caught:
        load(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint
