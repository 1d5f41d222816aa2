"""Letters that come in: which become tickets, of whom, and which are known."""

from __future__ import annotations

from letters import letter, of, take_in

from oncall_tui.desk import Desk


def test_a_mail_becomes_a_ticket_and_its_reply_a_line_of_it(desk: Desk) -> None:
    first = letter()
    reply = letter(answers=(first.message_id,), text="Still nothing.")
    taken = take_in(desk, first, reply)
    assert (taken.created, taken.joined) == (1, 1)
    found = of(desk, "M-1")
    assert found.body == "Nothing arrives any more."
    assert [(line.kind.value, line.text) for line in found.messages] == [("request", "Still nothing.")]


def test_what_is_known_comes_in_once(desk: Desk) -> None:
    found = [letter(), letter()]
    take_in(desk, *found)
    again = take_in(desk, *found)
    assert (again.known, again.new) == (2, 0)
