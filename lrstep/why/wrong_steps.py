"""One training step with any part of it replaced: the right step and the wrong ones are the same code.

All of it works on plain floats (one iteration) and on arrays of shape (k,) (many iterations at once).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.settings import Settings

Number = Any
"""A float, or an array of shape (k,): one value per iteration."""


class Batch(NamedTuple):
    """What a batch's loss and gradient depend on: m, means, variance of x, its own best slope and loss there.

    With these centred sums the loss of any line costs the same for any m, and nothing cancels::

        L(w, b) = L* + (w − w*)²·Sxx/m + (w·x̄ + b − ȳ)²
    """

    m: Number
    x_mean: Number
    y_mean: Number
    x_variance: Number
    slope: Number
    lowest: Number

    def loss(self, w: Number, b: Number) -> Number:
        """Mean squared error of the line (w, b)."""
        offset = w * self.x_mean + b - self.y_mean
        tilt = w - self.slope
        return self.lowest + tilt * tilt * self.x_variance + offset * offset

    def gradient(self, w: Number, b: Number) -> tuple[Number, Number]:
        """∂L/∂w = 2·((w − w*)·Sxx/m + offset·x̄) and ∂L/∂b = 2·offset, offset = w·x̄ + b − ȳ."""
        offset = w * self.x_mean + b - self.y_mean
        return 2 * ((w - self.slope) * self.x_variance + offset * self.x_mean), 2 * offset


def batch_of(x: Floats, y: Floats) -> Batch:
    """The :class:`Batch` of samples of shape (m,)."""
    m = len(x)
    x_mean, y_mean = float(np.add.reduce(x) / m), float(np.add.reduce(y) / m)
    dx, dy = x - x_mean, y - y_mean
    # Equal x must give exactly 0, which the rounding of their mean would spoil.
    x_variance = float(np.add.reduce(dx * dx) / m) if x.min() < x.max() else 0.0
    slope = float(np.add.reduce(dx * dy) / m) / x_variance if x_variance else 0.0
    residual = dy - slope * dx
    return Batch(m, x_mean, y_mean, x_variance, slope, float(np.add.reduce(residual * residual) / m))


class Side(NamedTuple):
    """One parameter and what the optimizer remembers of it: θ, accumulator, momentum, mean gradient."""

    theta: Number
    v: Number
    M: Number
    a: Number


class Scope(NamedTuple):
    """Where a step is taken.

    Attributes:
        number: the iteration.
        batch: its samples.
        before, after: the samples of the batches before and after it.
        size: the batch size of the settings.
        carried: 0 in the first batch of an epoch, else 1.
        given: the gradient where it is known already; else None.
    """

    number: Number
    batch: Batch
    before: Batch
    after: Batch
    size: int
    carried: Number
    given: tuple[Number, Number] | None = None


def root(value: Number) -> Number:
    """√value, nan below 0, for floats and arrays."""
    if isinstance(value, np.ndarray):
        return np.sqrt(value)
    return math.sqrt(value) if value >= 0 else math.nan


def gradient(c: Settings, s: Scope, w: Side, b: Side) -> tuple[Number, Number]:
    """The right gradient: of the batch's loss, at the weights before the update."""
    return s.given or s.batch.gradient(w.theta, b.theta)


def accumulator(c: Settings, s: Scope, v: Number, g: Number) -> Number:
    """v ← ρ·v + (1 − ρ)·g²."""
    return c.rho * v + (1 - c.rho) * g * g


def step(c: Settings, s: Scope, g: Number, old: Side, new: Side) -> Number:
    """lr·g/√(v + ε), centered lr·g/√(v − a² + ε); momentum is added by :func:`take`."""
    return c.learning_rate * g / root(under_root(c, new) + c.epsilon)


def under_root(c: Settings, side: Side) -> Number:
    """v, or v − a² where centered."""
    return side.v - side.a * side.a if c.centered else side.v


def same(c: Settings) -> Settings:
    """The settings as they are."""
    return c


@dataclass(frozen=True)
class Rule:
    """How a step is computed; what is not given is right.

    Attributes:
        gradient: gradient of weight and bias.
        accumulator: accumulator from the old one and g.
        step: what is subtracted, without momentum.
        settings: the settings that are used instead.
        bias_last: the bias is updated from the error with the new weight.
    """

    gradient: Callable[[Settings, Scope, Side, Side], tuple[Number, Number]] = gradient
    accumulator: Callable[[Settings, Scope, Number, Number], Number] = accumulator
    step: Callable[[Settings, Scope, Number, Side, Side], Number] = step
    settings: Callable[[Settings], Settings] = same
    bias_last: bool = False


class Taken(NamedTuple):
    """A step: the gradient used, the parameters after it, what was subtracted."""

    g_w: Number
    g_b: Number
    w: Side
    b: Side
    step_w: Number
    step_b: Number


def take(rule: Rule, c: Settings, s: Scope, w: Side, b: Side) -> Taken:
    """Take one step by a rule; ``c`` are the rule's own settings already."""
    g_w, g_b = rule.gradient(c, s, w, b)
    new_w, step_w = _move(rule, c, s, g_w, w)
    if rule.bias_last:
        _, g_b = s.batch.gradient(new_w.theta, b.theta)
    new_b, step_b = _move(rule, c, s, g_b, b)
    return Taken(g_w, g_b, new_w, new_b, step_w, step_b)


def _move(rule: Rule, c: Settings, s: Scope, g: Number, old: Side) -> tuple[Side, Number]:
    v = rule.accumulator(c, s, old.v, g)
    a = c.rho * old.a + (1 - c.rho) * g if c.centered else old.a
    step = rule.step(c, s, g, old, Side(old.theta, v, old.M, a))
    M = old.M
    if c.momentum > 0:
        M = step = c.momentum * M + step
    return Side(old.theta - step, v, M, a), step


RIGHT = Rule()


def new_weights(c: Settings, s: Scope, w: Side, b: Side) -> tuple[Number, Number]:
    """The gradient at the weights from after the update."""
    taken = take(RIGHT, c, s, w, b)
    return s.batch.gradient(taken.w.theta, taken.b.theta)


def scaled(factor: Callable[[Scope], Number]) -> Callable[[Settings, Scope, Side, Side], tuple[Number, Number]]:
    """The gradient times a factor."""

    def wrong(c: Settings, s: Scope, w: Side, b: Side) -> tuple[Number, Number]:
        g_w, g_b = gradient(c, s, w, b)
        return g_w * factor(s), g_b * factor(s)

    return wrong


def swapped(c: Settings, s: Scope, w: Side, b: Side) -> tuple[Number, Number]:
    """g_b for g_w and g_w for g_b."""
    g_w, g_b = gradient(c, s, w, b)
    return g_b, g_w


def epsilon_outside(c: Settings, s: Scope, g: Number, old: Side, new: Side) -> Number:
    """lr·g/(√v + ε)."""
    return c.learning_rate * g / (root(under_root(c, new)) + c.epsilon)


def bias_corrected(c: Settings, s: Scope, g: Number, old: Side, new: Side) -> Number:
    """The step with Adam's v/(1 − ρᵗ) for v, t the number of the iteration."""
    return step(c, s, g, old, new._replace(v=new.v / (1 - c.rho**s.number)))
