"""Files that came with a ticket: listed, and saved from the mailbox that still has them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from cli.conftest import Run
from mail_wire import Mails, serving

PICTURE = bytes(range(256)) * 40


def picture() -> bytes:
    """A mail that is a picture and nothing else."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Anne Rochat <anne@leman.example>"
    mail["Subject"] = "VM down"
    mail["Message-ID"] = "<1@leman.example>"
    mail.set_content(PICTURE, maintype="image", subtype="png", filename="écran\x1b[2J.png")
    return mail.as_bytes()


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The options of a desk whose mailbox has one mail with a picture."""
    monkeypatch.setenv("ONCALL_TUI_SECRET_SUPPORT", "hunter2")
    with serving(Mails({7: picture()}).talk) as server:
        config = tmp_path / "c.toml"
        config.write_text(
            f'[sources.support]\nkind = "mailbox"\nurl = "imap://127.0.0.1:{server.port}"\nuser = "support"\n'
        )
        yield ["--config", str(config), "--database", f"sqlite:///{tmp_path}/oncall.db"]


def test_a_file_is_listed_and_saved_as_it_was(cli: Run, options: list[str], tmp_path: Path) -> None:
    assert cli(*options, "source", "pull", "support").out == "support: 1 new\n"
    listed = cli(*options, "ticket", "attachments", "M-1", "--json").json
    assert [(each["number"], each["type"]) for each in listed] == [(1, "image/png")]
    assert listed[0]["name"].isprintable()
    lines = cli(*options, "ticket", "attachments", "M-1").out.splitlines()
    assert lines[0].split() == ["N", "NAME", "SIZE", "FROM", "RECEIVED"]
    assert ".png" in lines[1]
    target = tmp_path / "saved.png"
    saved = cli(*options, "ticket", "attachments", "M-1", "--save", "1", "--out", str(target), "--json")
    assert saved.json["bytes"] == len(PICTURE)
    assert target.read_bytes() == PICTURE
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_cannot_be_saved_is_said(cli: Run, options: list[str], tmp_path: Path) -> None:
    cli(*options, "source", "pull", "support")
    there = tmp_path / "there"
    there.write_text("mine")
    save = ("ticket", "attachments", "M-1", "--save")
    assert cli(*options, *save, "1", "--out", str(there)).code == 2
    assert there.read_text() == "mine"
    missing = cli(*options, *save, "2", "--out", str(tmp_path / "x"))
    assert (missing.code, "it has 1 to 1" in missing.err) == (3, True)
    assert cli(*options, *save, "1").code == 2
    # Another machine may not have the source in its settings.
    elsewhere = cli(*options[2:], *save, "1", "--out", str(tmp_path / "x"))
    assert (elsewhere.code, "isn't set on this machine" in elsewhere.err) == (1, True)
    assert not (tmp_path / "x").exists()


def test_a_ticket_without_files_says_so(cli: Run, sqlite_url: str, tmp_path: Path) -> None:
    rows = tmp_path / "t.jsonl"
    rows.write_text('{"id": "acme", "name": "Acme", "plan": "pro"}\n')
    cli("--database", sqlite_url, "import", "customers", str(rows))
    filed = cli(
        "--database",
        sqlite_url,
        "ticket",
        "new",
        "--customer",
        "acme",
        "--channel",
        "phone",
        "--subject",
        "x",
    )
    listed = cli("--database", sqlite_url, "ticket", "attachments", filed.out.partition(":")[0])
    assert (listed.code, listed.out, listed.err) == (0, "", "no file came with it\n")
