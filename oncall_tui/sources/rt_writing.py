"""Writing to Request Tracker: answers, owners and statuses, each in sight of what stands there.

RT answers a change that it doesn't make with 200 and a sentence in the language of the account, so that what
became of a change is read from the ticket. A change goes out with `If-Match`. An answer can't: what others
did is looked at before, and one of which nobody heard is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import sleep
from typing import NamedTuple

from oncall_tui.domain.correspondence import Handed, Outgoing, SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import OncallError
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.text import clean
from oncall_tui.sources.rt_client import Client, Denied, NoAnswer
from oncall_tui.sources.rt_letters import KEY, Letters
from oncall_tui.sources.rt_reading import Reading
from oncall_tui.sources.rt_records import NOBODY, SYSTEM, RtTransaction, in_path, owner_in

SETTLES_SECONDS = 3.0
"""How long the server may still be at a request after the connection broke."""

_TRIES = 3
_SAID_LIMIT = 200
_GONE = 404
_STALE = 412
_BUSY = 429
_SERVER_FAILS = 500
_GATEWAY_FAILS = (502, 504)


class _Stand(NamedTuple):
    """How a ticket stands: `version` is its ETag, `owner` an account, empty for nobody."""

    version: str
    owner: str
    status: str


class _Aim(NamedTuple):
    """What a change is to bring about: `reached` says whether a ticket stands so, `against` what of that
    which happened meanwhile doesn't go with it.
    """

    change: dict[str, str]
    reached: Callable[[_Stand], bool]
    against: Callable[[_Stand, list[RtTransaction]], Handed | None]


class Writing:
    """Writes to one Request Tracker with `client`."""

    def __init__(self, client: Client, access: SourceAccess, reading: Reading) -> None:
        self._client = client
        self._reading = reading
        self._letters = Letters(client, access)
        self._accounts = access.accounts
        self._me = access.user.casefold()
        self._zone = access.zone

    def send(self, outgoing: Outgoing) -> Handed:
        """Hand `outgoing` over and say what became of it; raises nothing."""
        try:
            if not outgoing.thread.isdecimal():
                return _handed(OutgoingState.REFUSED, f"{outgoing.ticket} is no ticket of Request Tracker")
            if outgoing.act is OutgoingAct.ANSWER:
                return self._answer(outgoing)
            return self._change(outgoing, self._aim(outgoing))
        except Denied as error:
            return _handed(_after(error), _said(error, outgoing))
        except OncallError as error:
            # An answer got no further than to where it is certain that it wasn't taken.
            return _handed(OutgoingState.WAITING, error.message)
        except Exception as error:  # noqa: BLE001 - named by its kind alone, its text may hold anything
            is_answer = outgoing.act is OutgoingAct.ANSWER
            state = OutgoingState.UNSURE if is_answer else OutgoingState.WAITING
            return _handed(state, f"{self._client.place}: {type(error).__name__}")

    def _stand(self, thread: str) -> _Stand:
        answer = self._client.get(f"ticket/{thread}")
        body = answer.body
        if not isinstance(body, dict) or not isinstance(status := body.get("Status"), str) or not status:
            raise SourceUnavailable(f"{self._client.place} doesn't tell how ticket {thread} stands")
        return _Stand(answer.etag, owner_in(body), status)

    def _answer(self, outgoing: Outgoing) -> Handed:
        now = self._stand(outgoing.thread)
        before = now.version
        against = self._answered(now, self._others(outgoing, now), outgoing)
        if against is not None:
            return against
        body = {"ContentType": "text/plain", "Content": outgoing.text}
        try:
            answer = self._client.write("POST", f"ticket/{outgoing.thread}/correspond", body)
        except Denied as error:
            if error.status < _SERVER_FAILS:
                raise
            return self._look_for(outgoing, before, error, certain=error.status not in _GATEWAY_FAILS)
        except NoAnswer as error:
            if not error.asked:
                raise
            return self._look_for(outgoing, before, error, certain=not error.late)
        number = answer.location.rpartition("/")[2]
        if number.isdecimal():
            return _handed(OutgoingState.SENT, key=f"{KEY}{number}")
        unheard = SourceUnavailable(f"{self._client.place} doesn't say what became of the answer")
        return self._look_for(outgoing, before, unheard, certain=False)

    def _look_for(self, outgoing: Outgoing, before: str, error: OncallError, *, certain: bool) -> Handed:
        """Say whether an answer arrived although RT didn't say so.

        It waits where it isn't there and can't come any more, and is unsure where nobody knows.
        """
        wanted = outgoing.text.split()
        for last in (False, True):
            try:
                for each in self._reading.changes(outgoing.thread, _number(before)):
                    mine = each.kind == "Correspond" and self._is_me(each)
                    if mine and self._letters.text_of(each).split() == wanted:
                        return Handed(OutgoingState.SENT, each.at, key=f"{KEY}{each.id}")
            except OncallError:
                certain = False
                break
            # What the server was at when the connection broke may be done a moment later.
            if not last and certain:
                sleep(SETTLES_SECONDS)
        if certain:
            return _handed(OutgoingState.WAITING, error.message)
        return _handed(OutgoingState.UNSURE, f"{error.message}; it may have taken the answer")

    def _change(self, outgoing: Outgoing, aim: _Aim) -> Handed:
        for _ in range(_TRIES):
            now = self._stand(outgoing.thread)
            if aim.reached(now):
                return _handed(OutgoingState.SENT)
            others = self._others(outgoing, now)
            against = aim.against(now, others)
            if against is not None:
                return against
            try:
                answer = self._client.write(
                    "PUT", f"ticket/{outgoing.thread}", aim.change, now.version if outgoing.seen else ""
                )
            except Denied as error:
                if error.status == _STALE:
                    continue
                raise
            if aim.reached(self._stand(outgoing.thread)):
                # What others did that doesn't stand against this act may stand against the next one.
                seen = outgoing.seen and not others
                return _handed(OutgoingState.SENT, version=now.version if seen else "")
            return _handed(OutgoingState.REFUSED, self._why_not(outgoing, answer.body))
        return _handed(OutgoingState.WAITING, f"{self._client.place}: the ticket changes all the time")

    def _others(self, outgoing: Outgoing, now: _Stand) -> list[RtTransaction]:
        """Return what others did since the ticket was seen; nothing where that isn't to count."""
        if not outgoing.seen or now.version == outgoing.seen:
            return []
        changes = self._reading.changes(outgoing.thread, _number(outgoing.seen))
        return [each for each in changes if not self._is_me(each)]

    def _aim(self, outgoing: Outgoing) -> _Aim:
        if outgoing.act is OutgoingAct.OWNER:
            account = self._account(outgoing.owner) if outgoing.owner else ""
            return _Aim(
                {"Owner": account or NOBODY},
                lambda now: now.owner.casefold() == account.casefold(),
                lambda now, others: self._taken(now, others, outgoing),
            )
        closes = outgoing.act is OutgoingAct.CLOSE
        thread = outgoing.thread
        return _Aim(
            {"Status": "resolved" if closes else "open"},
            lambda now: self._reading.is_inactive(now.status, thread) is closes,
            lambda now, others: self._still_open(now, others, outgoing) if closes else None,
        )

    def _taken(self, now: _Stand, others: Iterable[RtTransaction], outgoing: Outgoing) -> Handed | None:
        """Return the conflict with whoever took the ticket meanwhile, None where nobody has."""
        given = [each for each in others if each.gives_away]
        if not given or not now.owner or now.owner.casefold() in self._ours(outgoing):
            return None
        owner = self._reading.operator(now.owner)
        detail = clean(f"{owner} has it in RT since {self._clock(given[-1].at)}", limit=_SAID_LIMIT)
        return _handed(OutgoingState.CONFLICT, detail, their_owner=owner)

    def _answered(self, now: _Stand, others: list[RtTransaction], outgoing: Outgoing) -> Handed | None:
        """Return what speaks against an answer: a colleague took the ticket meanwhile, or answered."""
        answers = [each for each in others if each.kind == "Correspond" and self._letters.is_staff(each.by)]
        return self._taken(now, others, outgoing) or self._wrote(answers, outgoing)

    def _still_open(self, now: _Stand, others: list[RtTransaction], outgoing: Outgoing) -> Handed | None:
        """Return what speaks against closing: somebody took the ticket meanwhile, or wrote."""
        return self._taken(now, others, outgoing) or self._wrote(others, outgoing)

    def _wrote(self, others: list[RtTransaction], outgoing: Outgoing) -> Handed | None:
        ours = {*self._ours(outgoing), SYSTEM.casefold()}
        for each in reversed(others):
            if each.kind == "Correspond" and each.by.account.casefold() not in ours:
                known = self._reading.operator(each.by.account)
                who = known if known != each.by.account else each.by.name or known
                detail = clean(f"{who} wrote in RT at {self._clock(each.at)}", limit=_SAID_LIMIT)
                return _handed(OutgoingState.CONFLICT, detail)
        return None

    def _why_not(self, outgoing: Outgoing, said: object) -> str:
        """Say why RT left a ticket as it was."""
        if outgoing.act is OutgoingAct.OWNER and outgoing.owner and not self._knows(outgoing.owner):
            account = self._account(outgoing.owner)
            hint = f"set people.{outgoing.owner}.account" if account == outgoing.owner else "mend the setting"
            return clean(f"RT knows no user '{account}'; {hint}", limit=_SAID_LIMIT)
        sentences = [str(each) for each in said] if isinstance(said, list) else []
        return clean(f"RT says: {' '.join(sentences) or 'nothing, and leaves it'}", limit=_SAID_LIMIT)

    def _knows(self, owner: str) -> bool:
        try:
            self._client.get(f"user/{in_path(self._account(owner))}")
        except Denied as error:
            return error.status != _GONE
        return True

    def _account(self, name: str) -> str:
        return self._accounts.get(name, name)

    def _ours(self, outgoing: Outgoing) -> set[str]:
        """Return the accounts whose doing is the author's own."""
        return {self._account(outgoing.author).casefold(), self._me}

    def _is_me(self, transaction: RtTransaction) -> bool:
        return transaction.by.account.casefold() == self._me

    def _clock(self, instant: datetime) -> str:
        local, now = instant.astimezone(self._zone), datetime.now(self._zone)
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"


def _handed(state: OutgoingState, detail: str = "", **more: str) -> Handed:
    return Handed(state, datetime.now(UTC), detail, **more)


def _after(error: Denied) -> OutgoingState:
    """Say whether a later try makes sense: a wrong token is mended, a server comes back."""
    later = error.status >= _SERVER_FAILS or error.status in (401, _BUSY) or error.status < 400
    return OutgoingState.WAITING if later else OutgoingState.REFUSED


def _said(error: Denied, outgoing: Outgoing) -> str:
    if error.status == _GONE:
        return f"RT has no ticket {outgoing.thread} any more"
    if error.status == 403:
        return f"RT doesn't let this account change ticket {outgoing.thread}"
    return error.message


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0
