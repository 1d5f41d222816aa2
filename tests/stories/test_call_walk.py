"""Keys at random on calls that ring, end and are taken over: nothing breaks, and the log stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from board import loaded, on_loop, screen_text, until
from callers import LEMAN, NEVER, ROCHAT, CodedNight
from calling import NUMBER, deliberate
from textual.widgets import Input

from oncall_tui import translation
from oncall_tui.app import OncallApp
from oncall_tui.domain.calls import Step
from oncall_tui.domain.errors import OncallError
from oncall_tui.translation import spoken

STEPS = 150
ANSWERS = ("a", "a", "enter", "enter", "enter", "y", "y", "n", "f", "e", "g", "z", "h", "k", "1", "m")
KEYS = (*ANSWERS, *ANSWERS, *ANSWERS, *"acbfeyniojkghlmpqrstuvwxzGCDTRNXZ0123456789!?/:+")
KEYS = (
    *KEYS,
    "escape",
    "backspace",
    "tab",
    "down",
    "up",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "f1",
    "f2",
    "f5",
)
SIZES = ((80, 24), (40, 10), (60, 20), (220, 70), (20, 4), (1, 1))


@pytest.fixture
def night(tmp_path: Path) -> Iterator[CodedNight]:
    made = CodedNight(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _deliberate(monkeypatch: pytest.MonkeyPatch) -> None:
    deliberate(monkeypatch)


def meanwhile(night: CodedNight, random: Random, known: list[str]) -> None:
    """Let something happen elsewhere."""
    marc = night.desk("Marc")
    number = random.choice((NUMBER, "", "+41 26 555 02 01", "\x1b]0;x\x07[/b]\u202e"))
    name = f"pbx-{random.randrange(12)}"
    with suppress(OncallError):
        match random.randrange(6):
            case 0 | 1:
                known.append(marc.calls.ring(number, external_id=name).ref)
            case 2:
                known.append(marc.calls.hang_up(name, elsewhere=random.random() < 0.5).ref)
            case 3 if known:
                marc.calls.pick_up(random.choice(known))
            case 4 if known:
                marc.calls.take_over(random.choice(known))
            case 5 if known:
                ref = random.choice(known)
                marc.calls.answer(ref, Step.LANGUAGE, {"language": random.choice(("de", "fr"))})
                marc.calls.record(ref, spoken)


def whole(night: CodedNight) -> None:
    """See that the log has one outcome of each call that is over, complete, and no code in it."""
    ended = night.rows("SELECT id FROM calls WHERE recorded_at IS NOT NULL ORDER BY id")
    assert night.rows("SELECT call_id FROM call_records WHERE corrects IS NULL ORDER BY call_id") == ended
    first = "SELECT 1 FROM call_records WHERE decision = 'accepted' AND"
    assert not night.rows(f"{first} ticket_id NOT IN (SELECT id FROM tickets WHERE channel = 'emergency')")
    accepted = night.rows("SELECT DISTINCT call_id FROM call_records WHERE decision = 'accepted'")
    assert len(night.rows("SELECT id FROM tickets WHERE channel = 'emergency'")) == len(accepted)
    desk = night.desk("reader")
    for (ref,) in night.rows("SELECT ref FROM calls"):
        desk.calls.triage(ref)
        desk.call_log.detail(ref)
    for table in ("calls", "call_steps", "call_records", "audit", "tickets", "messages"):
        for row in night.rows(f"SELECT * FROM {table}"):
            assert not any(code in str(row) for code in NEVER), row
    assert desk.audit.verify().holds


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("seed", range(2))
@on_loop
async def test_no_key_at_any_moment_breaks_the_board_or_the_log(
    night: CodedNight, seed: int, language: str
) -> None:
    random, known = Random(f"{seed} {language}"), list[str]()
    translation.use(language)
    app = night.app(ticking=seed % 2 == 0)
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        pressed: list[str] = []
        for _ in range(STEPS):
            if random.random() < 0.15:
                meanwhile(night, random, known)
                app.session.refresh()
            if random.random() < 0.05:
                await pilot.resize_terminal(*random.choice(SIZES))
            if random.random() < 0.05:
                night.clock.advance(seconds=random.choice((1, 40, 1000)))
                app.show_time(night.clock())
            keys = random.choice(KEYS)
            typed = [keys]
            # A line for a text is none for a code: what is typed there is kept.
            if random.random() < 0.05 and not isinstance(app.focused, Input):
                typed = [*random.choice((LEMAN, ROCHAT)), "enter", "y"]
            pressed += typed
            await pilot.press(*typed)
            assert _sound(app), (pressed, screen_text(app))
        await until(pilot, lambda: not any(each.is_running for each in app.workers), "all is done")
        assert _sound(app), (pressed, screen_text(app))
    whole(night)


def _sound(app: OncallApp) -> bool:
    return not app.last_words and not any("a mistake of" in told.text for told in app.session.messages)
