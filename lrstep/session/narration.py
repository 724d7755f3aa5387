"""The line in plain words: what is happening in a phase, and why."""

import math
import textwrap
from collections.abc import Callable

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.formulas.divergence import has_diverged, sentence
from lrstep.formulas.numerals import short
from lrstep.formulas.quantities import listed
from lrstep.formulas.update import nothing_kept
from lrstep.plural import capitalized, counted
from lrstep.session.figures import as_printed
from lrstep.session.styled_rows import Rows, row
from lrstep.session.view import View

DIGITS = 5

LONGEST = 130
"""Two lines on a narrow screen hold so many characters."""


def narrate(view: View, width: int, height: int, before: str = "") -> Rows:
    """At most ``height`` lines about the place under the cursor; the first candidate that fits whole."""
    ended = view.phase == Phase.AFTER and not has_diverged(view.run, view.iteration, view.phase)
    candidates = _after(view) if ended else _during(view)
    texts = [view.chars(before + text) for text in candidates]
    room = (width + 1) * height  # no text fits that has more characters
    for text in (text for text in texts if len(text) < room):
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        if len(lines) <= height:
            return [row(f" {part}") for part in lines]
    cut = textwrap.wrap(texts[-1], width, max_lines=height, placeholder=view.chars(" …"))
    return [row(f" {part}") for part in cut]


def _during(view: View) -> tuple[str, ...]:
    text = line(view.run, view.iteration if view.number else None, view.phase)
    first = text.split(". ")[0].rstrip(".") + "."
    if not view.number:
        return text + " → takes the first step.", text, first
    return text, first, first.partition(": ")[0].rstrip(".") + "."


def _after(view: View) -> tuple[str, ...]:
    i, scaling = view.iteration, view.run.scaling
    keras, after = as_printed(i.cumulative_rmse), as_printed(i.full_rmse)
    every, count = i.cumulative_count == view.run.batches.n, i.cumulative_count
    seen = "all samples" if every and count > 1 else f"{counted(count, 'sample')} of this epoch"
    seen += (
        ", each with the weights from before its batch's update"
        if count > 1
        else ", the weights from before its update"
    )
    said: tuple[str, ...] = (
        f"Keras prints RMSE {keras}: {seen}. With the weights after this update, all data give {after}.",
        f"Keras prints {keras} (weights before each update); all data with the new weights: {after}.",
    )
    ends = i.batch == view.run.batches.per_epoch
    if ends:  # Keras validates at the end of an epoch only
        said = (said[0].removesuffix(".") + ": val_root_mean_squared_error.", *said)
    if scaling is not None:
        of_data = f" In the label's units: {as_printed(scaling.unscaled_error(i.full_rmse))}."
        said = (*(f"{text}{of_data}" for text in said), *said)
    if ends and i.epoch < view.run.settings.epochs:
        end, on = f"Epoch {i.epoch} ends: Keras keeps {keras}", f"The RMSE starts anew; {_kept(view)} go on."
        now = f"{end} (weights before each update; all data now: {after})."
        return (
            *(f"{text} {end}. {on}" for text in said),
            f"{now} {on}",
            f"{end}. {on}",
            f"{end}; all data: {after}",
        )
    return (
        *said,
        f"Keras: {keras}, weights before the update; after it: {after}.",
        f"Keras {keras}; after the update {after}",
    )


def _kept(view: View) -> str:
    """What a new epoch does not reset: parameters, and what the optimizer keeps."""
    weights = "w" if len(view.run.parameters) == 2 else "the weights"
    return listed([weights, "b", *(slot.letter for slot in view.run.slots)])


def line(run: Run, iteration: Iteration | None, phase: Phase) -> str:
    """Say what a phase does and why, for this very iteration.

    Args:
        run: the run.
        iteration: its quantities; None for the start, before any iteration.
        phase: which phase; where the step is over, and the run has not diverged, its figures are told instead.
    """
    if iteration is None or phase is Phase.START:
        return _start(run)
    if has_diverged(run, iteration, phase):
        return sentence(run, iteration, phase)
    return LINES[phase](run, iteration)


def _start(run: Run) -> str:
    *weights, bias = (_short(value) for value in run.start.parameters)
    drawn = "drawn at random" if run.settings.weight is None else "as recorded" if run.recorded else "as set"
    named = f"weight {weights[0]}" if len(weights) == 1 else f"{len(weights)} weights"
    done = f"it goes on after {counted(run.counted, 'step')}" if run.counted else "no sample has been seen yet"
    return f"The start: {named} ({drawn}), bias {bias}. {capitalized(_slots_at_start(run) + done)}."


def _slots_at_start(run: Run) -> str:
    """What the optimizer begins with; of several slots only the accumulator, or the first."""
    if not run.slots:
        return ""
    first = next((slot for slot in run.slots if slot.name == "accumulator"), run.slots[0])
    called = "accumulators are" if first.name == "accumulator" else f"{first.label} is"
    values = run.start.slots[first.name]
    begin = _short(values[0]) if len(set(values)) == 1 else "what the training before left"
    return f"the {called} {begin}; "


