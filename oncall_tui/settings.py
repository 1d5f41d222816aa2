"""THE table of settings: key, what is allowed, default and meaning of each, in one place.

`config.py` reads a file against it, `reference.py` writes `docs/settings.md` from it. A key is
dotted as TOML tables are; NAME in it stands for the name of a calendar, a plan or whatever the section is of,
ACTION for the id of an action.
"""

from __future__ import annotations

from datetime import timedelta

from oncall_tui import (
    alert_settings,
    channel_settings,
    contract_settings,
    source_settings,
    support_settings,
    template_settings,
)
from oncall_tui import setting_values as read
from oncall_tui.domain.calendar_settings import DAYS
from oncall_tui.domain.call_rules import DEFAULT_CALLS
from oncall_tui.domain.codes import DEFAULT_CODES
from oncall_tui.domain.codes import LONGEST as LONGEST_CODE
from oncall_tui.domain.codes import SHORTEST as SHORTEST_CODE
from oncall_tui.domain.durations import format_duration
from oncall_tui.domain.filters import TEXT_LIMIT
from oncall_tui.domain.plans import DEFAULT_TERMS
from oncall_tui.setting import Setting

CALENDARS = ("phone", "email", "manager", "emergency")
"""The calendars the offer names (R1). A file may define more, for `oncall-tui deadline --calendar`."""

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _terms(name: str) -> dict[str, object]:
    values = {plan.value: getattr(terms, name) for plan, terms in DEFAULT_TERMS.items()}
    if name == "response":
        return {plan: format_duration(budget) if budget else "none" for plan, budget in values.items()}
    return values


TIMEZONE = Setting(
    "timezone",
    "an IANA time zone like Europe/Zurich, not localtime",
    read.zone,
    "The provider's local time: calendars, the clock on the board, instants without an offset (R1).",
    default="Europe/Zurich",
)
DATABASE = Setting(
    "database",
    "sqlite:////whole/path/to/file.db or postgresql://user@host/name",
    read.database,
    "Where everything is kept, as a URL. An SQLite file is made if it isn't there. A password is "
    "better kept in `~/.pgpass` than here.",
    unset="`oncall.db` in the user's data folder",
    secret=True,
)
OPERATOR = Setting(
    "operator",
    "a name of 1 to 64 printable characters",
    read.operator,
    "Who acts: the owner of what is taken, the name in history and audit.",
    unset="the login name",
)

DAILY = Setting(
    "calendars.NAME.daily",
    'a list of intervals like ["06:00-12:00", "13:00-19:00"]',
    read.intervals,
    "Opening hours of every day. A calendar that names any hours has only the hours it names; one "
    "that names none keeps its default hours. Hours end at 24:00 at the latest (R2).",
    default={"email": ["06:00-23:00"], "emergency": ["00:00-24:00"]},
)
WEEKDAYS = Setting(
    "calendars.NAME.weekdays",
    DAILY.allowed,
    read.intervals,
    "Opening hours of Monday to Friday; overrides `daily`.",
    default={"phone": ["06:00-19:00"], "manager": ["09:00-18:00"]},
)
HOURS: dict[str, Setting[tuple[str, ...]]] = {
    "daily": DAILY,
    "weekdays": WEEKDAYS,
    **{
        day: Setting(
            f"calendars.NAME.{day}",
            DAILY.allowed,
            read.intervals,
            f"Opening hours of {name}; overrides `weekdays` and `daily`; `[]` is a closed day.",
        )
        for day, name in zip(DAYS, _DAY_NAMES, strict=True)
    },
}
"""The settings that say when a calendar is open, by the last part of their key."""

HOLIDAYS = Setting(
    "calendars.NAME.holidays",
    'a list of dates like ["2026-12-25"]',
    read.dates,
    "Local dates that are closed all day.",
    default=[],
)
CALENDAR_TIMEZONE = Setting(
    "calendars.NAME.timezone",
    TIMEZONE.allowed,
    read.zone,
    "The zone of this calendar's hours.",
    unset="`timezone`",
)

