"""The keys that answer: a step of the call each, stored at once (R12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from oncall_tui.domain.calls import Answers, Step
from oncall_tui.domain.customers import Found
from oncall_tui.domain.emergency import Ending, Topic
from oncall_tui.domain.folding import fold
from oncall_tui.domain.languages import language_named
from oncall_tui.domain.triage import Row
from oncall_tui.screens.call_store import CallStore
from oncall_tui.screens.session import Session
from oncall_tui.translation import _
from oncall_tui.widgets.call_field import CallField

TOPICS = tuple(Topic)
"""What a call is about that isn't about infrastructure, in the order of its keys."""

YES, NO = {"answer": "yes"}, {"answer": "no"}


class Asked(NamedTuple):
    """What is typed into the line: it starts with `value`, and `told` makes an answer of what is there."""

    value: str
    told: Callable[[str], tuple[Step, Mapping[str, str]]]


class CallAnswers(CallStore):
    """A page on a call with the keys that answer its questions."""

    def __init__(self, session: Session, ref: str) -> None:
        super().__init__(session, ref)
        self.field = CallField()
        self.asked: Asked | None = None
        self.choosing_case = False
        """Whether digits stand for the emergencies that are open."""

    @property
    def stored(self) -> Answers:
        """Return what is known: the same key again stores what couldn't be, before it takes it back."""
        return Answers() if self.looked is None else self.looked.triage.answers

    @property
    def answers(self) -> Answers:
        """Return what is known, with what couldn't be stored yet."""
        unstored = self.unstored()
        return self.stored if unstored is None else unstored.answers

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that the organisation has on file."""
        customer = None if self.looked is None else self.looked.triage.customer
        return () if customer is None else customer.services

    @property
    def cases(self) -> tuple[tuple[str, str], ...]:
        """Return references and subjects of the emergencies that are open for the organisation."""
        return () if self.looked is None else tuple(self.looked.triage.emergencies)

    # Yes and no

    def action_yes(self) -> None:
        """Answer the question on this line with yes."""
        if self.refuse("yes"):
            return
        match self.row:
            case Row.INFRASTRUCTURE:
                self.store(Step.INFRASTRUCTURE, YES)
            case Row.NEEDS_US:
                self.store(Step.NEEDS_US, YES)
            case Row.SERVICE if len(self.services) == 1:
                self._choose_service(self.services[0])
            case _:
                self.action_other_service()

    def action_no(self) -> None:
        """Answer the question on this line with no."""
        if self.refuse("no"):
            return
        match self.row:
            case Row.INFRASTRUCTURE:
                self.store(Step.INFRASTRUCTURE, NO)
            case Row.NEEDS_US:
                self.store(Step.NEEDS_US, NO)
            case _:
                self.store(Step.SERVICE, NO)

    # Languages

    def action_french(self) -> None:
        """Note that the caller speaks French."""
        self._speaks("french", "fr")

    def action_english(self) -> None:
        """Note that the caller speaks English."""
        self._speaks("english", "en")

    def action_german(self) -> None:
        """Note that the caller speaks German."""
        self._speaks("german", "de")

    def action_italian(self) -> None:
        """Note that the caller speaks Italian."""
        self._speaks("italian", "it")

    def _speaks(self, action_id: str, language: str) -> None:
        # Said again it needn't be written down again.
        if not self.refuse(action_id) and self.stored.language != language:
            self.store(Step.LANGUAGE, {"language": language})

    def action_other_language(self) -> None:
        """Ask which other language the caller speaks."""
        if not self.refuse("other_language"):
            self._ask(
                _("Language"),
                "",
                _("two or three letters, or its name"),
                lambda text: (Step.LANGUAGE, {"language": language_named(text)}),
            )

    # Choosing

    def action_choose(self, number: int) -> None:
        """Choose what has the `number`, where 10 is nought, or begin to type the code with it."""
        if self.refuse("choose"):
            return
        number %= 10
        if self.choosing_case:
            if 1 <= number <= len(self.cases):
                self._same_as(self.cases[number - 1][0])
            return
        match self.row:
            case Row.INFRASTRUCTURE if 1 <= number <= len(TOPICS):
                self.store(Step.INFRASTRUCTURE, {**NO, "topic": TOPICS[number - 1].value})
            case Row.SERVICE if 1 <= number <= len(self.services):
                self._choose_service(self.services[number - 1])
            case Row.WHO | Row.CODE:
                self.open_lookup(str(number))

    def open_lookup(self, first: str = "") -> None:
        """Open the look-up of this call, with what was typed `first`."""
        raise NotImplementedError

    def _choose_service(self, service: str) -> None:
        self.store(Step.SERVICE, {"service": service, **YES})

    def action_other_service(self) -> None:
        """Ask for the name of the service."""
        if not self.refuse("other_service"):
            self._ask(
                _("Service"),
                self.answers.service,
                _("its name; what is on file is theirs with us"),
                self._service_named,
            )

    def _service_named(self, text: str) -> tuple[Step, Mapping[str, str]]:
        if not text:
            return Step.SERVICE, {}
        known = next((each for each in self.services if fold(each) == fold(text)), "")
        # Where nothing is on file, nothing tells that it is somebody else's.
        ours = YES if known or not self.services else NO
        return Step.SERVICE, {"service": known or text, **ours}

    # Who

    def action_person(self) -> None:
        """Ask who calls."""
        if not self.refuse("person"):
            who = self.answers
            self._ask(_("Person"), who.person, _("the name of who calls"), self._called)

    def _called(self, person: str) -> tuple[Step, Mapping[str, str]]:
        who = self.answers
        stranger = "yes" if who.stranger else ""
        value = {"customer": who.customer, "name": who.customer_name, "person": person, "stranger": stranger}
        return Step.WHO, value

    def action_stranger(self) -> None:
        """Note that the caller is nobody's customer, or take that back."""
        if not self.refuse("stranger"):
            who = self.stored
            self.store(Step.WHO, {"person": who.person, "stranger": "" if who.stranger else "yes"})

    def action_find(self) -> None:
        """Find the organisation that the caller speaks for."""
        if self.refuse("find"):
            return
        from oncall_tui.screens.find import FindScreen

        def chosen(found: Found) -> None:
            self.come_back()
            # The person on file for the number is one of another organisation.
            person = "" if self.answers.claimed else self.answers.person
            self.store(Step.WHO, {"customer": found.customer, "name": found.name, "person": person})

        known = None if self.call is None else self.call.on_file
        number = self.call.number if self.call is not None and known is not None and known.others else ""
        self.app.push_screen(FindScreen(self.session, chosen, _("they speak for it"), number))

    def come_back(self) -> None:
        """Come back from what is open above."""
        while self.app.screen is not self:
            self.app.pop_screen()

    def action_no_code(self) -> None:
        """Note that the caller has no code that counts, or take that back."""
        if not self.refuse("no_code"):
            self.store(Step.CODE, {} if self.stored.unverified else {"unverified": "yes"})

    # How it ends

    def action_same_case(self) -> None:
        """Note that it is the emergency that is open, asking which of several; or take that back."""
        if self.refuse("same_case"):
            return
        if self.stored.duplicate_of:
            self.store(Step.DUPLICATE, {})
        elif len(self.cases) == 1:
            self._same_as(self.cases[0][0])
        else:
            self.choosing_case = True
            self.show_call()

    def _same_as(self, ticket: str) -> None:
        self.choosing_case = False
        self.store(Step.DUPLICATE, {"ticket": ticket})

    def action_hung_up(self) -> None:
        """Note that the caller hung up before it was decided, or take that back."""
        if not self.refuse("hung_up"):
            self._ended(Ending.ABANDONED)

    def action_wrong_number(self) -> None:
        """Note that the caller dialled a wrong number, or take that back."""
        if not self.refuse("wrong_number"):
            self._ended(Ending.WRONG_NUMBER)

    def _ended(self, ending: Ending) -> None:
        same = self.stored.ending is ending
        self.store(Step.ENDING, {"ending": "" if same else ending.value})

    # What is typed

    def action_summary(self) -> None:
        """Ask what happened, in a line."""
        if not self.refuse("summary"):
            self._ask(
                _("Summary"),
                self.answers.summary,
                _("what happened, in a line"),
                lambda text: (Step.SUMMARY, {"summary": text}),
            )

    def _ask(
        self,
        label: str,
        value: str,
        placeholder: str,
        told: Callable[[str], tuple[Step, Mapping[str, str]]],
    ) -> None:
        self.asked = Asked(value, told)
        self.field.ask(label, value, placeholder)
        self.set_focus(self.field.line)
        self.show_call()

    def leave_line(self) -> bool:
        """Store what is typed, if that is news, in whatever way the line is left; say whether it was open."""
        asked, self.asked = self.asked, None
        if asked is None:
            return False
        text = self.field.close()
        self.set_focus(None)
        if text != asked.value:
            self.store(*asked.told(text))
        self.show_call()
        return True
