"""The program is rung over SIP: a real telephone (baresip) and real callers (sipp), on the loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from board import Night, url_in
from callers import CodedNight
from pty_program import Program
from telephones import NUMBER, Caller, Telephone

from oncall_tui.desk import Desk
from oncall_tui.domain.calls import Call, Step
from oncall_tui.telephone import Telephone as Line
from oncall_tui.translation import spoken

Calls = Callable[[str], Caller]


class Listening:
    """A desk with the telephone beside it; `next` is the next call that was written down."""

    def __init__(self, desk: Desk, telephone: Telephone) -> None:
        self.desk = desk
        self.told: SimpleQueue[str] = SimpleQueue()
        self._changed: SimpleQueue[Call] = SimpleQueue()
        self.line = Line(desk, telephone.control, self.told.put, self._changed.put)
        self.line.start()
        assert self.line.connected_within(20)

    def next(self) -> Call:
        return self._changed.get(timeout=20)

    def records(self, call: Call) -> list[str]:
        from sqlalchemy import text

        query = text(
            "SELECT decision, reason FROM call_records JOIN calls ON calls.id = call_id WHERE ref = :ref"
        )
        with self.desk.store.connect() as connection:
            return [row.reason or row.decision for row in connection.execute(query, {"ref": call.ref})]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


@pytest.fixture
def listening(night: Night, telephone: Telephone) -> Iterator[Listening]:
    made = Listening(night.desk("Léa"), telephone)
    yield made
    made.line.stop()
    assert made.told.empty()


def test_a_call_is_answered_and_ends_when_the_caller_hangs_up(listening: Listening, calls: Calls) -> None:
    caller = calls("answered")
    rang = listening.next()
    assert (rang.number, rang.called, rang.rings) == (NUMBER, "emergency", True)
    assert rang.on_file is not None
    assert (rang.on_file.name, rang.on_file.contact) == ("Banque du Léman", "Anne Rochat")
    listening.line.answer(listening.desk.calls.pick_up(rang.ref))
    caller.done()
    ended = listening.next()
    assert (ended.ref, ended.operator, ended.open) == (rang.ref, "Léa", True)
    assert ended.hung_up_at is not None


def test_who_answers_with_the_keys_of_the_telephone_has_picked_up(
    listening: Listening, telephone: Telephone, calls: Calls
) -> None:
    caller = calls("answered")
    rang = listening.next()
    telephone.press_answer()
    answered = listening.next()
    assert (rang.rings, answered.ref, answered.operator) == (True, rang.ref, "Léa")
    caller.done()
    assert listening.next().hung_up_at is not None
    assert listening.records(rang) == [], "it is hers to decide"


def test_a_call_is_refused_and_hung_up(listening: Listening, calls: Calls) -> None:
    caller = calls("hung up on")
    call = listening.desk.calls.pick_up(listening.next().ref)
    listening.line.answer(call)
    listening.desk.calls.answer(call.ref, Step.LANGUAGE, {"language": "de"})
    listening.desk.calls.record(call.ref, spoken)
    listening.line.end(call)
    caller.done()
    assert listening.next().hung_up_at is not None
    assert listening.records(call) == ["other_language"]


def test_a_call_that_rings_can_be_refused_at_the_telephone(listening: Listening, calls: Calls) -> None:
    caller = calls("refused")
    rang = listening.next()
    listening.line.end(rang)
    caller.done()
    assert not listening.next().open
    assert listening.records(rang) == ["missed"]


def test_a_caller_who_gives_up_is_missed_once(listening: Listening, calls: Calls) -> None:
    caller = calls("gives up")
    rang = listening.next()
    caller.done()
    ended = listening.next()
    assert (ended.ref, ended.rings, ended.operator) == (rang.ref, False, None)
    assert listening.records(rang) == ["missed"]
    # Nobody is on the line any more, and nobody else is answered instead.
    listening.line.answer(ended)
    assert listening.records(rang) == ["missed"]


def test_a_call_that_is_answered_in_the_instant_of_a_cancel_has_one_end(
    listening: Listening, calls: Calls
) -> None:
    for _ in range(5):
        caller = calls("gives up too late")
        rang = listening.next()
        try:
            call = listening.desk.calls.pick_up(rang.ref)
        except Exception:  # noqa: BLE001 - it was over before
            call = listening.desk.calls.get(rang.ref)
        else:
            listening.line.answer(call)
            listening.line.end(call)
            listening.desk.calls.answer(call.ref, Step.ENDING, {"ending": "abandoned"})
            listening.desk.calls.record(call.ref, spoken)
        caller.process.wait(timeout=30)
        assert listening.next().hung_up_at is not None
        assert len(listening.records(rang)) == 1


def test_of_several_that_ring_the_one_that_was_picked_up_is_answered(
    listening: Listening, calls: Calls
) -> None:
    rang: list[tuple[Caller, Call]] = []
    for scenario in ("gives up", "answered", "refused"):
        caller = calls(scenario)
        rang.append((caller, listening.next()))
    listening.line.end(rang[2][1])
    listening.line.answer(listening.desk.calls.pick_up(rang[1][1].ref))
    for caller, _ in rang:
        caller.done()
    ended = {listening.next().ref for _ in rang}
    assert ended == {call.ref for _, call in rang}
    assert listening.records(rang[0][1]) == listening.records(rang[2][1]) == ["missed"]
    assert listening.records(rang[1][1]) == []


def test_without_a_screen_rings_are_written_down_too(
    tmp_path: Path, telephone: Telephone, calls: Calls
) -> None:
    address = "{}:{}".format(*telephone.control)
    with Program(
        *("--database", url_in(tmp_path), "--as", "line"), *("call", "listen", "--baresip", address)
    ) as program:
        program.wait_for(f"listening to {address}")
        caller = calls("gives up")
        program.wait_for(f"rings: {NUMBER}")
        program.wait_for(f"was missed: {NUMBER}")
        caller.done()
        program.type(b"\x03")
        assert program.wait_for_exit() == 0
        assert "Traceback" not in program.text


@pytest.fixture
def board(night: CodedNight, telephone: Telephone, tmp_path: Path) -> Iterator[Program]:
    """The program with the telephone beside it, on a terminal."""
    config = tmp_path / "board.toml"
    config.write_text('[calls]\nbaresip = "{}:{}"\n'.format(*telephone.control))
    with Program("--config", str(config), "--database", night.url, "--as", "Léa", "open") as screen:
        telephone.wait_for_a_listener()
        yield screen
        assert "Traceback" not in screen.text


def test_picking_up_on_the_screen_answers_the_telephone(
    board: Program, night: CodedNight, calls: Calls
) -> None:
    caller = calls("answered")
    board.wait_for("RINGING")
    board.wait_for(NUMBER)
    board.type(b"a")
    caller.done()
    changes = night.desk("reader").queue.signal()
    while night.rows("SELECT 1 FROM calls WHERE hung_up_at IS NULL"):
        assert changes.wait(20)
    changes.close()
    (found,) = night.rows("SELECT number, operator, picked_up_at < hung_up_at FROM calls")
    assert found == (NUMBER, "Léa", True)
    assert night.rows("SELECT decision FROM call_records") == []


def test_a_caller_who_gives_up_is_missed_on_the_screen_too(
    board: Program, night: CodedNight, calls: Calls
) -> None:
    caller = calls("gives up")
    board.wait_for("RINGING")
    caller.done()
    board.wait_for("missed, nobody answered")
    assert night.rows("SELECT decision FROM call_records") == [("missed",)]


def test_another_desk_s_telephone_says_nothing_of_a_call_that_goes_on_elsewhere(
    night: CodedNight, telephone: Telephone, calls: Calls
) -> None:
    listening = Listening(night.desk("line"), telephone)
    caller = calls("gives up")
    rang = listening.next()
    night.desk("Léa").calls.pick_up(rang.ref)
    caller.done()
    told = listening.next()
    assert (told.operator, told.hung_up_at) == ("Léa", None)
    listening.line.stop()