RESPONSE = Setting(
    "plans.NAME.response",
    'a duration up to 366 days like "1h", "90min" or "1h30", or "none"',
    read.duration_or_none,
    "The guaranteed first response, in opening time of the channel's calendar. Tickets keep what was "
    "guaranteed when they were received (R9).",
    default=_terms("response"),
)
EMERGENCY = Setting(
    "plans.NAME.emergency",
    "true or false",
    read.boolean,
    "Whether the 24/7 emergency line is open to the plan (R11).",
    default=_terms("emergency"),
)
MANAGERS = Setting(
    "plans.NAME.managers",
    "a whole number from 0 to 9",
    read.whole(0, 9),
    "How many account managers the plan has (R22).",
    default=_terms("managers"),
)

WARNING = Setting(
    "urgency.warning",
    "a number above 0, up to 1",
    read.share,
    "The share of the budget that is left when a ticket becomes `~` warning.",
    default=0.5,
)
CRITICAL = Setting(
    "urgency.critical",
    "a number above 0, up to urgency.warning",
    read.share,
    "The share of the budget that is left when a ticket becomes `!` critical.",
    default=0.25,
)

REFRESH_SECONDS = Setting(
    "board.refresh_seconds",
    "a number from 0.5 to 300",
    read.number(0.5, 300),
    "How often the board asks for changes by itself. It hears of most changes at once, and this is "
    "for those it couldn't hear of.",
    default=2.0,
)
HOLD_SECONDS = Setting(
    "board.hold_seconds",
    "a number from 0 to 10",
    read.number(0, 10),
    "How long the order of the board stands still after a key, so that nothing moves under a finger.",
    default=1.5,
)

QUEUE_FILTER = Setting(
    "queues.NAME.filter",
    f"a filter of at least one word or condition, up to {TEXT_LIMIT} characters",
    read.queue_filter,
    "What stands in the queue: the open tickets that the filter fits.",
    unset="must be given",
)
QUEUE_LABEL = Setting(
    "queues.NAME.label",
    f"a text of 1 to {read.LABEL_LIMIT} printable characters",
    read.label,
    "What the board calls the queue.",
    unset="NAME with a capital",
)
REGION = Setting(
    "region",
    'the two letters of a country, like "CH"',
    read.region,
    "The country of telephone numbers that are written without one.",
    default="CH",
)

LANGUAGE = Setting(
    "language",
    "en or fr",
    read.one_of("en", "fr"),
    "The language of the screens. What is said to callers always stands in French and in English (R11).",
    default="en",
)

RING_LIMIT = Setting(
    "calls.ring_limit",
    'a duration from 10s to 1h like "2min"',
    read.short(timedelta(seconds=10), timedelta(hours=1)),
    "How long a call rings before it counts as missed, where the telephone system doesn't tell its end.",
    default=format_duration(DEFAULT_CALLS.ring_limit),
)
SHIFTS = Setting(
    "calls.shifts",
    'a list of times like ["07:00", "19:00"]',
    read.times,
    "When a shift begins, on the provider's clock: the log counts the calls since then.",
    default=[f"{each:%H:%M}" for each in DEFAULT_CALLS.shifts],
)
BARESIP = Setting(
    "calls.baresip",
    '"off", or host:port like "127.0.0.1:4444"',
    read.address,
    "The control socket of the SIP telephone baresip (its module ctrl_tcp): its calls ring here, and picking "
    "up here answers them there. The socket asks for no password; it belongs on the loopback.",
    default="off",
)

