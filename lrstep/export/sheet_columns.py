"""The columns of the workbook's sheets: each with its formula, in words and as the spreadsheet computes it.

The formulas are those of :mod:`lrstep.core.arithmetic` and of the optimizer's rule, written for cells. A formula names
the cells of its own row by their keys, ``{error}``, and those of the row above by ``{above_weight}``; it names
settings by the named cells of the sheet Settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from lrstep.core import arithmetic
from lrstep.core.metrics import METRICS, Metric
from lrstep.core.run import Run
from lrstep.core.symbols import Leaf, Symbol, square, total
from lrstep.export.rows import feature_keys
from lrstep.export.sheets import in_formulas
from lrstep.export.update_columns import update_columns
from lrstep.formulas.notation import CELL, Writer

MAX_ROWS = 1_048_576
"""Rows of a sheet in the xlsx format."""

ARRAYS = replace(CELL, calls={**CELL.calls, "sum": "SUMPRODUCT"})
"""Cells, where the terms of a sum are computed from ranges."""


class SheetColumn(NamedTuple):
    """One column of a sheet.

    Attributes:
        key: its name in formulas.
        heading: the quantity.
        words: how it is computed, for a person.
        formula: how the spreadsheet computes it; empty for a constant.
        integer: whether it counts something.
    """

    key: str
    heading: str
    words: str
    formula: str
    integer: bool = False


class SheetLayout:
    """Where the columns of a sheet stand, and its formulas for a given row.

    Args:
        sheet: name of the sheet.
        columns: from A on.
        first: the first row (from 1) below the headings.
    """

    def __init__(self, sheet: str, columns: tuple[SheetColumn, ...], first: int) -> None:
        self.sheet = sheet
        self.columns = columns
        self.first = first
        self.letters = {column.key: letter(place) for place, column in enumerate(columns)}

    def formulas(self, row: int, **others: str) -> list[str]:
        """The formulas of a row (from 1), empty where constant; ``others`` are further names in them."""
        cells = self._cells(row) | others
        return [column.formula.format_map(cells) for column in self.columns]

    def formula(self, key: str, row: int) -> str:
        """The formula of one cell that needs no cells of other sheets."""
        return next(column.formula for column in self.columns if column.key == key).format_map(self._cells(row))

    def _cells(self, row: int) -> dict[str, str]:
        cells = {key: f"{at}{row}" for key, at in self.letters.items()}
        return cells | {f"above_{key}": f"{at}{row - 1}" for key, at in self.letters.items()}

    def cell(self, key: str, row: int) -> str:
        """A cell of a column (rows from 1), with the name of the sheet."""
        return f"{in_formulas(self.sheet)}!{self.letters[key]}{row}"

    def span(self, key: str, first: int, last: int, fixed: bool = False) -> str:
        """The range of a column from one row (from 1) to another, with the name of the sheet."""
        at = self.letters[key]
        mark = "$" if fixed else ""
        return f"{in_formulas(self.sheet)}!{mark}{at}{mark}{first}:{mark}{at}{mark}{last}"


def letter(place: int) -> str:
    """The letters of a column, from 0: A … Z, AA … AZ, …"""
    head, tail = divmod(place, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)


SAMPLES_FIRST = 3
"""The first row of the sheet Samples below its headings."""


def samples_layout(run: Run, sheet: str = "Samples") -> SheetLayout:
    """The sheet Samples: a row for each sample of each batch."""
    xs = feature_keys(run)
    given = run.dataset.features if len(xs) > 1 else ("feature",)
    features = [
        SheetColumn(x, x, f"{name}, from the sheet Data", f"=INDEX(data_{x},{{row}})")
        for x, name in zip(xs, given, strict=True)
    ]
    products = [
        SheetColumn(product_key(x), f"error · {x}", f"error times {x}", own(_terms(_of_weight("error", x)))) for x in xs
    ]
    predicted = arithmetic.prediction([Leaf(f"at_{name}") for name in run.parameters[:-1]], _leaves(xs), AT_BIAS)
    words = " + ".join(f"{name} before · {x}" for name, x in zip(run.parameters, xs, strict=False)) + " + bias before"
    columns = (
        SheetColumn("iteration", "iteration", "of the sheet Iterations", "={at_iteration}", integer=True),
        SheetColumn("row", "row of Data", "which sample this is, from 1", "", integer=True),
        *features,
        SheetColumn("y", "y", "label, from the sheet Data", "=INDEX(data_y,{row})"),
        SheetColumn("prediction", "prediction", words, own(predicted)),
        SheetColumn("error", "error", "prediction − y", own(arithmetic.error(Leaf("prediction"), Leaf("y")))),
        SheetColumn("squared", "error²", "error times itself", own(square(Leaf("error")))),
        *products,
    )
    return SheetLayout(sheet, columns, SAMPLES_FIRST)


AT_BIAS = Leaf("at_bias")


def product_key(x: str) -> str:
    """The key of error · x."""
    return x.replace("x", "product", 1)


def _leaves(names: tuple[str, ...]) -> list[Leaf]:
    return [Leaf(name) for name in names]


def _of_weight(error: str, x: str) -> Any:
    """The gradient of the weight of a feature."""
    return arithmetic.gradient_of_weight(Leaf(error), Leaf(x), Leaf("m"))


def _terms(gradient: Any) -> Any:
    """What the sum in a gradient goes over."""
    return next(node.args[0] for node in gradient.nodes() if node.op == "sum")


def own(tree: Symbol, names: Mapping[int, str] | None = None) -> str:
    """A formula whose inputs are cells of its own row."""
    return f"={Writer(CELL, lambda name: f'{{{name}}}', names or {}).write(tree)}"


def of_data(tree: Symbol, name: Callable[[str], str]) -> str:
    """A formula over all samples, whose inputs are ranges and single cells."""
    return f"={Writer(ARRAYS, name).write(tree)}"


def full_loss(run: Run, parameter: Callable[[str], str]) -> str:
    """Mean squared error over all of Data, sample by sample, with parameters that stand in given cells."""
    predicted = arithmetic.prediction(_leaves(run.parameters[:-1]), _leaves(feature_keys(run)), Leaf("bias"))
    squares = arithmetic.squared_error_sum(arithmetic.error(predicted, Leaf("y")))
    places = {name: f"data_{name}" for name in (*feature_keys(run), "y")} | {"n": "n_samples"}
    places |= {name: parameter(name) for name in run.parameters}
    return of_data(arithmetic.mean_squared_error(squares, Leaf("n")), places.__getitem__)


FULL_LOSS_CLOSED = "=least_squares_loss+({weight}-least_squares_weight)^2*x_variance+({weight}*x_mean+{bias}-y_mean)^2"
"""The same, of one feature, from sums over the data that are taken once (see
:class:`lrstep.core.reference.Reference`)."""

CLOSED = "least-squares loss + (weight − least-squares weight)² · variance of x + (weight · mean x + bias − mean y)²"


def iterations_layout(
    run: Run, full_loss_by_sample: bool, sheet: str = "Iterations", epochs: bool = False
) -> SheetLayout:
    """The sheet Iterations; row 3 is the start, iteration k stands in row k + 3.

    With ``epochs`` its last column counts them, in parts of one, as charts of runs with other batches need it.
    """
    by_sample = "mean of (prediction − y)² over all of Data, with the weights from after the update"
    full = (by_sample, full_loss(run, "{{{}}}".format)) if full_loss_by_sample else (CLOSED, FULL_LOSS_CLOSED)
    before = [
        SheetColumn(f"{name}_before", f"{name} before", f"{name} after the iteration before", f"={{above_{name}}}")
        for name in run.parameters
    ]
    update = [SheetColumn(*column) for column in update_columns(run)]
    of_data = SheetColumn("full_loss", "loss, all data", full[0] + "; Keras's val_loss", full[1])
    last = (of_data, FULL_RMSE, *_unscaled(run), *(EPOCHS,) * epochs)
    return SheetLayout(sheet, (*COUNTING, *before, *_gradients(run), *update, *LOSSES, *last), 3)


def _unscaled(run: Run) -> list[SheetColumn]:
    """Of scaled data: parameters and RMSE in the data's own units."""
    if run.scaling is None:
        return []
    xs, names = feature_keys(run), run.parameters[:-1]
    moved = "".join(f"-{{unscaled_{name}}}*offset_{x}" for name, x in zip(names, xs, strict=True))
    weights = [
        SheetColumn(f"unscaled_{name}", f"{name} in the data's units", f"{name} · width of y / width of {x}",
               f"={{{name}}}*width_y/width_{x}")
        for name, x in zip(names, xs, strict=True)
    ]  # fmt: skip
    return [
        *weights,
        SheetColumn("unscaled_bias", "bias in the data's units", "bias · width of y + offset of y − weights · offsets",
               f"={{bias}}*width_y+offset_y{moved}"),
        SheetColumn("unscaled_full_rmse", "RMSE, all data, in the data's units", "RMSE, all data · width of y",
               "={full_rmse}*width_y"),
    ]  # fmt: skip


