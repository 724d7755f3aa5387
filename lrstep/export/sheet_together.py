"""The workbook's first sheet where runs stand side by side: what tells them apart, their RMSE, all in one chart."""

import math
from typing import Any, NamedTuple

from lrstep.core.lockstep import Lockstep
from lrstep.export import sheet_charts as charts
from lrstep.export.sheet_columns import SheetLayout
from lrstep.export.sheets import sheet_name
from lrstep.export.spans import RunSpan
from lrstep.plotting.beside import largest_rmse, leaving, unit
from lrstep.plotting.ticks import tick_step
from lrstep.plural import counted

LOOKS = (
    (charts.BLUE, "solid", "circle"),
    (charts.ORANGE, "dash", "diamond"),
    (charts.GREEN, "long_dash_dot", "square"),
    (charts.GREY, "round_dot", "triangle"),
)
"""Colour, dash and mark of the first, the second … run."""


class RunSheets(NamedTuple):
    """One of the runs in the workbook: what of it is written, and the layouts of its rows."""

    span: RunSpan
    samples: SheetLayout
    iterations: SheetLayout

    @property
    def number(self) -> int:
        """Which of the runs it is, from 1; a run alone is the first."""
        return self.span.mark

    @property
    def title(self) -> str:
        """What it is called in the workbook; nothing where it is alone."""
        return f"Run {self.span.mark}, {self.span.label}" if self.span.label else ""

    @property
    def cells(self) -> int:
        """How many cells its rows have."""
        rows = self.span.run.batches.seen(self.span.last)
        return rows * len(self.samples.columns) + self.span.last * len(self.iterations.columns)

    @property
    def rmse(self) -> str:
        """The key of the RMSE over all data in the units of the data."""
        return "unscaled_full_rmse" if self.span.run.scaling else "full_rmse"


def write_side_by_side(sheet: Any, workbook: Any, runs: Lockstep, parts: list[RunSheets]) -> None:
    """Fill the sheet: a line for each run, with its RMSE live, and below them the chart."""
    bold, head = workbook.add_format({"bold": True, "font_size": 16}), workbook.add_format({"bold": True, "bottom": 1})
    left = workbook.add_format({"align": "left"})
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 5, 18)
    sheet.write_string(0, 0, f"{counted(len(parts), 'run')} side by side", bold)
    sheet.write_string(1, 0, "Each has its own sheets, with its number behind their names. Change a yellow cell there.")
    for column, text in enumerate(("run", "what tells it apart", "iterations", "RMSE, all data", "", "sheet")):
        sheet.write_string(3, column, text, head)
    first, last = 5, 4 + len(parts)
    least = min(filter(math.isfinite, map(_rmse, parts)), default=math.nan)
    for row, part in enumerate(parts, first):
        value = _rmse(part)
        told = "lowest" if value == least else ""
        shown = value if math.isfinite(value) else "diverged"
        name = sheet_name("Settings", part.number)
        sheet.write_number(row - 1, 0, part.number, left)
        sheet.write_string(row - 1, 1, part.span.label)
        sheet.write_number(row - 1, 2, part.span.last)
        end = part.iterations.cell(part.rmse, part.iterations.first + part.span.last)
        sheet.write_formula(row - 1, 3, f'=IFERROR({end},"diverged")', None, shown)
        sheet.write_formula(row - 1, 4, f'=IF(D{row}=MIN(D${first}:D${last}),"lowest","")', None, told)
        sheet.write_url(row - 1, 5, f"internal:'{name}'!A1", string=name)
    _chart(sheet, workbook, runs, parts)


def _rmse(part: RunSheets) -> float:
    """The last RMSE over all data in the units of the data."""
    run = part.span.run
    return run.full_rmse(part.span.last) * unit(run)


def _chart(sheet: Any, workbook: Any, runs: Lockstep, parts: list[RunSheets]) -> None:
    chart = workbook.add_chart(charts.SCATTER)
    x = "iteration" if runs.pace == "iteration" else "epochs"
    gone, reach = _reach(parts)
    for part, (colour, dash, shape) in zip(parts, LOOKS, strict=False):
        places, begin = list(part.iterations.letters), part.iterations.first - 1
        end = begin + min(part.span.last, charts.CHART_POINTS)
        name = f"{part.number} {part.span.label}{': beyond the axis' * (part.number in gone)}"
        look = {"name": name, "line": {"color": colour, "width": 2, "dash_type": dash}}
        look["marker"] = charts.mark(shape, 6, colour) if part.span.last <= charts.MARKED_ITERATIONS else charts.NO_MARK
        columns = places.index(x), places.index(part.rmse)
        chart.add_series(charts.ranges(part.iterations.sheet, begin, end, *columns) | look)
    charts.finish(chart, "RMSE of all data", {"name": x, "min": 0}, {"name": "RMSE", "min": 0} | reach, (860, 480))
    sheet.insert_chart(4 + len(parts) + 1, 0, chart)


def _reach(parts: list[RunSheets]) -> tuple[set[int], dict[str, float]]:
    """The runs that go so far that the others could not be told apart, and where the axis ends then."""
    largest = {part.number: largest_rmse(part.span.run, part.span.last) for part in parts}
    gone = leaving(largest, {part.number: part.span.run for part in parts}, parts[0].number)
    calm = max((rmse for number, rmse in largest.items() if number not in gone), default=0.0)
    if not gone or not calm or not math.isfinite(calm):
        return set(), {}
    step = tick_step(calm, 5)
    return gone, {"max": math.ceil(calm / step) * step}
