"""What happens between the board and Request Tracker, told once: with the real one, and as it was recorded.

A story asks the source and says what comes of it. What others do meanwhile stands in `meanwhile` and is done
only where there is a real server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conversations import Conversation
from rt_server import RequestTracker

from oncall_tui.domain.correspondence import (
    Batch,
    Handed,
    Letter,
    LetterKind,
    Outgoing,
    Sender,
    SourceAccess,
    SourceUnavailable,
    Standing,
)
from oncall_tui.domain.errors import BadInput, NotFound
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.sources import rt_client, rt_reading
from oncall_tui.sources.kinds import open_source
from oncall_tui.sources.request_tracker import RequestTracker as RequestTrackerSource
from oncall_tui.sources.rt_client import Client

ANNE = "Anne Rochat <anne@leman.example>"
ACCOUNTS = {"Léa": "lea", "Marc": "marc"}


class Stage:
    """The board's side of a story, which asks `url`. `rt` is None where a recording is played."""

    def __init__(self, url: str, rt: RequestTracker | None, said: Conversation | None = None) -> None:
        self._url = url
        self._said = said
        self._rt = rt
        self.cursor = ""
        self.letters: dict[str, Letter] = {}
        self.standings: dict[str, Standing] = {}
        self.source = self.opened()

    def opened(self, token: str = "", queues: tuple[str, ...] = ("support",), who: str = "desk") -> Any:
        known = self._rt.tokens[who] if self._rt is not None else "1-2-played"
        self._access = SourceAccess(
            "rt",
            "request-tracker",
            self._url,
            user="desk",
            secret=lambda: token or known,
            queues=queues,
            accounts=ACCOUNTS,
        )
        return open_source(self._access)

    def impatient(self, seconds: float) -> None:
        """Wait so long at most for an answer from now on."""
        self.source.close()
        self.source = RequestTrackerSource(Client(self._access, read_seconds=seconds), self._access)

    def meanwhile(self, act: Callable[[RequestTracker], object]) -> None:
        if self._rt is not None:
            act(self._rt)

    def pull(self) -> list[Batch]:
        """Take in what is new; `letters` and `standings` are what there is then, by key and by subject."""
        batches = list(self.source.pull(self.cursor))
        for batch in batches:
            self.cursor = batch.cursor
            self.letters |= {letter.key: letter for letter in batch.letters}
            self.standings |= {standing.subject: standing for standing in batch.standings}
        return batches

    def news(self) -> list[tuple[str, LetterKind, str]]:
        """Return subject, kind and first line of the letters that weren't there before."""
        before = set(self.letters)
        self.pull()
        new = [letter for key, letter in self.letters.items() if key not in before]
        return [(each.subject, each.kind, each.text.strip().partition("\n")[0]) for each in new]

    def send(self, act: OutgoingAct, subject: str, **more: Any) -> Handed:
        ticket = self.standings[subject]
        more = {"seen": ticket.version, "author": "Léa"} | more
        return self.source.send(
            Outgoing(
                id=1,
                source="rt",
                act=act,
                state=OutgoingState.SENDING,
                ticket_id=1,
                ticket=ticket.ref,
                created_at=datetime.now(UTC),
                thread=ticket.thread,
                **more,
            )
        )

    def now(self, subject: str) -> Mapping[str, Any]:
        """Return the ticket as Request Tracker has it; nothing where a recording is played."""
        if self._rt is None:
            return {}
        return self._rt.ask("GET", f"ticket/{self.standings[subject].thread}").json()

    def change(self, subject: str, who: str = "marc", **fields: str) -> None:
        thread = self.standings[subject].thread
        self.meanwhile(lambda rt: rt.ask("PUT", f"ticket/{thread}", who, json=fields))

    def write(self, subject: str, text: str, who: str = "marc", how: str = "correspond") -> None:
        thread = self.standings[subject].thread
        body = {"ContentType": "text/plain", "Content": text}
        self.meanwhile(lambda rt: rt.ask("POST", f"ticket/{thread}/{how}", who, json=body))

    def reply(self, subject: str, text: str, **more: Any) -> None:
        """Let the customer reply."""
        thread = self.standings[subject].thread
        self.meanwhile(lambda rt: rt.mail(ANNE, f"Re: [desk.example #{thread}] {subject}", text, **more))

    def lose_request(self) -> None:
        assert self._said is not None
        self._said.lose_request()

    def lose_answer(self) -> None:
        assert self._said is not None
        self._said.lose_answer()


