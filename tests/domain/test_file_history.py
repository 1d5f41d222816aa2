"""The history of an organisation in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oncall_tui.desk import access, contracts, documents
from oncall_tui.domain.audit import AuditEntry
from oncall_tui.domain.file_history import told

AT = datetime(2026, 3, 27, 2, tzinfo=UTC)
FACTS = {"service": "Mail", "from": "plus", "to": "pro", "change": "refund", "number": "3"}


def entry(act: str, **detail: str) -> AuditEntry:
    return AuditEntry(1, AT, "Léa", "desk", act, "acme", detail, "acme", "done", None)


@pytest.mark.parametrize(
    "act",
    [
        contracts.UPGRADE_PLAN,
        contracts.ASKED_FOR,
        documents.ISSUE,
        *(access.GRANT, access.PROLONG, access.END, access.USE, access.STOP),
    ],
)
def test_every_act_on_the_file_has_words_of_its_own(act: str) -> None:
    (said,) = told(entry(act, **FACTS))
    assert said.english not in ("", act)
    assert "–" not in said.english


@pytest.mark.parametrize(
    "act", [contracts.UPGRADE_PLAN, access.GRANT, access.PROLONG, access.END, access.USE, access.STOP]
)
def test_what_was_taken_back_is_named(act: str) -> None:
    (said,) = told(entry("undo", of=act, **FACTS))
    assert said.english not in ("", "undo")
    assert said != told(entry(act, **FACTS))[0]


def test_an_act_of_another_version_is_shown_as_it_is() -> None:
    (said,) = told(entry("move mountains"))
    assert said.english == "move mountains"
