"""Finding an organisation without a code: by name, domain, contact or phone number, while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Static

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.messages import marked
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.side_page import SidePage
from oncall_tui.translation import _
from oncall_tui.widgets.found_list import found_text
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.domain.customers import Found

TYPING_PAUSE = 0.01
"""Seconds without a key after which what is typed is looked for: what a paste brings is looked for once."""

_AROUND = 2
"""Lines of the page besides those of the list."""

_FIND = frozenset({Scope.FIND})


class FindScreen(SidePage):
    """A line to type into, and what is found below it."""

    SCOPE = Scope.FIND
    ACTIONS: ClassVar[tuple[Action, ...]] = (
        Action(
            "open", ("enter",), marked("open"), marked("Open the card of the organisation."), _FIND, hint=1
        ),
        Action("choose", ("down",), marked("next"), marked("Choose another one."), _FIND, hint=2),
    )

    def __init__(
        self, session: Session, chosen: Callable[[Found], None], does: str = "", text: str = ""
    ) -> None:
        """`chosen` is told which organisation it is; `does` says what that leads to, if not to its card;
        `text` is looked for to begin with.
        """
        super().__init__(session)
        self.chosen = chosen
        self.does = does
        self.wanted = TextInput(text, _("name, domain, contact or phone number"), id="wanted")
        self.list = Static(id="found")
        self._found: Sequence[Found] = ()
        self._found_for = ""
        self._told = ""
        self._chosen = 0
        self._opens = False
        self._typing: Timer | None = None
        self._stop = Event()

    def compose_side(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Static(_("Find"), classes="label", markup=False)
            yield self.wanted
        yield Rule()
        yield self.list

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.wanted)
        self._show()

    def on_resize(self) -> None:
        super().on_resize()
        self._show()

    def recolour(self) -> None:
        self._show()

    def why_not(self, action: Action) -> str:
        return ""

    def possible(self) -> Sequence[Action]:
        open_, choose = self.ACTIONS
        if self.does:
            open_ = open_._replace(label=self.does)
        return [open_, choose, self.session.keymap.named("back")]

    def action_help(self) -> None:
        """Open the help for finding an organisation."""
        from oncall_tui.screens.help import HelpScreen, topic_of_keys, topics_of_page

        keys = [("Enter", _(self.ACTIONS[0].help).rstrip(".")), ("↑ ↓", _(self.ACTIONS[1].help).rstrip("."))]
        topics = [topic_of_keys(_("What is found"), keys), *topics_of_page(self)[:-1]]
        self.app.push_screen(HelpScreen(self.session, topics))

    # What is typed

    @property
    def _text(self) -> str:
        return self.wanted.value.strip()

    @property
    def answered(self) -> bool:
        """Say whether what is listed is the answer to what stands in the line."""
        return self._found_for == self._text

    def on_input_changed(self) -> None:
        self._opens = False
        self._stop.set()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_PAUSE, self._look)

    def on_input_submitted(self) -> None:
        """Open the chosen organisation; what is still looked for, if it is the only one."""
        if not self.answered:
            self._opens = True
            self._look()
        elif self._found:
            self.chosen(self._found[self._chosen])

    def _look(self) -> None:
        self.in_background(self._looking, "find", only=True)

    async def _looking(self) -> None:
        desk, text = self.session.desk, self._text
        found: Sequence[Found] = ()
        told = ""
        if desk is not None and text:
            try:
                found = await background.read(lambda: desk.customers.find_at_once(text))
                if not found and text == self._text:
                    found = await self._looking_inside(desk, text)
            except OncallError as error:
                told = words(error)
        if text != self._text:
            return  # the answer to what stands there now is on its way
        self._found, self._found_for, self._told, self._chosen = found, text, told, 0
        if told:
            self._found_for = ""  # Enter tries again
        self._show()
        if self._opens and len(found) == 1:
            self.chosen(found[0])
        self._opens = False

    async def _looking_inside(self, desk: Desk, text: str) -> Sequence[Found]:
        """Look within words for what begins nowhere: that reads everything, and the next key stops it."""
        stop = self._stop = Event()
        says = _("Looking inside words …")
        self.list.update(Text(f" {says}", self.top.ink("dim")))
        return await background.read(lambda: desk.customers.find_inside(text, stopped=stop.is_set))

    def _show(self) -> None:
        if not self.list.is_attached:
            return
        ink = self.top.ink
        if self._found:
            size = self.side.content_size
            room = max(size.height - _AROUND, 1)
            self.list.update(found_text(self._found, self._chosen, max(size.width, 1), room, ink))
            return
        if self._told:
            says = _("This can't be looked for: {why}").format(why=self._told)
        elif self._found_for:
            says = _("No organisation goes by {text}, nor a person or number of one.")
            says = says.format(text=self._found_for)
        else:
            says = _("Type a part of a name, an address or a number, in any notation.")
        self.list.update(Text(f" {says}", ink("dim")))

    # Keys

    def action_back(self) -> None:
        """Go back to the code."""
        self._stop.set()
        self.dismiss(None)

    def _choose(self, number: int) -> None:
        self._chosen = min(max(number, 0), max(len(self._found) - 1, 0))
        self._show()

    def action_down(self) -> None:
        """Choose the next organisation."""
        self._choose(self._chosen + 1)

    def action_up(self) -> None:
        """Choose the organisation before."""
        self._choose(self._chosen - 1)

    def action_first(self) -> None:
        """Choose the first organisation."""
        self._choose(0)

    def action_last(self) -> None:
        """Choose the last organisation."""
        self._choose(len(self._found) - 1)

    def action_page_down(self) -> None:
        """Choose an organisation one page further down."""
        self._choose(self._chosen + self.side.content_size.height - _AROUND)

    def action_page_up(self) -> None:
        """Choose an organisation one page further up."""
        self._choose(self._chosen - self.side.content_size.height + _AROUND)
