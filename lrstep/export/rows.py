"""Each iteration of a run as a mapping of name to number: what every table is made of."""

from collections.abc import Iterator
from typing import Any

from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.export.progress import Tick, advance, checked_range, silent

Row = dict[str, Any]

SAMPLE_KEYS = ("x", "y", "prediction", "error")


def rows(
    run: Run, first: int = 1, last: int | None = None, samples: bool = False, tick: Tick = silent
) -> Iterator[Row]:
    """Each iteration as a mapping of name to number, in the order of the JSON format.

    Args:
        run: the run; it is computed as far as needed.
        first: first iteration, from 1.
        last: last iteration; None is the end of the run.
        samples: also the lists x, y, prediction and error of the batch.
        tick: called after each iteration with the number of iterations done.

    Raises:
        LrstepError: the run has no such iterations.
    """
    first, last = checked_range(run, first, last)
    return _rows(run, first, last, samples, tick)


def _rows(run: Run, first: int, last: int, samples: bool, tick: Tick) -> Iterator[Row]:
    advance(run, first, tick)
    for done, number in enumerate(range(first, last + 1), 1):
        yield row(run, run.iteration(number), samples)
        tick(done)


def row(run: Run, iteration: Iteration, samples: bool = False) -> Row:
    """One iteration as a mapping of name to number; ``run`` says which optimizer state is in use."""
    before, after = iteration.before, iteration.after
    values: Row = {
        "iteration": iteration.number,
        "epoch": iteration.epoch,
        "batch": iteration.batch,
        "samples": iteration.samples.tolist(),
        "weight_before": float(before.weight),
        "bias_before": float(before.bias),
        "gradient_weight": float(iteration.gradient.weight),
        "gradient_bias": float(iteration.gradient.bias),
        "accumulator_weight": float(after.accumulator_weight),
        "accumulator_bias": float(after.accumulator_bias),
        "weight": float(after.weight),
        "bias": float(after.bias),
        "loss": float(iteration.loss),
        "rmse": float(iteration.rmse),
        "cumulative_loss": float(iteration.cumulative_loss),
        "cumulative_rmse": float(iteration.cumulative_rmse),
        "full_loss": float(iteration.full_loss),
        "full_rmse": float(iteration.full_rmse),
    }
    if run.settings.momentum > 0:
        values |= {"momentum_weight": float(after.momentum_weight), "momentum_bias": float(after.momentum_bias)}
    if run.settings.centered:
        values["mean_gradient_weight"] = float(after.mean_gradient_weight)
        values["mean_gradient_bias"] = float(after.mean_gradient_bias)
    if samples:
        values |= {key: getattr(iteration, key).tolist() for key in SAMPLE_KEYS}
    return values


def settings_in_use(run: Run) -> dict[str, Any]:
    """All settings, with the initial weight that was drawn or given and the batch size that the data allows."""
    actual = {
        "weight": run.start.weights[0] if len(run.start.weights) == 1 else list(run.start.weights),
        "batch_size": run.batches.size,
    }
    return run.settings.as_dict() | actual


def diverged_at(run: Run, last: int) -> int | None:
    """The first iteration up to ``last`` with a number that is not finite, or None."""
    return run.diverged_at if run.diverged_at is not None and run.diverged_at <= last else None
