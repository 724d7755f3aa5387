"""The iterations of a run for people: aligned text for the terminal, and Markdown."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from lrstep.core.arithmetic import rmse
from lrstep.core.run import Run
from lrstep.core.settings import FIELDS, Settings
from lrstep.export.aligned import Column, Columns, cells, laid_out, number
from lrstep.export.progress import ProgressCallback, checked_range, silent
from lrstep.export.rows import TableRow, diverged_at, feature_keys, rows, settings_in_use, start_row, unscaled
from lrstep.formulas.conditions import Condition
from lrstep.plural import counted
from lrstep.visible import visible

KERAS = "Keras prints"
"""Heads the RMSE of the epoch so far."""

LEGEND = (
    f"{KERAS}: RMSE of the epoch so far, weights from before each update",
    "all data, after: Keras's val_loss and val_root_mean_squared_error",
)

NARROW_GROUPS = {"after the update": "after", "all data, after": "all data"}

COUNTS = ("iteration", "epoch", "batch")


def columns(run: Run) -> Columns:
    """The columns of the table: counting, this batch, the parameters, all data."""
    return (
        *(Column(key, "", heading) for key, heading in zip(COUNTS, ("iter", "epoch", "batch"), strict=True)),
        Column("loss", "this batch", "loss"),
        Column("rmse", "this batch", "RMSE"),
        Column("cumulative_rmse", KERAS, "RMSE"),
        *(Column(f"gradient_{name}", "gradient", f"dL/d{name[0]}{name[6:]}") for name in run.parameters),
        *(Column(name, "after the update", name) for name in run.parameters),
        Column("full_loss", "all data, after", "loss"),
        Column("full_rmse", "all data, after", "RMSE"),
    )


def narrow_columns(run: Run, parameters: int) -> Columns:
    """The columns that say what each model is and does, with so many of its parameters, under shorter headings."""
    wide = {column.key: column for column in columns(run)}
    shown = run.parameters[:parameters]
    kept = [wide[key] for key in (*COUNTS, "loss", "cumulative_rmse", *shown, "full_rmse")]
    return tuple(column._replace(group=NARROW_GROUPS.get(column.group, column.group)) for column in kept)


def sample_headings(run: Run) -> tuple[str, ...]:
    """The columns of the samples of a batch."""
    return ("#", *feature_keys(run), "y", "prediction", "error", "error^2")


def write_table(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None,
    tick: ProgressCallback = silent, where: Condition | None = None, width: int | None = None,
) -> None:  # fmt: skip
    """Write an aligned table for people, numbers with 8 significant digits, ASCII besides the names of the data.

    Iteration 0 is the start, before any step; it has no batch. With ``samples`` the samples of each batch stand
    indented below it, numbered from 1.

    Args:
        run, samples, first, last, tick, where: as for :func:`lrstep.export.rows.rows`; the start comes before the
            first iteration, if the condition holds there.
        width: where the table is wider, it has only the columns of :func:`narrow_columns`, and of many parameters as
            many as there is room for, at least one.
    """
    first, last = checked_range(run, first, last)
    start = [start_row(run)] if first == 1 and (where is None or where.holds(run, 0, 0)[0]) else []
    iterations = chain(start, rows(run, first, last, samples, tick, where))
    narrow = (narrow_columns(run, count) for count in range(len(run.parameters), 0, -1))
    headings, lines = laid_out(iterations, [columns(run), *narrow], run.parameters, width)
    out.writelines(f"{fact}\n" for fact in (*summary(run), *LEGEND))
    if where is not None:
        out.write(f"only where {where.text}\n")
    out.writelines(f"{heading}\n" for heading in headings)
    for values, shown in lines:
        out.write(f"{shown}\n")
        if samples and values["iteration"]:
            out.writelines(f"{sample}\n" for sample in _sample_lines(run, values))
    _end(out, run, last)


def write_markdown(
    run: Run, out: IO[str], samples: bool = False, first: int = 1, last: int | None = None,
    tick: ProgressCallback = silent,
    title: str = "",
) -> None:  # fmt: skip
    """Write a heading, the settings and a Markdown table (8 significant digits); a second table with ``samples``.

    The heading is the name of the data and what they are, unless there is another title.
    """
    first, last = checked_range(run, first, last)
    facts = [*filter(None, (visible(title),)), *summary(run), *LEGEND]
    out.write(f"# {_escaped(facts[0])}\n\n")
    out.writelines(f"- {_escaped(fact)}\n" for fact in facts[1:])
    out.write("\n")
    table = columns(run)
    names = [f"{column.group}: {column.heading}".removeprefix(": ") for column in table]
    out.writelines(_markdown(names, (cells(table, values) for values in rows(run, first, last, tick=tick))))
    if samples:
        out.write("\n## Samples\n\nPrediction and error with the weights from before the update; # counts from 1.\n\n")
        out.writelines(_markdown(("iteration", *sample_headings(run)), _sample_rows(run, first, last, tick)))
    _end(out, run, last)


def summary(run: Run, units: str | None = None) -> Iterator[str]:
    """Data, settings and start, a line each; of scaled data also in what units the table is."""
    data, used = run.raw, settings_in_use(run)
    name, feature, label = map(visible, (data.name, data.feature, data.label))
    features = f"feature{'s' * (len(data.features) > 1)} {feature}"
    yield f"{name}: {counted(len(data), 'sample')}, {features}, label {label}"
    own = "in the order of the data" if run.batches.in_order_of_data else "in an order of its own"
    order = f"shuffled with seed {used['seed']}" if used["shuffle"] else own
    length = f"{counted(used['epochs'], 'epoch')}, {counted(run.n_iterations, 'iteration')}"
    yield f"batch size {used['batch_size']}, {length}, {order}"
    yield f"{run.settings.rule.title}: {', '.join(optimizer_settings(run.settings))}"
    if run.scaling is not None:
        yield f"after {scaled(run)}; {units or 'the table is of the scaled data'}"
    yield f"start: {', '.join(f'{name} {value!r}' for name, value in starts(run).items())}"


def _end(out: IO[str], run: Run, last: int) -> None:
    """Write what is to be said below the table."""
    said = [in_units_of_data(run, last)] if run.scaling is not None else []
    if (diverged := diverged_at(run, last)) is not None:
        said.append(f"Diverged: from iteration {diverged} on, numbers are not finite")
    if said:
        out.writelines(["\n", *(f"{sentence}.\n" for sentence in said)])


def scaled(run: Run) -> str:
    """How the data was scaled, and what was not."""
    columns = zip((*run.raw.features, run.raw.label), run.scaling.constant if run.scaling else (), strict=False)
    kept = [visible(name) for name, constant in columns if constant]
    but = f", but for {', '.join(kept)}: all values are equal" if kept else ""
    return f"{run.settings.scale} scaling of features and label{but}"


def in_units_of_data(run: Run, last: int) -> str:
    """Where a run on scaled data has come to after an iteration."""
    state = run.state(last)
    values = unscaled(run, state, float(rmse(run.reference.full_loss(*state.parameters))))
    shown = (f"{key.removeprefix('unscaled_full_').replace('rmse', 'RMSE').removeprefix('unscaled_')} {number(value)}"
             for key, value in values.items())  # fmt: skip
    return f"In the data's units after iteration {last}: {', '.join(shown)}"


def optimizer_settings(settings: Settings) -> list[str]:
    """The settings of the update rule in words; what switches something stands at the end, where it is on."""
    rule = settings.rule
    switches = {slot.when for slot in rule.slots} | {name for name, value in rule.options.items() if value is False}
    names = ["learning_rate", *(name for name in rule.options if name not in switches)]
    names += [name for name in rule.options if name in switches and getattr(settings, name)]
    values = {name: getattr(settings, name) for name in names}
    return [FIELDS[name].label + ("" if value is True else f" {value!r}") for name, value in values.items()]


def starts(run: Run) -> dict[str, float]:
    """The parameters before the first iteration, by name."""
    return dict(zip(run.parameters, run.start.parameters, strict=True))


def _samples(run: Run, values: TableRow) -> Iterator[list[str]]:
    names = ("samples", *feature_keys(run), "y", "prediction", "error")
    for sample, *data, prediction, error in zip(*(values[name] for name in names), strict=True):
        yield [str(sample + 1), *map(repr, data), number(prediction), number(error), number(error * error)]


def _sample_lines(run: Run, values: TableRow) -> Iterator[str]:
    table = [list(sample_headings(run)), *_samples(run, values)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for texts in table:
        yield " " * 12 + "  ".join(text.rjust(width) for text, width in zip(texts, widths, strict=True))


def _sample_rows(run: Run, first: int, last: int, tick: ProgressCallback) -> Iterator[list[str]]:
    done = last - first + 1  # the iterations are written; whoever waits may still stop it
    for values in rows(run, first, last, samples=True, tick=lambda _: tick(done)):
        for texts in _samples(run, values):
            yield [str(values["iteration"]), *texts]


def _markdown(names: Iterable[str], table: Iterable[list[str]]) -> Iterator[str]:
    names = list(names)
    yield f"| {' | '.join(names)} |\n"
    yield f"|{'|'.join(' ---: ' for _ in names)}|\n"
    for texts in table:
        yield f"| {' | '.join(texts)} |\n"


def _escaped(text: str) -> str:
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, "\\" + mark)
    return text
