"""Issuing, revoking, and sealing all codes with another key, on both databases (R16, R19)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from importing import import_customers
from sqlalchemy import text

from oncall_tui.desk import Desk
from oncall_tui.desk import codes as codes_desk
from oncall_tui.domain.codes import Caller, CodeKind, Outcome
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.store import codes
from oncall_tui.store.keyring import Keyring, KeyTrouble

VIP = CodeKind.VIP


def outcome(desk: Desk, code: str) -> Outcome:
    return desk.callers.look_up(code, Caller()).outcome


def issued(desk: Desk, customer: str) -> str:
    return desk.codes.issue(customer, VIP).code.reveal()


def test_a_code_is_issued_once_and_then_rotated(desk: Desk) -> None:
    first = issued(desk, "leman")
    with pytest.raises(Refused, match="has a code in force"):
        desk.codes.issue("leman", VIP)
    second = desk.codes.rotate("leman", VIP).code.reveal()
    assert first != second
    assert [outcome(desk, first), outcome(desk, second)] == [Outcome.REVOKED, Outcome.MATCH]


def test_only_what_is_there_is_rotated_or_revoked(desk: Desk) -> None:
    for act in (desk.codes.rotate, desk.codes.revoke):
        with pytest.raises(NotFound, match="leman has no vip code in force"):
            act("leman", VIP)
        with pytest.raises(NotFound, match="no customer 'nobody'"):
            act("nobody", VIP)


def test_who_a_code_can_belong_to(desk: Desk) -> None:
    with pytest.raises(Refused, match="the standard plan"):
        desk.codes.issue("jardin", VIP)
    with pytest.raises(NotFound, match="has no contact 'Anne'"):
        desk.codes.issue("leman", CodeKind.SUPPORT, "Anne")


def test_a_revoked_code_is_never_given_out_again(desk: Desk) -> None:
    desk.codes.issue("leman", VIP, given="407182659")
    desk.codes.revoke("leman", VIP)
    with pytest.raises(Refused, match="is or was in use"):
        desk.codes.issue("moret", VIP, given="407 182 659")
    with pytest.raises(Refused, match="is or was in use"):
        desk.codes.issue("leman", VIP, given="407182659")


def test_what_is_sealed_opens_only_where_it_was_sealed(desk: Desk, keyring: Keyring) -> None:
    desk.codes.issue("leman", VIP, given="407182659")
    desk.codes.issue("moret", VIP, given="318204771")
    with desk.store.connect() as connection:
        first, second = connection.scalars(text("SELECT id FROM codes ORDER BY id"))
        assert codes.revealed(connection, keyring.held(), first).reveal() == "407182659"
    with desk.store.begin() as tx:
        tx.connection.execute(
            text("UPDATE codes SET sealed = (SELECT sealed FROM codes WHERE id = :a) WHERE id = :b"),
            {"a": first, "b": second},
        )
    with desk.store.connect() as connection, pytest.raises(KeyTrouble, match="was changed in the database"):
        codes.revealed(connection, keyring.held(), second)


@pytest.mark.parametrize("sealed", ["(SELECT sealed FROM codes WHERE id <> :id)", "'é'", "'AAAA'", "''"])
def test_a_code_that_was_changed_stops_a_new_key_only_until_it_is_replaced(desk: Desk, sealed: str) -> None:
    desk.codes.issue("leman", VIP, given="407182659")
    desk.codes.issue("moret", VIP, given="318204771")
    with desk.store.begin() as tx:
        first = tx.connection.scalar(text("SELECT min(id) FROM codes"))
        tx.connection.execute(text(f"UPDATE codes SET sealed = {sealed} WHERE id = :id"), {"id": first})
    with pytest.raises(KeyTrouble, match="a code of leman was changed in the database"):
        desk.codes.rotate_key(lambda _total: None)
    fresh = desk.codes.rotate("leman", VIP).code.reveal()
    desk.codes.rotate_key(lambda _total: None)
    assert outcome(desk, fresh) is outcome(desk, "318204771") is Outcome.MATCH
    assert outcome(desk, "407182659") is Outcome.REVOKED
    with desk.store.connect() as connection:
        assert len(set(connection.scalars(text("SELECT key_id FROM codes")))) == 1


def test_another_key_knows_every_code_and_the_old_one_is_kept(desk: Desk, keyring: Keyring) -> None:
    vip = issued(desk, "leman")
    old = keyring.newest()
    told: list[int] = []
    done = desk.codes.rotate_key(told.append)
    assert (done.codes, told, done.key_id) == (1, [1], keyring.newest().id)
    assert keyring.get(old.id) == old
    assert done.key_id != old.id
    with desk.store.connect() as connection:
        assert set(connection.scalars(text("SELECT key_id FROM codes"))) == {done.key_id}
    assert outcome(desk, vip) is Outcome.MATCH


def test_a_rotation_that_was_cut_off_goes_on_where_it_stopped(
    open_as: Callable[..., Desk], keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_as("Léa")
    monkeypatch.setattr(codes_desk, "BATCH", 2)
    rows = [{"id": f"c{n}", "name": f"C {n}", "plan": "pro", "vip_code": f"7000000{n:02d}"} for n in range(7)]
    import_customers(desk, *rows)

    def cut(total: int) -> None:
        if total == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.codes.rotate_key(cut)
    assert {outcome(desk, str(row["vip_code"])) for row in rows} == {Outcome.MATCH}, "known all the while"
    fresh = open_as("Marc").codes.issue("leman", VIP, given="111222333")
    assert outcome(desk, fresh.code.reveal()) is Outcome.MATCH
    with pytest.raises(Refused, match="is or was in use"):
        desk.codes.issue("moret", VIP, given="700000006")
    assert desk.codes.rotate_key(lambda _total: None).codes == 3
    assert len(keyring.held()) == 2, "it went on with the key that it had begun with"
    assert {outcome(desk, str(row["vip_code"])) for row in rows} == {Outcome.MATCH}


def test_without_the_key_before_a_rotation_changes_nothing(desk: Desk, keyring: Keyring) -> None:
    issued(desk, "leman")
    place = keyring._path
    place.unlink()
    with pytest.raises(KeyTrouble, match="is not there"):
        desk.codes.rotate_key(lambda _total: None)
    Keyring(place).create()
    with pytest.raises(KeyTrouble, match="this database needs key"):
        desk.codes.rotate_key(lambda _total: None)
    assert len(Keyring(place).held()) == 1


def test_a_read_only_desk_changes_no_code(open_as: Callable[..., Desk]) -> None:
    with pytest.raises(Refused, match="read-only"):
        open_as("Léa", read_only=True).codes.issue("leman", VIP)
