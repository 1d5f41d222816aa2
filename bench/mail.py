"""A mailbox on a real Dovecot: its first contact with 10 000 mails, and how soon a new one is on the board.

- read: mails a second of the mailbox as a source, read into letters, with texts, files and languages;
- taken in: the same until the last of them is a ticket, or a line of one, in an SQLite database;
- other: a bare imap-tools loop that fetches the same mails, and does nothing with them. In bulk it asks for
  500 at a time as the source does, one by one as imap-tools does of itself.
- to the board: from when exim4 has taken a mail to the line on a board in a process of its own, against
  a bare imap-tools loop that waits with IDLE and fetches what it is told of.

The mails are as customers write them: plain, with an HTML side, HTML alone, with a file, replies, automatic.
Without Dovecot there is nothing to measure. ONCALL_BENCH_SHORT=1 takes fewer mails, for a look.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from figures import best_of_interleaved, exit_status, figure, heading
from imap_tools import MailBoxUnencrypted
from keyboard import p95
from samples import desk_on
from terminals import OnTerminal

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mail_servers import PASSWORD, SUPPORT, Exchange, Mailboxes, there

from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.plans import Plan
from oncall_tui.sources.mailbox import open_source
from oncall_tui.store import customers

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
MAILS = 1_000 if SHORT else 10_000
ROUNDS = 9 if SHORT else 3
ARRIVING = 8 if SHORT else 30
"""No more than a board has lines for."""

ALLOWED = 3.0
"""Seconds that 95 of 100 mails may take to the board."""

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


def taken_in(boxes: Mailboxes, database: str) -> None:
    desk = desk_on(database)
    lease = desk.sources.hold("support", "mailbox", "bench")
    assert lease is not None
    with closing(open_source(boxes.access())) as source:
        letters = sum(desk.letters.take_in("support", lease.holder, batch).new for batch in source.pull(""))
    desk.close()
    assert letters == MAILS


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
    for measure in (first_contact, arriving):
        boxes = Mailboxes()
        try:
            with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
                measure(boxes, folder)
        finally:
            boxes.stop()
    return exit_status()


def first_contact(boxes: Mailboxes, folder: str) -> None:
    """Print how fast a full mailbox is read and stored."""
    fill(boxes)
    names = (f"sqlite:///{folder}/{number}.db" for number in count())
    best = best_of_interleaved(
        {
            "read": lambda: pull(boxes),
            "taken in": lambda: taken_in(boxes, next(names)),
            "bulk": lambda: bare(boxes, 500),
            "single": lambda: bare(boxes, False),
        },
        ROUNDS,
    )
    speed = {name: MAILS / seconds for name, seconds in best.items()}
    heading("ours", "imap-tools")
    for other, called in (("single", "one by one"), ("bulk", "in bulk")):
        for ours in ("read", "taken in"):
            name = f"mails a second {ours}, imap-tools {called}"
            figure(name, speed[ours], speed[other], "/s", at_least=0.5)


def arriving(boxes: Mailboxes, folder: str) -> None:
    """Print how long a mail takes to the board, and to a loop that only waits for it."""
    exchange = Exchange(boxes)
    try:
        # The board before: what is in the mailbox already would take its lines.
        board_seconds = on_the_board(boxes, exchange, folder)
        bare_seconds = waited_for(boxes, exchange)
    finally:
        exchange.stop()
    heading("p95", "imap-tools")
    figure("exim4 has it → line on the board", p95(board_seconds), p95(bare_seconds), "s")
    heading("p95", "allowed")
    figure("exim4 has it → line on the board", p95(board_seconds), ALLOWED, "s", at_most=1.0)


def on_the_board(boxes: Mailboxes, exchange: Exchange, folder: str) -> list[float]:
    """Return the seconds until each mail stands on a board."""
    database = f"sqlite:///{folder}/board.db"
    desk = desk_on(database)
    with desk.store.begin() as tx:
        contact = Contact("Anne Rochat", "anne@leman.example", "", "")
        customers.add(tx, [(Customer("leman", "Banque", Plan.ENTERPRISE, contacts=(contact,)), None)])
    desk.close()
    settings = Path(folder, "oncall.toml")
    settings.write_text(
        f'database = "{database}"\n[sources.support]\nkind = "mailbox"\nuser = "{SUPPORT}"\n'
        f'url = "imap://127.0.0.1:{boxes.imap}"\n',
        encoding="utf-8",
    )
    env = {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    program = [sys.executable, "-m", "oncall_tui", "--config", str(settings)]
    board = OnTerminal(program, env | {"ONCALL_TUI_SECRET_SUPPORT": PASSWORD})
    try:
        board.wait_for(" s ago")
        time.sleep(3)  # the scheduler, and the first look into an empty mailbox
        return arrivals(exchange, "b", board.wait_for, board.discard)
    finally:
        board.end()


def waited_for(boxes: Mailboxes, exchange: Exchange) -> list[float]:
    """Return the seconds until a loop without a board has each mail."""
    with MailBoxUnencrypted("127.0.0.1", boxes.imap) as box:
        box.login_utf8(SUPPORT, PASSWORD)
        known: set[str] = set()

        def wait_for(subject: str) -> float:
            while subject not in known:
                # What comes between a look and the next wait is told by neither: it doesn't wait for long.
                box.idle.wait(timeout=1)
                found = box.fetch(f"SUBJECT {subject}", mark_seen=False)
                known.update(each.subject for each in found)
            return time.perf_counter()

        return arrivals(exchange, "a", wait_for, lambda: None)


def arrivals(
    exchange: Exchange, prefix: str, wait_for: Callable[[str], float], quiet: Callable[[], None]
) -> list[float]:
    """Send one mail after the other; return the seconds until each is there."""
    seconds = []
    random.seed(1)
    for number in range(ARRIVING):
        subject = f"{prefix}{number:03}x"
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = "anne@leman.example", SUPPORT, subject
        made["Message-ID"] = f"<{subject}@leman.example>"
        made.set_content("Bonjour")
        # At no fixed moment of anybody's interval.
        time.sleep(random.uniform(0.3, 0.8))
        quiet()
        exchange.post(made)
        handed = time.perf_counter()
        seconds.append(max(wait_for(subject) - handed, 0.0))
    return seconds


if __name__ == "__main__":
    sys.exit(main())
