"""Panels 1 and 2: the samples of the batch and what the model predicts for them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.formulas.model import letter, model_formulas
from lrstep.session.figures import COLUMN, aligned, coming_out, data_cells, data_width, decimals_of, digits_for
from lrstep.session.styled_rows import Row, Rows, Span, fit_text, row, text_width
from lrstep.session.view import View
from lrstep.visible import visible

_WIDTHS: WeakKeyDictionary[Dataset, "Needs"] = WeakKeyDictionary()
_LOOKED_AT = 2_000
"""Rows that decide how wide the data's own columns are; a longer number further down is shortened."""

LEAST = 12
"""Narrowest column that still holds 6 significant digits with sign and exponent."""

HEADS = {"prediction": "ŷ", "error": "error", "square": "error²", "product": "error·x"}
_PHASES = {
    "prediction": Phase.PREDICTIONS, "error": Phase.PREDICTIONS, "square": Phase.LOSS, "product": Phase.GRADIENT,
}  # fmt: skip
_CHOICES = (
    ("prediction", "error", "square", "product"),
    ("prediction", "error", "square"),
    ("prediction", "error"),
    ("error",),
)
"""Which computed columns there may be, the most first."""


class Needs(NamedTuple):
    """Widths that a data set needs.

    Attributes:
        number: of the sample number.
        data: of its columns as they stand.
        least: of the same with 6 digits.
        raw: of the columns before they were scaled; none where they were not.
    """

    number: int
    data: tuple[int, ...]
    least: tuple[int, ...]
    raw: tuple[int, ...] = ()


class ColumnWidths(NamedTuple):
    """Widths of the table.

    Attributes:
        number: of the sample number.
        data: of each feature that is shown, then of the label.
        computed: of each of the computed columns.
        names: which of those there are.
        left_out: how many features are not shown, for lack of room.
        raw: widths of all columns before they were scaled, where there is room for them.
    """

    number: int
    data: tuple[int, ...]
    computed: int = COLUMN
    names: tuple[str, ...] = _CHOICES[1]
    left_out: int = 0
    raw: tuple[int, ...] = ()

    @property
    def samples(self) -> int:
        """Width of panel 1."""
        return self.number + sum(2 + width for width in (*self.raw, *self.data)) + 2 + (3 if self.left_out else 0)

    @property
    def results(self) -> int:
        """Width of panel 2."""
        return (self.computed + 1) * len(self.names)

    @property
    def width(self) -> int:
        """Width of both and the line between them."""
        return self.samples + self.results + 1


def columns(run: Run, width: int) -> ColumnWidths:
    """Columns for the data of a run at a total width (without borders).

    Where there is little room the computed columns get narrower, then the data's own numbers are shortened
    to 6 digits, then columns are left out that can be computed from the others, then features. No number is cut.
    Scaled numbers have those of the data beside them, if need be in the place of error².
    """
    return _fitting(_needs(run), width)


@lru_cache(maxsize=32)
def _fitting(needs: Needs, width: int) -> ColumnWidths:
    shown, names, raw = _chosen(needs, width)
    places = [*range(shown), len(needs.data) - 1]
    data, least = [needs.data[p] for p in places], [needs.least[p] for p in places]
    made = ColumnWidths(needs.number, tuple(data), COLUMN, names, len(needs.data) - 1 - shown, raw)
    while made.width > width:
        spare = [width - fewest for width, fewest in zip(data, least, strict=True)]
        if made.computed > LEAST:
            made = made._replace(computed=made.computed - 1)
        elif max(spare) > 0:
            data[spare.index(max(spare))] -= 1
            made = made._replace(data=tuple(data))
        else:
            break
    return made


def _chosen(needs: Needs, width: int) -> tuple[int, tuple[str, ...], tuple[int, ...]]:
    """How many features are shown, which computed columns, and the widths of the data before they were scaled."""
    features = len(needs.data) - 1
    # error·x is one column only where there is one feature.
    choices = [(features, names) for names in _CHOICES if features == 1 or "product" not in names]
    choices[-1:-1] = [(shown, _CHOICES[2]) for shown in range(features - 1, 0, -1)]
    with_raw = [(*choice, needs.raw) for choice in choices[:3] if needs.raw and choice[0] == features]
    for shown, names, raw in (*with_raw, *((*choice, ()) for choice in choices)):
        least = (*needs.least[:shown], needs.least[-1])
        if ColumnWidths(needs.number, least, LEAST, names, features - shown, raw).width > width:
            continue
        if "product" in names and ColumnWidths(needs.number, needs.data, COLUMN, names, 0, raw).width > width:
            continue
        return shown, names, raw
    return 1, _CHOICES[-1], ()


