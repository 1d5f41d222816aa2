"""`oncall-tui document`: the page that a customer prints and keeps at hand (R25)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "document",
        run,
        help="issue the technical document of a customer, one page of PDF with the VIP code",
        example="oncall-tui document leman --out leman.pdf",
        acts=True,
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="the organisation's id")
    parser.add_argument("--out", metavar="FILE.pdf", required=True, help="the new file (mode 0600)")
    parser.add_argument(
        "--new-code", action="store_true", help="put a new VIP code on it; the one in force is revoked"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def run(args: Namespace, context: Context) -> int:
    """Issue a document."""
    from oncall_tui.cli.output import print_json, stamp
    from oncall_tui.desk.document_files import write_document
    from oncall_tui.documents import renderer

    # Before the store is opened: without it nothing can come of the command.
    render = renderer()
    with context.desk() as desk:
        written = write_document(
            desk.documents,
            args.customer,
            Path(args.out),
            render,
            new_code=args.new_code,
            force=args.force,
        )
    document = written.document
    if args.json:
        print_json(
            {
                "customer": document.customer,
                "number": document.number,
                "issued_at": stamp(document.issued_at, context.zone),
                "language": document.language,
                "new_code": written.new_code,
                "replaced": written.replaced,
                "file": str(written.path),
            }
        )
        return 0
    print(f"document no {document.number} of {document.customer}, in {document.language}: {written.path}")
    if written.new_code:
        revoked = "; the one before is revoked" if written.replaced else ""
        print(f"  with a new VIP code{revoked}")
    return 0
