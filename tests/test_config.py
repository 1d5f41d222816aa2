from __future__ import annotations

import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.config import Settings, default_file, load_settings
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.plans import DEFAULT_TERMS, Plan
from oncall_tui.domain.queue import QUEUES
from oncall_tui.settings import SETTINGS


@pytest.fixture
def load(tmp_path: Path):
    """Load settings from the text of a file."""

    def load_text(text: str | bytes, **options: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_settings(path, {"USER": "lea"}, **options)

    return load_text


def refusal(load, text: str | bytes) -> BadSettings:
    with pytest.raises(BadSettings) as caught:
        load(text)
    assert "config.toml" in caught.value.message
    return caught.value


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("45 seconds", 45), ("2min", 120), ("1h", 3600)])
def test_a_short_duration_may_be_in_seconds(load, text, seconds):
    assert load(f'[calls]\nring_limit = "{text}"').offer.calls.ring_limit == timedelta(seconds=seconds)


def test_without_a_file_the_offer_is_that_of_r1_and_the_plans():
    settings = load_settings(None, {"USER": "lea"})
    offer = settings.offer
    assert {name: hours.describe() for name, hours in offer.calendars.items()} == {
        "phone": "Mon–Fri 06–19, Zurich",
        "email": "daily 06–23, Zurich",
        "manager": "Mon–Fri 09–18, Zurich",
        "emergency": "24/7",
    }
    assert offer.plans == DEFAULT_TERMS
    assert (offer.thresholds.warning, offer.thresholds.critical) == (0.5, 0.25)
    assert settings.operator == "lea"
    assert settings.database.endswith("/oncall-tui/oncall.db")
    assert settings.source is None


def test_the_example_of_the_contract_is_read(load):
    settings = load(
        """
        timezone = "Europe/Zurich"
        [calendars.phone]
        weekdays = ["06:00-19:00"]
        holidays = ["2026-12-25"]
        [calendars.email]
        daily = ["06:00-23:00"]
        [plans.enterprise]
        response = "1h"
        emergency = true
        """
    )
    assert settings.offer.calendars["phone"].holidays == (date(2026, 12, 25),)
    assert settings.offer.plans == DEFAULT_TERMS


def test_commitment_and_advice_are_those_of_the_offer_or_of_the_file(load):
    """R21"""
    offer = load_settings(None, {}).offer
    assert offer.commitment_months == 6
    assert [plan for plan in Plan if offer.plans[plan].advice] == [Plan.ENTERPRISE]
    offer = load("[contract]\ncommitment_months = 12\n[plans.pro]\nadvice = true").offer
    assert (offer.commitment_months, offer.plans[Plan.PRO].advice) == (12, True)


def test_the_calendar_keeps_its_default_hours_when_only_holidays_are_given(load):
    phone = load("[calendars.phone]\nholidays = [2026-12-25]").offer.calendars["phone"]
    assert phone.describe() == "Mon–Fri 06–19, Zurich"
    assert phone.holidays == (date(2026, 12, 25),)


def test_a_calendar_that_names_hours_has_only_those(load):
    # The default weekdays would override the daily hours that somebody just wrote.
    phone = load('[calendars.phone]\ndaily = ["08:00-12:00"]').offer.calendars["phone"]
    assert phone.describe() == "daily 08–12, Zurich"


def test_a_day_overrides_weekdays_overrides_daily(load):
    text = '[calendars.phone]\ndaily = ["10:00-11:00"]\nweekdays = ["08:00-12:00"]\nwed = []\nsat = []'
    phone = load(text).offer.calendars["phone"]
    assert phone.describe() == "Mon–Tue 08–12, Thu–Fri 08–12, Sun 10–11, Zurich"


def test_a_calendar_may_have_a_zone_of_its_own(load):
    calendars = load('timezone = "Europe/London"\n[calendars.phone]\ntimezone = "Asia/Tokyo"').offer.calendars
    assert calendars["phone"].zone.key == "Asia/Tokyo"
    assert calendars["email"].zone.key == "Europe/London"


