"""Aligned columns of numbers for people, with groups of headings; ASCII besides the names of the data."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from lrstep.export.rows import TableRow


class Column(NamedTuple):
    """A column of a table: the key of its values in a row, its group and its heading."""

    key: str
    group: str
    heading: str


Columns = tuple[Column, ...]

MEASURED_ROWS = 500
"""So many rows are laid out before the widths of the columns are fixed."""

MISSING = "-"
"""What stands where a row has no such number: the start has no batch."""


def number(value: float) -> str:
    """A number with 8 significant digits, a whole one as it is: 3, 0.65811384, 1.2345679e-05."""
    return str(value) if isinstance(value, int) else f"{value:#.8g}".removesuffix(".")


def cells(table: Columns, values: TableRow) -> list[str]:
    """What stands in a row; texts as they are."""
    found = (values.get(column.key, MISSING) for column in table)
    return [value if isinstance(value, str) else number(value) for value in found]


def laid_out(
    rows: Iterator[TableRow], choices: Sequence[Columns], wanted: Iterable[str], width: int | None
) -> tuple[list[str], Iterator[tuple[TableRow, str]]]:
    """A table by its lines: what stands above the rows, and each row with its line.

    Above the rows stand the groups, each flush left over its first column, and the headings; before them, what is
    missing. A number longer than those that were measured widens its column from there on.

    Args:
        rows: its rows.
        choices: which columns it may have; the first of them that has room is taken, else the last one.
        wanted: keys of columns that there is perhaps no room for.
        width: the room; None is any.
    """
    begun = list(islice(rows, MEASURED_ROWS))
    table = _fitting(choices, begun, width)
    widths = _measured(table, begun)
    left_out = [key for key in wanted if key not in {column.key for column in table}]
    missing = [f"left out for {width} columns: {', '.join(left_out)}"] if left_out else []
    heads = _line(table, [column.heading for column in table], widths)
    return [*missing, "", _groups(table, widths), heads], _lines(table, chain(begun, rows), widths)


def _fitting(choices: Sequence[Columns], rows: Sequence[TableRow], width: int | None) -> Columns:
    for table in choices:
        if width is None or len(_line(table, [""] * len(table), _measured(table, rows))) <= width:
            return table
    return choices[-1]


def _lines(table: Columns, rows: Iterable[TableRow], widths: list[int]) -> Iterator[tuple[TableRow, str]]:
    for values in rows:
        texts = cells(table, values)
        widths = list(map(max, widths, map(len, texts)))
        yield values, _line(table, texts, widths)


def _measured(table: Columns, rows: Iterable[TableRow]) -> list[int]:
    """The widths of the columns, so that these rows fit."""
    widths = [max(len(column.heading), 9 if column.group else 0) for column in table]
    for values in rows:
        widths = list(map(max, widths, map(len, cells(table, values))))
    for group in {column.group for column in table}:
        places = [place for place, column in enumerate(table) if column.group == group]
        room = sum(widths[place] + 1 for place in places) - 1
        widths[places[-1]] += max(0, len(group) - room)
    return widths


def _groups(table: Columns, widths: list[int]) -> str:
    groups, start = "", 0
    for place, width in enumerate(widths):
        start += 2 if _starts_group(table, place) else place > 0
        if _starts_group(table, place):
            groups = groups.ljust(start) + table[place].group
        start += width
    return groups


def _line(table: Columns, texts: list[str], widths: list[int]) -> str:
    padded = (("  " if _starts_group(table, i) else " ") + text.rjust(widths[i]) for i, text in enumerate(texts))
    return "".join(padded)[1:]


def _starts_group(table: Columns, place: int) -> bool:
    return place > 0 and table[place].group != table[place - 1].group
