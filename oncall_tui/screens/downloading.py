"""Saving a file that came with a ticket. It stays with its source until somebody wants it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.domain.text import clean
from oncall_tui.domain.tickets import Enclosure, TicketDetail
from oncall_tui.screens.acting import ActingPage
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.prompt import PromptDialog
from oncall_tui.screens.session import words
from oncall_tui.translation import _
from oncall_tui.widgets.outgoing_words import human_size
from oncall_tui.widgets.status import Tone

_NAME_LIMIT = 500
_BYTES_LIMIT, _ENDING_LIMIT = 200, 12
"""Bytes of a name, of which file systems take 255, and characters of what tells its kind."""

_WITH_A_KEY = 9
_NEVER_IN_A_NAME = frozenset('<>:"/\\|?*')


class EnclosureDialog(Dialog[int]):
    """A key for each file; the result is its place, from 0."""

    def __init__(self, aside: str, found: Sequence[Enclosure]) -> None:
        super().__init__(_("Download"), aside)
        self.found = found[:_WITH_A_KEY]

    def keys(self) -> Sequence[DialogKey]:
        chosen = [
            DialogKey(str(place), f"choose({place})", f"{each.name}, {human_size(each.size)}", choice=True)
            for place, each in enumerate(self.found, 1)
        ]
        return *chosen, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(Text("\n").join(self.choices()), id="choices")

    def action_choose(self, place: int) -> None:
        """Take the file at `place`, from 1."""
        self.dismiss(place - 1)


def download(page: ActingPage) -> None:
    """Ask which file of the chosen ticket is saved and where, and save it."""
    targets = page.chosen("download")
    if len(targets) > 1:
        page.say(_("several tickets are marked: open one of them"))
    elif targets:
        page.ask_store(lambda desk: desk.tickets.detail(targets[0].id), lambda detail: _choose(page, detail))


def _choose(page: ActingPage, detail: TicketDetail) -> None:
    found, ref = detail.enclosures, detail.ticket.ref
    if not found:
        page.say(_("no file came with {ref}").format(ref=ref))
        return
    if page.session.polling is None:
        page.say(_("this board doesn't read the sources: none can be saved from here"))
        return
    if len(found) == 1:
        _ask_where(page, found[0])
    elif len(found) <= _WITH_A_KEY:

        def chosen(place: int | None) -> None:
            if place is not None:
                _ask_where(page, found[place])

        page.app.push_screen(EnclosureDialog(ref, found), chosen)
    else:
        _ask_number(page, ref, found)


def _ask_number(page: ActingPage, ref: str, found: Sequence[Enclosure], problem: str = "") -> None:
    def typed(text: str | None) -> None:
        if text is None:
            return
        number = int(text) if text.strip().isascii() and text.strip().isdigit() else 0
        if 1 <= number <= len(found):
            _ask_where(page, found[number - 1])
        else:
            _ask_number(page, ref, found, _("there are {count} files").format(count=len(found)))

    dialog = PromptDialog(
        _("Download"), ref, what=_("its number among the attachments"), does=_("go on"), problem=problem
    )
    page.app.push_screen(dialog, typed)


def _ask_where(page: ActingPage, enclosure: Enclosure, value: str = "", problem: str = "") -> None:
    def typed(text: str | None) -> None:
        if text is None:
            return
        try:
            target = target_of(text.strip(), enclosure.name)
        except BadInput as error:
            _ask_where(page, enclosure, text, words(error))
        else:
            page.run_guarded(lambda: _saving(page, enclosure, target), page.app, "download")

    dialog = PromptDialog(
        _("Download"),
        f"{enclosure.name}, {human_size(enclosure.size)}",
        what=_("file or folder to save it in"),
        does=_("save it"),
        value=value or proposal(enclosure.name),
        problem=problem,
    )
    page.app.push_screen(dialog, typed)


async def _saving(page: ActingPage, enclosure: Enclosure, target: Path) -> None:
    polling = page.session.polling
    if polling is None:
        return
    said = _("saving {name}, {size} …").format(name=enclosure.name, size=human_size(enclosure.size))
    page.in_view().say(said, keep=True)
    try:
        await background.read(lambda: polling.fetch(enclosure.id, target))
    except OncallError as error:
        page.in_view().say(words(error), Tone.NOT_DONE)
    else:
        page.in_view().say(_("saved as {path}").format(path=target), Tone.DONE)


def folder() -> Path:
    """Return where files are saved unless one says otherwise. Raises `OSError` where no folder is left."""
    with suppress(OSError, RuntimeError):  # a home that is somebody else's, or none
        downloads = Path.home() / "Downloads"
        if downloads.is_dir():
            return downloads
    return Path.cwd()


def proposal(name: str) -> str:
    """Return where a file that somebody calls `name` would be saved; empty where no folder can be looked at,
    such as a current one that was removed.
    """
    try:
        return str(proposed(folder(), name))
    except OSError:
        return ""


def proposed(where: Path, name: str) -> Path:
    """Return a path in the folder `where` that nothing has yet, for a file that somebody calls `name`.

    Raises `OSError` where the folder can't be looked into.
    """
    safe = safe_name(name)
    path, number = where / safe, 1
    while path.exists():
        number += 1
        path = where / f"{Path(safe).stem} ({number}){Path(safe).suffix}"
    return path


def target_of(text: str, name: str) -> Path:
    """Return the path that `text` means, a folder meaning the file `name` in it.

    Raises `BadInput` where there is something already, or no folder to save it in.
    """
    try:
        if "\0" in text:
            raise ValueError(_("it holds a character that no name may have"))
        path = Path(text).expanduser()
        if path.is_dir():
            path = proposed(path, name)
        if path.exists() or path.is_symlink():
            raise BadInput(_("{path} exists already").format(path=path))
        if not path.parent.is_dir():
            raise BadInput(_("there is no folder {path}").format(path=path.parent))
    except (OSError, RuntimeError, ValueError) as error:
        raise BadInput(_("{path} can't be a file: {why}").format(path=text, why=error)) from None
    return path


def safe_name(name: str) -> str:
    """Return a name for a file that somebody calls `name`: without folders, nothing a system acts on, and
    short enough for every file system; what it ends in, such as `.pdf`, stays.
    """
    last = clean(name.replace("\\", "/").rpartition("/")[2], limit=_NAME_LIMIT)
    kept = "".join("_" if each in _NEVER_IN_A_NAME or each == "\ufffd" else each for each in last)
    # Neither hidden nor, where it is typed after a command, an option; Windows drops dots at the end.
    whole = kept.lstrip(".-~ ").rstrip(". ")
    stem, ending = Path(whole).stem, Path(whole).suffix
    if len(ending) > _ENDING_LIMIT:
        stem, ending = whole, ""
    while len(f"{stem}{ending}".encode()) > _BYTES_LIMIT:
        stem = stem[:-1].rstrip(". ")
    return f"{stem}{ending}" or "attachment"
