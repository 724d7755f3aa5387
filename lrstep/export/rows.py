"""Each iteration of a run as a mapping of name to number: what every table is made of."""

from collections.abc import Iterator
from typing import Any

from lrstep.core.arithmetic import rmse
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.export.progress import ProgressCallback, advance, checked_range, silent
from lrstep.formulas.conditions import Condition

TableRow = dict[str, Any]

ACCUMULATOR = "accumulator_"
"""This slot stands before the parameters, what else an optimizer keeps at the end."""

LOSS_KEYS = ("cumulative_loss", "cumulative_rmse", "full_loss", "full_rmse")
SAMPLE_KEYS = ("y", "prediction", "error")

LOOKED_AT = 1000
"""So many iterations are looked at at once for a condition."""


def rows(
    run: Run, first: int = 1, last: int | None = None, samples: bool = False, tick: ProgressCallback = silent,
    where: Condition | None = None,
) -> Iterator[TableRow]:  # fmt: skip
    """Each iteration as a mapping of name to number, in the order of the JSON format.

    Args:
        run: the run; it is computed as far as needed.
        first: first iteration, from 1.
        last: last iteration; None is the end of the run.
        samples: also the lists x (x_1 … x_k), y, prediction and error of the batch.
        tick: called after each iteration with the number of iterations done.
        where: only the iterations at which it holds.

    Raises:
        LrstepError: the run has no such iterations.
    """
    first, last = checked_range(run, first, last)
    return _rows(run, first, last, samples, tick, where)


def _rows(
    run: Run, first: int, last: int, samples: bool, tick: ProgressCallback, where: Condition | None
) -> Iterator[TableRow]:
    advance(run, first, tick)
    for number in range(first, last + 1) if where is None else _matching(run, first, last, tick, where):
        yield row(run, run.iteration(number), samples)
        tick(number - first + 1)


def _matching(run: Run, first: int, last: int, tick: ProgressCallback, where: Condition) -> Iterator[int]:
    for begin in range(first, last + 1, LOOKED_AT):
        end = min(begin + LOOKED_AT - 1, last)
        advance(run, end, tick)
        yield from (begin + where.holds(run, begin, end).nonzero()[0]).tolist()


def row(run: Run, iteration: Iteration, samples: bool = False) -> TableRow:
    """One iteration as a mapping of name to number; ``run`` says which parameters and optimizer state there are."""
    before, after = iteration.before, iteration.after
    state = {name: float(value) for name, value in run.keyed(after).items()}
    values: TableRow = {
        "iteration": iteration.number,
        "epoch": iteration.epoch,
        "batch": iteration.batch,
        "samples": iteration.samples.tolist(),
        **{f"{name}_before": float(value) for name, value in zip(run.parameters, before.parameters, strict=True)},
        **{f"gradient_{name}": float(value) for name, value in zip(run.parameters, iteration.gradient, strict=True)},
        **{name: value for name, value in state.items() if name.startswith(ACCUMULATOR)},
        **{name: state[name] for name in run.parameters},
        **iteration.metrics,
        **{key: float(getattr(iteration, key)) for key in LOSS_KEYS},
    }
    values |= state  # the slots that are not there yet; the others keep their places
    values |= unscaled(run, iteration.after, float(iteration.full_rmse))
    if run.recorded:
        values["learning_rate"] = run.settings_at(iteration.number).learning_rate
        values |= {f"keras_{name}": value for name, value in run.as_it_ran(iteration.number).items()}
    if samples:
        columns = zip(feature_keys(run), iteration.columns, strict=True)
        values |= {key: column.tolist() for key, column in columns}
        values |= {key: getattr(iteration, key).tolist() for key in SAMPLE_KEYS}
    return values


def start_row(run: Run) -> TableRow:
    """The start, iteration 0, likewise: the state before any step and the loss over all samples with it."""
    loss = run.reference.full_loss(*run.start.parameters)
    values: TableRow = {"iteration": 0, **run.keyed(run.start)}
    return values | {"full_loss": loss, "full_rmse": float(rmse(loss))}


def unscaled(run: Run, state: State, full_rmse: float) -> TableRow:
    """A state of a run on scaled data in the data's own units: parameters and RMSE over all data."""
    if run.scaling is None:
        return {}
    mapped = zip(run.parameters, run.scaling.unscaled_parameters(state.parameters), strict=True)
    error = run.scaling.unscaled_error(full_rmse)
    return {**{f"unscaled_{name}": value for name, value in mapped}, "unscaled_full_rmse": error}


def feature_keys(run: Run) -> tuple[str, ...]:
    """What the features of a sample are called: ``x``, or ``x_1`` … ``x_k``."""
    return tuple(name.replace("weight", "x") for name in run.parameters[:-1])


def dataset_of(run: Run) -> dict[str, Any]:
    """The data of a run by name, columns and number of samples; of scaled data also what it was scaled by."""
    data = run.raw
    features = {"feature": data.features[0]} if len(data.features) == 1 else {"features": list(data.features)}
    found = {"name": data.name, **features, "label": data.label, "n_samples": len(data)}
    if run.scaling is not None:
        found |= {"offsets": run.scaling.offsets, "widths": run.scaling.widths}
    return found


def settings_in_use(run: Run) -> dict[str, Any]:
    """All settings, with the initial weights that were drawn or given and the batch size that the data allows."""
    weights = run.start.weights
    actual = {"weight": weights[0] if len(weights) == 1 else list(weights), "batch_size": run.batches.size}
    return run.settings.as_document() | actual


def diverged_at(run: Run, last: int) -> int | None:
    """The first iteration up to ``last`` with a number that is not finite, or None."""
    return run.diverged_at if run.diverged_at is not None and run.diverged_at <= last else None