KEY_FILE = Setting(
    "codes.key_file",
    "the path of a file",
    read.key_file,
    "The key of codes and audit (R19), for its owner's eyes only (mode 0600). It is made at first use. The "
    "variable ONCALL_TUI_KEY holds a key instead of it. All desks on one database need the same key.",
    unset="`oncall.key` in the user's data folder",
)
SHORTEST = Setting(
    "codes.shortest",
    f"a whole number from {SHORTEST_CODE} to {LONGEST_CODE}",
    read.whole(SHORTEST_CODE, LONGEST_CODE),
    "The digits of a code, at least (R16).",
    default=DEFAULT_CODES.shortest,
)
LONGEST = Setting(
    "codes.longest",
    SHORTEST.allowed,
    read.whole(SHORTEST_CODE, LONGEST_CODE),
    "The digits of a code, at most (R16).",
    default=DEFAULT_CODES.longest,
)
LENGTH = Setting(
    "codes.length",
    "a whole number from codes.shortest to codes.longest",
    read.whole(SHORTEST_CODE, LONGEST_CODE),
    "The digits of the codes that `oncall-tui codes issue` makes.",
    default=DEFAULT_CODES.length,
)
CHECK_DIGIT = Setting(
    "codes.check_digit",
    "true or false",
    read.boolean,
    "Whether the last digit of every code is a check digit after Damm: a code that fails it was misheard and "
    "isn't a wrong one (R17).",
    default=DEFAULT_CODES.check_digit,
)
MASK = Setting(
    "codes.mask",
    "true or false",
    read.boolean,
    "Whether dots are shown in place of the digits that are typed.",
    default=DEFAULT_CODES.mask,
)
TRUST = Setting(
    "codes.trust",
    '"call", or a duration from 1min to 1d like "30min"',
    read.trust,
    "How long a caller who proved who they are counts as known: for this call only, or for a while (R17).",
    default="call",
)
WRONG_PER_CALL = Setting(
    "codes.wrong_per_call",
    "a whole number from 1 to 100",
    read.whole(1, 100),
    "Wrong codes after which a call stays unverified (R18).",
    default=DEFAULT_CODES.wrong_per_call,
)
MISHEARD_PER_CALL = Setting(
    "codes.misheard_per_call",
    "a whole number from 1 to 100",
    read.whole(1, 100),
    "Misheard codes that a call may have (R17).",
    default=DEFAULT_CODES.misheard_per_call,
)
WRONG = Setting(
    "codes.wrong",
    "a whole number from 1 to 1000",
    read.whole(1, 1000),
    "Wrong codes within `codes.within`, for one organisation or one calling number, after which no code is "
    "looked at for a while (R18). Where no number is known the engineer counts in its place.",
    default=DEFAULT_CODES.wrong,
)
WITHIN = Setting(
    "codes.within",
    'a duration from 1min to 1d like "15min"',
    read.pause,
    "The time in which wrong codes are counted (R18).",
    default=format_duration(DEFAULT_CODES.within),
)
WAITS = Setting(
    "codes.waits",
    'a list of durations from 1min to 1d like ["15min", "30min", "60min"]',
    read.pauses,
    "How long no code is looked at: the first time, the next, and so on within a day; the last one stays "
    "(R18).",
    default=[format_duration(wait) for wait in DEFAULT_CODES.waits],
)
WRONG_PER_DAY = Setting(
    "codes.wrong_per_day",
    "a whole number from 1 to 100000",
    read.whole(1, 100_000),
    "Wrong codes in 24 hours over the whole desk from which it is told that somebody may be guessing (R18).",
    default=DEFAULT_CODES.wrong_per_day,
)

THEME = Setting(
    "board.theme",
    "night, day or safe",
    read.one_of("night", "day", "safe"),
    "The colours: `night` is dark, `day` light, `safe` dark and made for eyes that mix up red and green "
    "or yellow and blue. A terminal with 16 colours gets the nearest form of it, and with the variable "
    "NO_COLOR there are none.",
    default="night",
)
TICK = Setting(
    "board.tick",
    "true or false",
    read.boolean,
    "Whether seconds are shown. With `false`, as with `--no-tick`, time alone changes the screen once a "
    "minute, for screen readers and slow links; keys and changes of tickets show at once.",
    default=True,
)
KEYS = Setting(
    "keys.ACTION",
    'a key or a list of keys, each a character like "t", "T" or "?", or a name like "space", "enter", "tab", '
    '"up", "pagedown", "f5", "ctrl+k", "alt+k", "shift+tab"; [] for none',
    read.keys,
    "The keys of the action, in place of its default ones.",
    unset="as in [keys.md](keys.md)",
)

