"""How a CSV file is laid out: its separator, whether it has a header, which columns are numeric."""

import contextlib
import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lrstep.sources.cells import CellKind, is_number, kind
from lrstep.sources.files import quoted

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ("\t", ";", ",")
"""In the order of preference where a file could be read either way: a comma can also be decimal."""
SAMPLE_ROWS = 100
"""Rows that decide the layout."""

LONGEST_CELL = 1 << 20
"""Characters. A text of this length is possible in a column that is not used, a longer one is a quote left open."""

CsvRow = Sequence[str]


class CsvLayout(NamedTuple):
    """The layout of a CSV file.

    Attributes:
        delimiter: ``,``, ``;`` or a tab.
        header: whether the first row holds names.
        mixed: the first row could be a header or data: it holds numbers, and in this column a text above a number.
        names: one per column; "column 1" and so on where the file gives none.
        numeric: whether each column is taken for numbers.
        rows: the first rows of data.
    """

    delimiter: str
    header: bool
    mixed: int | None
    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names)

    @property
    def commas(self) -> bool:
        """Whether a comma in a cell may be a decimal comma."""
        return commas_allowed(self.delimiter)


def commas_allowed(delimiter: str) -> bool:
    """A comma can be decimal only where it does not separate the columns."""
    return delimiter != ","


def reader(lines: Iterable[str], delimiter: str) -> "Reader":
    """A strict CSV reader: misplaced quotes are errors instead of guesses."""
    csv.field_size_limit(LONGEST_CELL)  # of the whole process: the module knows no other
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def detect(sample: str) -> CsvLayout:
    """Detect the layout from the beginning of a file.

    The separator is the one that gives two numeric columns, or at least one; where several do, a tab or a
    semicolon goes before the comma, which may be decimal. The first row is a header if it holds no number
    but a text. A column is numeric if no more of its cells are texts than were meant as numbers,
    so that one bad cell is found and named instead of another column being taken.

    Args:
        sample: the first lines; the last row may be incomplete.

    Raises:
        csv.Error: not even the first row can be read.
    """
    candidates = []
    problem = csv.Error("no rows")
    for delimiter in DELIMITERS:
        try:
            candidates.append(_layout(_rows(sample, delimiter), delimiter))
        except csv.Error as error:
            problem = error
    if not candidates:
        raise problem
    return max(candidates, key=_plausibility)  # the first of equals, as DELIMITERS orders them


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(islice(reader(io.StringIO(sample, newline=""), delimiter), SAMPLE_ROWS + 1))
    except csv.Error:
        if not rows:
            raise
    return rows


def above_header(sample: str, layout: CsvLayout) -> str:
    """Where and why line 1 is no header but stands above one, such as a title; empty if it does not."""
    first = sample.splitlines()[0].strip()
    if re.fullmatch('"?sep=[,;]?"?', first):
        return f"line 1: {quoted(first)} tells spreadsheets the separator, and is no header"
    for delimiter in DELIMITERS if layout.width == 1 else ():
        with contextlib.suppress(csv.Error):  # the first row cannot be read so
            for number, row in enumerate(_rows(sample, delimiter), start=1):
                if len(row) > 1 and not is_number(delimiter.join(row), True):
                    return f"line {number}: {len(row)} cells, where line 1 has 1"
    return ""


def physical_lines(row: CsvRow) -> int:
    """Physical lines that a row takes: one, and one more for each line break inside a quoted cell."""
    text = "".join(row)
    if "\n" not in text and "\r" not in text:
        return 1
    return 1 + sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)


def names_twice(layout: CsvLayout) -> bool:
    """Whether below the header stands another row without numbers, such as units: with texts where numbers follow."""
    if not layout.header or not layout.rows:
        return False
    kinds = [kind(cell, layout.commas) for cell in layout.rows[0]]
    above_numbers = [one for one, numeric in zip(kinds, layout.numeric, strict=False) if numeric]
    return above_numbers.count(CellKind.TEXT) > 1 and not {CellKind.NUMBER, CellKind.BROKEN} & set(kinds)


def grouped(layout: CsvLayout, column: int) -> int | None:
    """The first row (from 0) with a cell such as 1.200 in a column whose other cells are whole numbers below 1000.

    Spreadsheets write so where a comma is decimal; a program that means 1.2 writes 950.0 beside it.
    """
    cells = [row[column].strip() if len(row) > column else "" for row in layout.rows]
    found = [number for number, cell in enumerate(cells) if re.fullmatch(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}", cell)]
    whole = [cell for cell in cells if re.fullmatch("[+-]?[0-9]{1,3}", cell)]
    sure = layout.commas and found and whole and len(found) + len(whole) == sum(map(bool, cells))
    return found[0] if sure else None


def _layout(rows: list[list[str]], delimiter: str) -> CsvLayout:
    commas = commas_allowed(delimiter)
    first = rows[0]
    kinds = [kind(cell, commas) for cell in first]
    below = [kind(cell, commas) for cell in rows[1]] if len(rows) > 1 else []
    header = CellKind.NUMBER not in kinds and CellKind.TEXT in kinds
    pairs = list(zip(kinds, below, strict=False))
    mixed = pairs.index((CellKind.TEXT, CellKind.NUMBER)) if (CellKind.TEXT, CellKind.NUMBER) in pairs else None
    data = tuple(map(tuple, rows[1:] if header else rows))
    given = [cell.strip() if header else "" for cell in first]
    return CsvLayout(
        delimiter=delimiter,
        header=header,
        mixed=mixed if CellKind.NUMBER in kinds else None,
        names=tuple(name or f"column {number}" for number, name in enumerate(given, start=1)),
        numeric=tuple(_is_numeric(data, column, commas) for column in range(len(first))),
        rows=data,
    )


def _is_numeric(rows: Sequence[CsvRow], column: int, commas: bool) -> bool:
    kinds = [kind(row[column], commas) for row in rows if len(row) > column]
    meant = kinds.count(CellKind.NUMBER) + kinds.count(CellKind.BROKEN)
    return 0 < meant >= kinds.count(CellKind.TEXT)


def _plausibility(layout: CsvLayout) -> tuple[object, ...]:
    if layout.width < 2:
        return (False, layout.delimiter == ",")
    return (True, min(sum(layout.numeric), 2))
