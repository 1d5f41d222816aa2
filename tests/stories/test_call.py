"""A call on the emergency line: the keys of an engineer, and what the database says after (R11 to R15)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from board import loaded, on_loop, screen_lines, until
from callers import LEMAN, MORET, ROCHAT, WRONG, CodedNight, shows
from calling import NUMBER, answered, deliberate, known, opened, press, record, rested
from support import NOW
from textual.pilot import Pilot

from oncall_tui.domain.calls import Call, Step
from oncall_tui.domain.codes import CodeKind, Proof
from oncall_tui.domain.emergency import Decision, Reason
from oncall_tui.domain.tickets import Channel, MessageKind
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.call import CallScreen, open_call
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.screens.ticket import TicketScreen
from oncall_tui.translation import spoken

TESSIN = "226610945"


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


async def verified(pilot: Pilot[None], code: str = LEMAN) -> None:
    """Type a code that the caller reads out, and have the caller name the organisation."""
    await pilot.press(*code, "enter")
    await shows(pilot, "= MATCH")
    await pilot.press("y")
    await until(pilot, lambda: rested(pilot.app), "back on the call")


# From the ring to the decision


@on_loop
async def test_a_known_caller_is_accepted_with_eight_keys_and_the_code(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        pressed = ["a"]
        await shows(pilot, "Emergency line, good day.", "1 Who Banque du Léman, Anne Rochat")
        await verified(pilot)
        pressed += ["enter", "y"]
        await shows(pilot, "VIP code, confirmed", "Enterprise: emergency line, 1 h = ok R11")
        for key in ("f", "y", "y", "1", "enter"):
            await press(pilot, key)
            pressed.append(key)
        await shows(pilot, "ACCEPTED: ticket", "is yours, target 04:12", "the team is told")
        assert len(pressed) == 8, "besides the digits of the code"
    done = record(night, ref)
    assert (done.decision, done.rule, done.language) == (Decision.ACCEPTED, "R11", "fr")
    assert (done.person, done.proof, done.service) == ("Anne Rochat", Proof.CODE, "Public cloud")
    ticket = night.desk("reader").tickets.find(done.ticket)
    assert (ticket.channel, ticket.owner, ticket.customer) == (Channel.EMERGENCY, "Léa", "leman")
    assert ticket.received_at == NOW


@on_loop
async def test_another_language_is_refused_with_three_keys(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)  # a
        await press(pilot, "d")
        await shows(pilot, "So far: refused, other language (R11)", "y if it is about infrastructure")
        await press(pilot, "enter")
        await shows(pilot, "REFUSED: other language (R11)")
    done = record(night, ref)
    assert (done.decision, done.reason, done.language) == (Decision.REFUSED, Reason.OTHER_LANGUAGE, "de")
    assert done.said.en.startswith("On this line we speak French and English only.")
    assert done.next_step
    assert done.ticket == ""


@on_loop
async def test_a_call_from_ring_to_ticket_on_each_database(database_url: str, tmp_path: Path) -> None:
    night = CodedNight(tmp_path, url=database_url)
    app = night.app()
    async with app.run_test(size=(120, 40)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "e", "y", "y", "s", *"mail", "enter", "w", *"Queue", "enter", "enter")
        await shows(pilot, "ACCEPTED")
    done = record(night, ref)
    assert (done.decision, done.service, done.summary) == (Decision.ACCEPTED, "Mail", "Queue")
    assert [step.step.value for step in known(night, ref).steps] == [
        "rang",
        "picked_up",
        "code",
        "code",
        "language",
        "infrastructure",
        "needs_us",
        "service",
        "summary",
        "recorded",
    ]
    night.close()


CODED = ("code",)
REFUSALS = {
    "no_intervention_needed": (*CODED, "f", "y", "n", "enter"),
    "not_our_service": (*CODED, "e", "y", "y", "n", "enter"),
    "not_infrastructure": (*CODED, "f", "n", "3", "enter"),
    "no_active_plan": ("u", "enter"),
    "caller_not_verified": ("minus", "enter"),
    "duplicate": ("m", "enter"),
    "abandoned": ("h", "enter"),
    "wrong_number": ("z", "enter"),
    "other_language": ("i", "enter"),
}


@pytest.mark.parametrize("reason", REFUSALS)
@on_loop
async def test_each_reason_is_a_few_keys_away_and_is_recorded_whole(night: CodedNight, reason: str) -> None:
    if reason == "duplicate":
        night.file()
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        for key in REFUSALS[reason]:
            await (verified(pilot) if key == "code" else press(pilot, key))
        await shows(pilot, "REFUSED:")
    done = record(night, ref)
    assert (done.decision, done.reason) == (Decision.REFUSED, Reason(reason))
    assert all((done.rule, done.said.fr, done.said.en, done.next_step, done.operator == "Léa"))


@on_loop
async def test_a_plan_without_the_line_is_refused_with_a_ticket_by_e_mail(night: CodedNight) -> None:
    night.desk("setup").codes.issue("tessin", CodeKind.VIP, given=TESSIN)
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night, "+41 91 555 00 00")
        await verified(pilot, TESSIN)
        await shows(pilot, "Plus: no emergency line × no R11", "Next: ticket T-… by e-mail, due 27.03. 10:00")
        await press(pilot, "enter")
        await shows(pilot, "REFUSED: plan without the line (R11)")
        done = record(night, ref)
        await shows(pilot, f"Next: ticket {done.ticket} by e-mail, due 27.03. 10:00")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, TicketScreen), "its ticket is open")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen), "the board")


@on_loop
async def test_a_refused_report_of_an_outage_tells_the_team(night: CodedNight) -> None:
    """R14"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "d")
        await shows(pilot, "▌5 Infrastructure y yes n no")
        await press(pilot, "y")
        await shows(pilot, "Enter records it, and the team is told: it is about infrastructure (R14)")
        await press(pilot, "enter")
        await shows(pilot, "REFUSED", "the team is told (R14)")
    assert record(night, ref).alert


