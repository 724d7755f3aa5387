"""A run as a spreadsheet in which every number is a live formula back to the settings and the data.

Change the learning rate, the start or a value of the data in the sheet, and the whole run is computed
anew. Every formula carries its value, so that a viewer without a formula engine shows numbers too.
"""

import io
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lrstep.core.batches import Batches
from lrstep.core.iteration import Iteration
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.overview import Overview, write_overview
from lrstep.export.progress import Tick, checked_range, silent
from lrstep.export.sheet_columns import MAX_ROWS, SAMPLES, START, Layout, iterations_layout
from lrstep.export.styles import Styles, cell
from lrstep.sources.temporary import temporary_name, unfinished

SUMMED_TERMS = 20_000_000
"""Up to this many (iterations · samples) the full loss is summed sample by sample in the sheet; a
spreadsheet would need minutes for more, which then comes from the closed form."""

MEMORY_CELLS = 100_000
"""Above this many cells the rows are written to disk as they come. Below, the charts carry their values."""


def write_workbook(run: Run, path: Path, last: int | None = None, tick: Tick = silent) -> None:
    """Write the sheets Settings, Data, Samples and Iterations from iteration 1 on.

    Momentum and centered may be switched in the sheet as well. Batch size, order and number of the
    samples are fixed by the layout of the rows. A number that is not finite is shown as #NUM!.

    Args:
        run: the run; it is computed as far as needed.
        path: the file to write.
        last: the last iteration; None is the end of the run.
        tick: called after each iteration with the number of iterations done.

    Raises:
        LrstepError: the run has no such iteration, or has more rows than a sheet.
        OSError: the file cannot be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    _, last = checked_range(run, 1, last)
    refuse_too_long(run.batches, last)
    by_sample = len(run.dataset) <= DIRECT_ROWS and len(run.dataset) * last <= SUMMED_TERMS
    layout = iterations_layout(by_sample)
    cells = samples_until(run.batches, last) * len(SAMPLES.columns) + last * len(layout.columns)
    # XlsxWriter leaves its temporary files where they are when it is stopped; a folder of their own goes.
    prefix = f"{temporary_name(path).stem}-"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=prefix) as aside, _Watched(path, tick, last) as out:
        unfinished(Path(aside))
        workbook = Workbook(out, {"constant_memory": cells > MEMORY_CELLS, "tmpdir": aside})
        try:
            _Writer(run, workbook, layout, last, tick).write()
            workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error


def refuse_too_long(batches: Batches, last: int) -> None:
    """Raise an LrstepError where the iterations up to ``last`` need more rows than a sheet has."""
    fit = iterations_that_fit(batches)
    if last <= fit:
        return
    if not fit:
        message = f"{batches.n} samples in batches of {batches.size} are too many for a sheet of {MAX_ROWS} rows"
        raise LrstepError(message, "Export a .csv or .json file instead.")
    message = f"{last} iterations are too many for a sheet of {MAX_ROWS} rows: the first {fit} fit"
    raise LrstepError(message, f"Export those with --to {fit}.")


def iterations_that_fit(batches: Batches) -> int:
    """How many iterations fit into a sheet; 0 where the data or the first batch does not."""
    if batches.n > MAX_ROWS - 1:
        return 0
    epochs, rest = divmod(MAX_ROWS - SAMPLES.first + 1, batches.n)
    of_samples = epochs * batches.per_epoch + rest // batches.size
    return min(of_samples, MAX_ROWS - 3)


def samples_until(batches: Batches, iteration: int) -> int:
    """How many samples the iterations 1 … ``iteration`` take in together."""
    epochs, rest = divmod(iteration, batches.per_epoch)
    return epochs * batches.n + rest * batches.size


class _Watched(io.FileIO):
    """A new file whose writing can be stopped: packing a large workbook takes seconds.

    Once closed it takes everything in silence: a ZipFile that was interrupted tries to end its file
    when it is collected, and Python would print that failure on the terminal.
    """

    def __init__(self, path: Path, tick: Tick, done: int) -> None:
        super().__init__(path, "w")
        self._tick = tick
        self._done = done
        self._place = 0

    def write(self, data: Any) -> int:
        if self.closed:
            self._place += len(data)
            return len(data)
        self._tick(self._done)
        return super().write(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if self.closed:
            self._place = offset
            return offset
        return super().seek(offset, whence)

    def tell(self) -> int:
        return self._place if self.closed else super().tell()

    def flush(self) -> None:
        if not self.closed:
            super().flush()


def _worksheet_class() -> type:
    """XlsxWriter's worksheet without its search for the names of some 30 newer functions in each formula.

    That search takes two thirds of the time, and no formula here has any of them. Should a later
    XlsxWriter not call this method, writing is only slower.
    """
    from xlsxwriter.worksheet import Worksheet

    class PlainWorksheet(Worksheet):  # type: ignore[misc, unused-ignore]
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            return formula.removeprefix("=")

    return PlainWorksheet


class _Carried(NamedTuple):
    """What the sheet carries from row to row besides the state of the run.

    The sheet computes mean gradient and step whether or not they are in use, so that centered and
    momentum can be switched on in it.
    """

    mean_weight: float = 0.0
    mean_bias: float = 0.0
    epoch_sse: float = 0.0


class _Writer:
    """Writes one run into one workbook, sheet by sheet, each row by row."""

    def __init__(self, run: Run, workbook: Any, layout: Layout, last: int, tick: Tick) -> None:
        self.run = run
        self.workbook = workbook
        self.layout = layout
        self.last = last
        self.tick = tick
        self.styles = Styles(workbook, run.dataset)

    def write(self) -> None:
        kind = _worksheet_class()
        settings, data, samples, iterations = (
            self.workbook.add_worksheet(name, kind) for name in ("Settings", "Data", SAMPLES.sheet, self.layout.sheet)
        )
        self._data(data)
        self._head(samples, SAMPLES)
        self._head(iterations, self.layout)
        self._start(iterations)
        carried = _Carried()
        top = SAMPLES.first
        for number in range(1, self.last + 1):
            iteration = self.run.iteration(number)
            carried = self._carry(iteration, carried)
            self._samples(samples, iteration, top)
            self._iteration(iterations, iteration, carried, top)
            top += iteration.m
            self.tick(number)
        self._define_names()
        for sheet in (samples, iterations):
            sheet.ignore_errors({"formula_differs": "A1:AZ1048576"})
        write_overview(Overview(self.run, self.workbook, settings, self.styles, self.layout, self.last))

    def _data(self, sheet: Any) -> None:
        data = self.run.dataset
        for place, heading in enumerate(("row", data.feature, data.label)):
            sheet.write_string(0, place, heading, self.styles.heading)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 2, max(16, min(40, len(data.feature), len(data.label))))
        sheet.freeze_panes(1, 1)
        for row, (x, y) in enumerate(zip(data.x.tolist(), data.y.tolist(), strict=True), 1):
            sheet.write_number(row, 0, row, self.styles.integer)
            sheet.write_number(row, 1, cell(x), self.styles.input)
            sheet.write_number(row, 2, cell(y), self.styles.input)
            if row % 1000 == 0:
                self.tick(0)

    def _define_names(self) -> None:
        end = len(self.run.dataset) + 1
        self.workbook.define_name("data_x", f"=Data!$B$2:$B${end}")
        self.workbook.define_name("data_y", f"=Data!$C$2:$C${end}")

    def _head(self, sheet: Any, layout: Layout) -> None:
        sheet.set_row(0, 32)
        sheet.set_row(1, 30 if layout is SAMPLES else 75)
        for place, column in enumerate(layout.columns):
            sheet.set_column(place, place, 11 if column.integer else 18)
        for row, part in enumerate(("heading", "words")):
            for place, column in enumerate(layout.columns):
                sheet.write_string(row, place, getattr(column, part), getattr(self.styles, part))
        sheet.freeze_panes(2, 3 if layout is self.layout else 2)

    def _start(self, sheet: Any) -> None:
        row = self.layout.first
        state = self.run.start
        loss = self.run.reference.full_loss(state.weight, state.bias)
        values = {"weight": state.weight, "bias": state.bias, "full_loss": loss, "full_rmse": math.sqrt(loss)}
        formulas = START | {key: self.layout.formula(key, row) for key in ("full_loss", "full_rmse")}
        for place, column in enumerate(self.layout.columns):
            formula = formulas.get(column.key)
            if formula:
                sheet.write_formula(row - 1, place, formula, self.styles.of(column), cell(values[column.key]))
            elif formula is not None:
                sheet.write_number(row - 1, place, 0, self.styles.of(column))

    def _carry(self, it: Iteration, above: _Carried) -> _Carried:
        rho = self.run.settings.rho
        return _Carried(
            rho * above.mean_weight + (1 - rho) * float(it.gradient.weight),
            rho * above.mean_bias + (1 - rho) * float(it.gradient.bias),
            it.cumulative_loss * it.cumulative_count,
        )

    def _samples(self, sheet: Any, it: Iteration, top: int) -> None:
        """Write the rows of one batch; every other batch has its formulas in parentheses.

        LibreOffice computes neighbours with the same formula as one group. A group over several
        iterations would depend on itself by way of the sheet Iterations, and LibreOffice (7.4) then
        adds up cells that it has not computed yet. The parentheses end the group with the batch.
        """
        at = it.number + self.layout.first
        letters = self.layout.letters
        others = {
            "at_iteration": f"Iterations!${letters['iteration']}${at}",
            "at_weight": f"Iterations!${letters['weight_before']}${at}",
            "at_bias": f"Iterations!${letters['bias_before']}${at}",
        }
        styles = [self.styles.of(column) for column in SAMPLES.columns]
        for row, values in enumerate(_sample_values(it), top):
            for place, formula in enumerate(SAMPLES.formulas(row, **others)):
                if formula:
                    if it.number % 2 == 0:
                        formula = f"=({formula[1:]})"
                    sheet.write_formula(row - 1, place, formula, styles[place], cell(values[place]))
                else:
                    sheet.write_number(row - 1, place, values[place], styles[place])
            if row % 1000 == 0:
                self.tick(it.number - 1)

    def _iteration(self, sheet: Any, it: Iteration, carried: _Carried, top: int) -> None:
        end = top + it.m - 1
        others = {
            "rows": SAMPLES.span("row", top, end),
            "errors": SAMPLES.span("error", top, end),
            "squares": SAMPLES.span("squared", top, end),
            "products": SAMPLES.span("product", top, end),
        }
        row = it.number + self.layout.first
        values = _iteration_values(it, carried)
        for place, (column, formula) in enumerate(
            zip(self.layout.columns, self.layout.formulas(row, **others), strict=True)
        ):
            sheet.write_formula(row - 1, place, formula, self.styles.of(column), cell(values[column.key]))


def _sample_values(it: Iteration) -> Iterator[tuple[float, ...]]:
    columns = (it.x, it.y, it.prediction, it.error)
    for sample, x, y, prediction, error in zip(it.samples.tolist(), *(c.tolist() for c in columns), strict=True):
        yield it.number, sample + 1, x, y, prediction, error, error * error, error * x


def _iteration_values(it: Iteration, carried: _Carried) -> dict[str, float]:
    return {
        "iteration": it.number,
        "epoch": it.epoch,
        "batch": it.batch,
        "m": it.m,
        "weight_before": it.before.weight,
        "bias_before": it.before.bias,
        "gradient_weight": it.gradient.weight,
        "gradient_bias": it.gradient.bias,
        "accumulator_weight": it.after.accumulator_weight,
        "accumulator_bias": it.after.accumulator_bias,
        "mean_gradient_weight": carried.mean_weight,
        "mean_gradient_bias": carried.mean_bias,
        "denominator_weight": it.update_weight.denominator,
        "denominator_bias": it.update_bias.denominator,
        "step_weight": it.update_weight.step,
        "step_bias": it.update_bias.step,
        "weight": it.after.weight,
        "bias": it.after.bias,
        "sse": it.loss * it.m,
        "loss": it.loss,
        "rmse": it.rmse,
        "epoch_sse": carried.epoch_sse,
        "epoch_count": it.cumulative_count,
        "cumulative_loss": it.cumulative_loss,
        "cumulative_rmse": it.cumulative_rmse,
        "full_loss": it.full_loss,
        "full_rmse": it.full_rmse,
    }
