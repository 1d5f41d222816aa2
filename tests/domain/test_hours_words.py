from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.config import load_settings
from oncall_tui.domain.calendar_settings import DAYS
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.hours_words import UsualHours, hours_in_words, hours_text

FRENCH = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")

_TIMES = st.sampled_from([[], ["09:00-18:00"], ["06:00-12:00", "13:30-19:00"], ["00:00-24:00"]])
_WEEKS = st.dictionaries(st.sampled_from(DAYS), _TIMES, min_size=1).filter(lambda week: any(week.values()))


def test_the_hours_of_account_managers_are_those_of_the_offer() -> None:
    """R1, R22: account managers are there Monday to Friday, 09:00 to 18:00."""
    manager = load_settings(None, {}).offer.calendars["manager"]
    assert hours_in_words(manager) == (UsualHours(0, 4, (("09:00", "18:00"),)),)
    assert hours_text(manager) == "Mon–Fri 09:00–18:00"
    assert hours_text(manager, FRENCH) == "lun–ven 09:00–18:00"


def test_days_with_other_hours_stand_apart() -> None:
    hours = OpeningHours(
        "shop",
        "Europe/Zurich",
        {"weekdays": ["08:00-12:00", "13:30-18:00"], "wed": [], "sat": ["09:00-23:59"]},
    )
    assert hours_text(hours) == (
        "Mon–Tue 08:00–12:00, 13:30–18:00; Thu–Fri 08:00–12:00, 13:30–18:00; Sat 09:00–24:00"
    )


def test_what_never_shuts_says_so() -> None:
    hours = OpeningHours.always_open()
    assert hours_text(hours) == "24/7"
    assert hours_in_words(hours) == (UsualHours(0, 6, (("00:00", "24:00"),)),)


@given(_WEEKS)
def test_the_lines_say_the_week_and_nothing_else(week: dict[str, list[str]]) -> None:
    said: dict[str, list[str]] = {}
    for line in hours_in_words(OpeningHours("any", "Europe/Zurich", week)):
        assert 0 <= line.first_day <= line.last_day < len(DAYS)
        for day in range(line.first_day, line.last_day + 1):
            assert DAYS[day] not in said
            said[DAYS[day]] = [f"{opens}-{closes}" for opens, closes in line.times]
    assert said == {day: times for day, times in week.items() if times}
