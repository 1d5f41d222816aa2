"""What eyes need of the colours: contrast, and urgencies that can be told apart, on every terminal."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, url_in
from colours import SIGHTS, contrast, difference, seen
from rich._palettes import EIGHT_BIT_PALETTE, STANDARD_PALETTE
from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.theme import Theme

from oncall_tui.app import OncallApp
from oncall_tui.config import load_settings
from oncall_tui.settings import THEME
from oncall_tui.theme import INKS, NAMES, PLAIN, THEMES, after, chosen, fitting
from oncall_tui.widgets.ink import inks_of

COLOURED = [theme for theme in THEMES.values() if theme is not PLAIN]
FULL = [theme for theme in COLOURED if theme.name in NAMES]
FEW = [theme for theme in COLOURED if theme.name not in NAMES]
URGENT = ("ink-overdue", "ink-critical", "ink-warning")
TOLD_APART = ("ink", "ink-accent", *URGENT)

PALETTES = {ColorSystem.EIGHT_BIT: EIGHT_BIT_PALETTE, ColorSystem.STANDARD: STANDARD_PALETTE}
XTERM = (
    *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
    *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
)
"""The 16 colours that xterm comes with."""

READABLE = 4.5
"""The contrast that WCAG 2.2 asks of text (1.4.3, level AA)."""

named = pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)


def on_terminal(colour: str, system: ColorSystem) -> str:
    """Return what a terminal of fewer colours makes of `colour`, by Rich's own palettes."""
    if system is ColorSystem.TRUECOLOR:
        return colour
    number = RichColor.parse(colour).downgrade(system).number
    assert number is not None
    return PALETTES[system][number].hex


def grounds(theme: Theme) -> tuple[str, ...]:
    return str(theme.background), theme.variables["cursor-line"], str(theme.panel)


def apart(theme: Theme, inks: tuple[str, ...], system: ColorSystem = ColorSystem.TRUECOLOR) -> float:
    """Return the least CIEDE2000 difference of two of `inks`, under the sight where it is least."""
    shown = {ink: on_terminal(theme.variables[ink], system) for ink in inks}
    return min(
        difference(seen(shown[one], sight), seen(shown[other], sight))
        for one, other in combinations(inks, 2)
        for sight in SIGHTS
    )


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_arithmetic_agrees_with_published_pairs(one, other, apart: float) -> None:
    """From the test data of Sharma, Wu and Dalal 2005."""
    assert difference(one, other) == pytest.approx(apart, abs=5e-5)


@named
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_can_be_read_on_every_ground(theme: Theme, ink: str) -> None:
    for ground in grounds(theme):
        assert contrast(theme.variables[ink], ground) >= READABLE


@named
@pytest.mark.parametrize("ink", INKS)
def test_every_ink_can_be_read_with_256_colours(theme: Theme, ink: str) -> None:
    text = on_terminal(theme.variables[ink], ColorSystem.EIGHT_BIT)
    for ground in grounds(theme):
        assert contrast(text, on_terminal(ground, ColorSystem.EIGHT_BIT)) >= READABLE


@pytest.mark.parametrize("theme", FEW, ids=lambda theme: theme.name)
def test_what_16_colours_show_is_what_was_chosen(theme: Theme) -> None:
    colours = {*grounds(theme), *(theme.variables[ink] for ink in (*INKS, "ink-rule"))}
    for colour in colours:
        assert on_terminal(colour, ColorSystem.STANDARD) == colour


