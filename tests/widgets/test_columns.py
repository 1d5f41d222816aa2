from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from sample import due_in, ticket
from support import NOW

from oncall_tui import translation
from oncall_tui.domain.dates import day_in_words
from oncall_tui.domain.outgoing import OutgoingState
from oncall_tui.domain.sla import Thresholds, promise_clock
from oncall_tui.domain.text import clean
from oncall_tui.domain.tickets import UNKNOWN_CUSTOMER, ClockTimes, Promise, Ticket
from oncall_tui.translation import told
from oncall_tui.widgets.columns import (
    COLUMNS,
    DUE_WIDTH,
    MARGIN,
    View,
    day_names,
    due_text,
    fit,
    layout,
    left_text,
    moment,
)

ZURICH = ZoneInfo("Europe/Zurich")
VIEW = View(NOW, ZURICH, "Léa")
BY_TITLE = {column.title: column for column in COLUMNS}


def cell(title: str, subject: Ticket, view: View = VIEW) -> tuple[str, str, str]:
    found = BY_TITLE[title].cell(subject, view)
    return found.text.strip(), found.ink, found.label


@pytest.mark.parametrize(
    ("left", "text", "ink"),
    [
        (timedelta(minutes=-12, seconds=-7), "-00:12:07", "overdue"),
        (timedelta(minutes=8, seconds=51), "00:08:51", "critical"),
        (timedelta(minutes=20), "00:20:00", "warning"),
        (timedelta(minutes=47, seconds=20), "00:47:20", ""),
    ],
)
def test_time_left_and_its_ink(left: timedelta, text: str, ink: str) -> None:
    assert cell("LEFT", ticket(response=due_in(left))) == (text, ink, "")


def test_a_ticket_without_a_clock_shows_a_dash_in_dim() -> None:
    assert cell("LEFT", ticket()) == ("–", "dim", "")
    assert cell("DUE", ticket()) == ("–", "dim", "")


def test_an_answered_ticket_says_so_instead_of_a_time() -> None:
    answered = ticket(answered_at=NOW, response=due_in(timedelta(hours=1)))
    assert cell("LEFT", answered) == ("answered", "dim", "")
    assert cell("DUE", answered) == ("–", "dim", "")


def test_a_closed_ticket_says_so_instead_of_a_time() -> None:
    assert left_text(ticket(closed_at=NOW, response=due_in(timedelta(0))), NOW) == "closed"


def test_a_promise_is_labelled_as_one() -> None:
    clock = ClockTimes.of(promise_clock(NOW, timedelta(minutes=30), Thresholds()))
    promised = ticket(answered_at=NOW, promise=Promise(NOW, "Léa", clock))
    assert cell("SUBJECT", promised) == ("Cluster unreachable", "", "promise ")
    assert cell("LEFT", promised)[0] == "00:30:00"


def test_the_operators_own_tickets_stand_out_and_nobodys_are_a_dash() -> None:
    assert cell("OWNER", ticket(owner="Léa")) == ("Léa", "accent", "")
    assert cell("OWNER", ticket(owner="Marc")) == ("Marc", "", "")
    assert cell("OWNER", ticket()) == ("–", "dim", "")


@pytest.mark.parametrize(
    ("due", "text"),
    [
        (datetime(2026, 3, 27, 2, 43, tzinfo=UTC), "03:43"),
        (datetime(2026, 3, 27, 23, 0, tzinfo=UTC), "Sat 00:00"),
        (datetime(2026, 3, 26, 22, 59, tzinfo=UTC), "Thu 23:59"),
        # The clocks go forward in between: it is the local hour of the day itself.
        (datetime(2026, 3, 30, 4, 0, tzinfo=UTC), "Mon 06:00"),
        (datetime(2026, 4, 20, 4, 0, tzinfo=UTC), "20 Apr"),
        (datetime(2027, 4, 20, 4, 0, tzinfo=UTC), "Apr 2027"),
    ],
)
def test_due_is_on_the_providers_clock_with_a_day_where_it_isnt_today(due: datetime, text: str) -> None:
    assert due_text(due, NOW, ZURICH) == text


@pytest.mark.parametrize("language", translation.LANGUAGES)
def test_whatever_the_language_days_and_months_fit_their_column(language: str) -> None:
    translation.use(language)
    texts = {due_text(NOW + timedelta(days=day), NOW, ZURICH) for day in range(-400, 400)}
    assert {cell_len(text) for text in texts} <= set(range(DUE_WIDTH + 1))
    assert len({text.split()[0] for text in texts if ":" in text}) == 7  # the time today, six other days


