"""Guides and partners: storing them, and finding those that a text fits, alike on both databases."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text, update

from oncall_tui.domain.errors import NotFound
from oncall_tui.domain.guides import Guide, GuideKind, Hit, snippet
from oncall_tui.store import guide_uses
from oncall_tui.store.engine import Transaction
from oncall_tui.store.organisation_schema import guide_texts, guides
from oncall_tui.store.rows import add as add_rows
from oncall_tui.store.rows import in_parts, reserve
from oncall_tui.store.stemming import Asked, asked, indexed

_c = guides.c
_COLUMNS = ("id", "kind", "url", "title", "language", "tags", "text", "import_digest", "revision")
_TEXTS = ("guide_id", "title", "tags", "text")

_LONGER = 3
"""Letters of a word that is enough by itself where all words together find nothing."""

_RANK = {
    "sqlite": "bm25(guide_fts, 10.0, 5.0, 1.0)",
    "postgresql": "-ts_rank('{{0.1, 0.1, 0.5, 1.0}}', vector, to_tsquery('simple'::regconfig, :words{n}), 1)",
}
"""How well a guide fits, the smaller the better: a title says more than a tag, a tag more than the text."""

_FITS = {
    "sqlite": "SELECT rowid AS id, {rank} AS rank FROM guide_fts WHERE guide_fts MATCH :words{n}",
    "postgresql": "SELECT guide_id AS id, {rank} AS rank FROM guide_texts"
    " WHERE vector @@ to_tsquery('simple'::regconfig, :words{n})",
}

_PLAN_FOR_THE_WORDS = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""From the sixth find on PostgreSQL would use one plan for all words: it takes those of most guides for rare
ones, and reads the query anew for each guide that it ranks.
"""


class Known(NamedTuple):
    """What an import needs to know of a guide that is in the store."""

    id: int
    digest: str
    guide: Guide


def known(connection: Connection, urls: Collection[str]) -> dict[str, Known]:
    """Return those of the guides and partners with these links that are in the store."""
    found: dict[str, Known] = {}
    for part in in_parts(urls):
        for row in connection.execute(select(guides).where(_c.url.in_(part))):
            found[row.url] = Known(row.id, row.import_digest, _guide(row))
    return found


def add(tx: Transaction, found: Sequence[tuple[Guide, str]]) -> list[int]:
    """Store new guides, each with the digest of its row; return their ids."""
    ids = list(reserve(tx, guides.name, len(found)))
    rows = list(zip(ids, found, strict=True))
    values = [(one, *_values(each, digest, tx.revision).values()) for one, (each, digest) in rows]
    add_rows(tx, guides.name, _COLUMNS, values)
    add_rows(tx, guide_texts.name, _TEXTS, [(one, *_searched(each).values()) for one, (each, _) in rows])
    if tx.connection.dialect.name == "postgresql":
        # Without it the planner takes 1 500 guides for a handful until autovacuum has been there.
        tx.connection.execute(text(f"ANALYZE {guides.name}, {guide_texts.name}"))
    return ids


def change(tx: Transaction, guide_id: int, guide: Guide, digest: str) -> None:
    """Store what a guide says anew."""
    values = _values(guide, digest, tx.revision)
    tx.connection.execute(update(guides).where(_c.id == guide_id).values(**values))
    of = guide_texts.c.guide_id
    tx.connection.execute(update(guide_texts).where(of == guide_id).values(**_searched(guide)))


def get(connection: Connection, url: str) -> Guide:
    """Return the guide or partner with that link; `NotFound` if there is none."""
    row = connection.execute(select(guides).where(_c.url == url)).first()
    if row is None:
        raise NotFound(f"no guide with the link {url[:100]!r}", hint="`guide find` lists those that fit")
    return _guide(row)


def count(connection: Connection, kind: GuideKind) -> int:
    """Return how many there are of a kind."""
    return connection.scalar(select(func.count()).select_from(guides).where(_c.kind == kind.value)) or 0


def find(
    connection: Connection, wanted: str, kind: GuideKind, language: str, limit: int, like: str = ""
) -> tuple[Hit, ...]:
    """Return at most `limit` guides that `wanted` fits, those in `language` first, the likeliest before.

    All words must stand in it, by their stem or with what they begin with. Where no guide has all, one with
    any of the longer words is found, those with the most first. `like` is the subject of what is at hand:
    each hit says how many tickets like it the guide has closed.
    """
    words = asked(wanted)
    if words and connection.dialect.name == "postgresql":
        connection.execute(_PLAN_FOR_THE_WORDS)
    ids = _with_all(connection, words, kind, language, limit)
    longer = [each for each in words if len(each.word) >= _LONGER or not each.word.isascii()]
    if not ids and longer:
        ids = _with_any(connection, longer, kind, language, limit)
    return _hits(connection, ids, words, guide_uses.closed_like(connection, like or wanted, ids))


def suggested(
    connection: Connection, subject: str, kind: GuideKind, language: str, limit: int
) -> tuple[Hit, ...]:
    """Return at most `limit` guides for a ticket with that `subject`: those that closed tickets like it, and
    then those in which its words stand. Of partners there are few: all others follow.
    """
    likely = guide_uses.closed_like(connection, subject)
    ids = _of_kind(connection, likely, kind, language)
    ids += [hit.guide.id for hit in find(connection, subject, kind, language, limit)]
    if kind is GuideKind.PARTNER:
        query = select(_c.id, _c.language).where(_c.kind == kind.value).order_by(_c.title, _c.id)
        others = [(row.language.split(), row.id) for row in connection.execute(query.limit(limit))]
        ids += [one for _, one in sorted(others, key=lambda other: language not in other[0])]
    return _hits(connection, list(dict.fromkeys(ids))[:limit], asked(subject), likely)


