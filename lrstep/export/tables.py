"""The iterations of a run as JSON, CSV, text for people, and Markdown; every writer streams.

The names and their order are the same in JSON and CSV, and their numbers are in full precision: what
Python reads back is the same to the last bit.
"""

import csv
import json
from collections.abc import Callable
from typing import IO, Any

from lrstep.core.run import Run
from lrstep.export.output import open_output
from lrstep.export.progress import Tick, checked_range, silent
from lrstep.export.rows import dataset_of, diverged_at, row, rows, settings_in_use
from lrstep.export.text import write_markdown, write_table
from lrstep.formulas.conditions import Condition

__all__ = ["open_output", "rows", "write_csv", "write_json", "write_markdown", "write_table"]


def write_json(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None, tick: Tick = silent,
    where: Condition | None = None,
) -> None:  # fmt: skip
    """Write one JSON object: dataset, settings, iterations (one per line) and diverged_at.

    Of scaled data the offsets and widths of the features and the label stand with the dataset.
    Numbers that are not finite are written as Python's json writes and reads them: Infinity,
    -Infinity, NaN. ``diverged_at`` is the first iteration with such a number, or null.
    """
    first, last = checked_range(run, first, last)
    dump: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False).encode
    out.write(f'{{\n"dataset": {dump(dataset_of(run))},\n"settings": {dump(settings_in_use(run))},\n"iterations": [')
    separator = "\n"
    for values in rows(run, first, last, samples, tick, where):
        out.write(separator + dump(values))
        separator = ",\n"
    out.write(f'\n],\n"diverged_at": {dump(diverged_at(run, last))}\n}}\n')


def write_csv(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None, tick: Tick = silent,
    where: Condition | None = None,
) -> None:  # fmt: skip
    """Write a line of names and a line per iteration; lists (samples, x, …) are joined by spaces.

    Numbers that are not finite are written as inf, -inf and nan.
    """
    writer = csv.writer(out, lineterminator="\n")
    iterations = rows(run, first, last, samples, tick, where)
    writer.writerow(row(run, run.iteration(first), samples))
    for values in iterations:
        writer.writerow([_cell(value) for value in values.values()])


def _cell(value: Any) -> str:
    return " ".join(map(repr, value)) if isinstance(value, list) else repr(value)
