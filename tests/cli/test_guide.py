"""`guide` and the imports of guides and partners: what scripts and people are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GUIDES = """title;language;url;text;tags
Renouveler un certificat;fr;https://guides.example/fr/certificat;"L'hébergement les renouvelle.
Sinon, vérifiez le DNS.";"TLS; HTTPS"
Renew a certificate;English;https://guides.example/en/certificate;They renew by themselves.;TLS
Broken;fr;ftp://guides.example;;
"""


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_TUI_DATABASE", database_url)
    monkeypatch.setenv("ONCALL_TUI_OPERATOR", "Léa")


@pytest.fixture
def filled(cli, tmp_path: Path):
    path = tmp_path / "guides.csv"
    path.write_text(GUIDES, encoding="utf-8")
    done = cli("import", "guides", str(path), "--json")
    assert done.code == 1
    assert {name: done.json[name] for name in ("read", "created", "rejected")} == {
        "read": 3,
        "created": 2,
        "rejected": 1,
    }
    rejected = json.loads(Path(done.json["rejected_file"]).read_text())
    assert rejected["reason"].startswith("url 'ftp://guides.example' is no link")
    return str(path)


def test_an_import_can_be_repeated(cli, filled):
    again = cli("import", "guides", filled, "--json")
    assert (again.json["created"], again.json["unchanged"]) == (0, 2)
    dry = cli("import", "guides", filled, "--dry-run")
    assert "2 unchanged" in dry.out


def test_find_lists_what_fits_with_the_language_asked_for_first(cli, filled):
    found = cli("guide", "find", "certificat", "--language", "fr", "--json").json
    assert [hit["url"].rpartition("/")[2] for hit in found] == ["certificat", "certificate"]
    assert found[0] == {
        "kind": "guide",
        "url": "https://guides.example/fr/certificat",
        "title": "Renouveler un certificat",
        "languages": ["fr"],
        "tags": ["TLS", "HTTPS"],
        "snippet": "L'hébergement les renouvelle. Sinon, vérifiez le DNS.",
        "closed": 0,
    }
    found = cli("guide", "find", "certificat", "--language", "English", "--limit", "1", "--json").json
    assert [hit["title"] for hit in found] == ["Renew a certificate"]
    table = cli("guide", "find", "tls").out
    assert "Renew a certificate" in table
    assert "https://guides.example/fr/certificat" in table


def test_nothing_found_is_told_with_what_helps(cli, filled):
    nothing = cli("guide", "find", "xyzzy", "--json")
    assert (nothing.code, nothing.json) == (3, [])
    nothing = cli("guide", "find", "xyzzy")
    assert (nothing.code, nothing.err.strip()) == (3, "no guide fits that")
    empty = cli("guide", "find", "tls", "--partners")
    assert empty.err.strip() == "there is no partner yet: import partners FILE"


def test_partners_are_taken_in_from_stdin_and_found_apart(process, cli):
    """R24"""
    row = {"name": "Atelier Web", "url": "https://atelier.example", "languages": ["fr", "de"]}
    done = process(
        "import", "partners", "-", "--json", stdin=json.dumps(row | {"tags": ["WordPress"]}) + "\n"
    )
    assert done.json["created"] == 1
    (found,) = cli("guide", "find", "wordpress", "--partners", "--json").json
    assert (found["kind"], found["title"], found["languages"]) == ("partner", "Atelier Web", ["fr", "de"])
    assert cli("guide", "find", "wordpress", "--json").json == []


def test_show_prints_the_text_and_refuses_another_link(cli, filled):
    shown = cli("guide", "show", "https://guides.example/fr/certificat")
    assert shown.out == (
        "Renouveler un certificat\nhttps://guides.example/fr/certificat\nfr; TLS, HTTPS\n\n"
        "L'hébergement les renouvelle.\nSinon, vérifiez le DNS.\n"
    )
    document = cli("guide", "show", "https://guides.example/fr/certificat", "--json").json
    assert document["text"].endswith("vérifiez le DNS.")
    missing = cli("guide", "show", "https://guides.example/nowhere", "--json")
    assert missing.code == 3
    assert missing.json["error"]["message"].startswith("no guide with the link")


def test_a_use_is_counted_when_the_ticket_is_closed(cli, filled, tmp_path: Path):
    people = tmp_path / "customers.jsonl"
    people.write_text(json.dumps({"id": "leman", "name": "Banque du Léman", "plan": "pro"}) + "\n")
    cli("import", "customers", str(people))
    new = ("ticket", "new", "--customer", "leman", "--channel", "email", "--json")
    ref = cli(*new, "--subject", "Certificat expiré").json["ref"]
    used = cli("guide", "use", "https://guides.example/fr/certificat", "--ticket", ref)
    assert used.out == f"{ref}: Renouveler un certificat: https://guides.example/fr/certificat\n"
    again = cli("guide", "use", "https://guides.example/fr/certificat", "--ticket", ref, "--json")
    assert (again.code, again.json["ticket"]) == (0, ref)
    cli("ticket", "close", ref, "--reason", "done")
    found = cli("guide", "find", "certificat", "expiré", "--json").json
    assert [hit["closed"] for hit in found if "/fr/" in hit["url"]] == [1]
    assert cli("guide", "use", "https://guides.example/fr/certificat", "--ticket", "T-9").code == 3
    assert "give guide" in cli("ticket", "show", ref).out
