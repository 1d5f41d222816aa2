"""Everything that touches the private side of Textual or the terminal, in one place.

Textual 8.2.8 ends the program at the first byte on stdin that isn't UTF-8, starts its threads twice
when the process is stopped and continued from outside, and runs on for ever without a terminal. All
three are mended here, in a driver. For one changed line it asks every widget on the screen for all of
its lines: a painter here asks for what has changed.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region, Size

from oncall_tui.domain.errors import BadInput, NotFound
from oncall_tui.multiplexer import passed_through

if TYPE_CHECKING:
    from rich.console import Console
    from textual.app import App
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.widget import Widget

_HANG_UP_PATIENCE = 7.0
"""Seconds for leaving without a terminal; longer than leaving waits for an act that was begun."""
_ESC = "\x1b"


def board_driver() -> type[Driver] | None:
    """Return the driver for this system, None where Textual's own is right as it is."""
    if sys.platform == "win32":
        return None
    return _linux_driver()


def _linux_driver() -> type[Driver]:
    import termios
    import tty

    from textual.drivers import linux_driver

    class BoardDriver(linux_driver.LinuxDriver):
        """Textual's driver, forgiving on input and after SIGSTOP and SIGCONT, and gone with the terminal."""

        def run_input_thread(self) -> None:
            # It makes its decoder itself, by this name.
            decoder = partial(_Input, self._terminal_is_gone)
            linux_driver.getincrementaldecoder = lambda _: decoder  # type: ignore[assignment, attr-defined, unused-ignore]
            super().run_input_thread()

        def _terminal_is_gone(self) -> None:
            # A process that doesn't lead the terminal's foreground gets no SIGHUP.
            _end_in_a_while(128 + signal.SIGHUP)
            with suppress(RuntimeError):  # the loop is closed: it is being left
                self._loop.call_soon_threadsafe(_leave, self._app, signal.SIGHUP)
            # What has no terminal is ready for reading without end.
            self.exit_event.wait()

        def _sigcont_application(self, *arguments: Any) -> None:
            if self._must_signal_resume or self._writer_thread is None:
                # After ctrl+z Textual has put everything down in good order and takes it up again.
                super()._sigcont_application(*arguments)
                return
            # Stopped from outside: threads and screen are as they were, but a shell may have taken
            # the terminal's modes and written over the picture.
            with suppress(OSError, termios.error):
                if os.tcgetpgrp(self.fileno) != os.getpgrp():
                    return
                modes = termios.tcgetattr(self.fileno)
                modes[tty.LFLAG] = self._patch_lflag(modes[tty.LFLAG])
                modes[tty.IFLAG] = self._patch_iflag(modes[tty.IFLAG])
                modes[tty.CC][termios.VMIN] = 1
                termios.tcsetattr(self.fileno, termios.TCSANOW, modes)
            self._loop.call_soon_threadsafe(self._draw_again)

        def _draw_again(self) -> None:
            self.write("\x1b[?1049h\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l")
            self._enable_mouse_support()
            repaint(self._app)

    return BoardDriver


class _Input:
    """Decodes what comes from the terminal, and tells when nothing will come any more.

    A tmux that is attached to anew may send bytes that aren't UTF-8; they become a character that no
    key is bound to.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._ended = ended

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the characters that are complete with `data`; none at all is the end of the input."""
        if not data and not final:
            self._ended()
        return self._decoder.decode(data, final)


def without_toasts(app: App[Any]) -> None:
    """Leave out the layers for notifications and tooltips, as Textual does in its tests.

    `notify()` reads markup, so no foreign text may get there; the status rule says what is to be said.
    """
    app._disable_notifications = True
    app._disable_tooltips = True


def paint_sparingly(screen: Screen[Any]) -> None:
    """Let a screen that isn't shown yet paint what has changed and ask no widget for more."""
    screen._compositor = SparingCompositor()


class Patches(CompositorUpdate):
    """Pieces of lines, each written where it belongs."""

    def __init__(self, pieces: list[tuple[int, int, Strip]]) -> None:
        """`pieces` are line, column and what stands there."""
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """Return what to write to the terminal."""
        return "".join(f"{_ESC}[{y + 1};{x + 1}H{strip.render(console)}" for y, x, strip in self.pieces)


