"""Who is calling: verdicts, limits over desks and restarts, and the ways without a code (R14, R16 to R20)."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from support import CUSTOMERS, NOW, HandClock

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.codes import Caller, CodeKind, Outcome, Proof, Verdict
from oncall_tui.domain.customers import Contact
from oncall_tui.domain.errors import NotFound, Refused
from oncall_tui.store import customers
from oncall_tui.store.keyring import Keyring, KeyTrouble

LEMAN, MORET, ROCHAT = "407182659", "318 204 771", "55-55-01-40"
WRONG = "999999999"

Open = Callable[..., Desk]


@pytest.fixture
def opened(database_url: str, keyring: Keyring, clock: HandClock, tmp_path: Path) -> Iterator[Open]:
    """Open a desk on the test's database; two organisations and a user have codes."""
    desks: list[Desk] = []

    def open_one(operator: str = "Léa", *, settings: str = "", read_only: bool = False) -> Desk:
        file = tmp_path / "config.toml"
        file.write_text(settings)
        offer = load_settings(file, {}).offer
        desk = open_desk(database_url, offer, operator, clock=clock, keyring=keyring, read_only=read_only)
        desks.append(desk)
        return desk

    desk = open_one("setup")
    people = (Contact("Anne Rochat", "anne@leman.ch", "+41 22 555 01 40", "IT"),)
    leman = replace(CUSTOMERS[0], contacts=people)
    with desk.store.begin() as tx:
        customers.add(tx, [(one, None) for one in (leman, *CUSTOMERS[1:])])
    desk.codes.issue("leman", CodeKind.VIP, given=LEMAN)
    desk.codes.issue("moret", CodeKind.VIP, given=MORET)
    desk.codes.issue("leman", CodeKind.SUPPORT, "Anne Rochat", given=ROCHAT)
    yield open_one
    for each in desks:
        each.close()


@pytest.fixture
def desk(opened: Open) -> Desk:
    return opened("Léa")


def outcomes(desk: Desk, caller: Caller, *typed: str) -> list[Outcome]:
    return [desk.callers.look_up(each, caller).outcome for each in typed]


IN_CALL = Caller(call="c1", number="+41 22 555 99 99")


def test_a_code_is_known_however_it_was_typed(desk: Desk) -> None:
    for typed in (
        "407182659",
        " 407 182 659 ",
        "407.182-659",
        "407\u00a0182\u202f659",
        "４０７１８２６５９",
        "٤٠٧١٨٢٦٥٩",
    ):
        verdict = desk.callers.look_up(typed, Caller())
        assert (verdict.outcome, verdict.customer, verdict.customer_name, verdict.kind) == (
            Outcome.MATCH,
            "leman",
            "Banque du Léman",
            CodeKind.VIP,
        ), typed
    assert desk.callers.look_up("3182 04771", Caller()).customer == "moret"


def test_a_support_code_names_the_user_and_opens_no_right(desk: Desk) -> None:
    verdict = desk.callers.look_up("55550140", IN_CALL)
    assert (verdict.outcome, verdict.kind, verdict.contact) == (
        Outcome.MATCH,
        CodeKind.SUPPORT,
        "Anne Rochat",
    )
    proven = desk.callers.confirm(verdict, IN_CALL)
    assert proven.contact == "Anne Rochat"
    assert not proven.opens_rights


def test_a_code_of_the_other_kind_is_no_match_where_one_kind_is_asked_for(desk: Desk) -> None:
    assert desk.callers.look_up(LEMAN, Caller(), kind=CodeKind.SUPPORT).outcome is Outcome.NO_MATCH
    assert desk.callers.look_up(ROCHAT, Caller(), kind=CodeKind.VIP).outcome is Outcome.NO_MATCH
    assert desk.callers.look_up(LEMAN, Caller(), kind=CodeKind.VIP).outcome is Outcome.MATCH


@pytest.mark.parametrize(
    "typed", ["", "12345", "1" * 13, "1" * 10_000, "[/foo]", "\x1b[2J", "hello", "４０７"]
)
def test_what_no_code_can_be_is_misheard(desk: Desk, typed: str) -> None:
    verdict = desk.callers.look_up(typed, IN_CALL)
    assert verdict.outcome is Outcome.MISHEARD
    assert verdict.attempts_left == 3, "not counted as a wrong one"


