"""`oncall-tui guide`: find a guide or a partner, read it, and note which one a customer was given."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.domain.guides import Guide, Hit

LIMIT = 20
"""Guides that are listed if nobody says."""

_MOST = 1_000


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and what it can be asked for."""
    group = commands.add_parser(
        "guide",
        help="find a guide or a partner, or note that a customer was given one",
        description="Find a guide, or a partner for what is out of scope (R24), and note who was given it.",
        epilog="example: oncall-tui guide find mail queue",
    )
    group.set_defaults(parser=group)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)

    find = add_command(
        acts,
        "find",
        run_find,
        help="list the guides that a text fits, the likeliest first",
        example="oncall-tui guide find certificat expiré --language fr --json",
    )
    find.add_argument("text", metavar="TEXT", nargs="+", help="words, each whole or its beginning")
    find.add_argument("--partners", action="store_true", help="list partners instead")
    find.add_argument("--language", default="", metavar="L", help="what is written in it comes first")
    find.add_argument(
        "--limit", type=_limit, default=LIMIT, metavar="N", help=f"the first N only (default {LIMIT})"
    )

    show = add_command(
        acts,
        "show",
        run_show,
        help="print a guide or a partner",
        example="oncall-tui guide show https://guides.example/dns",
    )
    show.add_argument("url", metavar="URL", help="its link")

    use = add_command(
        acts,
        "use",
        run_use,
        help="note that the customer of a ticket was given a guide",
        example="oncall-tui guide use https://guides.example/dns --ticket T-000042",
        acts=True,
    )
    use.add_argument("url", metavar="URL", help="its link")
    use.add_argument("--ticket", required=True, metavar="REF", help="the ticket")


def run_find(args: Namespace, context: Context) -> int:
    """Print what is found; the exit code is that of `NotFound` where nothing is."""
    from oncall_tui.cli.output import Column, print_json, table, terminal_width
    from oncall_tui.domain.errors import NotFound
    from oncall_tui.domain.guides import GuideKind
    from oncall_tui.domain.languages import language_named

    kind = GuideKind.PARTNER if args.partners else GuideKind.GUIDE
    language = language_named(args.language) if args.language else ""
    with context.desk(read_only=True) as desk:
        found = desk.guides.find(" ".join(args.text), kind, language, args.limit)
        there = bool(found) or desk.guides.count(kind) > 0
    if args.json:
        print_json([_hit_as_json(hit) for hit in found])
    elif found:
        columns = (
            Column("LANGUAGE"),
            Column("TITLE", least=20),
            Column("LINK"),
            Column("CLOSED", right=True),
        )
        rows = [_row(hit) for hit in found]
        print(*table(columns, rows, terminal_width()), sep="\n")
    else:
        print(
            f"no {kind} fits that" if there else f"there is no {kind} yet: import {kind}s FILE",
            file=sys.stderr,
        )
    return 0 if found else NotFound.exit_code


def run_show(args: Namespace, context: Context) -> int:
    """Print a guide as it is stored."""
    from oncall_tui.cli.output import print_json

    with context.desk(read_only=True) as desk:
        guide = desk.guides.get(args.url)
    if args.json:
        print_json(_as_json(guide) | {"text": guide.text})
        return 0
    about = [", ".join(each) for each in (guide.languages, guide.tags) if each]
    print(*filter(None, (guide.title, guide.url, "; ".join(about))), sep="\n")
    if guide.text:
        print(f"\n{guide.text}")
    return 0


def run_use(args: Namespace, context: Context) -> int:
    """Note that a guide was given on a ticket."""
    from oncall_tui.cli.output import print_json

    with context.desk() as desk:
        ticket = desk.tickets.find(args.ticket)
        guide = desk.guides.used(args.url, ticket_id=ticket.id)
    if args.json:
        print_json(_as_json(guide) | {"ticket": ticket.ref})
    else:
        print(f"{ticket.ref}: {guide.line}")
    return 0


def _row(hit: Hit) -> tuple[str, ...]:
    return ", ".join(hit.guide.languages), hit.guide.title, hit.guide.url, str(hit.closed or "")


def _hit_as_json(hit: Hit) -> dict[str, Any]:
    return _as_json(hit.guide) | {"snippet": hit.snippet, "closed": hit.closed}


def _as_json(guide: Guide) -> dict[str, Any]:
    """Return a guide for scripts."""
    return {
        "kind": guide.kind,
        "url": guide.url,
        "title": guide.title,
        "languages": list(guide.languages),
        "tags": list(guide.tags),
    }


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 1 to {_MOST}")
    return int(text)
