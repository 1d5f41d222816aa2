"""What the settings may say about a calendar (R1, R2), and when two calendars are the same (R9)."""

from datetime import UTC, date, datetime

import pytest

from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.hours import OpeningHours

PHONE = OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]})
EMAIL = OpeningHours("email", "Europe/Zurich", {"daily": ["06:00-23:00"]})
EMERGENCY = OpeningHours.always_open()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_overrides_weekdays_which_override_daily():
    calendar = OpeningHours(
        "c", "UTC", {"mon": ["10:00-11:00"], "sat": [], "weekdays": ["09:00-12:00"], "daily": ["08:00-20:00"]}
    )
    assert calendar.definition()["weekly"] == {
        "mon": ["10:00-11:00"],
        **{day: ["09:00-12:00"] for day in ("tue", "wed", "thu", "fri")},
        "sun": ["08:00-20:00"],
    }


def test_2359_as_closing_time_means_2400():
    calendar = OpeningHours("c", "UTC", {"daily": ["00:00-23:59"]})
    assert calendar.is_always_open
    assert calendar == OpeningHours("c", "UTC", {"daily": ["00:00-24:00"]})


def test_adjacent_intervals_are_one():
    split = OpeningHours("c", "UTC", {"mon": ["12:00-18:00", "06:00-12:00"]})
    assert split == OpeningHours("c", "UTC", {"mon": ["06:00-18:00"]})
    assert split.closes_at(utc("2026-05-11T11:59")) == utc("2026-05-11T18:00")


@pytest.mark.parametrize(
    ("weekly", "key", "says"),
    [
        ({"mon": ["19:00-06:00"]}, "calendars.phone.mon", "split at 24:00"),
        ({"mon": ["09:00-00:00"]}, "calendars.phone.mon", "split at 24:00"),
        ({"daily": ["09:00-09:00"]}, "calendars.phone.daily", "closes when it opens"),
        ({"tue": ["08:00-12:00", "11:59-17:00"]}, "calendars.phone.tue", "overlap"),
        ({"tue": ["08:00-12:00", "08:00-12:00"]}, "calendars.phone.tue", "overlap"),
        ({"wed": ["9-17"]}, "calendars.phone.wed", "no interval"),
        ({"wed": ["09:60-17:00"]}, "calendars.phone.wed", "no interval"),
        ({"wed": ["09:00-24:01"]}, "calendars.phone.wed", "ends after 24:00"),
        ({"wed": ["24:00-24:00"]}, "calendars.phone.wed", "ends after 24:00"),
        ({"wed": ["٠٩:٠٠-١٧:٠٠"]}, "calendars.phone.wed", "no interval"),
        ({"wed": [900]}, "calendars.phone.wed", "no interval"),
        ({"wed": "09:00-17:00"}, "calendars.phone.wed", "no list"),
        ({"7": ["09:00-17:00"]}, "calendars.phone.7", "no such day"),
        ({"weekdays": [], "sun": []}, "calendars.phone", "never open"),
        ({}, "calendars.phone", "never open"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_by_key(weekly, key, says):
    with pytest.raises(BadSettings) as refused:
        OpeningHours("phone", "Europe/Zurich", weekly)
    assert refused.value.message.startswith(f"{key}: ")
    assert says in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("zone", ["Europe/Zuerich", "", "../etc/passwd", "Europe", "localtime", "a\0b", 3])
def test_an_unknown_zone_is_refused_and_so_is_the_one_of_the_laptop(zone):
    with pytest.raises(BadSettings, match=r"^calendars\.phone\.timezone: .*no known time zone"):
        OpeningHours("phone", zone, {"daily": ["09:00-17:00"]})


@pytest.mark.parametrize(
    "holidays", [["2026-02-30"], ["25.12.2026"], ["20261225"], ["2026-W01-1"], "2026-12-25", 7]
)
def test_a_holiday_that_is_no_date_is_refused(holidays):
    with pytest.raises(BadSettings, match=r"^calendars\.phone\.holidays: "):
        OpeningHours("phone", "UTC", {"daily": ["09:00-17:00"]}, holidays)


def test_holidays_are_merged_and_their_order_does_not_matter():
    one = OpeningHours("c", "UTC", {"daily": ["09:00-17:00"]}, ["2026-12-26", "2026-12-25", "2026-12-26"])
    other = OpeningHours("c", "UTC", {"daily": ["09:00-17:00"]}, [date(2026, 12, 25), date(2026, 12, 26)])
    assert one == other
    assert one.holidays == (date(2026, 12, 25), date(2026, 12, 26))


# A value ---------------------------------------------------------------------------------------------


def test_equality_hash_and_fingerprint_go_by_the_definition():
    again = OpeningHours(
        "phone", "Europe/Zurich", {day: ["06:00-19:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    )
    assert again == PHONE
    assert hash(again) == hash(PHONE)
    assert again.fingerprint == PHONE.fingerprint
    for other in (
        OpeningHours("mail", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}),
        OpeningHours("phone", "Europe/Paris", {"weekdays": ["06:00-19:00"]}),
        OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:00"]}, ["2026-12-25"]),
        OpeningHours("phone", "Europe/Zurich", {"weekdays": ["06:00-19:01"]}),
    ):
        assert other != PHONE
        assert other.fingerprint != PHONE.fingerprint
    assert PHONE != "phone"


def test_a_fingerprint_is_the_same_in_every_release():
    # Stored with tickets (R9): if this changes, old tickets lose their calendar.
    assert PHONE.fingerprint == "91ee1d39e5426f16"


def test_a_definition_brings_the_calendar_back():
    calendar = OpeningHours("c", "Asia/Tehran", {"sat": ["08:00-12:00", "13:00-24:00"]}, ["2026-03-21"])
    assert OpeningHours.from_definition(calendar.definition()) == calendar
    assert OpeningHours.from_definition(EMERGENCY.definition()).is_always_open


@pytest.mark.parametrize(
    ("calendar", "text"),
    [
        (PHONE, "Mon–Fri 06–19, Zurich"),
        (EMAIL, "daily 06–23, Zurich"),
        (EMERGENCY, "24/7"),
        (
            OpeningHours(
                "c", "America/New_York", {"mon": ["08:30-12:00", "13:00-17:15"], "wed": ["08:00-24:00"]}
            ),
            "Mon 08:30–12 13–17:15, Wed 08–24, New York",
        ),
    ],
)
def test_hours_in_words(calendar, text):
    assert calendar.describe() == text
