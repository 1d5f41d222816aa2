"""`oncall-tui call decide`: the triage of a call without a screen, and the same decision (R11–R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.calls import CallRecord

_YES_NO = ("yes", "no")
_TOPICS = ("third_party", "web_development", "how_to")


def add_decide(acts: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        acts,
        "decide",
        run,
        help="rule on a call as the screen does: the code is typed when asked, or read from stdin",
        example="oncall-tui call decide --call C-000042 --language fr --infrastructure yes --needs-us yes"
        ' --service Mail --summary "Mail is down" < code',
        acts=True,
    )
    parser.description = (
        "Rule on a call as the screen does, and write it down. A refusal is an answer like any other: the\n"
        "exit code is 0 for both, and 1 only where nothing could be decided. A code that isn't right makes\n"
        "a caller who isn't verified: refused, with call-back or a second engineer's approval as the next\n"
        "step (R14)."
    )
    parser.set_defaults(secret=True)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--call", metavar="ID", help="the call, by its reference or external id; one that rings is picked up"
    )
    which.add_argument(
        "--from", dest="number", metavar="NUMBER", help="begin a call by hand, from that number"
    )
    parser.add_argument("--customer", metavar="ID", help="the organisation that calls, if not by its number")
    parser.add_argument("--person", default="", metavar="NAME", help="who calls")
    parser.add_argument(
        "--said", metavar="NAME", help="the organisation that the caller named, its name or id: the proof"
    )
    parser.add_argument("--stranger", action="store_true", help="the caller has no contract with us")
    proof = parser.add_mutually_exclusive_group()
    proof.add_argument("--no-code", action="store_true", help="the caller has no code")
    proof.add_argument(
        "--call-back",
        nargs="?",
        const="",
        metavar="NUMBER",
        help="the organisation was called back on a number on file",
    )
    proof.add_argument("--approved-by", metavar="NAME", help="the second engineer who vouches for the caller")
    parser.add_argument("--language", metavar="CODE", help="the caller's: fr, en, or another")
    parser.add_argument("--infrastructure", choices=_YES_NO, help="is it a failure of our infrastructure?")
    parser.add_argument("--topic", choices=_TOPICS, help="what it is, where it isn't infrastructure")
    parser.add_argument("--needs-us", choices=_YES_NO, help="does it need an intervention of ours?")
    parser.add_argument("--service", metavar="NAME", help="the service that is concerned")
    parser.add_argument("--summary", default="", metavar="TEXT", help="what happened")
    parser.add_argument("--duplicate-of", metavar="REF", help="the emergency that is open for it already")
    ending = parser.add_mutually_exclusive_group()
    ending.add_argument(
        "--abandoned", dest="ending", action="store_const", const="abandoned", help="the caller hung up"
    )
    ending.add_argument(
        "--wrong-number",
        dest="ending",
        action="store_const",
        const="wrong_number",
        help="the caller meant somebody else",
    )


def run(args: Namespace, context: Context) -> int:
    """Decide a call and print what was decided; 0 for either decision."""
    from oncall_tui.cli.call_decision import Decision
    from oncall_tui.cli.code_input import read_code
    from oncall_tui.cli.output import print_json

    language = _language(args.language)
    if args.topic is not None and args.infrastructure == "yes":
        raise BadInput("--topic is for what isn't infrastructure", title="Usage", rule="R24")
    with context.desk() as desk:
        decision = Decision(args, desk, language)
        code = read_code("Code: ", optional=not decision.needs_code) if decision.wants_code else ""
        record = decision.made(code)
    print_json(_as_json(record, context)) if args.json else print(*_lines(record, context), sep="\n")
    return 0


def _language(text: str | None) -> str:
    """Return the language that `text` names: two or three letters, or what it is called."""
    from oncall_tui.domain.languages import language_named
    from oncall_tui.domain.text import NAME_LIMIT, clean

    if text is None:
        return ""
    named = clean(text, limit=NAME_LIMIT)
    if not named:
        raise BadInput("--language is empty", hint="allowed: a code like fr, en or de", title="Usage")
    return language_named(named)


def _as_json(record: CallRecord, context: Context) -> dict[str, Any]:
    from oncall_tui.cli.output import stamp

    return {
        "call": record.call,
        "decision": record.decision,
        "reason": record.reason,
        "rule": record.rule or None,
        "say": {"fr": record.said.fr, "en": record.said.en},
        "next_step": record.next_step or None,
        "ticket": record.ticket or None,
        "due_at": stamp(record.due_at, context.zone),
        "customer": record.customer or None,
        "customer_name": record.customer_name or None,
        "language": record.language or None,
        "proof": record.proof,
        "alert": record.alert,
    }


def _lines(record: CallRecord, context: Context) -> list[str]:
    from oncall_tui.cli.output import moment

    reason = f", {record.reason.label}" if record.reason else ""
    lines = [f"{record.call}  {record.decision}{reason} ({record.rule})"]
    if record.customer_name:
        lines.append(f"  Who     {record.customer_name}")
    if record.ticket:
        due = f", due {moment(record.due_at, context.zone)}" if record.due_at else ""
        lines.append(f"  Ticket  {record.ticket}{due}")
    lines += [f"  Say     « {record.said.fr} »", f'          "{record.said.en}"']
    if record.next_step:
        lines.append(f"  Next    {record.next_step}")
    if record.alert:
        lines.append("  The team is told.")
    return lines
