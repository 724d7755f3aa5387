"""The verdict on a step: every quantity of the engine beside Keras's, judged against its rounding bound."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from lrstep.check.bounds import StepInput, step_bounds
from lrstep.check.protocol import StepResult, unpack
from lrstep.check.rounding import PRECISIONS
from lrstep.core.dataset import Floats
from lrstep.core.iteration import Iteration, Phase
from lrstep.core.rmsprop import State, eight
from lrstep.core.settings import Settings

Outcome = Literal["confirmed", "differs", "undecided"]

LABELS = {
    "batch": "batch",
    "before": "state before",
    "prediction": "prediction",
    "loss": "loss",
    "cumulative_rmse": "cumulative RMSE",
    "gradient_weight": "gradient ∂L/∂w",
    "gradient_bias": "gradient ∂L/∂b",
    "accumulator_weight": "accumulator of w",
    "accumulator_bias": "accumulator of b",
    "mean_gradient_weight": "mean gradient of w",
    "mean_gradient_bias": "mean gradient of b",
    "momentum_weight": "momentum of w",
    "momentum_bias": "momentum of b",
    "weight": "weight w",
    "bias": "bias b",
}
"""Name of a quantity → how a person reads it, in the order of the computation."""

PHASES = {
    "batch": Phase.BATCH,
    "before": Phase.BATCH,
    "prediction": Phase.PREDICTIONS,
    "loss": Phase.LOSS,
    "cumulative_rmse": Phase.LOSS,
    "gradient_weight": Phase.GRADIENT,
    "gradient_bias": Phase.GRADIENT,
    "accumulator_weight": Phase.ACCUMULATOR,
    "accumulator_bias": Phase.ACCUMULATOR,
    "mean_gradient_weight": Phase.ACCUMULATOR,
    "mean_gradient_bias": Phase.ACCUMULATOR,
    "momentum_weight": Phase.UPDATE,
    "momentum_bias": Phase.UPDATE,
    "weight": Phase.UPDATE,
    "bias": Phase.UPDATE,
}
"""Name of a quantity → the phase whose panel shows it."""


@dataclass(frozen=True)
class Quantity:
    """One number of a step, by the engine and by Keras.

    Attributes:
        name: as in :data:`LABELS`; of the predictions, the one that uses most of its bound.
        engine, keras: the two values.
        difference: |engine − keras|.
        bound: by how much two correct computations may differ; inf where the precision cannot decide.
        share: difference / bound; 0 where they are equal.
        ulps: the difference in units in the last place of the check's precision.
        outcome: ``confirmed``, ``differs``, or ``undecided``: the precision cannot hold or resolve
            this number, so that the comparison says nothing about the engine.
    """

    name: str
    engine: float
    keras: float
    difference: float
    bound: float
    share: float
    ulps: float
    outcome: Outcome

    @property
    def confirmed(self) -> bool:
        """Whether Keras confirms the engine's number."""
        return self.outcome == "confirmed"

    @property
    def label(self) -> str:
        """How a person reads its name."""
        return LABELS[self.name]

    @property
    def phase(self) -> Phase:
        """The phase it belongs to."""
        return PHASES[self.name]


@dataclass(frozen=True)
class StepVerdict:
    """All quantities of one iteration, judged.

    Attributes:
        iteration: its number, from 1.
        precision: ``float32`` or ``float64``.
        quantities: in the order of the computation.
    """

    iteration: int
    precision: str
    quantities: tuple[Quantity, ...]

    @property
    def outcome(self) -> Outcome:
        """``differs`` if one quantity does, else ``undecided`` if one is, else ``confirmed``."""
        outcomes = {quantity.outcome for quantity in self.quantities}
        if "differs" in outcomes:
            return "differs"
        return "undecided" if "undecided" in outcomes else "confirmed"

    @property
    def confirmed(self) -> bool:
        """Whether Keras confirms every quantity of the step."""
        return self.outcome == "confirmed"

    @property
    def worst(self) -> Quantity:
        """The first quantity that differs, else the first undecided one, else that which uses most of its bound."""
        if not self.confirmed:
            return next(quantity for quantity in self.quantities if quantity.outcome == self.outcome)
        return max(self.quantities, key=lambda quantity: quantity.share)

    def to_dict(self) -> dict[str, object]:
        """For JSON: plain values; a number that is not finite is the text ``inf``, ``-inf`` or ``nan``."""
        return {
            "iteration": self.iteration,
            "precision": self.precision,
            "outcome": self.outcome,
            "quantities": [quantity_dict(quantity) for quantity in self.quantities],
        }


