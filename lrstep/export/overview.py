"""The workbook's first sheet, Settings: the named cells that drive the run, the result and the charts."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from lrstep.core.run import Run
from lrstep.export.sheet_columns import Layout
from lrstep.export.styles import Styles, cell
from lrstep.plural import counted

CHART_POINTS = 32_000
"""More points in one series are slow to draw in a spreadsheet; data beyond that is left out of the chart."""

MARKED_ITERATIONS = 60
"""Up to so many iterations each point of the RMSE chart has a mark."""

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#7F7F7F"
"""From the palette of Okabe and Ito, which colour-blind people can tell apart."""


class Entry(NamedTuple):
    """One line of the sheet: label, name of the cell, its value, its formula ("" for a constant) and a note."""

    label: str
    name: str
    value: float | str
    formula: str = ""
    note: str = ""
    rule: dict[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Overview:
    """What the sheet is made from: the run, its workbook, and where the sheet Iterations has its columns."""

    run: Run
    workbook: Any
    sheet: Any
    styles: Styles
    layout: Layout
    last: int

    def column(self, key: str) -> str:
        """The range of a column of Iterations from the start row on."""
        first = self.layout.first
        return self.layout.span(key, first, first + self.last, fixed=True)


def write_overview(o: Overview) -> None:
    """Fill the sheet Settings and name its cells."""
    data = o.run.dataset
    for column, width in enumerate((28, 21, 25, 60)):
        o.sheet.set_column(column, column, width)
    o.sheet.write_string(0, 0, f"{data.name}: mini-batch RMSprop, {counted(o.last, 'iteration')}", o.styles.title)
    o.sheet.write_string(
        1,
        0,
        "Change a yellow cell here or in Data: the whole run is computed anew. To change a grey one, export again.",
        o.styles.label,
    )
    row = _section(o, 3, "Settings", inputs(o), o.styles.input)
    row = _section(o, row, "Fixed by the layout of the rows", fixed(o), o.styles.fixed)
    row = _section(o, row, "Least-squares line", least_squares(o), o.styles.number)
    row = _shown(o, row)
    _lines(o, row)
    _fit_chart(o, row + 1)
    _rmse_chart(o)
    o.sheet.freeze_panes(2, 0)
    o.sheet.activate()


def inputs(o: Overview) -> list[Entry]:
    """The settings that may be changed in the sheet."""
    s = o.run.settings
    share = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    above = {"validate": "decimal", "criteria": ">", "value": 0}
    at_least = {"validate": "decimal", "criteria": ">=", "value": 0}
    switch = {"validate": "list", "source": [0, 1]}
    start = "drawn from Glorot uniform" if s.weight is None else "as given"
    return [
        Entry("learning rate", "learning_rate", s.learning_rate, note="size of a step; above 0", rule=above),
        Entry("rho", "rho", s.rho, note="share of the old accumulator that is kept; 0 to below 1", rule=share),
        Entry("epsilon", "epsilon", s.epsilon, note="added under the root; at least 0", rule=at_least),
        Entry("momentum", "momentum", s.momentum, note="share of the previous step that is kept; 0 to 1", rule=share),
        Entry(
            "centered",
            "centered",
            int(s.centered),
            note="1: divide by the standard deviation of the gradient; 0: no",
            rule=switch,
        ),
        Entry("start weight", "start_weight", o.run.start.weight, note=f"slope before iteration 1; {start}"),
        Entry("start bias", "start_bias", s.bias, note="intercept before iteration 1"),
    ]


def fixed(o: Overview) -> list[Entry]:
    """What the rows of Samples and Iterations are laid out for."""
    s, batches = o.run.settings, o.run.batches
    order = f"yes, seed {s.seed}" if s.shuffle else "no"
    return [
        Entry("samples", "n_samples", batches.n, "=COUNT(data_x)", "rows of Data"),
        Entry(
            "batch size", "batch_size", batches.size, f"=Iterations!{o.layout.letters['m']}{o.layout.first + 1}",
            "of the first batch; fixed: typing another here has no effect",
        ),
        Entry(
            "iterations per epoch", "iterations_per_epoch", batches.per_epoch, "=ROUNDUP(n_samples/batch_size,0)",
            "samples / batch size, rounded up",
        ),
        Entry("iterations in this workbook", "iterations", o.last, f"=COUNT({o.column('iteration')})-1",
              f"of {o.run.n_iterations} in {counted(s.epochs, 'epoch')}"),
        Entry("shuffle", "", order, note="the order stands in Samples, as rows of Data"),
    ]  # fmt: skip


def least_squares(o: Overview) -> list[Entry]:
    """The closed-form line, live from Data."""
    r = o.run.reference
    spread = "SUMPRODUCT((data_x-x_mean)*(data_y-y_mean))/n_samples/x_variance"
    loss = "=SUMPRODUCT((least_squares_weight*data_x+least_squares_bias-data_y)^2)/n_samples"
    return [
        Entry("mean of x", "x_mean", r.x_mean, "=SUM(data_x)/n_samples"),
        Entry("mean of y", "y_mean", r.y_mean, "=SUM(data_y)/n_samples"),
        Entry("variance of x", "x_variance", r.x_variance, "=SUMPRODUCT((data_x-x_mean)^2)/n_samples"),
        Entry(
            "weight", "least_squares_weight", r.weight, f"=IF(x_variance=0,0,{spread})",
            "covariance of x and y / variance of x",
        ),
        Entry("bias", "least_squares_bias", r.bias, "=y_mean-least_squares_weight*x_mean", "mean y − weight · mean x"),
        Entry("loss", "least_squares_loss", r.loss, loss, "mean squared error of that line over all of Data"),
    ]  # fmt: skip


def _section(o: Overview, row: int, title: str, entries: list[Entry], style: Any) -> int:
    """Write a heading and its lines from ``row`` (from 0) on; return the row of the next section."""
    for column, text in enumerate((title, "", "named cell", "")):
        o.sheet.write_string(row, column, text, o.styles.section)
    for at, entry in enumerate(entries, row + 1):
        _entry(o, at, entry, style)
    return row + len(entries) + 2


def _entry(o: Overview, row: int, entry: Entry, style: Any) -> None:
    o.sheet.write_string(row, 0, entry.label, o.styles.label)
    value = entry.value if isinstance(entry.value, str) else cell(entry.value)
    if entry.formula:
        o.sheet.write_formula(row, 1, entry.formula, style, value)
    elif isinstance(value, str):
        o.sheet.write_string(row, 1, value, style)
    else:
        o.sheet.write_number(row, 1, value, style)
    o.sheet.write_string(row, 2, entry.name, o.styles.note)
    o.sheet.write_string(row, 3, entry.note, o.styles.note)
    if entry.name:
        o.workbook.define_name(entry.name, f"=Settings!$B${row + 1}")
    if entry.rule:
        o.sheet.data_validation(row, 1, row, 1, entry.rule)


def _shown(o: Overview, row: int) -> int:
    """The iteration whose line the chart shows; return the row after it."""
    after = o.run.state(o.last)
    rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": o.last}
    note = "the chart shows the line after this iteration; 0 is the start"
    _section(
        o, row, "Line in the chart", [Entry("iteration", "shown_iteration", o.last, "", note, rule)], o.styles.input
    )
    for place, key in enumerate(("weight", "bias"), row + 2):
        formula = f"=INDEX({o.column(key)},shown_iteration+1)"
        _entry(o, place, Entry(key, f"shown_{key}", getattr(after, key), formula), o.styles.number)
    return row + 5


def _lines(o: Overview, row: int) -> None:
    """Both ends of the three lines of the chart, below a row of headings."""
    after, reference = o.run.state(o.last), o.run.reference
    lines = (
        ("line at the start", "start", o.run.start.weight, o.run.start.bias),
        ("line after the iteration", "shown", after.weight, after.bias),
        ("least-squares line", "least_squares", reference.weight, reference.bias),
    )
    for column, text in enumerate(("x", *(line[0] for line in lines))):
        o.sheet.write_string(row, column, text, o.styles.section)
    x_data = o.run.dataset.x
    for at, (name, x) in enumerate((("MIN", float(x_data.min())), ("MAX", float(x_data.max()))), row + 1):
        o.sheet.write_formula(at, 0, f"={name}(data_x)", o.styles.number, cell(x))
        for column, (_, prefix, weight, bias) in enumerate(lines, 1):
            formula = f"={prefix}_weight*A{at + 1}+{prefix}_bias"
            o.sheet.write_formula(at, column, formula, o.styles.number, cell(weight * x + bias))


def _fit_chart(o: Overview, top: int) -> None:
    chart = o.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    data = o.run.dataset
    end = min(len(data), CHART_POINTS)
    chart.add_series(
        {
            "name": "data",
            "categories": ["Data", 1, 1, end, 1],
            "values": ["Data", 1, 2, end, 2],
            "line": {"none": True},
            "marker": {"type": "circle", "size": 6, "fill": {"color": "black"}, "border": {"none": True}},
        }
    )
    for column, (colour, dash) in enumerate(((GREY, "dash"), (BLUE, "solid"), (GREEN, "long_dash_dot")), 1):
        chart.add_series(
            {
                "name": ["Settings", top - 1, column],
                "categories": ["Settings", top, 0, top + 1, 0],
                "values": ["Settings", top, column, top + 1, column],
                "line": {"color": colour, "width": 2.25, "dash_type": dash},
                "marker": {"type": "none"},
            }
        )
    _finish(o, chart, "The line over the data", data.feature, data.label, "E4")


def _rmse_chart(o: Overview) -> None:
    chart = o.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    looks = (
        ("rmse", "this batch", ORANGE, "round_dot", "diamond"),
        ("cumulative_rmse", "cumulative (Keras prints)", BLUE, "dash", "square"),
        ("full_rmse", "all data, after the update", GREEN, "solid", "circle"),
    )
    first, last = o.layout.first, o.layout.first + o.last - 1
    places = list(o.layout.letters)
    for key, name, colour, dash, shape in looks:
        marker = {"type": shape, "size": 5, "fill": {"color": colour}, "border": {"none": True}}
        chart.add_series(
            {
                "name": name,
                "categories": ["Iterations", first, 0, last, 0],
                "values": ["Iterations", first, places.index(key), last, places.index(key)],
                "line": {"color": colour, "width": 2, "dash_type": dash},
                "marker": marker if o.last <= MARKED_ITERATIONS else {"type": "none"},
            }
        )
    _finish(o, chart, "RMSE", "iteration", "RMSE", "E26")


def _finish(o: Overview, chart: Any, title: str, x: str, y: str, at: str) -> None:
    chart.set_title({"name": title, "overlay": False, "name_font": {"size": 14}})
    chart.set_x_axis({"name": x, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"name": y, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 640, "height": 420})
    chart.show_blanks_as("gap")
    o.sheet.insert_chart(at, chart)
