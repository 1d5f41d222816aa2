"""The mailbox that is only played takes what goes out, and the customer thanks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_tui.domain.correspondence import Outgoing, Sender, SourceAccess
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources import demo
from oncall_tui.sources.kinds import open_source
from oncall_tui.sources.source import Source

ACCESS = SourceAccess("support", "oncall_tui.sources.demo", "demo")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(demo, "TAKES", 0.0)
    return open_source(ACCESS)


def answer(text: str, act: OutgoingAct = OutgoingAct.ANSWER) -> Outgoing:
    to, now = Sender("Hélène", "helene@heron.example"), datetime.now(UTC)
    return Outgoing(
        7,
        "support",
        act,
        OutgoingState.SENDING,
        1,
        "M-1",
        "Léa",
        now,
        to=to,
        subject="Re: Shop [M-1]",
        text=text,
        message_id="<7@host.example>",
    )


def test_an_answer_is_taken_and_thanked_for_after_a_while(
    mailbox: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mailbox.send(answer("Bonjour, nous regardons.")).state is OutgoingState.SENT
    other = open_source(ACCESS)
    assert list(other.pull("")) == []
    monkeypatch.setattr(demo, "WRITES_BACK", 0.0)
    (batch,) = other.pull("")
    (thanks,) = batch.letters
    assert (thanks.sender.name, thanks.answers) == ("Hélène", ("<7@host.example>",))
    assert thanks.text.startswith("Merci")
    assert list(other.pull("")) == []


def test_nobody_thanks_for_an_owner(mailbox: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "WRITES_BACK", 0.0)
    mailbox.send(answer("", OutgoingAct.OWNER))
    assert list(mailbox.pull("")) == []


def test_leaving_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "TAKES", 3600.0)
    mailbox = open_source(ACCESS)
    mailbox.interrupt()
    assert mailbox.send(answer("", OutgoingAct.CLOSE)).state is OutgoingState.SENT
    assert not mailbox.wait(3600)
    mailbox.close()


def test_a_file_is_a_line_that_says_what_it_is(mailbox: Source, tmp_path: Path) -> None:
    target = tmp_path / "journal.txt"
    mailbox.save("demo/3", "3", target)
    assert target.read_text() == "This is part 3 of letter demo/3 of the demo.\n"
    with pytest.raises(BadInput, match=r"journal\.txt can't be written"):
        mailbox.save("demo/3", "3", target)