def _gradients(run: Run) -> list[SheetColumn]:
    found = []
    for name, x in zip(run.parameters, (*feature_keys(run), ""), strict=True):
        if x:
            tree = _of_weight("errors", x)
            names = {id(_terms(tree)): f"{{{product_key(x)}s}}"}
        else:
            tree, names = arithmetic.gradient_of_bias(Leaf("errors"), Leaf("m")), {}
        words = f"2 / m · sum of error{f' · {x}' if x else ''}"
        found.append(SheetColumn(f"gradient_{name}", f"gradient of {name}", words, own(tree, names)))
    return found


COUNTING = (
    SheetColumn("iteration", "iteration", "the one before + 1", "={above_iteration}+1", integer=True),
    SheetColumn(
        "epoch", "epoch", "from iterations per epoch", "=INT(({iteration}-1)/iterations_per_epoch)+1", integer=True
    ),
    SheetColumn("batch", "batch", "its place in the epoch", "=MOD({iteration}-1,iterations_per_epoch)+1", integer=True),
    SheetColumn("m", "m", "samples in this batch", "=COUNT({rows})", integer=True),
)


EPOCHS = SheetColumn("epochs", "epochs so far", "iteration / iterations per epoch", "={iteration}/iterations_per_epoch")


def _loss(sum_of_squares: str, count: str) -> str:
    return own(arithmetic.mean_squared_error(Leaf(sum_of_squares), Leaf(count)))


