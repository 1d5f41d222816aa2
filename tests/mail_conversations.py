"""What is asked of real mail servers once, written down, and played back where there are none.

`python tests/mail_conversations.py` starts Dovecot and exim4 and writes `data/mail_conversations/` anew. Each
scenario is a function of how the servers are reached that returns what came of it; the tests play it against
what was written down.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mail_servers import ANNE, SUPPORT, Exchange, Mailboxes, there
from mail_wire import RECORDED, Recorder, serving

from oncall_tui.domain.correspondence import Handed, Letter, Outgoing, Sender, SourceAccess, SourceUnavailable
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources.mail_sending import MailSender
from oncall_tui.sources.mailbox import open_source

NOW = datetime(2026, 11, 27, 2, 12, 44, tzinfo=UTC)

MAILS = (
    b"From: Anne Rochat <anne@leman.example>\r\nTo: support@desk.example\r\nSubject: Plus de mail\r\n"
    b"Message-ID: <1@leman.example>\r\n\r\nBonjour, nous n'avons plus de mail depuis ce matin.\r\n",
    b"From: =?utf-8?Q?Marc_M=C3=BCller?= <marc@leman.example>\r\nSubject: Re: Plus de mail [M-12]\r\n"
    b"Message-ID: <2@leman.example>\r\nIn-Reply-To: <1@leman.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Voici le <b>journal</b></p>\r\n--b\r\nContent-Type: text/plain; name=mail.log\r\n"
    b"Content-Disposition: attachment; filename=mail.log\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"ZGlzayBmdWxsCg==\r\n--b--\r\n",
    b"From: Anne Rochat <anne@leman.example>\r\nSubject: absente\r\nMessage-ID: <3@leman.example>\r\n"
    b"Auto-Submitted: auto-replied\r\n\r\nJe suis absente.\r\n",
)


def answer(to: str = ANNE) -> Outgoing:
    return Outgoing(
        id=1,
        source="support",
        act=OutgoingAct.ANSWER,
        state=OutgoingState.SENDING,
        ticket_id=5,
        ticket="M-12",
        author="Léa",
        created_at=NOW,
        to=Sender("Anne Rochat", to),
        subject="Re: Plus de mail [M-12]",
        text="Bonjour,\n\nnous avons commencé.",
        message_id="<11@desk.example>",
        answers=("<1@leman.example>",),
    )


def _letters(access: SourceAccess, cursor: str) -> list[Letter]:
    with closing(open_source(access)) as source:
        return [letter for batch in source.pull(cursor) for letter in batch.letters]


def first_contact(access: SourceAccess) -> list[Letter]:
    """Pull all that is there."""
    return _letters(access, "")


def nothing_new(access: SourceAccess) -> tuple[int, list[Letter]]:
    """Pull all, and then what came since."""
    with closing(open_source(access)) as source:
        (batch,) = source.pull("")
        return len(batch.letters), [letter for more in source.pull(batch.cursor) for letter in more.letters]


def woken_up(access: SourceAccess) -> tuple[bool, bool]:
    """Wait until nothing has come for a while; the server has been told of the last mail before that."""
    with closing(open_source(access)) as source:
        return source.wait(5), source.wait(0.1)


def saved(access: SourceAccess) -> bytes:
    """Save the file that came with the second mail."""
    with closing(open_source(access)) as source, TemporaryDirectory() as folder:
        (batch,) = source.pull("")
        target = Path(folder) / "file"
        source.save(batch.letters[1].key, batch.letters[1].attachments[0].part, target)
        return target.read_bytes()


def wrong_password(access: SourceAccess) -> str:
    """Try a password that isn't it; return what is said of that, without where."""
    try:
        _letters(replace(access, secret=lambda: "wrong"), "")
    except SourceUnavailable as error:
        return error.message.partition(": ")[2]
    return ""


def no_such_folder(access: SourceAccess) -> str:
    """Ask for a folder that isn't there."""
    try:
        _letters(replace(access, folder="Équipe"), "")
    except SourceUnavailable as error:
        return error.message.partition(": ")[2]
    return ""


def sent(access: SourceAccess) -> Handed:
    """Hand an answer over."""
    return MailSender(access, lambda: NOW).send(answer())


def refused(access: SourceAccess) -> Handed:
    """Hand an answer over to somebody who isn't there."""
    return MailSender(access, lambda: NOW).send(answer("nobody@leman.example"))


def no_room(access: SourceAccess) -> Handed:
    """Hand an answer over to somebody whose mailbox is full."""
    return MailSender(access, lambda: NOW).send(answer("later@leman.example"))


READING: Mapping[str, Callable[[SourceAccess], object]] = {
    each.__name__: each
    for each in (first_contact, nothing_new, woken_up, saved, wrong_password, no_such_folder)
}
SENDING: Mapping[str, Callable[[SourceAccess], Handed]] = {
    each.__name__: each for each in (sent, refused, no_room)
}


def record() -> None:
    """Play every scenario against the servers, and write down what was said."""
    boxes = Mailboxes()
    try:
        exchange = Exchange(boxes)
        try:
            boxes.put(SUPPORT, *MAILS)
            RECORDED.mkdir(parents=True, exist_ok=True)
            for setting, scheme, port, scenarios in (
                ("url", "imap", boxes.imap, READING),
                ("smtp", "smtp", exchange.smtp, SENDING),
            ):
                for name, scenario in scenarios.items():
                    recorder = Recorder(port)
                    with serving(recorder.talk) as server:
                        scenario(boxes.access(**{setting: f"{scheme}://127.0.0.1:{server.port}"}))
                    recorder.write(RECORDED / f"{name}.jsonl")
        finally:
            exchange.stop()
    finally:
        boxes.stop()


if __name__ == "__main__":
    record() if there() else sys.exit("recording needs dovecot and exim4, as root")
