"""RMSprop as Keras 3 computes it."""

from collections.abc import Mapping
from typing import Any

from lrstep.core.optimizers.base import VELOCITY, Optimizer, Slot
from lrstep.core.phase import Phase
from lrstep.core.symbols import Number, quotient, root, square

MEAN_GRADIENT = Slot("a", "mean_gradient", when="centered", keras="average_gradient")
MOMENTUM = Slot("M", "momentum", when="momentum", phase=Phase.UPDATE, keras="momentum")


def spread(g: Number, v: Number, a: Number, rho: Number) -> tuple[dict[str, Number], Number]:
    """The slots after taking in a gradient, and what stands under the root: v, centered v − a².

    ::

        v ← ρ·v + (1 − ρ)·g²
        a ← ρ·a + (1 − ρ)·g                      only when centered, else a is None
    """
    made = {"v": rho * v + (1 - rho) * square(g)}
    if a is None:
        return made, made["v"]
    made["a"] = rho * a + (1 - rho) * g
    return made, made["v"] - square(made["a"])


def update(
    theta: Number, g: Number, v: Number, a: Number = None, M: Number = None,
    *, lr: Number, rho: Number, epsilon: Number, mu: Number,
) -> dict[str, Number]:  # fmt: skip
    """Take one RMSprop step for one parameter.

    Formula (Hinton, lecture 6e, 2012, in the form of Keras 3: ε stands inside the root)::

        v    ← ρ·v + (1 − ρ)·g²
        a    ← ρ·a + (1 − ρ)·g                      only when centered
        step = lr·g / √(v + ε)                      centered: √(v − a² + ε)
        M    ← μ·M + step, and step = M             only with momentum μ > 0
        θ    ← θ − step
    """
    made, radicand = spread(g, v, a, rho)
    made["root"] = root(radicand + epsilon)
    step = quotient(lr * g, made["root"])
    if M is not None:
        made["M"] = step = mu * M + step
    made["step"] = step
    made["theta"] = theta - step
    return made


def hidden(kept: Mapping[str, Number], settings: Any, t: int) -> dict[str, Number]:
    """The root, which Keras keeps to itself."""
    mean_square = square(kept["mean_gradient"]) if settings.centered else 0.0
    return {"root": root(kept["accumulator"] - mean_square + settings.epsilon)}


def accumulates(settings: Any) -> str:
    """What happens to accumulator and mean gradient."""
    new = f"{100 * (1 - settings.rho):.4g}"
    return f"The accumulator keeps {100 - float(new):.12g} % of itself and takes in {new} % of g².{_mean(settings)}"


def first_accumulates(settings: Any) -> str:
    """What that is in the first step."""
    new = f"{100 * (1 - settings.rho):.4g} %"
    return f"The accumulators start at 0, so now they hold {new} of the squared gradients.{_mean(settings)}"


def _mean(settings: Any) -> str:
    return " Centered: a mean of g is kept too." if settings.centered else ""


def moves(settings: Any) -> str:
    """What the step is."""
    if settings.centered:
        return "lr times the gradient, divided by the root of its running variance plus ε (centered)"
    return "lr times the gradient, divided by the root of its running mean square plus ε"


def first_moves(settings: Any) -> str:
    """What the first step is, whose v is (1 − ρ)·g²."""
    if settings.centered:
        return "v − a² is ρ(1 − ρ)·g² at first, so the step is lr/√(ρ(1 − ρ)), however large g is"
    return "g over its own root mean square, so the first step is lr/√(1 − ρ), however large g is"


OPTIMIZER = Optimizer(
    name="rmsprop",
    title="RMSprop",
    framework="Keras 3",
    options={"rho": 0.9, "momentum": 0.0, "epsilon": 1e-07, "centered": False},
    slots=(VELOCITY, MOMENTUM, MEAN_GRADIENT),
    rule=update,
    keras="RMSprop",
    hidden=hidden,
    accumulates=accumulates,
    moves=moves,
    first_accumulates=first_accumulates,
    first_moves=first_moves,
)