@on_loop
async def test_the_same_case_is_noted_on_the_ticket_that_is_open(night: CodedNight) -> None:
    first = night.file(subject="Cluster unreachable")
    second = night.file(subject="Mail queue stuck")
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await shows(pilot, "open already:", "m if it is the same")
        await press(pilot, "m")
        await shows(pilot, f"{first.ref} Cluster unreachable", f"{second.ref} Mail queue stuck")
        order = [case for case, _ in known(night, ref).emergencies]
        await press(pilot, str(order.index(first.ref) + 1), "enter")
        await shows(pilot, "REFUSED: known already (R13)")
    assert record(night, ref).ticket == first.ref
    messages = night.desk("reader").tickets.detail(first.id).messages
    assert [each.kind for each in messages if ref in each.text] == [MessageKind.NOTE]


# Who


@on_loop
async def test_who_calls_from_an_unknown_number_is_found_by_name(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night, "+44 20 7946 0000")
        await shows(pilot, "not on file", "1 Who / find the organisation")
        await pilot.press("slash", *"moret")
        await shows(pilot, "Fromagerie Moret", "Enter they speak for it")
        await pilot.press("enter")
        await until(pilot, lambda: rested(app), "back on the call")
        await shows(pilot, "Fromagerie Moret", "Pro: emergency line, 2 h")
        await press(pilot, "p", *"Paul", "enter")
        await shows(pilot, "1 Who Fromagerie Moret, Paul – claimed")
    answers = known(night, ref).answers
    assert (answers.customer, answers.person, answers.standing) == ("moret", "Paul", None)


@on_loop
async def test_a_code_of_another_organisation_than_the_number_says_who_it_is(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot, MORET)
        await shows(pilot, "1 Who Fromagerie Moret", "Pro: emergency line, 2 h")
    answers = known(night, ref).answers
    assert (answers.customer, answers.person, answers.proof) == ("moret", "", Proof.CODE)


@on_loop
async def test_not_a_customer_is_taken_back_with_the_same_key(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night, "+44 20 7946 0000")
        await press(pilot, "u")
        await shows(pilot, "refused, no active plan (R11)", "the telephone is answered from 27.03. 06:00")
        await press(pilot, "u")
        await shows(pilot, "nothing against it")
    assert not known(night, ref).answers.stranger


# The code


