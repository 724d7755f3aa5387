"""Gradient descent (SGD) as Keras 3 computes it, with momentum and Nesterov's."""

from typing import Any

from lrstep.core.optimizers.base import Optimizer, Slot
from lrstep.core.phase import Phase
from lrstep.core.symbols import Number


def update(theta: Number, g: Number, M: Number = None, *, lr: Number, mu: Number, nesterov: bool) -> dict[str, Number]:
    """Take one step of gradient descent for one parameter.

    Formula (Keras 3, where the momentum has the sign of the movement)::

        θ ← θ − lr·g
        M ← μ·M − lr·g,  θ ← θ + M                  with momentum μ > 0
        M ← μ·M − lr·g,  θ ← θ + μ·M − lr·g         with Nesterov's momentum (Sutskever et al. 2013)

    Returns:
        Also ``step``: what is subtracted from the parameter.
    """
    if M is None:
        step = lr * g
        return {"step": step, "theta": theta - step}
    M = mu * M - lr * g
    made = {"M": M}
    move = M
    if nesterov:
        made["move"] = move = mu * M - lr * g
    return made | {"step": -move, "theta": theta + move}


def tolerated(settings: Any) -> float:
    """So many times 1/λ, λ the loss's largest curvature, a learning rate has to stay below for the loss not to grow.

    2·(1 + μ) with momentum (Polyak 1964), 2·(1 + μ)/(1 + 2·μ) with Nesterov's: there a root of
    r² − (1 + μ)·(1 − lr·λ)·r + μ·(1 − lr·λ), by which the steps grow, is −1.
    """
    mu = settings.momentum or 0.0
    return 2 * (1 + mu) / (1 + 2 * mu if settings.nesterov else 1)


def moves(settings: Any) -> str:
    """What the step is."""
    if settings.momentum and settings.nesterov:
        return f"lr times the gradient, and {settings.momentum:.5g} of the momentum as it is after this step (Nesterov)"
    return "lr times the gradient"


OPTIMIZER = Optimizer(
    name="sgd",
    title="SGD",
    framework="Keras 3",
    options={"momentum": 0.0, "nesterov": False},
    slots=(Slot("M", "momentum", when="momentum", phase=Phase.UPDATE, keras="momentum"),),
    rule=update,
    keras="SGD",
    cast=("momentum",),
    hidden=lambda kept, settings, t: {"move": -kept["step"]},
    moves=moves,
)
