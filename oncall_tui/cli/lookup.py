"""`oncall-tui lookup`: whose code is it, and what to tell the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.domain.codes import Caller, CodeKind, Verdict

NOT_FOUND, WAIT = 3, 4


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "lookup",
        run,
        help="verify a code that a caller reads out; it is typed when asked, or read from stdin",
        example="oncall-tui lookup --from '+41 22 555 01 40' --said 'Banque du Léman'",
        acts=True,
    )
    parser.set_defaults(secret=True)
    parser.add_argument("--kind", metavar="KIND", help="vip or support; without it either is right")
    parser.add_argument("--from", dest="number", default="", metavar="NUMBER", help="the calling number")
    parser.add_argument("--call", metavar="ID", help="the call, over which wrong codes are counted")
    parser.add_argument(
        "--customer", default="", metavar="ID", help="the organisation that the caller claims"
    )
    parser.add_argument(
        "--said", metavar="NAME", help="the organisation that the caller named, its name or id: the proof"
    )


def run(args: Namespace, context: Context) -> int:
    """Look the code up. 0 for a match, 3 for anything else that isn't `wait`, which is 4."""
    from oncall_tui.cli.code_input import read_code
    from oncall_tui.cli.output import print_json
    from oncall_tui.domain.codes import Caller, Outcome

    kind = _kind(args.kind)
    caller = Caller(args.call, args.number, args.customer)
    context.settings  # noqa: B018 - what is wrong with them is said before anybody types a code
    text = read_code("Code: ")
    with context.desk() as desk:
        verdict = desk.callers.look_up(text, caller, kind=kind)
        confirmed: bool | None = None
        if args.said is not None and verdict.outcome is Outcome.MATCH:
            verdict, confirmed = _proven(desk, verdict, caller, args.said)
    if args.json:
        print_json(_as_json(verdict, context, confirmed))
    else:
        print(*_lines(verdict, context, confirmed), sep="\n")
    if verdict.outcome is Outcome.WAIT:
        return WAIT
    return 0 if verdict.outcome is Outcome.MATCH else NOT_FOUND


def _kind(text: str | None) -> CodeKind | None:
    from oncall_tui.domain.codes import CodeKind

    if text is None:
        return None
    try:
        return CodeKind(text.strip().lower())
    except ValueError:
        allowed = ", ".join(CodeKind)
        # What stands there may be a code: it isn't repeated.
        raise BadInput("there is no such kind of code", hint=f"allowed: {allowed}", title="Usage") from None


def _proven(desk: Desk, verdict: Verdict, caller: Caller, said: str) -> tuple[Verdict, bool]:
    """Compare what the caller `said` with the organisation of the code (R17)."""
    from oncall_tui.domain.folding import fold

    named = fold(" ".join(said.split()))
    right = named in {fold(verdict.customer or ""), fold(verdict.customer_name or "")}
    if right:
        desk.callers.confirm(verdict, caller)
        return verdict, True
    return desk.callers.deny(verdict, caller), False


def _as_json(verdict: Verdict, context: Context, confirmed: bool | None) -> dict[str, object]:
    from oncall_tui.cli.output import stamp
    from oncall_tui.domain.phrases import advice
    from oncall_tui.translation import spoken

    told = advice(verdict, context.zone)
    return {
        "outcome": verdict.outcome,
        "kind": verdict.kind,
        "customer": verdict.customer,
        "customer_name": verdict.customer_name,
        "plan": verdict.plan,
        "wait_until": stamp(verdict.wait_until, context.zone),
        "attempts_left": verdict.attempts_left,
        "contact": verdict.contact or None,
        "revoked_at": stamp(verdict.revoked_at, context.zone),
        "confirmed": confirmed,
        "unverified": verdict.unverified,
        "alert": verdict.alert,
        "say": spoken(told.say)._asdict(),
        "next_step": told.next_step.text,
    }


def _lines(verdict: Verdict, context: Context, confirmed: bool | None) -> list[str]:
    from oncall_tui.domain.codes import Outcome
    from oncall_tui.domain.phrases import advice, alert, headline
    from oncall_tui.translation import spoken

    lines = [headline(verdict, context.zone)]
    told = advice(verdict, context.zone)
    if confirmed:
        lines.append("  the caller named the right organisation")
    elif verdict.outcome is not Outcome.MATCH or confirmed is None:
        said = spoken(told.say)
        lines += [f"  Say   « {said.fr} »", f'        "{said.en}"']
        lines.append(f"  Next  {told.next_step.text}")
    if verdict.alert:
        lines.append(f"  {alert(context.settings.offer.codes)}")
    return lines
