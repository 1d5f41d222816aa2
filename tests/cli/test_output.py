from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from oncall_tui.cli.output import Column, fit, seconds, table

COLUMNS = (Column("A"), Column("B", right=True, drop=1), Column("C", least=4), Column("D", least=3, drop=2))
WORDS = st.text(alphabet="ab é漢字́", max_size=20)
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=5)


@given(WORDS, st.integers(1, 30), st.booleans())
def test_text_is_fitted_to_the_column(text, width, right):
    assert cell_len(fit(text, width, right=right)) == width


@given(ROWS)
def test_without_a_width_nothing_is_cut(rows):
    lines = table(COLUMNS, rows, None)
    assert len(lines) == len(rows) + 1
    for line, row in zip(lines[1:], rows, strict=True):
        for cell in row:
            assert cell.strip() in line


@given(ROWS, st.integers(40, 120))
def test_a_table_fits_where_it_can(rows, width):
    fixed = max([1, *(cell_len(row[0]) for row in rows)])
    for line in table(COLUMNS, rows, width):
        assert cell_len(line) <= max(width, fixed + 2 + 4)


def test_the_least_telling_column_goes_first():
    rows = [("a" * 10, "b" * 10, "c" * 30, "d" * 30)]
    assert table(COLUMNS, rows, 60)[0].split() == ["A", "B", "C", "D"]
    assert table(COLUMNS, rows, 28)[0].split() == ["A", "B", "C"]
    assert table(COLUMNS, rows, 20)[0].split() == ["A", "C"]


def test_seconds_are_whole_where_they_are():
    assert repr(seconds(timedelta(minutes=2))) == "120"
    assert repr(seconds(timedelta(milliseconds=600))) == "0.6"
