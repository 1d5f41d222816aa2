"""Issuing technical documents on both databases: what counts, what is refused, what makes one void (R25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from printed import text_of
from support import HandClock

from oncall_tui.desk import Desk, open_desk
from oncall_tui.desk.document_files import write_document
from oncall_tui.desk.documents import DocumentDesk, Draft
from oncall_tui.documents import renderer
from oncall_tui.domain.codes import Caller, CodeKind, Outcome, grouped
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, OncallError, Refused
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.support import NO_CONTACTS, SAMPLE_CONTACTS
from oncall_tui.store.keyring import Keyring

VIP = CodeKind.VIP


@pytest.fixture
def offer(offer: Offer) -> Offer:
    return replace(offer, support=SAMPLE_CONTACTS)


def outcome(desk: Desk, code: str) -> Outcome:
    return desk.callers.look_up(code, Caller()).outcome


def issue(desk: Desk, path: Path, customer: str = "leman", **more: bool):
    return write_document(desk.documents, customer, path, renderer(), **more)


def untouched(desk: Desk, folder: Path) -> bool:
    """Say whether nothing was issued and no file is left."""
    left = [path for path in folder.iterdir() if path.suffix in (".pdf", ".part")]
    acts = [entry for entry in desk.audit.entries() if entry.act == "issue document"]
    return not left and not acts and not desk.documents.history("leman")


def test_documents_are_counted_and_each_carries_the_code_in_force(desk: Desk, tmp_path: Path) -> None:
    code = desk.codes.issue("leman", VIP).code.reveal()
    first = issue(desk, tmp_path / "1.pdf")
    second = issue(desk, tmp_path / "2.pdf")
    assert (first.document.number, second.document.number) == (1, 2)
    assert grouped(code) in text_of((tmp_path / "1.pdf").read_bytes())
    assert (tmp_path / "1.pdf").stat().st_mode & 0o777 == 0o600
    history = desk.documents.history("leman")
    assert [(one.number, one.issued_by, one.out_of_date) for one in history] == [
        (2, "Léa", False),
        (1, "Léa", False),
    ]
    assert desk.customers.card("leman").document == history[0]
    assert desk.customers.card("moret").document is None


def test_a_new_code_revokes_the_one_before_and_makes_its_document_void(desk: Desk, tmp_path: Path) -> None:
    """R16, R25"""
    old = desk.codes.issue("leman", VIP).code.reveal()
    issue(desk, tmp_path / "1.pdf")
    written = issue(desk, tmp_path / "2.pdf", new_code=True)
    new = written.document.code.reveal()
    assert written.replaced
    assert grouped(new) in text_of((tmp_path / "2.pdf").read_bytes())
    assert [outcome(desk, old), outcome(desk, new)] == [Outcome.REVOKED, Outcome.MATCH]
    assert [one.out_of_date for one in desk.documents.history("leman")] == [False, True]


def test_a_rotated_code_makes_the_document_void(desk: Desk, tmp_path: Path) -> None:
    desk.codes.issue("leman", VIP)
    issue(desk, tmp_path / "1.pdf")
    desk.codes.rotate("leman", VIP)
    assert desk.customers.card("leman").document.out_of_date


def test_it_leaves_an_audit_entry_without_a_digit_of_the_code(desk: Desk, tmp_path: Path) -> None:
    """R19, R20"""
    code = desk.codes.issue("leman", VIP).code.reveal()
    issue(desk, tmp_path / "1.pdf")
    new = issue(desk, tmp_path / "2.pdf", new_code=True).document.code.reveal()
    entries = [entry for entry in desk.audit.entries() if entry.act == "issue document"]
    assert [(entry.subject, dict(entry.detail)) for entry in entries] == [
        ("leman", {"number": "1", "language": "en"}),
        ("leman", {"number": "2", "language": "en", "code": "new, the one before revoked"}),
    ]
    assert all(entry.customer == "leman" for entry in entries)
    told = repr(list(desk.audit.entries()))
    assert code not in told
    assert new not in told
    assert not desk.audit.verify().wrong


def test_what_is_refused_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the standard plan, which has no technical document") as caught:
        issue(desk, tmp_path / "x.pdf", "jardin", new_code=True)
    assert caught.value.rule == "R25"
    with pytest.raises(Refused, match="no VIP code in force") as caught:
        issue(desk, tmp_path / "x.pdf")
    assert "--new-code" in caught.value.hint
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        issue(desk, tmp_path / "x.pdf", "nobody")
    assert untouched(desk, tmp_path)


def test_a_document_without_a_code_before_can_bring_the_first(desk: Desk, tmp_path: Path) -> None:
    written = issue(desk, tmp_path / "x.pdf", new_code=True)
    assert not written.replaced
    assert outcome(desk, written.document.code.reveal()) is Outcome.MATCH


@pytest.mark.parametrize(
    ("customer", "support", "named"),
    [
        ("leman", NO_CONTACTS, "support.emergency_phone"),
        ("moret", replace(SAMPLE_CONTACTS, emergency_phone=""), "support.emergency_phone"),
        ("tessin", replace(SAMPLE_CONTACTS, phone=""), "support.phone"),
        ("leman", replace(SAMPLE_CONTACTS, phone=""), ""),
        ("tessin", replace(SAMPLE_CONTACTS, emergency_phone=""), ""),
    ],
)
def test_a_page_without_a_number_to_call_is_refused(
    desk: Desk, tmp_path: Path, customer: str, support: object, named: str
) -> None:
    context = replace(desk.context, offer=replace(desk.context.offer, support=support))
    documents = replace(desk.documents, context=context)

    def write() -> None:
        write_document(documents, customer, tmp_path / "x.pdf", renderer(), new_code=True)

    if not named:
        write()
        return
    with pytest.raises(Refused, match="no number to call") as caught:
        write()
    assert named in caught.value.hint
    assert untouched(desk, tmp_path)


def test_a_read_only_desk_issues_none(desk: Desk, open_as: Callable[..., Desk], tmp_path: Path) -> None:
    desk.codes.issue("leman", VIP)
    reader = open_as("Marc", read_only=True)
    for act in (lambda: issue(reader, tmp_path / "x.pdf"), lambda: reader.documents.outlook("leman")):
        with pytest.raises(Refused, match="read-only"):
            act()
    assert untouched(desk, tmp_path)


def test_what_is_there_already_stays(desk: Desk, tmp_path: Path) -> None:
    desk.codes.issue("leman", VIP)
    taken = tmp_path / "taken.txt"
    taken.write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        issue(desk, taken)
    assert taken.read_text() == "mine"
    with pytest.raises(BadInput, match="is a folder"):
        issue(desk, tmp_path, force=True)
    with pytest.raises(BadInput, match="No such file or directory"):
        issue(desk, tmp_path / "nowhere" / "x.pdf")
    assert untouched(desk, tmp_path)
    issue(desk, taken, force=True)
    assert taken.read_bytes().startswith(b"%PDF")


def test_a_file_that_appears_meanwhile_stays_and_nothing_is_issued(desk: Desk, tmp_path: Path) -> None:
    desk.codes.issue("leman", VIP)
    draw = renderer()

    def slow(document):
        (tmp_path / "x.txt").write_text("mine")
        return draw(document)

    with pytest.raises(Refused, match="is there already"):
        write_document(desk.documents, "leman", tmp_path / "x.txt", slow, new_code=True)
    assert (tmp_path / "x.txt").read_text() == "mine"
    assert untouched(desk, tmp_path)


def test_of_two_documents_for_one_name_neither_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The other one gets its name while this one is being issued."""
    desk.codes.issue("leman", VIP)
    place, issuing = tmp_path / "x.pdf", DocumentDesk.issue

    def overtaken(self: DocumentDesk, draft: Draft) -> None:
        place.write_text("mine")
        issuing(self, draft)

    monkeypatch.setattr(DocumentDesk, "issue", overtaken)
    with pytest.raises(OncallError, match="is issued, but its file can't be called x") as told:
        issue(desk, place)
    assert place.read_text() == "mine"
    (kept,) = tmp_path.glob("*.part")
    assert told.value.hint == f"it is at {kept}"
    assert kept.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("new_code", [False, True])
