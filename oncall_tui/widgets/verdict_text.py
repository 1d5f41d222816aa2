"""What a look-up came to, in words: a sign and a word, what to say to the caller, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from oncall_tui.domain.codes import CodeKind, CodeRules, Outcome, Verdict
from oncall_tui.domain.phrases import advice
from oncall_tui.widgets.columns import due_text

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""


class Sign(NamedTuple):
    """How an outcome is shown: a sign and a word, which say it without colour, and an ink."""

    sign: str
    word: str
    ink: str


SIGNS = {
    Outcome.MATCH: Sign("=", "MATCH", "focus"),
    Outcome.MISHEARD: Sign("?", "MISHEARD", "strong"),
    Outcome.NO_MATCH: Sign("≠", "NO MATCH", "critical"),
    Outcome.WAIT: Sign("!", "WAIT", "overdue"),
    Outcome.REVOKED: Sign("×", "REVOKED", "critical"),
    Outcome.TRANSFER_CODE: Sign(">", "TRANSFER CODE", "strong"),
}

_KINDS = {CodeKind.VIP: "VIP code", CodeKind.SUPPORT: "support code"}


def verdict_text(verdict: Verdict, rules: CodeRules, zone: ZoneInfo, ink: Ink) -> RenderableType:
    """Return what stands under the field: verdict, sentences to say, next step, and what to compare."""
    told = advice(verdict, zone)
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_column(width=4, style=ink("dim"))
    body.add_column(ratio=1)
    body.add_row("Say", Text(f"«\u00a0{told.fr}\u00a0»"))
    body.add_row("", Text(f'"{told.en}"'))
    body.add_row("", "")
    body.add_row("Next", Text(told.next_step))
    parts: list[RenderableType] = [_head(verdict, zone, ink)]
    if verdict.alert:
        parts.append(Text(f"!! {_alert(rules)}", ink("overdue")))
    parts += [Text(), body]
    if verdict.outcome is Outcome.MATCH:
        parts += [Text(), _whose(verdict, ink)]
    return Group(*parts)


def _head(verdict: Verdict, zone: ZoneInfo, ink: Ink) -> Text:
    sign = SIGNS[verdict.outcome]
    word, aside = sign.word, ""
    match verdict.outcome:
        case Outcome.MATCH:
            aside = _KINDS[verdict.kind] if verdict.kind else ""
        case Outcome.WAIT if verdict.wait_until is not None:
            word = f"WAIT until {due_text(verdict.wait_until, verdict.at, zone)}"
            aside = "too many wrong codes"
        case Outcome.REVOKED if verdict.revoked_at is not None:
            aside = f"since {due_text(verdict.revoked_at, verdict.at, zone)}"
    if verdict.unverified:
        aside = f"{aside}; " if aside and verdict.outcome is Outcome.REVOKED else ""
        aside += "the caller stays unverified in this call"
    elif verdict.outcome is not Outcome.MATCH and verdict.outcome is not Outcome.WAIT:
        aside = f"{aside}; {_left(verdict.attempts_left)}" if aside else _left(verdict.attempts_left)
    return Text.assemble((f"{sign.sign} {word}", ink(sign.ink)), (f"   {aside}" if aside else "", ink("dim")))


def _left(attempts: int) -> str:
    return f"{attempts} more {'try' if attempts == 1 else 'tries'} in this call"


def _alert(rules: CodeRules) -> str:
    return f"{rules.wrong_per_day} wrong codes in 24 hours over the whole desk: tell the team"


def _whose(verdict: Verdict, ink: Ink) -> Text:
    text = Text("It should be  ", ink("dim"))
    if verdict.contact:
        text.append(verdict.contact, ink("strong")).append(", ")
    text.append(verdict.customer_name or "", ink("strong"))
    plan = f", {verdict.plan.value}" if verdict.plan else ""
    text.append(f"  ({verdict.customer}{plan})", ink("dim"))
    if verdict.kind is CodeKind.SUPPORT:
        text.append("\nA support code says who calls. It opens no VIP right (R16).")
    return text


def unchecked_text(why: str, ink: Ink) -> RenderableType:
    """Return that a code wasn't looked at, and why."""
    return Group(
        Text.assemble(("– NOT CHECKED", ink("strong"))),
        Text(),
        Text(why),
        Text("What was typed is forgotten; this counts for nothing. Type it again.", ink("dim")),
    )


def off_text(why: str, find: str, ink: Ink) -> RenderableType:
    """Return that no code can be looked up, why, and that the key `find` finds the organisation."""
    return Group(
        Text.assemble(("– CODES ARE OFF", ink("strong"))),
        Text(),
        Text(why),
        Text.assemble(
            (find, ink("focus")), (" finds the organisation by name, contact or number", ink("dim"))
        ),
    )


def again_text(name: str, until: datetime | None, now: datetime, zone: ZoneInfo, ink: Ink) -> Text:
    """Return that Enter opens the card of an organisation that is verified `until` an instant."""
    text = Text.assemble(("Enter", ink("focus")), (" opens ", ink("dim")), (name, ink("strong")))
    text.append(" again", ink("dim"))
    if until is not None:
        text.append(f", verified until {due_text(until, now, zone)}", ink("dim"))
    return text
