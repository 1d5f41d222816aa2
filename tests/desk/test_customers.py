"""Finding an organisation, and what stands on its card."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hostile import HOSTILE
from support import NOW, HandClock

from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.customers import Access, Contact, Customer, Manager
from oncall_tui.domain.errors import BadInput, NotFound, Refused
from oncall_tui.domain.folding import fold
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.tickets import Channel, Means
from oncall_tui.store import customers
from oncall_tui.store.words import FEW

VALMONT = Customer(
    "valmont",
    "Clinique Valmont",
    Plan.PRO,
    date(2026, 1, 1),
    language="fr",
    contacts=(
        Contact("Aline Rochat", "aline@valmont.example", "+41 (0)21 555 01 40", "head of IT"),
        Contact("Yann Produit", "yann.produit@valmont.example", "079 555 02 18", "on call"),
    ),
    services=("Mail", "valmont.example", "100%_sure"),
    managers=(Manager("Camille Perrin", "camille@host.example", "+41 22 555 09 11"),),
    access=(Access("Mail", NOW - timedelta(hours=2), NOW + timedelta(hours=2)),),
)
ROCHAT = Customer(
    "C-77",
    "Rochat & Fils",
    Plan.PLUS,
    contacts=(Contact("Zoé Léman", "zoe@rochat.example", "021 555 01 40"),),
)


@pytest.fixture
def known(desk: Desk) -> Desk:
    """Léa's desk with two more customers."""
    with desk.store.begin() as tx:
        customers.add(tx, [(VALMONT, None), (ROCHAT, None)])
    return desk


def ids(desk: Desk, text: str) -> list[str]:
    return [found.customer for found in desk.customers.find(text)]


def whys(desk: Desk, text: str) -> dict[str, str]:
    return {found.customer: found.why for found in desk.customers.find(text)}


def test_an_id_finds_its_organisation_first(known: Desk) -> None:
    assert ids(known, "leman")[0] == "leman"
    assert ids(known, " C-77 ") == ["C-77"]
    assert whys(known, "leman")["leman"] == ""


@pytest.mark.parametrize(
    "number", ["+41795550218", "0041 79 555 02 18", "079/555 02 18", "tel:+41-79-555-02-18"]
)
def test_a_number_finds_who_has_it_in_any_notation(known: Desk, number: str) -> None:
    assert whys(known, number) == {"valmont": "Yann Produit, 079 555 02 18"}


def test_a_number_that_two_organisations_have_finds_both(known: Desk) -> None:
    assert whys(known, "021 555 01 40") == {
        "valmont": "Aline Rochat, +41 (0)21 555 01 40",
        "C-77": "Zoé Léman, 021 555 01 40",
    }


def test_the_last_six_digits_of_a_number_are_enough(known: Desk) -> None:
    assert ids(known, "55 02 18") == ["valmont"]
    assert ids(known, "5 02 18") == []


def test_an_end_that_begins_with_zeros_is_one_as_well(known: Desk) -> None:
    zeros = Customer("zeros", "Null", Plan.PLUS, contacts=(Contact("Nora", phone="+41 22 500 01 40"),))
    with known.store.begin() as tx:
        customers.add(tx, [(zeros, None)])
    for end in ("00 01 40", "500 01 40", "022 500 01 40"):
        assert ids(known, end) == ["zeros"], end


def test_all_words_must_fit_wherever_they_stand(known: Desk) -> None:
    assert ids(known, "valmont") == ["valmont"]
    assert ids(known, "CLINIQUE rochat") == ["valmont"]
    assert ids(known, "mail produit clin") == ["valmont"]
    assert ids(known, "clinique fils") == []
    assert ids(known, "leman zoe") == ["C-77"]


def test_a_name_that_begins_with_the_words_comes_first(known: Desk) -> None:
    assert ids(known, "rochat") == ["C-77", "valmont"]
    assert ids(known, "léman") == ["leman", "C-77"]


def test_it_is_said_what_fits(known: Desk) -> None:
    assert whys(known, "rochat") == {"C-77": "", "valmont": "Aline Rochat"}
    assert whys(known, "@valmont.example")["valmont"] == "Aline Rochat, aline@valmont.example"
    assert whys(known, "yann valmont")["valmont"] == "Yann Produit, yann.produit@valmont.example"
    assert whys(known, "mail")["valmont"] == "Mail"


