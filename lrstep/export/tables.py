"""The iterations of a run as JSON, CSV, text for people, and Markdown; every writer streams.

The names and their order are the same in JSON and CSV, and their numbers are in full precision: what
Python reads back is the same to the last bit.
"""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import IO, Any

from lrstep.core.run import Run
from lrstep.export.progress import ProgressCallback, checked_range, silent
from lrstep.export.rows import TableRow, dataset_of, diverged_at, row, rows, settings_in_use
from lrstep.export.spans import RunSpan
from lrstep.export.text import write_markdown, write_table
from lrstep.formulas.conditions import Condition
from lrstep.visible import visible_json

__all__ = ["rows", "write_csv", "write_json", "write_markdown", "write_table"]


def write_json(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None,
    tick: ProgressCallback = silent, where: Condition | None = None,
) -> None:  # fmt: skip
    """Write one JSON object: dataset, settings, iterations (one per line) and diverged_at.

    Of scaled data the offsets and widths of the features and the label stand with the dataset.
    Numbers that are not finite are written as Python's json writes and reads them: Infinity,
    -Infinity, NaN. ``diverged_at`` is the first iteration with such a number, or null.
    """
    first, last = checked_range(run, first, last)
    out.write("{\n")
    _write_object(run, out, rows(run, first, last, samples, tick, where), last)
    out.write("}\n")


def _write_object(run: Run, out: IO[str], iterations: Iterable[TableRow], last: int) -> None:
    """What stands between the braces of the object of a run."""
    out.write(f'"dataset": {dump(dataset_of(run))},\n"settings": {dump(settings_in_use(run))},\n"iterations": [')
    write_items(out, iterations)
    out.write(f'\n],\n"diverged_at": {dump(diverged_at(run, last))}\n')


def write_items(out: IO[str], items: Iterable[object]) -> None:
    """Write what stands in a JSON list, one item a line."""
    for place, item in enumerate(items):
        out.write(f"{',' * (place > 0)}\n{dump(item)}")


def write_csv(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None,
    tick: ProgressCallback = silent, where: Condition | None = None,
) -> None:  # fmt: skip
    """Write a line of names and a line per iteration; lists (samples, x, …) are joined by spaces.

    Numbers that are not finite are written as inf, -inf and nan.
    """
    writer = csv.writer(out, lineterminator="\n")
    iterations = rows(run, first, last, samples, tick, where)
    writer.writerow(row(run, run.iteration(first), samples))
    for values in iterations:
        writer.writerow([_cell(value) for value in values.values()])


def write_json_of_runs(
    runs: Sequence[RunSpan], out: IO[str], samples: bool = False, tick: ProgressCallback = silent
) -> None:
    """Write one JSON object with the list ``runs``: the object of each of them, and its ``run`` and ``label``."""
    out.write('{\n"runs": [\n')
    for span in runs:
        out.write(",\n" * (span is not runs[0]) + f'{{\n"run": {span.mark},\n"label": {dump(span.label)},\n')
        _write_object(span.run, out, _rows(span, samples, tick), span.last)
        out.write("}")
    out.write("\n]\n}\n")


def write_csv_of_runs(
    runs: Sequence[RunSpan], out: IO[str], samples: bool = False, tick: ProgressCallback = silent
) -> None:
    """Write a line of names, then run by run a line per iteration, with ``run`` and ``label`` first.

    What only some of the runs have is empty in the lines of the others.
    """
    names = dict.fromkeys(name for span in runs for name in row(span.run, span.run.iteration(1), samples))
    writer = csv.DictWriter(out, ["run", "label", *names], restval="", lineterminator="\n")
    writer.writeheader()
    for span in runs:
        for values in _rows(span, samples, tick):
            cells = {name: _cell(value) for name, value in values.items()}
            writer.writerow({"run": span.mark, "label": span.label, **cells})


def write_markdown_of_runs(
    runs: Sequence[RunSpan], out: IO[str], samples: bool = False, tick: ProgressCallback = silent
) -> None:
    """Write the heading, settings and table of each run, one after the other."""
    for span in filter(attrgetter("length"), runs):
        out.write("\n" * (span.done > 0))
        title = f"Run {span.mark}, {span.label}"
        write_markdown(span.run, out, samples, span.first, span.last, span.after(tick), title)


def _rows(span: RunSpan, samples: bool, tick: ProgressCallback) -> Iterable[TableRow]:
    return rows(span.run, span.first, span.last, samples, span.after(tick)) if span.length else ()


_encoded: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False).encode


def dump(value: object) -> str:
    """A value as JSON in one line, names in their own letters; it may be printed on a terminal."""
    return visible_json(_encoded(value))


def _cell(value: Any) -> str:
    return " ".join(map(repr, value)) if isinstance(value, list) else repr(value)
