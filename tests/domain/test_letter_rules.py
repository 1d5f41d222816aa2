"""What letters and other systems' tickets mean for ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sample import ticket
from support import NOW

from oncall_tui.domain.correspondence import LetterKind, Sender, Standing
from oncall_tui.domain.letter_rules import REOPEN_WITHIN, Joins, followed, joins, may_name
from oncall_tui.domain.message_ids import LONGEST, NEAREST, message_id_of, nearest
from oncall_tui.domain.outgoing import OutgoingAct
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.senders import NOWHERE, Belonging, Organisation

kinds = st.sampled_from(LetterKind)
instants = st.integers(-10_000_000, 10_000_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
owners = st.sampled_from([None, "Léa", "Marc"])


@given(kinds, st.none() | instants, instants)
def test_only_a_customer_opens_a_ticket_and_for_two_weeks(kind, closed_at, received_at) -> None:
    done = joins(kind, closed_at, received_at)
    if closed_at is None or kind is not LetterKind.REQUEST:
        assert done is Joins.AS_IT_IS
    else:
        late = received_at > closed_at + REOPEN_WITHIN
        assert done is (Joins.TOO_LATE if late else Joins.REOPENS)


def test_a_reference_is_enough_for_who_belongs_to_it() -> None:
    one = ticket(customer_id=7)
    ours = Belonging(Organisation(7, "bank", "Bank", Plan.PRO))
    other = Belonging(Organisation(8, "evil", "Evil", Plan.PRO))
    shared = Belonging(
        Organisation(8, "evil", "Evil", Plan.PRO), others=(Organisation(7, "b", "B", Plan.PLUS),)
    )
    unknown = Belonging(Organisation(7, "unknown", "Unknown senders", Plan.STANDARD))
    assert may_name(ours, "a@b", one, "")
    assert may_name(shared, "a@b", one, "")
    assert may_name(other, "a@b", one, "a@b")
    assert not may_name(other, "a@b", one, "c@d")
    assert not may_name(NOWHERE, "", one, "")
    assert not may_name(unknown, "a@b", one, "c@d"), "unknown senders are no organisation"


@given(owners, owners, owners, st.booleans(), st.booleans(), st.sets(st.sampled_from(OutgoingAct)))
def test_a_ticket_follows_but_where_an_act_of_ours_is_on_its_way(mine, known, theirs, closed, there, ours):
    """R6: following starts and stops no clock."""
    one = ticket(
        owner=mine,
        owner_since=NOW if mine else None,
        received_at=NOW - timedelta(hours=2),
        closed_at=NOW - timedelta(hours=1) if closed else None,
    )
    closed_there = NOW - timedelta(minutes=5) if there else None
    standing = Standing("1", "RT-1", "x", Sender(), NOW, owner=theirs, closed_at=closed_there)
    new = followed(one, standing, known or "", ours, NOW)
    if OutgoingAct.OWNER in ours or theirs == known:
        assert (new.owner, new.owner_since) == (one.owner, one.owner_since)
    else:
        assert new.owner == theirs
    if {OutgoingAct.CLOSE, OutgoingAct.REOPEN} & ours:
        assert new.closed_at == one.closed_at
    else:
        assert (new.closed_at is not None) == there
    same = {"owner": one.owner, "owner_since": one.owner_since, "closed_at": None, "close_reason": ""}
    assert replace(new, **same) == replace(one, **same)
    again = followed(new, standing, theirs or "", ours, NOW + timedelta(hours=1))
    assert again == new, "the same news changes nothing"


@given(st.text(max_size=40))
def test_a_message_id_is_harmless_and_stays_the_same(text: str) -> None:
    found = message_id_of(text)
    assert message_id_of(found) == found
    if found:
        assert found.isprintable()
        assert " " not in found
        assert (found[0], found[-1]) == ("<", ">")


def test_message_ids_as_programs_write_them() -> None:
    assert message_id_of(" <a@b>\r\n") == message_id_of("a@b") == "<a@b>"
    assert message_id_of("<>") == message_id_of("") == message_id_of("<a b@c>") == ""
    assert message_id_of("x" * (LONGEST + 1)) == ""
    assert nearest(["<a>", "b c", "<a>", "<d>"]) == ("<a>", "<d>")
    assert len(nearest(f"<{number}>" for number in range(10_000))) == NEAREST
