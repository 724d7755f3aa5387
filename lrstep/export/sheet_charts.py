"""The charts of the workbook's first sheet, and the cells that hold the ends of their lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.export.sheet_columns import SheetLayout
from lrstep.export.sheet_data import first_used
from lrstep.export.sheets import Sheets
from lrstep.export.styles import Styles, cell

CHART_POINTS = 32_000
"""More points in one series are slow to draw in a spreadsheet; data beyond that is left out of the chart."""

MARKED_ITERATIONS = 60
"""Up to so many iterations each point of the RMSE chart has a mark."""

SCATTER = {"type": "scatter", "subtype": "straight"}
NO_MARK = {"type": "none"}

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#7F7F7F"
"""From the palette of Okabe and Ito, which colour-blind people can tell apart."""


@dataclass(frozen=True, eq=False)
class Overview:
    """What the sheet is made from: the run, its sheets, where Iterations has its columns, and a title of the run."""

    run: Run
    sheets: Sheets
    sheet: Any
    styles: Styles
    layout: SheetLayout
    last: int
    title: str = ""

    def column(self, key: str) -> str:
        """The range of a column of Iterations from the start row on."""
        first = self.layout.first
        return self.layout.span(key, first, first + self.last, fixed=True)


def add_charts(o: Overview, row: int) -> None:
    """Both charts; ``row`` (from 0) is the first of three that hold the ends of lines."""
    if len(o.run.dataset.columns) == 1:
        _fit_chart(o, row)
    else:
        _predictions_chart(o, row)
    _rmse_chart(o)


def _ends(o: Overview, row: int, key: str, values: Floats, headings: list[str]) -> Iterator[tuple[int, float]]:
    """Write headings, and below them the ends of the data in column A; each of the two rows (from 0) and its number."""
    for column, text in enumerate((key, *headings)):
        o.sheet.write_string(row, column, text, o.styles.section)
    for at, (name, end) in enumerate((("MIN", float(values.min())), ("MAX", float(values.max()))), row + 1):
        o.sheet.write_formula(at, 0, f"={name}(data_{key})", o.styles.number, cell(end))
        yield at, end


def _fit_chart(o: Overview, row: int) -> None:
    data, after, reference = o.run.dataset, o.run.state(o.last), o.run.reference
    lines: tuple[tuple[str, str, float, float, str, str], ...] = (
        ("line at the start", "start", o.run.start.weights[0], o.run.start.bias, GREY, "dash"),
        ("line after the iteration", "shown", after.weights[0], after.bias, BLUE, "solid"),
        ("least-squares line", "least_squares", reference.weights[0], reference.bias, GREEN, "long_dash_dot"),
    )
    for at, x in _ends(o, row, "x", data.columns[0], [line[0] for line in lines]):
        for column, (_, prefix, weight, bias, *_) in enumerate(lines, 1):
            formula = f"={prefix}_weight*A{at + 1}+{prefix}_bias"
            o.sheet.write_formula(at, column, formula, o.styles.number, cell(weight * x + bias))
    chart = o.sheets.workbook.add_chart(SCATTER)
    chart.add_series({"name": "data"} | _dots(o, first_used(o.run), first_used(o.run) + 1))
    for column, (*_, colour, dash) in enumerate(lines, 1):
        chart.add_series(_end_to_end(o, [o.sheets.name("Settings"), row, column], row + 1, column, colour, dash))
    _finish(o, chart, "The line over the data", data.features[0], data.label, "E4")


def _predictions_chart(o: Overview, row: int) -> None:
    """Of several features: predictions against labels; the better, the nearer to the diagonal."""
    for at, y in _ends(o, row, "y", o.run.dataset.y, ["right prediction"]):
        o.sheet.write_formula(at, 1, f"=A{at + 1}", o.styles.number, cell(y))
    chart = o.sheets.workbook.add_chart(SCATTER)
    k = len(o.run.dataset.columns)
    chart.add_series({"name": "samples"} | _dots(o, first_used(o.run) + k, first_used(o.run) + k + 1))
    chart.add_series(_end_to_end(o, "right prediction", row + 1, 1, GREY, "dash"))
    _finish(o, chart, "Predictions against labels", o.run.dataset.label, "prediction", "E4")


def _dots(o: Overview, x: int, y: int) -> dict[str, Any]:
    """A series of marks, from two columns of Data."""
    end = min(len(o.run.dataset), CHART_POINTS)
    return ranges(o.sheets.name("Data"), 1, end, x, y) | {"line": {"none": True}, "marker": mark("circle", 6, "black")}


def _end_to_end(o: Overview, name: Any, top: int, column: int, colour: str, dash: str) -> dict[str, Any]:
    """A series of one line between two points of Settings."""
    line = {"color": colour, "width": 2.25, "dash_type": dash}
    return ranges(o.sheets.name("Settings"), top, top + 1, 0, column) | {"name": name, "line": line, "marker": NO_MARK}


def _rmse_chart(o: Overview) -> None:
    chart = o.sheets.workbook.add_chart(SCATTER)
    looks = (
        ("rmse", "this batch", ORANGE, "round_dot", "diamond"),
        ("cumulative_rmse", "epoch so far (Keras prints)", BLUE, "dash", "square"),
        ("full_rmse", "all data, after", GREEN, "solid", "circle"),
    )
    first, last = o.layout.first, o.layout.first + o.last - 1
    places = list(o.layout.letters)
    for key, name, colour, dash, shape in looks:
        look = {"name": name, "line": {"color": colour, "width": 2, "dash_type": dash}}
        look["marker"] = mark(shape, 5, colour) if o.last <= MARKED_ITERATIONS else NO_MARK
        chart.add_series(ranges(o.layout.sheet, first, last, 0, places.index(key)) | look)
    _finish(o, chart, "RMSE", "iteration", "RMSE", "E26")


def _finish(o: Overview, chart: Any, title: str, x: str, y: str, at: str) -> None:
    finish(chart, title, {"name": x}, {"name": y}, (640, 420))
    o.sheet.insert_chart(at, chart)


def mark(shape: str, size: int, colour: str) -> dict[str, Any]:
    """A filled mark of a series."""
    return {"type": shape, "size": size, "fill": {"color": colour}, "border": {"none": True}}


def ranges(sheet: str, first: int, last: int, x: int, y: int) -> dict[str, Any]:
    """Where a series has its numbers: two columns of a sheet, from one row to another, all from 0."""
    return {"categories": [sheet, first, x, last, x], "values": [sheet, first, y, last, y]}


def finish(chart: Any, title: str, x: dict[str, Any], y: dict[str, Any], size: tuple[int, int]) -> None:
    """Give a chart its title, its axes, lines across, a legend, and its size in pixels."""
    chart.set_title({"name": title, "overlay": False, "name_font": {"size": 14}})
    chart.set_x_axis({"major_gridlines": {"visible": False}} | x)
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}} | y)
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.show_blanks_as("gap")
