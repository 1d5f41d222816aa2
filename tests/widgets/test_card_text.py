"""The card of an organisation, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from board import on_loop, screen_lines
from hostile import HOSTILE
from rich.style import Style
from rich.text import Text
from sample import due_in, ticket
from support import NOW
from textual.app import App, ComposeResult

from oncall_tui.domain.codes import CodeKind, Proof, Verification
from oncall_tui.domain.customers import Access, CodeState, Contact, Customer, CustomerCard, Manager
from oncall_tui.domain.grants import Grant, Use
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.text import NAME_LIMIT, SUBJECT_LIMIT, clean
from oncall_tui.domain.tickets import Channel
from oncall_tui.theme import NIGHT
from oncall_tui.widgets.card_paper import CardPaper
from oncall_tui.widgets.card_text import card_lines

HOUR = timedelta(hours=1)
LEMAN = Customer(
    "leman",
    "Banque du Léman",
    Plan.ENTERPRISE,
    date(2026, 1, 1),
    language="fr",
    contacts=(
        Contact("Anne Rochat", "anne@leman.example", "+41 22 555 01 40", "head of IT"),
        Contact("Karim Besson", "karim@leman.example", "+41 22 555 01 43", "system engineer"),
    ),
    services=("Mail", "Domains", "Kubernetes", "Object storage", "Backup"),
    managers=(
        Manager("Camille Perrin", "camille@host.example", "+41 22 555 09 11"),
        Manager("Aline Morand", "aline@host.example", "+41 22 555 09 21", technical=True),
    ),
    access=(
        Access("Mail", NOW - 90 * HOUR, NOW - 20 * HOUR),
        Access("Backup", NOW - 20 * HOUR, NOW + 28 * HOUR),
    ),
)
CARD = CustomerCard(
    LEMAN,
    tickets=(
        ticket(subject="Cluster unreachable since 02:40", response=due_in(-12 * HOUR / 60), owner="Léa"),
        ticket(id=2, subject="Mail queue stuck", channel=Channel.EMAIL, response=due_in(HOUR / 4)),
    ),
    open_count=2,
    calls=(
        ticket(subject="Cluster unreachable since 02:40", owner="Léa"),
        ticket(
            subject="Which day is the backup of?",
            channel=Channel.PHONE,
            received_at=NOW - 14 * HOUR,
            closed_at=NOW - 13 * HOUR,
        ),
    ),
    codes=(
        CodeState(CodeKind.VIP, "", NOW - timedelta(days=80)),
        CodeState(CodeKind.SUPPORT, "Anne Rochat", NOW - timedelta(days=20)),
    ),
)
VIP = Verification("leman", Proof.CODE, NOW, CodeKind.VIP, call="call")
SUPPORT = replace(VIP, kind=CodeKind.SUPPORT, contact="Anne Rochat")


def lines(
    offer: Offer,
    card: CustomerCard,
    verification: Verification | None = None,
    *,
    width: int = 78,
    now: datetime = NOW,
) -> list[str]:
    found = card_lines(card, verification, offer, now, width, lambda _name: Style.null())
    assert all(line.cell_len <= width for line in found)
    return [line.plain.rstrip() for line in found]


def of(**more: object) -> CustomerCard:
    """Return a card with nothing on it but what is given of the organisation."""
    facts: dict[str, object] = {"id": "leman", "name": "Banque du Léman", "plan": Plan.PRO}
    return CustomerCard(Customer(**(facts | more)))  # type: ignore[arg-type]


def labelled(shown: list[str], label: str) -> str:
    return next(line for line in shown if line.startswith(label)).removeprefix(label).strip()


def test_at_78_columns_all_of_an_organisation_takes_19_lines(offer: Offer) -> None:
    assert lines(offer, CARD, VIP) == [
        "Banque du Léman  Enterprise  speaks French           VIP code, confirmed 03:12",
        "24/7 line  open to them, target 1 h: French or English, our infrastructure",
        "Answer     in 1 h of opening time: phone opens 06:00, mail opens 06:00",
        "Advice     opens 09:00, Mon–Fri 09:00–18:00",
        "Contract   since 1 January 2026, committed until 1 July 2026, 96 days left",
        "",
        "People     Anne Rochat     head of IT       +41 22 555 01 40",
        "           Karim Besson    system engineer  +41 22 555 01 43",
        "Managers   Camille Perrin                   +41 22 555 09 11  back 09:00",
        "           Aline Morand    technical        +41 22 555 09 21  back 09:00",
        "           Mon–Fri 09:00–18:00",
        "Access     Backup until Sat 07:12; Mail expired Thu 07:12",
        "Services   Mail, Domains, Kubernetes, Object storage, Backup",
        "",
        "Open       1 !! -00:12:00  call   Cluster unreachable since 02:40  Léa",
        "           2 !   00:15:00  mail   Mail queue stuck                 –",
        "Calls               03:12  call   Cluster unreachable since 02:40  assigned",
        "                Thu 13:12  phone  Which day is the backup of?      closed",
        "Codes      VIP code since 6 Jan, support code of Anne Rochat since 7 Mar",
    ]


def test_at_58_columns_numbers_stay_and_roles_go(offer: Offer) -> None:
    """R16"""
    assert lines(offer, CARD, SUPPORT, width=58) == [
        "Banque du Léman  Enterprise  speaks French",
        "~ support code of Anne Rochat, 03:12: no VIP right",
        "24/7 line  not with a support code: ask for the VIP code",
        "Answer     in 1 h of opening time: phone opens 06:00,",
        "           mail opens 06:00",
        "Advice     opens 09:00, Mon–Fri 09:00–18:00",
        "Contract   since 1 January 2026,",
        "           committed until 1 July 2026, 96 days left",
        "",
        "People     Anne Rochat     +41 22 555 01 40",
        "           Karim Besson    +41 22 555 01 43",
        "Managers   Camille Perrin  +41 22 555 09 11  back 09:00",
        "           Aline Morand    +41 22 555 09 21  back 09:00",
        "           Mon–Fri 09:00–18:00",
        "Access     Backup until Sat 07:12; Mail expired Thu 07:12",
        "Services   Mail, Domains, Kubernetes, Object storage,",
        "           Backup",
        "",
        "Open       1 !! -00:12:00  call   Cluster unreachable sin…",
        "           2 !   00:15:00  mail   Mail queue stuck",
        "Calls               03:12  call   Cluster unreachable sin…",
        "                Thu 13:12  phone  Which day is the backup…",
        "Codes      VIP code since 6 Jan,",
        "           support code of Anne Rochat since 7 Mar",
    ]


def test_at_46_columns_duty_stands_once(offer: Offer) -> None:
    """R14"""
    assert lines(offer, CARD, width=46) == [
        "Banque du Léman  Enterprise     ! NOT VERIFIED",
        "24/7 line only once verified: code, call-back,",
        "          approval",
        "Answer    in 1 h of opening time:",
        "          phone opens 06:00, mail opens 06:00",
        "Advice    opens 09:00, Mon–Fri 09:00–18:00",
        "Contract  since 1 January 2026,",
        "          committed until 1 July 2026,",
        "          96 days left",
        "",
        "People    Anne Rochat     +41 22 555 01 40",
        "          Karim Besson    +41 22 555 01 43",
        "Managers  back 09:00",
        "          Camille Perrin  +41 22 555 09 11",
        "          Aline Morand    +41 22 555 09 21",
        "          Mon–Fri 09:00–18:00",
        "Access    Backup until Sat 07:12;",
        "          Mail expired Thu 07:12",
        "Services  Mail, Domains, Kubernetes,",
        "          Object storage, Backup",
        "",
        "Open      1 !! -00:12:00  Cluster unreachable…",
        "          2 !   00:15:00  Mail queue stuck",
        "Calls              03:12  Cluster unreachable…",
        "               Thu 13:12  Which day is the ba…",
        "Codes     VIP code since 6 Jan, support code",
        "          of Anne Rochat since 7 Mar",
    ]


def test_a_wide_card_has_addresses_and_due_times(offer: Offer) -> None:
    shown = lines(offer, CARD, VIP, width=100)
    assert labelled(shown, "People").endswith("head of IT       +41 22 555 01 40  anne@leman.example")
    assert labelled(shown, "Open").startswith("1 !! -00:12:00  03:00      call   Cluster unreachable")


def test_where_nothing_is_on_file_it_is_said_in_words(offer: Offer) -> None:
    assert lines(offer, of(plan=Plan.STANDARD)) == [
        "Banque du Léman  Standard                                       ! NOT VERIFIED",
        "24/7 line  not in their plan",
        "Answer     no time guaranteed: phone opens 06:00, mail opens 06:00",
        "Contract   standard support: free, no commitment",
        "",
        "People     no contact on file: nobody to call back",
        "Managers   none: the plan has no account manager",
        "Access     none granted",
        "Services   none on file",
        "",
        "Open       no open ticket",
        "Calls      none on record",
        "Codes      none issued",
    ]
    assert labelled(lines(offer, of()), "Managers") == "none named on file"


@pytest.mark.parametrize(
    ("since", "now", "words"),
    [
        (None, NOW, "the day of subscription isn't on file"),
        (date(2026, 1, 1), NOW, "since 1 January 2026, committed until 1 July 2026, 96 days left"),
        (date(2025, 9, 27), NOW, "since 27 September 2025, committed until 27 March 2026, the last day"),
        (date(2025, 9, 26), NOW, "since 26 September 2025,"),
        (date(2026, 4, 1), NOW, "begins 1 April 2026, committed until 1 October 2026, 188 days left"),
    ],
)
def test_it_is_said_until_when_they_are_committed(
    offer: Offer, since: date | None, now: datetime, words: str
) -> None:
    """R21"""
    assert labelled(lines(offer, of(subscribed_on=since), now=now, width=98), "Contract").startswith(words)


def test_advice_is_for_plans_that_have_it(offer: Offer) -> None:
    shown = lines(offer, CARD, now=NOW + 7 * HOUR)
    assert labelled(shown, "Advice") == "open until 18:00, Mon–Fri 09:00–18:00"
    assert not any(line.startswith("Advice") for line in lines(offer, of()))


@pytest.mark.parametrize(
    ("verification", "words"),
    [
        (
            replace(VIP, proof=Proof.CALL_BACK, kind=None, by="+41 22 555 01 40"),
            "called back 03:12 on +41 22",
        ),
        (replace(VIP, proof=Proof.APPROVAL, kind=None, by="Marc"), "approved 03:12 by Marc"),
        (replace(VIP, customer="moret"), "! NOT VERIFIED"),
        (replace(VIP, until=NOW), "! NOT VERIFIED"),
    ],
)
def test_it_is_said_how_they_were_verified(offer: Offer, verification: Verification, words: str) -> None:
    """R14, R17"""
    assert words in lines(offer, CARD, verification)[0]


def test_who_isnt_verified_is_told_apart_by_ink_as_well(offer: Offer) -> None:
    def inks(verification: Verification | None) -> set[str]:
        used: set[str] = set()

        def ink(name: str) -> Style:
            used.add(name)
            return Style.null()

        card_lines(of(), verification, offer, NOW, 78, ink)
        return used

    assert "critical" in inks(None)
    assert "critical" not in inks(VIP)


def test_in_the_daytime_it_is_said_until_when(offer: Offer) -> None:
    """R1, R22"""
    shown = lines(offer, CARD, VIP, now=NOW + 7 * HOUR)
    assert labelled(shown, "Answer") == "in 1 h of opening time: phone until 19:00, mail until 23:00"
    assert labelled(shown, "Managers").endswith("+41 22 555 09 11  on duty until 18:00")


def test_on_a_weekend_with_a_clock_change_it_is_said_which_day(offer: Offer) -> None:
    """R4"""
    shown = lines(offer, CARD, VIP, now=NOW + 46 * HOUR)
    assert labelled(shown, "Answer") == "in 1 h of opening time: phone opens Mon 06:00, mail opens 06:00"
    assert labelled(shown, "Managers").endswith("back Mon 09:00")


def test_who_has_no_number_shows_the_address(offer: Offer) -> None:
    contacts = (Contact("Zoé", "zoe@leman.example"), Contact("Max", phone="022 555 01 40"))
    shown = lines(offer, of(contacts=contacts), width=46)
    assert labelled(shown, "People") == "Zoé  zoe@leman.example"


def test_of_many_people_the_first_stand_above_and_all_are_there(offer: Offer) -> None:
    contacts = tuple(Contact(f"Person {number}", phone=f"022 555 {number:04}") for number in range(9))
    shown = lines(offer, of(contacts=contacts))
    assert labelled(shown, "Managers")
    at = shown.index("           and 5 more, at the end")
    assert at < shown.index("Open       no open ticket") < shown.index("Others     Person 4  022 555 0004")
    assert shown[-1] == "           Person 8  022 555 0008"


def test_more_tickets_than_there_are_digits_are_counted(offer: Offer) -> None:
    tickets = tuple(ticket(id=number, subject=f"Ticket {number}") for number in range(1, 10))
    shown = lines(offer, replace(of(), tickets=tickets, open_count=12))
    assert "           and 3 more" in shown


def test_codes_in_force_come_before_revoked_ones(offer: Offer) -> None:
    """R19"""
    codes = (
        CodeState(CodeKind.VIP, "", NOW - 900 * HOUR, NOW - 800 * HOUR),
        CodeState(CodeKind.SUPPORT, "Max", NOW - 700 * HOUR),
        CodeState(CodeKind.VIP, "", NOW - 800 * HOUR),
    )
    assert labelled(lines(offer, replace(of(), codes=codes)), "Codes") == (
        "VIP code since 21 Feb, support code of Max since 25 Feb,"
    )


def test_access_that_begins_later_and_much_that_has_run_out(offer: Offer) -> None:
    """R23"""
    grants = (
        *(Access(f"S{number}", NOW - 90 * HOUR, NOW - number * HOUR) for number in range(1, 5)),
        Access("Drive", NOW + HOUR, NOW + 2 * HOUR),
    )
    shown = " ".join(line.strip() for line in lines(offer, of(access=grants)))
    assert "Drive not before 04:12; S1 expired 02:12; S2 expired 01:12; 2 more expired" in shown


def test_access_that_is_used_counts_down_and_says_by_whom(offer: Offer) -> None:
    """R23: the last quarter of an hour has its sign, and what is over is used by nobody."""
    grant = Grant(1, "leman", "Banque du Léman", "Mail", NOW - HOUR, NOW + HOUR / 4)
    grant = replace(
        grant,
        uses=(
            Use(1, "Léa", "desk", "why", "", NOW - HOUR / 2),
            Use(2, "Marc", "desk", "why", "", NOW - HOUR / 2, NOW - HOUR / 4),
        ),
    )
    card = of(access=(Access(grant.service, grant.granted_at, grant.until),))
    shown = " ".join(line.strip() for line in lines(offer, replace(card, grants=(grant,))))
    assert "~ Mail until 03:27, 00:15:00 left, in use by Léa" in shown
    over = replace(grant, ended_at=NOW)
    card = of(access=(Access(grant.service, grant.granted_at, NOW),))
    shown = " ".join(line.strip() for line in lines(offer, replace(card, grants=(over,))))
    assert "Mail expired 03:12" in shown
    assert "in use" not in shown


@pytest.mark.parametrize("width", [1, 10, 46, 78])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_keeps_its_lines(offer: Offer, text: str, width: int) -> None:
    name, subject = clean(text, limit=NAME_LIMIT), clean(text, limit=SUBJECT_LIMIT)
    customer = Customer(
        "x",
        name,
        Plan.PRO,
        language=name,
        contacts=(Contact(name, name, name, name), Contact("", name)),
        services=(name, name),
        managers=(Manager(name, name, name),),
        access=(Access(name, NOW, NOW + HOUR),),
    )
    one = ticket(subject=subject, owner=name, response=due_in(HOUR))
    card = CustomerCard(customer, (one,), 1, (one,), (CodeState(CodeKind.SUPPORT, name, NOW),))
    by = replace(SUPPORT, customer="x", contact=name, by=name)
    for shown in (lines(offer, card, by, width=width), lines(offer, card, width=width)):
        assert not any("\n" in line or "\x1b" in line for line in shown)


class OneCard(App[None]):
    def __init__(self, card: CustomerCard, offer: Offer) -> None:
        super().__init__()
        self.register_theme(NIGHT)
        self.theme = NIGHT.name
        self.card, self.offer = card, offer
        self.paper = CardPaper()

    def compose(self) -> ComposeResult:
        yield self.paper

    def on_mount(self) -> None:
        self.paper.show(self.card, VIP, self.offer, NOW)


@on_loop
async def test_the_time_left_goes_by_and_the_rest_stands(offer: Offer) -> None:
    app = OneCard(CARD, offer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = screen_lines(app)
        app.paper.tick(NOW + timedelta(seconds=5))
        await pilot.pause()
        after = screen_lines(app)
    assert before[0].startswith(" Banque du Léman  Enterprise")
    assert [line for line in before if line not in after] == [before[14], before[15]]
    assert "-00:12:05" in after[14]
    assert "00:14:55" in after[15]


@on_loop
async def test_another_size_and_another_card_are_laid_out_anew(offer: Offer) -> None:
    app = OneCard(CARD, offer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert screen_lines(app)[3].startswith(" Answer     in 1 h of opening time: phone opens 06:00,")
        app.paper.scroll_end(animate=False)
        await pilot.pause()
        app.paper.show(of(id="moret", name="Fromagerie Moret"), None, offer, NOW)
        await pilot.pause()
        assert screen_lines(app)[0].startswith(" Fromagerie Moret  Pro")
        app.paper.unread("the database doesn't answer")
        await pilot.pause()
        shown = screen_lines(app)
        assert shown[0] == " This can't be read: the database doesn't answer"
        assert not any(shown[1:])


@pytest.mark.parametrize("text", ["markup close", "markup action", "escape clear screen", "zalgo"])
def test_hostile_names_are_drawn_as_text(offer: Offer, text: str) -> None:
    name = clean(HOSTILE[text], limit=NAME_LIMIT)

    async def drawn() -> list[str]:
        app = OneCard(of(name=name, services=(name,)), offer)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            return screen_lines(app)

    import asyncio

    shown = asyncio.run(drawn())
    assert shown[0].startswith(f" {Text(name).plain}")
