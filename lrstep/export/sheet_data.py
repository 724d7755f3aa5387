"""The workbook's sheet Data: the samples as they were given, and scaled beside them where the run scales them."""

from collections.abc import Iterator
from typing import Any

from lrstep.core.run import Run
from lrstep.export.progress import ProgressCallback
from lrstep.export.rows import feature_keys
from lrstep.export.sheet_columns import letter
from lrstep.export.sheets import in_formulas
from lrstep.export.styles import Styles, cell


def first_used(run: Run) -> int:
    """The place of the first feature that the run is trained on; the others and the label come after it."""
    return 1 if run.scaling is None else len(run.raw.columns) + 2


def data_ranges(run: Run, sheet: str = "Data") -> dict[str, str]:
    """What names in formulas stand for: ``data_x`` … are the columns that the run is trained on, ``raw_x`` as given."""
    keys, end = (*feature_keys(run), "y"), len(run.raw) + 1
    firsts = {"data": first_used(run)} | ({"raw": 1} if run.scaling else {})
    places = {f"{kind}_{key}": place for kind, first in firsts.items() for place, key in enumerate(keys, first)}
    return {name: f"{in_formulas(sheet)}!${letter(place)}$2:${letter(place)}${end}" for name, place in places.items()}


def write_data(run: Run, sheet: Any, styles: Styles, last: int, tick: ProgressCallback, given: bool = True) -> None:
    """Fill the sheet.

    Args:
        run: the run.
        sheet: to fill.
        styles: of the workbook.
        last: the iteration whose predictions the chart of several features shows.
        tick: called now and then.
        given: whether the data are given here; otherwise they are those of the sheet Data.
    """
    raw, derived = run.raw, [*_scaled(run), *_shown_prediction(run, last)]
    headings = [*raw.features, raw.label, *(heading for heading, _, _ in derived)]
    for place, heading in enumerate(("row", *headings)):
        sheet.write_string(0, place, heading, styles.heading)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, len(headings), max(16, min(40, *map(len, headings))))
    sheet.freeze_panes(1, 1)
    columns = [column.tolist() for column in (*raw.columns, raw.y)]
    for row, samples in enumerate(zip(*columns, strict=True), 1):
        sheet.write_number(row, 0, row, styles.integer)
        for place, value in enumerate(samples, 1):
            if given:
                sheet.write_number(row, place, cell(value), styles.input)
            else:
                sheet.write_formula(row, place, f"=Data!{letter(place)}{row + 1}", styles.number, cell(value))
        for place, (_, formula, values) in enumerate(derived, len(samples) + 1):
            sheet.write_formula(row, place, formula.format(row + 1), styles.number, cell(values[row - 1]))
        if row % 1000 == 0:
            tick(0)


Derived = tuple[str, str, list[float]]
"""A column that is computed from others: heading, formula with ``{0}`` for the row, and numbers."""


def _scaled(run: Run) -> Iterator[Derived]:
    """Of scaled data each column as the run is trained on it."""
    data = run.dataset
    columns = zip((*data.features, data.label), (*feature_keys(run), "y"), (*data.columns, data.y), strict=True)
    for place, (name, key, values) in enumerate(columns if run.scaling else (), 1):
        yield name, f"=({letter(place)}{{0}}-offset_{key})/width_{key}", values.tolist()


def _shown_prediction(run: Run, last: int) -> Iterator[Derived]:
    """Of data of several features their predictions by the parameters that the chart shows."""
    if len(run.dataset.columns) == 1:
        return
    *weights, bias = (f"shown_{name}" for name in run.parameters)
    terms = [f"{weight}*{letter(place)}{{0}}" for place, weight in enumerate(weights, first_used(run))]
    yield (
        "prediction in the chart",
        f"={'+'.join(terms)}+{bias}",
        run.state(last).predictions(run.dataset.columns).tolist(),
    )
