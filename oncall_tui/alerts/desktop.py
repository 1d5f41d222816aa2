"""Notices on the desktop, with plyer in a process of its own.

plyer runs in a child: one of its ways writes to the terminal, another waits 25 s for a desktop that hangs.
Whether anybody saw it can't be known; a word on stderr or a bad exit status counts as a failure.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from oncall_tui.alerts.children import python, run
from oncall_tui.domain.alerts import Level, Notice, Outcome, Result
from oncall_tui.domain.messages import marked
from oncall_tui.domain.text import clean

ABSENT = 69
"""The exit status of the child where plyer has no way here."""

LIMIT = 3.0
"""Seconds that a notification may take."""

TITLE_LIMIT, BODY_LIMIT = 120, 400
"""Characters that are shown."""

WINDOWS_TITLE, WINDOWS_BODY = 63, 255
"""UTF-16 units that Windows takes: its fields hold 64 and 256, the end among them."""

NO_BUS = marked("no session bus here")
OVER_SSH = marked("over SSH: it would show on the other machine's screen")
NO_WAY = marked("no notify-send here")
NO_SERVICE = marked("nothing on the bus shows notifications")

_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "&": "+", "\\": "/"})
"""A body may be read as markup, and by notify-send as escapes. Not every desktop reads
`&lt;`, and not every font has a finer look-alike."""

_URGENCY = {Level.NOTICE: "low", Level.WARNING: "normal"}


class Desktop:
    """Shows notices on the desktop that the environment `env` belongs to."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def send(self, notice: Notice) -> Outcome:
        """Show `notice`, within `LIMIT`."""
        if reason := why_not(self._env):
            return Outcome(Result.ABSENT, reason)
        found = ways(self._env)
        ended = run(python("desktop_child.py"), wanted(notice, found), limit=LIMIT, env=self._env)
        if ended.code is None:
            return Outcome(Result.TIMEOUT)
        if ended.code == ABSENT:
            return Outcome(Result.ABSENT, NO_WAY)
        if "ServiceUnknown" in ended.words or "was not provided by any .service files" in ended.words:
            return Outcome(Result.ABSENT, NO_SERVICE)
        if ended.code or ended.words:
            return Outcome(Result.FAILED, ended.words or f"exit status {ended.code}")
        return Outcome(Result.OK)


def wanted(notice: Notice, found: Sequence[str]) -> str:
    """Return what the child reads: how to show `notice` over the first of the ways `found` that works, and
    after how many seconds it is to end by itself.
    """
    title, body = words(notice, windows=tuple(found) == ("windows",))
    urgency = _URGENCY.get(notice.level, "critical")
    told = {"ways": list(found), "title": title, "body": body, "urgency": urgency}
    return json.dumps(told | {"absent": ABSENT, "seconds": int(LIMIT) + 1})


def why_not(env: Mapping[str, str]) -> str:
    """Say why nothing can be shown here, empty if something may."""
    if sys.platform in ("win32", "darwin"):
        return ""
    # It may well have a bus, and even somebody's desktop on it; whoever is on duty looks elsewhere.
    if env.get("SSH_CONNECTION") or env.get("SSH_TTY"):
        return OVER_SSH
    if not bus_address(env):
        return NO_BUS
    return "" if ways(env) else NO_WAY


def bus_address(env: Mapping[str, str]) -> str:
    """Return where the session bus is, as D-Bus writes addresses; empty for none."""
    if address := env.get("DBUS_SESSION_BUS_ADDRESS"):
        return address
    folder = env.get("XDG_RUNTIME_DIR")
    return f"unix:path={folder}/bus" if folder and Path(folder, "bus").exists() else ""


def in_flatpak() -> bool:
    """Say whether this runs in a Flatpak; that there is a folder `/app` says nothing."""
    return Path("/.flatpak-info").exists()


def ways(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return plyer's ways here, the best first: `dbus`, `notify-send`, `portal`, `mac` or `windows`."""
    if sys.platform == "win32":
        return ("windows",)
    if sys.platform == "darwin":
        return ("mac",)
    if in_flatpak():
        return ("portal",)
    import shutil
    from importlib.util import find_spec

    # Only looked for: it is loaded in the child.
    spec = find_spec("dbus")
    found = ["dbus"] if spec is not None and spec.origin is not None else []
    if shutil.which("notify-send", path=env.get("PATH", os.defpath)):
        found.append("notify-send")
    return tuple(found)


def words(notice: Notice, *, windows: bool = False) -> tuple[str, str]:
    """Return title and body as any desktop shows them: nothing in them is read as an option or as markup."""
    title = clean(notice.title, limit=TITLE_LIMIT) or "oncall-tui"
    body = clean(notice.body, limit=BODY_LIMIT).translate(_LOOKALIKES)
    if windows:
        title, body = cut_utf16(title, WINDOWS_TITLE), cut_utf16(body, WINDOWS_BODY)
    # plyer gives both to notify-send as they are, and portals a text between apostrophes.
    title, body = (f"–{text[1:]}" if text.startswith("-") else text for text in (title, body))
    if in_flatpak():
        title, body = (text.replace("'", "’").replace("\\", "/") for text in (title, body))
    return title, body


def cut_utf16(text: str, units: int) -> str:
    """Return `text` in at most `units` (at least 1) UTF-16 units, cut between characters."""
    if len(text.encode("utf-16-le")) // 2 <= units:
        return text
    kept = text.encode("utf-16-le")[: 2 * (units - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"
