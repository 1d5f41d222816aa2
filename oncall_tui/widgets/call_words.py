"""What the engineer says in a call, in both languages of the line, and what the call comes to so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.text import Text

from oncall_tui.domain.emergency import QUESTIONS, Decision
from oncall_tui.domain.messages import Message, Spoken, marked
from oncall_tui.domain.triage import Row, may_hide_an_outage, spoken_first
from oncall_tui.translation import _, spoken, told
from oncall_tui.widgets.call_view import CallView, Ink, Offer

SIDE_BY_SIDE = 74
"""Columns from which the two languages stand side by side."""

WHAT_HAPPENED = marked("Please tell me in a sentence what happened, and since when.")

_GAP = 2
_WIDEST = 110
_INDENT = 1


def words_of(view: CallView) -> Spoken:
    """Return what to say now: the sentence of the decision, or else the question."""
    if view.record is not None:
        return view.record.said
    ruling = view.triage.ruling
    if ruling.say is not None:
        return spoken(ruling.say)
    question = view.row.question
    return spoken(Message(WHAT_HAPPENED if question is None else QUESTIONS[question]))


def word_lines(view: CallView, width: int, ink: Ink) -> tuple[list[Text], list[Text]]:
    """Return what to say, first in the language that the caller speaks, and then in the other: that is empty
    where both stand side by side.
    """
    said = words_of(view)
    if not said.en:
        return [], []
    quoted = {"fr": f"«\u00a0{_unbroken(said.fr)}\u00a0»", "en": f'"{said.en}"'}
    first = spoken_first(view.triage)
    order = [first, *(each for each in quoted if each != first)]
    label = _("Say") + "  "
    room = min(width, _WIDEST) - 2 * _INDENT - cell_len(label)
    beside = width >= SIDE_BY_SIDE
    column = (room - _GAP) // 2 if beside else room
    inks = ["", "dim"]
    blocks = [
        [Text(line, ink(shade)) for line in wrap(quoted[each], max(column, 8), break_on_hyphens=False)]
        for each, shade in zip(order, inks, strict=True)
    ]
    if beside:
        return _labelled(_beside(blocks, column), label, ink), []
    first_block, second_block = blocks
    return _labelled(first_block, label, ink), _labelled(second_block, " " * cell_len(label), ink)


def _labelled(rows: Sequence[Text], label: str, ink: Ink) -> list[Text]:
    blank = " " * cell_len(label)
    heads = [Text(" " * _INDENT + (blank if at else label), ink("dim")) for at in range(len(rows))]
    return [Text.assemble(head, row) for head, row in zip(heads, rows, strict=True)]


def _beside(blocks: Sequence[Sequence[Text]], column: int) -> list[Text]:
    left, right = blocks
    lines = []
    for at in range(max(len(left), len(right))):
        line = left[at].copy() if at < len(left) else Text()
        line.append(" " * (column + _GAP - line.cell_len))
        lines.append(line.append_text(right[at]) if at < len(right) else line)
    return lines


def _unbroken(text: str) -> str:
    """Return French with no-break spaces before the signs that have a blank before them."""
    for sign in "?!:;":
        text = text.replace(f" {sign}", f"\u00a0{sign}")
    return text


def choice_lines(choices: Sequence[Offer], width: int, ink: Ink) -> list[Text]:
    """Return the choices one after the other, in as many lines as they need."""
    lines: list[Text] = []
    for each in choices:
        text = Text.assemble((each.key, ink("focus")), f" {each.label}")
        text.truncate(max(width - _INDENT, 1), overflow="ellipsis")
        if lines and lines[-1].cell_len + 3 + text.cell_len <= width:
            lines[-1].append("   ").append_text(text)
        else:
            lines.append(Text(" " * _INDENT).append_text(text))
    return lines


def foot_lines(view: CallView, width: int, ink: Ink) -> list[Text]:
    """Return what the call comes to so far, what follows from it, and what Enter does then."""
    parts: list[tuple[str, str, str]] = []
    if view.unstored is not None:
        again = _("{key} tries again").format(key=view.key("go_on"))
        parts.append((_("NOT STORED"), f"{view.unstored.why}; {again}", "critical"))
    parts += [("", notice, "strong") for notice in view.notices]
    parts += _recorded(view) if view.record is not None else _so_far(view)
    lines: list[Text] = []
    for label, words, shade in parts:
        said = _("{label}: {words}").format(label=label, words=words) if label else words
        wrapped = wrap(said, max(width - 2 * _INDENT, 8), break_on_hyphens=False)
        texts = [Text(f"{' ' * _INDENT}{line}", ink(shade)) for line in wrapped]
        if texts and label and not shade:
            texts[0].stylize(ink("dim"), _INDENT, _INDENT + said.index(words))
        lines += texts
    return lines


def _so_far(view: CallView) -> Iterable[tuple[str, str, str]]:
    ruling, label = view.triage.ruling, _("So far")
    enter = view.key("go_on")
    match ruling.decision:
        case None:
            missing = ", ".join(_(Row(each.value).label) for each in ruling.missing)
            yield label, _("nothing against it; to find out: {what}").format(what=missing), ""
        case Decision.ACCEPTED:
            yield label, _("can be accepted ({rule})").format(rule=ruling.rule), ""
            if view.answerable:
                words = _("{key} records it: an emergency ticket, and the team is told")
                yield "", words.format(key=enter), ""
        case _:
            why = _(ruling.reason.label) if ruling.reason else ""
            yield label, _("refused, {reason} ({rule})").format(reason=why, rule=ruling.rule), ""
            if view.next_step is not None:
                yield _("Next"), told(view.next_step), ""
            if view.answerable:
                yield "", _enter(view), ""


def _enter(view: CallView) -> str:
    enter, yes = view.key("go_on"), view.key("yes")
    if view.triage.ruling.alert:
        return _("{key} records it, and the team is told: it is about infrastructure (R14)").format(key=enter)
    if may_hide_an_outage(view.triage):
        words = _("{key} records it; {yes} if it is about infrastructure: the team is told (R14)")
        return words.format(key=enter, yes=yes)
    return _("{key} records it").format(key=enter)


def _recorded(view: CallView) -> Iterable[tuple[str, str, str]]:
    record = view.record
    if record is None:
        return
    if record.decision is Decision.ACCEPTED:
        yield _("ACCEPTED"), _accepted(view), "focus"
    elif record.decision is Decision.MISSED:
        yield _("MISSED"), _("nobody answered"), "strong"
    else:
        why = _(record.reason.label) if record.reason else ""
        yield _("REFUSED"), f"{why} ({record.rule})", "strong"
        step = told(view.next_step) if view.next_step is not None else record.next_step
        if step:
            yield _("Next"), step, ""
    if record.alert:
        yield "", _("the team is told (R14)"), ""
    back, enter = view.key("back"), view.key("go_on")
    if record.ticket:
        keys = _("{enter} opens {ticket}, {back} goes back")
        yield "", keys.format(enter=enter, ticket=record.ticket, back=back), "dim"
    else:
        yield "", _("{enter} or {back} goes back").format(enter=enter, back=back), "dim"


def _accepted(view: CallView) -> str:
    from oncall_tui.widgets.columns import due_text

    record = view.record
    if record is None:
        return ""
    if record.due_at is None:
        return _("ticket {ticket} is yours").format(ticket=record.ticket)
    due = due_text(record.due_at, view.now, view.zone)
    return _("ticket {ticket} is yours, target {due}").format(ticket=record.ticket, due=due)
