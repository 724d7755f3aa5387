"""The columns of the workbook's sheets: each with its formula, in words and as the spreadsheet computes it.

A formula names the cells of its own row by their keys, ``{error}``, and those of the row above by
``{above_weight}``; it names settings by the named cells of the sheet Settings.
"""

from typing import NamedTuple

MAX_ROWS = 1_048_576
"""Rows of a sheet in the xlsx format."""


class Column(NamedTuple):
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


class Layout:
    """Where the columns of a sheet stand, and its formulas for a given row.

    Args:
        sheet: name of the sheet.
        columns: from A on; at most 26 + 26.
        first: the first row (from 1) below the headings.
    """

    def __init__(self, sheet: str, columns: tuple[Column, ...], first: int) -> None:
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

    def span(self, key: str, first: int, last: int, fixed: bool = False) -> str:
        """The range of a column from one row (from 1) to another, with the name of the sheet."""
        at = self.letters[key]
        mark = "$" if fixed else ""
        return f"{self.sheet}!{mark}{at}{mark}{first}:{mark}{at}{mark}{last}"


def letter(place: int) -> str:
    """The letters of a column, from 0: A … Z, AA … AZ, …"""
    head, tail = divmod(place, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)


SAMPLES = Layout(
    "Samples",
    (
        Column("iteration", "iteration", "of the sheet Iterations", "={at_iteration}", integer=True),
        Column("row", "row of Data", "which sample this is, from 1", "", integer=True),
        Column("x", "x", "feature, from the sheet Data", "=INDEX(data_x,{row})"),
        Column("y", "y", "label, from the sheet Data", "=INDEX(data_y,{row})"),
        Column("prediction", "prediction", "weight before · x + bias before", "={at_weight}*{x}+{at_bias}"),
        Column("error", "error", "prediction − y", "={prediction}-{y}"),
        Column("squared", "error²", "error times itself", "={error}^2"),
        Column("product", "error · x", "error times x", "={error}*{x}"),
    ),
    first=3,
)

FULL_LOSS = "=SUMPRODUCT(({weight}*data_x+{bias}-data_y)^2)/n_samples"
"""Mean squared error over all samples, sample by sample."""

FULL_LOSS_CLOSED = "=least_squares_loss+({weight}-least_squares_weight)^2*x_variance+({weight}*x_mean+{bias}-y_mean)^2"
"""The same from sums over the data that are taken once (see :class:`lrstep.core.reference.Reference`)."""

BY_SAMPLE = "mean of (weight · x + bias − y)² over all of Data, with the weights from after the update"
CLOSED = "least-squares loss + (weight − least-squares weight)² · variance of x + (weight · mean x + bias − mean y)²"


def iterations_layout(full_loss_by_sample: bool) -> Layout:
    """The sheet Iterations; row 3 is the start, iteration k stands in row k + 3."""
    full = (BY_SAMPLE, FULL_LOSS) if full_loss_by_sample else (CLOSED, FULL_LOSS_CLOSED)
    return Layout("Iterations", (*COUNTING, *LEARNING, *METRICS, Column("full_loss", "full loss", *full), FULL_RMSE), 3)


COUNTING = (
    Column("iteration", "iteration", "the one before + 1", "={above_iteration}+1", integer=True),
    Column("epoch", "epoch", "from iterations per epoch", "=INT(({iteration}-1)/iterations_per_epoch)+1", integer=True),
    Column("batch", "batch", "its place in the epoch", "=MOD({iteration}-1,iterations_per_epoch)+1", integer=True),
    Column("m", "m", "samples in this batch", "=COUNT({rows})", integer=True),
)

