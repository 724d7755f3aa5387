"""The workbook's first sheet, Settings: the named cells that drive the run, the result and the charts."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lrstep.core.scaling import WAYS
from lrstep.core.setting import Field
from lrstep.core.settings import FIELDS, Settings
from lrstep.export.rows import feature_keys
from lrstep.export.sheet_charts import Overview, add_charts
from lrstep.export.sheet_columns import full_loss, letter
from lrstep.export.sheet_data import first_used
from lrstep.export.sheets import in_formulas
from lrstep.export.styles import cell
from lrstep.export.text import starts
from lrstep.formulas.update import SETTINGS, leaves, update_formulas
from lrstep.plural import counted


class Entry(NamedTuple):
    """One line of the sheet: label, name of the cell, its value, its formula ("" for a constant) and a note."""

    label: str
    name: str
    value: float | str
    formula: str = ""
    note: str = ""
    rule: dict[str, Any] | None = None


def write_overview(o: Overview) -> None:
    """Fill the sheet Settings and name its cells."""
    data = o.run.dataset
    name = f"{o.title}: {data.name}" if o.title else data.name
    for column, width in enumerate((28, 21, 25, 60)):
        o.sheet.set_column(column, column, width)
    title = f"{name}: mini-batch {o.run.settings.rule.title}, {counted(o.last, 'iteration')}"
    o.sheet.write_string(0, 0, title, o.styles.title)
    o.sheet.write_string(1, 0, HOW, o.styles.label)
    row = _section(o, 3, "Settings", inputs(o), o.styles.input)
    row = _section(o, row, "Fixed by the layout of the rows", fixed(o), o.styles.fixed)
    if o.run.scaling is not None:
        row = _section(o, row, f"Scaling: {o.run.settings.scale}", list(scaling(o)), o.styles.number)
    row = _section(o, row, LEAST_SQUARES[len(data.columns) > 1], least_squares(o), o.styles.number)
    row = _shown(o, row)
    add_charts(o, row)
    o.sheet.freeze_panes(2, 0)


HOW = "Change a yellow cell here or in Data: the whole run is computed anew. To change a grey one, export again."

LEAST_SQUARES = ("Least-squares line", "Least squares")
"""The title of that section, of one feature and of several."""


def inputs(o: Overview) -> list[Entry]:
    """The settings that may be changed in the sheet: those that stand in its formulas, and the start."""
    s = o.run.settings
    names = live_settings(s)
    start = "drawn from Glorot uniform" if s.weight is None else "as given"
    notes = dict.fromkeys(o.run.parameters, "before iteration 1")
    notes |= dict.fromkeys(o.run.parameters[:-1], f"before iteration 1; {start}")
    # What a recorded run's slots begin with is rounded to Keras's precision.
    begins = {slot.start: o.run.start.slots[slot.name][0] for slot in o.run.slots}
    values = {n: begins.get(n, getattr(s, n)) for n in names}
    return [
        *(Entry(FIELDS[n].label, n, v, note=_note(FIELDS[n]), rule=_rule(FIELDS[n])) for n, v in values.items()),
        *(Entry(f"start {n.replace('_', ' ')}", f"start_{n}", v, note=notes[n]) for n, v in starts(o.run).items()),
    ]


def live_settings(settings: Settings) -> list[str]:
    """The settings that the formulas of the optimizer's step, or the start of its slots, have as a number."""
    formulas = update_formulas(settings)
    used: set[object] = {SETTINGS.get(leaf.name) for tree in formulas.trees.values() for leaf in leaves(tree)}
    used |= {slot.start for slot in formulas.slots.values()}
    return [name for name in ("learning_rate", *settings.rule.options) if name in used]


def _note(field: Field) -> str:
    return f"{field.help.removesuffix('.')}; {field.range}"


def _rule(field: Field) -> dict[str, Any]:
    """What the spreadsheet accepts for a setting."""
    if not field.accepts(2.0):
        return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    return {"validate": "decimal", "criteria": ">=" if field.accepts(0.0) else ">", "value": 0}


def fixed(o: Overview) -> list[Entry]:
    """What the rows of Samples and Iterations are laid out for."""
    s, batches = o.run.settings, o.run.batches
    order = f"yes, seed {s.seed}" if s.shuffle else "no" if batches.in_order_of_data else "an order of its own"
    return [
        Entry("samples", "n_samples", batches.n, "=COUNT(data_y)", "rows of Data"),
        Entry(
            "batch size", "batch_size", batches.size, f"={o.layout.cell('m', o.layout.first + 1)}",
            "of the first batch; fixed: typing another here has no effect",
        ),
        Entry(
            "iterations per epoch", "iterations_per_epoch", batches.per_epoch, "=ROUNDUP(n_samples/batch_size,0)",
            "samples / batch size, rounded up",
        ),
        Entry("iterations in this workbook", "iterations", o.last, f"=COUNT({o.column('iteration')})-1",
              f"of {o.run.n_iterations} in {counted(s.epochs, 'epoch')}"),
        Entry("shuffle", "", order, note="the order stands in Samples, as rows of Data"),
        *_switches(s),
    ]  # fmt: skip