def test_a_domain_finds_addresses_and_services(known: Desk) -> None:
    assert ids(known, "valmont.example") == ["valmont"]
    assert ids(known, "rochat.example") == ["C-77"]


def test_wildcards_are_letters_like_others(known: Desk) -> None:
    assert ids(known, "%") == ["valmont"]
    assert ids(known, "100%_sure") == ["valmont"]
    assert ids(known, "100__sure") == []
    assert ids(known, "\\") == []


def test_a_limit_is_kept_whatever_finds(known: Desk) -> None:
    assert len(known.customers.find("e", limit=2)) == 2
    assert [found.customer for found in known.customers.find("rochat", limit=1)] == ["C-77"]
    assert len(known.customers.find("021 555 01 40", limit=1)) == 1


def test_nothing_finds_nothing(known: Desk) -> None:
    assert known.customers.find("") == known.customers.find(" \t ") == ()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_looked_for_like_any(known: Desk, text: str) -> None:
    known.customers.find(text)
    known.customers.find(f"{text} {text}")
    with pytest.raises(NotFound):
        known.customers.card(f"{text}nobody")


def test_an_import_that_replaces_a_customer_replaces_what_it_is_found_by(known: Desk) -> None:
    with known.store.begin() as tx:
        row_id, old = customers.find(tx.connection, "C-77")
        new = Customer(old.id, old.name, old.plan, contacts=(Contact("Max", phone="021 555 09 09"),))
        customers.replace(tx, row_id, new, None)
    assert ids(known, "021 555 09 09") == ["C-77"]
    assert ids(known, "021 555 01 40") == ["valmont"]
    assert ids(known, "zoe") == []


def test_the_region_says_where_a_number_without_a_country_belongs(known: Desk) -> None:
    french = Customer("lyon", "Lyon", Plan.PLUS, contacts=(Contact("Luc", phone="04 72 00 00 00"),))
    with known.store.begin() as tx:
        customers.add(tx, [(french, None)], "FR")
    assert ids(known, "+33 4 72 00 00 00") == ["lyon"]


def file(desk: Desk, customer: str, subject: str, channel: Channel, minutes_ago: int) -> int:
    received = NOW - timedelta(minutes=minutes_ago)
    return desk.tickets.new(customer=customer, channel=channel, subject=subject, received_at=received).id


def test_a_card_has_the_organisation_with_all_that_belongs_to_it(known: Desk) -> None:
    card = known.customers.card("valmont")
    assert card.customer == VALMONT
    assert (card.tickets, card.open_count, card.calls, card.codes) == ((), 0, (), ())


def test_open_tickets_stand_in_board_order(known: Desk) -> None:
    """R10"""
    file(known, "valmont", "mail", Channel.EMAIL, 60)
    file(known, "valmont", "late call", Channel.EMERGENCY, 10)
    file(known, "valmont", "first call", Channel.EMERGENCY, 100)
    file(known, "leman", "somebody else's", Channel.EMERGENCY, 300)
    closed = file(known, "valmont", "closed", Channel.EMERGENCY, 200)
    known.tickets.close(closed, reason="sent twice")
    card = known.customers.card("valmont")
    assert [ticket.subject for ticket in card.tickets] == ["first call", "late call", "mail"]
    assert card.open_count == 3


def test_the_first_nine_tickets_are_shown_and_all_are_counted(known: Desk) -> None:
    for number in range(12):
        file(known, "valmont", f"call {number:02}", Channel.EMERGENCY, 100 - number)
    card = known.customers.card("valmont")
    assert [ticket.subject for ticket in card.tickets] == [f"call {number:02}" for number in range(9)]
    assert card.open_count == 12


def test_the_last_three_calls_are_shown_open_or_closed(known: Desk) -> None:
    for minutes, channel in ((500, Channel.PHONE), (400, Channel.EMERGENCY), (300, Channel.PHONE)):
        file(known, "valmont", f"{minutes} ago", channel, minutes)
    known.tickets.close(file(known, "valmont", "closed", Channel.PHONE, 200), reason="wrong number")
    file(known, "valmont", "by mail", Channel.EMAIL, 10)
    assert [ticket.subject for ticket in known.customers.card("valmont").calls] == [
        "closed",
        "300 ago",
        "400 ago",
    ]


def test_an_unknown_customer_is_not_found(known: Desk) -> None:
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        known.customers.card("nobody")


