"""Which learning rates a run may settle with: what an optimizer can reach in so many iterations, and what it stands.

These are rough bounds from theory; whoever uses a rate tries it.
"""

import math
from typing import Any

import numpy as np

from lrstep.core.loss_surface import curvatures
from lrstep.core.optimizers.sgd import tolerated
from lrstep.core.run import Run

BATCHES = 64
"""At most so many batches are looked at for the one on which the steepest slope is."""

STEPS = 200
"""So many steps tell how an optimizer travels; more are extrapolated."""


def learning_rates(run: Run, iterations: int) -> list[float]:
    """Rates of 1, 2 or 5 times a power of ten, the likeliest first; none where no rate can do.

    A parameter that is D away needs at least lr = D / (what it travels with lr 1 and its first gradient). Where the
    step is proportional to the gradient, of SGD, :func:`tolerated` says where it is stable, with λ the
    largest eigenvalue of the loss's second derivatives 2/m·XᵀX. Elsewhere a step is about as long as lr, so it must not
    be longer than the way to go.
    """
    least, distance = _least(run, iterations)
    if not (math.isfinite(least) and least > 0):
        return []
    if run.settings.optimizer == "sgd":
        momentum = run.settings.momentum or 0.0
        most = _stable(run)
        if not math.isfinite(most) or iterations < _condition(run) / 4:
            return []
        return _ladder(most * 1e-5, most, best=max(1 - momentum, 0.1) * most / 4)
    return _ladder(0.3 * least, max(10 * distance, 300 * least), best=4 * least)


def stable_below(run: Run) -> float | None:
    """The learning rate above which plain gradient descent on the full batch rises; None of anything else."""
    if run.batches.per_epoch > 1 or run.settings.optimizer != "sgd":
        return None
    return _stable(run)


def _stable(run: Run) -> float:
    return tolerated(run.settings) / _steepest(run)


def fits_unscaled(run: Run, iterations: int) -> bool:
    """Whether steps that are long enough for the parameter that is furthest away are short enough to settle.

    It is asked of optimizers whose steps stay as long as lr: one learning rate must do for all parameters.
    """
    reach = max(*run.reference.x_reach, 1.0)
    room = 0.3 * run.reference.rmse
    return _least(run, iterations)[0] * reach < 10 * room or _travel(run, 1.0, 4 * STEPS) < 3 * _travel(run, 1.0, STEPS)


def _ladder(low: float, high: float, best: float) -> list[float]:
    if not 0 < low <= high < math.inf:
        return []
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    rates = (float(f"{digit}e{power}") for power in powers if -300 < power < 300 for digit in (1, 2, 5))
    return sorted((rate for rate in rates if low <= rate <= high), key=lambda rate: abs(math.log(rate / best)))


def _least(run: Run, iterations: int) -> tuple[float, float]:
    """The lowest rate with which every parameter gets from the start to least squares, and the furthest way to go."""
    ways = [abs(a - b) for a, b in zip(run.reference.parameters, run.start.parameters, strict=True)]
    gradients = run.iteration(1).gradient
    with np.errstate(all="ignore"):
        needed = [
            way / travelled
            for way, gradient in zip(ways, gradients, strict=True)
            if way and (travelled := _travel(run, gradient, iterations)) > 0
        ]
    return max(needed, default=0.0), max(ways)


def _travel(run: Run, gradient: float, iterations: int) -> float:
    """How far a parameter goes with learning rate 1 while its gradient stays as it is."""
    settings = run.settings.changed(learning_rate=1.0)
    rule, bound = settings.rule, dict[str, Any](settings.rule.bound(settings))
    memory, letters = [0.0, *rule.starts(settings).values()], rule.letters(settings)
    found = [0.0]
    for step in range(1, min(iterations, STEPS) + 1):
        counted = {"t": step} if rule.counts else {}
        made = rule.rule(g=gradient, **dict(zip(letters, memory, strict=True)), **bound, **counted)
        memory = [made[letter] for letter in letters]
        found.append(abs(made["theta"]))
    if iterations <= STEPS:
        return found[-1]
    half = found[STEPS // 2]
    power = math.log2(found[-1] / half) if 0 < half < math.inf and found[-1] > 0 else 1.0
    return float(found[-1] * (iterations / STEPS) ** min(max(power, 0.0), 1.0))


def _steepest(run: Run) -> float:
    """λ: the largest eigenvalue of a batch."""
    batches = range(1, min(run.batches.per_epoch, BATCHES) + 1)
    return max(float(curvatures(run.batch(1, batch)[0])[-1]) for batch in batches)


def _condition(run: Run) -> float:
    """The largest eigenvalue of all samples over the smallest one that is not 0."""
    values = curvatures(run.dataset.columns)
    counted = values[values >= 1e-12 * values[-1]]
    return float(values[-1] / counted[0])
