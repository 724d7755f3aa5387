"""Where in an iteration the numbers stop being finite: the phases before it are still explained."""

import math
from collections.abc import Sequence

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.formulas.numerals import short

NAMES = {
    Phase.PREDICTIONS: "a prediction",
    Phase.LOSS: "the loss",
    Phase.GRADIENT: "a gradient",
    Phase.ACCUMULATOR: "an accumulator",
    Phase.UPDATE: "a weight or the bias",
    Phase.AFTER: "the loss of all data",
}
"""Phase → the number of it that is not finite."""


def diverges_in(run: Run, it: Iteration) -> Phase | None:
    """The phase of an iteration that computes the first number that is not finite; None where all of them are."""
    slots: dict[Phase, list[float]] = {Phase.ACCUMULATOR: [], Phase.UPDATE: []}
    for slot in run.slots:
        slots[slot.phase] += it.after.slots[slot.name]
    computed: dict[Phase, Sequence[float] | Floats] = {
        Phase.PREDICTIONS: it.error,
        Phase.LOSS: (it.loss, it.cumulative_loss),
        Phase.GRADIENT: it.gradient,
        Phase.ACCUMULATOR: slots[Phase.ACCUMULATOR],
        Phase.UPDATE: (*slots[Phase.UPDATE], *it.after.parameters),
        Phase.AFTER: (it.full_loss,),
    }
    return next((phase for phase, numbers in computed.items() if not np.isfinite(numbers).all()), None)


def has_diverged(run: Run, it: Iteration, phase: Phase) -> bool:
    """Whether a number up to a phase of an iteration is not finite, or one before the iteration."""
    if not it.diverged or run.diverged_at is None or it.number > run.diverged_at:
        return it.diverged
    return phase >= (diverges_in(run, it) or Phase.AFTER)


def sentence(run: Run, it: Iteration, phase: Phase) -> str:
    """What is said where training has diverged: at the very step, what it was; later, which step."""
    at = run.diverged_at
    if it.number != at:
        return f"The numbers are no longer finite since iteration {at} (g {at} shows the step): training has diverged."
    began = diverges_in(run, it) or Phase.AFTER
    where = "Here" if phase == began else "In this iteration"
    return f"{where} training diverges: {NAMES[began]} is no finite number any more. {why_diverged(run, it, began)}"


def why_diverged(run: Run, it: Iteration, began: Phase) -> str:
    """What made it so, and what helps."""
    epsilon = run.settings.epsilon
    if began is Phase.UPDATE and np.isnan(it.after.parameters).any() and epsilon is not None:
        return f"Its step is 0/0, or has the root of a negative number: a larger ε than {short(epsilon)} helps."
    ends = "It is beyond 1.8e308, where float64 ends"
    if it.number == 1 and (began < Phase.UPDATE or not math.isfinite(it.full_loss_before)):
        return f"{ends}, before any step: the data or the start are too large."
    return f"{ends}. A smaller learning rate helps."
