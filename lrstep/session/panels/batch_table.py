"""Panels 1 and 2: the samples of the batch and what the model predicts for them."""

from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.session.figures import COLUMN, aligned, data_cells, data_width
from lrstep.session.styled_rows import Row, Rows, Span, fit_text, row, text_width
from lrstep.session.view import View
from lrstep.visible import visible

_WIDTHS: WeakKeyDictionary[Dataset, "Needs"] = WeakKeyDictionary()
_LOOKED_AT = 2_000
"""Rows that decide how wide the data's own columns are; a longer number further down is shortened."""

LEAST = 12
"""Narrowest column that still holds 6 significant digits with sign and exponent."""

HEADS = {"prediction": "ŷ", "error": "error", "square": "error²", "product": "error·x"}
_CHOICES = (
    ("prediction", "error", "square", "product"),
    ("prediction", "error", "square"),
    ("prediction", "error"),
    ("error",),
)
"""Which computed columns there may be, the most first."""


class Needs(NamedTuple):
    """Widths that a data set needs: of the sample number, of x and y as they stand, and with 6 digits."""

    number: int
    x: int
    y: int
    least_x: int
    least_y: int


@dataclass(frozen=True)
class Columns:
    """Widths of the table: sample number, x, y, each of the computed columns, and which of those there are."""

    number: int
    x: int
    y: int
    computed: int = COLUMN
    names: tuple[str, ...] = _CHOICES[1]

    @property
    def data(self) -> int:
        """Width of panel 1."""
        return self.number + self.x + self.y + 6

    @property
    def results(self) -> int:
        """Width of panel 2."""
        return (self.computed + 1) * len(self.names)

    @property
    def width(self) -> int:
        """Width of both and the line between them."""
        return self.data + self.results + 1


def columns(dataset: Dataset, width: int) -> Columns:
    """Columns for a data set at a total width (without borders).

    Where there is little room the computed columns get narrower, then the data's own numbers are shortened
    to 6 digits, then columns are left out that can be computed from the others. No number is cut.
    """
    needs = _needs(dataset)
    for names in _CHOICES:
        least = Columns(needs.number, needs.least_x, needs.least_y, LEAST, names)
        if least.width > width and names != _CHOICES[-1]:
            continue
        if "product" in names and Columns(needs.number, needs.x, needs.y, COLUMN, names).width > width:
            continue
        break
    x, y, computed = needs.x, needs.y, COLUMN
    while Columns(needs.number, x, y, computed, names).width > width:
        if computed > LEAST:
            computed -= 1
        elif x > needs.least_x or y > needs.least_y:
            x, y = (x - 1, y) if x - needs.least_x >= y - needs.least_y else (x, y - 1)
        else:
            break
    return Columns(needs.number, x, y, computed, names)


def _needs(dataset: Dataset) -> Needs:
    if dataset not in _WIDTHS:
        number = max(3, len(str(len(dataset))) + 1)
        widths = []
        for values, name in ((dataset.x, dataset.feature), (dataset.y, dataset.label)):
            few = values[:_LOOKED_AT].tolist()
            head = min(max(text_width(visible(name)), 4), 10)
            least = max(max(len(f"{value:.6g}") for value in few), 4)
            widths.append((max(data_width(few), head, least), least))
        (x, least_x), (y, least_y) = widths
        _WIDTHS[dataset] = Needs(number, x, y, least_x, least_y)
    return _WIDTHS[dataset]


def table(view: View, cols: Columns, height: int) -> tuple[Rows, Rows]:
    """Rows of both panels: a head and the visible samples.

    Only visible samples are formatted, so a batch of any size costs the same.
    """
    i = view.iteration
    room = max(1, height - 1)
    first = scroll_start(view.scroll, i.m, room)
    shown = slice(first, first + room)
    left: Rows = [_head(view, cols)]
    right: Rows = [_result_head(view, cols)]
    numbers = [str(sample + 1) for sample in i.samples[shown].tolist()]
    x, y = data_cells(i.x[shown].tolist(), cols.x), data_cells(i.y[shown].tolist(), cols.y)
    results = _results(view, cols, shown)
    style = "batch" if view.phase in (Phase.BATCH, Phase.START) else "text"
    for place, number in enumerate(numbers):
        left.append(
            row(
                (f" {number:>{cols.number}}", "batch"),
                (f"  {x[place]}  {y[place]}", style),
            )
        )
        right.append(tuple(Span(" " + cells[place], "text") for cells in results))
    return left, right


def scroll_start(scroll: int, m: int, room: int) -> int:
    """First visible sample for a wish, so that the table never runs empty."""
    return max(0, min(scroll, m - room))


def _head(view: View, cols: Columns) -> Row:
    dataset = view.run.dataset
    names = (_right(dataset.feature, cols.x), _right(dataset.label, cols.y))
    return row((f" {'#':>{cols.number}}  {names[0]}  {names[1]}", "dim"))


def _right(name: str, width: int) -> str:
    """A name at the right end of a column; wide characters count as two."""
    name = visible(name)
    return " " * (width - text_width(name)) + name if text_width(name) <= width else fit_text(name, width)


def _result_head(view: View, cols: Columns) -> Row:
    return tuple(Span(" " + f"{view.chars(HEADS[name]):>8}".ljust(cols.computed), "dim") for name in cols.names)


def _results(view: View, cols: Columns, shown: slice) -> list[list[str]]:
    i = view.iteration
    error = i.error[shown].tolist()
    blank = [" " * cols.computed] * len(error)
    columns: dict[str, tuple[Phase, list[float]]] = {
        "prediction": (Phase.PREDICTIONS, i.prediction[shown].tolist()),
        "error": (Phase.PREDICTIONS, error),
        "square": (Phase.LOSS, [e * e for e in error]),
        "product": (Phase.GRADIENT, [e * x for e, x in zip(error, i.x[shown].tolist(), strict=True)]),
    }
    made = []
    for name in cols.names:
        phase, values = columns[name]
        made.append(aligned(values, cols.computed) if view.reached(phase) else blank)
    return made
