"""First contact with a mailbox of 10 000 mails, on a real Dovecot: what reading them costs.

- pull: messages a second of the mailbox as a source, read into letters, with texts, files and languages;
- other: a bare imap-tools loop that fetches the same mails, and does nothing with them. In bulk it asks for
  500 at a time as the source does, one by one as imap-tools does of itself.

The mails are as customers write them: plain, with an HTML side, HTML alone, with a file, replies, automatic.
Without Dovecot there is nothing to measure. ONCALL_BENCH_SHORT=1 takes fewer mails, for a look.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

from figures import best_of_interleaved, exit_status, figure, heading
from imap_tools import MailBoxUnencrypted

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mail_servers import PASSWORD, SUPPORT, Mailboxes, there

from oncall_tui.sources.mailbox import open_source

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
MAILS = 1_000 if SHORT else 10_000
ROUNDS = 9 if SHORT else 3

LINES = (
    "Bonjour,",
    "depuis ce matin nous ne recevons plus aucun message sur l'adresse du secrétariat.",
    "Le journal du serveur dit que la boîte est pleine, mais il reste de la place.",
    "Pouvez-vous regarder ce qui se passe ? Nos clients attendent une réponse.",
    "Merci d'avance et meilleures salutations",
)


def mail(number: int) -> bytes:
    """Return the mail `number`: of each kind one, in turn."""
    made = EmailMessage()
    made["Received"] = f"from mx{number % 7}.leman.example by mail.desk.example id {number}; Fri, 27 Nov 2026"
    made["From"] = f"Anne Rochat {number % 400} <anne@client{number % 400}.example>"
    made["To"] = SUPPORT
    made["Subject"] = f"Plus de réseau à l'étage {number}"
    made["Message-ID"] = f"<{number}@leman.example>"
    text = "\n".join(LINES * (1 + number % 4)) + "\n"
    page = "<html><body>" + "".join(f"<p>{line}</p>" for line in text.splitlines()) + "</body></html>"
    kind = number % 6
    if kind == 2:
        made.set_content(page, subtype="html")
    else:
        made.set_content(text)
    if kind in (1, 3):
        made.add_alternative(page, subtype="html")
    if kind == 3:
        made.add_attachment(b"x" * 8_000, maintype="image", subtype="png", filename="écran.png")
    if kind == 4:
        made["In-Reply-To"] = f"<{number - 4}@leman.example>"
        made["References"] = f"<{number - 5}@leman.example> <{number - 4}@leman.example>"
    if kind == 5:
        made["Auto-Submitted"] = "auto-replied"
    return made.as_bytes()


def fill(boxes: Mailboxes) -> None:
    """Put the mails where Dovecot finds them, as a server has them that is in use for long."""
    boxes.put(SUPPORT, mail(0))
    folder = boxes.maildir(SUPPORT) / "cur"
    for number in range(1, MAILS):
        data = mail(number).replace(b"\n", b"\r\n")
        path = folder / f"{1_700_000_000 + number}.M{number}P1.mail,S={len(data)},W={len(data)}:2,"
        path.write_bytes(data)
        shutil.chown(path, "mail", "mail")


def pull(boxes: Mailboxes) -> int:
    with closing(open_source(boxes.access())) as source:
        letters = sum(len(batch.letters) for batch in source.pull(""))
    assert letters == MAILS
    return letters


def bare(boxes: Mailboxes, bulk: int | bool) -> int:
    with MailBoxUnencrypted("127.0.0.1", boxes.imap) as box:
        box.login_utf8(SUPPORT, PASSWORD)
        mails = sum(1 for _ in box.fetch(mark_seen=False, bulk=bulk))
    assert mails == MAILS
    return mails


def main() -> int:
    if not there():
        print("Dovecot and exim4 aren't installed, or this isn't root: nothing to measure")
        return 0
    boxes = Mailboxes()
    try:
        fill(boxes)
        best = best_of_interleaved(
            {
                "ours": lambda: pull(boxes),
                "bulk": lambda: bare(boxes, 500),
                "single": lambda: bare(boxes, False),
            },
            ROUNDS,
        )
    finally:
        boxes.stop()
    speed = {name: MAILS / seconds for name, seconds in best.items()}
    heading("ours", "imap-tools")
    figure("mails a second, imap-tools one by one", speed["ours"], speed["single"], "/s", at_least=0.5)
    figure("mails a second, imap-tools in bulk", speed["ours"], speed["bulk"], "/s", at_least=0.5)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
