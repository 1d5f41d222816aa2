"""The settings of templates: those of the program, those of one's own, and what can't be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall_tui.config import Settings, load_settings
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.templates import DEFAULT_TEMPLATES


@pytest.fixture
def load(tmp_path: Path):
    """Load settings from the text of a file."""

    def load_text(text: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, {"USER": "lea"})

    return load_text


def test_without_a_file_there_are_those_of_the_program():
    assert load_settings(None, {"USER": "lea"}).templates == DEFAULT_TEMPLATES


def test_templates_of_ones_own_stand_after_those_of_the_program(load):
    templates = load(
        """
        [templates.invoice]
        en = '''
        About {subject}

        Regards, {operator}
        '''
        [templates.started]
        fr = "Au travail !"
        """
    ).templates
    assert list(templates) == [*DEFAULT_TEMPLATES, "invoice"]
    assert templates["started"].fr == "Au travail !"
    assert templates["started"].en == DEFAULT_TEMPLATES["started"].en
    assert templates["invoice"].en.endswith("Regards, {operator}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[templates.x]\nen = "Dear {name}"', "templates.x.en"),
        ('[templates.x]\nen = ""', "templates.x.en"),
        ("[templates.x]", "templates.x has no text"),
        ('[templates.Big]\nen = "x"', "templates.Big can't be the name of a template"),
        ('[templates.x]\nde = "x"', "templates.x.de is no setting"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(load, text, said):
    with pytest.raises(BadSettings) as caught:
        load(text)
    assert f"config.toml: {said}" in caught.value.message
