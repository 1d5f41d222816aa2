"""Who is calling: looking a code up, proving what it says, and the ways of those who have none.

Each look-up is one transaction: the limits are read, the code is looked up and the attempt is written down
before anybody else's, so that no number of desks together exceeds a limit (R18). A hit and a miss do the
same work (R19).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall_tui.desk.context import Context
from oncall_tui.domain import limits
from oncall_tui.domain.calls import Step
from oncall_tui.domain.codes import (
    UNCLEAR,
    WRONG,
    Caller,
    Code,
    CodeKind,
    Heard,
    Outcome,
    Proof,
    Verdict,
    Verification,
    heard,
)
from oncall_tui.domain.errors import BadInput, NotFound, OncallError, Refused
from oncall_tui.domain.folding import fold
from oncall_tui.domain.limits import Counts
from oncall_tui.domain.numbers import same_number
from oncall_tui.domain.text import NAME_LIMIT, REF_LIMIT, clean
from oncall_tui.store import attempts, calls, codes, customers, sealing
from oncall_tui.store.attempts import Attempt
from oncall_tui.store.codes import Known
from oncall_tui.store.engine import Transaction

LOOK_UP, CONFIRM, DENY = "look up code", "confirm caller", "deny caller"
CALL_BACK, APPROVE = "call back", "approve caller"
"""The words of the audit."""

_NOBODY = "\x1f"
"""Goes for an organisation where none is known: to count what was tried for it is the same work."""


@dataclass(frozen=True, slots=True)
class CallerDesk:
    """Acts on who is calling.

    Each raises `Refused` on a read-only desk, since every look-up leaves its trace (R20), `KeyTrouble`
    where the key can't be used, `StoreUnavailable`.
    """

    context: Context

    def trouble(self) -> str:
        """Return why codes can't be looked up, in one line, empty if they can."""
        with self.context.store.connect() as connection:
            try:
                keyring = self.context.store.keyring
                if sealing.for_reading(connection, keyring) is None and keyring and keyring.exists():
                    keyring.held()
            except OncallError as error:
                return f"{error.message}; {error.hint}" if error.hint else error.message
        return ""

    def look_up(self, text: str, caller: Caller, *, kind: CodeKind | None = None) -> Verdict:
        """Say whose code `text` is, as it was typed, and whether it is one (R16, R17, R18).

        With `kind` only a code of that kind is right. The digits go no further than this call.
        """
        said, caller = heard(text, self.context.offer.codes), _cleaned(caller)
        with self.context.writing() as tx:
            now = self.context.clock()
            found = self._find(tx, said, now)
            if found is not None and kind not in (None, found.kind):
                found = None
            if found is not None and caller.customer not in ("", found.customer):
                found = None
            outcome = said.unclear or (
                Outcome.NO_MATCH if found is None else Outcome.REVOKED if found.revoked_at else Outcome.MATCH
            )
            return self._judged(tx, now, outcome, found, caller, kind, LOOK_UP)

    def confirm(self, verdict: Verdict, caller: Caller) -> Verification:
        """Note that the caller named the organisation of a match: only then do its details open (R17)."""
        kind, customer = verdict.kind, verdict.customer
        if verdict.outcome is not Outcome.MATCH or customer is None or kind is None:
            raise Refused("only a code that matches can be confirmed", rule="R17")
        detail = {"kind": kind.value} | ({"contact": verdict.contact} if verdict.contact else {})
        return self._verified(CONFIRM, customer, Proof.CODE, caller, detail, kind, verdict.contact)

    def deny(self, verdict: Verdict, caller: Caller) -> Verdict:
        """Note that the caller named another organisation: the code counts as a wrong one."""
        with self.context.writing() as tx:
            now = self.context.clock()
            found = Caller(caller.call, caller.number, verdict.customer or "")
            return self._judged(tx, now, Outcome.NO_MATCH, None, _cleaned(found), verdict.kind, DENY)

    def called_back(self, customer: str, number: str, caller: Caller) -> Verification:
        """Note that the organisation was reached on the `number` it has on file (R14).

        `Refused` for a number that isn't on file, and for the one that rang: it proves nothing.
        """
        number = self.number_on_file(customer, number)
        if same_number(number, caller.number):
            raise Refused(
                f"{number} is the number that rang, which proves nothing",
                hint="call back on another number of the card, or ask a second engineer",
                rule="R14",
            )
        return self._verified(CALL_BACK, customer, Proof.CALL_BACK, caller, {"number": number}, by=number)

    def approved(self, customer: str, by: str, caller: Caller) -> Verification:
        """Note that a second engineer, `by`, vouches for the caller (R14)."""
        name = self.second_engineer(by)
        return self._verified(APPROVE, customer, Proof.APPROVAL, caller, {"by": name}, by=name)

    def number_on_file(self, customer: str, number: str) -> str:
        """Return `number` as the organisation has it on file, whatever its notation.

        `Refused` for one that isn't on file: that it rang proves nothing (R14).
        """
        from oncall_tui.store.phones import e164

        region = self.context.offer.region
        number = clean(number, limit=NAME_LIMIT)
        with self.context.store.connect() as connection:
            _, known = customers.find(connection, customer)
        meant = e164(number, region)
        for contact in known.contacts:
            if contact.phone and (
                contact.phone == number or (meant and e164(contact.phone, region) == meant)
            ):
                return contact.phone
        raise Refused(
            f"that number is not on file for {known.name}",
            hint="call back only on a number of the card",
            rule="R14",
        )

    def second_engineer(self, name: str) -> str:
        """Return the name of who may approve a caller: anybody but who is asked to be sure (R14)."""
        name = clean(name, limit=NAME_LIMIT)
        letters, mine = _letters(name), _letters(self.context.operator)
        if not letters:
            raise BadInput("the second engineer's name is needed")
        if letters == mine:
            raise Refused("a second engineer has to approve, not you", rule="R14")
        return name

    def _find(self, tx: Transaction, said: Heard, now: datetime) -> Known | None:
        sealing.for_writing(tx, now)
        keyring = tx.keyring
        keys = keyring.held() if keyring else ()
        # What was misheard is looked up like any other: the time it takes tells nothing.
        return codes.find(tx.connection, [codes.digest(key, Code(said.digits)) for key in keys])

    def _judged(
        self,
        tx: Transaction,
        now: datetime,
        outcome: Outcome,
        found: Known | None,
        caller: Caller,
        kind: CodeKind | None,
        act: str,
    ) -> Verdict:
        """Let the limits have their say on `outcome`, and write the attempt down."""
        rules = self.context.offer.codes
        customer = found.customer if found else caller.customer
        subjects = {"caller": self._subject(caller), "customer": f"customer:{customer or _NOBODY}"}
        waits = attempts.waits(tx.connection, subjects.values(), now)
        until = max((wait.until for wait in waits.values() if wait.until > now), default=None)
        before = self._counts(tx, now, caller, customer, subjects, waits)
        over = caller.call is not None and limits.call_is_over(rules, before)
        # What the caller can't know stays unknown while they wait, or else they'd go on guessing.
        if act == LOOK_UP and (until or over):
            outcome = Outcome.WAIT
        elif outcome in UNCLEAR and limits.asked_again_too_often(rules, before):
            outcome = Outcome.NO_MATCH
        attempts.add(tx, Attempt(now, caller.call or "", subjects["caller"], customer, outcome))
        after = self._counts(tx, now, caller, customer, subjects, waits)
        new_waits = self._new_waits(tx, now, outcome, after, subjects, waits)
        until = max([until, *new_waits] if until else new_waits, default=None)
        pause = waits.get(subjects["caller"])
        begins = outcome in WRONG and after.of_subjects["caller"] >= rules.wrong
        caller_waits = begins or (pause is not None and pause.until > now)
        told = found if outcome in (Outcome.MATCH, Outcome.REVOKED) else None
        wrong_today = attempts.wrong_of_all(tx.connection, now, rules.wrong_per_day)
        verdict = Verdict(
            outcome=outcome,
            at=now,
            kind=told.kind if told else kind,
            customer=told.customer if told else None,
            customer_name=told.customer_name if told else None,
            plan=told.plan if told else None,
            contact=told.contact if told else "",
            wait_until=until,
            attempts_left=0
            if until or over
            else limits.attempts_left(rules, after, in_a_call=caller.call is not None),
            unverified=caller.call is not None and limits.call_is_over(rules, after),
            revoked_at=told.revoked_at if told else None,
            alert=wrong_today >= rules.wrong_per_day,
            for_want_of_a_number=caller_waits and not caller.number,
        )
        self._record(tx, verdict, caller, customer, act)
        found_out = {"outcome": outcome.value, "unverified": "yes" if verdict.unverified else ""}
        self._in_call(tx, now, caller, found_out)
        return verdict

    def _subject(self, caller: Caller) -> str:
        """Return who tries: the calling number, or the engineer where none is known."""
        from oncall_tui.store.phones import e164

        if not caller.number:
            return f"engineer:{self.context.operator}"
        return f"number:{e164(caller.number, self.context.offer.region) or fold(caller.number)}"

    def _counts(
        self,
        tx: Transaction,
        now: datetime,
        caller: Caller,
        customer: str,
        subjects: Mapping[str, str],
        waits: Mapping[str, attempts.Waits],
    ) -> Counts:
        rules = self.context.offer.codes
        began = {
            name: limits.counted_from(rules, now, waits[subject].began_at if subject in waits else None)
            for name, subject in subjects.items()
        }
        connection = tx.connection
        return Counts(
            in_call=attempts.in_call(connection, caller.call or _NOBODY),
            of_subjects={
                "caller": attempts.wrong_of_caller(connection, subjects["caller"], began["caller"], now),
                "customer": attempts.wrong_of_customer(
                    connection, customer or _NOBODY, began["customer"], now
                ),
            },
        )

    def _new_waits(
        self,
        tx: Transaction,
        now: datetime,
        outcome: Outcome,
        counts: Counts,
        subjects: Mapping[str, str],
        waits: Mapping[str, attempts.Waits],
    ) -> Sequence[datetime]:
        """Begin a pause for each subject that has had its last wrong code; return when they end."""
        rules = self.context.offer.codes
        begun = []
        for name, subject in subjects.items():
            if outcome in WRONG and counts.of_subjects[name] >= rules.wrong:
                so_far = waits[subject].number if subject in waits else 0
                begun.append(now + limits.next_wait(rules, so_far))
                attempts.add_wait(tx, subject, now, begun[-1])
        return begun

    def _in_call(self, tx: Transaction, now: datetime, caller: Caller, found_out: Mapping[str, str]) -> None:
        """Write what a look-up came to among the steps of its call, if this desk has that in hand (R12)."""
        operator, workstation = self.context.operator, self.context.workstation
        call = calls.in_hand_of(tx.connection, caller.call, operator) if caller.call else None
        if call is None:
            return
        value = {name: text for name, text in found_out.items() if text}
        calls.add_step(tx, call, Step.CODE, value, at=now, operator=operator, workstation=workstation)
        calls.touch(tx, call)

    def _record(self, tx: Transaction, verdict: Verdict, caller: Caller, customer: str, act: str) -> None:
        detail = {
            "kind": verdict.kind.value if verdict.kind else "",
            "contact": verdict.contact,
            "wait_until": verdict.wait_until.isoformat() if verdict.wait_until else "",
            "alert": "too many wrong codes in a day" if verdict.alert and verdict.outcome in WRONG else "",
        }
        told = _of_call(caller) | {name: value for name, value in detail.items() if value}
        self.context.record(
            tx, verdict.at, act, "code", told, customer=customer, outcome=verdict.outcome.value
        )

    def _verified(
        self,
        act: str,
        customer: str,
        proof: Proof,
        caller: Caller,
        detail: Mapping[str, str],
        kind: CodeKind | None = None,
        contact: str = "",
        by: str = "",
    ) -> Verification:
        trust = self.context.offer.codes.trust
        with self.context.writing() as tx:
            now = self.context.clock()
            known = customers.known(tx.connection, [customer])
            if customer not in known:
                raise NotFound(f"no customer {customer[:60]!r}")
            told = _of_call(_cleaned(caller)) | {name: value for name, value in detail.items() if value}
            self.context.record(tx, now, act, customer, told, customer=customer, outcome="verified")
            proven = {
                "outcome": "verified",
                "proof": proof.value,
                "customer": customer,
                "name": known[customer].name,
                "kind": kind.value if kind else "",
                "contact": contact,
                "by": by,
            }
            self._in_call(tx, now, caller, proven)
        return Verification(
            customer=customer,
            proof=proof,
            at=now,
            kind=kind,
            contact=contact,
            call=caller.call,
            until=None if trust is None else now + trust,
            by=by,
        )


def _letters(name: str) -> str:
    """Return what tells a name from another, however it is spaced, dotted and accented."""
    return "".join(each for each in fold(name) if each.isalnum())


def _cleaned(caller: Caller) -> Caller:
    """Return what is known of the caller as it is stored: it comes from a telephone system, or by hand."""
    return Caller(
        clean(caller.call or "", limit=NAME_LIMIT) or None,
        clean(caller.number, limit=NAME_LIMIT),
        clean(caller.customer, limit=REF_LIMIT),
    )


def _of_call(caller: Caller) -> dict[str, str]:
    told = {"call": caller.call or "", "number": caller.number}
    return {name: value for name, value in told.items() if value}