def test_french_days_and_months() -> None:
    translation.use("fr")
    saturday = datetime(2026, 8, 1, 6, 5, tzinfo=UTC)
    assert due_text(saturday, saturday - timedelta(days=2), ZURICH) == "sam 08:05"
    assert due_text(saturday, saturday - timedelta(days=30), ZURICH) == "1 août"
    assert moment(saturday, ZURICH) == "sam 1 août 08:05"
    assert day_names()[0] == "lun"
    assert [told(day_in_words(date(2026, 3, day))) for day in (1, 2)] == ["1er mars 2026", "2 mars 2026"]


@given(st.integers(20, 400))
def test_columns_fill_the_width_and_never_more(width: int) -> None:
    placed = layout(width)
    used = MARGIN + sum(each.width + each.gap for each in placed)
    assert used == width or width < 40
    titles = [each.column.title for each in placed]
    assert {"LEFT", "PLAN", "CUSTOMER", "SUBJECT"} <= set(titles)
    assert titles == [column.title for column in COLUMNS if column.title in titles]


def test_columns_give_way_by_importance() -> None:
    seen = [tuple(each.column.title for each in layout(width)) for width in range(160, 20, -1)]
    gone: list[str] = []
    for wide, narrow in pairwise(seen):
        assert set(narrow) <= set(wide)
        gone += [title for title in wide if title not in narrow]
    assert gone == ["REF", "OWNER", "DUE", "VIA"]


@pytest.mark.parametrize("width", [79, 119])
def test_at_the_usual_widths_nothing_of_the_issue_is_missing(width: int) -> None:
    titles = {each.column.title for each in layout(width)}
    assert {"LEFT", "DUE", "PLAN", "VIA", "CUSTOMER", "SUBJECT", "OWNER"} <= titles


@given(st.text(max_size=60), st.integers(1, 40), st.booleans())
def test_fitted_text_has_exactly_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(clean(text, limit=200), width, right=right)) == width


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_keeps_its_column(text: str) -> None:
    for width in (1, 7, 18, 40):
        assert cell_len(fit(clean(text, limit=300), width)) == width


def test_long_text_is_cut_with_an_ellipsis_and_wide_characters_aren_t_cut_in_half() -> None:
    assert fit("Cluster unreachable", 10) == "Cluster u…"
    assert fit("服务器无法访问", 6) == "服务… "
    assert fit("x" * 10_000, 4) == "xxx…"
    assert fit("ab", 5, right=True) == "   ab"


@pytest.mark.parametrize(
    ("state", "label", "ink"),
    [
        (OutgoingState.WAITING, "sending ", "dim"),
        (OutgoingState.SENDING, "sending ", "dim"),
        (OutgoingState.UNSURE, "unsure ", "strong"),
        (OutgoingState.REFUSED, "not sent ", "strong"),
        (OutgoingState.CONFLICT, "conflict ", "strong"),
        (OutgoingState.BOUNCED, "bounced ", "strong"),
    ],
)
def test_what_goes_out_stands_before_the_subject_and_the_time_runs_on(
    state: OutgoingState, label: str, ink: str
) -> None:
    answering = ticket(outgoing=state, response=due_in(timedelta(minutes=8)))
    found = BY_TITLE["SUBJECT"].cell(answering, VIEW)
    assert (found.label, found.short_label, found.label_ink) == (label, label, ink)
    assert cell("LEFT", answering)[0] == "00:08:00"


@pytest.mark.parametrize("state", [None, OutgoingState.SENT, OutgoingState.DROPPED])
def test_what_is_sent_or_dropped_is_not_said(state: OutgoingState | None) -> None:
    assert BY_TITLE["SUBJECT"].cell(ticket(outgoing=state), VIEW).label == ""


def test_a_sender_who_belongs_to_nobody_stands_where_the_customer_would() -> None:
    unknown = ticket(
        customer=UNKNOWN_CUSTOMER, customer_name="Unknown senders", contact="Eve <eve@x.example>"
    )
    found = BY_TITLE["CUSTOMER"].cell(unknown, VIEW)
    assert (found.label, found.text, found.label_ink) == ("? ", "Eve <eve@x.example>", "strong")
