"""Runs side by side at the end of each epoch: RMSE, loss and parameters, where they part, which has the lowest RMSE."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from typing import IO

import numpy as np

from lrstep.core.arithmetic import rmse
from lrstep.core.lockstep import Lane, Lockstep, Pace, partner
from lrstep.core.parting import Parting
from lrstep.core.run import Run
from lrstep.export.aligned import Column, Columns, laid_out, number
from lrstep.export.rows import TableRow, dataset_of, diverged_at, settings_in_use, unscaled
from lrstep.export.tables import dump, write_items
from lrstep.export.text import in_units_of_data, summary
from lrstep.formulas.quantities import listed
from lrstep.plural import counted
from lrstep.visible import visible

FULL = ("full_loss", "full_rmse")

NAMED = 20
"""Characters of what tells a run apart, as far as the table repeats it in each line."""


def compute(runs: Lockstep, progress: Callable[[float], None] | None = None) -> None:
    """Compute all runs to their ends.

    Args:
        runs: the runs.
        progress: called now and then with the share that is done.

    Raises:
        LrstepError: an end is too far.
    """
    each = [lane.run for lane in runs.lanes]
    for run in each:
        run.require(run.n_iterations)
    for run in each:
        while not run.advance(run.n_iterations, 0.1):
            if progress:
                progress(sum(one.computed for one in each) / sum(one.n_iterations for one in each))
    if progress:
        progress(1.0)


def rows(runs: Lockstep) -> Iterator[TableRow]:
    """How each run stands at the start and after each of its epochs, in the names of ``lrstep trace``.

    The cumulative loss is that of the epoch, which Keras prints. ``run`` counts the runs from 1, and ``lowest`` says
    whether no other one has a lower RMSE of all data (in the data's units) after the same epoch. Runs that have ended
    are left out.
    """
    for epoch in range(max(map(epochs, (lane.run for lane in runs.lanes))) + 1):
        found = [_row(place, lane, epoch) for place, lane in enumerate(runs.lanes, 1) if epoch <= epochs(lane.run)]
        least = min(filter(math.isfinite, map(_error, found)), default=None)
        yield from ({**values, "lowest": _error(values) == least} for values in found)


def epochs(run: Run) -> int:
    """Epochs that a run begins; a recorded one may have been broken off in the last of them."""
    return -(-run.n_iterations // run.batches.per_epoch)


def _row(place: int, lane: Lane, epoch: int) -> TableRow:
    run = lane.run
    last = min(epoch * run.batches.per_epoch, run.n_iterations)
    # A recorded run goes on with what was recorded, not with what its step computes.
    state = run.iteration(last).after if last and run.recorded else run.state(last)
    values: TableRow = {"run": place, "label": lane.label, "epoch": epoch, "iteration": last}
    if last:
        values |= _losses("cumulative", float(run.series("cumulative_loss", np.array([last]))[0]))
    values |= zip(run.parameters, state.parameters, strict=True)
    values |= _losses("full", run.reference.full_loss(*state.parameters))
    return values | unscaled(run, state, values["full_rmse"])


def _losses(of: str, loss: float) -> TableRow:
    return {f"{of}_loss": loss, f"{of}_rmse": float(rmse(loss))}


def _error(values: TableRow) -> float:
    """The RMSE of all data, in their units."""
    return float(values["unscaled_full_rmse" if "unscaled_full_rmse" in values else "full_rmse"])


def same_until(runs: Lockstep, place: int) -> int | None:
    """Up to which iteration of the first run another one is the same, to the last bit; None where they begin apart."""
    one, other = runs.lanes[0].run, runs.lanes[place].run
    until = Parting(one, other).until(one.n_iterations, other.n_iterations)
    return until and min(until, _compared(runs, place))


def _compared(runs: Lockstep, place: int) -> int:
    """The last iteration of the first run to which there is one of another run, at the same samples seen."""
    one, other = runs.lanes[0].run, runs.lanes[place].run
    pace: Pace = "samples" if one.batches.n == other.batches.n else "iteration"
    return min(one.n_iterations, partner(other, other.n_iterations, one, pace))


def same_as(mark: str, until: int | None, whole: bool, now: str = "so far") -> str:
    """In words up to where a run is the same as another one.

    Args:
        mark: what the other one goes by.
        until: up to which iteration; None where they begin with different parameters.
        whole: whether that is all that there is to compare.
        now: what is said then.
    """
    if until is None:
        return f"it begins otherwise than run {mark}"
    if whole:
        return f"the same as run {mark} {now}"
    if not until:
        return f"the same as run {mark} at the start only"
    return f"the same as run {mark} until iteration {until}"


def write_json(runs: Lockstep, out: IO[str]) -> None:
    """Write one JSON object: ``runs`` with data and settings, ``epochs`` as in CSV, and the number of the ``lowest``.

    Of runs that tie it is the first; in the epochs each of them is the lowest.
    ``same_until`` is the iteration of the first run up to which another one has the same parameters, null where they
    begin with different ones. Numbers that are not finite stand as in ``lrstep trace``.
    """
    compute(runs)
    out.write('{\n"runs": [')
    write_items(out, (_head(runs, place, lane) for place, lane in enumerate(runs.lanes)))
    out.write('\n],\n"epochs": [')
    write_items(out, rows(runs))
    out.write(f'\n],\n"lowest": {dump(min(lowest(runs), default=None))}\n}}\n')


def _head(runs: Lockstep, place: int, lane: Lane) -> dict[str, object]:
    run = lane.run
    return {
        "run": place + 1,
        "label": lane.label,
        "dataset": dataset_of(run),
        "settings": settings_in_use(run),
        "n_iterations": run.n_iterations,
        "same_until": same_until(runs, place) if place else None,
        "diverged_at": diverged_at(run, run.n_iterations),
    }


def write_csv(runs: Lockstep, out: IO[str]) -> None:
    """Write a line of names, and a line for each run after each epoch; empty where a run has no such number."""
    starts = [_row(place, lane, 1) for place, lane in enumerate(runs.lanes, 1)]
    names = dict.fromkeys(name for values in starts for name in values)
    last = [*FULL, *(name for name in names if name.startswith("unscaled_")), "lowest"]
    writer = csv.DictWriter(
        out, [*(name for name in names if name not in last), *last], restval="", lineterminator="\n"
    )
    writer.writeheader()
    for values in rows(runs):
        writer.writerow({key: value if isinstance(value, str) else repr(value) for key, value in values.items()})


def lowest(runs: Lockstep) -> list[int]:
    """The numbers of the runs that have the lowest RMSE of all data in the end, from 1; none where none is finite."""
    found = {values["run"]: _error(values) for values in _ends(runs)}
    least = min(filter(math.isfinite, found.values()), default=None)
    return [place for place, error in found.items() if error == least]


def _ends(runs: Lockstep) -> list[TableRow]:
    return [_row(place, lane, epochs(lane.run)) for place, lane in enumerate(runs.lanes, 1)]


def write_table(runs: Lockstep, out: IO[str], width: int | None = None) -> None:
    """Write the runs and where they part, and an aligned table: a line for each run after each epoch.

    Args:
        runs: the runs.
        out: where to write.
        width: where the table is wider, it has fewer columns.
    """
    compute(runs)
    names = _names(runs)
    headings, lines = laid_out(_shown(runs, names), _tables(runs, len(names[0])), _parameters(runs), width)
    for fact in _facts(runs):
        out.write("\n".join(wrap(fact, width, subsequent_indent="  ") if width and fact else [fact]) + "\n")
    out.writelines(f"{heading}\n" for heading in headings)
    out.writelines(f"{text.rstrip()}\n" for _, text in lines)
    out.write("\n")
    out.writelines(f"{said}.\n" for said in _endings(runs))


def _names(runs: Lockstep) -> list[str]:
    """What each run is called in the table, short and all of one length."""
    marks = [f"{place} {visible(lane.label)}" for place, lane in enumerate(runs.lanes, 1)]
    names = [mark if len(mark) <= NAMED else f"{mark[: NAMED - 2]}.." for mark in marks]
    return [name.ljust(max(map(len, names))) for name in names]


def _shown(runs: Lockstep, names: Sequence[str]) -> Iterator[TableRow]:
    """The rows as they are shown: with short names, in one unit, and a word where one run has the lowest RMSE."""
    for _, found in groupby(rows(runs), key=itemgetter("epoch")):
        of_epoch = list(found)
        told = len({number(values["full_rmse"]) for values in of_epoch}) > 1
        for values in of_epoch:
            values["name"] = names[values["run"] - 1]
            values["lowest"] = "lowest" if told and values["lowest"] else ""
            if runs.mixed:
                values |= {
                    name.removeprefix("unscaled_"): values[name] for name in [*values] if name[:9] == "unscaled_"
                }
            yield values


def _parameters(runs: Lockstep) -> list[str]:
    return [*dict.fromkeys(name for lane in runs.lanes for name in lane.run.parameters)]


def _tables(runs: Lockstep, longest: int) -> list[Columns]:
    """What the table may have, the most first. Losses of runs that are not scaled alike cannot be compared."""
    counts = (Column("epoch", "", "epoch"), Column("name", "", "run".ljust(longest)), Column("iteration", "", "iter"))
    printed = (Column("cumulative_rmse", "Keras prints", "RMSE"),) * (not runs.mixed)
    after = tuple(Column(name, "after", name) for name in _parameters(runs))
    loss = (Column("full_loss", "all data", "loss"),) * (not runs.mixed)
    errors = (Column("full_rmse", "all data", "RMSE"), Column("lowest", "", ""))
    narrow = ((*counts, *after[:count], *errors) for count in range(len(after), 0, -1))
    return [(*counts, *printed, *after, *loss, *errors), (*counts, *after, *loss, *errors), *narrow]


def _facts(runs: Lockstep) -> Iterator[str]:
    """What is to be said above the table: of the first run everything, of the others what tells them from it."""
    yield from summary(runs.lanes[0].run, "the table is in the data's units" if runs.mixed else None)
    if runs.mixed:
        yield "The runs are not all scaled alike: the table is in the data's units"
    yield ""
    for place, lane in enumerate(runs.lanes):
        length = counted(lane.run.n_iterations, "iteration")
        parts = f"; {_same(runs, place)}" if place else ""
        yield f"Run {place + 1}, {visible(lane.label)}: {length}{parts}"


def _same(runs: Lockstep, place: int) -> str:
    until = same_until(runs, place)
    return same_as("1", until, until == _compared(runs, place), "to the end")


def _endings(runs: Lockstep) -> Iterator[str]:
    """What is to be said below it."""
    best = lowest(runs)
    for values, run in zip(_ends(runs), (lane.run for lane in runs.lanes), strict=True):
        name = f"{values['run']}, {visible(values['label'])}"
        if values["run"] == min(best, default=None):
            those = f"runs {listed([*map(str, best)])}" if len(best) > 1 else f"run {name}"
            yield f"Lowest RMSE of all data in the end: {those}, {number(_error(values))}"
        if run.scaling is not None and not runs.mixed:
            yield f"Run {name}: {in_units_of_data(run, run.n_iterations)}"
        if run.diverged_at is not None:
            yield f"Run {name}, diverged: from iteration {run.diverged_at} on, numbers are not finite"
