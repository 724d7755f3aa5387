"""What Keras's optimizers compute on the way and keep to themselves, from what they do show.

These few formulas are written apart from the rules of :mod:`lrstep.core.optimizers`, so that a number which is shown
but leads to nothing does not go unseen.
"""

from collections.abc import Callable, Mapping

import numpy as np

from lrstep.check.protocol import StepResult
from lrstep.core.settings import Settings

Numbers = Mapping[str, np.float64]
"""Of one parameter: each slot after the step, and ``step``."""

HIDDEN: dict[str, dict[str, Callable[[Numbers, Settings, int], np.float64]]] = {
    "rmsprop": {
        "root": lambda keras, s, t: np.sqrt(
            keras["accumulator"] - (keras["mean_gradient"] ** 2 if s.centered else 0.0) + s.epsilon
        ),
    },
    "sgd": {"move": lambda keras, s, t: -keras["step"]},
    "adagrad": {"root": lambda keras, s, t: np.sqrt(keras["accumulator"] + s.epsilon)},
    "adam": {
        "rate": lambda keras, s, t: np.float64(s.learning_rate) * np.sqrt(1 - s.beta_2**t) / (1 - s.beta_1**t),
        "denominator": lambda keras, s, t: np.sqrt(keras["accumulator"]) + s.epsilon,
    },
}
"""Optimizer → what its rule calls a number, and how that follows from Keras's slots after the step."""


def hidden(keras: StepResult, settings: Settings, number: int) -> dict[str, list[float]]:
    """Name → its number for each parameter.

    Args:
        keras: Keras's step. settings: of the optimizer. number: of the iteration.
    """
    rows = [
        {"step": np.float64(step), **{slot: np.float64(numbers[row]) for slot, numbers in keras.slots.items()}}
        for row, step in enumerate(keras.step)
    ]
    with np.errstate(all="ignore"):
        return {
            "step": keras.step,
            **{
                name: [float(formula(row, settings, number)) for row in rows]
                for name, formula in HIDDEN.get(settings.optimizer, {}).items()
            },
        }