def test_a_transfer_code_is_told_from_a_code(desk: Desk) -> None:
    assert outcomes(desk, IN_CALL, "Xk7-pQ2z!", "a1b2c3d4e5f6") == [Outcome.TRANSFER_CODE] * 2


def test_a_revoked_code_says_since_when_and_whose_it_was(desk: Desk, clock: HandClock) -> None:
    clock.advance(days=1)
    desk.codes.rotate("leman", CodeKind.VIP, given="111222333")
    verdict = desk.callers.look_up(LEMAN, IN_CALL)
    assert (verdict.outcome, verdict.customer, verdict.revoked_at) == (Outcome.REVOKED, "leman", clock())
    assert verdict.attempts_left == 2, "it counts as a wrong one"
    assert desk.callers.look_up("111222333", IN_CALL).outcome is Outcome.MATCH


def test_a_failed_check_digit_is_misheard_and_not_a_wrong_code(opened: Open) -> None:
    desk = opened(settings="[codes]\ncheck_digit = true")
    issued = desk.codes.issue("tessin", CodeKind.VIP)
    digits = issued.code.reveal()
    slipped = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert outcomes(desk, IN_CALL, *[slipped] * 5) == [Outcome.MISHEARD] * 5
    assert outcomes(desk, IN_CALL, digits) == [Outcome.MATCH]
    assert outcomes(desk, IN_CALL, slipped) == [Outcome.NO_MATCH], "the sixth counts"


def test_after_three_wrong_codes_the_call_stays_unverified(opened: Open) -> None:
    desk = opened()
    left = [desk.callers.look_up(WRONG, IN_CALL) for _ in range(3)]
    assert [verdict.attempts_left for verdict in left] == [2, 1, 0]
    assert [verdict.unverified for verdict in left] == [False, False, True]
    verdict = opened().callers.look_up(LEMAN, IN_CALL)
    assert (verdict.outcome, verdict.unverified, verdict.wait_until, verdict.customer) == (
        Outcome.WAIT,
        True,
        None,
        None,
    )
    assert desk.callers.look_up(LEMAN, Caller("c2", IN_CALL.number)).outcome is Outcome.MATCH


def test_five_wrong_codes_of_one_number_make_it_wait_15_30_60_minutes(opened: Open, clock: HandClock) -> None:
    number = "022 555 99 99"
    waits = []
    for _ in range(4):
        verdicts = [opened().callers.look_up(WRONG, Caller(number=number)) for _ in range(5)]
        assert [verdict.outcome for verdict in verdicts] == [Outcome.NO_MATCH] * 5
        assert [verdict.attempts_left for verdict in verdicts] == [4, 3, 2, 1, 0]
        until = verdicts[-1].wait_until
        assert until is not None
        waits.append((until - clock()).total_seconds() / 60)
        refused = opened("Marc").callers.look_up(LEMAN, Caller(number="+41 (0)22 555 99 99"))
        assert (refused.outcome, refused.wait_until, refused.customer) == (Outcome.WAIT, until, None)
        clock.now = until
    assert waits == [15, 30, 60, 60]
    assert opened().callers.look_up(LEMAN, Caller(number=number)).outcome is Outcome.MATCH


def test_wrong_codes_are_forgotten_after_a_quarter_of_an_hour(desk: Desk, clock: HandClock) -> None:
    caller = Caller(number="+41225559999")
    for _ in range(12):
        assert desk.callers.look_up(WRONG, caller).outcome is Outcome.NO_MATCH
        clock.advance(minutes=4)


def test_a_clock_that_was_days_ahead_keeps_nobody_waiting_once_it_is_right(
    desk: Desk, clock: HandClock
) -> None:
    caller = Caller(number="+41225559999", customer="leman")
    clock.advance(days=3)
    assert outcomes(desk, caller, *[WRONG] * 5, LEMAN)[-1] is Outcome.WAIT
    clock.advance(days=-3)
    verdict = desk.callers.look_up(LEMAN, caller)
    assert (verdict.outcome, verdict.attempts_left, verdict.alert) == (Outcome.MATCH, 5, False)
    assert outcomes(desk, caller, *[WRONG] * 5, LEMAN)[-1] is Outcome.WAIT
    clock.advance(minutes=16)
    assert outcomes(desk, caller, LEMAN) == [Outcome.MATCH]


