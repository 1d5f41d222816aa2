"""The screens in French, and the catalogues behind it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from board import Night, fill, loaded, on_loop, screen_lines, screen_text, until, url_in

from oncall_tui import catalogues, translation
from oncall_tui.actions import ACTIONS
from oncall_tui.domain.messages import Message
from oncall_tui.translation import spoken, translated

FRENCH = catalogues.up_to_date("fr")
SOURCES = sorted(Path(catalogues.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("text", catalogues.texts())
def test_every_text_has_a_french_one_with_the_same_values_in_it(text: str) -> None:
    message = FRENCH.get(text)
    assert message is not None
    assert message.string, f"no translation of {text!r}: add one to {catalogues.po_file('fr').name}"
    assert not message.fuzzy
    assert sorted(re.findall(r"\{\w*\}", text)) == sorted(re.findall(r"\{\w*\}", str(message.string)))


def test_the_catalogue_holds_what_is_in_the_code_and_nothing_else() -> None:
    """`make messages` brings it up to date."""
    assert catalogues.po_file("fr").read_bytes() == catalogues.po_text(FRENCH)


def test_what_the_program_reads_is_what_the_translators_wrote() -> None:
    known = catalogues.read("fr")
    assert catalogues.po_file("fr").with_suffix(".mo").read_bytes() == catalogues.compiled(FRENCH)
    for message in known:
        if message.id:
            assert translated(str(message.id), "fr") == message.string


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_text_hides_from_the_collection(source: Path) -> None:
    """Within an f-string no tool finds it, and a text that is put together is in no catalogue."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_":
                    assert not isinstance(call.args[0], ast.Constant), f"{source.name}:{call.lineno}"
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "marked"):
            assert not isinstance(node.args[0], ast.JoinedStr), f"{source.name}:{node.lineno}"


def test_what_is_in_no_catalogue_stays_english() -> None:
    translation.use("fr")
    assert translation._("a text that nobody translated") == "a text that nobody translated"


def test_a_sentence_is_said_in_both_languages_whatever_the_screens_speak() -> None:
    """R11"""
    message = Message("ticket {ticket} by e-mail, due {due}", {"ticket": "{T}", "due": "27.03. 09:00"})
    for language in translation.LANGUAGES:
        translation.use(language)
        assert spoken(message) == (
            "ticket {T} par e-mail, échéance 27.03. 09:00",
            "ticket {T} by e-mail, due 27.03. 09:00",
        )


@on_loop
async def test_the_board_speaks_french(tmp_path: Path) -> None:
    night = Night(url_in(tmp_path))
    fill(night)
    translation.use("fr")
    app = night.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loaded(pilot)
        assert re.search(r"m répondre .*\? aide", screen_lines(app)[-1])
        await pilot.press("question_mark")
        help_of_take = translated(next(each.help for each in ACTIONS if each.id == "take"), "fr")
        await until(pilot, lambda: help_of_take in screen_text(app), "the help in French")
    night.close()
