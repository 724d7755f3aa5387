"""The workbook's sheet Data: the samples as they were given, and scaled beside them where the run scales them."""

from collections.abc import Callable
from typing import Any

from lrstep.core.arithmetic import prediction
from lrstep.core.run import Run
from lrstep.export.progress import Tick
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


def write_data(run: Run, sheet: Any, styles: Styles, last: int, tick: Tick, given: bool = True) -> None:
    """Fill the sheet.

    Args:
        run: the run.
        sheet: to fill.
        styles: of the workbook.
        last: the iteration whose predictions the chart of several features shows.
        tick: called now and then.
        given: whether the data are given here; otherwise they are those of the sheet Data.
    """
    raw, data = run.raw, run.dataset
    headings = [*raw.features, raw.label]
    further: list[Callable[[int, tuple[float, ...]], None]] = []
    if run.scaling is not None:
        headings += [*data.features, data.label]
        further.append(_scaled(run, sheet, styles))
    if len(data.columns) > 1:
        headings.append("prediction in the chart")
        further.append(_shown_prediction(run, sheet, styles, last))
    for place, heading in enumerate(("row", *headings)):
        sheet.write_string(0, place, heading, styles.heading)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, len(headings), max(16, min(40, *map(len, headings))))
    sheet.freeze_panes(1, 1)
    columns = [column.tolist() for column in (*raw.columns, raw.y)]
    used = [column.tolist() for column in (*data.columns, data.y)]
    for row, (samples, values) in enumerate(zip(zip(*columns, strict=True), zip(*used, strict=True), strict=True), 1):
        sheet.write_number(row, 0, row, styles.integer)
        for place, value in enumerate(samples, 1):
            if given:
                sheet.write_number(row, place, cell(value), styles.input)
            else:
                sheet.write_formula(row, place, f"=Data!{letter(place)}{row + 1}", styles.number, cell(value))
        for write in further:
            write(row, values)
        if row % 1000 == 0:
            tick(0)


def _scaled(run: Run, sheet: Any, styles: Styles) -> Callable[[int, tuple[float, ...]], None]:
    keys, first = (*feature_keys(run), "y"), first_used(run)

    def write(row: int, values: tuple[float, ...]) -> None:
        for place, (key, value) in enumerate(zip(keys, values, strict=True)):
            formula = f"=({letter(place + 1)}{row + 1}-offset_{key})/width_{key}"
            sheet.write_formula(row, first + place, formula, styles.number, cell(value))

    return write


def _shown_prediction(run: Run, sheet: Any, styles: Styles, last: int) -> Callable[[int, tuple[float, ...]], None]:
    """Beside data of several features their predictions by the parameters that the chart shows."""
    names, state, first = run.parameters, run.state(last), first_used(run)
    place = first + len(names)

    def write(row: int, values: tuple[float, ...]) -> None:
        letters = dict(zip(names, map(letter, range(first, place)), strict=True))
        terms = [f"shown_{name}*{letters[name]}{row + 1}" for name in names[:-1]]
        value = float(prediction(state.weights, values[:-1], state.bias))
        sheet.write_formula(row, place, f"={'+'.join(terms)}+shown_{names[-1]}", styles.number, cell(value))

    return write