def quantity_dict(quantity: Quantity) -> dict[str, object]:
    """A quantity for JSON, which has no word for numbers that are not finite: they become texts."""
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in asdict(quantity).items()
    }


def judge(iteration: Iteration, given: StepInput, keras: StepResult, settings: Settings, precision: str) -> StepVerdict:
    """Compare the engine's iteration with the step that Keras took from the same start.

    Args:
        iteration: the engine's numbers.
        given: what Keras was given.
        keras: Keras's numbers.
        settings: those of the run.
        precision: ``float32`` or ``float64``, in which Keras computed.
    """
    bounds = step_bounds(given, settings, PRECISIONS[precision])
    engine_values, keras_values = _engine_values(iteration), _keras_values(keras)
    quantities = [*_premises(iteration, given)]
    if len(iteration.prediction) == len(given.x):
        bound = np.asarray(bounds["prediction"])
        quantities.append(_worst_prediction(iteration.prediction, unpack(keras.prediction), bound, precision))
    quantities += [
        _compared(name, engine_values[name], keras_values[name], float(bounds[name]), precision)
        for name in LABELS
        if name in bounds and name != "prediction"
    ]
    return StepVerdict(iteration.number, precision, tuple(quantities))


def _premises(iteration: Iteration, given: StepInput) -> Iterator[Quantity]:
    """What must hold to the bit before anything is computed; a quantity only for what does not hold."""
    right = np.array_equal(iteration.x, given.x) and np.array_equal(iteration.y, given.y)
    if not (right and given.whole):
        yield Quantity("batch", iteration.m, len(given.x), math.inf, 0.0, math.inf, math.inf, "differs")
    for engine, start in zip(eight(iteration.before), given.before, strict=True):
        if engine != start and not (math.isnan(engine) and math.isnan(start)):
            difference = abs(engine - start)
            yield Quantity(
                "before", engine, start, difference, 0.0, math.inf, _ulps(difference, start, "float64"), "differs"
            )


def _engine_values(iteration: Iteration) -> dict[str, float]:
    after = iteration.after
    return {
        "loss": iteration.loss,
        "cumulative_rmse": iteration.cumulative_rmse,
        "gradient_weight": iteration.gradient.weight,
        "gradient_bias": iteration.gradient.bias,
        **eight(after)._asdict(),
    }


def _keras_values(result: StepResult) -> dict[str, float]:
    return {
        "loss": result.loss,
        "cumulative_rmse": result.cumulative_rmse,
        "gradient_weight": result.gradient[0],
        "gradient_bias": result.gradient[1],
        **State(*result.after)._asdict(),
    }


def _worst_prediction(engine: Floats, keras: Floats, bound: Floats, precision: str) -> Quantity:
    agree = (engine == keras) | ~(np.isfinite(engine) | np.isfinite(keras))
    with np.errstate(all="ignore"):
        share = np.abs(engine - keras) / bound
    # One that differs (share above 1) comes first, then one that cannot be decided.
    rank = np.select([agree, ~np.isfinite(bound), np.isnan(share)], [0.0, 1.0, np.inf], share)
    i = int(np.argmax(rank))
    return _compared("prediction", float(engine[i]), float(keras[i]), float(bound[i]), precision)


def _compared(name: str, engine: float, keras: float, bound: float, precision: str) -> Quantity:
    engine, keras = float(engine), float(keras)
    if engine == keras or not (math.isfinite(engine) or math.isfinite(keras)):
        return Quantity(name, engine, keras, 0.0, bound, 0.0, 0.0, "confirmed")
    difference = abs(engine - keras)
    if math.isnan(difference):
        difference = math.inf
    ulps = _ulps(difference, max(abs(engine), abs(keras)), precision)
    if not math.isfinite(bound):
        return Quantity(name, engine, keras, difference, bound, 0.0, ulps, "undecided")
    outcome: Outcome = "confirmed" if difference <= bound else "differs"
    return Quantity(name, engine, keras, difference, bound, difference / bound if bound else math.inf, ulps, outcome)


def _ulps(difference: float, at: float, precision: str) -> float:
    with np.errstate(all="ignore"):
        unit = float(np.spacing(np.dtype(precision).type(abs(at))))
    return difference / unit if math.isfinite(unit) else math.inf
