"""RMSprop as Keras 3 computes it, for the two parameters of a line."""

import math
from typing import NamedTuple

from lrstep.core.settings import Settings


class State(NamedTuple):
    """What one iteration hands to the next: the parameters and what the optimizer remembers of each."""

    weight: float
    bias: float
    accumulator_weight: float = 0.0
    accumulator_bias: float = 0.0
    momentum_weight: float = 0.0
    momentum_bias: float = 0.0
    mean_gradient_weight: float = 0.0
    mean_gradient_bias: float = 0.0


class Update(NamedTuple):
    """One parameter after one step, with the quantities that made it.

    Attributes:
        theta: the parameter after the step (w or b).
        v: accumulator after the step.
        M: momentum after the step (0 where momentum is off).
        a: mean gradient after the step (0 where not centered).
        denominator: √(v + ε), centered √(v − a² + ε).
        step: what was subtracted from the parameter.
    """

    theta: float
    v: float
    M: float
    a: float
    denominator: float
    step: float


def update(
    theta: float, g: float, v: float, M: float, a: float, settings: Settings
) -> tuple[float, float, float, float, float, float]:
    """Take one RMSprop step for one parameter.

    Formula (Hinton, lecture 6e, 2012, in the form of Keras 3: ε stands inside the root)::

        v    ← ρ·v + (1 − ρ)·g²
        a    ← ρ·a + (1 − ρ)·g                      only when centered
        step = lr·g / √(v + ε)                      centered: √(v − a² + ε)
        M    ← μ·M + step, and step = M             only with momentum μ > 0
        θ    ← θ − step

    Numbers that overflow become inf or nan, as in NumPy; nothing is raised.

    Args:
        theta: the parameter before the step.
        g: its gradient.
        v: accumulator before the step.
        M: momentum before the step.
        a: mean gradient before the step.
        settings: learning rate, rho, momentum, epsilon, centered.

    Returns:
        The fields of an :class:`Update`, bare: to name them at each of a million steps takes time.
    """
    lr, rho, epsilon = settings.learning_rate, settings.rho, settings.epsilon
    v = rho * v + (1 - rho) * (g * g)
    if settings.centered:
        a = rho * a + (1 - rho) * g
        denominator = root(v - a * a + epsilon)
    else:
        denominator = root(v + epsilon)
    step = quotient(lr * g, denominator)
    if settings.momentum > 0:
        M = step = settings.momentum * M + step
    return theta - step, v, M, a, denominator, step


def root(value: float) -> float:
    """√value; nan for a negative value or nan (rounding can make v − a² negative), as NumPy has it."""
    return math.sqrt(value) if value >= 0 else math.nan


def quotient(a: float, b: float) -> float:
    """a / b; inf or nan where b is 0 (no gradient so far, and ε = 0), as NumPy has it."""
    if b:
        return a / b
    return math.copysign(math.inf, a) if a else math.nan
