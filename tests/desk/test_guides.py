"""Guides and partners: what is found, alike on both databases, and what each was good for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import import_tickets
from support import NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.desk.imports import ImportResult
from oncall_tui.domain.errors import BadInput, NotFound, Refused
from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.domain.records import Rejection, Row
from oncall_tui.domain.text import SUBJECT_LIMIT
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.sources.records import parse_guide
from oncall_tui.store import guides as guide_store
from oncall_tui.store.engine import Store

OpenAs = Callable[..., Desk]
GUIDES = (
    ("fr/certificat", "Renouveler un certificat", "fr", "L'hébergement renouvelle seul.", ["TLS"]),
    ("en/certificate", "Renew a certificate", "en", "Hosting renews certificates by itself.", ["TLS"]),
    ("fr/file", "Mails bloqués dans la file d'attente", "fr", "La file se vide d'elle-même.", ["mail"]),
    ("en/queue", "Mail queue stuck", "en", "The queue empties by itself within four hours.", ["mail"]),
    ("fr/dns", "Modifier une zone DNS", "fr", "Un changement DNS prend une heure.", ["DNS"]),
    ("en/vps", "A VPS that does not boot", "en", "Open the console and choose the older kernel.", ["VPS"]),
)


def rows(*found: dict[str, Any], kind: GuideKind = GuideKind.GUIDE) -> Iterator[Any]:
    for line, fields in enumerate(found, 1):
        try:
            yield Row(line, 100, fields, parse_guide(fields, kind))
        except BadInput as error:
            yield Rejection.of(line, error, fields)


def take_in(
    desk: Desk, *found: dict[str, Any], kind: GuideKind = GuideKind.GUIDE, **options: Any
) -> tuple[ImportResult, list[str]]:
    rejected: list[Rejection] = []
    result = desk.imports.guides(
        rows(*found, kind=kind), kind=kind, source="guides.jsonl", rejected=rejected.append, **options
    )
    return result, [each.reason for each in rejected]


def guide(path: str, title: str, language: str = "", text: str = "", tags: Any = ()) -> dict[str, Any]:
    return {
        "url": f"https://guides.example/{path}",
        "title": title,
        "language": language,
        "text": text,
        "tags": list(tags),
    }


def fill(desk: Desk) -> None:
    take_in(desk, *(guide(*each) for each in GUIDES))


def found(desk: Desk, text: str, **more: Any) -> list[str]:
    return [hit.guide.url.removeprefix("https://guides.example/") for hit in desk.guides.find(text, **more)]


def ticket(desk: Desk, subject: str, customer: str = "tessin") -> Ticket:
    return desk.tickets.new(customer=customer, channel=Channel.EMAIL, subject=subject)


def answered(desk: Desk, subject: str, path: str) -> Ticket:
    """File a ticket, give the guide and close it."""
    filed = ticket(desk, subject)
    desk.guides.used(f"https://guides.example/{path}", ticket_id=filed.id)
    return desk.tickets.close(filed.id, reason="the guide says it")


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("certificats", {"fr/certificat"}),
        ("CERTIFICATES", {"fr/certificat", "en/certificate"}),
        ("hebergement", {"fr/certificat"}),
        ("l'hébergement d'un", {"fr/certificat"}),
        ("renew", {"en/certificate"}),
        ("renouvelés", {"fr/certificat"}),
        ("que", {"en/queue"}),
        ("mail qu", {"fr/file", "en/queue"}),
        ("mail queu", {"en/queue"}),
        ("tls", {"fr/certificat", "en/certificate"}),
        ("boots kernels", {"en/vps"}),
        ("zone of the dns", {"fr/dns"}),
        ("changement d'une zone", {"fr/dns"}),
        ("", set()),
        ("?!", set()),
        ("z", set()),
        ("zzz", set()),
    ],
)
def test_a_word_is_found_by_its_stem_or_its_beginning_with_or_without_accents(
    desk: Desk, text: str, finds: set[str]
) -> None:
    fill(desk)
    assert set(found(desk, text)) == finds


def test_where_no_guide_has_all_words_those_with_the_most_come_first(desk: Desk) -> None:
    fill(desk)
    assert found(desk, "the mail queue of the printer")[0] == "en/queue"
    assert "fr/file" in found(desk, "the mail queue of the printer")
    # Little words alone decide nothing.
    assert found(desk, "the printer of the house") == []


def test_the_language_asked_for_comes_first(desk: Desk) -> None:
    fill(desk)
    assert found(desk, "certificat", language="fr") == ["fr/certificat", "en/certificate"]
    assert found(desk, "certificat", language="en") == ["en/certificate", "fr/certificat"]
    assert set(found(desk, "certificat", language="%")) == {"fr/certificat", "en/certificate"}
    assert len(found(desk, "certificat", limit=1)) == 1


def test_a_title_says_more_than_a_tag_and_a_tag_more_than_the_text(desk: Desk) -> None:
    take_in(
        desk,
        guide("text", "Something", "en", "About a firewall. " + "Other words stand here. " * 3),
        guide("tag", "Something else", "en", "Other words stand here. " * 3, ["firewall"]),
        guide("title", "A firewall", "en", "Other words stand here. " * 3),
    )
    assert found(desk, "firewall") == ["title", "tag", "text"]


def test_partners_are_found_apart_from_guides(desk: Desk) -> None:
    """R24"""
    fill(desk)
    atelier = {
        "name": "Atelier Web",
        "url": "https://atelier.example",
        "languages": ["French", "de"],
        "text": "Boutiques WordPress et certificats.",
        "tags": ["WordPress"],
        "phone": "+41 22 555 10 10",
    }
    assert take_in(desk, atelier, kind=GuideKind.PARTNER)[0].created == 1
    (hit,) = desk.guides.find("wordpress", GuideKind.PARTNER, "de")
    assert (hit.guide.title, hit.guide.languages) == ("Atelier Web", ("fr", "de"))
    assert "+41 22 555 10 10" in hit.guide.text
    assert found(desk, "wordpress") == []
    assert len(desk.guides.find("certificat", GuideKind.PARTNER)) == 1
    assert (desk.guides.count(GuideKind.GUIDE), desk.guides.count(GuideKind.PARTNER)) == (6, 1)
    # A link is either.
    result, why = take_in(desk, guide("x", "x") | {"url": "https://atelier.example"})
    assert (result.rejected, why) == (1, ["https://atelier.example is a partner already"])


def test_an_import_goes_by_the_link_and_erases_nothing(desk: Desk) -> None:
    first = guide("dns", "DNS", "fr", "Un changement prend une heure.", ["zone"])
    assert take_in(desk, first, dry_run=True)[0].created == 1
    assert desk.guides.count(GuideKind.GUIDE) == 0
    assert take_in(desk, first)[0].created == 1
    assert take_in(desk, first)[0].unchanged == 1
    again = {"url": first["url"], "title": "Nameservers"}
    assert take_in(desk, again)[0].updated == 1
    (hit,) = desk.guides.find("nameserver")
    assert (hit.guide.text, hit.guide.tags, hit.guide.languages) == (
        first["text"],
        ("zone",),
        ("fr",),
    )
    assert found(desk, "changements") == ["dns"]
    assert take_in(desk, first | {"text": "Une minute."})[0].updated == 1
    assert found(desk, "changements") == []
    assert found(desk, "minutes") == ["dns"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "guides.example/x",
        "ftp://guides.example",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "https://a\nb",
        "https://a\x1b]0;x\x07",
        "https://[x",
        'https://a/"x',
        "https://" + "x" * 2_000,
        "https://a:99999/x",
        pytest.param("https://a/" + "".join(map(chr, range(0x4E00, 0x4E00 + 1_500))), id="too many bytes"),
    ],
)
def test_what_is_no_link_is_refused(desk: Desk, url: str) -> None:
    result, why = take_in(desk, guide("x", "x") | {"url": url})
    assert result.rejected == 1
    assert why[0].startswith("url ")


def test_other_fields_are_refused_by_name() -> None:
    for fields, why in (
        ({"name": "x"}, "unknown field 'name'"),
        ({"language": "klingon"}, "language 'klingon'"),
        ({"tags": "TLS"}, "tags is text"),
        ({"title": ""}, "title is missing"),
    ):
        with pytest.raises(BadInput) as refused:
            parse_guide(guide("x", "x") | fields, GuideKind.GUIDE)
        assert why in str(refused.value.message)


def test_a_guide_is_got_by_its_link(desk: Desk) -> None:
    fill(desk)
    assert desk.guides.get("https://guides.example/fr/dns").line == (
        "Modifier une zone DNS: https://guides.example/fr/dns"
    )
    with pytest.raises(NotFound):
        desk.guides.get("https://guides.example/nowhere")


def test_a_guide_that_closed_tickets_like_this_one_is_suggested_first(desk: Desk) -> None:
    fill(desk)
    for number in range(3):
        answered(desk, f"Newsletter held back {number}", "fr/dns")
    answered(desk, "Newsletter marked as spam", "en/queue")
    hits = desk.guides.suggested("Our newsletter is held back again")
    assert [(hit.guide.title, hit.closed) for hit in hits][:1] == [("Modifier une zone DNS", 3)]
    # One word in common is not alike.
    assert all(hit.closed == 0 for hit in desk.guides.suggested("Newsletter: how to begin a mail queue"))
    # One that has only closed other kinds is found by its words.
    hits = desk.guides.suggested("VPS boots no more")
    assert [(hit.guide.title, hit.closed) for hit in hits][:1] == [("A VPS that does not boot", 0)]


def test_a_use_counts_when_its_ticket_is_closed_and_no_more_when_that_is_taken_back(
    desk: Desk, clock: HandClock
) -> None:
    fill(desk)

    def closed() -> int:
        return next((hit.closed for hit in desk.guides.suggested("Mail queue stuck")), 0)

    filed = ticket(desk, "Mail queue stuck")
    url = "https://guides.example/en/queue"
    desk.guides.used(url, ticket_id=filed.id)
    desk.guides.used(url, ticket_id=filed.id)
    assert closed() == 0
    desk.tickets.close(filed.id, reason="done")
    assert closed() == 1
    desk.tickets.undo(filed.id)
    assert closed() == 0
    desk.tickets.close(filed.id, reason="done")
    clock.advance(minutes=5)
    assert closed() == 1
    desk.tickets.reopen(filed.id)
    assert closed() == 0
    with desk.store.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM guide_words").scalar() == 0
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM guide_uses").scalar() == 1
    desk.tickets.undo(filed.id)
    assert closed() == 1


def test_a_closed_ticket_whose_file_calls_it_something_else_counts_for_that(desk: Desk) -> None:
    """And reopened it takes nothing from what other tickets count."""
    fill(desk)
    row = {
        "ref": "X-1",
        "customer": "tessin",
        "channel": "email",
        "subject": "Mail queue stuck",
        "received_at": NOW.isoformat(),
    }

    def closed(subject: str) -> int:
        hits = desk.guides.suggested(subject)
        return next((hit.closed for hit in hits if hit.guide.url.endswith("en/queue")), 0)

    answered(desk, "Newsletter held back", "en/queue")
    import_tickets(desk, row)
    filed = desk.tickets.find("X-1")
    desk.guides.used("https://guides.example/en/queue", ticket_id=filed.id)
    desk.tickets.close(filed.id, reason="done")
    import_tickets(desk, row | {"subject": "Newsletter held back"})
    assert (closed("Mail queue stuck"), closed("Newsletter held back")) == (0, 2)
    desk.tickets.reopen(filed.id)
    assert (closed("Mail queue stuck"), closed("Newsletter held back")) == (0, 1)


def test_a_use_is_audited_once_a_ticket_and_each_time_in_a_call(desk: Desk) -> None:
    """R20, R24"""
    fill(desk)
    filed = ticket(desk, "Mail queue stuck")
    url = "https://guides.example/en/queue"
    for _ in range(2):
        desk.guides.used(url, ticket_id=filed.id)
        desk.guides.used(url, call="C-000007", customer="leman")
    desk.guides.used(url, customer="leman")
    entries = [entry for entry in desk.audit.entries() if entry.act == "give guide"]
    assert sorted((entry.subject, entry.customer, entry.detail["guide"]) for entry in entries) == [
        ("C-000007", "leman", url),
        ("C-000007", "leman", url),
        (filed.ref, "tessin", url),
        ("leman", "leman", url),
    ]
    assert [entry.act for entry in desk.tickets.detail(filed.id).history] == ["new", "give guide"]
    with pytest.raises(BadInput):
        desk.guides.used(url)
    with pytest.raises(NotFound):
        desk.guides.used(url, ticket_id=99)
    with pytest.raises(NotFound):
        desk.guides.used("https://guides.example/nowhere", ticket_id=filed.id)


def test_a_desk_that_only_reads_notes_no_use(open_as: OpenAs) -> None:
    fill(open_as("Léa"))
    reader = open_as("Marc", read_only=True)
    assert found(reader, "dns") == ["fr/dns"]
    with pytest.raises(Refused):
        reader.guides.used("https://guides.example/fr/dns", customer="leman")


def test_a_long_text_with_signs_of_all_kinds_is_kept_and_found(desk: Desk) -> None:
    wild = "مرحبا \U0001f600 naïveté ½ Ⅷ e-mail O'Brien 192.0.2.1 a@b.example x" + "y" * 5_000
    take_in(desk, guide("wild", "T" * 500, "", wild + " word" * 10_000))
    for text in ("مرحبا", "naivete", "email", "e-mail", "brien", "192.0.2.1", "x" + "y" * 100, "t" * 500):
        assert found(desk, text) == ["wild"], text
    assert found(desk, text[:SUBJECT_LIMIT]) == ["wild"]


@pytest.fixture
def both(tmp_path: Any, postgresql_url: str) -> Iterator[list[Store]]:
    with ExitStack() as ending:
        stores = [Store.open(url) for url in (f"sqlite:///{tmp_path / 'both.db'}", postgresql_url)]
        for store in stores:
            ending.callback(store.close)
        yield stores


SIGNS = st.sampled_from([*"aàéœsß 0159.-_'’/@:&|!*()\"\\%½Ⅷ٣łıŉҖあ漢", "dns", "e-", "mails", "l'", " "])
TEXTS = st.lists(SIGNS, max_size=24).map("".join)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=6), wanted=TEXTS)
def test_both_databases_find_the_same(both: list[Store], texts: list[str], wanted: str) -> None:
    answers = []
    for store in both:
        with store.begin() as tx:
            tx.connection.exec_driver_sql("DELETE FROM guide_texts")
            tx.connection.exec_driver_sql("DELETE FROM guides")
            made = [
                (Guide(GuideKind.GUIDE, f"https://x.example/{number}", text, text=text), "")
                for number, text in enumerate(texts)
            ]
            guide_store.add(tx, made)
        with store.connect() as connection:
            hits = guide_store.find(connection, wanted, GuideKind.GUIDE, "", 50)
        answers.append({(hit.guide.url, hit.snippet, hit.beginnings) for hit in hits})
    assert answers[0] == answers[1]


def test_what_stands_in_a_guide_is_found_by_each_of_its_words(desk: Desk) -> None:
    fill(desk)
    for path, title, _, text, tags in GUIDES:
        for word in f"{title} {text} {' '.join(tags)}".replace("'", " ").replace(".", " ").split():
            if len(word) > 1:
                assert path in found(desk, word), word


def test_notes_of_a_ticket_that_is_purged_stay(desk: Desk, clock: HandClock) -> None:
    fill(desk)
    answered(desk, "Mail queue stuck", "en/queue")
    clock.advance(days=1)
    assert desk.maintenance.purge_closed_before(clock(), lambda _done: None) == 1
    assert desk.guides.suggested("mail queue")[0].closed == 1
