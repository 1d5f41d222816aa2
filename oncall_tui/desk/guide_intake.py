"""What becomes of an imported guide or partner, given what is in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.desk.intake import Outcome
from oncall_tui.domain.errors import BadInput
from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.domain.records import GuideRecord, Row
from oncall_tui.store import guides
from oncall_tui.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection


class GuideIntake:
    """Takes guides, or partners. Without a transaction it only says what would become of them."""

    def __init__(self, kind: GuideKind) -> None:
        self.kind = kind

    @property
    def act(self) -> str:
        """Return the word of the audit."""
        return f"import {self.kind.value}s"

    def take(self, connection: Connection, tx: Transaction | None, rows: list[Row[GuideRecord]]) -> Outcome:
        """Store the `rows` whose link is new, or that tell something new."""
        outcome = Outcome()
        known = guides.known(connection, [row.record.url for row in rows])
        new: list[tuple[Guide, str]] = []
        for row in rows:
            record, digest = row.record, row.record.digest()
            stored = known.get(record.url)
            if stored is None:
                new.append((record.onto(None), digest))
                outcome.created += 1
            elif stored.guide.kind is not record.kind:
                wrong = BadInput(f"{record.url[:80]} is a {stored.guide.kind.value} already")
                outcome.rejections.append(row.rejected(wrong))
            elif stored.digest == digest:
                outcome.unchanged += 1
            else:
                if tx:
                    guides.change(tx, stored.id, record.onto(stored.guide), digest)
                outcome.updated += 1
        if tx and new:
            guides.add(tx, new)
        return outcome
