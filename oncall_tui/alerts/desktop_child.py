"""Shows one notification with plyer, in a process of its own: a script that `desktop.py` starts by its path.

It reads what to show as JSON from stdin. It ends with the status that this names `absent` where there is no
way to show anything here, else with 1 if something went wrong, and says on stderr what.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

_SHOWN_FOR = 10
"""Seconds that a notification stays, where it isn't an urgent one."""

_WINDOWS_SHOWN_FOR = 2
"""Seconds there: plyer waits for the end."""

_URGENCIES = ("low", "normal", "critical")
"""As the desktops have it, in their order."""


class _Absent(Exception):
    pass


class _ProgramFailed(Exception):
    """plyer's program ended badly, and has said why or is silent."""


class _Strictly:
    """What plyer sees as `subprocess`: it doesn't look whether its program did what it was to."""

    DEVNULL = subprocess.DEVNULL

    @staticmethod
    def run(argv: list[str], **options: Any) -> None:
        if status := subprocess.run(argv, **options, check=False).returncode:  # noqa: S603
            raise _ProgramFailed(f"{argv[0]} ended with {status}")

    call = run


def _freedesktop(ways: list[str], urgency: str) -> Any:
    """Return plyer's first way of `ways` that works in this Python."""
    from plyer.platforms.linux import notification as linux

    linux.subprocess = _Strictly
    seconds = 0 if urgency == "critical" else _SHOWN_FOR

    class ByProgram(linux.NotifySendNotification):  # type: ignore[misc]
        def _notify(self, **words: Any) -> None:
            super()._notify(**words, urgency=urgency, expire_time=str(seconds * 1000))

    class ByBus(linux.NotifyDbus):  # type: ignore[misc]
        def _notify(self, **words: Any) -> None:
            import dbus

            # Nothing is left to be guessed: a service need not describe itself.
            words["replaces_id"] = dbus.UInt32(0)
            words["hints"] = dbus.Dictionary(
                {"urgency": dbus.Byte(_URGENCIES.index(urgency), variant_level=1)}, signature="sv"
            )
            words["actions"] = dbus.Array([], signature="s")
            words["timeout"] = seconds
            super()._notify(**words)

    for way in ways:
        if way == "portal":
            return linux.NotifyDesktopPortals()
        if way == "notify-send" and shutil.which(way):
            return ByProgram()
        if way == "dbus":
            try:
                import dbus  # noqa: F401
            except ImportError:  # there, but made for another Python
                continue
            return ByBus()
    raise _Absent("no notify-send")


def _shown(wanted: dict[str, Any]) -> None:
    words = {"title": wanted["title"], "message": wanted["body"], "app_name": "oncall-tui"}
    if "windows" in wanted["ways"]:
        from plyer.platforms.win import notification as windows

        windows.instance().notify(**words, timeout=_WINDOWS_SHOWN_FOR)
    elif "mac" in wanted["ways"]:
        try:
            from plyer.platforms.macosx import notification as mac
        except ImportError as error:
            raise _Absent("no pyobjus") from error
        mac.instance().notify(**words)
    else:
        _freedesktop(wanted["ways"], wanted["urgency"]).notify(**words)


def _end_after(seconds: int) -> None:
    """End with all that was started here, should nobody be left who does it at the limit."""
    if hasattr(signal, "alarm") and os.getpgrp() == os.getpid():
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))
        signal.alarm(seconds)


def main() -> int:
    """Show what stdin says and return the exit status."""
    wanted = json.load(sys.stdin.buffer)
    _end_after(wanted["seconds"])
    try:
        _shown(wanted)
    except _Absent as absent:
        sys.stderr.write(f"{absent}\n")
        return int(wanted["absent"])
    except _ProgramFailed:
        return 1
    except Exception as error:  # noqa: BLE001 - a line says more than a traceback
        sys.stderr.write(f"{' '.join(str(error).split()) or type(error).__name__}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