@pytest.mark.parametrize("zone", ["Asia/Beirut", "America/Havana", "Europe/Zurich"])
def test_the_emergency_line_counts_real_time_whatever_the_zone_does_at_midnight(load, zone):
    emergency = load(f'timezone = "{zone}"').offer.calendars["emergency"]
    start = datetime(2020, 1, 1, tzinfo=UTC)
    assert emergency.elapsed(start, start + timedelta(days=400)) == timedelta(days=400)


def test_a_calendar_of_ones_own_is_kept(load):
    calendars = load('[calendars.geneva-desk]\nmon = ["09:00-10:00"]').offer.calendars
    assert calendars["geneva-desk"].describe() == "Mon 09–10, Zurich"


def test_a_plan_keeps_what_the_file_does_not_say(load):
    terms = load('[plans.plus]\nresponse = "90 min"\n[plans.enterprise]\nresponse = "none"').offer.plans
    assert terms[Plan.PLUS].response == timedelta(minutes=90)
    assert terms[Plan.ENTERPRISE].response is None
    assert terms[Plan.ENTERPRISE].managers == 2


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ('timezone = "Europe/Zürich"', "timezone", '"Europe/Zürich"', "Europe/Zurich"),
        ('timezone = "localtime"', "timezone", "localtime", "IANA"),
        ('timezone = "../../etc/passwd"', "timezone", "passwd", "IANA"),
        ("timezone = 1", "timezone", "1", "IANA"),
        ("timezone = []", "timezone", "[]", "IANA"),
        ('operator = ""', "operator", '""', "1 to 64"),
        ('operator = "a\\u001bb"', "operator", "'a\\x1bb'", "printable"),
        ('[calendars.phone]\nweekdays = "06:00-19:00"', "calendars.phone.weekdays", "06:00-19:00", "a list"),
        ("[calendars.phone]\nmon = [6]", "calendars.phone.mon", "[6]", "a list"),
        ('[calendars.phone]\ntimezone = "Mars"', "calendars.phone.timezone", "Mars", "IANA"),
        ('[plans.pro]\nresponse = "2 days"', "plans.pro.response", "2 days", '"1h"'),
        ("[plans.pro]\nresponse = 2", "plans.pro.response", "2", '"none"'),
        ('[plans.pro]\nresponse = "99999 h"', "plans.pro.response", "99999 h", "366 days"),
        ('[plans.pro]\nemergency = "yes"', "plans.pro.emergency", "yes", "true or false"),
        ("[plans.pro]\nmanagers = -1", "plans.pro.managers", "-1", "0 to 9"),
        ("[plans.pro]\nmanagers = true", "plans.pro.managers", "true", "0 to 9"),
        ("[plans.pro]\nadvice = 1", "plans.pro.advice", "1", "true or false"),
        ("[contract]\ncommitment_months = 5", "contract.commitment_months", "5", "6 to 60"),
        ("[urgency]\nwarning = 50", "urgency.warning", "50", "up to 1"),
        ("[urgency]\ncritical = 0", "urgency.critical", "0", "above 0"),
        ("[urgency]\nwarning = nan", "urgency.warning", "nan", "up to 1"),
        ("[board]\nrefresh_seconds = 0", "board.refresh_seconds", "0", "0.5 to 300"),
        ("[queues.night]\nfilter = 3", "queues.night.filter", "3", "a filter"),
        ('[queues.night]\nfilter = ""', "queues.night.filter", '""', "at least one word"),
        (
            '[queues.night]\nfilter = "plan:gold"',
            "queues.night.filter",
            '"plan:gold"',
            "plus, pro, enterprise",
        ),
        ('[queues.night]\nfilter = "x"\nlabel = ""', "queues.night.label", '""', "1 to 20"),
        ('[queues.night]\nfilter = "x"\nlabel = "a\\u001bb"', "queues.night.label", "a\\x1bb", "printable"),
        ("[board]\nhold_seconds = true", "board.hold_seconds", "true", "0 to 10"),
    ],
)
def test_a_refused_value_is_named_with_file_key_value_and_what_is_allowed(load, text, key, value, allowed):
    error = refusal(load, text)
    assert key in error.message
    assert value in error.message
    assert allowed in error.hint
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('[calendars.phone]\nweekdays = ["19:00-06:00"]', "calendars.phone.weekdays", "closes before"),
        ('[calendars.phone]\nmon = ["06:00-12:00", "11:00-13:00"]', "calendars.phone.mon", "overlap"),
        ("[calendars.phone]\ndaily = []", "calendars.phone", "never open"),
        ('[calendars.own]\nholidays = ["2026-12-25"]', "calendars.own", "never open"),
        ('[calendars.phone]\nholidays = ["25.12.2026"]', "calendars.phone.holidays", "25.12.2026"),
        ("[calendars.phone]\nholidays = [2026-12-25T00:00:00]", "calendars.phone.holidays", "date"),
        ("[urgency]\ncritical = 0.6", "critical 0.6", "together"),
    ],
)
def test_what_the_domain_refuses_is_named_with_the_file(load, text, key, words):
    error = refusal(load, text)
    assert key in error.message
    assert words in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("timzone = 1", "timzone", "timezone"),
        ("[calendar.phone]", "calendar", "calendars"),
        ("[calendars.phone]\nweekday = []", "calendars.phone.weekday", "weekdays"),
        ("[calendars.phnoe]\nmon = []", "calendars.phnoe", "phone"),
        ("[calendars.Phone]\nmon = []", "calendars.Phone", "small letter"),
        ("[plans.enterprize]", "plans.enterprize", "enterprise"),
        ("[plans.gold]", "plans.gold", "standard, plus, pro, enterprise"),
        ("[plans.pro]\nbudget = 1", "plans.pro.budget", "response, emergency, managers"),
        ("[queues.night]\nfliter = 1", "queues.night.fliter", "filter"),
        ("[queues.night]", "queues.night.filter", "at least one word"),
        ("[queues.mine]\nfilter = 'x'", "queues.mine", "any name but all, emergency"),
        ("[queues.Night]\nfilter = 'x'", "queues.Night", "small letter"),
        ("[queues]\nnight = 'x'", 'queues.night = "x"', "filter, label"),
        ("[colours]", "colours", "timezone, region"),
        ('["a\\u001bb"]', "'a\\x1bb'", "timezone"),
        ("calendars = 3", "calendars = 3", "NAME"),
        ("[calendars]\nphone = 3", "calendars.phone = 3", "daily"),
        ("board = []", "board = []", "refresh_seconds"),
    ],
)
def test_what_is_no_setting_is_refused_with_what_was_probably_meant(load, text, key, hint):
    error = refusal(load, text)
    assert key in error.message
    assert hint in error.hint


