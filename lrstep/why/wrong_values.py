"""What a mistake gives: wrong values per quantity and iteration, from a :class:`~lrstep.why.run_columns.Context`."""

from collections.abc import Callable

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.why.run_columns import Context, Values
from lrstep.why.wrong_gradients import of_samples
from lrstep.why.wrong_steps import Batch, Scope, StepRule, Taken, both, parameters_of

WrongValues = Callable[[Context], Values]
"""Context → quantity → its wrong value in each iteration; nan where the mistake cannot be made."""


def one_step(rule: StepRule, ctx: Context) -> Values:
    """One step by a wrong rule, with everything before it right."""
    taken = ctx.one_step(rule)
    return {} if taken is None else _after_step(ctx, taken)


def every_step(rule: StepRule, ctx: Context) -> Values:
    """The same wrong rule in every step from the start; nothing in iteration 1, where it is one step."""
    ran = ctx.free_run(rule)
    if ran is None:
        return {}
    taken, before = ran
    values = _after_step(ctx, taken) | _with_epoch(ctx, ctx.batch.loss(before))
    first = ctx.numbers == 1
    return {key: np.where(first, np.nan, column) for key, column in values.items()}


def _after_step(ctx: Context, taken: Taken) -> Values:
    values = both("full_", ctx.run.reference.full_losses(*taken.parameters))
    values |= taken.figures(ctx.run.parameters, ctx.run.slots)
    ones = np.ones(len(ctx.numbers))
    return {key: column * ones for key, column in values.items()}


def after(ctx: Context) -> tuple[Floats, ...]:
    """The right parameters after the updates."""
    return tuple(ctx.right[name] for name in ctx.run.parameters)


def _with_epoch(ctx: Context, loss: Floats) -> Values:
    """A loss of each batch, and the mean of it over the epoch so far."""
    return both("", loss) | both("cumulative_", ctx.over_epoch(loss * ctx.m) / ctx.count)


def after_update(ctx: Context) -> Values:
    """Loss with the weights from after the update: of the batch, and each batch so in the epoch so far."""
    return _with_epoch(ctx, ctx.batch.loss(after(ctx)))


def newest_weights(ctx: Context) -> Values:
    """Loss of all samples of the epoch so far with the weights from after this update."""
    return both("cumulative_", ctx.so_far_loss(after(ctx)))


def epoch_last_weights(ctx: Context) -> Values:
    """Loss with the weights that the epoch ends with."""
    last = tuple(map(ctx.at_epoch_end, after(ctx)))
    return both("", ctx.batch.loss(last)) | both("cumulative_", ctx.so_far_loss(last))


def scaled_loss(factor: Callable[[Floats], Floats], ctx: Context) -> Values:
    """Every loss times a factor that depends on the number of its samples, and the root of that."""
    counts = {"": ctx.m, "cumulative_": ctx.count, "full_": np.full(len(ctx.numbers), float(len(ctx.run.dataset)))}
    values: Values = {}
    for stem, count in counts.items():
        values |= both(stem, ctx.right[f"{stem}loss"] * factor(count))
    return values


def divided_by_all(ctx: Context) -> Values:
    """Σ error² of a batch, or of the epoch so far, over the number of all samples."""
    n = len(ctx.run.dataset)
    right = ctx.right
    return both("", right["loss"] * ctx.m / n) | both("cumulative_", right["cumulative_loss"] * ctx.count / n)


def mean_absolute(ctx: Context) -> Values:
    """Mean of |error| over the batch, and over the epoch so far."""
    so_far = ctx.over_epoch(ctx.mean_abs * ctx.m) / ctx.count
    return {"rmse": ctx.mean_abs, "loss": ctx.mean_abs, "cumulative_rmse": so_far, "cumulative_loss": so_far}


def not_reset(ctx: Context) -> Values:
    """The mean over all samples since the start; nothing in the first epoch, where it is right."""
    if ctx.numbers[0] != 1:
        return {}
    so_far = np.cumsum(ctx.right["loss"] * ctx.m) / np.cumsum(ctx.m)
    return both("cumulative_", np.where(ctx.numbers > ctx.run.batches.per_epoch, so_far, np.nan))


def broadcast(ctx: Context) -> Values:
    """Mean of (ŷᵢ − yⱼ)² over all pairs of a batch: the spread of ŷ, that of y, and the square of the mean error."""
    return _with_epoch(ctx, ctx.batch.loss_of_pairs(parameters_of(ctx.before)))


def mean_of_batches(key: str) -> WrongValues:
    """The plain mean of the batches' own values over the epoch so far."""
    return lambda ctx: {f"cumulative_{key}": ctx.over_epoch(ctx.right[key]) / ctx.batch_in_epoch}


def taken_for(**confused: str) -> WrongValues:
    """One right quantity taken for another: wanted="given"."""
    return lambda ctx: {wanted: ctx.right[given].copy() for wanted, given in confused.items()}


def of_iteration(by: Callable[[Context], int]) -> WrongValues:
    """Every quantity as it is in another iteration."""
    return lambda ctx: {key: ctx.shifted(values, by(ctx)) for key, values in ctx.right.items()}


def of_other_batch(ctx: Context) -> Values:
    """The loss of the batch two further on in the same epoch; ``why`` recognises any batch of the epoch."""
    same = ctx.batch_in_epoch + 2 <= ctx.run.batches.per_epoch
    keys = ("rmse", "loss", *(f"gradient_{name}" for name in ctx.run.parameters))
    return {key: np.where(same, ctx.shifted(ctx.right[key], 2), np.nan) for key in keys}


def other_samples(batch: Callable[[Scope], Batch], ctx: Context) -> Values:
    """The batch's loss and its step with the samples of another batch."""
    loss = batch(ctx.scope).loss(parameters_of(ctx.before))
    return both("", loss) | one_step(StepRule(gradient=of_samples(batch)), ctx)


def in_units_of_data(ctx: Context) -> Values:
    """Of a scaled run: parameters that fit the data as given, and errors in the label's units."""
    scaling = ctx.run.scaling
    if scaling is None:
        return {}
    mapped = scaling.unscaled_parameters([ctx.right[name] for name in ctx.run.parameters])
    values: Values = dict(zip(ctx.run.parameters, mapped, strict=True))
    for stem in ("", "cumulative_", "full_"):
        values[f"{stem}rmse"] = scaling.unscaled_error(ctx.right[f"{stem}rmse"])
        values[f"{stem}loss"] = ctx.right[f"{stem}loss"] * scaling.unscaled_error(1.0) ** 2
    return values


def least_squares(ctx: Context) -> Values:
    """The least-squares line instead of the line that the iterations have reached."""
    reference = ctx.run.reference
    if not reference.exists:
        return {}
    ones = np.ones(len(ctx.numbers))
    values = {name: value * ones for name, value in zip(ctx.run.parameters, reference.parameters, strict=True)}
    return values | {
        key: column
        for stem in ("full_", "", "cumulative_")
        for key, column in both(stem, reference.loss * ones).items()
    }


def old_accumulator(ctx: Context) -> Values:
    """The accumulator from before the step."""
    letters = [slot.letter for slot in ctx.run.slots if slot.name == "accumulator"]
    named = zip(ctx.run.parameters, ctx.before, strict=True)
    return {f"accumulator_{name}": memory[letter] for name, memory in named for letter in letters}


def only_old_accumulator(ctx: Context) -> Values:
    """Only the part ρ·v that is kept."""
    kept = ctx.settings.rho or ctx.settings.beta_2
    return {} if kept is None else {key: kept * values for key, values in old_accumulator(ctx).items()}
