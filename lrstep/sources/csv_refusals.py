"""What is said of CSV files that are laid out such that nobody can tell what is meant."""

import csv

from lrstep.errors import LrstepError
from lrstep.sources.csv_layout import LONGEST_CELL, CsvLayout, physical_lines
from lrstep.sources.files import quoted


def second_header(name: str, layout: CsvLayout) -> LrstepError:
    """A row of texts below the header."""
    problem = f"line {1 + physical_lines(layout.names)}: no number stands in it, and none in the line above"
    hint = "Leave one line of names above the numbers; delete the title or the units."
    return LrstepError(f"{name}, {problem}", hint)


def thousands_or_decimals(name: str, layout: CsvLayout, row: int, column: int) -> LrstepError:
    """A cell such as 1.200 in a row of data (from 0) among whole numbers (:func:`.csv_layout.grouped`)."""
    above = [layout.names] * layout.header + [*layout.rows[:row]]
    line = 1 + sum(physical_lines(cells) for cells in above)
    cell = quoted(layout.rows[row][column].strip())
    problem = f"{cell} stands among whole numbers below 1000: are these thousands or decimals?"
    hint = "Write thousands without the point (1200); where it is decimal, whole numbers have one too (950.0)."
    title = f" ({layout.names[column]})" if layout.header else ""
    return LrstepError(f"{name}, line {line}, column {column + 1}{title}: {problem}", hint)


def header_or_data(name: str, layout: CsvLayout, column: int) -> LrstepError:
    """A first row that is neither, as this column shows."""
    first, second = (quoted(row[column]) for row in layout.rows[:2])
    problem = f"{first} is a text above the number {second}, in a line with numbers"
    hint = "If line 1 is a header, give every column a name that is no number; if it is data, correct the cell."
    return LrstepError(f"{name}, line 1, column {column + 1}: {problem}", hint)


def misquoted(name: str, line: int, error: csv.Error) -> LrstepError:
    """Quotes that the reader of CSV cannot make sense of."""
    if "field larger" in str(error):
        problem = f"a cell has more than {LONGEST_CELL} characters"
        return LrstepError(f"{name}, line {line}: {problem}", "Is a quote opened there and never closed?")
    if "unexpected end" in str(error):
        problem = "a quote is opened and never closed"
    else:
        problem = "a quoted cell goes on after its closing quote"
    return LrstepError(f"{name}, line {line}: {problem}", 'Write a quote inside a quoted cell twice: "".')
