"""The iterations of a run for people: aligned text for the terminal, and Markdown."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, NamedTuple

from lrstep.core.run import Run
from lrstep.export.progress import Tick, checked_range, silent
from lrstep.export.rows import Row, diverged_at, rows, settings_in_use
from lrstep.plural import counted
from lrstep.visible import visible

MEASURED_ROWS = 500
"""So many rows are laid out before the widths of the columns are fixed; a longer number later on widens its column."""


class Column(NamedTuple):
    """A column of the table: the name in :func:`lrstep.export.rows.rows`, its group and its heading."""

    key: str
    group: str
    heading: str


COLUMNS = (
    Column("iteration", "", "iter"),
    Column("epoch", "", "epoch"),
    Column("batch", "", "batch"),
    Column("loss", "this batch", "loss"),
    Column("rmse", "this batch", "RMSE"),
    Column("cumulative_rmse", "cumulative", "RMSE"),
    Column("gradient_weight", "gradient", "dL/dw"),
    Column("gradient_bias", "gradient", "dL/db"),
    Column("weight", "after the update", "weight"),
    Column("bias", "after the update", "bias"),
    Column("full_loss", "all data, after", "loss"),
    Column("full_rmse", "all data, after", "RMSE"),
)

SAMPLE_HEADINGS = ("#", "x", "y", "prediction", "error", "error^2")


def number(value: float) -> str:
    """A number with 8 significant digits, a whole one as it is: 3, 0.65811384, 1.2345679e-05."""
    return str(value) if isinstance(value, int) else f"{value:#.8g}".removesuffix(".")


def write_table(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None, tick: Tick = silent
) -> None:
    """Write an aligned table for people, numbers with 8 significant digits, ASCII besides the names of the data.

    With ``samples`` the samples of each batch stand indented below it, numbered from 1.
    """
    first, last = checked_range(run, first, last)
    out.writelines(f"{line}\n" for line in _summary(run))
    out.write("\n")
    iterations = rows(run, first, last, samples, tick)
    measured = list(islice(iterations, MEASURED_ROWS))
    widths = [max(len(column.heading), 10 if column.group else 0) for column in COLUMNS]
    for values in measured:
        _widen(widths, _cells(values))
    out.write(_group_line(widths) + "\n" + _line([column.heading for column in COLUMNS], widths) + "\n")
    for values in chain(measured, iterations):
        cells = _cells(values)
        _widen(widths, cells)
        out.write(_line(cells, widths) + "\n")
        if samples:
            out.writelines(f"{line}\n" for line in _sample_lines(values))
    if (diverged := diverged_at(run, last)) is not None:
        out.write(f"\nDiverged: from iteration {diverged} on, numbers are not finite.\n")


def write_markdown(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None, tick: Tick = silent
) -> None:
    """Write a heading, the settings and a Markdown table (8 significant digits); a second table with ``samples``."""
    first, last = checked_range(run, first, last)
    title, *facts = _summary(run)
    out.write(f"# {_escaped(title)}\n\n")
    out.writelines(f"- {_escaped(fact)}\n" for fact in facts)
    out.write("\n")
    headings = [f"{column.group}: {column.heading}".removeprefix(": ") for column in COLUMNS]
    out.writelines(_markdown(headings, (_cells(values) for values in rows(run, first, last, tick=tick))))
    if samples:
        out.write("\n## Samples\n\nPrediction and error with the weights from before the update; # counts from 1.\n\n")
        out.writelines(_markdown(("iteration", *SAMPLE_HEADINGS), _sample_rows(run, first, last, tick)))
    if (diverged := diverged_at(run, last)) is not None:
        out.write(f"\nDiverged: from iteration {diverged} on, numbers are not finite.\n")


def _summary(run: Run) -> Iterator[str]:
    data, used = run.dataset, settings_in_use(run)
    name, feature, label = map(visible, (data.name, data.feature, data.label))
    yield f"{name}: {counted(len(data), 'sample')}, feature {feature}, label {label}"
    order = f"shuffled with seed {used['seed']}" if used["shuffle"] else "in the order of the data"
    length = f"{counted(used['epochs'], 'epoch')}, {counted(run.n_iterations, 'iteration')}"
    yield f"batch size {used['batch_size']}, {length}, {order}"
    optimizer = f"RMSprop: learning rate {used['learning_rate']!r}, rho {used['rho']!r}, epsilon {used['epsilon']!r}"
    if used["momentum"]:
        optimizer += f", momentum {used['momentum']!r}"
    yield optimizer + (", centered" if used["centered"] else "")
    yield f"start: weight {used['weight']!r}, bias {used['bias']!r}"


def _cells(values: Row) -> list[str]:
    return [number(values[column.key]) for column in COLUMNS]


def _widen(widths: list[int], cells: list[str]) -> None:
    widths[:] = map(max, widths, map(len, cells))


def _starts_group(place: int) -> bool:
    return place > 0 and COLUMNS[place].group != COLUMNS[place - 1].group


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (("  " if _starts_group(i) else " ") + cell.rjust(widths[i]) for i, cell in enumerate(cells))
    return "".join(padded)[1:]


def _group_line(widths: list[int]) -> str:
    """The heading above the headings: each group's name, flush left over the group's first column."""
    line = ""
    start = 0
    for place, width in enumerate(widths):
        start += 2 if _starts_group(place) else place > 0
        if _starts_group(place):
            line = line.ljust(start) + COLUMNS[place].group
        start += width
    return line


def _samples(values: Row) -> Iterator[list[str]]:
    names = ("samples", "x", "y", "prediction", "error")
    for sample, x, y, prediction, error in zip(*(values[name] for name in names), strict=True):
        yield [str(sample + 1), repr(x), repr(y), number(prediction), number(error), number(error * error)]


def _sample_lines(values: Row) -> Iterator[str]:
    cells = [list(SAMPLE_HEADINGS), *_samples(values)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield " " * 12 + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))


def _sample_rows(run: Run, first: int, last: int, tick: Tick) -> Iterator[list[str]]:
    for values in rows(run, first, last, samples=True, tick=tick):
        for cells in _samples(values):
            yield [str(values["iteration"]), *cells]


def _markdown(headings: Iterable[str], table: Iterable[list[str]]) -> Iterator[str]:
    headings = list(headings)
    yield f"| {' | '.join(headings)} |\n"
    yield f"|{'|'.join(' ---: ' for _ in headings)}|\n"
    for cells in table:
        yield f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, "\\" + mark)
    return text
