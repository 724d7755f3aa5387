"""Panels 1 and 2: the samples of the batch and what the model predicts for them."""

from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from lrstep.app.cells import Row, Rows, Span, fit_text, row
from lrstep.app.numbers import COLUMN, aligned, data_cells, data_width
from lrstep.app.view import View
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase

_WIDTHS: WeakKeyDictionary[Dataset, tuple[int, int, int]] = WeakKeyDictionary()
LEAST = 12
"""Narrowest column that still holds 6 significant digits with sign and exponent."""

_LOOKED_AT = 2_000
"""Rows that decide how wide the data's own columns are; a longer number further down is shortened."""


@dataclass(frozen=True)
class Columns:
    """Widths of the table: sample number, x, y, each of the computed columns, and how many of those."""

    number: int
    x: int
    y: int
    computed: int = COLUMN
    products: bool = False

    @property
    def data(self) -> int:
        """Width of panel 1."""
        return self.number + self.x + self.y + 5

    @property
    def results(self) -> int:
        """Width of panel 2."""
        return (self.computed + 1) * (4 if self.products else 3)


def columns(dataset: Dataset, width: int) -> Columns:
    """Columns for a data set at a total width (without borders)."""
    if dataset not in _WIDTHS:
        few = slice(_LOOKED_AT)
        number = max(3, len(str(len(dataset))) + 1)
        x = max(data_width(dataset.x[few].tolist()), min(len(dataset.feature), 10), 4)
        y = max(data_width(dataset.y[few].tolist()), min(len(dataset.label), 10), 4)
        _WIDTHS[dataset] = (number, x, y)
    number, x, y = _WIDTHS[dataset]
    computed = COLUMN
    while number + x + y + 6 + 3 * (computed + 1) > width and (x > 8 or y > 8):
        x, y = (x - 1, y) if x >= y else (x, y - 1)
    while number + x + y + 6 + 3 * (computed + 1) > width and computed > LEAST:
        computed -= 1
    made = Columns(number, x, y, computed)
    with_products = Columns(number, x, y, computed, products=True)
    return with_products if with_products.data + with_products.results + 1 <= width else made


def table(view: View, cols: Columns, height: int) -> tuple[Rows, Rows]:
    """Rows of both panels: a head and the visible samples.

    Only visible samples are formatted, so a batch of any size costs the same.
    """
    i = view.iteration
    room = max(1, height - 1)
    first = scroll_start(view.scroll, i.m, room)
    shown = slice(first, first + room)
    left: Rows = [_head(view, cols, first, room)]
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


def _head(view: View, cols: Columns, first: int, room: int) -> Row:
    dataset = view.run.dataset
    x, y = fit_text(dataset.feature, cols.x).strip(), fit_text(dataset.label, cols.y).strip()
    return row((f" {'#':>{cols.number}}  {x:>{cols.x}}  {y:>{cols.y}}", "dim"))


def _result_head(view: View, cols: Columns) -> Row:
    names = ("ŷ", "error", "error²", "error·x") if cols.products else ("ŷ", "error", "error²")
    return tuple(Span(" " + f"{view.chars(name):>8}".ljust(cols.computed), "dim") for name in names)


def _results(view: View, cols: Columns, shown: slice) -> list[list[str]]:
    i = view.iteration
    blank = [" " * cols.computed] * len(i.samples[shown])
    made = [blank] * (4 if cols.products else 3)
    if view.reached(Phase.PREDICTIONS):
        error = i.error[shown]
        made[0] = aligned(i.prediction[shown].tolist(), cols.computed)
        made[1] = aligned(error.tolist(), cols.computed)
        if view.reached(Phase.LOSS):
            made[2] = aligned(_squares(tuple(error.tolist())), cols.computed)
        if cols.products and view.reached(Phase.GRADIENT):
            made[3] = aligned([e * x for e, x in zip(error.tolist(), i.x[shown].tolist(), strict=True)], cols.computed)
    return made


@lru_cache(maxsize=4)
def _squares(errors: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(error * error for error in errors)
