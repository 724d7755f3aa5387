"""The state of RMSprop with all its slots, for the Keras check until it knows other optimizers."""

from typing import NamedTuple

from lrstep.core import state


class State(NamedTuple):
    """Two parameters with three slots each."""

    weight: float
    bias: float
    accumulator_weight: float = 0.0
    accumulator_bias: float = 0.0
    momentum_weight: float = 0.0
    momentum_bias: float = 0.0
    mean_gradient_weight: float = 0.0
    mean_gradient_bias: float = 0.0


def eight(given: "state.State") -> State:
    """The state with all slots."""
    return State(*(getattr(given, name) for name in State._fields))
