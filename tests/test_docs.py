"""The pages that people read before they press a key: what they name is there and means what they say."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_tui.actions import ACTIONS, Group
from oncall_tui.cli import main
from oncall_tui.cli.parser import parse
from oncall_tui.config import load_settings
from oncall_tui.domain.errors import BadInput
from oncall_tui.keynames import shown
from oncall_tui.settings import SETTINGS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PICTURES = sorted((ROOT / "docs").glob("*.svg"))

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_KEY = re.compile(r"`([^`]+)` \*\*([^*]+)\*\*")
"""`t` **take**: a key, and the label of the action that it stands for."""
_SETTING = re.compile(r"(?:board|urgency|calendars|plans|queues|keys|codes)\.(?!py$|md$)[\w.]+")
_CODE_FILE = re.compile(r"[\w/]+(?:\.py|/)")
_MAKE = re.compile(r"\bmake ((?:[a-z]+ )*[a-z]+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, *languages: str) -> list[str]:
    """Return the fenced blocks of a page in one of the languages."""
    return [
        text for language, text in _FENCE.findall(page.read_text(encoding="utf-8")) if language in languages
    ]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks, in one line."""
    return " ".join(_FENCE.sub("", page.read_text(encoding="utf-8")).split())


def headings(page: Path) -> set[str]:
    """Return the names by which a link finds the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def commands_in(text: str) -> Iterator[list[str]]:
    """Return the arguments of each `oncall-tui` that a line of a shell calls."""
    if "oncall-tui" not in text:
        return
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    words = list(lexer)
    while "oncall-tui" in words:
        words = words[words.index("oncall-tui") + 1 :]
        end = next((number for number, word in enumerate(words) if word in ("|", ";", "&&")), len(words))
        yield words[:end]


def objection(arguments: list[str]) -> str:
    """Return why a command line isn't understood, empty if it is."""
    try:
        parse(arguments)
    except SystemExit as asked_for_help:
        return str(asked_for_help.code or "")
    except BadInput as error:
        return error.message
    return ""


@pages
def test_every_command_of_an_example_is_understood(page):
    for block in blocks(page, "sh", ""):
        for line in block.splitlines():
            for arguments in commands_in(line):
                assert objection(arguments) == "", line


@pages
def test_every_command_of_a_sentence_is_understood(page):
    # A sentence may leave out what every call needs.
    may_lack = re.compile(r"(?:.* (?:are required: .*|expected one argument|is required))?")
    for code in _CODE.findall(prose(page)):
        if code.startswith("oncall-tui "):
            for arguments in commands_in(code):
                assert may_lack.fullmatch(objection([word for word in arguments if word != "…"])), code


@pages
def test_an_example_prints_what_stands_below_it(page, capsys):
    for block in blocks(page, ""):
        line, _, output = block.partition("\n")
        if line.startswith("$ "):
            (arguments,) = commands_in(line)
            assert main(arguments) == 0
            assert capsys.readouterr().out == output


def test_a_row_is_rejected_as_the_page_says(tmp_path):
    (example,) = blocks(ROOT / "docs" / "importing.md", "json")
    said = json.loads(example)
    file = tmp_path / "customers.jsonl"
    file.write_text("\n" * (said["line"] - 1) + json.dumps(said["record"]), encoding="utf-8")
    assert main(["--database", f"sqlite:///{tmp_path / 'x.db'}", "import", "customers", str(file)]) == 1
    (rejected,) = tmp_path.glob("*.rejected.jsonl")
    assert json.loads(rejected.read_text(encoding="utf-8")) == said


@pages
def test_every_key_does_what_stands_beside_it(page):
    meant = {(shown(key), action.label) for action in ACTIONS for key in action.keys}
    assert [pair for pair in _KEY.findall(prose(page)) if pair not in meant] == []


def test_the_manual_names_every_act_by_its_key():
    manual = (prose(ROOT / "docs" / name) for name in ("night-shift.md", "customers.md"))
    named = {(key, label) for page in manual for key, label in _KEY.findall(page)}
    for action in ACTIONS:
        if action.group is Group.ACT or action.hint:
            assert named & {(shown(key), action.label) for key in action.keys}, action.id


@pages
def test_every_setting_is_one(page):
    known = {setting.key for setting in SETTINGS}
    named = [code for code in _CODE.findall(prose(page)) if _SETTING.fullmatch(code)]
    assert [key for key in named if key not in known] == []


@pages
def test_every_example_of_settings_is_taken(page, tmp_path):
    for block in blocks(page, "toml"):
        file = tmp_path / "config.toml"
        file.write_text(block, encoding="utf-8")
        load_settings(file, {})


@pages
def test_every_link_leads_somewhere(page):
    for link in _LINK.findall(prose(page)):
        target, _, place = link.partition("#")
        if not target.startswith("https://"):
            there = page.parent / target if target else page
            assert there.exists(), link
            assert not place or place in headings(there), link


@pages
def test_every_file_of_the_code_is_there(page):
    named = {code for code in _CODE.findall(prose(page)) if _CODE_FILE.fullmatch(code)}
    folders = (ROOT, ROOT / "oncall_tui", ROOT / "tests")
    assert [name for name in named if not any((folder / name).exists() for folder in folders)] == []


@pages
def test_every_target_of_make_is_there(page):
    known = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    calls = [*_CODE.findall(prose(page)), *"\n".join(blocks(page, "sh")).splitlines()]
    for call in calls:
        for targets in _MAKE.findall(call.partition("#")[0]):
            assert set(targets.split()) <= set(known), call


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_shown_and_fetches_nothing(picture):
    svg = picture.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    # What is written on the screen is read and not fetched.
    assert "://" not in re.sub(r"(<text\b[^>]*>)[^<]*", r"\1", svg)
    assert any(f"{picture.name})" in prose(page) for page in PAGES)