def test_queues_of_ones_own_come_after_the_others_in_the_order_of_the_file(load):
    settings = load(
        """
        [queues.night]
        filter = "plan:e,pro state:new"
        label = "Tonight"
        [queues.french]
        filter = "!owner:none"
        """
    )
    assert settings.queues[:9] == QUEUES == load("").queues
    night, french = settings.queues[9:]
    assert (night.name, night.label, night.filter.text) == ("night", "Tonight", "plan:e,pro state:new")
    assert (french.name, french.label, french.filter.text) == ("french", "French", "!owner:none")


def test_a_mistake_of_syntax_is_named_with_its_line(load):
    assert "line 2" in refusal(load, 'timezone = "Europe/Zurich"\n[calendars.phone\n').message
    assert "line 2" in refusal(load, b'operator = "a"\n# caf\xe9\n').message
    assert "deeply" in refusal(load, "a = " + "[" * 20_000).message


def test_a_byte_order_mark_is_no_mistake(load):
    assert load(b'\xef\xbb\xbfoperator = "Marc"').operator == "Marc"


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(BadSettings, match="no such settings file"):
        load_settings(tmp_path / "none.toml", {})
    with pytest.raises(BadSettings, match="no such settings file") as caught:
        load_settings(None, {"ONCALL_TUI_CONFIG": str(tmp_path / "none.toml")})
    assert "ONCALL_TUI_CONFIG" in caught.value.hint
    with pytest.raises(BadSettings, match="can't be read"):
        load_settings(tmp_path, {})


