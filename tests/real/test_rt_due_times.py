"""Our due times against the engine of service levels in Request Tracker, for the same tickets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from rt_server import RequestTracker

from oncall_tui.domain.correspondence import LetterKind, SourceAccess
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.plans import DEFAULT_TERMS, Plan
from oncall_tui.domain.sla import Thresholds, response_clock
from oncall_tui.sources.kinds import open_source
from oncall_tui.sources.rt_records import read_instant

ZURICH = ZoneInfo("Europe/Zurich")
HOLIDAYS = ("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-14", "2026-08-01", "2026-12-25")
HOURS = {
    "phone": OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}, HOLIDAYS),
    "email": OpeningHours("email", "Europe/Zurich", {"daily": ["06:00-23:00"]}, HOLIDAYS),
    "emergency": OpeningHours.always_open("emergency", "Europe/Zurich"),
}
BUDGETS = {plan: terms.response for plan, terms in DEFAULT_TERMS.items() if terms.response is not None}


def _levels() -> str:
    levels = []
    for calendar in HOURS:
        for plan, budget in BUDGETS.items():
            kind = "RealMinutes" if calendar == "emergency" else "BusinessMinutes"
            resolve = f"{{ {kind} => {budget // timedelta(minutes=1)} }}"
            levels.append(
                f"'{calendar} {plan}' => {{ BusinessHours => '{calendar}', Resolve => {resolve} }},"
            )
    return "\n".join(levels)


def _business_hours() -> str:
    closed = ", ".join(f"'{holiday}'" for holiday in HOLIDAYS)
    days = {"phone": (range(1, 6), "6:00", "19:00"), "email": (range(7), "6:00", "23:00")}
    return "\n".join(
        f"'{calendar}' => {{ "
        + " ".join(f"{day} => {{ Name => 'day', Start => '{opens}', End => '{closes}' }}," for day in which)
        + f" holidays => [{closed}] }},"
        for calendar, (which, opens, closes) in days.items()
    )


CONFIG = f"""
Set(%ServiceAgreements, (Levels => {{
{_levels()}
}}));
Set(%ServiceBusinessHours, (
{_business_hours()}
));
"""

CREATE = r"""
use strict; use warnings; use lib '/usr/share/request-tracker5/lib';
use RT; RT->LoadConfig; RT->Init; use JSON;
my $queue = RT::Queue->new(RT->SystemUser); $queue->Load('Support'); $queue->SetSLADisabled(0);
for my $wanted (@{ JSON::decode_json($ARGV[0]) }) {
    my ($id, undef, $msg) = RT::Ticket->new(RT->SystemUser)->Create(
        Queue => 'Support', Requestor => 'anne@leman.example', %$wanted);
    die $msg unless $id;
}
"""


def instants() -> list[datetime]:
    """Return 200 instants of 2026: any, and those at which clocks change, holidays and weekends begin."""
    random = Random(2026)
    seconds = timedelta(days=365) // timedelta(seconds=1)
    found = [
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randrange(seconds)) for _ in range(120)
    ]
    edges = [date(2026, 3, 29), date(2026, 10, 25), *map(date.fromisoformat, HOLIDAYS), date(2026, 7, 4)]
    for edge in edges:
        midnight = datetime(edge.year, edge.month, edge.day, tzinfo=ZURICH)
        for hours in (-7, -5.25, -3, -1, 0, 2.5, 6, 12, 26):
            at = midnight.astimezone(UTC) + timedelta(hours=hours, seconds=random.randrange(60))
            found.append(max(at, datetime(2026, 1, 1, tzinfo=UTC)))
    return found[:200]


@pytest.fixture(scope="module")
def rt() -> Iterator[RequestTracker]:
    started = RequestTracker(CONFIG)
    yield started
    started.close()


def due_there(rt: RequestTracker) -> dict[str, datetime | None]:
    """Return when each ticket is due in Request Tracker, by its id."""
    found: dict[str, datetime | None] = {}
    while page := rt.ask(
        "GET",
        "tickets",
        params={
            "query": f"id > {len(found)}",
            "fields": "Due",
            "per_page": "100",
            "orderby": "id",
        },
    ).json()["items"]:
        found |= {item["id"]: read_instant(item["Due"]) for item in page}
    return found


def create(rt: RequestTracker, tickets: list[tuple[str, Plan, datetime]]) -> dict[str, datetime]:
    """Create tickets as of calendar, plan and instant of receipt; return when our source says they came."""
    wanted = [
        {"SLA": f"{calendar} {plan}", "Created": f"{at:%Y-%m-%d %H:%M:%S}", "Subject": f"{calendar} {plan}"}
        for calendar, plan, at in tickets
    ]
    rt.perl(CREATE, json.dumps(wanted))
    access = SourceAccess("rt", "request-tracker", rt.url, user="desk", secret=lambda: rt.tokens["desk"])
    source = open_source(access)
    letters = [letter for batch in source.pull("") for letter in batch.letters]
    source.close()
    return {letter.thread: letter.received_at for letter in letters if letter.kind is LetterKind.REQUEST}


def test_two_hundred_tickets_are_due_when_request_tracker_says(rt: RequestTracker) -> None:
    """What comes over REST is due by our calendars and budgets at the second at which it is there (R3-R5)."""
    rt.start_anew()
    plans = list(BUDGETS)
    tickets = [(list(HOURS)[number % 3], plans[number // 3 % 3], at) for number, at in enumerate(instants())]
    received = create(rt, tickets)
    due = due_there(rt)
    assert len(received) == len(due) == 200
    for number, (calendar, plan, at) in enumerate(tickets, start=1):
        assert received[str(number)] == at
        ours = response_clock(HOURS[calendar], at, BUDGETS[plan], Thresholds()).due_at
        assert ours == due[str(number)], f"{calendar} {plan}, received {at.astimezone(ZURICH)}"


def test_a_budget_that_ends_at_closing_is_due_then_and_there_with_the_next_opening(
    rt: RequestTracker,
) -> None:
    """The one difference by definition: R3 has such a budget end at the closing instant. Request Tracker
    counts the seconds that are open, and the one after the last before closing is the first of the next
    opening. No open time lies between the two.
    """
    rt.start_anew()
    friday = datetime(2026, 3, 27, tzinfo=ZURICH)
    cases = [("phone", plan, friday + timedelta(hours=19) - budget) for plan, budget in BUDGETS.items()]
    create(rt, [(calendar, plan, at.astimezone(UTC)) for calendar, plan, at in cases])
    for number, theirs in due_there(rt).items():
        calendar, plan, at = cases[int(number) - 1]
        ours = response_clock(HOURS[calendar], at, BUDGETS[plan], Thresholds()).due_at
        assert ours == friday + timedelta(hours=19)
        assert theirs == datetime(2026, 3, 30, 6, tzinfo=ZURICH), "clocks have changed on the Sunday"
        assert HOURS[calendar].elapsed(ours, theirs) == timedelta(0)