def _rmse(loss: str) -> str:
    return own(arithmetic.rmse(Leaf(loss)))


OF_BATCH = {"error": "errors", "prediction": "predictions", "y": "labels"}
"""Column of the sheet Samples → what its range over a batch is called in formulas."""


def _metric(metric: Metric) -> str:
    """A figure of the batch, from the cells of its row and the ranges of its samples."""
    leaves = (Leaf(OF_BATCH.get(name, name)) for name in metric.inputs)
    return of_data(metric.formula(*leaves), "{{{}}}".format)


LOSSES = (
    SheetColumn("sse", "sum of error²", "over this batch, with the weights from before the update",
           own(total(Leaf("squares")))),
    SheetColumn("loss", "loss, this batch", METRICS["loss"].words, _loss("sse", "m")),
    *(
        SheetColumn(key, f"{metric.label.removesuffix(' of the batch')}, this batch", metric.words, _metric(metric))
        for key, metric in METRICS.items() if key != "loss"
    ),
    SheetColumn(
        "epoch_sse", "sum of error², epoch so far", "the one before + this batch; from 0 at each epoch",
        "=IF({batch}=1,0,{above_epoch_sse})+{sse}",
    ),
    SheetColumn(
        "epoch_count", "samples, epoch so far", "the one before + m; from 0 at each epoch",
        "=IF({batch}=1,0,{above_epoch_count})+{m}", integer=True,
    ),
    SheetColumn(
        "cumulative_loss", "loss, epoch so far", "sum of error² / samples, epoch so far; Keras prints it as loss",
        _loss("epoch_sse", "epoch_count"),
    ),
    SheetColumn(
        "cumulative_rmse", "RMSE, epoch so far",
        "√ loss, epoch so far; Keras prints it as root_mean_squared_error", _rmse("cumulative_loss"),
    ),
)  # fmt: skip

FULL_RMSE = SheetColumn(
    "full_rmse", "RMSE, all data",
    "√ loss, all data, after the update; Keras's val_root_mean_squared_error", _rmse("full_loss"),
)  # fmt: skip


def start_formulas(run: Run) -> dict[str, str]:
    """What the start row of Iterations holds besides loss and RMSE of all data: formulas, or constants."""
    start = {name: f"=start_{name}" for name in run.parameters} | dict.fromkeys(COUNTED_FROM_0, "0")
    for slot in run.slots:
        text = f"={slot.start}" if isinstance(slot.start, str) else repr(slot.start)
        start |= {f"{slot.name}_{name}": text for name in run.parameters}
    return start


COUNTED_FROM_0 = ("iteration", "epoch_sse", "epoch_count")
