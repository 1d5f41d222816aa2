"""Organisations as a list and found in an instant, access and its uses, technical documents, guides."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from oncall_tui.domain.folding import customer_text, fold

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BATCH_ROWS = 1_000
"""Organisations in memory at a time."""


def upgrade() -> None:
    """Add the tables and the columns, and make what is there searchable."""
    op.add_column("tickets", sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()))
    named = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for name, kind in (("import_fields", sa.Text()), ("sort_name", named)):
        op.add_column("customers", sa.Column(name, kind, nullable=False, server_default=""))
    op.add_column("customers", sa.Column("upgraded_from", sa.Text(), nullable=True))
    op.add_column("customers", *_instants("upgraded_at"))
    _access()
    _texts()
    _documents()
    _guides()
    if op.get_bind().dialect.name == "sqlite":
        _fts5()
    else:
        _vectors()
    _fill()
    # Last: a row is written once and not moved about in the index.
    op.create_index("ix_customers_sort_name_id", "customers", ["sort_name", "id"])
    # Who types less of a number than all of it types its end.
    end = "substr(e164, -6)" if op.get_bind().dialect.name == "sqlite" else '"right"(e164, 6)'
    op.create_index("ix_contacts_number_end", "contacts", [sa.text(end)])


def _named(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instants(*names: str, nullable: bool = True) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _key_of(table: str, column: str, other: str) -> list[sa.schema.SchemaItem]:
    """Return a key that is the id of a row of another table, with which the row goes."""
    return [
        sa.Column(column, ID, autoincrement=False, nullable=False),
        _reference(table, column, other),
        sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, other: str, on_delete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=on_delete)


def _access() -> None:
    for name in ("granted_by", "recorded_by", "ended_by"):
        op.add_column("access", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for instant in _instants("recorded_at", "ended_at"):
        op.add_column("access", instant)
    op.add_column("access", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_access_until", "access", ["until"])
    op.create_table(
        "access_uses",
        sa.Column("id", ID, nullable=False),
        sa.Column("access_id", ID, nullable=False),
        *_named("operator", "workstation", "purpose"),
        sa.Column("ticket_id", ID, nullable=True),
        *_named("ticket"),
        *_instants("began_at", nullable=False),
        *_instants("ended_at"),
        *_instants("revision", nullable=False),
        _reference("access_uses", "access_id", "access"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_uses")),
    )
    for column in ("access_id", "ended_at", "revision"):
        op.create_index(f"ix_access_uses_{column}", "access_uses", [column])


def _texts() -> None:
    op.create_table("customer_texts", *_key_of("customer_texts", "customer_id", "customers"), *_named("text"))


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_instants("issued_at", nullable=False),
        *_named("issued_by", "workstation", "language"),
        sa.Column("code_id", ID, nullable=True),
        _reference("documents", "customer_id", "customers"),
        _reference("documents", "code_id", "codes", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("customer_id", "number", name=op.f("uq_documents_customer_id_number")),
    )


def _guides() -> None:
    op.create_table(
        "guides",
        sa.Column("id", ID, nullable=False),
        *_named("kind", "url", "title", "language", "tags", "text", "import_digest"),
        *_instants("revision", nullable=False),
        sa.CheckConstraint("kind IN ('guide', 'partner')", name=op.f("ck_guides_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
        sa.UniqueConstraint("url", name=op.f("uq_guides_url")),
    )
    op.create_index("ix_guides_revision", "guides", ["revision"])
    op.create_table(
        "guide_texts", *_key_of("guide_texts", "guide_id", "guides"), *_named("title", "tags", "text")
    )
    op.create_table(
        "guide_uses",
        sa.Column("id", ID, nullable=False),
        sa.Column("guide_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        *_named("ticket", "call", "operator"),
        *_instants("at", nullable=False),
        *_instants("closed_at"),
        _reference("guide_uses", "guide_id", "guides"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_uses")),
    )
    for column in ("guide_id", "ticket_id"):
        op.create_index(f"ix_guide_uses_{column}", "guide_uses", [column])
    op.create_table(
        "guide_words",
        *_named("word"),
        sa.Column("guide_id", ID, autoincrement=False, nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        _reference("guide_words", "guide_id", "guides"),
        sa.PrimaryKeyConstraint("word", "guide_id", name=op.f("pk_guide_words")),
    )
    op.create_index("ix_guide_words_guide_id", "guide_words", ["guide_id"])


def _fts5() -> None:
    # `detail=none` and no sizes: whether all words stand in it is all that is asked of an organisation. The
    # words are parted and folded already: `ascii` parts them at the blanks and nowhere else. What begins with
    # up to 7 letters has an index of its own, since who looks is still typing: it gives the first of many at
    # once, where all would have to be gathered without.
    options = "tokenize='ascii', columnsize=0, detail=none, prefix='1 2 3 4 5 6 7'"
    _fts5_of("customer", "customer_id", ("text",), options)
    tokens = "tokenize='unicode61 remove_diacritics 0'"
    _fts5_of("guide", "guide_id", ("title", "tags", "text"), f"{tokens}, prefix='2 3 4'")


def _fts5_of(name: str, key: str, columns: tuple[str, ...], options: str) -> None:
    """Make what stands in the table of texts searchable, and keep it so whoever writes there."""
    table, fts = f"{name}_texts", f"{name}_fts"
    listed, old, new = (
        ", ".join(f"{before}{column}" for column in columns) for before in ("", "old.", "new.")
    )
    op.execute(
        f"CREATE VIRTUAL TABLE {fts} USING fts5({listed}, content='{table}', content_rowid='{key}', "
        f"{options})"
    )
    forget = f"INSERT INTO {fts} ({fts}, rowid, {listed}) VALUES ('delete', old.{key}, {old});"  # noqa: S608 - our own names
    learn = f"INSERT INTO {fts} (rowid, {listed}) VALUES (new.{key}, {new});"  # noqa: S608 - our own names
    for event, statements in (("insert", learn), ("delete", forget), ("update", f"{forget} {learn}")):
        op.execute(f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} BEGIN {statements} END")


def _vectors() -> None:
    # The words are parted and folded by ourselves, in the same way for both databases: PostgreSQL's own
    # parser would keep an address in one piece.
    op.execute(
        "CREATE INDEX ix_customer_texts_vector ON customer_texts"
        " USING gin (array_to_tsvector(string_to_array(text, ' '))) WITH (fastupdate = off)"
    )
    # Those of guides are folded and stemmed by ourselves: `simple` takes them as they are.
    weighted = " || ".join(
        f"setweight(to_tsvector('simple'::regconfig, {column}), '{weight}')"
        for column, weight in (("title", "A"), ("tags", "B"), ("text", "D"))
    )
    op.execute(f"ALTER TABLE guide_texts ADD COLUMN vector tsvector GENERATED ALWAYS AS ({weighted}) STORED")
    # Beside the row: to rank a guide its words are read, and from another place that takes twice as long.
    op.execute("ALTER TABLE guide_texts ALTER COLUMN vector SET STORAGE MAIN")
    op.execute("CREATE INDEX ix_guide_texts_vector ON guide_texts USING gin (vector) WITH (fastupdate = off)")


def _fill() -> None:
    connection, last = op.get_bind(), 0
    customers = sa.table("customers", *map(sa.column, ("id", "ref", "name", "sort_name")))
    contacts = sa.table("contacts", *map(sa.column, ("id", "customer_id", "name", "email", "e164")))
    services = sa.table("services", *map(sa.column, ("id", "customer_id", "name")))
    texts = sa.table("customer_texts", *map(sa.column, ("customer_id", "text")))
    named = sa.update(customers).where(customers.c.id == sa.bindparam("row"))
    named = named.values(sort_name=sa.bindparam("folded"))
    while True:
        query = sa.select(customers.c.id, customers.c.ref, customers.c.name).where(customers.c.id > last)
        rows = connection.execute(query.order_by(customers.c.id).limit(BATCH_ROWS)).fetchall()
        if not rows:
            return
        first, last = rows[0].id, rows[-1].id
        people: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
        of = contacts.c.customer_id
        found = sa.select(of, contacts.c.name, contacts.c.email, contacts.c.e164)
        for person in connection.execute(found.where(of.between(first, last)).order_by(contacts.c.id)):
            people[person.customer_id].append((person.name, person.email, person.e164))
        offered: defaultdict[int, list[str]] = defaultdict(list)
        of = services.c.customer_id
        found = sa.select(of, services.c.name).where(of.between(first, last))
        for service in connection.execute(found.order_by(services.c.id)):
            offered[service.customer_id].append(service.name)
        connection.execute(named, [{"row": row.id, "folded": fold(row.name)} for row in rows])
        values = [
            {
                "customer_id": row.id,
                "text": customer_text(row.ref, row.name, people[row.id], offered[row.id]),
            }
            for row in rows
        ]
        connection.execute(sa.insert(texts), values)
