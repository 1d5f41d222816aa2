"""What can be answered on a call here and now, with which key, and why something can't be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_tui.actions import Action, Group
from oncall_tui.domain.calls import Origin
from oncall_tui.domain.codes import Verification
from oncall_tui.domain.emergency import Decision, NextStep, Reason
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.triage import Row
from oncall_tui.screens.call_answers import TOPICS, CallAnswers
from oncall_tui.screens.call_in_hand import CallInHand
from oncall_tui.screens.session import Session
from oncall_tui.screens.without_code import numbers_on_file
from oncall_tui.translation import _
from oncall_tui.widgets.call_view import Offer
from oncall_tui.widgets.columns import due_text

if TYPE_CHECKING:
    from oncall_tui.screens.sought import Sought

_HINTED = ("step_back", "summary", "same_case", "hung_up", "wrong_number", "back", "leave")
"""What is possible on every line, after what answers there."""

_ANSWERED_WITH = {
    Row.WHO: ("go_on", "find", "person", "stranger"),
    Row.CODE: ("go_on", "no_code", "find"),
    Row.PLAN: ("go_on",),
    Row.LANGUAGE: ("french", "english", "german", "italian", "other_language", "go_on"),
    Row.INFRASTRUCTURE: ("yes", "no", "go_on"),
    Row.NEEDS_US: ("yes", "no", "go_on"),
    Row.SERVICE: ("no", "other_service", "go_on"),
    Row.SUMMARY: ("go_on",),
}
_ASKED = (Row.INFRASTRUCTURE, Row.NEEDS_US, Row.SERVICE)


class CallPossible(CallAnswers):
    """A page on a call that knows what is possible on it."""

    def __init__(self, session: Session, ref: str) -> None:
        super().__init__(session, ref)
        self._in_hand: CallInHand | None = None

    def in_hand(self) -> CallInHand:
        """Return the call as look-ups have it in hand."""
        if self._in_hand is None:
            number = "" if self.call is None else self.call.number
            self._in_hand = CallInHand(self.session, self.ref, number)
        return self._in_hand

    def sought(self) -> Sought:
        """Return what a guide is looked for in this call; partners first where it is out of scope (R24)."""
        from oncall_tui.domain.guides import GuideKind
        from oncall_tui.screens.sought import Sought

        if self.looked is None:
            return Sought(call=self.ref)
        ruling, answers = self.looked.triage.ruling, self.answers
        out_of_scope = ruling.next_step is NextStep.PARTNER or (
            ruling.reason is Reason.NOT_INFRASTRUCTURE and answers.topic is None
        )
        return Sought(
            answers.summary or answers.service,
            answers.language,
            call=self.ref,
            customer=answers.customer,
            name=answers.customer_name,
            kind=GuideKind.PARTNER if out_of_scope else GuideKind.GUIDE,
        )

    def trusted(self) -> Verification | None:
        """Return the proof that the settings trust for a while, of the organisation that is claimed."""
        customer = self.answers.customer
        found = self.in_hand().verification(customer) if customer else None
        return found if found is not None and found.call != self.ref else None

    def offers(self) -> list[Offer]:
        """Return the keys that answer on the line of the cursor."""
        key, offers = self.key, []
        match self.row:
            case Row.WHO:
                offers = [
                    Offer(key("find"), _("find the organisation")),
                    Offer(key("person"), _("person")),
                    Offer(key("stranger"), _("not a customer")),
                ]
            case Row.CODE:
                if (trusted := self.trusted()) is not None and trusted.until is not None:
                    until = due_text(trusted.until, self.session.now(), self.session.zone)
                    offers.append(Offer(key("go_on"), _("verified until {time}").format(time=until)))
                offers += [Offer("0-9", _("the code")), Offer(key("no_code"), _("no code"))]
            case Row.LANGUAGE:
                names = ("french", "english", "german", "italian", "other_language")
                offers = [Offer(key(each), _(self.session.keymap.named(each).label)) for each in names]
            case Row.INFRASTRUCTURE | Row.NEEDS_US:
                offers = [Offer(key("yes"), _("yes")), Offer(key("no"), _("no"))]
            case Row.SERVICE:
                offers = [Offer(key("no"), _("none of theirs")), Offer(key("other_service"), _("write it"))]
            case Row.SUMMARY:
                offers = [Offer(key("summary"), _("write what happened"))]
        return offers

    def choices(self) -> list[Offer]:
        """Return what has a key and a name of its own here."""
        if self.choosing_case:
            return [Offer(str(at), f"{ref} {subject}") for at, (ref, subject) in enumerate(self.cases, 1)]
        facts = None if self.looked is None else self.looked.triage.facts
        if self.row is Row.SERVICE:
            return [Offer(str(at), name) for at, name in enumerate(self.services[:9], 1)]
        if self.row is Row.INFRASTRUCTURE and facts is not None and facts.infrastructure is False:
            return [Offer(str(at), _(topic.label)) for at, topic in enumerate(TOPICS, 1)]
        return self._ways()

    def _ways(self) -> list[Offer]:
        """Return how somebody without a code can be verified (R14)."""
        named = self.session.keymap.named
        ways = (("call_back", _("call back on file")), ("approve", _("second engineer")))
        return [Offer(self.key(each), label) for each, label in ways if not self.why_not(named(each))]

    def notices(self, now: datetime) -> list[str]:
        """Return what has to be known besides."""
        if self.looked is None:
            return []
        call, answers = self.looked.triage.call, self.looked.triage.answers
        notices = []
        if self.line_is_open:
            told = _("the caller is still on the line; {key} hangs up")
            notices.append(told.format(key=self.key("back")))
        if call.open and self.why_closed():
            notices.append(self.why_closed())
        elif call.hung_up_at is not None and call.open:
            at = due_text(call.hung_up_at, now, self.session.zone)
            told = _("the caller hung up at {time}; {key} ends the call as abandoned")
            notices.append(told.format(time=at, key=self.key("hung_up")))
        if self.choosing_case:
            notices.append(_("which of them is it?"))
        elif self.cases and not answers.duplicate_of and call.open:
            ref, subject = self.cases[0]
            told = _("open already: {case}; {key} if it is the same")
            notices.append(told.format(case=f"{ref} {subject}", key=self.key("same_case")))
        return notices

    @property
    def line_is_open(self) -> bool:
        """Say whether the call is recorded and still on the telephone beside this desk."""
        call, session = self.call, self.session
        if call is None or call.open or session.telephone is None:
            return False
        rang_here = call.origin is Origin.TELEPHONE and call.operator == session.operator
        return rang_here and call.hung_up_at is None

    # What is possible

    def why_closed(self) -> str:
        """Return why nothing can be answered, empty if it can."""
        call, session = self.call, self.session
        if call is None:
            return _("the call is still being read")
        if session.read_only:
            return session.why_read_only
        if not call.open:
            return _("{call} is recorded").format(call=call.ref)
        if call.operator is None:
            return _("nobody has picked {call} up").format(call=call.ref)
        if not self.mine:
            since = due_text(call.picked_up_at, session.now(), session.zone)
            told = _("{engineer} has this call, picked up {time}; {key} takes it over")
            return told.format(engineer=call.operator, time=since, key=self.key("take_over"))
        return _("the last answer is still being stored") if self.storing else ""

    def why_not(self, action: Action) -> str:
        if action.id == "take_over":
            return self._why_not_take_over()
        answers = action.group is Group.ANSWER and action.id not in ("go_on", "step_back")
        if answers or action.id in ("find", "call_back", "approve"):
            return self.why_closed() or self._why_not_answer(action.id)
        return ""

    def _why_not_answer(self, action_id: str) -> str:
        match action_id:
            case "yes" | "no":
                return "" if self.row in _ASKED else _("this line is no question of yes and no")
            case "choose":
                return "" if self._digits_mean() else _("digits mean nothing on this line")
            case "no_code":
                return _("the caller is verified") if self._verified() else ""
            case "same_case":
                return "" if self.cases or self.answers.duplicate_of else _("no emergency of theirs is open")
            case "call_back" | "approve":
                return self._why_not_without_code(action_id)
        return ""

    def _digits_mean(self) -> bool:
        if self.choosing_case or self.row in (Row.WHO, Row.CODE):
            return True
        said_no = self.answers.infrastructure is False
        return (self.row is Row.SERVICE and bool(self.services)) or (
            self.row is Row.INFRASTRUCTURE and said_no
        )

    def _verified(self) -> bool:
        return self.answers.standing is Standing.VERIFIED

    def _why_not_without_code(self, action_id: str) -> str:
        customer = None if self.looked is None else self.looked.triage.customer
        if self.answers.standing not in (Standing.UNVERIFIED, Standing.USER_ONLY):
            return _("the code comes first; {key} says that there is none").format(key=self.key("no_code"))
        if customer is None:
            return _("nobody knows yet whose number to call; {key} finds it").format(key=self.key("find"))
        number = "" if self.call is None else self.call.number
        if action_id == "call_back" and not numbers_on_file(customer.contacts, number):
            return _("there is no other number on file")
        return ""

    def _why_not_take_over(self) -> str:
        call = self.call
        if call is None or self.session.read_only:
            return self.why_closed()
        theirs = call.open and call.operator is not None and not self.mine
        return "" if theirs else _("nobody else has this call in hand")

    def possible(self) -> Sequence[Action]:
        if self.asked is not None:
            named = self.session.keymap.named
            done, back = named("go_on"), named("back")
            return [done._replace(label=_("done"), hint=1), back._replace(label=_("done"), hint=2)]
        able = {action.id: action for action in super().possible()}
        if not self.session.ringing and self.call_beside is None:
            able.pop("pick_up", None)
        given = ("guides",) if self._points_elsewhere() else ()
        order = ("pick_up", "take_over", *_ANSWERED_WITH[self.row], *given, "call_back", "approve", *_HINTED)
        if self.call is not None and not self.call.open:
            order = ("pick_up", "go_on", *given, "back", "leave")
        shown = [able[each] for each in order if each in able]
        if self.records:
            shown.sort(key=lambda action: action.id != "go_on")
        return [action._replace(hint=at, label=self._label(action)) for at, action in enumerate(shown, 1)]

    def _points_elsewhere(self) -> bool:
        """Say whether the next step is to name a guide or a partner."""
        step = None if self.looked is None else self.looked.triage.ruling.next_step
        return step in (NextStep.GUIDE, NextStep.PARTNER)

    def _label(self, action: Action) -> str:
        if action.id != "go_on" or self.looked is None:
            return action.label
        if self.records:
            return _("record")
        record = self.looked.record
        return action.label if record is None else _("ticket") if record.ticket else _("back")

    @property
    def records(self) -> bool:
        """Say whether Enter records: a refusal at once, an accepted call on its last line."""
        if self.looked is None or self.why_closed():
            return False
        decision = self.looked.triage.ruling.decision
        return decision is Decision.REFUSED or (decision is Decision.ACCEPTED and self.row is Row.SUMMARY)