def test_a_clock_that_steps_back_a_little_opens_nothing(desk: Desk, clock: HandClock) -> None:
    caller = Caller(number="+41225559999")
    outcomes(desk, caller, *[WRONG] * 4)
    clock.advance(minutes=-20)
    assert outcomes(desk, caller, WRONG, LEMAN) == [Outcome.NO_MATCH, Outcome.WAIT]
    clock.advance(minutes=-20)
    assert outcomes(desk, caller, LEMAN) == [Outcome.WAIT]


def test_without_a_number_the_engineer_counts_in_its_place(opened: Open) -> None:
    lea = opened("Léa")
    verdicts = [lea.callers.look_up(WRONG, Caller()) for _ in range(6)]
    assert [one.outcome for one in verdicts] == [Outcome.NO_MATCH] * 5 + [Outcome.WAIT]
    assert [one.for_want_of_a_number for one in verdicts] == [False] * 4 + [True] * 2
    assert outcomes(lea, Caller(number="+41225550000"), LEMAN) == [Outcome.MATCH], (
        "with one there is no pause"
    )
    assert outcomes(opened("Marc"), Caller(), LEMAN) == [Outcome.MATCH]


def test_five_wrong_codes_for_one_organisation_lock_it_whoever_calls(opened: Open, clock: HandClock) -> None:
    for number in range(5):
        caller = Caller(number=f"+4122555000{number}", customer="leman")
        assert outcomes(opened(), caller, MORET) == [Outcome.NO_MATCH], "the code of another organisation"
    locked = opened("Marc").callers.look_up(LEMAN, Caller(number="+41225551234"))
    assert (locked.outcome, locked.customer) == (Outcome.WAIT, None)
    assert outcomes(opened("Marc"), Caller(number="+41225551235"), MORET) == [Outcome.MATCH]


def test_who_names_another_organisation_has_given_a_wrong_code(desk: Desk) -> None:
    verdict = desk.callers.look_up(LEMAN, IN_CALL)
    denied = desk.callers.deny(verdict, IN_CALL)
    assert (denied.outcome, denied.attempts_left, denied.customer) == (Outcome.NO_MATCH, 2, None)


def test_twenty_wrong_codes_a_day_over_the_whole_desk_are_an_alert(opened: Open, clock: HandClock) -> None:
    desk = opened()
    verdicts = [desk.callers.look_up(WRONG, Caller(number=f"+4122555{n:04d}")) for n in range(20)]
    assert [verdict.alert for verdict in verdicts] == [False] * 19 + [True]
    clock.advance(days=1, seconds=1)
    assert not desk.callers.look_up(WRONG, Caller(number="+41225551111")).alert


def test_a_success_counts_for_its_call_or_for_the_time_that_is_set(opened: Open, clock: HandClock) -> None:
    for settings, other_call, half_an_hour in (("", False, False), ('[codes]\ntrust = "30min"', True, False)):
        desk = opened(settings=settings)
        proven = desk.callers.confirm(desk.callers.look_up(LEMAN, IN_CALL), IN_CALL)
        assert proven.proof is Proof.CODE
        assert proven.holds("c1", clock())
        assert proven.holds("c9", clock()) is other_call
        later = clock()
        assert proven.holds("c9", later.replace(minute=later.minute + 30)) is half_an_hour


def test_only_a_match_can_be_confirmed(desk: Desk) -> None:
    with pytest.raises(Refused, match="only a code that matches") as refusal:
        desk.callers.confirm(Verdict(Outcome.NO_MATCH, NOW), IN_CALL)
    assert refusal.value.rule == "R17"


