"""Aligned columns of numbers for people, with groups of headings; ASCII besides the names of the data."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lrstep.export.rows import Row


class Column(NamedTuple):
    """A column of a table: the key of its values in a row, its group and its heading."""

    key: str
    group: str
    heading: str


Columns = tuple[Column, ...]

MISSING = "-"
"""What stands where a row has no such number: the start has no batch."""


def number(value: float) -> str:
    """A number with 8 significant digits, a whole one as it is: 3, 0.65811384, 1.2345679e-05."""
    return str(value) if isinstance(value, int) else f"{value:#.8g}".removesuffix(".")


def cells(table: Columns, values: Row) -> list[str]:
    """What stands in a row; texts as they are."""
    found = (values.get(column.key, MISSING) for column in table)
    return [value if isinstance(value, str) else number(value) for value in found]


def fitting(choices: Sequence[Columns], rows: Sequence[Row], width: int | None) -> Columns:
    """The first of some tables that has room in a width, else the last one; None is any width."""
    for table in choices:
        if width is None or len(line(table, [""] * len(table), measured(table, rows))) <= width:
            return table
    return choices[-1]


def measured(table: Columns, rows: Iterable[Row]) -> list[int]:
    """The widths of the columns, so that these rows fit."""
    widths = [max(len(column.heading), 9 if column.group else 0) for column in table]
    for values in rows:
        widen(widths, cells(table, values))
    for group in {column.group for column in table}:
        places = [place for place, column in enumerate(table) if column.group == group]
        room = sum(widths[place] + 1 for place in places) - 1
        widths[places[-1]] += max(0, len(group) - room)
    return widths


def widen(widths: list[int], texts: list[str]) -> None:
    """Make room for a row that may be wider than those before."""
    widths[:] = map(max, widths, map(len, texts))


def line(table: Columns, texts: list[str], widths: list[int]) -> str:
    """A row of the table."""
    padded = (("  " if _starts_group(table, i) else " ") + text.rjust(widths[i]) for i, text in enumerate(texts))
    return "".join(padded)[1:]


def lines(table: Columns, rows: Iterable[Row], widths: list[int]) -> Iterator[tuple[Row, str]]:
    """Each row of the table with its line; a number longer than those measured widens its column from there on."""
    for values in rows:
        texts = cells(table, values)
        widen(widths, texts)
        yield values, line(table, texts, widths)


def headings(table: Columns, widths: list[int], wanted: Iterable[str], room: int | None) -> list[str]:
    """What stands above the rows: groups, each flush left over its first column, and columns; before, what is missing.

    Args:
        table, widths: the columns.
        wanted: keys of columns that there was perhaps no room for.
        room: the width that the table was fitted in.
    """
    left_out = [key for key in wanted if key not in {column.key for column in table}]
    groups = ""
    start = 0
    for place, width in enumerate(widths):
        start += 2 if _starts_group(table, place) else place > 0
        if _starts_group(table, place):
            groups = groups.ljust(start) + table[place].group
        start += width
    missing = [f"left out for {room} columns: {', '.join(left_out)}"] if left_out else []
    return [*missing, "", groups, line(table, [column.heading for column in table], widths)]


def _starts_group(table: Columns, place: int) -> bool:
    return place > 0 and table[place].group != table[place - 1].group
