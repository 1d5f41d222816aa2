"""What is said of what goes out and of the sources: it fits, it says how it stands, and nothing acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from support import NOW

from oncall_tui.domain.correspondence import Outgoing, Sender, SourceHealth
from oncall_tui.domain.outgoing import OutgoingAct, OutgoingState
from oncall_tui.domain.text import SUBJECT_LIMIT, clean, clean_body
from oncall_tui.domain.tickets import Origin
from oncall_tui.widgets.outgoing_list import MARGIN, OutgoingView, layout, receiver_of
from oncall_tui.widgets.outgoing_text import outgoing_text, source_state, sources_text
from oncall_tui.widgets.outgoing_words import (
    duration_words,
    human_size,
    language_name,
    of_answer,
    origin_words,
)
from oncall_tui.widgets.whole_window import WholeWindow

ZURICH = ZoneInfo("Europe/Zurich")
VIEW = OutgoingView(NOW, ZURICH)
ANNA = Sender("Anna Rochat", "anna@leman.example")
ANSWER = Outgoing(
    1,
    "support",
    OutgoingAct.ANSWER,
    OutgoingState.WAITING,
    7,
    "M-12",
    "Léa",
    NOW,
    to=ANNA,
    subject="Re: Mail [M-12]",
)
SUPPORT = SourceHealth("support", "mailbox", "imaps://mail.example", succeeded_at=NOW)


def plain(_name: str) -> Style:
    return Style.null()


def cells(row: Outgoing, width: int = 200) -> dict[str, str]:
    return {column.title: column.cell(row, VIEW).text for column, _room in layout(width)}


@given(st.integers(40, 400))
def test_the_columns_never_take_more_than_the_line_has(width: int) -> None:
    placed = layout(width)
    assert MARGIN + sum(room for _column, room in placed) + len(placed) - 1 <= width
    assert {"STATE", "REF", "TO"} <= {column.title for column, _room in placed}


def test_a_line_says_how_it_stands_to_whom_and_when_it_is_tried_next() -> None:
    later = replace(ANSWER, tries=2, next_at=NOW + timedelta(minutes=5))
    assert cells(later) == {
        "STATE": "waiting",
        "REF": "M-12",
        "WHAT": "answer",
        "TO": "Anna Rochat",
        "SUBJECT": "Re: Mail [M-12]",
        "TRIES": "2",
        "NEXT TRY": "03:17",
    }
    assert cells(ANSWER)["NEXT TRY"] == "now"
    assert cells(replace(ANSWER, state=OutgoingState.UNSURE))["NEXT TRY"] == "–"


def test_the_cursor_stays_on_what_it_is_on() -> None:
    window: WholeWindow[Outgoing] = WholeWindow()
    rows = [replace(ANSWER, id=number) for number in range(1, 5)]
    window.show(rows)
    window.move_to(2)
    window.show(rows[1:])
    assert window.current is rows[2]
    window.show(rows[:1])
    assert window.current is rows[0]
    window.show(())
    assert window.current is None


@pytest.mark.parametrize("state", OutgoingState)
def test_what_needs_a_person_says_why_and_what_it_means(state: OutgoingState) -> None:
    row = replace(ANSWER, state=state, detail="mailbox full", text="Bonjour", tries=1, ended_at=NOW)
    said = outgoing_text(row, NOW, ZURICH, plain).plain
    assert "mailbox full" in said
    assert "Anna Rochat <anna@leman.example>" in said
    if state.needs_a_person:
        assert f"{state.value}, 1 try, since Fri 27 Mar 03:12: mailbox full" in said.replace("\n", " ")


def test_what_goes_to_another_system_names_its_ticket() -> None:
    row = replace(ANSWER, thread="123", source="tracker")
    assert receiver_of(row) == "Anna Rochat <anna@leman.example>, ticket 123 of tracker"
    assert receiver_of(replace(row, to=Sender())) == "ticket 123 of tracker"
    assert origin_words(Origin("tracker", "123", "", "")) == "ticket 123 of tracker"
    assert origin_words(Origin("support", "", "", "a@x.example")) == "from a@x.example, through support"


def test_an_answer_that_is_sent_says_nothing_more() -> None:
    assert of_answer(None, "") == of_answer(OutgoingState.SENT, "") == ""
    assert of_answer(OutgoingState.SENDING, "") == "on its way"
    assert of_answer(OutgoingState.REFUSED, "mailbox full") == "not sent: mailbox full"


def test_a_source_is_well_fails_or_reads() -> None:
    assert source_state(SUPPORT, NOW, ZURICH) == ("", "ok")
    once = replace(SUPPORT, failures=1, failed_at=NOW, error="refused")
    assert source_state(once, NOW, ZURICH) == ("!", "fails since 03:12")
    assert source_state(replace(once, failures=3), NOW, ZURICH) == ("!", "fails, 3 times, last 03:12")
    reading = replace(SUPPORT, done=3200, total=10000)
    assert source_state(reading, NOW, ZURICH) == ("", "reading 3 200 of 10 000")
    assert source_state(replace(SUPPORT, succeeded_at=None), NOW, ZURICH) == ("", "not asked yet")


@given(st.integers(40, 200))
def test_the_sources_fit_into_the_line_and_say_why_they_fail(width: int) -> None:
    failing = replace(
        SUPPORT,
        failures=2,
        failed_at=NOW,
        error="certificate has expired",
        next_at=NOW + timedelta(minutes=2),
    )
    lines = sources_text([SUPPORT, failing], NOW, ZURICH, width, plain).plain.split("\n")
    assert len(lines) == 3
    assert all(cell_len(line) <= width for line in lines)
    assert "certificate has expired" in lines[2]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_text(name: str) -> None:
    text = clean(HOSTILE[name], limit=SUBJECT_LIMIT)
    row = replace(
        ANSWER,
        to=Sender(text, text),
        subject=text,
        text=clean_body(HOSTILE[name]),
        detail=text,
        state=OutgoingState.REFUSED,
    )
    said = outgoing_text(row, NOW, ZURICH, plain)
    assert text in said.plain
    assert said.plain.strip() == clean_body(said.plain).strip()
    assert cells(row)["SUBJECT"] == (text or "–")
    failing = replace(SUPPORT, failures=1, failed_at=NOW, error=text or "x")
    assert all(
        cell_len(line) <= 60 for line in sources_text([failing], NOW, ZURICH, 60, plain).plain.split("\n")
    )


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9960, "10 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (20_000_000, "20 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_are_said_in_three_digits(size: int, said: str) -> None:
    assert human_size(size) == said


@given(st.integers(0, 10**15 - 10**12))
def test_a_size_never_takes_more_than_three_digits(size: int) -> None:
    number, unit = human_size(size).split()
    assert len(number.replace(".", "")) <= 3
    assert unit in ("B", "kB", "MB", "GB", "TB")


def test_lengths_of_time_and_languages() -> None:
    assert [duration_words(each) for each in (0, 59, 60, 3600, 86_400)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h",
        "1 d",
    ]
    assert [language_name(each) for each in ("fr", "de", "pt", "")] == ["French", "German", "pt", ""]
