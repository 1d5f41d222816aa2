"""What a look-up came to, in words: a sign and a word, what to say to the caller, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from textwrap import wrap
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from oncall_tui import translation
from oncall_tui.domain.clock import minute_after
from oncall_tui.domain.codes import CodeKind, CodeRules, Outcome, Verdict
from oncall_tui.domain.messages import marked
from oncall_tui.domain.phrases import advice, alert
from oncall_tui.translation import _
from oncall_tui.widgets.columns import due_text

Ink = Callable[[str], Style]
"""Returns the style of an ink by its name."""


class Sentence:
    """Words that are wrapped as they are printed: a no-break space is none to break at, as for Rich it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(wrap(self._text, options.max_width, break_on_hyphens=False)))


class Sign(NamedTuple):
    """How an outcome is shown: a sign and a word, which say it without colour, and an ink."""

    sign: str
    word: str
    ink: str


SIGNS = {
    Outcome.MATCH: Sign("=", marked("MATCH"), "focus"),
    Outcome.MISHEARD: Sign("?", marked("MISHEARD"), "strong"),
    Outcome.NO_MATCH: Sign("≠", marked("NO MATCH"), "critical"),
    Outcome.WAIT: Sign("!", marked("WAIT"), "overdue"),
    Outcome.REVOKED: Sign("×", marked("REVOKED"), "critical"),
    Outcome.TRANSFER_CODE: Sign(">", marked("TRANSFER CODE"), "strong"),
}

_KINDS = {CodeKind.VIP: marked("VIP code"), CodeKind.SUPPORT: marked("support code")}


def verdict_text(
    verdict: Verdict, rules: CodeRules, zone: ZoneInfo, ink: Ink, keys: tuple[str, str, str]
) -> RenderableType:
    """Return what stands under the field: verdict, sentences to say, next step, and what to compare.

    `keys` are those that a person reads for yes, no and back.
    """
    told = advice(verdict, zone)
    said = translation.spoken(told.say)
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_column(min_width=4, style=ink("dim"))
    body.add_column(ratio=1)
    body.add_row(_("Say"), Sentence(f"« {said.fr} »".replace(" ?", "\u00a0?").replace(" »", "\u00a0»")))
    body.add_row("", Sentence(f'"{said.en}"'))
    body.add_row("", "")
    body.add_row(_("Next"), Sentence(translation.told(told.next_step)))
    parts: list[RenderableType] = [_head(verdict, zone, ink)]
    if verdict.alert:
        parts.append(Text(f"!! {alert(rules)}", ink("overdue")))
    parts += [Text(), body]
    if verdict.outcome is Outcome.MATCH:
        parts += [Text(), _whose(verdict, ink), Text(), _answers(keys, ink)]
    return Group(*parts)


def _head(verdict: Verdict, zone: ZoneInfo, ink: Ink) -> Text:
    sign = SIGNS[verdict.outcome]
    word, asides = _(sign.word), []
    if verdict.outcome is Outcome.MATCH and verdict.kind is not None:
        asides.append(_(_KINDS[verdict.kind]))
    elif verdict.outcome is Outcome.REVOKED and verdict.revoked_at is not None:
        asides.append(_("since {time}").format(time=due_text(verdict.revoked_at, verdict.at, zone)))
    ends = verdict.wait_until
    until = "" if ends is None else due_text(minute_after(ends), verdict.at, zone)
    if verdict.outcome is Outcome.WAIT and until:
        word = _("WAIT until {time}").format(time=until)
    elif until:
        asides.append(_("no code is taken until {time}").format(time=until))
    if verdict.unverified:
        asides.append(_("the caller stays unverified"))
    elif verdict.outcome not in (Outcome.MATCH, Outcome.WAIT) and not until:
        asides.append(_left(verdict.attempts_left))
    aside = f"   {'; '.join(asides)}" if asides else ""
    return Text.assemble((f"{sign.sign} {word}", ink(sign.ink)), (aside, ink("dim")))


def _left(attempts: int) -> str:
    if attempts == 1:
        return _("1 more try in this call")
    return _("{count} more tries in this call").format(count=attempts)


def _whose(verdict: Verdict, ink: Ink) -> RenderableType:
    whose = Table.grid(padding=(0, 2, 0, 0))
    whose.add_column(min_width=12, style=ink("dim"))
    whose.add_column(ratio=1)
    whose.add_row(_("It should be"), Text(verdict.contact or verdict.customer_name or "", ink("strong")))
    if verdict.contact:
        whose.add_row(_("of"), Text(verdict.customer_name or "", ink("strong")))
    plan = f", {verdict.plan.value}" if verdict.plan else ""
    whose.add_row("", Text(f"{verdict.customer}{plan}", ink("dim")))
    return whose


def _answers(keys: tuple[str, str, str], ink: Ink) -> Text:
    told = (_("they said so"), _("they did not"), _("again"))
    return Text("   ").join(
        Text.assemble((key, ink("focus")), (f" {says}", ink("dim")))
        for key, says in zip(keys, told, strict=True)
    )


def unchecked_text(why: str, ink: Ink) -> RenderableType:
    """Return that a code wasn't looked at, and why."""
    return Group(
        Text.assemble(("– ", ink("strong")), (_("NOT CHECKED"), ink("strong"))),
        Text(),
        Text(why),
        Text(),
        Text(_("What was typed is forgotten, and counts for nothing. Type it again."), ink("dim")),
    )


def off_text(why: str, find: str, ink: Ink) -> RenderableType:
    """Return that no code can be looked up, why, and that the key `find` finds the organisation."""
    return Group(
        Text.assemble(("– ", ink("strong")), (_("CODES ARE OFF"), ink("strong"))),
        Text(),
        Text(why),
        Text(),
        Text.assemble(
            (find, ink("focus")), " ", (_("finds the organisation by name, contact or number"), ink("dim"))
        ),
    )


def again_text(name: str, until: datetime | None, now: datetime, zone: ZoneInfo, ink: Ink) -> Text:
    """Return that Enter opens the card of an organisation that is verified `until` an instant."""
    opens = Text(_("opens {name} again").format(name=name), ink("dim"))
    opens.highlight_words([name], ink("strong"))
    text = Text.assemble(("Enter", ink("focus")), " ", opens)
    if until is not None:
        ends = _("verified until {time}").format(time=due_text(until, now, zone))
        text.append(f", {ends}", ink("dim"))
    return text