def _switches(s: Settings) -> Iterator[Entry]:
    """The options of the optimizer that decide what its formulas are."""
    live = live_settings(s)
    for name in s.rule.options:
        value = getattr(s, name)
        if name not in live:
            shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
            yield Entry(FIELDS[name].label, "", shown, note="decides which columns there are")


SCALED = {"standard": ("AVERAGE({0})", "STDEVP({0})"), "minmax": ("MIN({0})", "MAX({0})-MIN({0})")}
"""Way of scaling → what is taken off a column, and what it is divided by, as the spreadsheet has it."""


def scaling(o: Overview) -> Iterator[Entry]:
    """What is taken off each column and what it is divided by, live from Data."""
    assert o.run.scaling is not None
    raw, found, method = o.run.raw, o.run.scaling, o.run.settings.scale
    names = ((*feature_keys(o.run), "y"), (*raw.features, raw.label))
    for key, column, offset, width, constant in zip(*names, *found, strict=True):
        for part, value, formula in zip(("offset", "width"), (offset, width), SCALED[method], strict=True):
            live, note = f"={formula.format(f'raw_{key}')}", f"{getattr(WAYS[method], part)} of {column}"
            if constant:
                live, note = "", f"{column} stays as it is: all values are equal"
            yield Entry(f"{part} of {key}", f"{part}_{key}", value, live, note)


def least_squares(o: Overview) -> list[Entry]:
    """The best line (or plane), live from Data."""
    r = o.run.reference
    xs = feature_keys(o.run)
    best = [f"least_squares_{name}" for name in o.run.parameters]
    bias = "-".join(["y_mean", *(f"{weight}*{x}_mean" for weight, x in zip(best, xs, strict=False))])
    loss = full_loss(o.run, "least_squares_{}".format)
    return [
        *(Entry(f"mean of {x}", f"{x}_mean", mean, f"=SUM(data_{x})/n_samples")
          for x, mean in zip(xs, r.x_means, strict=True)),
        Entry("mean of y", "y_mean", r.y_mean, "=SUM(data_y)/n_samples"),
        *(_slope(o) if len(xs) == 1 else _slopes(o, best)),
        Entry("bias", best[-1], r.bias, f"={bias}", "mean y − weight · mean x"),
        Entry("loss", "least_squares_loss", r.loss, loss, "mean squared error of that over all of Data"),
    ]  # fmt: skip


def _slope(o: Overview) -> list[Entry]:
    """The weight of the one feature, in closed form."""
    r = o.run.reference
    spread = "SUMPRODUCT((data_x-x_mean)*(data_y-y_mean))/n_samples/x_variance"
    # The mean of equal numbers need not be that number to the last bit.
    variance = "=IF(MIN(data_x)=MAX(data_x),0,SUMPRODUCT((data_x-x_mean)^2)/n_samples)"
    return [
        Entry("variance of x", "x_variance", r.x_variances[0], variance),
        Entry("weight", "least_squares_weight", r.weight, f"=IF(x_variance=0,0,{spread})",
              "covariance of x and y / variance of x"),
    ]  # fmt: skip


def _slopes(o: Overview, names: list[str]) -> list[Entry]:
    """The weights of several features, by the spreadsheet's own regression, which has them in reverse order."""
    r, k = o.run.reference, len(names) - 1
    note = "" if r.exists else "as exported: many are equally good, for the features depend on each other"
    first = first_used(o.run)
    xs = f"{in_formulas(o.sheets.name('Data'))}!${letter(first)}$2:${letter(first + k - 1)}${len(o.run.dataset) + 1}"
    formulas = (f"=INDEX(LINEST(data_y,{xs}),1,{k - place})" if r.exists else "" for place in range(k))
    return [
        Entry(name.removeprefix("least_squares_"), name, weight, formula, note)
        for name, weight, formula in zip(names, r.weights, formulas, strict=False)
    ]


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
    else:
        o.sheet.write(row, 1, value, style)
    o.sheet.write_string(row, 2, entry.name, o.styles.note)
    o.sheet.write_string(row, 3, entry.note, o.styles.note)
    if entry.name:
        o.sheets.define(entry.name, f"{in_formulas(o.sheets.name('Settings'))}!$B${row + 1}")
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
    for place, (key, value) in enumerate(zip(o.run.parameters, after.parameters, strict=True), row + 2):
        formula = f"=INDEX({o.column(key)},shown_iteration+1)"
        _entry(o, place, Entry(key, f"shown_{key}", value, formula), o.styles.number)
    return row + 3 + len(after.parameters)
