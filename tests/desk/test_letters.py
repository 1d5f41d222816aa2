"""Letters that come in: which become tickets, of whom, and which are known."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hostile import HOSTILE
from letters import ANNA, HOLDER, STRANGER, add_customers, hold, letter, lines, of, take_in
from sqlalchemy.exc import OperationalError
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.desk.conversations import Conversation
from oncall_tui.desk.letter_reading import Said
from oncall_tui.desk.letter_taking import Taking
from oncall_tui.domain.alerts import Kind
from oncall_tui.domain.correspondence import Attachment, Batch, LetterKind, Sender
from oncall_tui.domain.customers import Contact, Customer
from oncall_tui.domain.errors import Conflict, NotFound, Refused, StoreUnavailable
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.records import Rejection, Row, TicketRecord
from oncall_tui.domain.text import clean, clean_body
from oncall_tui.domain.tickets import Channel
from oncall_tui.store import customers, outbox, sources
from oncall_tui.store import letters as letter_store

OpenAs = Callable[..., Desk]

BANK = Customer(
    "bank",
    "Banque Privée",
    Plan.ENTERPRISE,
    contacts=(Contact("Anna Keller", "Anna@Leman.example"), Contact("M. Rey", "rey@leman.example")),
)


@pytest.fixture(autouse=True)
def bank(desk: Desk) -> None:
    """An organisation of which Anna is a contact."""
    add_customers(desk, BANK)


def test_a_mail_of_a_contact_is_a_ticket_of_the_organisation_received_when_the_server_had_it(
    desk: Desk,
) -> None:
    received_at = NOW - timedelta(minutes=20)
    taken = take_in(desk, letter(received_at=received_at, language="fr"))
    assert (taken.created, taken.new) == (1, 1)
    found = of(desk, "M-1")
    one = found.ticket
    assert (one.customer, one.plan, one.contact) == ("bank", Plan.ENTERPRISE, "Anna Keller")
    assert (one.received_at, one.recorded_at, one.channel) == (received_at, NOW, Channel.EMAIL)
    assert one.due_at == desk.offer.guarantee(Plan.ENTERPRISE, Channel.EMAIL, received_at).due_at  # type: ignore[union-attr]
    assert (one.subject, found.body, one.language) == ("Mail is down", "Nothing arrives any more.", "fr")
    assert found.origin is not None
    assert (found.origin.source, found.origin.thread) == ("support", "")
    assert (found.origin.name, found.origin.address) == ANNA


def test_a_mail_from_the_domain_of_one_organisation_is_of_that(desk: Desk) -> None:
    take_in(desk, letter(Sender("New colleague", "new@leman.example")))
    one = of(desk, "M-1").ticket
    assert (one.customer, one.contact) == ("bank", "New colleague <new@leman.example>")


def test_a_domain_that_two_organisations_have_says_nothing(desk: Desk) -> None:
    add_customers(desk, Customer("shop", "Shop", Plan.PRO, contacts=(Contact("Z", "z@leman.example"),)))
    take_in(desk, letter(Sender("", "new@leman.example")))
    assert of(desk, "M-1").ticket.customer == "unknown"


def test_a_public_mail_provider_says_nothing(desk: Desk) -> None:
    add_customers(desk, Customer("shop", "Shop", Plan.PRO, contacts=(Contact("Z", "z.shop@gmail.com"),)))
    take_in(desk, letter(Sender("", "somebody@gmail.com")), letter(Sender("", "Z.Shop@GMAIL.com")))
    assert [of(desk, ref).ticket.customer for ref in ("M-1", "M-2")] == ["unknown", "shop"]


def test_who_is_unknown_has_standard_support_and_is_called_by_name_and_address(desk: Desk) -> None:
    take_in(desk, letter(STRANGER), letter(Sender("", "x@nowhere.example")), letter(Sender("No address")))
    first, second, third = (of(desk, ref).ticket for ref in ("M-1", "M-2", "M-3"))
    assert (first.customer, first.customer_name, first.plan) == ("unknown", "Unknown senders", Plan.STANDARD)
    assert first.due_at is None
    assert [each.contact for each in (first, second, third)] == [
        "Jo Doe <jo@nowhere.example>",
        "x@nowhere.example",
        "No address",
    ]


def test_an_address_of_several_organisations_keeps_the_best_promise_and_says_so(desk: Desk) -> None:
    agency = Contact("The agency", "help@agency.example")
    add_customers(
        desk,
        Customer("a-small", "Small", Plan.PLUS, contacts=(agency,)),
        Customer("b-big", "Big", Plan.ENTERPRISE, contacts=(agency,)),
    )
    take_in(desk, letter(Sender("", "help@agency.example")))
    assert of(desk, "M-1").ticket.customer == "b-big"
    assert lines(desk, "M-1") == [
        ("note", "support", "help@agency.example is on file as a contact of Small (a-small) as well.")
    ]


def test_what_is_known_comes_in_once(desk: Desk) -> None:
    found = [letter(), letter()]
    take_in(desk, *found, cursor="1")
    before = desk.queue.changed_since(0).revision
    again = take_in(desk, *found, cursor="2")
    assert (again.known, again.new) == (2, 0)
    with desk.store.connect() as connection:
        assert connection.exec_driver_sql("SELECT cursor FROM sources").scalar() == "2"
        written = f"SELECT count(*) FROM letters WHERE revision > {before}"
        assert connection.exec_driver_sql(written).scalar() == 0


def test_a_server_that_numbers_anew_doubles_nothing_and_its_new_keys_are_kept(desk: Desk) -> None:
    file = Attachment("log.txt", "text/plain", 12, "2")
    first = letter(key="7:1", attachments=(file,))
    take_in(desk, first)
    assert take_in(desk, letter(key="8:1", message_id=first.message_id)).known == 1
    [enclosure] = of(desk, "M-1").enclosures
    assert desk.sources.origin_of_enclosure(enclosure.id)[1] == "8:1"


def test_a_message_id_that_somebody_else_uses_hides_no_mail(desk: Desk) -> None:
    first = letter(message_id="<1@localhost>")
    second = letter(STRANGER, message_id="<1@localhost>")
    assert take_in(desk, first, second).created == 2
    again = letter(STRANGER, message_id="<1@localhost>")
    assert take_in(desk, again).known == 1


def test_a_mail_to_two_mailboxes_is_one_ticket(desk: Desk) -> None:
    first = letter()
    take_in(desk, first, source="support")
    assert take_in(desk, letter(message_id=first.message_id), source="sales").known == 1


def test_mails_without_a_message_id_are_told_apart_by_their_keys(desk: Desk) -> None:
    found = [letter(message_id=""), letter(message_id="")]
    assert take_in(desk, *found).created == 2
    assert take_in(desk, *found).known == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_sender_wrote_acts_on_a_terminal(desk: Desk, text: str) -> None:
    attachment = Attachment(text, text, 1, text)
    facts = {"subject": text, "text": text, "message_id": "<a@b>", "key": text, "ref": text, "language": text}
    first = letter(Sender(text, text), attachments=(attachment,), **facts)
    take_in(desk, first, letter(Sender(text, text), text=text, answers=(text, "<a@b>"), message_id=text))
    found = of(desk, "M-1")
    shown = [found.ticket.subject, found.ticket.contact, found.ticket.customer_name]
    shown += [each.name for each in found.enclosures] + [each.media_type for each in found.enclosures]
    shown += [each.author for each in found.messages]
    assert found.origin is not None
    shown += [found.origin.name, found.origin.address]
    assert [clean(each, limit=10_000) for each in shown] == shown
    bodies = [found.body, *(each.text for each in found.messages)]
    assert [clean_body(each) for each in bodies] == bodies


def test_a_mail_without_a_subject_is_called_by_its_first_words(desk: Desk) -> None:
    take_in(
        desk,
        letter(subject=" ", text="\n\nPlease call me back.\nAnna"),
        letter(subject="", text=""),
        letter(subject="", text="x" * 200),
    )
    first, second, third = (of(desk, ref).ticket.subject for ref in ("M-1", "M-2", "M-3"))
    assert (first, second) == ("Please call me back.", "—")
    assert third == "x" * 79 + "…"


def test_attachments_are_listed_and_stay_where_they_are(desk: Desk) -> None:
    files = (Attachment("log.txt", "text/plain", 12, "2"), Attachment("shot.png", "image/png", 345_678, "3"))
    first = letter(attachments=files)
    later = NOW - timedelta(minutes=1)
    take_in(desk, letter(received_at=NOW - timedelta(hours=1), message_id="<a@b>"))
    take_in(desk, letter(answers=("<a@b>",), attachments=files, received_at=later), first)
    found = of(desk, "M-1").enclosures
    assert [(each.name, each.media_type, each.size, each.sender, each.at) for each in found] == [
        ("log.txt", "text/plain", 12, "Anna Keller", later),
        ("shot.png", "image/png", 345_678, "Anna Keller", later),
    ]
    ticket = of(desk, "M-1").ticket
    assert desk.tickets.detail(ticket.id, NOW - timedelta(minutes=30)).enclosures == ()
    assert len(of(desk, "M-2").enclosures) == 2


def test_a_server_whose_clock_is_ahead_receives_nothing_in_the_future(desk: Desk) -> None:
    take_in(desk, letter(received_at=NOW + timedelta(minutes=3)))
    assert of(desk, "M-1").ticket.received_at == NOW
    desk.tickets.take(of(desk, "M-1").ticket.id)


def test_numbers_that_an_import_has_used_are_left_out(desk: Desk) -> None:
    desk.tickets.new(customer="leman", channel=Channel.EMAIL, subject="An old export", ref="M-2")
    assert take_in(desk, letter(), letter(), letter()).created == 3
    assert of(desk, "M-2").ticket.subject == "An old export"
    assert [of(desk, ref).ticket.customer for ref in ("M-1", "M-3", "M-4")] == ["bank"] * 3
    take_in(desk, letter(subject="The next"))
    assert of(desk, "M-5").ticket.subject == "The next"


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_server_that_knows_no_date_keeps_nothing_from_coming_in(desk: Desk, year: int) -> None:
    taken = take_in(desk, letter(received_at=datetime(year, 1, 1, tzinfo=UTC)), letter())
    assert taken.created == 2
    desk.alerts.evaluate()
    assert of(desk, "M-1").ticket.due_at is not None


def test_who_has_lost_the_lease_stores_nothing(desk: Desk, clock: HandClock) -> None:
    assert hold(desk)
    clock.advance(minutes=2)
    assert hold(desk, holder="Marc")
    with pytest.raises(Conflict, match="another desk reads support"):
        desk.letters.take_in("support", HOLDER, Batch("1", (letter(),)))
    with pytest.raises(NotFound):
        desk.tickets.find("M-1")
    with desk.store.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM letters").scalar() == 0


def test_two_desks_that_take_in_the_same_store_it_once(open_as: OpenAs, desk: Desk) -> None:
    batch = Batch("9", tuple(letter() for _ in range(40)))
    hold(desk)
    results = []

    def take() -> None:
        results.append(open_as("Zoé").letters.take_in("support", HOLDER, batch))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.created for each in results) == [0, 40]
    assert sorted(each.known for each in results) == [0, 40]


def test_a_read_only_desk_takes_nothing_in(open_as: OpenAs, desk: Desk) -> None:
    hold(desk)
    with pytest.raises(Refused, match="read-only"):
        open_as("Zoé", read_only=True).letters.take_in("support", HOLDER, Batch("1", (letter(),)))


def test_a_batch_leaves_one_entry_in_the_audit_and_none_where_nothing_is_new(desk: Desk) -> None:
    one = letter()
    take_in(desk, one, letter(), unread=("7:9 is broken",))
    take_in(desk, one)
    with desk.store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT subject, detail FROM audit WHERE act = 'take in'").all()
    assert [tuple(row) for row in rows] == [
        ("support", '{"created": "2", "joined": "0", "known": "0", "recorded": "0", "rejected": "1"}')
    ]


def test_how_long_the_last_one_took_is_known(desk: Desk) -> None:
    take_in(desk, letter(received_at=NOW - timedelta(seconds=4)), done=1, total=3)
    with desk.store.connect() as connection:
        [health] = sources.health(connection, NOW)
    assert (health.lag, health.done, health.total) == (4.0, 1, 3)


def test_a_new_request_of_an_enterprise_customer_is_told_and_ten_thousand_old_ones_are_not(
    desk: Desk,
) -> None:
    desk.alerts.evaluate()
    take_in(desk, *(letter(received_at=NOW - timedelta(days=400)) for _ in range(50)), letter())
    desk.alerts.evaluate()
    found = desk.alerts.page(100)
    assert [(each.kind, each.subject) for each in found] == [(Kind.NEW, "M-51")]


def test_rows_are_taken_as_an_import_takes_them(desk: Desk) -> None:
    def row(line: int, **more: object) -> Row[TicketRecord]:
        facts = {"customer": "bank", "channel": Channel.EMAIL, "subject": "Disk", "received_at": NOW}
        record = TicketRecord(**({"ref": "X-1"} | facts | more))  # type: ignore[arg-type]
        return Row(line, 10, {"ref": record.ref}, record)

    unread = Rejection(4, "no such channel", {})
    records = (row(1), row(2, owner="Marc"), row(3, ref="X-2", customer="nobody"), unread)
    taken = take_in(desk, records=records)
    assert (taken.created, taken.joined, taken.rejected) == (1, 1, 2)
    assert [(each.line, each.reason[:14]) for each in taken.rejections] == [
        (4, "no such channe"),
        (3, "no customer 'n"),
    ]
    assert of(desk, "X-1").ticket.owner == "Marc"


def test_automatic_mail_without_a_ticket_is_only_recorded(desk: Desk) -> None:
    kinds = (LetterKind.AUTOMATIC, LetterKind.BOUNCE, LetterKind.ANSWER)
    found = [letter(kind=kind, answers=("<gone@nowhere>",)) for kind in kinds]
    taken = take_in(desk, *found)
    assert (taken.recorded, taken.new) == (3, 3)
    assert take_in(desk, *found).known == 3
    assert take_in(desk, letter(answers=(found[0].message_id,))).created == 1


def test_the_organisation_for_unknown_senders_is_made_once(desk: Desk) -> None:
    take_in(desk, letter(STRANGER))
    take_in(desk, letter(STRANGER))
    with desk.store.connect() as connection:
        _, unknown = customers.find(connection, "unknown")
        assert not outbox.unfinished(connection)
    assert unknown.plan is Plan.STANDARD


def cursor_of(desk: Desk) -> str:
    with desk.store.begin() as tx:
        lease = sources.hold(tx, "support", "mailbox", "mail.example", HOLDER, NOW, NOW)
    assert lease is not None
    return lease.cursor


def test_a_letter_that_a_source_hands_over_broken_keeps_none_after_it_out(desk: Desk) -> None:
    taken = take_in(desk, letter(key="7:1", subject=None), letter())
    assert (taken.created, taken.rejected) == (1, 1)
    assert taken.unstored == ("7:1: a mistake of this program (TypeError)",)


@pytest.mark.parametrize("error", [KeyError("Anna Keller"), Refused("it can't be")])
def test_a_letter_that_this_program_fails_at_keeps_none_after_it_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It is left out and said, without a word of who wrote it, and its mistake is for the log."""
    begin = Taking._begin

    def failing(self: Taking, one: Said) -> Conversation:
        if one.subject == "poison":
            raise error
        return begin(self, one)

    monkeypatch.setattr(Taking, "_begin", failing)
    first, poison, reply = letter(), letter(key="7:99 <x@anna>", subject="poison"), letter()
    reply = replace(reply, answers=(first.message_id,), text="Still nothing.")
    taken = take_in(desk, first, poison, reply, letter(STRANGER), cursor="7:100")
    assert (taken.created, taken.joined, taken.rejected) == (2, 1, 1)
    assert taken.unstored == (f"7:99: a mistake of this program ({type(error).__name__})",)
    assert taken.mistakes == (error,)
    assert lines(desk, "M-1") == [("request", "Anna Keller", "Still nothing.")]
    assert cursor_of(desk) == "7:100"
    assert take_in(desk, first, reply).known == 2
    monkeypatch.undo()
    assert take_in(desk, poison).created == 1


def test_a_database_that_fails_is_no_mistake_in_a_letter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"

    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, full)

    monkeypatch.setattr(letter_store, "add", fail)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        take_in(desk, letter())
