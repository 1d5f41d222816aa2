"""The catalogues of `oncall_tui/locale`, kept up to date with the texts in the code.

`make messages` runs `python -m oncall_tui.catalogues`: it collects what stands in `_()` and `marked()` and
what the registry of actions says, brings each `.po` up to date and compiles it. A test fails while a text has
no translation. Babel is a tool of developers: the program itself reads the compiled catalogues with gettext.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_tui.actions import ACTIONS, Group, Scope
from oncall_tui.translation import DOMAIN, LANGUAGES, LOCALE

if TYPE_CHECKING:
    from babel.messages import Catalog

KEYWORDS: dict[str, None] = {"_": None, "marked": None}
"""The functions whose argument is a text of the catalogues."""

_DAY = datetime(2026, 11, 26, tzinfo=UTC)
"""Goes for all dates in the headers: a file that says the same stays the same."""


def texts() -> list[str]:
    """Return every text that is to be translated, sorted."""
    from babel.messages.extract import extract_from_dir

    here = Path(__file__).parent
    found = {
        message if isinstance(message, str) else message[0]
        for _file, _line, message, _comments, _context in extract_from_dir(here, keywords=KEYWORDS)
    }
    return sorted(found | set(_of_actions()))


def _of_actions() -> Iterator[str]:
    for action in ACTIONS:
        yield action.label
        yield action.help
    yield from (group.value for group in Group)
    yield from (scope.heading for scope in Scope)


def po_file(language: str) -> Path:
    """Return where the translations into `language` stand."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Return the translations into `language` as they stand, none where there is no file."""
    from babel.messages import Catalog
    from babel.messages.pofile import read_po

    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def up_to_date(language: str) -> Catalog:
    """Return the catalogue of `language` with exactly the texts that are in the code."""
    from babel.messages import Catalog

    known = read(language)
    catalog = Catalog(
        locale=language,
        domain=DOMAIN,
        project="oncall-tui",
        header_comment="# Texts of oncall-tui; `make messages` adds new ones and compiles.",
        creation_date=_DAY,
        revision_date=_DAY,
        last_translator="oncall-tui",
        language_team=language,
        fuzzy=False,
    )
    for text in texts():
        message = known.get(text)
        catalog.add(text, message.string if message is not None else "")
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """Return a catalogue as the text of a `.po` file."""
    from babel.messages.pofile import write_po

    file = BytesIO()
    write_po(file, catalog, width=110, no_location=True, sort_output=True)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as gettext reads it."""
    from babel.messages.mofile import write_mo

    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main() -> int:
    """Bring every catalogue up to date; say what has no translation yet."""
    missing = 0
    for language in LANGUAGES:
        if language == "en":
            continue
        catalog, path = up_to_date(language), po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        for message in catalog:
            if message.id and not message.string:
                missing += 1
                sys.stdout.write(f"{path.name}: no translation of {message.id!r}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
