"""Temporary access at the desk: recorded, used, given back, all of it audited (R23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.desk import Desk
from oncall_tui.domain.audit import AuditFilter
from oncall_tui.domain.customers import Access
from oncall_tui.domain.entitlements import AccessState, entitlements
from oncall_tui.domain.errors import BadInput, Conflict, NotFound, Refused
from oncall_tui.domain.grants import Grant, GrantState
from oncall_tui.domain.tickets import Channel, Ticket
from oncall_tui.store import customers

HOUR = timedelta(hours=1)
SERVICES = ("Mail", "Drive")


@pytest.fixture
def lea(desk: Desk) -> Desk:
    """Léa's desk; the bank has two services."""
    change(desk, services=SERVICES)
    return desk


def change(desk: Desk, customer: str = "leman", **what: object) -> None:
    """Import an organisation anew with something changed."""
    with desk.store.begin() as tx:
        row, old = customers.find(tx.connection, customer)
        customers.replace(tx, row, replace(old, **what), None, now=desk.clock())  # type: ignore[arg-type]


def filed(desk: Desk, customer: str = "leman") -> Ticket:
    return desk.tickets.new(customer=customer, channel=Channel.EMAIL, subject="Mail queue stuck")


def audited(desk: Desk) -> list[tuple[str, str, str]]:
    found = desk.audit.entries(AuditFilter(), limit=100)
    told = [(each.act, each.operator, each.detail.get("service", "")) for each in found if each.customer]
    return [each for each in told if "access" in each[0] or each[0] == "undo"]


def users(grant: Grant, now: datetime) -> list[str]:
    return [use.operator for use in grant.in_use(now)]


def test_access_is_recorded_used_and_given_back(lea: Desk, clock: HandClock) -> None:
    """R23, and every step of it stands in the audit."""
    made = lea.access.grant("leman", "mail", NOW + 4 * HOUR, "Anne Rochat")
    assert (made.service, made.granted_at, made.granted_by) == ("Mail", NOW, "Anne Rochat")
    assert (made.recorded_by, made.recorded_at) == ("Léa", NOW)
    clock.advance(minutes=10)
    used = lea.access.use(made.id, "look into the queue")
    assert used.state(clock.now) is GrantState.IN_USE
    assert [(use.operator, use.purpose, use.began_at) for use in used.uses] == [
        ("Léa", "look into the queue", clock.now)
    ]
    clock.advance(minutes=10)
    assert lea.access.stop(made.id).uses[0].ended_at == clock.now
    clock.advance(minutes=10)
    ended = lea.access.end(made.id)
    assert (ended.state(clock.now), ended.ended_by, ended.ends_at) == (GrantState.ENDED, "Léa", clock.now)
    acts = ["record access", "use access", "give access back", "end access"]
    assert sorted(audited(lea)) == sorted((act, "Léa", "Mail") for act in acts)
    entry = next(each for each in lea.audit.entries(AuditFilter(), limit=9) if each.act == "record access")
    assert entry.detail["until"] == (NOW + 4 * HOUR).isoformat()
    assert entry.customer == "leman"


def test_what_ran_out_is_never_used(lea: Desk, clock: HandClock) -> None:
    """R23: the refusal says when, and the instant of the end is out."""
    made = lea.access.grant("leman", "1", NOW + HOUR)
    later = lea.access.grant("leman", "Drive", NOW + 5 * HOUR, granted_at=NOW + 2 * HOUR)
    with pytest.raises(Refused, match="begins at 05:12:44") as refused:
        lea.access.use(later.id, "why")
    assert refused.value.rule == "R23"
    clock.advance(hours=1)
    with pytest.raises(Refused, match="ran out at 04:12:44") as refused:
        lea.access.use(made.id, "why")
    assert refused.value.rule == "R23"
    clock.advance(hours=1)
    lea.access.end(later.id)
    with pytest.raises(Refused, match="was ended at 05:12:44 by Léa"):
        lea.access.use(later.id, "why")
    with pytest.raises(Conflict, match="ended at 05:12:44 by Léa"):
        lea.access.end(later.id)
    with pytest.raises(NotFound):
        lea.access.use(99, "why")