def _needs(run: Run) -> Needs:
    dataset = run.dataset
    if dataset not in _WIDTHS:
        number = max(3, len(str(len(dataset))) + 1)
        data, least = _widths(dataset, _letters(run) if run.scaling else (*dataset.features, dataset.label))
        raw = _widths(run.raw, (*run.raw.features, run.raw.label))[0] if run.scaling else ()
        _WIDTHS[dataset] = Needs(number, data, least, raw)
    return _WIDTHS[dataset]


def _widths(dataset: Dataset, names: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of each column as it stands, and with 6 digits."""
    data, least = [], []
    for values, name in zip((*dataset.columns, dataset.y), names, strict=True):
        few = values[:_LOOKED_AT].tolist()
        head = min(max(text_width(visible(name)), 4), 10)
        least.append(max(max(len(f"{value:.6g}") for value in few), 4))
        data.append(max(data_width(few), head, least[-1]))
    return tuple(data), tuple(least)


def _letters(run: Run) -> tuple[str, ...]:
    """The letters of the columns in formulas, the label's last: x, y."""
    return (*map(letter, model_formulas(len(run.dataset.columns)).features), "y")


def table(view: View, cols: ColumnWidths, height: int) -> tuple[Rows, Rows]:
    """Rows of both panels: a head and the visible samples.

    Only visible samples are formatted, so a batch of any size costs the same.
    """
    i, raw = view.iteration, view.run.raw
    room = max(1, height - 1)
    first = scroll_start(view, room)
    shown = slice(first, first + room)
    left: Rows = [_head(view, cols)]
    right: Rows = [tuple(Span(f" {view.chars(HEADS[name]):>8}".ljust(cols.computed + 1), "dim") for name in cols.names)]
    samples = i.samples[shown]
    *features, labels = [
        data_cells(values[shown].tolist(), width)
        for values, width in zip((*i.columns[: len(cols.data) - 1], i.y), cols.data, strict=True)
    ]
    # The numbers before they were scaled, where they are shown.
    given = [
        data_cells(values[samples].tolist(), width)
        for values, width in zip((*raw.columns, raw.y), cols.raw, strict=False)
    ]
    results = _results(view, cols, shown)
    style = "batch" if view.phase in (Phase.BATCH, Phase.START) else "text"
    for place, sample in enumerate(samples.tolist()):
        cells = [column[place] for column in features]
        before = "".join(f"  {column[place]}" for column in given)
        line = (_line(view, cells, labels[place], cols), style)
        left.append(row((f" {sample + 1:>{cols.number}}", "batch"), *([(before, "dim")] if before else []), line))
        right.append(tuple(Span(" " + cells[place], "text") for cells in results))
    return left, right


def scroll_start(view: View, room: int) -> int:
    """First visible sample, so that a table of so many lines never runs empty."""
    return max(0, min(view.scroll, view.iteration.m - room))


def _line(view: View, features: list[str], label: str, cols: ColumnWidths) -> str:
    """The data's own columns; three dots stand for features that there is no room for."""
    return "  " + "  ".join([*features, *([view.chars("…")] if cols.left_out else []), label])


def _head(view: View, cols: ColumnWidths) -> Row:
    run, widths = view.run, cols.data
    raw = (*run.raw.features, run.raw.label)
    given = "".join(f"  {_right(name, width)}" for name, width in zip(raw, cols.raw, strict=False))
    *features, label = _letters(run) if run.scaling else raw
    names = [_right(view.chars(name), width) for name, width in zip(features, widths[:-1], strict=False)]
    return row((f" {'#':>{cols.number}}{given}{_line(view, names, _right(label, widths[-1]), cols)}", "dim"))


def _right(name: str, width: int) -> str:
    """A name at the right end of a column; wide characters count as two."""
    name = visible(name)
    return " " * (width - text_width(name)) + name if text_width(name) <= width else fit_text(name, width)


def _results(view: View, cols: ColumnWidths, shown: slice) -> list[list[str]]:
    i = view.iteration
    predictions, errors, xs = i.prediction[shown].tolist(), i.error[shown].tolist(), i.columns[0][shown].tolist()
    width, blank = cols.computed, [" " * cols.computed] * len(errors)
    texts = aligned(errors, width)
    read = [float(text) for text in texts]
    made = []
    for name in cols.names:
        if not view.reached(_PHASES[name]):
            made.append(blank)
        elif name == "prediction":
            # As many decimals as its error has, which is computed from it.
            digits = [digits_for(value, decimals_of(text)) for value, text in zip(predictions, texts, strict=True)]
            made.append(aligned(predictions, width, digits))
        elif name == "error":
            made.append(texts)
        else:
            factors, shown_factors = (errors, read) if name == "square" else (xs, xs)
            values = [error * factor for error, factor in zip(errors, factors, strict=True)]
            by_hand = [error * factor for error, factor in zip(read, shown_factors, strict=True)]
            made.append(coming_out(values, by_hand, width))
    return made
