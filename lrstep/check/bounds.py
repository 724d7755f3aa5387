"""How far a correct step may be from another correct step: the rounding bound of every quantity.

Each formula of an iteration is computed once more with :mod:`lrstep.check.rounding`, from what the step
starts with. The centre of the result is not used to judge a step, only its error is: Keras and
the engine may each be off by it, so they may differ by their sum.
"""

from dataclasses import dataclass

import numpy as np

from lrstep.check.rounding import FLOAT64, Approx, Precision, tree_additions
from lrstep.check.table import PARAMETERS, Slots
from lrstep.core.dataset import Dataset, Floats, Rows
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.settings import Settings

CLOSED_FORM = 8.0
"""So many times the error of a sum over the samples is granted to the engine's closed form of it."""


@dataclass(frozen=True)
class Reach:
    """How large the data is.

    Attributes:
        n: samples.
        columns, y: root mean square of each feature and of the label.
    """

    n: int
    columns: tuple[float, ...]
    y: float

    @classmethod
    def of(cls, columns: tuple[Floats, ...], dataset: Dataset) -> "Reach":
        """Of a data set with these features."""
        return cls(len(dataset), tuple(map(_root_mean_square, columns)), _root_mean_square(dataset.y))


def _root_mean_square(values: Floats) -> float:
    largest = float(np.abs(values).max())
    return largest * float(np.sqrt(np.mean((values / largest) ** 2))) if largest else 0.0


@dataclass(frozen=True, eq=False)
class StepInput:
    """What one step starts with: the same for the engine and for Keras.

    Attributes:
        iteration: its number, from 1.
        rows: row numbers of the batch, shape (m,); a slice where the order is that of the data.
        columns, y: features and label of the batch, each of shape (m,).
        parameters: before the step, the weights, then the bias.
        slots: the optimizer's state before the step.
        total: sum of squared errors of the epoch before this batch.
        count: samples of the epoch before this batch.
    """

    iteration: int
    rows: Rows | slice
    columns: tuple[Floats, ...]
    y: Floats
    parameters: tuple[float, ...]
    slots: Slots
    total: float
    count: int

    @property
    def m(self) -> int:
        """Samples in the batch."""
        return len(self.y)


def step_bounds(given: StepInput, settings: Settings, precision: Precision) -> dict[str, float | Floats]:
    """Bound of |engine − Keras| for every quantity of a step, by the quantity's name.

    The engine's numbers are float64 and exact against float32, so a float32 bound is Keras's error
    alone, which includes the rounding of the engine's state and data when they are put into Keras. In
    float64 both err alike, and the bound is twice the error of one.

    Returns:
        ``prediction`` and ``error`` of shape (m,), the others scalars; inf where the precision cannot decide.
    """
    with np.errstate(all="ignore"):
        return {
            name: share(precision) * approx.error for name, approx in approximations(given, settings, precision).items()
        }


def share(precision: Precision) -> float:
    """How often the error of one computation goes into a bound."""
    return 2.0 if precision is FLOAT64 else 1 + 2.0**-20


def full_bounds(loss: float, after: tuple[float, ...], reach: Reach, p: Precision) -> dict[str, float]:
    """Bound of |engine − Keras| for loss and RMSE over all samples with some parameters.

    The root mean square of the errors is a norm: what rounding does to the errors changes it by no more than the
    root mean square of that, and this is what the errors of each sample give with each |xᵢ| replaced by theirs.

    Args:
        loss: Keras's. after: the parameters. reach: of the data.
        p: the precision.
    """
    with np.errstate(all="ignore"):
        *weights, bias = (p.stored(abs(value)) for value in after)
        error = p.add(_dot(weights, [p.stored(size) for size in reach.columns], p), bias)
        off = p.add(error, p.stored(reach.y)).error
        rmse = Approx(float(np.sqrt(loss)), off)
        square = p.multiply(rmse, rmse)
        gamma = 2 * (tree_additions(reach.n) + 2) * p.u
        squared = Approx(loss, square.error + gamma * (square.value + square.error) + p.tiny)
        often = share(p) * (CLOSED_FORM if reach.n > DIRECT_ROWS else 1.0)
        bounds = {"full_loss": often * squared.error, "full_rmse": often * p.root(squared, at_least=0.0).error}
    return {name: bound if bound < p.limit else np.inf for name, bound in bounds.items()}


def approximations(
    given: StepInput, settings: Settings, p: Precision, total: Approx | None = None
) -> dict[str, Approx]:
    """Every quantity of a step with the error of one computation.

    Args:
        given: the start. settings: of the optimizer. p: the precision.
        total: sum of squared errors of the epoch before this batch, where it is not known as it is ``given``.
    """
    columns, y = [p.stored(column) for column in given.columns], p.stored(given.y)
    *weights, bias = map(p.stored, given.parameters)
    prediction = p.add(_dot(weights, columns, p), bias)
    error = p.subtract(prediction, y)
    m = p.exact(float(given.m))
    squares = p.total(p.multiply(error, error), tree_additions(given.m))
    loss = p.divide(squares, m)
    seen = p.add(p.stored(given.total) if total is None else total, p.multiply(loss, m))
    mean = p.divide(seen, p.stored(float(given.count + given.m)))
    # The derivative of the loss with respect to each prediction, (2/m)·errorᵢ. The sums of it are
    # taken in an order that is up to TensorFlow, so only the bound that holds for every order will do.
    slope = p.multiply(error, p.divide(p.exact(2.0), m))
    result = {
        "prediction": prediction,
        "error": error,
        "loss": loss,
        "rmse": p.root(loss, at_least=0.0),
        "total": seen,
        "cumulative_loss": mean,
        "cumulative_rmse": p.root(mean, at_least=0.0),
    }
    for row, name in enumerate(PARAMETERS):
        terms = p.multiply(slope, columns[row]) if row < len(columns) else slope
        result |= _update(row, name, p.total(terms, given.m - 1), given, settings, p)
    return result


def _dot(weights: list[Approx], columns: list[Approx], p: Precision) -> Approx:
    """Σ wⱼ·xⱼ over the features."""
    result = p.multiply(weights[0], columns[0])
    for weight, column in zip(weights[1:], columns[1:], strict=True):
        result = p.add(result, p.multiply(weight, column))
    return result


def _update(row: int, name: str, g: Approx, given: StepInput, settings: Settings, p: Precision) -> dict[str, Approx]:
    """The optimizer's formulas for one parameter, as in :func:`lrstep.core.rmsprop.update`."""

    def remembered(slot: str) -> Approx:
        return p.stored(given.slots[slot][row])

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
    result[f"denominator_{name}"] = denominator
    step = p.divide(p.multiply(p.stored(settings.learning_rate), g), denominator)
    if settings.momentum > 0:
        step = p.add(p.multiply(p.stored(settings.momentum), remembered("momentum")), step)
        result[f"momentum_{name}"] = step
    result[f"step_{name}"] = step
    result[name] = p.subtract(p.stored(given.parameters[row]), step)
    return result