def test_a_look_back_shows_tickets_as_they_stood(known: Desk, clock: HandClock, database_url: str) -> None:
    first = file(known, "valmont", "first", Channel.PHONE, 30)
    clock.advance(minutes=10)
    then = clock.now
    clock.advance(minutes=10)
    known.tickets.answer(first, Means.PHONE, text="begun")
    known.tickets.close(first)
    known.tickets.new(customer="valmont", channel=Channel.PHONE, subject="second", received_at=clock.now)
    assert [ticket.subject for ticket in known.customers.card("valmont").tickets] == ["second"]
    card = known.customers.card("valmont", as_of=then)
    assert [(ticket.subject, ticket.answered_at, ticket.closed_at) for ticket in card.tickets] == [
        ("first", None, None)
    ]
    assert card.open_count == 1
    assert [ticket.subject for ticket in card.calls] == ["first"]
    assert card.calls[0].closed_at is None
    replay = open_desk(database_url, known.offer, "Léa", clock=lambda: then, replay=True)
    assert replay.customers.card("valmont") == card
    replay.close()


def test_common_words_find_who_has_all_of_them(desk: Desk) -> None:
    """Where every word stands in a thousand places none of them leads."""
    many = [
        Customer(
            f"org-{number}",
            f"Org {number}",
            Plan.PLUS,
            contacts=(Contact("Beta" if number >= FEW else "Nobody"),),
            services=("Alpha" if number < FEW + 3 else "None",),
        )
        for number in range(2 * FEW + 5)
    ]
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in many])
    both = [f"org-{FEW + number}" for number in range(3)]
    assert ids(desk, "alpha beta") == ids(desk, "beta alpha") == both
    assert ids(desk, "alpha beta org") == both
    assert ids(desk, f"alpha beta org-{FEW + 1}") == [f"org-{FEW + 1}"]
    assert ids(desk, "alpha nobody-has-it") == []
    assert len(ids(desk, "alpha")) == len(set(ids(desk, "alpha"))) == 20


def test_many_fitting_contacts_of_one_organisation_hide_no_other(desk: Desk) -> None:
    crowd = tuple(Contact(f"Rochat {number}", phone="022 555 01 40") for number in range(FEW + 50))
    with desk.store.begin() as tx:
        customers.add(
            tx,
            [
                (Customer("crowd", "Crowd", Plan.PLUS, contacts=crowd), None),
                (
                    Customer("last", "Last", Plan.PLUS, contacts=(Contact("Rochat", phone="+41225550140"),)),
                    None,
                ),
            ],
        )
    assert ids(desk, "rochat") == ["crowd", "last"]
    for number in ("022 555 01 40", "555 01 40"):
        assert whys(desk, number) == {"crowd": "Rochat 0, 022 555 01 40", "last": "Rochat, +41225550140"}


def test_an_organisation_is_meant_by_its_id_or_by_what_finds_it_alone(desk: Desk) -> None:
    meant = desk.customers.meant
    assert meant("leman") == "leman"
    assert meant("banque du LEMAN") == "leman"
    with pytest.raises(NotFound, match="no customer 'zzz'"):
        meant("zzz")
    with pytest.raises(BadInput, match="may be ") as several:
        meant("d")
    assert several.value.hint == "write the id of one"


# The list


def test_the_list_stands_by_name_and_a_page_begins_anywhere_in_it(known: Desk) -> None:
    page = known.customers.page
    everything = [one.customer for one in page()]
    assert everything == ["leman", "valmont", "moret", "jardin", "C-77", "tessin"]
    assert [one.customer for one in page(after="valmont", limit=2)] == ["moret", "jardin"]
    assert [one.customer for one in page(before="jardin", limit=2)] == ["valmont", "moret"]
    assert [one.customer for one in page(begin="jardin", limit=2)] == ["jardin", "C-77"]
    assert [one.customer for one in known.customers.last_page(2)] == ["C-77", "tessin"]
    assert page(after="tessin") == page(before="leman") == ()
    assert (page()[1].plan, page()[1].language, page()[1].why) == (Plan.PRO, "fr", "")
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        page(after="nobody")


def test_organisations_of_one_name_stand_side_by_side_and_none_is_left_out(desk: Desk) -> None:
    same = [Customer(f"same-{number}", "Même nom", Plan.PLUS) for number in range(25)]
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in same])
    seen: list[str] = []
    after = None
    while part := desk.customers.page(after=after, limit=7):
        seen += [one.customer for one in part]
        after = seen[-1]
    assert len(seen) == len(set(seen)) == 29
    back: list[str] = []
    before = None
    while part := desk.customers.page(before=before, limit=7) if before else desk.customers.last_page(7):
        back = [one.customer for one in part] + back
        before = back[0]
    assert back == seen


