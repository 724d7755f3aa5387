"""The start of a run: which weights and bias the first iteration begins with, and what the optimizer remembers."""

import math
from functools import lru_cache

import numpy as np

from lrstep.core.settings import Settings
from lrstep.core.state import State
from lrstep.errors import SettingsError


def glorot_limit(features: int = 1) -> float:
    """√(6 / (fan_in + fan_out)) with so many inputs and one unit: √3 with one."""
    return math.sqrt(6 / (features + 1))


@lru_cache(maxsize=256)
def glorot_uniform(seed: int, features: int = 1) -> tuple[float, ...]:
    """Draw weights from the Glorot uniform distribution of Keras's ``Dense(1)``: U(−L, L), L = √(6 / (features + 1)).

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010. The random generator is NumPy's, so a seed gives other weights than in Keras.
    """
    limit = glorot_limit(features)
    return tuple(np.random.default_rng(seed).uniform(-limit, limit, features).tolist())


def initial_weights(settings: Settings, features: int) -> tuple[float, ...]:
    """The weights as set (one for all, or one each) or drawn, shape (k,).

    Raises:
        SettingsError: there are weights for another number of features.
    """
    given = settings.weight
    if given is None:
        return glorot_uniform(settings.seed, features)
    if not isinstance(given, tuple):
        return (given,) * features
    if len(given) != features:
        raise SettingsError(
            "weight",
            f"{len(given)} initial weights are given for {features} feature{'s' * (features > 1)}",
            "Give one for all of them, or one for each in their order.",
        )
    return given


def initial_state(settings: Settings, features: int = 1) -> State:
    """Weights and bias as set or drawn; each slot of the optimizer as it starts."""
    parameters = (*initial_weights(settings, features), settings.bias)
    starts = settings.rule.starts(settings)
    return State(parameters, {name: (value,) * len(parameters) for name, value in starts.items()})