@pytest.mark.parametrize("changed", ["document", "code"])
def test_two_engineers_at_once_and_the_second_is_told(
    desk: Desk, open_as: Callable[..., Desk], tmp_path: Path, changed: str, *, new_code: bool
) -> None:
    desk.codes.issue("leman", VIP)
    marc = open_as("Marc")
    draft = desk.documents.prepare("leman", new_code=new_code)
    if changed == "document":
        issue(marc, tmp_path / "marc.pdf")
    else:
        marc.codes.rotate("leman", VIP)
    before = desk.documents.history("leman")
    in_force = desk.codes.states("leman")
    with pytest.raises(Conflict, match="has just been changed"):
        desk.documents.issue(draft)
    assert desk.documents.history("leman") == before
    assert desk.codes.states("leman") == in_force


def test_a_draft_alone_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    code = desk.codes.issue("leman", VIP).code.reveal()
    draft = desk.documents.prepare("leman", new_code=True)
    assert code not in repr(draft)
    assert draft.document.code.reveal() not in repr(draft)
    assert outcome(desk, code) is Outcome.MATCH
    assert untouched(desk, tmp_path)


def test_a_key_that_is_gone_is_said_in_a_line(
    desk: Desk, offer: Offer, clock: HandClock, database_url: str, tmp_path: Path
) -> None:
    desk.codes.issue("leman", VIP)
    other = open_desk(
        database_url, offer, "Marc", clock=clock, keyring=Keyring(tmp_path / "other" / "oncall.key")
    )
    with pytest.raises(OncallError, match="key"):
        issue(other, tmp_path / "x.pdf")
    other.close()
    assert untouched(desk, tmp_path)


def test_the_past_shows_the_documents_of_then(desk: Desk, clock: HandClock, tmp_path: Path) -> None:
    desk.codes.issue("leman", VIP)
    issue(desk, tmp_path / "1.pdf")
    then = clock()
    clock.advance(hours=1)
    issue(desk, tmp_path / "2.pdf", new_code=True)
    assert [(one.number, one.out_of_date) for one in desk.documents.history("leman", then)] == [(1, False)]