def test_a_use_is_one_for_each_engineer_and_says_what_for(
    lea: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    marc = open_as("Marc")
    made = lea.access.grant("leman", "Mail", NOW + HOUR)
    for nothing in ("", "  "):
        with pytest.raises(BadInput, match="purpose"):
            lea.access.use(made.id, nothing)
    ticket, other = filed(lea), filed(lea, "moret")
    with pytest.raises(BadInput, match=f"{other.ref} is not of Banque du Léman"):
        lea.access.use(made.id, ticket=other.ref)
    lea.access.use(made.id, ticket=ticket.ref)
    with pytest.raises(Conflict, match="you use Mail since 03:12:44"):
        lea.access.use(made.id, "again")
    assert users(marc.access.use(made.id, "the same"), clock.now) == ["Léa", "Marc"]
    assert [each.act for each in lea.tickets.detail(ticket.id).history][-1] == "use access"
    clock.advance(minutes=1)
    assert users(marc.access.stop(made.id), clock.now) == ["Léa"]
    with pytest.raises(Refused, match="you don't use Mail"):
        marc.access.stop(made.id)


def test_a_use_ends_with_the_access(lea: Desk, clock: HandClock) -> None:
    """R23: nobody is shown as still using what has ended; who stops later stopped then at the latest."""
    made = lea.access.grant("leman", "Mail", NOW + HOUR)
    lea.access.use(made.id, "why")
    clock.advance(hours=2)
    (grant,) = lea.access.of("leman").grants
    assert grant.state(clock.now) is GrantState.EXPIRED
    assert not grant.in_use(clock.now)
    assert lea.access.stop(made.id).uses[0].ended_at == NOW + HOUR


def test_whoever_ends_it_ends_all_uses(lea: Desk, open_as: Callable[..., Desk], clock: HandClock) -> None:
    made = lea.access.grant("leman", "Mail", NOW + 4 * HOUR)
    lea.access.use(made.id, "why")
    clock.advance(minutes=5)
    ended = open_as("Marc").access.end(made.id)
    assert [use.ended_at for use in ended.uses] == [clock.now]
    (access,) = lea.customers.card("leman").customer.access
    assert access == Access("Mail", NOW, clock.now), "what was ended early has ended"
    rights = entitlements(lea.offer, lea.customers.card("leman").customer, None, clock.now)
    assert [state for _, state in rights.access] == [AccessState.EXPIRED]


@pytest.mark.parametrize(
    ("service", "until", "why"),
    [
        ("Backup", NOW + HOUR, "none of their services"),
        ("", NOW + HOUR, "a service is needed"),
        ("Mail", NOW, "over already"),
        ("Mail", NOW - HOUR, "over already"),
    ],
)
def test_access_is_to_a_named_service_and_has_an_end_to_come(
    lea: Desk, service: str, until: datetime, why: str
) -> None:
    """R23."""
    with pytest.raises(BadInput, match=why) as refused:
        lea.access.grant("leman", service, until)
    assert refused.value.rule == "R23"
    assert not lea.access.of("leman").grants
    with pytest.raises(BadInput, match="not after its beginning"):
        lea.access.grant("leman", "Mail", NOW + HOUR, granted_at=NOW + HOUR)
    with pytest.raises(BadInput, match="none of their services"):
        lea.access.grant("jardin", "Mail", NOW + HOUR)


def test_what_is_active_is_prolonged_and_goes_on(lea: Desk, clock: HandClock) -> None:
    made = lea.access.grant("leman", "Mail", NOW + HOUR, "Anne Rochat")
    lea.access.use(made.id, "why")
    clock.advance(minutes=50)
    longer = lea.access.grant("leman", "Mail", NOW + 3 * HOUR)
    assert (longer.id, longer.until, longer.granted_by) == (made.id, NOW + 3 * HOUR, "Anne Rochat")
    assert users(longer, clock.now) == ["Léa"]
    with pytest.raises(Refused, match="until 06:12:44 already"):
        lea.access.grant("leman", "Mail", NOW + 2 * HOUR)
    assert lea.access.undo("leman").id == made.id
    assert lea.access.of("leman").grants[0].until == NOW + HOUR
    clock.advance(minutes=10)
    again = lea.access.grant("leman", "Mail", NOW + 3 * HOUR)
    assert again.id != made.id, "what ran out isn't prolonged but granted anew"


def test_an_end_in_the_hour_that_comes_twice(lea: Desk, clock: HandClock) -> None:
    """R4: it ends at an instant, the first 02:30 of the night or the second."""
    clock.now = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    mail = lea.access.grant("leman", "Mail", first)
    drive = lea.access.grant("leman", "Drive", second)
    clock.now = first
    with pytest.raises(Refused, match="ran out"):
        lea.access.use(mail.id, "why")
    assert users(lea.access.use(drive.id, "why"), first) == ["Léa"]
    clock.now = second
    assert [each.state(second) for each in lea.access.of("leman").grants] == [GrantState.EXPIRED] * 2


# Taking back


def test_each_act_can_be_taken_back_for_ten_seconds(lea: Desk, clock: HandClock) -> None:
    desk = lea.access
    made = desk.grant("leman", "Mail", NOW + HOUR)
    desk.undo("leman")
    assert not desk.of("leman").grants
    made = desk.grant("leman", "Mail", NOW + HOUR)
    desk.use(made.id, "why")
    desk.undo("leman")
    assert not desk.of("leman").grants[0].uses
    desk.use(made.id, "why")
    clock.advance(seconds=5)
    desk.stop(made.id)
    desk.undo("leman")
    assert users(desk.of("leman").grants[0], clock.now) == ["Léa"]
    desk.end(made.id)
    desk.undo("leman")
    (grant,) = desk.of("leman").grants
    assert grant.state(clock.now) is GrantState.IN_USE
    with pytest.raises(Refused, match="nothing to undo"):
        desk.undo("leman")
    desk.stop(made.id)
    clock.advance(seconds=11)
    with pytest.raises(Refused, match="nothing to undo"):
        desk.undo("leman")
    assert [act for act, *_ in audited(lea)].count("undo") == 4


def test_what_somebody_went_on_from_isnt_taken_back(
    lea: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    marc = open_as("Marc")
    made = lea.access.grant("leman", "Mail", NOW + HOUR)
    marc.access.use(made.id, "why")
    with pytest.raises(Conflict, match="Marc has used it"):
        lea.access.undo("leman")
    lea.access.use(made.id, "why")
    marc.access.end(made.id)
    with pytest.raises(Conflict, match="Marc ended it"):
        lea.access.undo("leman")
    clock.now = made.until - timedelta(seconds=3)
    marc_made = lea.access.grant("leman", "Drive", made.until)
    lea.access.use(marc_made.id, "why")
    lea.access.stop(marc_made.id)
    clock.advance(seconds=4)
    with pytest.raises(Refused, match="ended meanwhile"):
        lea.access.undo("leman")


def test_who_has_begun_again_elsewhere_uses_it_once(lea: Desk, open_as: Callable[..., Desk]) -> None:
    """R23: taking back that it was given back makes no second use of the same engineer."""
    grant = lea.access.grant("leman", "Mail", NOW + HOUR)
    lea.access.use(grant.id, "why")
    lea.access.stop(grant.id)
    open_as("Léa").access.use(grant.id, "again")
    with pytest.raises(Conflict, match="Léa uses it again since"):
        lea.access.undo("leman")
    (left,) = lea.access.of("leman").grants
    assert [use.ended_at is None for use in left.uses] == [False, True]


def test_a_read_only_desk_changes_nothing(lea: Desk, open_as: Callable[..., Desk]) -> None:
    made = lea.access.grant("leman", "Mail", NOW + HOUR)
    reader = open_as("Zoé", read_only=True)
    for act in (
        lambda: reader.access.grant("leman", "Mail", NOW + 2 * HOUR),
        lambda: reader.access.use(made.id, "why"),
        lambda: reader.access.end(made.id),
    ):
        with pytest.raises(Refused, match="read-only"):
            act()
    assert reader.access.of("leman").grants == (made,)


# The hand-over


def test_a_hand_over_knows_what_is_open_who_uses_it_and_what_ended(
    lea: Desk, open_as: Callable[..., Desk], clock: HandClock
) -> None:
    change(lea, "moret", services=("VPS", "DNS"))
    began = clock.now
    mail = lea.access.grant("leman", "Mail", NOW + 9 * HOUR)
    drive = lea.access.grant("leman", "Drive", NOW + HOUR)
    vps = lea.access.grant("moret", "VPS", NOW + 5 * HOUR)
    lea.access.grant("moret", "DNS", NOW + 30 * HOUR, granted_at=NOW + 20 * HOUR)
    clock.advance(hours=2)
    open_as("Marc").access.use(mail.id, "why")
    lea.access.end(vps.id)
    clock.advance(hours=1)
    now = clock.now
    found = lea.access.in_force(began)
    assert [(each.id, each.state(now)) for each in found] == [
        (mail.id, GrantState.IN_USE),
        (vps.id, GrantState.ENDED),
        (drive.id, GrantState.EXPIRED),
    ]
    assert users(found[0], now) == ["Marc"]
    assert [each.customer_name for each in found] == [
        "Banque du Léman",
        "Fromagerie Moret",
        "Banque du Léman",
    ]
    assert [each.id for each in lea.access.in_force(now - HOUR / 2)] == [mail.id]
    then = NOW + HOUR / 2
    past = lea.access.in_force(began, as_of=then)
    assert [(each.id, each.state(then)) for each in past] == [
        (drive.id, GrantState.ACTIVE),
        (vps.id, GrantState.ACTIVE),
        (mail.id, GrantState.ACTIVE),
    ]


# Lists that are imported anew


def test_a_list_changes_what_it_says_and_keeps_who_used_it(lea: Desk, clock: HandClock) -> None:
    """R23: the record of who used an access isn't an import's to lose."""
    listed = Access("Mail", NOW - HOUR, NOW + 4 * HOUR)
    unused = Access("Drive", NOW - HOUR, NOW + 4 * HOUR)
    change(lea, access=(listed, unused))
    mail = next(each for each in lea.access.of("leman").grants if each.service == "Mail")
    lea.access.use(mail.id, "why")
    change(lea, access=(replace(listed, until=NOW + 2 * HOUR), unused))
    found = {each.service: each for each in lea.access.of("leman").grants}
    assert (found["Mail"].id, found["Mail"].until) == (mail.id, NOW + 2 * HOUR)
    assert users(found["Mail"], clock.now) == ["Léa"]
    clock.advance(minutes=1)
    change(lea, access=())
    (left,) = lea.access.of("leman").grants
    assert (left.id, left.state(clock.now)) == (mail.id, GrantState.ENDED)
    assert [use.ended_at for use in left.uses] == [clock.now]


def test_a_list_leaves_what_was_recorded_at_the_desk(lea: Desk, clock: HandClock) -> None:
    listed = Access("Mail", NOW - HOUR, NOW + HOUR)
    change(lea, access=(listed,))
    made = lea.access.grant("leman", "Drive", NOW + 2 * HOUR)
    longer = lea.access.grant("leman", "Mail", NOW + 3 * HOUR)
    change(lea, access=(listed,), name="Banque du Léman SA")
    assert {each.id: each.until for each in lea.access.of("leman").grants} == {
        made.id: made.until,
        longer.id: NOW + 3 * HOUR,
    }
    change(lea, access=(replace(listed, until=NOW + 5 * HOUR),))
    assert NOW + 5 * HOUR in {each.until for each in lea.access.of("leman").grants}


def test_a_list_without_access_changes_none_of_it(lea: Desk, clock: HandClock) -> None:
    """A file without the field keeps what is on file, also what was given back early."""
    change(lea, access=(Access("Mail", NOW - HOUR, NOW + 4 * HOUR),))
    (mail,) = lea.access.of("leman").grants
    lea.access.use(mail.id, "why")
    clock.advance(minutes=1)
    lea.access.end(mail.id)
    before = lea.access.of("leman").grants
    change(lea, name="Banque du Léman SA")
    assert [replace(each, customer_name="Banque du Léman") for each in lea.access.of("leman").grants] == list(
        before
    )
    assert CUSTOMERS[0].access == ()
