"""A call of the log in words: its facts, what was said, every step, and what was corrected."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.style import Style
from rich.table import Table
from rich.text import Text

from oncall_tui.domain.call_log import CallDetail, Field, value_of
from oncall_tui.domain.call_words import DECISIONS, PROOFS, STEPS, outcome, parts_of
from oncall_tui.domain.calls import CallRecord
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.emergency import Reason
from oncall_tui.translation import _
from oncall_tui.widgets.columns import NOTHING
from oncall_tui.widgets.facts_table import facts_table

Ink = Callable[[str], Style]

Row = tuple[str, str]


def facts(detail: CallDetail, zone: ZoneInfo, ink: Ink) -> Table:
    """Return what is known of a call, a fact a line; what isn't known has none."""
    return facts_table((Text(name, ink("dim")), Text(text)) for name, text in _facts(detail, zone) if text)


def _facts(detail: CallDetail, zone: ZoneInfo) -> Iterable[Row]:
    line = detail.line
    call, known, record = line.call, line.known, line.record
    yield _("Outcome"), _outcome(detail)
    yield _("Engineer"), line.operator
    yield _("Rang"), _times(detail, zone)
    called = _("dialled {number}").format(number=call.called) if call.called else ""
    yield _("Number"), ", ".join(filter(None, (call.number or _("no number"), called)))
    plan = record.plan.value if record is not None and record.plan is not None else ""
    named = f"{known.customer_name} ({known.customer})" if known.customer_name else known.customer
    claimed = _("claimed") if named and known.proof is None else ""
    yield _("Organisation"), ", ".join(filter(None, (named, plan, claimed)))
    proof = _(PROOFS[known.proof]) if known.proof is not None else ""
    verified = _("verified: {proof}").format(proof=proof) if proof else ""
    yield _("Caller"), ", ".join(filter(None, (known.person, verified)))
    yield _("Language"), known.language
    infrastructure = {True: _("infrastructure"), False: _("not infrastructure"), None: ""}
    yield _("About"), ", ".join(filter(None, (known.service, infrastructure[known.infrastructure])))
    yield _("Summary"), known.summary
    if record is not None:
        yield _("Next step"), record.next_step
        due = _("due {time}").format(time=_moment(record.due_at, zone)) if record.due_at else ""
        yield _("Ticket"), ", ".join(filter(None, (record.ticket, due)))
    yield _("Team"), _("was told") if line.told else ""


def _outcome(detail: CallDetail) -> str:
    line = detail.line
    reason = _(line.reason.label) if line.reason is not None else ""
    said = ": ".join(filter(None, (_(outcome(line)), reason)))
    return f"{said} ({line.record.rule})" if line.record is not None and line.record.rule else said


def _times(detail: CallDetail, zone: ZoneInfo) -> str:
    call = detail.line.call
    later = (
        (_("picked up {time}"), call.picked_up_at),
        (_("hung up {time}"), call.hung_up_at),
        (_("recorded {time}"), call.recorded_at),
    )
    told = [said.format(time=_clock(at, call.rang_at, zone)) for said, at in later if at is not None]
    return ", ".join([f"{to_local(call.rang_at, zone):%d.%m.%Y %H:%M:%S}", *told])


def said(record: CallRecord, ink: Ink) -> Table:
    """Return the sentence that was said, the caller's language first."""
    both = [("fr", record.said.fr), ("en", record.said.en)]
    both.sort(key=lambda each: each[0] != record.language)
    return facts_table((Text(language, ink("dim")), Text(text)) for language, text in both)


def steps(detail: CallDetail, zone: ZoneInfo, ink: Ink) -> Table:
    """Return every step of a call with its time and who took it."""
    rang = detail.line.call.rang_at
    return facts_table(
        (
            Text(_clock(step.at, rang, zone), ink("dim")),
            Text(step.operator, ink("dim")),
            Text(_(STEPS[step.step])),
            Text(", ".join(_(part.text) if part.ours else part.text for part in parts_of(step))),
        )
        for step in detail.steps
    )


def corrections(records: Sequence[CallRecord], zone: ZoneInfo, ink: Ink) -> Text:
    """Return what each of the `records`, the first one first, took the place of, by whom and why."""
    texts = []
    for before, after in itertools.pairwise(records):
        who = after.corrected_by or _("telephone")
        text = Text.assemble((f"{_moment(after.at, zone)}  {who}  ", ink("dim")))
        changes = [*_changes(before, after)]
        text.append(", ".join(changes), ink("")).append(f"  {after.why}", ink("dim"))
        texts.append(text)
    return Text("\n").join(texts)


def _changes(before: CallRecord, after: CallRecord) -> Iterable[str]:
    if before.customer != after.customer:
        yield _("organisation") + f": {before.customer or NOTHING} → {after.customer_name}"
    for field in Field:
        old, new = value_of(before, field), value_of(after, field)
        if old != new:
            yield f"{_(field.label)}: {_shown(field, old)} → {_shown(field, new)}"


def _shown(field: Field, value: str) -> str:
    if field is Field.REASON and value:
        return _(Reason(value).label)
    return value or NOTHING


def title(detail: CallDetail) -> str:
    """Return the reference of a call and what became of it."""
    decision = detail.line.decision
    return f"{detail.line.call.ref}  {_(DECISIONS[decision]) if decision else _(outcome(detail.line))}"


def _clock(instant: datetime, rang: datetime, zone: ZoneInfo) -> str:
    local = to_local(instant, zone)
    same = local.date() == to_local(rang, zone).date()
    return f"{local:%H:%M:%S}" if same else f"{local:%d.%m. %H:%M}"


def _moment(instant: datetime, zone: ZoneInfo) -> str:
    return f"{to_local(instant, zone):%d.%m. %H:%M}"