SETTINGS: tuple[Setting[object], ...] = (
    TIMEZONE,
    REGION,
    LANGUAGE,
    DATABASE,
    OPERATOR,
    *HOURS.values(),
    HOLIDAYS,
    CALENDAR_TIMEZONE,
    RESPONSE,
    EMERGENCY,
    MANAGERS,
    contract_settings.ADVICE,
    contract_settings.MONTHS,
    WARNING,
    CRITICAL,
    REFRESH_SECONDS,
    HOLD_SECONDS,
    THEME,
    TICK,
    RING_LIMIT,
    SHIFTS,
    BARESIP,
    KEY_FILE,
    SHORTEST,
    LONGEST,
    LENGTH,
    CHECK_DIGIT,
    MASK,
    TRUST,
    WRONG_PER_CALL,
    MISHEARD_PER_CALL,
    WRONG,
    WITHIN,
    WAITS,
    WRONG_PER_DAY,
    *alert_settings.SETTINGS,
    *channel_settings.SETTINGS,
    *source_settings.SETTINGS,
    *support_settings.SETTINGS,
    *template_settings.SETTINGS,
    QUEUE_FILTER,
    QUEUE_LABEL,
    KEYS,
)

SECTIONS: dict[str, str] = {
    "calendars.NAME": "Opening hours. `phone`, `email`, `manager` and `emergency` are what the offer "
    "names; the channel of a request picks one at receipt, for good (R5). Any other name is a "
    "calendar of your own, for `oncall-tui deadline --calendar NAME`.",
    "plans.NAME": "What a plan guarantees. NAME is `standard`, `plus`, `pro` or `enterprise`.",
    **contract_settings.SECTIONS,
    "urgency": "When a running clock changes its sign on the board.",
    "board": "How the board looks and moves.",
    "calls": "The emergency line (R11).",
    "codes": "VIP and support codes, and how often a caller may be wrong about one.",
    **channel_settings.SECTIONS,
    **alert_settings.SECTIONS,
    **source_settings.SECTIONS,
    **support_settings.SECTIONS,
    **template_settings.SECTIONS,
    "queues.NAME": "A queue of your own, after the nine that are always there, in the order of the file. "
    "NAME begins with a small letter and is none of the nine; `oncall-tui queue --queue NAME` lists it.\n"
    "\n"
    "A filter is what `/` on the board and `oncall-tui queue --filter` take, too: terms with blanks "
    "between them, all of which must fit. Capitals and accents make no difference.\n"
    "\n"
    "- `cluster` stands somewhere in reference, subject, contact, owner, or the customer's id or name; "
    '`"mail queue"` does as a whole.\n'
    "- `plan:pro` `state:new` (also `assigned`, `in_progress`) `channel:email` or `via:mail`: the beginning "
    "is enough, so that `plan:p` is plus and pro.\n"
    "- `owner:me`, `owner:none`, or `owner:` and a part of the name; "
    "`customer:` and the id or a part of the name.\n"
    "- `plan:pro,enterprise` fits one or the other; `!` before a term means that it must not fit: "
    "`!mail`, `!owner:none`.",
    "keys": "Which key does what. ACTION is the id of an action, such as `take`; [keys.md](keys.md) and "
    "`oncall-tui keys` list them all. No key may stand for two actions of one screen; `help`, `back` and "
    "`leave` keep at least one; each key of `queue` stands for the queue at its place, at most nine. The "
    "keys of dialogs can't be changed.",
}
