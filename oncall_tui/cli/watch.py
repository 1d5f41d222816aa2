"""`oncall-tui watch`: alerts, sources and the telephone without a screen, for a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from oncall_tui.cli.parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from argparse import Namespace

    from oncall_tui.cli.context import Context
    from oncall_tui.watching import Say, Senders


def add_parser(commands: Commands[Parser]) -> None:
    """Declare the command."""
    parser = add_command(
        commands,
        "watch",
        run,
        help="raise and send alerts, read sources and send answers, and listen to the telephone, without a "
        "screen, until it is stopped",
        example="oncall-tui watch --once",
        acts=True,
        json=False,
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="read each source once, send what is to be sent, and end; for a timer",
    )


def run(args: Namespace, context: Context) -> int:
    """Watch until a signal comes, which is 0; with `--once` 1 says that something didn't get through."""
    from oncall_tui import translation
    from oncall_tui.cli.output import stamp
    from oncall_tui.watching import Lines

    settings = context.settings
    translation.use(settings.language)
    lines = Lines(_write, lambda: str(stamp(context.clock().replace(microsecond=0), context.zone)))
    senders = _senders(context, lines.say)
    if args.once:
        from oncall_tui.watching import once

        with context.desk() as desk:
            return 0 if once(desk, senders, lines.say, settings.sources) else 1
    import asyncio

    asyncio.run(_watch(context, senders, lines.say))
    return 0


async def _watch(context: Context, senders: Senders, say: Say) -> None:
    import asyncio
    import signal

    from oncall_tui.cli.call import in_words
    from oncall_tui.desk import open_desk
    from oncall_tui.watching import Watch

    settings = context.settings
    watch = Watch(
        lambda: open_desk(
            settings.database,
            settings.offer,
            settings.operator,
            clock=context.clock,
            keyring=settings.keyring,
        ),
        senders,
        say,
        telephone=settings.baresip,
        told=lambda call: say(in_words(call)),
        sources=settings.sources,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(watch.stop))
    await watch.run()


def _senders(context: Context, say: Say) -> Senders:
    """Return what reaches people elsewhere; a server has no desktop and no terminal."""
    from dataclasses import replace

    from oncall_tui.alerts.senders import senders

    found = senders(replace(context.settings.channels, desktop=False))
    if not found:
        say("nobody is reached without a board: set alerts.push or alerts.command")
    return found


def _write(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
