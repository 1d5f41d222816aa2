"""The palette: whatever can be done here, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui.actions import Action
from oncall_tui.domain.folding import fold
from oncall_tui.domain.messages import marked
from oncall_tui.domain.queue import Queue
from oncall_tui.keynames import shown
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.page import Page
from oncall_tui.translation import _
from oncall_tui.widgets.columns import fit
from oncall_tui.widgets.text_input import TextInput

_MOST_LINES = 10

_AROUND = 4
"""Lines of the dialog besides the matches, and one of what lies below."""

# What the fingers of people who live in vi type. Nothing is written by hand here, and none of it may
# turn into the act whose name it happens to be a part of.
_REFLEXES = frozenset({"w", "wa", "wq", "wqa", "x", "xa", "e"})


class Offer(NamedTuple):
    """Something that the palette does, with the `names` that mean it exactly.

    `call` is the action of the page, with its argument. `why_not` is why it isn't possible now.
    """

    names: tuple[str, ...]
    keys: str
    label: str
    help: str
    call: str
    why_not: str = ""


def offers_of(page: Page) -> list[Offer]:
    """Return what can be done on `page`, possible now or not, and then its places."""
    actions = [
        action
        for action in page.session.keymap.on(page.SCOPE)
        if action.id != "palette" and not action.numbered
    ]
    return [
        *(
            Offer(
                (action.id, action.label, _(action.label), *action.aliases),
                action.shown_keys,
                _(action.label),
                _(action.help),
                action.id,
                page.why_not_now(action),
            )
            for action in actions
        ),
        *page.places(),
    ]


def queue_offers(queues: Sequence[Queue], action: Action) -> list[Offer]:
    """Return an offer for each of `queues`, which the numbered `action` shows."""
    keys = [shown(key) for key in action.keys]
    return [
        Offer(
            (queue.name, queue.label),
            keys[number] if number < len(keys) else "",
            queue.label,
            f"Show the queue {queue.label}.",
            f"{action.id}({number + 1})",
        )
        for number, queue in enumerate(queues)
    ]


def ranked(offers: Sequence[Offer], typed: str) -> list[Offer]:
    """Return the offers that `typed` may mean, the best first; what it names exactly goes before all else."""
    wanted = fold(typed.strip().removeprefix(":").strip())
    if not wanted:
        return list(offers)
    graded = [(_grade(offer, wanted), place) for place, offer in enumerate(offers)]
    if wanted in _REFLEXES:
        graded = [(grade, place) for grade, place in graded if grade == 0]
    return [offers[place] for grade, place in sorted(graded) if grade < _NO_MATCH]


_NO_MATCH = 5


def _grade(offer: Offer, wanted: str) -> int:
    """Return how well `wanted` fits: 0 exactly, 4 for its letters in order, `_NO_MATCH` not at all."""
    names = [fold(name.replace("_", " ")) for name in offer.names]
    wanted = wanted.replace("_", " ")
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(wanted in name for name in names):
        return 2
    if len(wanted) > 2 and all(word in fold(offer.help) for word in wanted.split()):
        return 3
    return 4 if any(_in_order(wanted, name) for name in names) else _NO_MATCH


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


class PaletteDialog(Dialog[Offer]):
    """A line to type into and the best matches below it; the result is the chosen one."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__("Palette", "an action or a queue, by its name")
        self.offers = offers
        self._typed = ""
        self._matches = list(offers)
        self._chosen = 0

    def keys(self) -> Sequence[DialogKey]:
        return (
            DialogKey("enter", "run", marked("do it"), first=True),
            DialogKey("up", "move(-1)", "up"),
            DialogKey("down", "move(1)", "down"),
            *super().keys(),
        )

    def compose_body(self) -> ComposeResult:
        yield TextInput("", "part of a name")
        yield Static(id="matches")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(TextInput))
        self._show()

    def on_resize(self) -> None:
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._match()
        self._show()

    def action_run(self) -> None:
        """Leave with the chosen offer."""
        self._match()
        if self._matches:
            self.dismiss(self._matches[self._chosen])

    def action_move(self, by: int) -> None:
        """Choose another match."""
        self._match()
        self._chosen = min(max(self._chosen + by, 0), max(len(self._matches) - 1, 0))
        self._show()

    def _match(self) -> None:
        """Look what matches what is typed by now, which may be more than was shown."""
        typed = self.query_one(TextInput).value
        if typed != self._typed:
            self._typed, self._chosen = typed, 0
            self._matches = ranked(self.offers, typed)

    def _show(self) -> None:
        room = max(min(self.app.size.height - _AROUND, _MOST_LINES), 1)
        first = max(self._chosen - room + 1, 0)
        seen = self._matches[first : first + room]
        width = max(self.app.size.width - 2, 1)
        head = min(max((len(offer.keys) for offer in seen), default=0), 12)
        name = min(max((len(offer.label) for offer in seen), default=0), 20)
        lines = [
            self._line(offer, head, name, width, chosen=number == self._chosen)
            for number, offer in enumerate(seen, first)
        ]
        none = Text("Nothing here goes by that name.", self.ink("dim"))
        self.query_one("#matches", Static).update(Text("\n").join(lines) if lines else none)

    def _line(self, offer: Offer, head: int, name: int, width: int, *, chosen: bool) -> Text:
        says = offer.why_not.removeprefix(f"{offer.label}: ") or offer.help
        dim = self.ink("dim")
        text = Text.assemble(
            "▌" if chosen else " ",
            (f"{fit(offer.keys, head)}  ", dim if offer.why_not else self.ink("focus")),
            (f"{fit(offer.label, name)}  ", dim if offer.why_not else self.ink("")),
            (f"not now: {says}" if offer.why_not else says, dim),
        )
        text.truncate(width, overflow="ellipsis", pad=chosen)
        if chosen:
            text.stylize(self.ink("cursor"))
        return text