def all_that_is_open_comes_at_the_first_contact(stage: Stage, tmp_path: Path) -> None:
    files = {"trace é.bin": bytes(range(256))}
    stage.meanwhile(
        lambda rt: rt.mail(ANNE, "Queue stuck", "Bonjour,\n\nla file est bloquée €.\n", attached=files)
    )
    stage.meanwhile(lambda rt: rt.mail("noe@alpes.example", "Down", "<p>It is<br><b>down</b></p>", html=True))
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Invoice", "Too much", queue="Billing"))
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Solved", "Long ago"))
    stage.meanwhile(lambda rt: rt.ask("PUT", "ticket/4", json={"Status": "resolved"}))
    text = {"ContentType": "text/plain", "Content": "Nous regardons."}
    stage.meanwhile(lambda rt: rt.ask("POST", "ticket/1/correspond", "lea", json=text))
    stage.meanwhile(lambda rt: rt.ask("POST", "ticket/1/comment", "marc", json=text))
    stage.meanwhile(lambda rt: rt.ask("PUT", "ticket/1", "lea", json={"Owner": "lea"}))
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Re: [desk.example #1] Queue stuck", "Merci"))

    batches = stage.pull()
    assert [(batch.done, batch.total) for batch in batches[:2]] == [(2, 2), (2, 2)]
    assert "@" in batches[0].cursor
    assert stage.cursor.isdecimal()
    assert list(stage.standings) == ["Queue stuck", "Down", "Solved"]
    stuck, down, solved = stage.standings.values()
    assert solved.closed_at is not None, "what was closed is told only since it was closed a moment ago"
    assert (stuck.ref, stuck.requestor, stuck.owner) == (
        "RT-1",
        Sender("Anne Rochat", "anne@leman.example"),
        "Léa",
    )
    assert (down.owner, down.closed_at, down.requestor.address) == (None, None, "noe@alpes.example")

    letters = [letter for letter in stage.letters.values() if letter.thread != solved.thread]
    assert [(each.kind, each.thread, each.sender.name) for each in letters] == [
        (LetterKind.REQUEST, "1", "Anne Rochat"),
        (LetterKind.REQUEST, "2", "noe@alpes.example"),
        (LetterKind.ANSWER, "1", "Léa"),
        (LetterKind.NOTE, "1", "Marc"),
        (LetterKind.REQUEST, "1", "Anne Rochat"),
    ]
    assert [each.text.rstrip("\n") for each in letters] == [
        "Bonjour,\n\nla file est bloquée €.",
        "It is\ndown",
        "Nous regardons.",
        "Nous regardons.",
        "Merci",
    ]
    assert letters[0].received_at == stuck.created_at
    assert all(each.received_at.tzinfo is UTC for each in letters)
    assert all(each.key.startswith("txn/") and not each.message_id for each in letters)

    (attachment,) = letters[0].attachments
    assert (attachment.name, attachment.media_type, attachment.size) == (
        "trace é.bin",
        "application/octet-stream",
        256,
    )
    stage.source.save(letters[0].key, attachment.part, tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == files["trace é.bin"]
    with pytest.raises(NotFound):
        stage.source.save(letters[1].key, attachment.part, tmp_path / "other")
    with pytest.raises(NotFound):
        stage.source.save(letters[0].key, "99999", tmp_path / "other")
    with pytest.raises(BadInput, match="File exists"):
        stage.source.save(letters[0].key, attachment.part, tmp_path / "saved")

    assert stage.pull() == []


def what_happens_since_comes_once(stage: Stage, tmp_path: Path) -> None:
    for subject in ("One", "Two", "Three", "Four"):
        stage.meanwhile(lambda rt, subject=subject: rt.mail(ANNE, subject, f"This is {subject}"))
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Elsewhere", "This is elsewhere", queue="Billing"))
    assert len(stage.news()) == 4

    stage.change("One", Owner="marc")
    stage.reply("One", "Any news?")
    stage.write("One", "Working on it")
    assert stage.news() == [
        ("One", LetterKind.REQUEST, "Any news?"),
        ("One", LetterKind.ANSWER, "Working on it"),
    ]
    assert stage.standings["One"].owner == "Marc"

    stage.change("Two", Status="resolved")
    assert stage.news() == []
    assert stage.standings["Two"].closed_at is not None
    stage.reply("Two", "Not solved at all")
    assert stage.news() == [("Two", LetterKind.REQUEST, "Not solved at all")]
    assert stage.standings["Two"].closed_at is None, "the reply has opened it again"

    stage.change("Three", Queue="Billing")
    assert stage.news() == []
    assert stage.standings["Three"].closed_at is not None, "it is others' now"
    stage.meanwhile(lambda rt: rt.ask("PUT", "ticket/5", "marc", json={"Queue": "Support"}))
    assert stage.news() == [("Elsewhere", LetterKind.REQUEST, "This is elsewhere")]

    one, four = stage.standings["One"].thread, stage.standings["Four"].thread
    stage.change("Four", MergeInto=one)
    told = {standing.thread: standing for batch in stage.pull() for standing in batch.standings}
    assert told[four].closed_at is not None, "it is a part of another one"
    assert told[one].closed_at is None
    stage.standings["One"] = told[one]
    stage.reply("One", "I am out of office", automatic=True)
    assert stage.news() == [("One", LetterKind.AUTOMATIC, "I am out of office")]
    assert stage.pull() == []


def an_answer_goes_out_and_is_known_when_it_comes_back(stage: Stage, tmp_path: Path) -> None:
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Queue stuck", "Bonjour"))
    stage.pull()
    text = "Bonjour Anne,\n\nnous avons commencé. 1 € < 2 €\n\nLéa"
    handed = stage.send(OutgoingAct.ANSWER, "Queue stuck", text=text)
    assert (handed.state, handed.detail) == (OutgoingState.SENT, "")
    assert stage.news() == [("Queue stuck", LetterKind.ANSWER, "Bonjour Anne,")]
    assert stage.letters[handed.key].text == text


def an_answer_goes_out_in_sight_of_what_colleagues_do(stage: Stage, tmp_path: Path) -> None:
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Queue stuck", "Bonjour"))
    stage.pull()
    stage.reply("Queue stuck", "Are you there?")
    assert stage.send(OutgoingAct.ANSWER, "Queue stuck", text="Yes").state is OutgoingState.SENT
    stage.write("Queue stuck", "I look at it")
    handed = stage.send(OutgoingAct.ANSWER, "Queue stuck", text="We look at it")
    assert handed.state is OutgoingState.CONFLICT
    assert handed.detail.startswith("Marc wrote in RT at ")
    forced = stage.send(OutgoingAct.ANSWER, "Queue stuck", text="We look at it", seen="")
    assert forced.state is OutgoingState.SENT
    stage.pull()
    assert [letter.text for letter in stage.letters.values() if letter.kind is LetterKind.ANSWER] == [
        "Yes",
        "I look at it",
        "We look at it",
    ]


def an_answer_of_which_nobody_heard_is_looked_for(stage: Stage, tmp_path: Path) -> None:
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Queue stuck", "Bonjour"))
    stage.pull()
    stage.lose_request()
    handed = stage.send(OutgoingAct.ANSWER, "Queue stuck", text="The first")
    assert handed.state is OutgoingState.WAITING
    assert "broke the connection off" in handed.detail
    assert stage.news() == [], "it didn't arrive"
    stage.lose_answer()
    handed = stage.send(OutgoingAct.ANSWER, "Queue stuck", text="The second")
    assert handed.state is OutgoingState.SENT
    assert stage.news() == [("Queue stuck", LetterKind.ANSWER, "The second")]
    assert stage.letters[handed.key].received_at == handed.at


def a_ticket_is_taken_in_sight_of_what_others_do(stage: Stage, tmp_path: Path) -> None:
    for subject in ("Mine", "Harmless", "Taken", "Lost"):
        stage.meanwhile(lambda rt, subject=subject: rt.mail(ANNE, subject, "Hello"))
    stage.pull()

    assert stage.send(OutgoingAct.OWNER, "Mine", owner="Léa").state is OutgoingState.SENT
    assert stage.now("Mine").get("Owner", {"id": "lea"})["id"] == "lea"
    again = stage.send(OutgoingAct.OWNER, "Mine", owner="Léa")
    assert again.state is OutgoingState.SENT
    back = stage.send(OutgoingAct.OWNER, "Mine", owner=None)
    assert back.state is OutgoingState.SENT, "what this account did itself is no conflict"
    assert stage.now("Mine").get("Owner", {"id": "Nobody"})["id"] == "Nobody"

    stage.change("Harmless", Priority="20")
    stage.reply("Harmless", "Please")
    handed = stage.send(OutgoingAct.OWNER, "Harmless", owner="Léa")
    assert handed.state is OutgoingState.SENT
    assert handed.version == "", "the reply is still to be read here before the ticket is closed"

    stage.change("Taken", Owner="marc")
    handed = stage.send(OutgoingAct.OWNER, "Taken", owner="Léa")
    assert (handed.state, handed.their_owner) == (OutgoingState.CONFLICT, "Marc")
    assert handed.detail.startswith("Marc has it in RT since ")
    assert stage.now("Taken").get("Owner", {"id": "marc"})["id"] == "marc"
    forced = stage.send(OutgoingAct.OWNER, "Taken", owner="Léa", seen="")
    assert forced.state is OutgoingState.SENT
    assert stage.now("Taken").get("Owner", {"id": "lea"})["id"] == "lea"

    stage.lose_answer()
    assert stage.send(OutgoingAct.OWNER, "Lost", owner="Léa").state is OutgoingState.WAITING
    assert stage.send(OutgoingAct.OWNER, "Lost", owner="Léa").state is OutgoingState.SENT

    unknown = stage.send(OutgoingAct.OWNER, "Lost", owner="Zoé")
    assert unknown.state is OutgoingState.REFUSED
    assert unknown.detail == "RT knows no user 'Zoé'; set people.Zoé.account"
    barred = stage.send(OutgoingAct.OWNER, "Lost", owner="anne@leman.example")
    assert barred.state is OutgoingState.REFUSED
    assert barred.detail.startswith("RT says: ")


def a_ticket_is_closed_unless_the_customer_wrote(stage: Stage, tmp_path: Path) -> None:
    for subject in ("Done", "Not done"):
        stage.meanwhile(lambda rt, subject=subject: rt.mail(ANNE, subject, "Hello"))
    stage.pull()
    closed = stage.send(OutgoingAct.CLOSE, "Done")
    assert closed.state is OutgoingState.SENT
    assert stage.now("Done").get("Status", "resolved") == "resolved"
    assert stage.send(OutgoingAct.REOPEN, "Done").state is OutgoingState.SENT
    assert stage.now("Done").get("Status", "open") == "open"

    stage.reply("Not done", "It is down again")
    handed = stage.send(OutgoingAct.CLOSE, "Not done")
    assert handed.state is OutgoingState.CONFLICT
    assert handed.detail.startswith("Anne Rochat wrote in RT at ")
    assert stage.send(OutgoingAct.CLOSE, "Not done", seen="").state is OutgoingState.SENT

    stage.standings["Nowhere"] = stage.standings["Done"].__class__(
        "4711", "RT-4711", "Nowhere", Sender(), datetime.now(UTC), version="1"
    )
    for act in (OutgoingAct.ANSWER, OutgoingAct.CLOSE):
        gone = stage.send(act, "Nowhere", text="Hello")
        assert (gone.state, gone.detail) == (OutgoingState.REFUSED, "RT has no ticket 4711 any more")


def the_first_contact_goes_on_where_it_broke_off(stage: Stage, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rt_client, "PAGE", 2)
        for number in range(5):
            stage.meanwhile(lambda rt, number=number: rt.mail(ANNE, f"Number {number}", "Hello"))
        pull = stage.source.pull("")
        first = next(pull)
        pull.close()
        assert ([each.subject for each in first.standings], first.done, first.total) == (
            ["Number 0", "Number 1"],
            2,
            5,
        )
        stage.cursor = first.cursor
        stage.pull()
        assert list(stage.standings) == ["Number 2", "Number 3", "Number 4"]
        stage.reply("Number 3", "Hello?")
        assert stage.news() == [("Number 3", LetterKind.REQUEST, "Hello?")]


def what_may_not_be_seen_hides_nothing_behind_it(stage: Stage, tmp_path: Path) -> None:
    """A page on which all is out of sight isn't the last one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rt_client, "PAGE", 2)
        stage.source = stage.opened(queues=(), who="billing")
        assert stage.news() == []
        for number in range(4):
            stage.meanwhile(lambda rt, number=number: rt.mail(ANNE, f"Number {number}", "Hello"))
        stage.meanwhile(lambda rt: rt.mail(ANNE, "Invoice", "Too much", queue="Billing"))
        assert stage.news() == [("Invoice", LetterKind.REQUEST, "Too much")]


def pages_of_what_may_not_be_seen_are_not_the_end(stage: Stage, tmp_path: Path) -> None:
    """This account may not see comments; nor is it told how many there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rt_client, "PAGE", 2)
        patch.setattr(rt_reading, "LOOKS_BEHIND_SECONDS", 0)
        stage.source = stage.opened(queues=(), who="billing")
        stage.meanwhile(lambda rt: rt.mail(ANNE, "Invoice", "Too much", queue="Billing"))
        assert stage.news() == [("Invoice", LetterKind.REQUEST, "Too much")]
        for number in range(6):
            stage.write("Invoice", f"Number {number}", how="comment")
        stage.reply("Invoice", "Please")
        assert stage.news() == [("Invoice", LetterKind.REQUEST, "Please")]


def a_cursor_of_another_system_reads_all(stage: Stage, tmp_path: Path) -> None:
    stage.meanwhile(lambda rt: rt.mail(ANNE, "Queue stuck", "Bonjour"))
    for cursor in ("99999999", '{"uidvalidity": 1}'):
        stage.cursor = cursor
        stage.letters.clear()
        assert stage.news() == [("Queue stuck", LetterKind.REQUEST, "Bonjour")]
        assert int(stage.cursor) < 1000


def a_wrong_token_is_told_without_it(stage: Stage, tmp_path: Path) -> None:
    stage.source = stage.opened(token="1-14-0123456789abcdef")
    with pytest.raises(SourceUnavailable) as told:
        stage.pull()
    assert "doesn't know the token" in str(told.value)
    assert "0123456789abcdef" not in f"{told.value!r} {told.value.hint} {stage.source!r}"
    stage.standings["Any"] = Standing("1", "RT-1", "Any", Sender(), datetime.now(UTC), version="1")
    handed = stage.send(OutgoingAct.ANSWER, "Any", text="Hello")
    assert handed.state is OutgoingState.WAITING, "it goes out when the token is mended"
    assert "0123456789abcdef" not in handed.detail


STORIES: tuple[Callable[[Stage, Path], None], ...] = (
    all_that_is_open_comes_at_the_first_contact,
    what_happens_since_comes_once,
    an_answer_goes_out_and_is_known_when_it_comes_back,
    an_answer_goes_out_in_sight_of_what_colleagues_do,
    an_answer_of_which_nobody_heard_is_looked_for,
    a_ticket_is_taken_in_sight_of_what_others_do,
    a_ticket_is_closed_unless_the_customer_wrote,
    the_first_contact_goes_on_where_it_broke_off,
    what_may_not_be_seen_hides_nothing_behind_it,
    pages_of_what_may_not_be_seen_are_not_the_end,
    a_cursor_of_another_system_reads_all,
    a_wrong_token_is_told_without_it,
)