@pytest.mark.parametrize("theme", FEW, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", INKS)
def test_16_colours_can_be_read_as_xterm_shows_them(theme: Theme, ink: str) -> None:
    """Not every terminal has Rich's palette; xterm's dark grey is the lightest there is on white."""
    text, ground = (
        XTERM[RichColor.parse(theme.variables[name]).downgrade(ColorSystem.STANDARD).number or 0]
        for name in (ink, "scrollbar-background")
    )
    assert contrast(text, ground) >= (4.0 if (theme.name, ink) == ("day-16", "ink-dim") else READABLE)


@pytest.mark.parametrize("theme", FULL, ids=lambda theme: theme.name)
@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
def test_the_cursor_line_has_a_ground_of_its_own(theme: Theme, system: ColorSystem) -> None:
    background, cursor, _ = (on_terminal(ground, system) for ground in grounds(theme))
    assert difference(seen(background, "normal"), seen(cursor, "normal")) >= 3.5


@named
def test_the_more_urgent_the_darker(theme: Theme) -> None:
    """Who sees no colour sees at least which is which next to the sign."""
    light = [seen(theme.variables[ink], "normal")[0] for ink in URGENT]
    assert all(one < other for one, other in pairwise(light))


def test_safe_can_be_told_apart_whatever_colours_one_sees() -> None:
    assert apart(THEMES["safe"], TOLD_APART) >= 14
    assert apart(THEMES["safe"], URGENT, ColorSystem.EIGHT_BIT) >= 10
    light = [seen(THEMES["safe"].variables[ink], "normal")[0] for ink in URGENT]
    assert all(other - one >= 10 for one, other in pairwise(light))


@pytest.mark.parametrize(
    ("name", "least"), [("night", 11), ("day", 5), ("night-16", 9), ("safe-16", 9), ("day-16", 8)]
)
def test_the_others_are_as_far_apart_as_their_ground_allows(name: str, least: float) -> None:
    assert apart(THEMES[name], TOLD_APART) >= least


def test_each_theme_has_a_form_for_every_terminal() -> None:
    for name in NAMES:
        assert fitting(name, 1 << 24) == fitting(name, 256) == name
        assert chosen(fitting(name, 16)) == name
        assert fitting(name, 16) in THEMES
        assert fitting(name, 0) == PLAIN.name
    assert [after(name) for name in NAMES] == [*NAMES[1:], NAMES[0]]
    assert after("safe-16") == "night-16"
    assert after(PLAIN.name) == PLAIN.name


def test_the_setting_names_every_theme(tmp_path: Path) -> None:
    assert THEME.allowed.replace(" or", ",").split(", ") == list(NAMES)
    for name in NAMES:
        path = tmp_path / f"{name}.toml"
        path.write_text(f'[board]\ntheme = "{name}"\n')
        assert load_settings(path, {"USER": "lea"}).theme == name


@pytest.fixture
def night(tmp_path: Path):
    made = Night(url_in(tmp_path))
    fill(made)
    yield made
    made.close()


def colours_on(app: OncallApp) -> set[str]:
    """Return every colour on the screen, of text and of ground."""
    styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
    found = (colour for style in styles if style for colour in (style.color, style.bgcolor) if colour)
    return {colour.get_truecolor().hex for colour in found}


@pytest.mark.parametrize("theme", ["night", "night-16"])
@pytest.mark.parametrize("keys", [(), ("enter",), ("question_mark",), ("enter", "question_mark")])
@on_loop
async def test_another_theme_is_everywhere_at_once(night: Night, theme: str, keys: tuple[str, ...]) -> None:
    app = night.app(theme=theme)
    async with app.run_test(size=(100, 30)) as pilot:
        await loaded(pilot)
        await pilot.press("j", *keys)
        await app.workers.wait_for_complete()
        first = screen_lines(app)
        form = theme.removeprefix("night")
        for name in ("day", "safe", "night"):
            app.next_theme()
            await pilot.pause()
            assert app.theme == name + form
            assert f"theme {name}" in screen_text(app)
            variables = THEMES[name + form].variables
            assert colours_on(app) <= {str(THEMES[name + form].panel), *variables.values()}
        assert screen_lines(app)[:-2] == first[:-2], "nothing moved"
        for _ in keys:
            await pilot.press("escape")
        await pilot.pause()
        assert colours_on(app) <= set(THEMES[theme].variables.values())


@on_loop
async def test_without_colours_the_cursor_line_is_still_seen(night: Night) -> None:
    app = night.app(theme=PLAIN.name)
    async with app.run_test(size=(100, 30)) as pilot:
        await loaded(pilot)
        await pilot.press("j")
        line = next(strip for strip in app.screen._compositor.render_strips() if "▌" in strip.text)
        assert all(
            segment.style and segment.style.reverse for segment in line if "Mail queue" in segment.text
        )
        await pilot.press("m")
        assert "Mail queue stuck" in screen_text(app)
        app.next_theme()
        await pilot.press("escape")
        app.next_theme()
        await pilot.pause()
        assert "NO_COLOR is set" in screen_text(app)


@named
def test_the_inks_are_those_of_the_theme(theme: Theme) -> None:
    inks = inks_of(theme.variables)
    assert inks["overdue"].color is not None
    assert inks["overdue"].color.get_truecolor().hex == theme.variables["ink-overdue"]
    assert inks["cursor"].bold
