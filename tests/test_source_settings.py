"""The settings of sources and templates: what is refused, and that no password is ever repeated."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from oncall_tui.config import Settings, load_settings
from oncall_tui.domain.errors import BadSettings
from oncall_tui.source_settings import KIND
from oncall_tui.sources.kinds import KINDS

SECRET = "geheim-canary"

MAILBOX = """
[sources.support]
kind = "mailbox"
url = "imaps://mail.example"
user = "support@acme.example"
"""


@pytest.fixture
def load(tmp_path: Path):
    """Load settings from the text of a file."""

    def load_text(text: str, **env: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, {"USER": "lea", **env})

    return load_text


def refusal(load, text: str) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        load(text)
    assert "config.toml: " in caught.value.message
    assert SECRET not in caught.value.message + caught.value.hint
    return caught.value


def test_without_a_file_there_are_no_sources():
    assert load_settings(None, {"USER": "lea"}).sources == {}


def test_a_mailbox_is_read(load):
    access = load(MAILBOX).sources["support"]
    assert (access.name, access.kind, access.url) == ("support", "mailbox", "imaps://mail.example")
    assert (access.user, access.address, access.folder) == (
        "support@acme.example",
        "support@acme.example",
        "INBOX",
    )
    assert access.every == timedelta(seconds=30)
    assert access.smtp == ""


def test_all_of_it_is_read(load):
    settings = load(
        """
        [sources.support]
        kind = "mailbox"
        url = "imap+starttls://mail.example:143"
        user = "support"
        smtp = "smtp+starttls://mail.example:587"
        address = "help@acme.example"
        folder = "Support/Nouveaux"
        every = "1min"
        sender_name = "Acme"
        ca_file = "/etc/ssl/own.pem"
        [sources.rt-1]
        kind = "request-tracker"
        url = "https://rt.example/rt"
        user = "oncall"
        queues = ["Support", "Réseau", "Support"]
        every = "15s"
        [sources.drop]
        kind = "files"
        url = "/var/spool/tickets"
        [people.lea]
        name = "Léa"
        account = "lmartin"
        [people.marc]
        account = "mb"
        [people.nobody]
        """
    )
    assert list(settings.sources) == ["support", "rt-1", "drop"]
    support, tracker, drop = settings.sources.values()
    assert support.every == timedelta(minutes=1)
    assert support.ca_file == Path("/etc/ssl/own.pem")
    assert (support.address, support.sender_name) == ("help@acme.example", "Acme")
    assert support.folder == "Support/Nouveaux"
    assert tracker.queues == ("Support", "Réseau")
    assert tracker.every == timedelta(seconds=15)
    assert {access.zone for access in settings.sources.values()} == {settings.offer.zone}
    assert tracker.accounts == {"Léa": "lmartin", "marc": "mb"}
    assert drop.url == "/var/spool/tickets"
    assert drop.secret() == ""


def test_the_secret_is_in_no_representation(load, tmp_path):
    settings = load(MAILBOX, ONCALL_TUI_SECRET_SUPPORT=SECRET)
    assert settings.sources["support"].secret() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in repr(settings.sources["support"].secret)


@pytest.mark.parametrize(
    "url",
    [
        f"imaps://support:{SECRET}@mail.example",
        f"imaps://{SECRET}@mail.example",
        f"imaps://support:{SECRET}/x@mail.example",
        f"imaps://mail.example/?password={SECRET}",
        f"imaps://mail.example/#{SECRET}",
    ],
)
@pytest.mark.parametrize("key", ["url", "smtp"])
def test_a_password_in_an_address_is_refused_and_not_repeated(load, key, url):
    text = f'{MAILBOX}smtp = "{url}"' if key == "smtp" else MAILBOX.replace("imaps://mail.example", url)
    assert f"sources.support.{key}" in refusal(load, text).message


def test_a_secret_in_place_of_a_section_is_not_repeated(load):
    refusal(load, f'sources = "imaps://support:{SECRET}@mail.example"')
    refusal(load, f'[sources]\nsupport = "{SECRET}"')


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10:143", "[::1]:143", "localhost", "LOCALHOST."])
def test_plain_text_is_for_this_machine(load, host):
    assert load(MAILBOX.replace("imaps://mail.example", f"imap://{host}")).sources


@pytest.mark.parametrize(
    "host", ["mail.example", "10.0.0.1", "localhost.example", "0.0.0.0", "[::ffff:8.8.8.8]"]
)
def test_plain_text_is_for_no_other_machine(load, host):
    error = refusal(load, MAILBOX.replace("imaps://mail.example", f"imap://{host}"))
    assert "encrypts nothing" in error.message
    assert "imaps://" in error.hint
    error = refusal(load, f'{MAILBOX}smtp = "smtp://{host}"')
    assert "smtps://" in error.hint


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "ftp://mail.example",
        "https://mail.example",
        "IMAPX://x",
        "imaps://",
        "imaps://:993",
        "imaps://mail.example:0",
        "imaps://mail.example:99999",
        "imaps://mail.example:port",
        "imaps://a b",
    ],
)
def test_an_address_of_no_known_kind_is_refused(load, url):
    error = refusal(load, MAILBOX.replace("imaps://mail.example", url))
    assert "sources.support.url" in error.message
    assert "imaps://" in error.hint


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ('[sources.x]\nurl = "imaps://m"', "sources.x.kind is missing", "mailbox"),
        ('[sources.x]\nkind = "mailbx"', "sources.x.kind: ", "mailbox"),
        ('[sources.x]\nkind = "mailbox"\nurl = "imaps://m"', "sources.x.user is missing", "needs url, user"),
        ('[sources.x]\nkind = "files"', "sources.x.url is missing", "needs url"),
        ('[sources.x]\nkind = "files"\nurl = "drop"', "no whole path", "/"),
        ('[sources.x]\nkind = "files"\nurl = "/drop"\nuser = "u"', "user is of no use", "every, kind, url"),
        (f'{MAILBOX}queues = ["a"]', "queues is of no use", "folder"),
        (f'{MAILBOX}every = "4s"', "every", "5s"),
        (f'{MAILBOX}every = "none"', "every", "5s"),
        (f'{MAILBOX}address = "support"', "address", "mail address"),
        (f'{MAILBOX}password = "x"', "password is no setting", "secret_file"),
        (f'{MAILBOX}\n[sources.Bad]\nkind = "files"', "can't be the name of a source", "small letter"),
        (
            '[sources.x]\nkind = "mailbox"\nurl = "imaps://m"\nuser = "u"\nsmtp = "smtps://m"',
            "sources.x.address is missing",
            "address",
        ),
        (
            '[sources.a-b]\nkind = "files"\nurl = "/a"\n[sources.a_b]\nkind = "files"\nurl = "/b"',
            "share the variable ONCALL_TUI_SECRET_A_B",
            "names",
        ),
    ],
)
def test_what_does_not_go_is_refused_with_what_does(load, text, said, hint):
    error = refusal(load, text)
    assert said in error.message
    assert hint in error.hint


def test_the_table_names_every_kind():
    assert all(name in KIND.allowed for name in KINDS)


def test_a_kind_of_ones_own_is_a_module(load):
    access = load('[sources.x]\nkind = "my_desk.tickets"\nurl = "desk://here"\nqueues = ["a"]').sources["x"]
    assert (access.kind, access.url, access.queues) == ("my_desk.tickets", "desk://here", ("a",))
