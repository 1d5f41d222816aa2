"""The organisations: a list by name, and what is found among them while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.errors import NotFound, OncallError
from oncall_tui.domain.filters import TEXT_LIMIT
from oncall_tui.domain.messages import marked
from oncall_tui.domain.text import clean
from oncall_tui.screens.find import TYPING_PAUSE
from oncall_tui.screens.list_keys import CursorKeys, Movable
from oncall_tui.screens.session import Session, words
from oncall_tui.screens.typed_filter import FilteredPage, TypedFilter
from oncall_tui.translation import _
from oncall_tui.widgets.board_rule import BoardRule, Listing
from oncall_tui.widgets.organisation_list import OrganisationList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncall_tui.desk import Desk
    from oncall_tui.desk.customers import CustomerDesk
    from oncall_tui.domain.customers import Found
    from oncall_tui.screens.lookup import LookupScreen
    from oncall_tui.screens.page import Page
    from oncall_tui.widgets.filter_bar import FilterBar
    from oncall_tui.widgets.search_bar import SearchBar

PART = 100
"""Organisations that are read at a time."""

_NOT_OPEN = marked("the store isn't open yet")


class Search(NamedTuple):
    """What is looked for; everything is listed where that is nothing."""

    text: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """Return what tells one search from another."""
        return tuple(self.text.split())

    def __bool__(self) -> bool:
        return bool(self.terms)


class TypedSearch(TypedFilter[Search]):
    """The search that holds, which the rule of the page shows."""

    HINT = marked("name, domain, contact, phone number or service")
    PAUSE = TYPING_PAUSE

    def __init__(self, page: OrganisationsScreen) -> None:
        super().__init__(page)
        self._list = page
        self._current = Search()

    @property
    def current(self) -> Search:
        return self._current

    def parse(self, text: str) -> Search:
        return Search(clean(text, limit=TEXT_LIMIT).strip())

    def hold(self, found: Search) -> None:
        self._current = found
        self._list.rule.show(Listing(filter=found.text))

    def line(self) -> SearchBar:
        from oncall_tui.widgets.search_bar import SearchBar

        return SearchBar(self.current.text, (), _(self.HINT))


class OrganisationsScreen(CursorKeys, FilteredPage):
    """The list, the line to search in, and the card of what is under the cursor."""

    SCOPE = Scope.ORGANISATIONS
    filters: TypedSearch

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rule = BoardRule()
        self.list = OrganisationList()
        self.list.show_notice(_("Reading the organisations …"))
        self.filters = TypedSearch(self)
        self.settled = False
        """Whether what is listed is the answer to what was asked last."""
        self._reading = 0
        self._asked: set[bool] = set()
        self._stop = Event()
        self._opens = False

    def compose_body(self) -> ComposeResult:
        yield self.rule
        yield self.list

    # Reading

    def on_screen_resume(self) -> None:
        self.log_changed()

    def log_changed(self) -> None:
        """Read anew what is shown."""
        if self.filters.current:
            return  # what was found stays as it is until another search
        window = self.list.window
        begins = window.lines[0].customer if window.newer and window.lines else None
        size = max(len(window.lines), PART)

        def look(desk: CustomerDesk) -> Sequence[Found]:
            if begins is not None:
                try:
                    return desk.page(begin=begins, limit=size)
                except NotFound:
                    pass  # it is gone: from the beginning
            return desk.page(limit=size)

        def show(lines: Sequence[Found]) -> None:
            self.list.show(lines, newer=begins is not None, older=len(lines) == size)

        self._read(look, show)

    def list_anew(self, *, first: bool = True) -> None:
        """List what the search finds; without one from the first organisation on, or the last ones."""
        self._stop.set()
        if self.filters.current:
            self._search(self.filters.current.text)
            return

        def look(desk: CustomerDesk) -> Sequence[Found]:
            return desk.page(limit=PART) if first else desk.last_page(PART)

        def show(lines: Sequence[Found]) -> None:
            more = len(lines) == PART
            self.list.show(lines, newer=more and not first, older=more and first)
            self.list.start_at(newest=first)

        self._read(look, show)

    def _search(self, text: str) -> None:
        def show(found: Sequence[Found]) -> None:
            self.list.show_found(found)
            if not found:
                self._search_inside(text)
            elif self._opens and len(found) == 1:
                self.action_open()
            self._opens = False

        self._read(lambda desk: desk.find_at_once(text, PART), show)

    def _search_inside(self, text: str) -> None:
        """Look for what begins nowhere within words: that reads everything, and the next key stops it."""
        stop = self._stop = Event()
        self._read(lambda desk: desk.find_inside(text, PART, stop.is_set), self.list.show_found)
        self.list.show_notice(_("Looking inside words …"))

    def _read(
        self, look: Callable[[CustomerDesk], Sequence[Found]], show: Callable[[Sequence[Found]], None]
    ) -> None:
        """Read a part of the list; an answer that comes after another question is dropped."""
        self._reading += 1
        reading = self._reading
        self.settled = False

        async def read() -> None:
            desk = self.session.desk
            if desk is None:
                self.list.show_notice(_("Opening the store …"))
                return
            try:
                lines = await background.read(lambda: look(desk.customers))
            except OncallError as error:
                self._unread(error)
                return
            if reading != self._reading:
                return
            self._asked.clear()
            self.settled = True
            self.list.show_notice(*self._nothing())
            show(lines)
            self.show_state(self.session.now())

        if self.is_attached:
            self.in_background(read, "list", only=True)

    def _unread(self, error: OncallError) -> None:
        self.list.show_notice(
            _("The organisations can't be read: {why}").format(why=words(error)),
            _("{key} tries again.").format(key=self.key("refresh")),
        )
        if len(self.list.window):
            self.say(words(error))

    def _nothing(self) -> tuple[str, ...]:
        if self.filters.current:
            return (
                _("Nothing is found by {text}").format(text=self.filters.current.text),
                _("{change} changes the search, {clear} lists every organisation again.").format(
                    change=self.key("find"), clear=self.key("back")
                ),
            )
        return (
            _("No organisation is on file yet."),
            _("They come in by: oncall-tui import customers FILE"),
        )

    def on_window_list_more_needed(self, event: OrganisationList.MoreNeeded) -> None:
        """Read the organisations beyond what is loaded."""
        older, window = event.older, self.list.window
        desk = self.session.desk
        if older in self._asked or not window.lines or desk is None or self.filters.current:
            return
        self._asked.add(older)
        reading, edge = self._reading, window.lines[-1 if older else 0].customer
        side: Mapping[str, str] = {"after" if older else "before": edge}
        self.in_background(
            lambda: self._reading_more(desk, side, edge, reading, older=older), f"more {older}"
        )

    async def _reading_more(
        self, desk: Desk, side: Mapping[str, str], edge: str, reading: int, *, older: bool
    ) -> None:
        try:
            lines = await background.read(lambda: desk.customers.page(**side, limit=PART))
        except OncallError as error:
            self.say(words(error))
            return
        finally:
            self._asked.discard(older)
        window = self.list.window
        if reading == self._reading and edge == window.lines[-1 if older else 0].customer:
            self.list.add(lines, older=older, more=len(lines) == PART)

    # What is shown

    def recolour(self) -> None:
        self.list.refresh()

    def on_window_list_cursor_moved(self) -> None:
        self.show_state(self.session.now())

    def possible(self) -> Sequence[Action]:
        return self.filters.keys or super().possible()

    def why_not(self, action: Action) -> str:
        match action.id:
            case "open" if self.list.current is None:
                return _("there is no organisation here")
            case "open" if self.session.read_only:
                # It leaves its trace in the audit (R20).
                return f"{_(action.label)}: {self.session.why_read_only}"
            case "find" if self.session.desk is None:
                return _(_NOT_OPEN)
        return ""

    # Keys

    def action_find(self) -> None:
        """Open the line to search in."""
        if not self.refuse("find"):
            self.filters.open()

    def action_back(self) -> None:
        """Take the search away; where there is none, go back."""
        if self.filters.current:
            self.filters.clear()
        else:
            self._stop.set()
            self.dismiss(None)

    def action_refresh(self) -> None:
        """Read the list anew, with everything else."""
        super().action_refresh()
        if self.filters.current:
            self.list_anew()
        else:
            self.log_changed()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Open what is chosen; what is still looked for, if it is the only one.

        The line itself is closed by the handler of the class below, which is told after this one.
        """
        typed = self.filters.parse(self.filters.typed_text)
        if event.cleared or not typed:
            return
        if self.settled and typed.terms == self.filters.current.terms:
            self.call_next(self.action_open)
        else:
            self._opens = True

    def on_filter_bar_changed(self) -> None:
        """Forget what Enter was pressed on, and stop looking within words."""
        self._opens = False
        self._stop.set()

    def on_search_bar_chosen(self, event: SearchBar.Chosen) -> None:
        """Move the cursor while something is typed."""
        self.list.move_by(event.lines)

    def action_open(self) -> None:
        """Open the card of the organisation under the cursor."""
        from oncall_tui.screens.card import CardScreen

        found = self.list.current
        if not self.refuse("open") and found is not None:
            self.app.push_screen(CardScreen(self.session, found.customer, lookup_in_hand(self)))

    def on_window_list_opened(self) -> None:
        self.action_open()

    @property
    def moved(self) -> Movable:
        return self.list

    def action_first(self) -> None:
        """Go to the first organisation."""
        if self.list.window.newer:
            self.list_anew()
        else:
            self.list.start_at(newest=True)

    def action_last(self) -> None:
        """Go to the last organisation."""
        if self.list.window.older:
            self.list_anew(first=False)
        else:
            self.list.start_at(newest=False)


def lookup_in_hand(page: Page) -> LookupScreen | None:
    """Return the look-up below `page`, whose caller is on the line still; None where nobody calls."""
    from oncall_tui.screens.lookup import LookupScreen

    below = [screen for screen in page.app.screen_stack if isinstance(screen, LookupScreen)]
    return below[-1] if below else None
