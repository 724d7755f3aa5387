"""The start of a run: which weight and bias the first iteration begins with."""

import math

import numpy as np

from lrstep.core.rmsprop import State
from lrstep.core.settings import Settings

GLOROT_LIMIT = math.sqrt(6 / (1 + 1))
"""√(6 / (fan_in + fan_out)) with one input and one unit: √3."""


def glorot_uniform(seed: int) -> float:
    """Draw a weight from U(−√3, √3), the Glorot uniform distribution of Keras's ``Dense(1)`` on one input.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010. The random generator is NumPy's, so a seed gives another weight than in Keras.
    """
    return float(np.random.default_rng(seed).uniform(-GLOROT_LIMIT, GLOROT_LIMIT))


def initial_state(settings: Settings) -> State:
    """Weight and bias as set or drawn; accumulator, momentum and mean gradient start at 0."""
    weight = glorot_uniform(settings.seed) if settings.weight is None else settings.weight
    return State(weight=weight, bias=settings.bias)
