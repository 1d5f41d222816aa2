"""Makes the fonts of the technical document: `python docs/fonts.py [FOLDER OF NOTO FONTS]`.

Noto Sans has a file for each script; the document wants one font a weight, which names of every European
language can be written in, and names in Hebrew and Arabic. So the letters that are wanted are taken out of
each file, without the hints for coarse screens, and merged. The fonts come from Debian's fonts-noto-core.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[1] / "oncall_tui" / "documents" / "fonts"
NOTO = Path("/usr/share/fonts/truetype/noto")
MADE = datetime(2026, 1, 1, tzinfo=UTC)
WEIGHTS = ("Regular", "Bold")

LATIN_GREEK_CYRILLIC = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),  # Latin with what Europe puts on its letters
    *range(0x2B0, 0x370),  # marks, also those that combine
    *range(0x370, 0x530),  # Greek and Cyrillic
    *range(0x1E00, 0x2000),  # more Latin, old Greek
    *range(0x2010, 0x2028),  # dashes, quotation marks, the ellipsis
    *range(0x2030, 0x2060),
    *range(0x2070, 0x20C1),  # raised and lowered figures, money
    *range(0x2100, 0x2190),
    0x202F,
    0x2212,
    0xFFFD,
)
PARTS = {
    "NotoSans": LATIN_GREEK_CYRILLIC,
    "NotoSansArmenian": (*range(0x530, 0x590), *range(0xFB13, 0xFB18)),
    "NotoSansHebrew": (*range(0x590, 0x600), *range(0xFB1D, 0xFB50)),
    "NotoSansArabic": range(0x600, 0x700),
    "NotoSansGeorgian": (*range(0x10A0, 0x1100), *range(0x1C90, 0x1CC0), *range(0x2D00, 0x2D30)),
    "NotoSansSymbols2": (0x25A1,),  # what stands for a letter that there isn't
}


def part(source: Path, letters: object, target: Path) -> Path:
    font = TTFont(source)
    options = Options(hinting=False, layout_features=["*"], glyph_names=False, notdef_outline=True)
    options.drop_tables += ["DSIG", "gasp", "MVAR", "STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font.save(target)
    return target


def make(noto: Path, weight: str) -> Path:
    target = FONTS / f"OncallSans-{weight}.ttf"
    with TemporaryDirectory() as folder:
        parts = []
        for name, letters in PARTS.items():
            source = noto / f"{name}-{weight}.ttf"
            if not source.exists():  # one weight only
                source = noto / f"{name}-Regular.ttf"
            parts.append(str(part(source, letters, Path(folder, f"{name}.ttf"))))
        font = Merger().merge(parts)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            separator = "" if record.nameID == 6 else " "
            record.string = f"Oncall{separator}Sans{'-' if record.nameID == 6 else ' '}{weight}"
    font["head"].modified = font["head"].created = int(MADE.timestamp()) + 2_082_844_800
    font.recalcTimestamp = False
    font.save(target)
    return target


def main(arguments: list[str]) -> None:
    noto = Path(arguments[0]) if arguments else NOTO
    for weight in WEIGHTS:
        print(made := make(noto, weight), made.stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
