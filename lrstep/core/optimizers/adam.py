"""Adam as Keras 3 computes it."""

from collections.abc import Mapping
from typing import Any

from lrstep.core.optimizers.base import VELOCITY, Optimizer, Slot
from lrstep.core.symbols import Number, power, quotient, root, square


def update(
    theta: Number, g: Number, m: Number, v: Number, *, t: Number, lr: Number, beta_1: Number, beta_2: Number,
    epsilon: Number,
) -> dict[str, Number]:  # fmt: skip
    """Take one Adam step for one parameter.

    Formula (Kingma and Ba 2015, the form before their section 2.1, as in Keras 3: ε outside the root)::

        m    ← m + (g − m)·(1 − β₁)
        v    ← v + (g² − v)·(1 − β₂)
        rate = lr·√(1 − β₂ᵗ) / (1 − β₁ᵗ)            t is the number of the iteration, from 1
        step = rate·m / (√v + ε)
        θ    ← θ − step
    """
    m = m + (g - m) * (1 - beta_1)
    v = v + (square(g) - v) * (1 - beta_2)
    rate = quotient(lr * root(1 - power(beta_2, t)), 1 - power(beta_1, t))
    d = root(v) + epsilon
    step = quotient(rate * m, d)
    return {"m": m, "v": v, "rate": rate, "denominator": d, "step": step, "theta": theta - step}


def hidden(kept: Mapping[str, Number], settings: Any, t: int) -> dict[str, Number]:
    """The rate, and the root with ε, which Keras keeps to itself."""
    rate = settings.learning_rate * root(1 - settings.beta_2**t) / (1 - settings.beta_1**t)
    return {"rate": rate, "denominator": root(kept["accumulator"]) + settings.epsilon}


def accumulates(settings: Any) -> str:
    """What happens to mean gradient and accumulator."""
    first, second = f"{100 * (1 - settings.beta_1):.4g} %", f"{100 * (1 - settings.beta_2):.4g} %"
    return f"The mean gradient takes in {first} of g, the accumulator {second} of g²; both start at 0."


OPTIMIZER = Optimizer(
    name="adam",
    title="Adam",
    framework="Keras 3",
    options={"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07},
    slots=(Slot("m", "mean_gradient", keras="momentum"), VELOCITY),
    rule=update,
    keras="Adam",
    hidden=hidden,
    accumulates=accumulates,
    moves=lambda settings: "the mean gradient over the accumulator's root plus ε; the rate corrects their start at 0",
)
