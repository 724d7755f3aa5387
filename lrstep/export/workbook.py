"""A run as a spreadsheet in which every number is a live formula back to the settings and the data.

Change the learning rate, the start or a value of the data in the sheet, and the whole run is computed
anew. Every formula carries its value, so that a viewer without a formula engine shows numbers too.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Iteration
from lrstep.core.lockstep import Lockstep
from lrstep.core.reference import DIRECT_ROWS
from lrstep.errors import LrstepError
from lrstep.export.overview import write_overview
from lrstep.export.progress import ProgressCallback, silent
from lrstep.export.rows import feature_keys, start_row, unscaled
from lrstep.export.rows import row as numbers_of
from lrstep.export.sheet_charts import Overview
from lrstep.export.sheet_columns import (
    EPOCHS,
    MAX_ROWS,
    OF_BATCH,
    SAMPLES_FIRST,
    SheetLayout,
    iterations_layout,
    product_key,
    samples_layout,
    start_formulas,
)
from lrstep.export.sheet_data import data_ranges, write_data
from lrstep.export.sheet_together import RunSheets, write_side_by_side
from lrstep.export.sheets import KINDS, Sheets, in_formulas, sheet_name
from lrstep.export.spans import RunSpan, spans
from lrstep.export.styles import Styles, cell
from lrstep.export.update_columns import result_key
from lrstep.formulas.update import update_formulas
from lrstep.sources.temporary import temporary_path

SUMMED_TERMS = 20_000_000
"""Up to this many (iterations · samples) the full loss is summed sample by sample in the sheet; a
spreadsheet would need minutes for more, which then comes from the closed form."""

MEMORY_CELLS = 100_000
"""Above this many cells the rows are written to disk as they come. Below, the charts carry their values."""


def write_workbook(runs: Lockstep, path: Path, last: int, tick: ProgressCallback = silent) -> None:
    """Write the sheets Settings, Data, Samples and Iterations from iteration 1 on.

    Every number of the settings may be changed in the sheet. What switches a part of the formulas (centered, momentum
    where it is 0), batch size, order and number of the samples are fixed. A number that is not finite is shown as
    #NUM!.

    Args:
        runs: the run, computed as far as needed, and those beside it, each of which has its own sheets; a sheet before
            them has all in one chart.
        path: the file to write.
        last: the last iteration.
        tick: called after each iteration with the number of iterations done.

    Raises:
        LrstepError: a run has more rows than a sheet.
        OSError: the file cannot be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    written = [span._replace(last=max(span.last, 1)) for span in spans(runs, 1, last)]
    for span in written:
        refuse_too_long(span.run.batches, span.last, "" if runs.alone else f"run {span.mark}, {span.label}: ")
    parts = [_part(span, runs.pace != "iteration") for span in written]
    done = sum(span.length for span in written)
    # XlsxWriter leaves its temporary files where they are when it is stopped; a folder of their own goes.
    with temporary_path(path) as aside, _Watched(path, tick, done) as out:
        aside.mkdir()
        large = sum(part.cells for part in parts) > MEMORY_CELLS
        workbook = Workbook(out, {"constant_memory": large, "tmpdir": str(aside)})
        try:
            front = None if runs.alone else workbook.add_worksheet("Side by side")
            for part in parts:
                _Writer(part, workbook, written[0].run.raw, tick).write()
            if front is not None:
                write_side_by_side(front, workbook, runs, parts)
            workbook.worksheets()[0].activate()
            workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error


def _part(span: RunSpan, epochs: bool) -> RunSheets:
    run, number = span.run, span.mark if span.label else 1
    n, several = len(run.dataset), len(run.dataset.columns) > 1
    by_sample = several or (n <= DIRECT_ROWS and n * span.last <= SUMMED_TERMS)
    samples = samples_layout(run, sheet_name("Samples", number))
    return RunSheets(span, samples, iterations_layout(run, by_sample, sheet_name("Iterations", number), epochs))


def refuse_too_long(batches: Batches, last: int, name: str = "") -> None:
    """Raise an LrstepError, which may name the run, where the iterations up to ``last`` need more rows than a sheet."""
    fit = iterations_that_fit(batches)
    if last <= fit:
        return
    if not fit:
        message = f"{name}{batches.n} samples in batches of {batches.size} are too many for a sheet of {MAX_ROWS} rows"
        raise LrstepError(message, "Export a .csv or .json file instead.")
    message = f"{name}{last} iterations are too many for a sheet of {MAX_ROWS} rows: the first {fit} fit"
    raise LrstepError(message, f"Export those with --to {fit}.")


def iterations_that_fit(batches: Batches) -> int:
    """How many iterations fit into a sheet; 0 where the data or the first batch does not."""
    if batches.n > MAX_ROWS - 1:
        return 0
    return min(batches.within(MAX_ROWS - SAMPLES_FIRST + 1), MAX_ROWS - 3)


class _Watched(io.FileIO):
    """A new file whose writing can be stopped: packing a large workbook takes seconds.

    Once closed it takes everything in silence: a ZipFile that was interrupted tries to end its file
    when it is collected, and Python would print that failure on the terminal.
    """

    def __init__(self, path: Path, tick: ProgressCallback, done: int) -> None:
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


