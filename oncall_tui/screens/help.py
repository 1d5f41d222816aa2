"""The help for what it was opened on: the keys in force there, why one does nothing now, and the signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from oncall_tui.actions import Action, Group, Scope
from oncall_tui.domain.folding import fold
from oncall_tui.domain.messages import marked
from oncall_tui.domain.sla import Urgency
from oncall_tui.screens.page import Page
from oncall_tui.screens.paper import PaperKeys
from oncall_tui.screens.session import Session
from oncall_tui.translation import _
from oncall_tui.widgets.columns import UNKNOWN
from oncall_tui.widgets.news import CHANGED, NEW
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.text_input import TextInput
from oncall_tui.widgets.ticket_line import MARK

_URGENT = (
    (Urgency.OVERDUE, "the deadline is past; the time after the minus is how long"),
    (Urgency.CRITICAL, "the last part of the guaranteed time runs"),
    (Urgency.WARNING, "the time gets short"),
)
_HEAD_WIDTH = 18


class Entry(NamedTuple):
    """What is explained, the ink it is written with, and the explanation.

    `why_not` is why it isn't possible now. `also` is found as if it stood there.
    """

    head: str
    ink: str
    says: str
    why_not: str = ""
    also: str = ""

    def holds(self, words: Sequence[str]) -> bool:
        """Say whether each of the folded `words` stands in it."""
        text = fold(f"{self.head} {_(self.says)} {self.also}")
        return all(word in text for word in words)


class Topic(NamedTuple):
    """Entries under a heading."""

    title: str
    entries: tuple[Entry, ...]


_SIGNS = Topic(
    "Signs",
    (
        *(
            Entry(urgency.sign.strip(), urgency.value, f"{urgency.value}: {says}")
            for urgency, says in _URGENT
        ),
        Entry("▌", "accent", "the cursor; it stays on its ticket, whatever moves"),
        Entry(MARK, "focus", "marked: the keys act on all that are marked"),
        Entry(f"{NEW} {CHANGED}", "focus", "new, or changed, in the last seconds"),
        Entry("–", "dim", "nothing: no clock runs, nobody has the ticket"),
        Entry("promise, pr.", "dim", "before a subject: the time left is that of a promised update"),
        Entry(
            "sending",
            "dim",
            marked("before a subject: an answer is on its way; the clock runs until the server has it"),
        ),
        Entry(
            "unsure, not sent",
            "strong",
            marked("so does conflict or bounced: it goes nowhere until somebody decides, in the outbox"),
        ),
        Entry(UNKNOWN, "strong", marked("before a name: who wrote belongs to no organisation that is known")),
        Entry("closed", "dim", "it was closed just now; it leaves the list when no key is pressed"),
        Entry("STALE, NO DATA", "overdue", "the store doesn't answer; what you see is as old as it says"),
    ),
)


def topics_of_page(page: Page) -> list[Topic]:
    """Return what can be done on `page`, what of it not now and why, and what its signs mean."""
    actions = page.session.keymap.on(page.SCOPE)
    groups = [
        Topic(_(group.value), tuple(_entry(action, page) for action in actions if action.group is group))
        for group in Group
    ]
    return [*(topic for topic in groups if topic.entries), _SIGNS]


def topic_of_keys(title: str, keys: Iterable[tuple[str, str]]) -> Topic:
    """Return a topic of `keys` as a person reads them and what they do."""
    return Topic(title, tuple(Entry(key, "focus", f"{does[:1].upper()}{does[1:]}.") for key, does in keys))


def _entry(action: Action, page: Page) -> Entry:
    return Entry(
        action.shown_keys or f":{action.id}",
        "focus",
        " ".join((_(action.help), *((_("Asks first."),) if action.asks_first else ()))),
        page.why_not_now(action).removeprefix(f"{action.label}: "),
        f"{action.id} {action.label} {_(action.label)} {' '.join(action.aliases)}",
    )


class HelpScreen(PaperKeys, Page):
    """Keys and signs, narrowed down to the words that are looked for."""

    SCOPE = Scope.HELP
    SCOPED_CSS = False
    CSS = """
    HelpScreen #filter { height: 1; display: none; }
    HelpScreen #filter Static { width: 3; padding: 0 1; }
    HelpScreen Input, HelpScreen Input:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $panel;
        background-tint: transparent;
        color: $ink;
    }
    HelpScreen Input > .input--placeholder { color: $ink-dim; }
    """

    def __init__(self, session: Session, topics: Sequence[Topic]) -> None:
        super().__init__(session)
        self.topics = topics
        self._shown = [(Rule(topic.title), Static()) for topic in topics]
        self._none = Static(markup=False)

    def compose_body(self) -> ComposeResult:
        with Paper(id="page"):
            for rule, table in self._shown:
                yield rule
                yield table
            yield self._none
        with Horizontal(id="filter"):
            yield Static("/")
            yield TextInput("", "words that stand in the line")

    def on_mount(self) -> None:
        super().on_mount()
        self._show("")

    def why_not(self, action: Action) -> str:
        return ""

    def recolour(self) -> None:
        self._show(self.query_one(TextInput).value)

    def action_help(self) -> None:
        """Close the help with the key that opened it."""
        self.dismiss(None)

    def action_filter(self) -> None:
        """Look for words."""
        self.query_one("#filter").display = True
        self.set_focus(self.query_one(TextInput))

    def action_back(self) -> None:
        """Show everything again, or go back if everything is shown."""
        filtering = self.query_one("#filter")
        if not filtering.display:
            self.dismiss(None)
            return
        self.query_one(TextInput).value = ""
        self.set_focus(None)
        filtering.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def on_input_submitted(self) -> None:
        self.set_focus(None)

    def _show(self, wanted: str) -> None:
        words = fold(wanted).split()
        found = False
        for topic, (rule, table) in zip(self.topics, self._shown, strict=True):
            entries = [entry for entry in topic.entries if entry.holds(words)]
            rule.display = table.display = bool(entries)
            table.update(self._table(entries))
            found = found or bool(entries)
        self._none.display = not found
        self._none.update(f"No line has {' and '.join(wanted.split())}; Esc shows them all.")
        self.paper.scroll_home(animate=False)

    def _table(self, entries: Iterable[Entry]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=min(_HEAD_WIDTH, self.size.width // 4))
        table.add_column(ratio=1)
        dim = self.top.ink("dim")
        for entry in entries:
            if entry.why_not:
                says = Text(f"{_(entry.says)}\nNot now: {entry.why_not}.", dim)
                table.add_row(Text(entry.head, dim), says)
            else:
                table.add_row(Text(entry.head, self.top.ink(entry.ink)), Text(_(entry.says)))
        return table
