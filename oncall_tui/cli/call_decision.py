"""What a command line says of one call: checked before anything is written, then written down and decided.

The acts are those of the screen, and so is the decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import Caller, Outcome
from oncall_tui.domain.emergency import Contract, Ending, Facts, Question, Topic, rule_on
from oncall_tui.domain.entitlements import Standing
from oncall_tui.domain.errors import BadInput, OncallError, Refused
from oncall_tui.domain.folding import fold
from oncall_tui.domain.numbers import same_number
from oncall_tui.domain.tickets import Channel
from oncall_tui.translation import spoken

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from oncall_tui.desk import Desk
    from oncall_tui.domain.calls import Call, CallRecord, Triage
    from oncall_tui.domain.codes import Verdict
    from oncall_tui.domain.customers import Customer

_OPTIONS = {
    Question.LANGUAGE: "--language",
    Question.INFRASTRUCTURE: "--infrastructure",
    Question.NEEDS_US: "--needs-us",
    Question.SERVICE: "--service",
}
"""What answers a question."""


class Decision:
    """What the command line says of one call. All that can be wrong with it is found before it is made."""

    def __init__(self, args: Namespace, desk: Desk, language: str) -> None:
        self._args = args
        self._desk = desk
        self._language = language
        self._triage = self._going_on()
        self._customer = desk.customers.meant(args.customer) if args.customer else ""
        if args.duplicate_of is not None:
            known = self._triage.answers.customer if self._triage is not None else ""
            self._check_duplicate(self._customer or known)
        if args.approved_by is not None:
            desk.callers.second_engineer(args.approved_by)
            self._claimed()
        self._call_back = "" if args.call_back is None else self._number_on_file()
        self._check_complete()
        if self.wants_code and (trouble := desk.callers.trouble()):
            raise Refused(
                f"no code can be looked up: {trouble}",
                hint="call back (--call-back), or have a second engineer approve (--approved-by NAME)",
                rule="R14",
            )

    @property
    def wants_code(self) -> bool:
        """Say whether a code decides: nobody who is proven, or can't be helped by one, is asked for it."""
        args = self._args
        otherwise = args.no_code or args.call_back is not None or args.approved_by is not None
        proven = self._triage is not None and self._triage.answers.proof is not None
        return not (otherwise or proven or args.stranger or args.ending)

    @property
    def needs_code(self) -> bool:
        """Say whether nothing is decided without the code: what is refused anyhow can do without."""
        return self.wants_code and rule_on(self._best._replace(standing=None)).decision is None

    def made(self, code: str) -> CallRecord:
        """Pick the call up, write down what is known of it, and decide it."""
        calls = self._desk.calls
        if self._triage is None:
            call = calls.start(self._args.number)
        else:
            call = self._triage.call
            if call.rings:
                call = calls.pick_up(call.ref)
        try:
            self._write(call, code)
            return calls.record(call.ref, spoken)
        except OncallError as error:
            # What was written down is kept, and so is the call.
            stays = f"{call.ref} stays in your hands"
            error.hint = f"{error.hint}; {stays}" if error.hint else stays
            raise

    def _going_on(self) -> Triage | None:
        """Return the call that is meant as it stands, None for one that has to begin."""
        if self._args.call is None:
            return None
        call = self._desk.calls.find(self._args.call)
        if not call.rings and (call.operator != self._desk.operator or not call.open):
            self._desk.calls.pick_up(call.ref)  # which says who has it, or that it is over
        return self._desk.calls.triage(call.ref)

    def _claimed(self) -> Customer:
        """Return the organisation that the caller claims to speak for."""
        ref = self._customer
        if not ref and self._triage is not None:
            ref = self._triage.answers.customer
        elif not ref and (known := self._desk.calls.on_file(self._args.number)) and not known.others:
            ref = known.customer
        if not ref:
            raise BadInput(
                "nobody knows which organisation calls", hint="name it with --customer", title="Usage"
            )
        return self._desk.customers.card(ref).customer

    def _number_on_file(self) -> str:
        """Return the number that was called back: the one that is given, or else the first on file."""
        customer = self._claimed()
        if self._args.call_back:
            return self._desk.callers.number_on_file(customer.id, self._args.call_back)
        numbers = [contact.phone for contact in customer.contacts if contact.phone]
        if not numbers:
            raise Refused(
                f"no number is on file for {customer.name}",
                hint="have a second engineer approve: --approved-by NAME",
                rule="R14",
            )
        rang = self._triage.call.number if self._triage else self._args.number
        others = [each for each in numbers if not same_number(each, rang)]
        if not others:
            raise Refused(
                f"the number that rang is the only one on file for {customer.name}: it proves nothing",
                hint="have a second engineer approve: --approved-by NAME",
                rule="R14",
            )
        return others[0]

    def _check_duplicate(self, customer: str) -> None:

        ticket = self._desk.tickets.find(self._args.duplicate_of)
        if ticket.channel is not Channel.EMERGENCY or ticket.closed_at is not None:
            raise Refused(f"{ticket.ref} is no emergency that is open", rule="R13")
        if customer not in ("", ticket.customer):
            raise Refused(f"{ticket.ref} is another organisation's", rule="R13")

    def _check_complete(self) -> None:
        """Refuse what can't be decided, whatever the code will say."""
        args, known = self._args, self._triage.facts if self._triage else Facts()
        infrastructure = _answer(args.infrastructure, False if args.topic else known.infrastructure)
        # Who is verified and has the line has to answer most.
        self._best = Facts(
            ending=Ending(args.ending) if args.ending else known.ending,
            standing=Standing.VERIFIED,
            contract=Contract.NOT_ACTIVE if args.stranger else Contract.LINE,
            language=self._language or known.language,
            infrastructure=infrastructure,
            topic=Topic(args.topic) if args.topic else known.topic,
            needs_us=_answer(args.needs_us, known.needs_us),
            ours=True if args.service else known.ours,
            duplicate=args.duplicate_of is not None or known.duplicate,
        )
        missing = [_OPTIONS[each] for each in rule_on(self._best).missing if each in _OPTIONS]
        if missing:
            raise BadInput(
                f"the call can't be decided without {', '.join(missing)}",
                hint="nothing was written down",
                title="Usage",
                rule="R12",
            )

    def _write(self, call: Call, code: str) -> None:
        """Write down what is known of the call, in the order of the questions (R12)."""
        args, calls = self._args, self._desk.calls

        def answer(step: Step, value: Mapping[str, str]) -> None:
            calls.answer(call.ref, step, value)

        if args.stranger:
            answer(Step.WHO, {"stranger": "yes", "person": args.person})
        elif self._customer:
            name = self._desk.customers.card(self._customer).customer.name
            answer(Step.WHO, {"customer": self._customer, "name": name, "person": args.person})
        self._prove(call, code)
        found = calls.triage(call.ref).answers
        if args.person and found.person != args.person and not args.stranger:
            who = {"customer": found.customer, "name": found.customer_name, "person": args.person}
            answer(Step.WHO, who)
        if self._language:
            answer(Step.LANGUAGE, {"language": self._language})
        if args.infrastructure or args.topic:
            topic = {"topic": args.topic} if args.topic else {}
            answer(Step.INFRASTRUCTURE, {"answer": "no" if args.topic else args.infrastructure} | topic)
        if args.needs_us:
            answer(Step.NEEDS_US, {"answer": args.needs_us})
        if args.service:
            answer(Step.SERVICE, {"service": args.service, "answer": self._ours(call)})
        if args.duplicate_of is not None:
            if found.proof is not None:
                self._check_duplicate(found.customer)
            answer(Step.DUPLICATE, {"ticket": args.duplicate_of})
        if args.summary:
            answer(Step.SUMMARY, {"summary": args.summary})
        if args.ending:
            answer(Step.ENDING, {"ending": args.ending})

    def _prove(self, call: Call, code: str) -> None:
        """Write down how the caller is proven, or that they aren't (R14, R17)."""
        args, callers = self._args, self._desk.callers
        caller = Caller(call.ref, call.number, self._customer)
        outcome = "none"
        if args.approved_by is not None:
            callers.approved(self._claimed().id, args.approved_by, caller)
            return
        if args.call_back is not None:
            callers.called_back(self._claimed().id, self._call_back, caller)
            return
        if self.wants_code and code:
            verdict = callers.look_up(code, caller)
            if verdict.outcome is Outcome.MATCH and self._is_who_they_said(verdict):
                callers.confirm(verdict, caller)
                return
            if verdict.outcome is Outcome.MATCH:
                verdict = callers.deny(verdict, caller)
            outcome = verdict.outcome.value
        elif not args.no_code:
            return
        self._desk.calls.answer(call.ref, Step.CODE, {"outcome": outcome, "unverified": "yes"})

    def _is_who_they_said(self, verdict: Verdict) -> bool:
        """Say whether the caller named the organisation of the code; without `--said` whoever runs the
        command has heard them do so.
        """
        if self._args.said is None:
            return True
        named = fold(" ".join(self._args.said.split()))
        return named in {fold(verdict.customer or ""), fold(verdict.customer_name or "")}

    def _ours(self, call: Call) -> str:
        """Say whether the service is one of those on file; where none are, it is taken for ours."""
        customer = self._desk.calls.triage(call.ref).customer
        services = {fold(each) for each in customer.services} if customer else set[str]()
        named = fold(" ".join(self._args.service.split()))
        return "yes" if not services or named in services else "no"


def _answer(option: str | None, known: bool | None) -> bool | None:
    return known if option is None else option == "yes"