class _Writer:
    """Writes one run into one workbook, sheet by sheet, each row by row."""

    def __init__(self, part: RunSheets, workbook: Any, given: Dataset, tick: ProgressCallback) -> None:
        self.part, self.run, self.last = part, part.span.run, part.span.last
        self.workbook, self.sheets = workbook, Sheets(workbook, part.number)
        self.of_samples, self.layout = part.samples, part.iterations
        # The data of a further run are those of the sheet Data, where they are the same.
        self.given = part.number == 1 or self.run.raw is not given
        self.tick = part.span.after(tick)
        self.styles = Styles(workbook, self.run.raw)
        self._products = [f"{product_key(x)}s" for x in feature_keys(self.run)]
        formulas = update_formulas(self.run.settings)
        self._results = [
            (place, name, result_key(formulas, name, parameter))
            for place, parameter in enumerate(self.run.parameters)
            for name in formulas.trees
        ]

    def write(self) -> None:
        kind = _worksheet_class()
        settings, data, samples, iterations = (
            self.workbook.add_worksheet(self.sheets.name(one), kind) for one in KINDS
        )
        write_data(self.run, data, self.styles, self.last, self.tick, self.given)
        self._head(samples, self.of_samples, 30)
        self._head(iterations, self.layout, 75)
        self._start(iterations)
        top = self.of_samples.first
        for number in range(1, self.last + 1):
            iteration = self.run.iteration(number)
            self._samples(samples, iteration, top)
            self._iteration(iterations, iteration, top)
            top += iteration.m
            self.tick(number)
        for name, cells in data_ranges(self.run, self.sheets.name("Data")).items():
            self.sheets.define(name, cells)
        for sheet in (samples, iterations):
            sheet.ignore_errors({"formula_differs": "A1:XFD1048576"})
        title = self.part.title
        write_overview(Overview(self.run, self.sheets, settings, self.styles, self.layout, self.last, title))

    def _head(self, sheet: Any, layout: SheetLayout, height: int) -> None:
        sheet.set_row(0, 32)
        sheet.set_row(1, height)
        for place, column in enumerate(layout.columns):
            sheet.set_column(place, place, 11 if column.integer else 18)
        for row, part in enumerate(("heading", "words")):
            for place, column in enumerate(layout.columns):
                sheet.write_string(row, place, getattr(column, part), getattr(self.styles, part))
        sheet.freeze_panes(2, 3 if layout is self.layout else 2)

    def _start(self, sheet: Any) -> None:
        row = self.layout.first
        values = start_row(self.run)
        mapped = unscaled(self.run, self.run.start, values["full_rmse"])
        values |= mapped | {"epochs": 0.0}
        formulas = start_formulas(self.run)
        computed = ("full_loss", "full_rmse", *mapped, EPOCHS.key)
        formulas |= {key: self.layout.formula(key, row) for key in computed if key in self.layout.letters}
        for place, column in enumerate(self.layout.columns):
            formula = formulas.get(column.key, "")
            if formula.startswith("="):
                sheet.write_formula(row - 1, place, formula, self.styles.of(column), cell(values[column.key]))
            elif formula:
                sheet.write_number(row - 1, place, float(formula), self.styles.of(column))

    def _samples(self, sheet: Any, it: Iteration, top: int) -> None:
        """Write the rows of one batch; every other batch has its formulas in parentheses.

        LibreOffice computes neighbours with the same formula as one group. A group over several
        iterations would depend on itself by way of the sheet Iterations, and LibreOffice (7.4) then
        adds up cells that it has not computed yet. The parentheses end the group with the batch.
        """
        at = it.number + self.layout.first
        letters = self.layout.letters
        iterations = in_formulas(self.layout.sheet)
        others = {"at_iteration": f"{iterations}!${letters['iteration']}${at}"}
        others |= {f"at_{name}": f"{iterations}!${letters[f'{name}_before']}${at}" for name in self.run.parameters}
        styles = [self.styles.of(column) for column in self.of_samples.columns]
        for row, values in enumerate(_sample_values(it), top):
            for place, formula in enumerate(self.of_samples.formulas(row, **others)):
                if formula:
                    if it.number % 2 == 0:
                        formula = f"=({formula[1:]})"
                    sheet.write_formula(row - 1, place, formula, styles[place], cell(values[place]))
                else:
                    sheet.write_number(row - 1, place, values[place], styles[place])
            if row % 1000 == 0:
                self.tick(it.number - 1)

    def _iteration(self, sheet: Any, it: Iteration, top: int) -> None:
        end = top + it.m - 1
        spans = {"row": "rows", "squared": "squares"} | OF_BATCH | {key[:-1]: key for key in self._products}
        others = {name: self.of_samples.span(key, top, end) for key, name in spans.items()}
        row = it.number + self.layout.first
        values = self._values(it)
        for place, (column, formula) in enumerate(
            zip(self.layout.columns, self.layout.formulas(row, **others), strict=True)
        ):
            sheet.write_formula(row - 1, place, formula, self.styles.of(column), cell(values[column.key]))

    def _values(self, it: Iteration) -> dict[str, float]:
        """The numbers of an iteration by the keys of the columns."""
        made = {key: it.updates[place][name] for place, name, key in self._results}
        counts = {
            "epochs": it.number / self.run.batches.per_epoch,
            "m": it.m,
            "sse": it.loss * it.m,
            "epoch_count": it.cumulative_count,
        }
        return numbers_of(self.run, it) | made | counts | {"epoch_sse": it.cumulative_loss * it.cumulative_count}


def _sample_values(it: Iteration) -> Iterator[tuple[float, ...]]:
    columns = (*it.columns, it.y, it.prediction, it.error)
    for sample, *values in zip(it.samples.tolist(), *(c.tolist() for c in columns), strict=True):
        error = values[-1]
        yield it.number, sample + 1, *values, error * error, *(error * x for x in values[: len(it.columns)])