LEARNING = (
    Column("weight_before", "weight before", "weight after the iteration before", "={above_weight}"),
    Column("bias_before", "bias before", "bias after the iteration before", "={above_bias}"),
    Column("gradient_weight", "gradient of weight", "2 / m · sum of error · x", "=2/{m}*SUM({products})"),
    Column("gradient_bias", "gradient of bias", "2 / m · sum of error", "=2/{m}*SUM({errors})"),
    Column(
        "accumulator_weight", "accumulator of weight", "rho · the one before + (1 − rho) · gradient²",
        "=rho*{above_accumulator_weight}+(1-rho)*{gradient_weight}^2",
    ),
    Column(
        "accumulator_bias", "accumulator of bias", "rho · the one before + (1 − rho) · gradient²",
        "=rho*{above_accumulator_bias}+(1-rho)*{gradient_bias}^2",
    ),
    Column(
        "mean_gradient_weight", "mean gradient of weight",
        "rho · the one before + (1 − rho) · gradient; used only when centered = 1",
        "=rho*{above_mean_gradient_weight}+(1-rho)*{gradient_weight}",
    ),
    Column(
        "mean_gradient_bias", "mean gradient of bias",
        "rho · the one before + (1 − rho) · gradient; used only when centered = 1",
        "=rho*{above_mean_gradient_bias}+(1-rho)*{gradient_bias}",
    ),
    Column(
        "denominator_weight", "denominator of weight",
        "√(accumulator + epsilon); when centered, √(accumulator − mean gradient² + epsilon)",
        "=SQRT({accumulator_weight}-IF(centered=1,{mean_gradient_weight}^2,0)+epsilon)",
    ),
    Column(
        "denominator_bias", "denominator of bias",
        "√(accumulator + epsilon); when centered, √(accumulator − mean gradient² + epsilon)",
        "=SQRT({accumulator_bias}-IF(centered=1,{mean_gradient_bias}^2,0)+epsilon)",
    ),
    Column(
        "step_weight", "step of weight", "momentum · step before + learning rate · gradient / denominator",
        "=momentum*{above_step_weight}+learning_rate*{gradient_weight}/{denominator_weight}",
    ),
    Column(
        "step_bias", "step of bias", "momentum · step before + learning rate · gradient / denominator",
        "=momentum*{above_step_bias}+learning_rate*{gradient_bias}/{denominator_bias}",
    ),
    Column("weight", "weight", "weight before − step", "={weight_before}-{step_weight}"),
    Column("bias", "bias", "bias before − step", "={bias_before}-{step_bias}"),
)  # fmt: skip

METRICS = (
    Column("sse", "sum of error²", "over this batch, with the weights from before the update", "=SUM({squares})"),
    Column("loss", "batch loss", "sum of error² / m", "={sse}/{m}"),
    Column("rmse", "batch RMSE", "√ batch loss", "=SQRT({loss})"),
    Column(
        "epoch_sse", "sum of error², epoch so far", "the one before + this batch; from 0 at each epoch",
        "=IF({batch}=1,0,{above_epoch_sse})+{sse}",
    ),
    Column(
        "epoch_count", "samples, epoch so far", "the one before + m; from 0 at each epoch",
        "=IF({batch}=1,0,{above_epoch_count})+{m}", integer=True,
    ),
    Column(
        "cumulative_loss", "cumulative loss", "sum of error² / samples, epoch so far; what Keras prints as loss",
        "={epoch_sse}/{epoch_count}",
    ),
    Column("cumulative_rmse", "cumulative RMSE", "√ cumulative loss", "=SQRT({cumulative_loss})"),
)  # fmt: skip

FULL_RMSE = Column("full_rmse", "full RMSE", "√ full loss; RMSE of all samples after the update", "=SQRT({full_loss})")

START = {
    "weight": "=start_weight",
    "bias": "=start_bias",
} | dict.fromkeys(
    (
        "iteration", "accumulator_weight", "accumulator_bias", "mean_gradient_weight", "mean_gradient_bias",
        "step_weight", "step_bias", "epoch_sse", "epoch_count",
    ),
    "",
)  # fmt: skip
"""What the start row of Iterations holds besides full loss and RMSE: formulas, or nothing for the constant 0."""
