"""Writing an answer to a customer who wrote to us. What is written is kept until it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Container
from textual.widgets import Static, TextArea

from oncall_tui import background
from oncall_tui.actions import Action, Scope
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.errors import BadInput, OncallError
from oncall_tui.domain.messages import marked
from oncall_tui.domain.outgoing import subject_of_answer
from oncall_tui.domain.text import BODY_LIMIT
from oncall_tui.domain.tickets import Message, MessageKind, Origin, Ticket, TicketDetail
from oncall_tui.screens.acts import TicketPage
from oncall_tui.screens.answering import ask_how
from oncall_tui.screens.board import WIDE
from oncall_tui.screens.many import about
from oncall_tui.screens.session import Draft, Session, words
from oncall_tui.translation import _, translated
from oncall_tui.widgets.columns import moment
from oncall_tui.widgets.hints import hinted_first
from oncall_tui.widgets.letter_field import LetterField
from oncall_tui.widgets.letter_head import LetterHead, LetterState, receiver
from oncall_tui.widgets.outgoing_words import of_answer_state
from oncall_tui.widgets.paper import Paper
from oncall_tui.widgets.rule import Rule
from oncall_tui.widgets.status import Tone

if TYPE_CHECKING:
    from oncall_tui.desk.tickets import TicketDesk
    from oncall_tui.domain.guides import Guide
    from oncall_tui.domain.templates import Template
    from oncall_tui.editor import Edited
    from oncall_tui.screens.sought import Sought

LANGUAGES = ("fr", "en")
"""The languages that we answer in."""

_HINTS = ("send", "template", "back", "editor", "other_tongue", "quote", "guides", "told_otherwise")
"""What is most useful here."""

_QUOTED = marked("On {day} at {time} {author} wrote:")
"""What stands above what is quoted, in the language of the answer."""

_QUOTED_AT_MOST = 200
"""Lines of a letter that are quoted."""


class ComposeScreen(TicketPage):
    """The answer, what it answers, and how long there is. The clock runs until it is handed over (R6)."""

    SCOPE = Scope.COMPOSE
    SCOPED_CSS = False
    CSS = """
    ComposeScreen #letters { layout: vertical; height: 1fr; }
    ComposeScreen #theirs { layout: vertical; height: 35%; }
    ComposeScreen.-low #theirs { display: none; }
    ComposeScreen.-beside #letters { layout: horizontal; }
    ComposeScreen.-beside #letter { width: 3fr; }
    ComposeScreen.-beside #theirs {
        width: 2fr;
        min-width: 46;
        max-width: 90;
        height: 1fr;
        border-left: solid $ink-rule;
    }
    """

    def __init__(
        self,
        session: Session,
        detail: TicketDetail,
        origin: Origin,
        language: str,
        changed: Callable[[Sequence[Ticket]], None],
        guide: Guide | None = None,
    ) -> None:
        """`language` is the organisation's; `changed` is told of the ticket after what is done here. The link
        of a `guide` is put in to begin with.
        """
        super().__init__(session)
        ticket = detail.ticket
        self.ticket = ticket
        self.detail = detail
        self.origin = origin
        self.seen = ticket.version
        """The version of the ticket that the engineer has seen: another one is told before it is sent."""
        self._changed = changed
        self._guide = guide
        self._sending = False
        tongue = next((each for each in (ticket.language, language) if each in LANGUAGES), "en")
        self.draft = session.drafts.get(ticket.id, Draft(ticket.ref, "", tongue))
        self.title_rule = Rule(_("Answer"), about((ticket,)))
        self.head = LetterHead()
        write = _("Write here, or begin with a template: {key}").format(key=self.key("template"))
        self.field = LetterField(self.draft.text, write)
        self.theirs = Rule()
        self.said = Static()

    def compose_body(self) -> ComposeResult:
        yield self.title_rule
        yield self.head
        yield Rule()
        with Container(id="letters"):
            yield self.field
            with Container(id="theirs"):
                yield self.theirs
                with Paper(id="page"):
                    yield self.said

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.field)
        self.field.move_cursor(self.field.document.end)
        self._show_theirs()
        if self.draft.text:
            self.say(_("your draft of before"))
        if self._guide is not None:
            self.put_in(self._guide)

    def on_resize(self) -> None:
        super().on_resize()
        self.set_class(self.size.width >= WIDE, "-beside")

    # The ticket

    @property
    def targets(self) -> tuple[Ticket, ...]:
        return (self.ticket,)

    def acted(self, tickets: Sequence[Ticket]) -> None:
        self._changed(tickets)
        if self.is_attached and self.is_current:
            self.dismiss(None)

    def tickets_changed(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            if ticket.id == self.ticket.id and ticket.revision > self.ticket.revision:
                self.ticket = ticket
                self.queue_reread()

    def queue_reread(self) -> None:
        """Read what they wrote anew: another letter may have come."""
        self._read()

    def _read(self, *, tell: bool = True) -> None:
        self.in_background(lambda: self._reading(tell=tell), "detail", only=True)

    async def _reading(self, *, tell: bool) -> None:
        """Read the ticket, and `tell` if there is more of it than before."""
        desk = self.session.desk
        if desk is None:
            return
        try:
            detail = await background.read(lambda: desk.tickets.detail(self.ticket.id))
        except OncallError as error:
            self.say(words(error))
            return
        written = len(detail.messages) > len(self.detail.messages)
        self.detail, self.ticket = detail, detail.ticket
        self.origin = detail.origin or self.origin
        self._show_theirs()
        self.show_state(self.session.now())
        if written and tell:
            self.say(_("somebody has written on this ticket meanwhile"))

    def why_not(self, action: Action) -> str:
        match action.id:
            case "send" if self._sending:
                return _("it is being stored")
            case "send" if not self.field.text.strip():
                return _("there is nothing to send yet")
            case "template" if not self.session.templates:
                return _("the settings have no template")
            case "quote" if not self._last_words()[1]:
                return _("no text came with the request")
            case "send" | "told_otherwise":
                return super().why_not(action)
        return ""

    def possible(self) -> Sequence[Action]:
        return hinted_first(super().possible(), _HINTS)

    @property
    def takes_guides(self) -> bool:
        return True

    def sought(self) -> Sought:
        return super().sought()._replace(language=self.draft.language)

    def put_in(self, guide: Guide) -> None:
        before = "\n" if self.field.cursor_location[1] else ""
        self.field.insert_cleaned(f"{before}{guide.line}\n")

    # What is shown

    def show_state(self, now: datetime) -> None:
        state = LetterState(
            self.ticket,
            self.origin,
            subject_of_answer(self.ticket.subject, self.ticket.ref),
            self.draft.language,
            self.draft.template,
            now.replace(microsecond=0),
            self.session.zone,
            self.session.ticking,
        )
        if self.head.is_attached:
            self.head.show(state)
        super().show_state(now)

    def recolour(self) -> None:
        self._show_theirs()

    def _show_theirs(self) -> None:
        last, text = self._last_words()
        at, author = (last.at, last.author) if last else (self.ticket.received_at, self.ticket.contact)
        self.theirs.tell(_("They wrote"), "  ".join(filter(None, (moment(at, self.session.zone), author))))
        nothing = Text(_("No text came with the request."), self.top.ink("dim"))
        self.said.update(Text(text) if text else nothing)

    def _last_words(self) -> tuple[Message | None, str]:
        """Return what the customer wrote last; the request itself is no message."""
        for message in reversed(self.detail.messages):
            if message.kind is MessageKind.REQUEST and message.withdrawn_at is None:
                return message, message.text.strip()
        return None, self.detail.body.strip()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        text = event.text_area.text
        name = self.draft.template
        if name and text != self._filled(name, self.draft.language):
            name = ""
        self._keep(self.draft._replace(text=text, template=name))

    def _keep(self, draft: Draft) -> None:
        self.draft = draft
        if draft.text.strip():
            self.session.drafts[self.ticket.id] = draft
        else:
            self.session.drafts.pop(self.ticket.id, None)
        self.show_state(self.session.now())

    # Keys

    def action_back(self) -> None:
        """Go back; what is written stays."""
        self.dismiss(None)
        if self.draft.text.strip():
            kept = _("the draft for {ref} is kept; {key} goes on with it")
            self.in_view().say(kept.format(ref=self.ticket.ref, key=self.key("answer")))

    def action_page_down(self) -> None:
        """Scroll what they wrote one page down."""
        self.query_one(Paper).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll what they wrote one page up."""
        self.query_one(Paper).scroll_page_up(animate=False)

    def action_template(self) -> None:
        """Ask for a template, and put it in."""
        if self.refuse("template"):
            return
        names = list(self.session.templates)
        if len(names) == 1:
            self._put_in(names[0])
        else:
            from oncall_tui.screens.template_choice import TemplateDialog

            dialog = TemplateDialog(about((self.ticket,)), names)
            self.app.push_screen(dialog, lambda name: self._put_in(name) if name else None)

    def _put_in(self, name: str) -> None:
        text = self._filled(name, self.draft.language)
        if not self.field.text.strip() or self.draft.template:
            self._write(text, name)
        else:
            self.field.insert_cleaned(text)

    def _filled(self, name: str, language: str) -> str:
        from oncall_tui.domain.text import clean_body

        template: Template = self.session.templates[name]
        return clean_body(template.answer(self.ticket, self.session.operator, language, self.draft.service))

    def _write(self, text: str, template: str = "") -> None:
        """Have `text` stand in the field in place of what was there; taking back brings that back."""
        self.draft = self.draft._replace(text=text, template=template)
        self.field.replace(text, self.field.document.start, self.field.document.end)
        self.field.move_cursor(self.field.document.end)
        self._keep(self.draft)

    def action_other_tongue(self) -> None:
        """Write in the other language; a text that is still its template's is written anew in it."""
        draft = self.draft
        language = LANGUAGES[(LANGUAGES.index(draft.language) + 1) % len(LANGUAGES)]
        self._keep(draft._replace(language=language))
        if draft.template:
            self._write(self._filled(draft.template, language), draft.template)

    def action_quote(self) -> None:
        """Put in what the customer wrote last, each line after a `>`."""
        if self.refuse("quote"):
            return
        last, text = self._last_words()
        at = to_local(last.at if last else self.ticket.received_at, self.session.zone)
        author = (last.author if last else self.ticket.contact) or self.ticket.customer_name
        head = translated(_QUOTED, self.draft.language)
        lines = text.split("\n")
        quoted = "\n".join(f"> {line}".rstrip() for line in lines[:_QUOTED_AT_MOST])
        head = head.format(day=f"{at:%d.%m.%Y}", time=f"{at:%H:%M}", author=author)
        self.field.insert_cleaned(f"\n\n{head}\n{quoted}\n" if self.field.text else f"{head}\n{quoted}\n\n")

    def action_editor(self) -> None:
        """Write on in the engineer's own editor."""
        from oncall_tui.editor import edited

        try:
            written = edited(self.field.text, self.ticket.ref, self.app.suspend)
        except OncallError as error:
            self.say(words(error), Tone.NOT_DONE)
        except SuspendNotSupported:
            self.say(words(BadInput(_("this terminal can't be given to an editor"))), Tone.NOT_DONE)
        else:
            if written.text != self.field.text.rstrip():
                self._write(written.text)
            self._say_of(written)

    def _say_of(self, written: Edited) -> None:
        """Say what the editor's text isn't as the engineer may believe it to be."""
        if written.at_once:
            why = _("the editor ended at once and wrote nothing")
            hint = _("one with a window needs its option to wait, such as EDITOR='code --wait'")
            self.say(words(BadInput(why, hint=hint)), Tone.NOT_DONE)
            return
        told = []
        if written.signs_lost:
            told.append(_("what was written isn't UTF-8: signs were lost"))
        if written.cut:
            told.append(
                _("it was too long: only the first {count} characters are here").format(count=BODY_LIMIT)
            )
        if told:
            self.say("; ".join(told))

    def action_told_otherwise(self) -> None:
        """Record that the customer was told by other means instead."""
        if not self.refuse("told_otherwise"):
            ask_how(self, self.targets)

    def action_send(self) -> None:
        """Ask once, and hand the answer to the outbox."""
        from oncall_tui.screens.confirm import ConfirmDialog

        if self.refuse("send"):
            return

        asked = self.origin

        def answered(sure: bool | None) -> None:
            if sure and self.origin != asked:
                to = _("it would go to {receiver} now: send it again if that is right")
                self.say(to.format(receiver=receiver(self.origin)), Tone.NOT_DONE)
            elif sure:
                self._send()

        stops = (
            _("The response clock stops when the server has it.")
            if self.ticket.answered_at is None
            else _("It was answered before; this keeps an open promise.")
        )
        if self.ticket.outgoing is not None:
            # Whoever asks for two answers gets them, and knows it.
            stops = _("Another answer is {state}: they may get both.").format(
                state=of_answer_state(self.ticket.outgoing)
            )
        question = _("Send this to {receiver}? {stops}")
        dialog = ConfirmDialog(
            _("Send"),
            about((self.ticket,)),
            question.format(receiver=receiver(self.origin), stops=stops),
            _("yes, send it"),
            self.session.last_key,
        )
        self.app.push_screen(dialog, answered)

    def _send(self) -> None:
        desk = self.session.desk
        if desk is None or self._sending:
            return
        text, seen, draft = self.field.text.strip(), self.seen, self.draft
        self._sending = True

        def answer(_tickets: TicketDesk, ticket: Ticket) -> Ticket:
            try:
                return desk.outbox.answer(ticket.id, text, version=seen)
            finally:
                self._sending = False

        def sent(ticket: Ticket) -> str:
            self.session.sent_last = (ticket.id, draft)
            # What was typed since then isn't sent, and stays.
            if self.session.drafts.get(ticket.id, draft).text == draft.text:
                self.session.drafts.pop(ticket.id, None)
            if (polling := self.session.polling) is not None:
                polling.nudge(self.origin.source)
            return _("the answer is on its way; the clock runs until the server has it")

        def not_sent(_why: str, now: tuple[Ticket, ...]) -> None:
            # Who did what meanwhile is said: the next try is made in sight of it.
            for ticket in now:
                self.ticket, self.seen = ticket, ticket.version
            self._read(tell=False)

        self.act_on(self.targets, answer, sent, not_sent)
