"""`oncall-tui codes`: give codes out, take them back, and seal all of them with another key."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.desk import Desk
    from oncall_tui.desk.codes import Issued
    from oncall_tui.domain.codes import Code, CodeKind


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command and its acts."""
    group = commands.add_parser(
        "codes",
        help="issue, rotate and revoke VIP and support codes",
        description="Issue, rotate and revoke codes. A code is read from stdin or written to a file, "
        "never shown and never an argument.",
        epilog="example: oncall-tui codes issue leman --out leman.txt",
    )
    group.set_defaults(parser=group, secret=True)
    acts: Commands[Parser] = group.add_subparsers(metavar="ACT", title="acts", dest="act", required=True)
    for name, run, help_ in (
        ("issue", run_issue, "give an organisation, or one of its users, a code"),
        ("rotate", run_issue, "put a new code in the place of the one in force, which is revoked"),
    ):
        parser = add_command(
            acts, name, run, help=help_, example=f"oncall-tui codes {name} leman --out leman.txt", acts=True
        )
        _add_owner(parser)
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument(
            "--out", metavar="FILE", help="draw a code and write it to this new file (mode 0600)"
        )
        source.add_argument(
            "--stdin",
            action="store_true",
            help="take a code that another system made: typed when asked, or on stdin",
        )
    revoke = add_command(
        acts,
        "revoke",
        run_revoke,
        help="put a code out of force",
        example="oncall-tui codes revoke leman",
        acts=True,
    )
    _add_owner(revoke)
    listing = add_command(
        acts,
        "list",
        run_list,
        help="say which codes there are, without their digits",
        example="oncall-tui codes list leman",
    )
    listing.add_argument("customer", metavar="CUSTOMER", help="the organisation's id")
    add_command(
        acts,
        "key-rotate",
        run_key_rotate,
        help="seal every code with a new key; the one before stays, for the audit",
        example="oncall-tui codes key-rotate",
        acts=True,
    )


def _add_owner(parser: Parser) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help="the organisation's id")
    parser.add_argument(
        "--support", metavar="CONTACT", help="the support code of this user, not the VIP code"
    )


def run_issue(args: Namespace, context: Context) -> int:
    """Issue or rotate a code."""
    from oncall_tui.cli.code_input import read_code

    owner = _owner(args)
    given = read_code("Code: ") if args.stdin else None
    with _new_file(args.out) as write, context.desk() as desk:
        act = desk.codes.issue if args.act == "issue" else desk.codes.rotate
        issued = act(args.customer, *owner, given=given)
        write(issued.code)
        printed = _out_of_date(desk, issued)
    _tell_issued(args, context, issued, printed)
    return 0


def _out_of_date(desk: Desk, issued: Issued) -> int | None:
    """Return the number of the technical document that the code before stands on, None if on none (R25)."""
    if not issued.replaced or issued.contact:
        return None
    documents = desk.documents.history(issued.customer)
    return documents[0].number if documents and documents[0].out_of_date else None


def _tell_issued(args: Namespace, context: Context, issued: Issued, printed: int | None) -> None:
    from oncall_tui.cli.output import print_json, stamp

    if args.json:
        print_json(
            {
                "customer": issued.customer,
                "kind": issued.kind,
                "contact": issued.contact or None,
                "issued_at": stamp(issued.issued_at, context.zone),
                "replaced": issued.replaced,
                "file": args.out,
            }
        )
        return
    whose = f"{issued.contact} of {issued.customer}" if issued.contact else issued.customer
    done = "has a new" if issued.replaced else "has a"
    print(f"{whose} {done} {issued.kind} code{f', written to {args.out}' if args.out else ''}")
    if issued.replaced:
        old = "" if printed is None else f", and document no {printed} is out of date"
        print(f"  the one before is revoked{old}: issue a new technical document (R25)", file=sys.stderr)


def run_revoke(args: Namespace, context: Context) -> int:
    """Put a code out of force."""
    from oncall_tui.cli.output import print_json

    kind, contact = _owner(args)
    with context.desk() as desk:
        desk.codes.revoke(args.customer, kind, contact)
    if args.json:
        print_json({"customer": args.customer, "kind": kind, "contact": contact or None})
    else:
        whose = f"{contact} of {args.customer}" if contact else args.customer
        print(f"the {kind} code of {whose} is revoked")
    return 0


def run_list(args: Namespace, context: Context) -> int:
    """List the codes of an organisation, those in force first."""
    from oncall_tui.cli.output import Column, moment, print_json, stamp, table, terminal_width

    with context.desk(read_only=True) as desk:
        found = desk.codes.states(args.customer, context.as_of)
    zone = context.zone
    if args.json:
        print_json(
            [
                {
                    "kind": state.kind,
                    "contact": state.contact or None,
                    "issued_at": stamp(state.issued_at, zone),
                    "revoked_at": stamp(state.revoked_at, zone),
                }
                for state in found
            ]
        )
        return 0
    if not found:
        print(f"{args.customer} has no code; oncall-tui codes issue {args.customer} gives one")
        return 0
    rows = [
        (
            state.kind.value,
            state.contact or "–",
            moment(state.issued_at, zone),
            "in force" if state.revoked_at is None else f"revoked {moment(state.revoked_at, zone)}",
        )
        for state in found
    ]
    columns = (Column("KIND"), Column("USER", least=8), Column("ISSUED"), Column("STATE"))
    print(*table(columns, rows, terminal_width()), sep="\n")
    return 0


def run_key_rotate(args: Namespace, context: Context) -> int:
    """Seal every code with a new key."""
    from oncall_tui.cli.output import print_json

    with context.desk() as desk:
        done = desk.codes.rotate_key(_progress)
        place = context.settings.keyring.place
    if args.json:
        print_json({"key": done.key_id, "codes": done.codes})
    else:
        print(f"{done.codes} codes are sealed with key {done.key_id}, the first in {place}")
        print(
            "  copy the keys to every desk on this database; the older ones stay, for the audit",
            file=sys.stderr,
        )
    return 0


def _owner(args: Namespace) -> tuple[CodeKind, str]:
    from oncall_tui.domain.codes import CodeKind

    if args.support is None:
        return CodeKind.VIP, ""
    if not args.support.strip():
        # From a script whose variable is empty: it means some user's code, and never that of all of them.
        raise BadInput("--support names no user", hint="leave it out for the VIP code", title="Usage")
    return CodeKind.SUPPORT, args.support


@contextmanager
def _new_file(name: str | None) -> Iterator[Callable[[Code], None]]:
    """Make the file before there is a code to lose; it goes again if none was issued."""
    if name is None:
        yield lambda _code: None
        return
    path = Path(name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput(f"{path} is there already", hint="name a new file; nothing is overwritten") from None
    except OSError as error:
        raise BadInput(f"can't write {path}: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            yield lambda code: print(code.reveal(), file=file, flush=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _progress(total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r{total} codes sealed anew", end="", file=sys.stderr)
