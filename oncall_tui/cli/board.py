"""`oncall-tui`, `oncall-tui open` and `oncall-tui demo`: the dashboard."""

from __future__ import annotations

import gc
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command
from oncall_tui.domain.errors import BadInput

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

    from oncall_tui.cli.context import Context
    from oncall_tui.config import Settings
    from oncall_tui.desk import Desk
    from oncall_tui.domain.correspondence import SourceAccess

SCREENS = ("queue", "calls", "lookup")
"""What `--screen` may name."""

_MOST_TICKETS = 1_000_000

CODES_TO_TRY = """\
Codes to try in this demo:

  407 182 659   VIP code of Banque du Jorat
  341 672 16    support code of Anne Rochat, Banque du Jorat
  854 214 306   revoked, Clinique du Mélèze
  935 811 478   nobody's
  Xk7-pQ2z9     a domain transfer code"""
"""What a visitor of the demo can type, where callers would read it out."""


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the commands."""
    board = add_command(
        commands,
        "open",
        run,
        help="open the dashboard (also without a command)",
        example="oncall-tui open --read-only",
        acts=True,
        json=False,
    )
    board.add_argument("--read-only", action="store_true", help="look, but refuse every act")
    board.add_argument("--screen", default="queue", metavar="NAME", help=f"one of: {', '.join(SCREENS)}")
    _add_no_tick(board)
    demo = add_command(
        commands,
        "demo",
        run_demo,
        help="open the dashboard on sample data in a temporary database",
        example="oncall-tui demo --tickets 200 --seed 7",
        acts=True,
        json=False,
    )
    demo.add_argument("--tickets", type=_tickets, default=42, metavar="N", help="how many open tickets")
    demo.add_argument("--seed", type=int, default=1, metavar="S", help="another number, other sample data")
    demo.add_argument("--still", action="store_true", help="nothing arrives while you look")
    _add_no_tick(demo)


def _add_no_tick(parser: Parser) -> None:
    parser.add_argument(
        "--no-tick", action="store_true", help="show no seconds: for screen readers and slow links"
    )


def open_by_default(parser: Parser) -> None:
    """Make `open` what happens without a command."""
    parser.set_defaults(
        run=run,
        acts=True,
        json=False,
        parser=parser,
        read_only=False,
        screen="queue",
        no_tick=False,
        command=None,
    )


def run(args: Namespace, context: Context) -> int:
    """Open the dashboard."""
    if args.screen not in SCREENS:
        raise BadInput(
            f"there is no screen {args.screen[:40]!r}", hint=f"allowed: {', '.join(SCREENS)}", title="Usage"
        )
    settings = _ticking(context.settings, args)
    began = context.as_of
    _need_terminal()
    run_board = _import_board()
    if began is None:
        return run_board(settings, read_only=args.read_only, clock=context.clock, screen=args.screen)
    back = context.clock() - began

    def then() -> datetime:
        return context.clock() - back

    def open_then() -> Desk:
        from oncall_tui.desk import open_desk

        return open_desk(
            settings.database,
            settings.offer,
            settings.operator,
            clock=then,
            replay=True,
            queues=settings.queues,
            keyring=settings.keyring,
        )

    return run_board(
        settings,
        read_only=True,
        replay=True,
        desk_factory=open_then,
        clock=then,
        title="Replay",
        screen=args.screen,
    )


def run_demo(args: Namespace, context: Context) -> int:
    """Open the dashboard on sample data, which is gone when it closes."""
    settings = _ticking(context.settings, args)
    _need_terminal()
    from contextlib import ExitStack
    from dataclasses import replace
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from oncall_tui.domain.support import SAMPLE_CONTACTS

    run_board = _import_board()
    with ExitStack() as ending:
        folder = ending.enter_context(
            TemporaryDirectory(prefix="oncall-tui-demo-", ignore_cleanup_errors=True)
        )
        sample = replace(
            settings,
            database=f"sqlite:///{folder}/demo.db",
            key_file=Path(folder, "demo.key"),
            key_text="",
            # A sample document names no real number.
            offer=replace(settings.offer, support=SAMPLE_CONTACTS),
            # Sample data is kept apart from what really comes in.
            sources={} if args.still else _demo_mailbox(),
            # Sample alerts wake nobody up.
            channels=replace(settings.channels, push=(), people={}, command=()),
        )

        def open_filled() -> Desk:
            from oncall_tui.desk import (
                demo,
                demo_alerts,
                demo_calls,
                demo_mail,
                demo_organisations,
                open_desk,
            )
            from oncall_tui.store.demo import populate
            from oncall_tui.translation import spoken

            def open_one() -> Desk:
                return open_desk(
                    sample.database,
                    sample.offer,
                    sample.operator,
                    clock=context.clock,
                    queues=sample.queues,
                    keyring=sample.keyring,
                )

            desk = open_one()
            populate(
                desk.store,
                desk.offer,
                context.clock(),
                tickets=args.tickets,
                seed=args.seed,
                operator=desk.operator,
            )
            demo_calls.tell_earlier(desk, spoken)
            demo_mail.tell_earlier(desk)
            demo_organisations.tell_earlier(desk)
            demo_alerts.tell_earlier(desk)
            if not args.still:
                others = open_one()
                ending.callback(others.close)
                arrivals = demo.Arrivals(others, args.seed)
                ending.callback(arrivals.stop)
                arrivals.start()
            return desk

        return run_board(
            sample, desk_factory=open_filled, clock=context.clock, title="Demo", tip=CODES_TO_TRY
        )


def _demo_mailbox() -> dict[str, SourceAccess]:
    """Return the access to a mailbox that no server is behind."""
    from datetime import timedelta

    from oncall_tui.domain.correspondence import SourceAccess

    access = SourceAccess(
        "support",
        "oncall_tui.sources.demo",
        "demo",
        address="support@host.example",
        every=timedelta(seconds=5),
    )
    return {access.name: access}


def _ticking(settings: Settings, args: Namespace) -> Settings:
    if not args.no_tick:
        return settings
    from dataclasses import replace

    return replace(settings, tick=False)


def _import_board() -> Callable[..., int]:
    # Nothing that an import makes is garbage; `run_board` turns the collector on after the first rows.
    gc.disable()
    from oncall_tui.app import run_board

    return run_board


def _need_terminal() -> None:
    # Textual reads stdin and draws on stderr; without a terminal it would wait for keys that never come.
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise BadInput(
            "the dashboard needs a terminal",
            hint="start it in one (ssh -t gives one); oncall-tui queue prints the same without",
            title="Terminal",
        )


def _tickets(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= _MOST_TICKETS:
        raise ArgumentTypeError(f"{text[:20]!r} is no whole number from 0 to {_MOST_TICKETS}")
    return int(text)
