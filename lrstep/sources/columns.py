"""Which columns of a CSV file are feature and label."""

import difflib
from collections.abc import Iterable

from lrstep.errors import LrstepError
from lrstep.sources.csv_layout import Layout
from lrstep.sources.files import quoted

MOST_LISTED = 30


def choose(layout: Layout, name: str, feature: str | None, label: str | None) -> tuple[int, int]:
    """Columns of feature and label, from 0.

    Args:
        layout: the layout of the file.
        name: the file's name, for messages.
        feature: name or number (from 1), or None for the first numeric column that is not the label.
        label: name or number, or None for the first numeric column that is not the feature.

    Where there are too few numeric columns, the others follow in their order, so that reading them finds
    the cell that is in the way.

    Raises:
        LrstepError: there is no such column, or but one, or feature and label are the same.
    """
    x = None if feature is None else find(layout, name, feature)
    y = None if label is None else find(layout, name, label)
    if layout.width < 2:
        raise LrstepError(f"{name}: there is only one column", too_few_hint(layout))
    free = [column for column in range(layout.width) if column not in (x, y)]
    free.sort(key=lambda column: not layout.numeric[column])
    if x is None:
        x = free.pop(0)
    if y is None:
        y = free.pop(0)
    if x == y:
        raise LrstepError(f"{name}: feature and label are both column {x + 1}", f"Choose two. {listing(layout)}")
    return x, y


def find(layout: Layout, name: str, text: str) -> int:
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


def listing(layout: Layout) -> str:
    """All columns with number, name and whether they hold numbers, as a sentence."""
    columns = [
        f"{number} {quoted(title)}" + ("" if numeric else " (no numbers)")
        for number, (title, numeric) in enumerate(zip(layout.names, layout.numeric, strict=True), start=1)
    ]
    more = f", … ({len(columns)} in all)" if len(columns) > MOST_LISTED else ""
    return f"Columns: {', '.join(columns[:MOST_LISTED])}{more}."


def too_few_hint(layout: Layout) -> str:
    """What to do about a file with fewer than two numeric columns."""
    count = "only one numeric column" if any(layout.numeric) else "no numeric column"
    return (
        f"There is {count}; a feature and a label are needed, separated by a comma, a semicolon or a tab. "
        + listing(layout)
    )
