"""The lines of a call: each question with its answer, how that stands, and the rule behind it (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from oncall_tui.domain.calls import Answers, Step
from oncall_tui.domain.codes import CodeKind, Outcome, Proof
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.emergency import Contract, against, rule_of
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.languages import language_name
from oncall_tui.domain.messages import marked
from oncall_tui.domain.triage import ROWS, Row, is_open
from oncall_tui.translation import _
from oncall_tui.widgets.call_view import CallView, Ink, Offer
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.hints import fitted

_OK = marked("ok")
_NO = marked("no")
_CLAIMED = marked("claimed")
_NOT_STORED = marked("NOT STORED")

_RULE_WIDTH = 3
_TRIED = {
    Outcome.MATCH: marked("a code matched, nobody confirmed it"),
    Outcome.MISHEARD: marked("misheard, to be asked again"),
    Outcome.NO_MATCH: marked("a wrong code, no other yet"),
    Outcome.REVOKED: marked("a revoked code, no other yet"),
    Outcome.TRANSFER_CODE: marked("the code of a domain transfer, no other yet"),
    Outcome.WAIT: marked("no code is taken for a while"),
}


class Stands(NamedTuple):
    """How an answer stands: a sign and a word, which say it without colour, an ink, and the rule."""

    sign: str
    word: str
    ink: str
    rule: str

    @property
    def text(self) -> str:
        """Return sign and word."""
        return f"{self.sign} {_(self.word)}" if self.word else self.sign


def step_lines(view: CallView, width: int, room: int, ink: Ink) -> list[Text]:
    """Return the lines in `width` terminal columns: all of them, or `room` around the cursor."""
    labels = max(cell_len(_(row.label)) for row in ROWS)
    stands = [_stands(view, row) for row in ROWS]
    words = max(cell_len(each.text) for each in stands)
    lines = []
    for number, (row, how) in enumerate(zip(ROWS, stands, strict=True), 1):
        here = row is view.row
        left = Text.assemble("▌" if here else " ", f"{number} {fit(_(row.label), labels)}  ")
        right = Text(f"  {fit(how.text, words)}  {fit(how.rule, _RULE_WIDTH)} ")
        if how.ink:
            right.stylize(ink(how.ink))
        answer = answer_of(view, row)
        offers = here and not answer and view.answerable
        space = width - left.cell_len - (0 if offers else right.cell_len)
        if offers:
            left.append_text(offered(view.offers, space, ink))
        else:
            left.append(fit(answer, max(space, 1)))
            left.append_text(right)
        left.truncate(width, pad=here)
        if here:
            left.stylize(ink("cursor"))
        lines.append(left)
    return _around(lines, ROWS.index(view.row), max(room, 1))


def _around(lines: list[Text], cursor: int, room: int) -> list[Text]:
    first = min(max(cursor - room // 2, 0), max(len(lines) - room, 0))
    return lines[first : first + room]


def offered(offers: Sequence[Offer], room: int, ink: Ink) -> Text:
    """Return the first of `offers` that fit into `room` columns."""
    texts = [Text.assemble((each.key, ink("focus")), f" {each.label}") for each in offers]
    return Text("  ").join(fitted(texts, room))


def _stands(view: CallView, row: Row) -> Stands:
    if view.unstored is not None and view.unstored.row is row:
        return Stands("!", _NOT_STORED, "critical", "")
    triage, question = view.triage, row.question
    if question is None:
        return Stands("=", _OK, "dim", "") if triage.answers.summary else Stands("–", "", "dim", "")
    rule = rule_of(question, triage.facts)
    if against(question, triage.facts) is not None:
        return Stands("×", _NO, "strong", rule)
    claimed = row is Row.WHO and bool(triage.answers.customer) and triage.answers.proof is None
    if claimed:
        return Stands("–", _CLAIMED, "dim", "")
    if is_open(triage, row) or not answer_of(view, row):
        return Stands("–", "", "dim", "")
    return Stands("=", _OK, "dim", rule)


def answer_of(view: CallView, row: Row) -> str:
    """Return what is known on the line `row`, empty for nothing."""
    answers = view.triage.answers
    if view.unstored is not None and view.unstored.row is row:
        answers = view.unstored.answers
    match row:
        case Row.WHO:
            return _who(answers)
        case Row.CODE:
            return _code(view, answers)
        case Row.PLAN:
            return _plan(view)
        case Row.LANGUAGE:
            return _(language_name(answers.language))
        case Row.INFRASTRUCTURE:
            topic = f", {_(answers.topic.label)}" if answers.topic else ""
            return _said(answers.infrastructure) + topic
        case Row.NEEDS_US:
            return _said(answers.needs_us)
        case Row.SERVICE:
            return _service(answers)
        case Row.SUMMARY:
            return answers.summary


def _said(answer: bool | None) -> str:
    return "" if answer is None else _("yes") if answer else _("no")


def _who(answers: Answers) -> str:
    name = _("not a customer") if answers.stranger else answers.customer_name or answers.customer
    return ", ".join(filter(None, (name, answers.person)))


def _code(view: CallView, answers: Answers) -> str:
    match answers.proof:
        case Proof.CODE if answers.kind is CodeKind.SUPPORT:
            return _("support code: opens no VIP right")
        case Proof.CODE:
            return _("VIP code, confirmed")
        case Proof.CALL_BACK:
            return _("called back on {number}").format(number=answers.by)
        case Proof.APPROVAL:
            return _("approved by {engineer}").format(engineer=answers.by)
    if answers.standing is Standing.UNVERIFIED:
        return _("not verified")
    tried = [each.value.get("outcome", "") for each in view.triage.steps if each.step is Step.CODE]
    return _(_TRIED[Outcome(tried[-1])]) if tried and tried[-1] in set(Outcome) else ""


def _plan(view: CallView) -> str:
    customer, contract = view.triage.customer, view.triage.facts.contract
    if customer is None:
        return _("no contract") if contract is Contract.NOT_ACTIVE else ""
    plan = customer.plan.value.capitalize()
    match contract:
        case Contract.NOT_ACTIVE if customer.subscribed_on is not None:
            return _("{plan}, not before {day}").format(plan=plan, day=customer.subscribed_on.isoformat())
        case Contract.LINE:
            budget = view.plans[customer.plan].response
            target = f", {format_duration(budget)}" if budget is not None else ""
            return _("{plan}: emergency line{target}").format(plan=plan, target=target)
    return _("{plan}: no emergency line").format(plan=plan)


def _service(answers: Answers) -> str:
    if answers.ours is None:
        return answers.service
    if answers.ours:
        return answers.service
    return _("{service}: not one of theirs with us").format(service=answers.service or _("another"))
