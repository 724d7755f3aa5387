"""How far a correct step may be from another correct step: the rounding bound of every quantity.

Each formula of an iteration is computed once more with :mod:`lrstep.check.rounding`, from what the step
starts with. The centre of the result is not used to judge anything, only its error is: Keras and
the engine may each be off by it, so they may differ by their sum.
"""

from dataclasses import dataclass

import numpy as np

from lrstep.check.rounding import FLOAT64, Approx, Precision, tree_additions
from lrstep.core.dataset import Floats, Rows
from lrstep.core.rmsprop import State
from lrstep.core.settings import Settings


@dataclass(frozen=True, eq=False)
class StepInput:
    """What one step starts with: the same for the engine and for Keras.

    Attributes:
        iteration: its number, from 1.
        rows: row numbers of the batch, shape (m,); a slice where the order is that of the data.
        x, y: feature and label of the batch, shape (m,).
        before: parameters and optimizer state.
        total: sum of squared errors of the epoch before this batch.
        count: samples of the epoch before this batch.
        whole: the order of the epoch holds every sample once.
    """

    iteration: int
    rows: Rows | slice
    x: Floats
    y: Floats
    before: State
    total: float
    count: int
    whole: bool = True


def step_bounds(given: StepInput, settings: Settings, precision: Precision) -> dict[str, float | Floats]:
    """Bound of |engine − Keras| for every quantity of a step, by the quantity's name.

    The engine's numbers are float64 and exact against float32, so a float32 bound is Keras's error
    alone, which includes the rounding of the engine's state and data when they are put into Keras. In
    float64 both err alike, and the bound is twice the error of one.

    Returns:
        ``prediction`` of shape (m,), the others scalars; inf where the precision cannot decide.
    """
    share = 2.0 if precision is FLOAT64 else 1 + 2.0**-20
    with np.errstate(all="ignore"):
        return {name: share * approx.error for name, approx in _step(given, settings, precision).items()}


def _step(given: StepInput, settings: Settings, p: Precision) -> dict[str, Approx]:
    m = len(given.x)
    x, y = p.stored(given.x), p.stored(given.y)
    prediction = p.add(p.multiply(p.stored(given.before.weight), x), p.stored(given.before.bias))
    error = p.subtract(prediction, y)
    squares = p.total(p.multiply(error, error), tree_additions(m))
    mean = p.divide(p.add(p.stored(given.total), squares), p.stored(given.count + m))
    # The derivative of the loss with respect to each prediction, (2/m)·errorᵢ. Both sums of it are
    # taken in an order that is up to TensorFlow, so only the bound that holds for every order will do.
    slope = p.multiply(error, p.stored(2 / m))
    return {
        "prediction": prediction,
        "loss": p.divide(squares, p.stored(float(m))),
        "cumulative_rmse": p.root(mean, at_least=0.0),
        **_update("weight", p.total(p.multiply(slope, x), m - 1), given.before, settings, p),
        **_update("bias", p.total(slope, m - 1), given.before, settings, p),
    }


def _update(name: str, g: Approx, before: State, settings: Settings, p: Precision) -> dict[str, Approx]:
    """The optimizer's formulas for one parameter, as in :func:`lrstep.core.rmsprop.update`."""

    def remembered(what: str) -> Approx:
        return p.stored(getattr(before, f"{what}_{name}"))

    rho, rest, epsilon = p.stored(settings.rho), p.stored(1 - settings.rho), p.stored(settings.epsilon)
    result = {f"gradient_{name}": g}
    v = p.add(p.multiply(rho, remembered("accumulator")), p.multiply(rest, p.multiply(g, g)))
    result[f"accumulator_{name}"] = v
    # g² is never negative, so that what is left of the old accumulator, and ε, bound the radicand from
    # below even where g is nothing but rounding. Centred, a difference is taken, and nothing bounds it.
    kept = settings.rho * remembered("accumulator").value + settings.epsilon
    at_least: float | None = max((1 - 8 * p.u) * kept - 4 * p.tiny, 0.0)
    radicand = v
    if settings.centered:
        at_least = None
        a = p.add(p.multiply(rho, remembered("mean_gradient")), p.multiply(rest, g))
        result[f"mean_gradient_{name}"] = a
        radicand = p.subtract(v, p.multiply(a, a))
    denominator = p.root(p.add(radicand, epsilon), at_least)
    step = p.divide(p.multiply(p.stored(settings.learning_rate), g), denominator)
    if settings.momentum > 0:
        step = p.add(p.multiply(p.stored(settings.momentum), remembered("momentum")), step)
        result[f"momentum_{name}"] = step
    result[name] = p.subtract(p.stored(getattr(before, name)), step)
    return result