def test_a_locked_caller_is_called_back_on_the_number_on_file_only(desk: Desk) -> None:
    proven = desk.callers.called_back("leman", "+41 22 555 01 40", IN_CALL)
    assert (proven.proof, proven.by, proven.opens_rights) == (Proof.CALL_BACK, "+41 22 555 01 40", True)
    with pytest.raises(Refused, match="not on file") as refusal:
        desk.callers.called_back("leman", IN_CALL.number, IN_CALL)
    assert refusal.value.rule == "R14"


def test_a_second_engineer_approves_and_not_oneself(desk: Desk) -> None:
    assert desk.callers.approved("leman", "Marc", IN_CALL).by == "Marc"
    with pytest.raises(Refused, match="not you"):
        desk.callers.approved("leman", "LEA", IN_CALL)
    with pytest.raises(NotFound):
        desk.callers.approved("nobody", "Marc", IN_CALL)


def test_a_read_only_desk_looks_nothing_up(opened: Open) -> None:
    with pytest.raises(Refused, match="read-only"):
        opened(read_only=True).callers.look_up(LEMAN, Caller())


def test_each_look_up_leaves_an_entry_without_the_code(desk: Desk, clock: HandClock) -> None:
    desk.callers.confirm(desk.callers.look_up(LEMAN, IN_CALL), IN_CALL)
    desk.callers.look_up(WRONG, IN_CALL)
    with desk.store.connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM audit WHERE act NOT LIKE 'issue%' ORDER BY id")
        ).fetchall()
    told = {"call": "c1", "number": "+41 22 555 99 99"}
    assert [(row.operator, row.act, row.customer, row.outcome) for row in rows] == [
        ("Léa", "look up code", "leman", "match"),
        ("Léa", "confirm caller", "leman", "verified"),
        ("Léa", "look up code", "", "no_match"),
    ]
    assert [json.loads(row.detail) for row in rows] == [told | {"kind": "vip"}, told | {"kind": "vip"}, told]
    assert not any(code in str(row) for row in rows for code in (LEMAN, WRONG))


def guess(url: str, key_file: str, start: object, told: object) -> None:
    desk = open_desk(
        url, load_settings(None, {}).offer, "Léa", clock=HandClock(), keyring=Keyring(Path(key_file))
    )
    start.wait()  # type: ignore[attr-defined]
    caller = Caller(number="+41225559999")
    told.put([desk.callers.look_up(WRONG, caller).outcome.value for _ in range(4)])  # type: ignore[attr-defined]
    desk.close()


def test_eight_processes_at_once_never_exceed_the_limit(
    opened: Open, database_url: str, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(8), spawn.Queue()
    key_file = str(tmp_path / "keys" / "oncall.key")
    processes = [spawn.Process(target=guess, args=(database_url, key_file, start, told)) for _ in range(8)]
    for process in processes:
        process.start()
    found = [outcome for _ in processes for outcome in told.get(timeout=120)]
    for process in processes:
        process.join(60)
    assert sorted(found) == ["no_match"] * 5 + ["wait"] * 27


def test_without_its_key_a_desk_says_what_is_off_and_changes_nothing(
    opened: Open, keyring: Keyring, database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    place = Path(keyring.place)
    desk = opened()
    assert desk.callers.trouble() == ""
    place.chmod(0o644)
    assert "is open to others (mode 0644)" in desk.callers.trouble()
    with pytest.raises(KeyTrouble, match="open to others"):
        desk.callers.look_up(LEMAN, IN_CALL)
    place.chmod(0o600)
    kept = place.read_bytes()
    place.unlink()
    assert "is not there" in desk.callers.trouble()
    with pytest.raises(KeyTrouble, match="is not there"):
        desk.callers.look_up(LEMAN, IN_CALL)
    assert not place.exists(), "a key that is missing isn't made anew"
    Keyring(place).create()
    assert "this database needs key" in desk.callers.trouble()
    with pytest.raises(KeyTrouble, match="this database needs key"):
        desk.callers.look_up(LEMAN, IN_CALL)
    place.write_bytes(b"rubbish\n")
    assert "key 1 is none" in desk.callers.trouble()
    place.write_bytes(kept)
    assert desk.callers.look_up(LEMAN, IN_CALL).outcome is Outcome.MATCH
    with desk.store.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM code_attempts")) == 1
