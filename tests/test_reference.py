from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui.actions import ACTIONS
from oncall_tui.reference import PAGES, keys_page, main, settings_page
from oncall_tui.settings import SETTINGS

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_does(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "stale: run make docs"


def test_every_setting_and_every_action_has_its_line():
    settings, keys = settings_page(), keys_page()
    for setting in SETTINGS:
        assert f"| `{setting.key.rpartition('.')[2]}` | {setting.allowed} |" in settings
    for action in ACTIONS:
        assert f"| {action.label} | {action.help}" in keys


def test_the_pages_are_written_where_one_says(tmp_path):
    assert main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(PAGES)
