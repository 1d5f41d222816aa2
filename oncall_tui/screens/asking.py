"""Asking an account manager: whom, what, and then a ticket for them (R22)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from oncall_tui import background
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.entitlements import MANAGER_CALENDAR, Opening
from oncall_tui.domain.errors import OncallError, Refused
from oncall_tui.domain.hours_words import hours_text
from oncall_tui.domain.tickets import Ticket
from oncall_tui.screens.acting import ActingPage
from oncall_tui.screens.dialog import Dialog, DialogKey
from oncall_tui.screens.session import Session, words
from oncall_tui.translation import _
from oncall_tui.widgets.card_people import duty_words
from oncall_tui.widgets.columns import day_names, due_text
from oncall_tui.widgets.status import Tone
from oncall_tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from oncall_tui.desk import Desk
    from oncall_tui.desk.managers import Asked

_MOST = 9


class Question(NamedTuple):
    """What the dialog returns: whom, by name, and what, as typed."""

    manager: str
    text: str


class AskManagerDialog(Dialog[Question]):
    """Which manager, by number where there are several, then the question. Esc goes a step back."""

    def __init__(
        self,
        aside: str,
        managers: Sequence[Manager],
        duty: str,
        explains: str,
        given: Question | None = None,
        problem: str = "",
    ) -> None:
        """`duty` says when they are there, `explains` what comes of it; `given` is an earlier answer and
        `problem` why it wasn't taken.
        """
        super().__init__(_("Ask a manager"), aside, problem)
        self.explains = explains
        self.managers = managers[:_MOST]
        self.duty = duty
        self.given = given
        named = [each for each in self.managers if given is not None and each.name == given.manager]
        chosen = named or (list(self.managers) if len(self.managers) == 1 else [])
        self.chosen: Manager | None = chosen[0] if chosen else None

    def keys(self) -> Sequence[DialogKey]:
        if self.chosen is not None:
            return DialogKey("enter", "", _("ask")), *super().keys()
        choices = [
            DialogKey(str(place), f"whom({place})", ", ".join(_who(each)), choice=True)
            for place, each in enumerate(self.managers, 1)
        ]
        return *choices, *super().keys()

    def compose_body(self) -> ComposeResult:
        yield Static(id="who")
        yield TextInput(self.given.text if self.given else "", _("what you want to know"))
        yield Static(Text(self.explains, self.ink("dim")))

    def on_mount(self) -> None:
        self._show()

    def action_whom(self, number: int) -> None:
        """Ask the manager at place `number`, from 1."""
        self.chosen = self.managers[number - 1]
        self._show()

    def action_cancel(self) -> None:
        """Go back to the choice, and from there to the page."""
        if self.chosen is None or len(self.managers) == 1:
            self.dismiss(None)
        else:
            self.chosen = None
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() and self.chosen is not None:
            self.dismiss(Question(self.chosen.name, event.value))

    def _show(self) -> None:
        field, who = self.query_one(TextInput), self.query_one("#who", Static)
        field.display = self.chosen is not None
        duty = Text(self.duty, self.ink("dim"))
        if self.chosen is None:
            who.update(Text("\n").join([*self.choices(), duty]))
            self.set_focus(None)
        else:
            who.update(Text.assemble(", ".join(_who(self.chosen)), "  ", duty))
            self.set_focus(field)
        self.show_keys()


def _who(manager: Manager) -> list[str]:
    """Return name, role and number of a manager, as far as there are some."""
    role = _("technical") if manager.technical else ""
    return [each for each in (manager.name, role, manager.phone) if each]


class Subject(NamedTuple):
    """What is asked about: an organisation, by id and name, and the ticket at hand, None for none."""

    customer: str
    name: str
    ticket: Ticket | None = None


def ask_manager(page: ActingPage, subject: Subject) -> None:
    """Ask whom and what, and file it for them."""
    page.ask_store(
        lambda desk: desk.managers.of(subject.customer), lambda managers: _ask(page, subject, managers)
    )


def _ask(
    page: ActingPage,
    subject: Subject,
    managers: Sequence[Manager],
    given: Question | None = None,
    problem: str = "",
) -> None:
    desk, session = page.session.desk, page.session
    if desk is None:
        return
    hours, now = desk.offer.calendars[MANAGER_CALENDAR], session.now()
    duty = f"{hours_text(hours, day_names())}, {_duty(Opening.of(hours, now), now, session)}"
    ticket = subject.ticket
    if ticket is None:
        aside, explains = subject.name, _("A ticket for them, without a deadline.")
    else:
        aside = f"{ticket.ref}  {ticket.subject}"
        explains = _("A ticket for them, without a deadline; a note of it on {ref}.").format(ref=ticket.ref)

    def answered(question: Question | None) -> None:
        if question is None:
            return

        def again(why: str) -> None:
            _ask(page, subject, managers, question, why)

        page.run_guarded(lambda: _asking(page, desk, subject, question, again), page.app, "acts")

    page.app.push_screen(AskManagerDialog(aside, managers, duty, explains, given, problem), answered)


async def _asking(
    page: ActingPage,
    desk: Desk,
    subject: Subject,
    question: Question,
    again: Callable[[str], None],
) -> None:
    ticket_id = None if subject.ticket is None else subject.ticket.id
    try:
        asked = await background.write(
            lambda: desk.managers.ask(subject.customer, question.manager, question.text, ticket_id)
        )
    except OncallError as error:
        page.in_view().say(words(error), Tone.REFUSED if isinstance(error, Refused) else Tone.NOT_DONE)
        again(words(error))
        return
    changed = [asked.ticket, *([asked.about] if asked.about else [])]
    page.acted(changed)
    page.session.remember(changed)
    page.in_view().say(_said(asked, page.session), Tone.DONE)
    page.show_state(page.session.now())
    page.session.refresh()


def _said(asked: Asked, session: Session) -> str:
    return _("{ref}: filed for {manager}, {duty}").format(
        ref=asked.ticket.ref,
        manager=asked.manager.name,
        duty=_duty(asked.duty, session.now(), session),
    )


def _duty(opening: Opening, now: datetime, session: Session) -> str:
    return duty_words(opening, lambda instant: due_text(instant, now, session.zone))