def test_the_command_line_goes_before_the_environment_before_the_file(tmp_path):
    path = tmp_path / "here.toml"
    path.write_text('operator = "File"\ndatabase = "sqlite:////tmp/file.db"')
    env = {"ONCALL_TUI_CONFIG": str(path), "USER": "login"}
    assert load_settings(None, env).operator == "File"
    env |= {"ONCALL_TUI_OPERATOR": "Env", "ONCALL_TUI_DATABASE": "sqlite:////tmp/env.db"}
    settings = load_settings(None, env)
    assert (settings.operator, settings.database) == ("Env", "sqlite:////tmp/env.db")
    settings = load_settings(None, env, operator="Line", database="sqlite:////tmp/line.db")
    assert (settings.operator, settings.database) == ("Line", "sqlite:////tmp/line.db")
    assert settings.source == path
    assert load_settings(None, env | {"ONCALL_TUI_OPERATOR": ""}).operator == "File"


def test_the_file_of_the_configuration_folder_is_read_when_none_is_named():
    default_file().parent.mkdir(parents=True)
    default_file().write_text('operator = "Home"')
    assert load_settings(None, {}).operator == "Home"


@pytest.mark.parametrize(
    "url",
    [
        "oncall.db",
        "mysql://u:geheim@h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///~/geheim.db",
        "sqlite:///a\0geheim",
    ],
)
def test_a_refused_database_is_never_repeated(url):
    with pytest.raises(BadSettings) as caught:
        load_settings(None, {"ONCALL_TUI_DATABASE": url})
    assert "ONCALL_TUI_DATABASE" in caught.value.message
    assert "geheim" not in f"{caught.value.message} {caught.value.hint}"
    assert "sqlite:////" in caught.value.hint


def test_the_short_name_of_postgresql_is_taken_too():
    assert load_settings(None, {}, database="postgres://u@h/d").database == "postgresql://u@h/d"


def test_a_name_is_the_same_however_it_was_typed():
    assert load_settings(None, {}, operator="Le\u0301a").operator == "Léa"


def test_an_empty_name_on_the_command_line_is_refused():
    with pytest.raises(BadSettings, match="--as"):
        load_settings(None, {}, operator="")


def test_a_user_without_a_name_is_told_by_number(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 123_456)
    assert load_settings(None, {}).operator == "uid-123456"


def test_every_default_is_allowed_by_its_own_setting():
    for setting in SETTINGS:
        defaults = setting.default.values() if isinstance(setting.default, dict) else [setting.default]
        for default in defaults:
            if default is not None:
                setting.read(default)


def test_every_setting_is_described():
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert setting.allowed
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)


_PARTS = st.one_of(
    st.sampled_from(".=[]{}#' \n\r\x1bé"),
    st.sampled_from(
        ["timezone", "calendars", "phone", "mon", "plans", "pro", "response", "urgency", "warning"]
    ),
    st.sampled_from(['"06:00-19:00"', '"1h"', "0.5", "true", "2026-12-25"]),
)


@given(st.lists(_PARTS, max_size=30).map("".join))
def test_any_file_is_read_or_refused_in_one_clear_line(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(text, encoding="utf-8", newline="")
        refused = None
        try:
            load_settings(path, {"USER": "lea"})
        except BadSettings as error:
            refused = error
        if refused is not None:
            assert str(path) in refused.message
            assert refused.message.isprintable()
