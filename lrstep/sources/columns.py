"""Which columns of a CSV file are features and label."""

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.sources.csv_layout import CsvLayout
from lrstep.sources.files import quoted

MOST_LISTED = 30


class ColumnsNeeded(LrstepError):
    """There are several ways to choose feature and label, and a person has to say which.

    Attributes:
        layout: of the file.
    """

    def __init__(self, message: str, hint: str, layout: CsvLayout) -> None:
        super().__init__(message, hint)
        self.layout = layout


class ChosenColumns(NamedTuple):
    """Columns of a file, from 0: the features in the order given, and the label."""

    features: tuple[int, ...]
    label: int

    @property
    def all(self) -> tuple[int, ...]:
        """Features and label."""
        return (*self.features, self.label)


def choose(layout: CsvLayout, name: str, features: Sequence[str], label: str | None) -> ChosenColumns:
    """Which columns are features and label.

    Args:
        layout: the layout of the file.
        name: the file's name, for messages.
        features: names or numbers (from 1); none for the numeric column that is not the label.
        label: name or number, or None for the numeric column that is no feature.

    Where there are too few numeric columns, the others follow in their order, so that reading them finds
    the cell that is in the way.

    Raises:
        LrstepError: there is no such column, or but one, or one is named twice.
        ColumnsNeeded: more numeric columns are left than are needed.
    """
    xs = [find(layout, name, feature) for feature in features]
    y = None if label is None else find(layout, name, label)
    if layout.width < 2:
        raise LrstepError(f"{name}: there is only one column", too_few_hint(layout))
    _refuse_twice(layout, name, xs, y)
    free = [column for column in range(layout.width) if column not in (*xs, y)]
    free.sort(key=lambda column: not layout.numeric[column])
    missing = (not xs) + (y is None)
    if missing and sum(layout.numeric[column] for column in free) > missing:
        raise _ambiguous(layout, name, xs, y)
    if not xs:
        xs.append(free.pop(0))
    if y is None:
        if not free:
            raise LrstepError(f"{name}: no column is left for the label", f"Name fewer features. {listing(layout)}")
        y = free.pop(0)
    return ChosenColumns(tuple(xs), y)


def _refuse_twice(layout: CsvLayout, name: str, xs: list[int], y: int | None) -> None:
    if y in xs:
        raise LrstepError(f"{name}: feature and label are both column {y + 1}", f"Choose two. {listing(layout)}")
    twice = [column for column in xs if xs.count(column) > 1]
    if twice:
        raise LrstepError(f"{name}: column {twice[0] + 1} is named as a feature twice", "Name each feature once.")


def _ambiguous(layout: CsvLayout, name: str, xs: list[int], y: int | None) -> ColumnsNeeded:
    numeric = sum(layout.numeric)
    asked = [*(["are the features"] * (not xs)), *(["is the label"] * (y is None))]
    options = " ".join([*(["--feature COL"] * (not xs)), *(["--label COL"] * (y is None))])
    hint = f"Say so with {options}" + ("; --feature may be repeated. " if not xs else ". ")
    message = f"{name}: which of its {numeric} numeric columns {', and which '.join(asked)}?"
    return ColumnsNeeded(message, hint + listing(layout), layout)


def named_columns(text: str) -> tuple[str, ...]:
    """The columns in a text such as ``1, 2`` or ``rooms, area``."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def find(layout: CsvLayout, name: str, text: str) -> int:
    """The column that a person named: by its exact name, else by its number, else by its name in any case.

    Raises:
        LrstepError: there is none, or more than one of that name.
    """
    wanted = text.strip()
    exact = [column for column, title in enumerate(layout.names) if title == wanted]
    if not exact and wanted.isascii() and wanted.isdecimal():
        if not 1 <= len(wanted) <= 6 or not 1 <= int(wanted) <= layout.width:
            raise LrstepError(f"{name}: there is no column {quoted(wanted)}", listing(layout))
        return int(wanted) - 1
    loose = [column for column, title in enumerate(layout.names) if title.casefold() == wanted.casefold()]
    found = exact or loose
    if len(found) > 1:
        numbers = ", ".join(str(column + 1) for column in found)
        raise LrstepError(f"{name}: several columns are called {quoted(wanted)}", f"Choose by number: {numbers}.")
    if not found:
        hint = did_you_mean(wanted, layout.names) + listing(layout)
        raise LrstepError(f"{name}: there is no column {quoted(wanted)}", hint)
    return found[0]


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """ "Did you mean …? " with the closest name, or nothing if none is close."""
    by_folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(text.casefold(), by_folded, n=1)
    return f"Did you mean {quoted(by_folded[close[0]])}? " if close else ""


def listing(layout: CsvLayout) -> str:
    """All columns with number, name and whether they hold numbers, as a sentence."""
    columns = [
        f"{number} {quoted(title)}" + ("" if numeric else " (no numbers)")
        for number, (title, numeric) in enumerate(zip(layout.names, layout.numeric, strict=True), start=1)
    ]
    more = f", … ({len(columns)} in all)" if len(columns) > MOST_LISTED else ""
    return f"Columns: {', '.join(columns[:MOST_LISTED])}{more}."


def too_few_hint(layout: CsvLayout) -> str:
    """What to do about a file with fewer than two numeric columns."""
    count = "only one numeric column" if any(layout.numeric) else "no numeric column"
    return (
        f"There is {count}; a feature and a label are needed, separated by a comma, a semicolon or a tab. "
        + listing(layout)
    )