def test_letters_of_every_language_stand_in_one_order_on_both_databases(desk: Desk) -> None:
    names = ["-x", "Zürich", "zoo", "École", "ecole 2", "Ελλάδα", "日本", "אבג", "Ab c", "Abc", "😀"]
    made = [Customer(f"n{number}", name, Plan.PLUS) for number, name in enumerate(names)]
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in made])
    listed = [one.name for one in desk.customers.page() if one.customer.startswith("n")]
    assert listed == sorted(names, key=lambda name: (fold(name), names.index(name)))
    for name in names:
        assert any(one.name == name for one in desk.customers.find_at_once(name)), name


# What is typed


def test_a_number_is_found_from_its_beginning_on(known: Desk) -> None:
    for typed in ("079 55", "+41 79 55", "0041 79 555 02", "079 555 02 1"):
        assert whys(known, typed) == {"valmont": "Yann Produit, 079 555 02 18"}, typed
    assert ids(known, "021 555") == ["valmont", "C-77"]


def test_at_once_words_are_found_from_their_beginning_on_and_inside_everything_is(known: Desk) -> None:
    at_once, inside = known.customers.find_at_once, known.customers.find_inside
    assert [one.customer for one in at_once("clini val")] == ["valmont"]
    assert at_once("almont") == ()
    assert [(one.customer, one.why) for one in inside("almont")] == [("valmont", "")]
    assert [(one.customer, one.why) for one in inside("roduit")] == [
        ("valmont", "Yann Produit, yann.produit@valmont.example")
    ]
    assert [one.customer for one in inside("almont oduit")] == ["valmont"]
    assert inside("almont", stopped=lambda: True) == ()
    assert len(inside("e", limit=3)) == 3


@pytest.mark.parametrize("size", [FEW - 10, FEW + 500])
def test_rare_and_common_words_are_found_whatever_there_is(desk: Desk, size: int) -> None:
    """Some words stand everywhere, some in one organisation, some are longer than there is an index for."""
    many = [
        Customer(
            f"r{number}",
            f"Commonplace {number}",
            Plan.PLUS,
            contacts=(Contact("Anna", f"anna@org{number}.example"),),
            services=("Universalword", "Unusualthing" if number == size - 3 else "Mail"),
        )
        for number in range(size)
    ]
    with desk.store.begin() as tx:
        customers.add(tx, [(customer, None) for customer in many])
    at_once = desk.customers.find_at_once
    assert len(at_once("universalw")) == len(at_once("anna")) == len(at_once("commonplace")) == 20
    assert len(at_once("universalword anna example", limit=50)) == 50
    for typed in (
        "unusualthin",
        "universalword unusualth",
        "anna unusual",
        "u unus",
        f"org{size - 3}.example",
    ):
        assert [one.customer for one in at_once(typed)] == [f"r{size - 3}"], typed
    assert at_once("universalword zzz") == at_once("unusualthing universalwort") == ()
    assert at_once("x" * 300) == ()


# A card that nobody's code opened


def test_a_card_that_is_opened_without_a_code_leaves_its_trace(known: Desk) -> None:
    """R20"""
    assert known.customers.open_card("valmont") == known.customers.card("valmont")
    entry = next(iter(known.audit.entries()))
    assert (entry.act, entry.customer, entry.outcome) == ("open card", "valmont", "without a code")
    assert (entry.operator, entry.subject, dict(entry.detail)) == ("Léa", "valmont", {})
    with pytest.raises(NotFound):
        known.customers.open_card("nobody")
    assert len(list(known.audit.entries())) == 1
    assert known.audit.verify().holds


def test_a_desk_that_can_leave_no_trace_opens_no_card(
    known: Desk, database_url: str, clock: HandClock
) -> None:
    """R20"""
    for how in ({"read_only": True}, {"replay": True}):
        other = open_desk(database_url, known.offer, "Marc", clock=clock, **how)
        with pytest.raises(Refused, match="leaves its trace, and this desk is read-only") as refused:
            other.customers.open_card("valmont")
        assert refused.value.rule == "R20"
        other.close()
    assert list(known.audit.entries()) == []