def _of_kind(
    connection: Connection, likely: Mapping[int, guide_uses.Likely], kind: GuideKind, language: str
) -> list[int]:
    """Return the likely ones of a kind, the likeliest first, those in `language` before all."""
    if not likely:
        return []
    query = select(_c.id, _c.language).where(_c.id.in_(likely), _c.kind == kind.value)
    rows = [(row.language.split(), row.id) for row in connection.execute(query)]
    rows.sort(key=lambda row: (language not in row[0], -likely[row[1]].likeness, row[1]))
    return [guide for _, guide in rows]


def _with_all(
    connection: Connection, words: Sequence[Asked], kind: GuideKind, language: str, limit: int
) -> list[int]:
    if not words:
        return []
    dialect = connection.dialect.name
    query = (
        f"SELECT guides.id FROM ({_fits(dialect, 0)}) fitting JOIN guides ON guides.id = fitting.id "  # noqa: S608 - our own names
        f"WHERE guides.kind = :kind ORDER BY {_OTHER_LANGUAGE}, rank, guides.id LIMIT :limit"
    )
    every = (" AND " if dialect == "sqlite" else " & ").join(_meant(each, dialect) for each in words)
    values = {"words0": every, **_asked_of(kind, language, limit)}
    return list(connection.scalars(text(query), values))


def _with_any(
    connection: Connection, words: Sequence[Asked], kind: GuideKind, language: str, limit: int
) -> list[int]:
    dialect = connection.dialect.name
    each_of = " UNION ALL ".join(_fits(dialect, number) for number in range(len(words)))
    # Materialized: SQLite ranks nothing in a query that groups.
    query = (
        f"WITH fitting AS MATERIALIZED ({each_of}) "  # noqa: S608 - our own names
        "SELECT guides.id FROM fitting JOIN guides ON guides.id = fitting.id "
        "WHERE guides.kind = :kind GROUP BY guides.id, guides.language "
        f"ORDER BY COUNT(*) DESC, {_OTHER_LANGUAGE}, SUM(rank), guides.id LIMIT :limit"
    )
    values = {f"words{number}": _meant(each, dialect) for number, each in enumerate(words)}
    return list(connection.scalars(text(query), values | _asked_of(kind, language, limit)))


_OTHER_LANGUAGE = "CASE WHEN ' ' || guides.language || ' ' LIKE :language THEN 0 ELSE 1 END"


def _asked_of(kind: GuideKind, language: str, limit: int) -> dict[str, Any]:
    # What isn't a language is in none; its signs mean something to LIKE.
    spoken = language if language.isalpha() else "-"
    return {"kind": kind.value, "language": f"% {spoken} %", "limit": limit}


def _fits(dialect: str, number: int) -> str:
    return _FITS[dialect].format(rank=_RANK[dialect].format(n=number), n=number)


def _meant(word: Asked, dialect: str) -> str:
    """Return the condition of text search that a word is there; all its forms are letters and digits."""
    begins, is_, or_ = _TERMS[dialect]
    stems = sorted(word.stems - {word.word})
    return f"({or_.join([begins.format(word.word), *map(is_.format, stems)])})"


_TERMS = {"sqlite": ('"{}" *', '"{}"', " OR "), "postgresql": ("'{}':*", "'{}'", " | ")}
"""How a query says what a word begins with, what a word is, and that one of several is enough."""


def _hits(
    connection: Connection,
    ids: Sequence[int],
    words: Sequence[Asked],
    likely: Mapping[int, guide_uses.Likely],
) -> tuple[Hit, ...]:
    query = select(guides).where(_c.id.in_(bindparam("ids", expanding=True)))
    rows = {row.id: _guide(row) for row in connection.execute(query, {"ids": list(ids)})} if ids else {}
    meant = tuple(sorted({each for word in words for each in word.beginnings}))
    return tuple(
        Hit(each, snippet(each.text, meant), meant, likely[each.id].closed if each.id in likely else 0)
        for each in (rows[one] for one in ids)
    )


def _guide(row: Any) -> Guide:
    languages, tags = tuple(row.language.split()), tuple(json.loads(row.tags))
    return Guide(GuideKind(row.kind), row.url, row.title, languages, tags, row.text, row.id)


def _values(guide: Guide, digest: str, revision: int) -> dict[str, Any]:
    """Return the columns of a guide but its id, in the order of `_COLUMNS`."""
    return {
        "kind": guide.kind.value,
        "url": guide.url,
        "title": guide.title,
        "language": " ".join(guide.languages),
        "tags": json.dumps(guide.tags, ensure_ascii=False),
        "text": guide.text,
        "import_digest": digest,
        "revision": revision,
    }


def _searched(guide: Guide) -> dict[str, str]:
    return {
        "title": indexed(guide.title, guide.languages),
        "tags": indexed(" ".join(guide.tags), guide.languages),
        "text": indexed(guide.text, guide.languages),
    }