@on_loop
async def test_the_first_digit_opens_the_look_up_and_arrives_in_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await pilot.press("0", "4", "0")
        await shows(pilot, "040", "3 typed")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: rested(app), "back on the call")
        await press(pilot, "v")
        assert isinstance(app.screen, LookupScreen)
        await pilot.press("escape")
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, LookupScreen)
    assert known(night, ref).answers.standing is None


@on_loop
async def test_three_wrong_codes_leave_the_caller_unverified_and_offer_two_ways(night: CodedNight) -> None:
    """R14, R18"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await pilot.press("v")
        for _ in range(3):
            await pilot.press(*WRONG, "enter")
            await shows(pilot, "NO MATCH")
            await until(pilot, lambda: isinstance(app.screen, LookupScreen) and not app.screen._busy, "told")
        await pilot.press("escape")
        await until(pilot, lambda: rested(app), "back on the call")
        await shows(pilot, "2 Code not verified × no R14", "C call back on file", "A second engineer")
        await pilot.press("C")
        await shows(pilot, "the one that rang proves nothing")
        assert NUMBER not in "".join(screen_lines(app)[-6:]), "never the number that rang (R14)"
        await pilot.press("1", "y")
        await until(pilot, lambda: rested(app) and known(night, ref).answers.proof is not None, "verified")
        await shows(pilot, "2 Code called back on +41 79 555 01 41", "nothing against it")
    answers = known(night, ref).answers
    assert (answers.proof, answers.by) == (Proof.CALL_BACK, "+41 79 555 01 41")
    assert night.rows("SELECT outcome FROM code_attempts") == [("no_match",)] * 3


@on_loop
async def test_a_second_engineer_vouches_for_who_has_no_code(night: CodedNight) -> None:
    """R14"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "minus")
        await pilot.press("A", *"Marc", "enter")
        await until(pilot, lambda: rested(app) and known(night, ref).answers.proof is not None, "verified")
        await shows(pilot, "2 Code approved by Marc = ok R17")
    assert known(night, ref).answers.by == "Marc"


@on_loop
async def test_verified_on_the_card_one_is_back_on_the_call_at_once(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night, "+44 20 7946 0000")
        await pilot.press("v", "slash", *"moret", "enter")
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.card, "the card is open")
        await pilot.press("C", "1", "y")
        await until(pilot, lambda: rested(app) and known(night, ref).answers.proof is not None, "verified")
        await shows(pilot, "1 Who Fromagerie Moret", "called back on +41 26 555 02 01")


