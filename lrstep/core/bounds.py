"""How far a correct step may be from another correct step: the rounding bound of every quantity.

Each formula of an iteration, the optimizer's own rule among them, is computed once more with
:mod:`lrstep.core.rounding`, from what the step starts with. The centre of the result is not used to judge a step,
only its error is: Keras and the engine may each be off by it, so they may differ by their sum.
"""

from dataclasses import dataclass

import numpy as np

from lrstep.core.arithmetic import error, mean_squared_error, prediction, rmse
from lrstep.core.dataset import Dataset, Floats, RowNumbers
from lrstep.core.metrics import computed
from lrstep.core.optimizers.base import ARGUMENTS
from lrstep.core.reference import DIRECT_ROWS
from lrstep.core.rounding import Approx, Precision, Setting, tree_additions
from lrstep.core.settings import Settings
from lrstep.core.state import State, parameter_names

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
    def of(cls, dataset: Dataset) -> "Reach":
        """Of a data set."""
        return cls(len(dataset), tuple(map(_root_mean_square, dataset.columns)), _root_mean_square(dataset.y))


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
        before: parameters and optimizer state before the step.
        total: sum of squared errors of the epoch before this batch.
        count: samples of the epoch before this batch.
    """

    iteration: int
    rows: RowNumbers | slice
    columns: tuple[Floats, ...]
    y: Floats
    before: State
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
    return 2.0 if precision.name == "float64" else 1 + 2.0**-20


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
        off = (prediction(weights, [p.stored(size) for size in reach.columns], bias) + reach.y).error
        square = Approx(p, float(np.sqrt(loss)), off).square()
        gamma = 2 * (tree_additions(reach.n) + 2) * p.u
        squared = Approx(p, loss, square.error + gamma * (square.value + square.error) + p.tiny, 0.0)
        often = share(p) * (CLOSED_FORM if reach.n > DIRECT_ROWS else 1.0)
        bounds = {"full_loss": often * squared.error, "full_rmse": often * squared.root().error}
    return {name: bound if bound < p.limit else np.inf for name, bound in bounds.items()}


def approximations(
    given: StepInput, settings: Settings, p: Precision, total: Approx | None = None
) -> dict[str, Approx]:
    """Every quantity of a step with the error of one computation.

    Args:
        given: the start. settings: of the optimizer. p: the precision.
        total: sum of squared errors of the epoch before this batch, where it is not known as it is ``given``.

    Returns:
        ``total`` is that sum after the batch; what the optimizer's rule computes of a parameter has the rule's name
        for it and that of the parameter: ``v_weight``, ``theta_bias``.
    """
    columns, m = [p.stored(column) for column in given.columns], p.exact(float(given.m))
    *weights, bias = map(p.stored, given.before.parameters)
    predictions = prediction(weights, columns, bias)
    errors = error(predictions, p.stored(given.y))
    squares = errors.square().total(tree_additions(given.m)).not_negative()
    loss = mean_squared_error(squares, m)
    seen = ((p.stored(given.total) if total is None else total) + loss * m).not_negative()
    mean = mean_squared_error(seen, p.stored(float(given.count + given.m)))
    # The derivative of the loss with respect to each prediction, (2/m)·errorᵢ. The sums of it are
    # taken in an order that is up to TensorFlow, so only the bound that holds for every order will do.
    slope = errors * (p.exact(2.0) / m)
    gradients = [*((slope * column).total() for column in columns), slope.total()]
    known = {"prediction": predictions, "error": errors, "y": p.stored(given.y), "m": m, "loss": loss.not_negative()}
    result = {
        "prediction": predictions,
        "error": errors,
        **computed(known),
        "loss": loss,
        "total": seen,
        "cumulative_loss": mean,
        "cumulative_rmse": rmse(mean.not_negative()),
    }
    for row, (name, g) in enumerate(zip(parameter_names(len(columns)), gradients, strict=True)):
        made = _taken(row, g, given, settings, p)
        result |= {f"gradient_{name}": g, **{f"{what}_{name}": value for what, value in made.items()}}
    return result


def _taken(row: int, g: Approx, given: StepInput, settings: Settings, p: Precision) -> dict[str, Approx]:
    """What the optimizer's own rule makes of one parameter, its gradient and its slots."""
    optimizer, before = settings.rule, given.before
    memory = {slot.letter: p.stored(before.slots[slot.name][row]) for slot in optimizer.kept(settings)}
    cast = {ARGUMENTS.get(name, name) for name in optimizer.cast}
    options: dict[str, object] = dict(optimizer.bound(settings))
    for name, value in options.items():
        if isinstance(value, float):
            options[name] = p.cast(value) if name in cast else Setting.of(value, p)
    if optimizer.counts:
        options["t"] = given.iteration
    made = optimizer.rule(theta=p.stored(before.parameters[row]), g=g, **memory, **options)
    return {name: value if isinstance(value, Approx) else p.stored(value) for name, value in made.items()}