class SparingCompositor(Compositor):
    """Textual's compositor, which for a partial update asks only the widgets in front, for lines that
    have changed, and writes the columns that have.
    """

    def render_partial_update(self) -> Any:
        """Return what has changed since the last update, None if nothing has."""
        screen, changed = self.size.region, self._dirty_regions.copy()
        self._dirty_regions.clear()
        spans = self._regions_to_spans(region.intersection(screen) for region in changed)
        asked: dict[Widget, _Asked] = {}
        for y, left, right in spans:
            cuts = self.cuts[y]
            for start, stop in pairwise(cuts):
                if start < right and stop > left:
                    self._ask(asked, y, max(start, left), min(stop, right))
        pieces = []
        for widget, (shown, region, wanted) in asked.items():
            first, last = wanted[0][0], wanted[-1][0]
            strips = widget.render_lines(
                Region(shown.x - region.x, first - region.y, shown.width, last - first + 1)
            )
            for y, start, stop in wanted:
                pieces.append((y, start, strips[y - first].crop(start - shown.x, stop - shown.x)))
        return Patches(sorted(pieces, key=lambda piece: piece[:2])) if pieces else None

    def _ask(self, asked: dict[Widget, _Asked], y: int, start: int, stop: int) -> None:
        """Note that the widget in front is asked for a piece of a line, which no widget's edge cuts."""
        for widget, shown, region in self.layers_visible[y]:
            if shown.x <= start and stop <= shown.right:
                asked.setdefault(widget, (shown, region, []))[2].append((y, start, stop))
                return


def drawn_through(screen: Screen[Any], *regions: Region) -> None:
    """Draw anew, with a screen that is on top, what lies between it and the one that shines through.

    Each keeps a picture of those below it, and Textual tells only the one on top that they have changed.
    """
    stack = screen.app.screen_stack
    if screen.is_attached and stack and stack[-1] is screen:
        for between in screen.app._background_screens[1:]:
            between._set_dirty(*regions)


def lay_out_below(screen: Screen[Any]) -> None:
    """Bring the screens that shine through `screen` to the size it has: under one that is opaque none is."""
    size = screen.app.size
    for below in screen.app._background_screens:
        if below.size != size:
            below._screen_resized(size)


_Asked = tuple[Region, Region, list[tuple[int, int, int]]]
"""Where a widget is to be seen, where all of it would be, and pieces of it: line, first column, end."""


def repaint(app: App[Any]) -> None:
    """Draw the whole screen anew, at the size that the terminal has now."""
    with suppress(OSError):
        columns, lines = os.get_terminal_size(sys.__stdin__.fileno() if sys.__stdin__ else 0)
        if Size(columns, lines) != app.size:
            from textual import events

            size = Size(columns, lines)
            app.post_message(events.Resize(size, size))
    for screen in app.screen_stack:
        screen.refresh(layout=True)


def colours() -> int:
    """Return how many colours the terminal has, as Textual will take it to; 0 where NO_COLOR is set."""
    if "NO_COLOR" in os.environ:
        return 0
    from rich.console import Console
    from textual import constants

    # "auto", what TEXTUAL_COLOR_SYSTEM says, or nothing; the same terminal that the app writes to.
    system: Any = constants.COLOR_SYSTEM
    console = Console(color_system=system, force_terminal=True, legacy_windows=False)
    return {"standard": 16, "windows": 16, "256": 256}.get(console.color_system or "", 1 << 24)


def copy(app: App[Any], text: str) -> None:
    """Put one line of text on the clipboard of whoever sits at the terminal (OSC 52).

    It goes through tmux and GNU screen where they let it. Raises `BadInput` for a text with control
    characters: pasted into a shell, a newline is a command.
    """
    if not text.isprintable():
        raise BadInput("only a line of plain text can be copied")
    import base64

    app.copy_to_clipboard(text)
    # A multiplexer takes the sequence for itself, and hands on what is wrapped for the terminal around it.
    wrapped = passed_through(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a", os.environ)
    if wrapped:
        _write(app, wrapped)


def tell(app: App[Any], sequence: str) -> None:
    """Write `sequence` to the terminal as it is, from any thread. Raises `NotFound` without a terminal.

    It is written on the event loop, like every picture, so that it never falls into the middle of one.
    """
    loop = app._loop
    if loop is not None and app._driver is not None:
        with suppress(RuntimeError):  # the loop is closed: it is being left
            loop.call_soon_threadsafe(_write, app, sequence)
            return
    raise NotFound("there is no terminal to write to")


def _write(app: App[Any], sequence: str) -> None:
    if app._driver is not None:
        app._driver.write(sequence)


def leave_on_signals(app: App[Any]) -> None:
    """Leave cleanly on SIGTERM and SIGHUP, with the exit code that a shell reports for them."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        with suppress(NotImplementedError, RuntimeError):  # a loop that can't is not ours
            loop.add_signal_handler(number, _leave, app, number)


def _leave(app: App[Any], number: signal.Signals) -> None:
    code = 128 + number
    if number == signal.SIGHUP:
        _end_in_a_while(code)
    app.exit(return_code=code)


def _end_in_a_while(code: int) -> None:
    """End the process if leaving doesn't: without a terminal the last writes to it may block for ever."""
    timer = threading.Timer(_HANG_UP_PATIENCE, os._exit, (code,))
    timer.daemon = True
    timer.start()
