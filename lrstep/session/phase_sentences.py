"""One line in plain words: what happens in a phase, and why."""

from collections.abc import Callable

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.formulas.numerals import short
from lrstep.plural import counted

DIGITS = 5


def line(run: Run, iteration: Iteration | None, phase: Phase) -> str:
    """Say what a phase does and why, for this very iteration.

    Args:
        run: the run.
        iteration: its quantities; None for the start, before any iteration.
        phase: which phase.
    """
    if iteration is None or phase is Phase.START:
        return _start(run)
    if iteration.diverged:
        return _diverged(run)
    return LINES[phase](run, iteration)


def _start(run: Run) -> str:
    weight, bias = short(run.start.weight, DIGITS), short(run.start.bias, DIGITS)
    drawn = "drawn at random" if run.settings.weight is None else "as set"
    return f"The start: weight {weight} ({drawn}), bias {bias}. The accumulators are 0; no sample has been seen yet."


def _diverged(run: Run) -> str:
    at = run.diverged_at
    since = f" since iteration {at}" if at else ""
    return f"The numbers are no longer finite{since}: training has diverged. A smaller learning rate helps."


def _batch(run: Run, it: Iteration) -> str:
    per_epoch, n = run.batches.per_epoch, run.batches.n
    if it.m == n:
        return f"The batch is the whole data set, {counted(n, 'sample')}: one iteration is one epoch."
    if it.m < run.batches.size:
        left = "1 sample is" if it.m == 1 else f"{it.m} samples are"
        return f"The last batch of the epoch is short: only {left} left, so m is {it.m} here."
    if it.batch == 1 and it.epoch > 1:
        order = "shuffled anew" if run.settings.shuffle else "in the same order again"
        return f"Epoch {it.epoch} begins, with the samples {order}: its first {_make(it.m)} batch 1 of {per_epoch}."
    if it.batch == 1:
        return f"The first {_make(it.m)} batch 1 of {per_epoch}. This step sees nothing but them."
    if it.batch == per_epoch:
        return f"The last {_make(it.m)} batch {it.batch} of {per_epoch}; then every sample was seen once."
    return f"The next {_make(it.m)} batch {it.batch} of {per_epoch}. This step sees nothing but them."


def _predictions(run: Run, it: Iteration) -> str:
    origin = "initial weight" if it.number == 1 else f"weight that iteration {it.number - 1} left"
    mean = float(it.error.mean())
    if it.m == 1:
        side = "too low" if mean < 0 else "too high" if mean > 0 else "exact"
        return f"The line predicts with the {origin}, {short(it.before.weight, DIGITS)}; the prediction is {side}."
    side = "below" if mean < 0 else "above" if mean > 0 else "level with"
    away = f"{short(abs(mean), DIGITS)} {side}" if mean else side
    return f"The line predicts with the {origin}, {short(it.before.weight, DIGITS)}: on average {away} the labels."


def _loss(run: Run, it: Iteration) -> str:
    text = f"RMSE {_short(it.rmse)}, with the weights from before the update."
    if it.batch > 1:
        return f"{text} Keras prints that of the epoch so far: {_short(it.cumulative_rmse)}."
    if run.batches.per_epoch > 1:
        return f"{text} It is the epoch's first batch, so Keras prints the same."
    return f"{text} Keras prints this, not the one after the update."


def _gradient(run: Run, it: Iteration) -> str:
    g_w, g_b = it.gradient
    if g_w == 0 and g_b == 0:
        return "Both gradients are 0: this batch lies at its lowest loss, so only old momentum could move the line."
    if g_w == 0 or g_b == 0:
        still = "weight" if g_w == 0 else "bias"
        return f"A gradient of 0 means: changing the {still} a little leaves this batch's loss as it is."
    if (g_w > 0) == (g_b > 0):
        way = "lower" if g_w > 0 else "raise"
        return f"Both gradients are {'positive' if g_w > 0 else 'negative'}: to lower the loss, {way} weight and bias."
    ways = ("lower", "raise") if g_w > 0 else ("raise", "lower")
    return f"The signs differ: to lower this batch's loss, {ways[0]} the weight and {ways[1]} the bias."


def _accumulator(run: Run, it: Iteration) -> str:
    rho = run.settings.rho
    new, kept = f"{short(100 * (1 - rho), 4)} %", f"{short(100 * rho, 4)} %"
    tail = " Centered: a mean of g is kept too." if run.settings.centered else ""
    if it.number == 1:
        return f"The accumulators start at 0, so now they hold {new} of the squared gradients.{tail}"
    carried = " A new epoch does not reset it." if it.batch == 1 else ""
    return f"The accumulator keeps {kept} of itself and takes in {new} of g².{carried}{tail}"


def _update(run: Run, it: Iteration) -> str:
    step, settings = it.update_weight.step, run.settings
    move = f"The weight goes {'down' if step > 0 else 'up'} by {_short(abs(step))}" if step else "The weight stays"
    if settings.momentum > 0:
        if it.number == 1:
            return f"{move}. There is no earlier step yet, so momentum adds nothing."
        return f"{move}: the new step plus {short(settings.momentum, DIGITS)} of the step before (momentum)."
    if it.number == 1 and it.gradient.weight != 0 and not settings.centered:
        return f"{move}: g over its own root mean square, so the first step is lr/√(1 − ρ), however large g is."
    if settings.centered:
        return f"{move}: lr times the gradient, divided by its standard deviation (centered)."
    return f"{move}: lr times the gradient, divided by the root of its mean square so far."


def _after(run: Run, it: Iteration) -> str:
    change = it.full_loss - it.full_loss_before
    if change > 0:
        why = "the step was too long" if it.m == run.batches.n else "this batch pulled the line away from the others"
        return f"Over all samples the RMSE rose from {_short(it.full_rmse_before)} to {_short(it.full_rmse)}: {why}."
    fell = f"fell from {_short(it.full_rmse_before)} to {_short(it.full_rmse)}" if change < 0 else "stayed as it was"
    return f"Over all samples the RMSE {fell}, with the new weights."


def _make(count: int) -> str:
    return "sample makes" if count == 1 else f"{count} samples make"


def _short(value: float) -> str:
    return short(value, DIGITS)


LINES: dict[Phase, Callable[[Run, Iteration], str]] = {
    Phase.BATCH: _batch,
    Phase.PREDICTIONS: _predictions,
    Phase.LOSS: _loss,
    Phase.GRADIENT: _gradient,
    Phase.ACCUMULATOR: _accumulator,
    Phase.UPDATE: _update,
    Phase.AFTER: _after,
}