def _batch(run: Run, it: Iteration) -> str:
    per_epoch, n = run.batches.per_epoch, run.batches.n
    if it.m == n:
        return f"The batch is the whole data set, {counted(n, 'sample')}: one iteration is one epoch."
    if it.m < run.batches.size:
        left = "1 sample is" if it.m == 1 else f"{it.m} samples are"
        return f"The last batch of the epoch is short: only {left} left, so m is {it.m} here."
    if it.batch == 1 and it.epoch > 1:
        same = (run.batches.order(it.epoch) == run.batches.order(it.epoch - 1)).all()
        other = "in the same order again" if same else "in another order"
        order = "shuffled anew" if run.settings.shuffle else other
        return f"Epoch {it.epoch} begins, with the samples {order}: its first {_make(it.m)} batch 1 of {per_epoch}."
    makes = f"{_make(it.m)} batch {it.batch} of {per_epoch}"
    if it.batch == per_epoch:
        return f"The last {makes}; then the epoch has seen every sample."
    first, them = "first" if it.batch == 1 else "next", "it" if it.m == 1 else "them"
    return f"The {first} {makes}. This step sees nothing but {them}."


def _predictions(run: Run, it: Iteration) -> str:
    what = "weight" if len(run.parameters) == 2 else "weights"
    origin = f"initial {what}" if it.number == 1 else f"{what} that iteration {it.number - 1} left"
    if what == "weight":
        origin = f"{origin}, {_short(it.before.parameters[0])}"
    line = "line" if what == "weight" else "model"
    mean = float(it.error.mean())
    if it.m == 1:
        side = "too low" if mean < 0 else "too high" if mean > 0 else "exact"
        return f"The {line} predicts with the {origin}; the prediction is {side}."
    side = "below" if mean < 0 else "above" if mean > 0 else "level with"
    away = f"{_short(abs(mean))} {side}" if mean else side
    return f"The {line} predicts with the {origin}: on average {away} the labels."


def _loss(run: Run, it: Iteration) -> str:
    text = f"RMSE {_short(it.rmse)}, with the weights from before the update."
    if it.batch > 1:
        return f"{text} Keras prints that of the epoch so far: {_short(it.cumulative_rmse)}."
    if run.batches.per_epoch > 1:
        return f"{text} It is the epoch's first batch, so Keras prints the same."
    return f"{text} Keras prints this, not the one after the update."


def _gradient(run: Run, it: Iteration) -> str:
    if len(it.gradient) > 2:
        return _gradients(run, it)
    g_w, g_b = it.gradient
    if g_w == 0 and g_b == 0:
        return "Both gradients are 0: this batch lies at its lowest loss, so only old momentum could move the line."
    if g_w == 0 or g_b == 0:
        still = "weight" if g_w == 0 else "bias"
        return f"The gradient of the {still} is 0: changing it a little leaves this batch's loss almost as it is."
    if (g_w > 0) == (g_b > 0):
        sign, way = ("positive", "lower") if g_w > 0 else ("negative", "raise")
        return f"Both gradients are {sign}: to lower this batch's loss, {way} weight and bias."
    ways = ("lower", "raise") if g_w > 0 else ("raise", "lower")
    return f"The signs differ: to lower this batch's loss, {ways[0]} the weight and {ways[1]} the bias."


def _gradients(run: Run, it: Iteration) -> str:
    """Of several features: how many parameters are to be raised, how many lowered."""
    up, down = sum(g < 0 for g in it.gradient), sum(g > 0 for g in it.gradient)
    if not up and not down:
        return "All gradients are 0: this batch lies at its lowest loss, so only old momentum could move the model."
    still = len(it.gradient) - up - down
    ways = [f"raise {up}" if up else "", f"lower {down}" if down else "", f"leave {still}" if still else ""]
    return f"To lower this batch's loss, {listed([way for way in ways if way])} of {len(it.gradient)} parameters."


def _accumulator(run: Run, it: Iteration) -> str:
    rule, settings = run.settings.rule, run.settings
    kept = [slot for slot in run.slots if slot.phase is Phase.ACCUMULATOR]
    if not kept:
        return nothing_kept(settings)
    words = (_from_nothing(run, it) and rule.first_accumulates) or rule.accumulates
    taken_in = f"This batch's gradient goes into {listed([f'the {slot.label}' for slot in kept])}."
    text = words(settings) if words else taken_in
    if it.number == 1 or it.batch > 1:
        return text
    longer = f"{text} A new epoch does not reset {'it' if len(kept) == 1 else 'them'}."
    return longer if len(longer) <= LONGEST else text


def _update(run: Run, it: Iteration) -> str:
    step, gradient, settings = float(it.updates[0]["step"]), it.gradient[0], run.settings
    name, size = "The weight" if len(run.parameters) == 2 else "Weight 1", _short(abs(step))
    if it.updates[0]["theta"] == it.before.parameters[0]:  # as where its rounding is larger
        return f"{name} stays: a step of {size} does not change it."
    move = f"{name} goes {'down' if step > 0 else 'up'} by {size}"
    if settings.momentum and step * gradient < 0:
        return f"{move}, against its gradient: the momentum of earlier steps outweighs the new one."
    if settings.momentum and not settings.nesterov:
        if it.number + run.counted == 1:
            return f"{move}. There is no earlier step yet, so momentum adds nothing."
        return f"{move}: the new step plus {_short(settings.momentum)} of the step before (momentum)."
    rule = settings.rule
    words = (_from_nothing(run, it) and _as_long_for_any(run, it) and rule.first_moves) or rule.moves
    return f"{move}: {words(settings)}."


def _from_nothing(run: Run, it: Iteration) -> bool:
    """Whether this is the optimizer's first step, and all that it keeps was 0 before."""
    return it.number == 1 and not run.counted and not any(map(any, run.start.slots.values()))


def _as_long_for_any(run: Run, it: Iteration) -> bool:
    """Whether twice the gradient would make the same step of the first parameter: not where ε counts."""
    twice = run.step(it.number)(2 * it.gradient[0], run.memories(it.before)[0])["step"]
    return math.isclose(twice, it.updates[0]["step"], rel_tol=1e-4)


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
}
