"""The tables. A change here goes with a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from oncall_tui.store.types import IsoDate, Seconds, UtcDateTime

HEAD = "0007"
"""The migration that these tables correspond to, known without importing Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _search() -> Column[str]:
    # Folded text for filters (`folding.py`), kept beside the facts it follows from.
    return Column("search", Text, nullable=False, server_default="")


revision = Table(
    "revision",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

calendars = Table(
    "calendars",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("definition", Text, nullable=False),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("subscribed_on", IsoDate),
    Column("partner", Boolean(create_constraint=False), nullable=False),
    Column("language", Text, nullable=False),
    Column("import_digest", Text),
    # What the file said last of each field, in short: a field that it repeats undoes no engineer's edit.
    Column("import_fields", Text, nullable=False, server_default=""),
    # The last upgrade: what was received before it and is told of later had the plan of before.
    Column("upgraded_from", Text),
    Column("upgraded_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    _search(),
    # The name, folded: the order of lists.
    # In the order of the characters' numbers on both databases: what begins alike stands together.
    Column(
        "sort_name",
        Text().with_variant(Text(collation="C"), "postgresql"),
        nullable=False,
        server_default="",
    ),
    CheckConstraint("plan IN ('standard', 'plus', 'pro', 'enterprise')", name="plan"),
    Index(None, "sort_name", "id"),
)


def _of_customer() -> Column[int]:
    return Column("customer_id", Id, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False)


contacts = Table(
    "contacts",
    metadata,
    Column("id", Id, primary_key=True),
    _of_customer(),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("role", Text, nullable=False),
    # The number in E.164, empty where it is none: what a caller is found by, however it was written.
    Column("e164", Text, nullable=False, server_default="", index=True),
    # The mail address in lower case, and what stands after its @: whom a letter is from.
    Column("address", Text, nullable=False, server_default="", index=True),
    Column("domain", Text, nullable=False, server_default="", index=True),
    _search(),
    Index(None, "customer_id"),
)

services = Table(
    "services",
    metadata,
    Column("id", Id, primary_key=True),
    _of_customer(),
    Column("name", Text, nullable=False),
    _search(),
    Index(None, "customer_id"),
)

managers = Table(
    "managers",
    metadata,
    Column("id", Id, primary_key=True),
    _of_customer(),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("technical", Boolean(create_constraint=False), nullable=False),
    Index(None, "customer_id"),
)

access = Table(
    "access",
    metadata,
    Column("id", Id, primary_key=True),
    _of_customer(),
    Column("service", Text, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    # Who of theirs granted it, and who of us wrote it down, empty and none where a file says so.
    Column("granted_by", Text, nullable=False, server_default=""),
    Column("recorded_by", Text, nullable=False, server_default=""),
    Column("recorded_at", UtcDateTime),
    # When it was given back, or taken away, before its end.
    Column("ended_at", UtcDateTime),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Index(None, "customer_id"),
    Index(None, "until"),
)

tickets = Table(
    "tickets",
    metadata,
    # AUTOINCREMENT: the audit goes on to speak of a purged ticket by its id, which none may get again.
    Column("id", Id, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("plan", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    # What the guarantee was at receipt (R9).
    Column("calendar_id", Id, ForeignKey("calendars.id"), nullable=False),
    Column("budget", Seconds),
    Column("response_due_at", UtcDateTime),
    Column("response_warning_at", UtcDateTime),
    Column("response_critical_at", UtcDateTime),
    Column("response_due_open", BigInteger),
    Column("upgraded_at", UtcDateTime),
    Column("owner", Text),
    Column("owner_since", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("answered_by", Text),
    Column("answered_means", Text),
    Column("promise_made_at", UtcDateTime),
    Column("promise_made_by", Text),
    Column("promise_due_at", UtcDateTime),
    Column("promise_warning_at", UtcDateTime),
    Column("promise_critical_at", UtcDateTime),
    Column("promise_due_open", BigInteger),
    Column("closed_at", UtcDateTime),
    Column("close_reason", Text, nullable=False),
    # In two letters, empty where it isn't known.
    Column("language", Text, nullable=False, server_default=""),
    # The state of what goes out and hasn't arrived, empty where there is nothing.
    Column("outgoing", Text, nullable=False, server_default=""),
    # Asked by one of us of another, and by no customer: it has no guarantee.
    Column("internal", Boolean(create_constraint=False), nullable=False, server_default=false()),
    # The running clock, kept beside the facts it follows from, so that the queue is one indexed read.
    # sort_due is queue.NO_CLOCK and sort_rank 0 without one; clock_calendar_id 0 is real time.
    Column("sort_due", BigInteger, nullable=False),
    Column("sort_rank", SmallInteger, nullable=False),
    Column("warning_at", UtcDateTime),
    Column("critical_at", UtcDateTime),
    Column("clock_calendar_id", BigInteger),
    Column("due_open", BigInteger),
    Column("import_digest", Text),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    _search(),
    CheckConstraint("plan IN ('standard', 'plus', 'pro', 'enterprise')", name="plan"),
    CheckConstraint("channel IN ('email', 'phone', 'emergency')", name="channel"),
    CheckConstraint("answered_at >= received_at", name="answered_after_receipt"),
    CheckConstraint("closed_at >= received_at", name="closed_after_receipt"),
    sqlite_autoincrement=True,
)
ticket_spans = Table(
    "ticket_spans",
    metadata,
    # What was true of a ticket for a while: an earlier owner, promise, closing or guarantee.
    # `value` is JSON; the span is [began_at, ended_at). What is true now stands on the ticket.
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("aspect", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False, index=True),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("author", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    # When its author took it back.
    Column("withdrawn_at", UtcDateTime),
)

audit = Table(
    "audit",
    metadata,
    # Counted by ourselves and without a gap: a number that is missing was taken out.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("operator", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("act", Text, nullable=False),
    # No foreign key: the entry stays when the ticket is purged.
    Column("ticket_id", Id, index=True),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    # The organisation it is about by its id, empty where it is about none, and how it came out.
    Column("customer", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    # The seal over this entry and the one before, and the id of its key; empty where there was none.
    Column("key_id", Text, nullable=False, server_default=""),
    Column("seal", Text, nullable=False, server_default=""),
    Index(None, "customer"),
)

audit_head = Table(
    "audit_head",
    metadata,
    # The last entry, sealed: entries that are taken off the end leave it standing.
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("last_id", BigInteger, nullable=False),
    Column("last_seal", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("seal", Text, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

key_in_force = Table(
    "key_in_force",
    metadata,
    # Which key new codes and entries are sealed with, by its id; no row before the first use.
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

codes = Table(
    "codes",
    metadata,
    # A code stays when it is revoked: nobody is given it again, and who reads it out is told why.
    Column("id", Id, primary_key=True),
    _of_customer(),
    Column("kind", Text, nullable=False),
    # The user of a support code, by name.
    Column("contact", Text, nullable=False),
    # HMAC-SHA-256 of the digits, and the digits encrypted (R19), both with the key `key_id`.
    Column("digest", Text, nullable=False, unique=True),
    Column("sealed", Text, nullable=False),
    Column("key_id", Text, nullable=False, index=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index(None, "customer_id"),
    CheckConstraint("kind IN ('vip', 'support')", name="kind"),
)

code_attempts = Table(
    "code_attempts",
    metadata,
    # Every look-up, whatever came of it: the limits of R18 are counted here.
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("call", Text, nullable=False),
    # Who tried: the calling number, or the engineer where none is known.
    Column("caller", Text, nullable=False),
    # The organisation that was claimed or met, by its id; empty where none is known.
    Column("customer", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index(None, "outcome", "at"),
    Index(None, "call", "at"),
    Index(None, "caller", "at"),
    Index(None, "customer", "at"),
)

code_waits = Table(
    "code_waits",
    metadata,
    # Whose codes aren't looked at for a while: a caller or an organisation, as in `code_attempts`.
    Column("id", Id, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index(None, "subject", "began_at"),
)

calls = Table(
    "calls",
    metadata,
    # A call on the line. The database lets nobody delete one, nor change what rang, nor who picked it up
    # once it is recorded.
    Column("id", Id, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    # The telephone system's name for it: events that come twice or in the wrong order meet here.
    Column("external_id", Text, unique=True),
    Column("origin", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("e164", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("rang_at", UtcDateTime, nullable=False),
    Column("operator", Text),
    Column("picked_up_at", UtcDateTime),
    Column("hung_up_at", UtcDateTime),
    Column("recorded_at", UtcDateTime),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("origin IN ('telephone', 'hand')", name="origin"),
)

call_steps = Table(
    "call_steps",
    metadata,
    # What was found out, in its order; append-only. `value` is a JSON object of texts.
    Column("id", Id, primary_key=True),
    Column("call_id", Id, ForeignKey("calls.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("operator", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("value", Text, nullable=False),
)

call_records = Table(
    "call_records",
    metadata,
    # What became of a call; append-only. A correction is a row of its own that `corrects` another (R13).
    Column("id", Id, primary_key=True),
    Column("call_id", Id, ForeignKey("calls.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # That of the call, for the order of the log.
    Column("rang_at", UtcDateTime, nullable=False),
    Column("operator", Text, nullable=False),
    Column("workstation", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("language", Text, nullable=False),
    # Copies: the record says what was true then. `customer` is the id, empty where it isn't known.
    Column("customer", Text, nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("infrastructure", Boolean(create_constraint=False)),
    Column("summary", Text, nullable=False),
    Column("said_fr", Text, nullable=False),
    Column("said_en", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    # No foreign key: the record stays when the ticket is purged.
    Column("ticket_id", Id),
    Column("ticket", Text, nullable=False),
    Column("due_at", UtcDateTime),
    # What the team is told, empty where it isn't.
    Column("alert", Text, nullable=False),
    Column("corrects", Id, ForeignKey("call_records.id"), unique=True),
    # `operator` stays who decided; this is who corrected it.
    Column("corrected_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("decision IN ('accepted', 'refused', 'missed')", name="decision"),
    CheckConstraint("decision <> 'accepted' OR language IN ('fr', 'en')", name="accepted_language"),
    CheckConstraint("decision <> 'accepted' OR ticket <> ''", name="accepted_ticket"),
    CheckConstraint(
        "decision <> 'refused' OR (reason <> '' AND rule <> '' AND said_fr <> '' AND said_en <> ''"
        " AND next_step <> '')",
        name="refused_complete",
    ),
    CheckConstraint("decision = 'refused' OR reason = ''", name="reason_of_refusal"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    # What makes it once a subject and level; none where it was raised by a clock that was wrong.
    Column("key", Text, unique=True),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    # No foreign key: the alert stays when the ticket is purged.
    Column("ticket_id", Id, index=True),
    # Copies: the alert says what was true then. `customer` is the id.
    Column("customer", Text, nullable=False),
    Column("customer_name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("due_at", UtcDateTime),
    # A JSON object of texts.
    Column("facts", Text, nullable=False),
    # Whom it is for, empty for everybody, and who brought it about.
    Column("addressee", Text, nullable=False),
    Column("author", Text, nullable=False),
    # How often it was told again, since when, how often louder, and when it is told next.
    Column("round", Integer, nullable=False),
    Column("round_at", UtcDateTime, nullable=False),
    Column("step", Integer, nullable=False),
    Column("again_at", UtcDateTime),
    Column("snoozed_by", Text, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", Text, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("revision", BigInteger, nullable=False, index=True),
    Index(None, "raised_at", "id"),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    # Engineer and workstation, empty for people elsewhere: there one desk sends for all.
    Column("place", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("detail", Text, nullable=False),
    # How many alerts the same notification told.
    Column("together", Integer, nullable=False),
    UniqueConstraint("alert_id", "round", "channel", "place"),
    Index(None, "place", "at"),
)

alert_watch = Table(
    "alert_watch",
    metadata,
    # Up to where alerts were looked for: an instant, a revision, and the last rows of what is only added to.
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("until", UtcDateTime, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("ticket_id", BigInteger, nullable=False),
    Column("wait_id", BigInteger, nullable=False),
    Column("attempt_id", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