@on_loop
async def test_a_support_code_opens_no_line_and_a_second_engineer_may(night: CodedNight) -> None:
    """R16"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, night)
        await verified(pilot, ROCHAT)
        await shows(pilot, "support code: opens no VIP right × no R16", "refused, caller not verified (R16)")
        await shows(pilot, "A second engineer")


@on_loop
async def test_what_was_proven_a_moment_ago_is_offered_with_enter(tmp_path: Path) -> None:
    night = CodedNight(tmp_path, config='[codes]\ntrust = "30min"\n')
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "h", "enter", "escape")
        ref = await opened(pilot, night, name="two")
        await press(pilot, "enter")
        await shows(pilot, "2 Code Enter verified until 03:42")
        await press(pilot, "enter")
        await shows(pilot, "2 Code VIP code, confirmed = ok R17")
    assert known(night, ref).answers.proof is Proof.CODE
    night.close()


@on_loop
async def test_a_code_typed_over_the_help_is_looked_up_for_the_call(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        await pilot.press("v")
        ref = await opened(pilot, night)
        await pilot.press("question_mark", "v")
        await until(pilot, lambda: isinstance(app.screen, LookupScreen), "a look-up is open")
        await pilot.press(*LEMAN, "enter")
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await until(pilot, lambda: rested(app) and known(night, ref).answers.proof is not None, "verified")


@on_loop
async def test_a_code_typed_over_a_recorded_call_is_another_callers(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "z", "enter")
        await shows(pilot, "REFUSED")
        await pilot.press("v", *LEMAN, "enter")
        await shows(pilot, "= MATCH")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and app.screen.card, "the card is open")
    assert known(night, ref).answers.proof is None


# Answers


@on_loop
async def test_keys_that_come_in_one_piece_answer_one_question_each(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await pilot.press("f", "y", "y", "2", "enter")
        await shows(pilot, "ACCEPTED")
    assert (record(night, ref).service, record(night, ref).language) == ("Mail", "fr")


@on_loop
async def test_a_new_answer_takes_the_place_of_the_old_and_backspace_goes_back(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "e", "n")
        await shows(pilot, "refused, not infrastructure (R11)", "1 third-party application")
        await press(pilot, "1")
        await shows(pilot, "no, third-party application × no R24")
        await press(pilot, "backspace", "backspace", "backspace", "y")
        await shows(pilot, "5 Infrastructure yes = ok", "nothing against it", "▌6 Needs us")
    answers = known(night, ref).answers
    assert (answers.infrastructure, answers.topic) == (True, None)


@pytest.mark.parametrize(
    ("typed", "language", "shown"),
    [("pt", "pt", "Portuguese"), ("Espagnol", "es", "Spanish"), ("Romansh", "Romansh", "Romansh")],
)
@on_loop
async def test_any_other_language_can_be_written(
    night: CodedNight, typed: str, language: str, shown: str
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "o", *typed, "enter")
        await shows(pilot, f"4 Language {shown} × no R11")
    assert known(night, ref).answers.language == language


@pytest.mark.parametrize(
    ("typed", "service", "ours"),
    [("mail", "Mail", True), ("WordPress", "WordPress", False)],
)
@on_loop
async def test_a_service_that_is_written_is_theirs_if_it_is_on_file(
    night: CodedNight, typed: str, service: str, ours: bool
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "f", "y", "y", "s", *typed, "enter")
        await shows(pilot, service)
    answers = known(night, ref).answers
    assert (answers.service, answers.ours) == (service, ours)


@pytest.mark.parametrize("leaving", ["enter", "escape", "f1", "f2"])
@on_loop
async def test_the_summary_is_stored_however_its_line_is_left(night: CodedNight, leaving: str) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "w")
        await pilot.press(*"Disks", "space", *"gone")
        if leaving == "f2":
            night.desk("telephone").calls.ring("+41 26 555 02 01")
            app.session.refresh()
            await until(pilot, lambda: app.session.ringing, "another one rings")
        await pilot.press(leaving)
        await until(pilot, lambda: answered(night, ref).summary == "Disks gone", "it is stored")


@on_loop
async def test_the_summary_becomes_the_subject(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "f", "y", "y", "1", "w", *"Down", "enter", "enter")
        await shows(pilot, "ACCEPTED")
        done = record(night, ref)
        assert night.desk("reader").tickets.find(done.ticket).subject == "Down"
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, TicketScreen), "its ticket is open")


@on_loop
async def test_nothing_is_recorded_while_something_is_missing(night: CodedNight) -> None:
    """R12"""
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "f", "G", "enter")
        await shows(pilot, "missing: Infrastructure, Needs us, Service", "▌5 Infrastructure")
    assert known(night, ref).call.open


@on_loop
async def test_a_key_that_is_held_down_records_nothing(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "d")
        for module in ("held_key", "page"):
            monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: 1e9)
        await press(pilot, "w", "x", "enter", "enter", "enter")
        await shows(pilot, "So far: refused, other language")
    assert known(night, ref).call.open


# Leaving, and coming back


@on_loop
async def test_esc_leaves_the_call_in_progress_and_one_key_comes_back(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await verified(pilot)
        await press(pilot, "f")
        await pilot.press("escape")
        await shows(pilot, f"{ref} stays in progress; a goes back to it", "call 00:00 a")
        await press(pilot, "a")
        await until(pilot, lambda: rested(app), "it is open again")
        await shows(pilot, "4 Language French", "▌5 Infrastructure")


@on_loop
async def test_a_second_call_finds_the_first_where_it_was(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        first = await opened(pilot, night)
        await press(pilot, "f")
        second = await opened(pilot, night, "+41 26 555 02 01", name="two")
        await shows(pilot, "Fromagerie Moret")
        await press(pilot, "z", "enter")
        await shows(pilot, "REFUSED: wrong number")
        await pilot.press("escape")
        await until(pilot, lambda: rested(app), "the first is open")
        await shows(pilot, "Banque du Léman", "4 Language French")
    assert record(night, second).reason is Reason.WRONG_NUMBER
    assert known(night, first).call.open


@on_loop
async def test_leaving_a_recorded_call_hangs_up_the_telephone_that_rang(night: CodedNight) -> None:
    ended = []

    class Telephone:
        def answer(self, call: Call) -> None:
            pass

        def end(self, call: Call) -> None:
            ended.append(call.ref)

    app = night.app()
    app.session.telephone = Telephone()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "d", "enter")
        await shows(pilot, "REFUSED", "the caller is still on the line; Esc hangs up")
        assert ended == []
        await pilot.press("escape")
        await until(pilot, lambda: ended == [ref], "the telephone hangs up")


@on_loop
async def test_a_key_that_is_held_down_takes_nothing_back(
    night: CodedNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        for module in ("held_key", "page"):
            monkeypatch.setattr(f"oncall_tui.screens.{module}.monotonic", lambda: 1e9)
        await press(pilot, "h", "h", "h", "h")
        await shows(pilot, "refused, caller hung up")
        await press(pilot, "f", "f", "f")
    assert [step.step.value for step in known(night, ref).steps[2:]] == ["ending", "language"]


@on_loop
async def test_the_help_says_what_the_signs_of_a_call_mean(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(100, 80)) as pilot:
        await opened(pilot, night)
        await press(pilot, "question_mark")
        await shows(pilot, "× no this speaks against it", "Answer the question on")


@pytest.mark.parametrize("answer", ["n", "y"])
@on_loop
async def test_leaving_the_program_with_a_call_in_hand_asks_first(night: CodedNight, answer: str) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        await press(pilot, "w", *"Disks")
        await pilot.press("ctrl+q")
        await shows(pilot, "Leave with a call in hand?", f"{ref} isn't decided")
        await until(pilot, lambda: answered(night, ref).summary == "Disks", "what was typed is stored")
        await pilot.press(answer)
        await until(pilot, lambda: app._exit or rested(app), "it is answered")
        assert app._exit is (answer == "y")
    assert known(night, ref).call.open


# Other desks


@on_loop
async def test_a_call_that_was_taken_over_says_who_has_it(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        night.desk("Marc").calls.take_over(ref)
        await press(pilot, "f")
        await shows(pilot, f"Marc picked {ref} up at 03:12:44", "Marc has this call", "t takes it over")
        assert known(night, ref).answers.language == ""
        await press(pilot, "e")
        assert known(night, ref).answers.language == ""
        await pilot.press("t")
        await shows(pilot, f"Take over {ref}?")
        await pilot.press("y")
        await until(pilot, lambda: known(night, ref).call.operator == "Léa", "it is taken over")
        await until(pilot, lambda: isinstance(app.screen, CallScreen) and app.screen.mine, "it is shown")
        await press(pilot, "e")
    assert known(night, ref).answers.language == "en"


@on_loop
async def test_a_call_that_another_desk_recorded_shows_its_record(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        again = night.desk("Léa")
        again.calls.answer(ref, Step.ENDING, {"ending": "wrong_number"})
        again.calls.record(ref, spoken)
        app.session.refresh()
        await shows(pilot, "REFUSED: wrong number (R13)")
        await press(pilot, "f")
        await shows(pilot, f"{ref} is recorded")


@on_loop
async def test_it_is_said_when_the_caller_hangs_up(night: CodedNight) -> None:
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        ref = await opened(pilot, night)
        night.clock.advance(seconds=75)
        app.show_time(night.clock())
        await shows(pilot, "01:15")
        night.desk("telephone").calls.hang_up("one")
        app.session.refresh()
        await shows(pilot, "hung up 03:13", "the caller hung up at 03:13; h ends the call as abandoned")
        await press(pilot, "h")
        await shows(pilot, "refused, caller hung up (R13)")
    assert known(night, ref).call.open


@on_loop
async def test_a_board_that_only_reads_answers_nothing(night: CodedNight) -> None:
    ref = night.desk("Léa").calls.start(NUMBER).ref
    app = night.app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        open_call(app.board, ref)
        await until(pilot, lambda: rested(app), "it is open")
        for key in ("f", "y", "4", "h", "w", "slash", "t"):
            await press(pilot, key)
            assert isinstance(app.screen, CallScreen), key
            await shows(pilot, "this board is read-only")
    assert [step.step.value for step in known(night, ref).steps] == ["picked_up"]
