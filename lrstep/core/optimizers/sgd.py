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


def moves(settings: Any) -> str:
    """What the step is."""
    if settings.momentum and settings.nesterov:
        return "lr times the gradient, and the momentum as it is after this step (Nesterov)"
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
