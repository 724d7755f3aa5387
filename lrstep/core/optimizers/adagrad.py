"""Adagrad as Keras 3 computes it."""

from lrstep.core.optimizers.base import Optimizer, Slot
from lrstep.core.symbols import Number, quotient, root, square


def update(theta: Number, g: Number, v: Number, *, lr: Number, epsilon: Number) -> dict[str, Number]:
    """Take one Adagrad step for one parameter.

    Formula (Duchi, Hazan and Singer 2011, in the form of Keras 3: ε inside the root, v starts at 0.1)::

        v    ← v + g²
        step = lr·g / √(v + ε)
        θ    ← θ − step
    """
    v = v + square(g)
    d = root(v + epsilon)
    step = quotient(lr * g, d)
    return {"v": v, "root": d, "step": step, "theta": theta - step}


OPTIMIZER = Optimizer(
    name="adagrad",
    title="Adagrad",
    framework="Keras 3",
    options={"initial_accumulator": 0.1, "epsilon": 1e-07},
    slots=(Slot("v", "accumulator", start="initial_accumulator", keras="accumulator"),),
    rule=update,
    keras="Adagrad",
    hidden=lambda kept, settings, t: {"root": root(kept["accumulator"] + settings.epsilon)},
    keras_names={"initial_accumulator": "initial_accumulator_value"},
    accumulates=lambda settings: (
        "The accumulator adds up the squares of all gradients so far: as it grows, equal gradients make shorter steps."
    ),
    moves=lambda settings: "lr times the gradient, divided by the root of the accumulator plus ε",
)
