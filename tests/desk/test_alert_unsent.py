"""An answer that doesn't reach the customer is told of, once for each time, until it is settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from mailing import SUPPORT, by_mail, claimed, from_tracker, handed
from support import HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.alert_words import what
from oncall_tui.domain.alerts import Alert, Kind, Level
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.store import outbox

TEXT = "We have started to work on it."
S = OutgoingState


def unsent(desk: Desk) -> list[Alert]:
    desk.alerts.evaluate()
    return [alert for alert in desk.alerts.page(100) if alert.kind is Kind.UNSENT]


def still_open(desk: Desk) -> list[str]:
    return [alert.facts["state"] for alert in unsent(desk) if alert.open]


@pytest.mark.parametrize("state", [S.UNSURE, S.REFUSED, S.CONFLICT, S.BOUNCED])
def test_an_answer_that_needs_a_person_is_critical_and_settled_when_decided(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock, state: OutgoingState
) -> None:
    """R6: the customer was told nothing."""
    desk.alerts.evaluate()
    filed = by_mail(desk, subject="Secret subject")
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    assert not unsent(desk)
    if state is S.BOUNCED:
        desk.outbox.finish(outgoing, handed(clock.now))
        with desk.store.begin() as tx:
            outbox.came_back(tx, outgoing.message_id, "no such user", clock.now)
    else:
        desk.outbox.finish(outgoing, handed(clock.now, state, detail="as the customer wrote"))
    (alert,) = unsent(desk)
    assert (alert.level, alert.subject, alert.customer) == (Level.CRITICAL, filed.ref, "leman")
    assert (alert.at, alert.due_at) == (clock.now, None if state is S.BOUNCED else filed.due_at)
    said = f"{alert} {what(alert, str)}"
    assert "Secret" not in said
    assert "customer wrote" not in said
    marc = open_as("Marc")
    assert [each.id for each in unsent(marc)] == [alert.id]
    assert alert.concerns("Léa")
    desk.outbox.drop(outgoing.id)
    assert not still_open(desk)


def test_an_answer_that_no_desk_sends_is_told_of(desk: Desk, clock: HandClock) -> None:
    """The one that has the source in its settings doesn't run."""
    desk.alerts.evaluate()
    desk.outbox.answer(by_mail(desk).id, TEXT)
    clock.advance(minutes=4)
    assert not unsent(desk)
    assert desk.alerts.evaluate().next_at == clock.now + timedelta(minutes=1), "nothing else may change"
    for _ in range(2):
        clock.advance(minutes=1)
        assert still_open(desk) == ["waiting"]
    desk.outbox.finish(claimed(desk), handed(clock.now))
    assert not still_open(desk)


def test_an_answer_that_is_tried_again_is_told_of_after_three_tries_once(
    desk: Desk, clock: HandClock
) -> None:
    desk.alerts.evaluate()
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    told = []
    for _ in range(5):
        desk.outbox.finish(claimed(desk), handed(clock.now, S.WAITING, detail="no connection"))
        told.append(still_open(desk))
        clock.advance(minutes=10)
    assert told == [[], [], ["waiting"], ["waiting"], ["waiting"]]
    (alert,) = unsent(desk)
    outgoing = claimed(desk)
    assert still_open(desk) == ["waiting"], "the next try is under way"
    desk.alerts.acknowledge(alert.id)
    desk.outbox.finish(outgoing, handed(clock.now, S.WAITING, detail="no connection"))
    assert [each.id for each in unsent(desk)] == [alert.id]
    clock.advance(minutes=10)
    desk.outbox.finish(claimed(desk), handed(clock.now))
    assert [each.settled_at for each in unsent(desk)] == [clock.now]


def test_what_comes_to_trouble_again_is_told_again(desk: Desk, clock: HandClock) -> None:
    desk.alerts.evaluate()
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now, S.REFUSED))
    assert still_open(desk) == ["refused"]
    desk.outbox.again(outgoing.id)
    assert not still_open(desk)
    desk.outbox.finish(claimed(desk), handed(clock.now, S.REFUSED))
    assert still_open(desk) == ["refused"]
    assert len(unsent(desk)) == 2


def test_taking_back_another_act_brings_no_settled_alert_back(desk: Desk, clock: HandClock) -> None:
    desk.alerts.evaluate()
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    outgoing = claimed(desk)
    desk.outbox.finish(outgoing, handed(clock.now, S.REFUSED))
    assert still_open(desk) == ["refused"]
    desk.tickets.close(filed.id, reason="double")
    desk.outbox.drop(outgoing.id)
    assert not still_open(desk)
    desk.tickets.undo(filed.id)
    assert not still_open(desk)


def test_a_desk_that_died_is_told_of_as_soon_as_another_looks(
    desk: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    desk.alerts.evaluate()
    filed = by_mail(desk)
    desk.outbox.answer(filed.id, TEXT)
    claimed(desk)
    clock.advance(days=2)
    marc = open_as("Marc")
    marc.outbox.claim(SUPPORT, "example.org")
    assert still_open(marc) == ["unsure"]


def test_owner_and_state_alert_nobody(desk: Desk, clock: HandClock) -> None:
    """The board says so on the ticket: no customer waits for it."""
    desk.alerts.evaluate()
    filed = from_tracker(desk)
    desk.tickets.take(filed.id)
    desk.outbox.finish(claimed(desk, "tracker"), handed(clock.now, S.CONFLICT))
    assert not unsent(desk)
