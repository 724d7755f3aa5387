"""Adadelta as Keras 3 computes it."""

from lrstep.core.optimizers.base import VELOCITY, Optimizer, Slot
from lrstep.core.phase import Phase
from lrstep.core.symbols import Number, quotient, root, square


def update(
    theta: Number, g: Number, v: Number, u: Number, *, lr: Number, rho: Number, epsilon: Number
) -> dict[str, Number]:
    """Take one Adadelta step for one parameter.

    Formula (Zeiler 2012)::

        v     ← ρ·v + (1 − ρ)·g²
        delta = √(u + ε)·g / √(v + ε)
        u     ← ρ·u + (1 − ρ)·delta²
        step  = lr·delta
        θ     ← θ − step
    """
    v = rho * v + (1 - rho) * square(g)
    delta = quotient(root(u + epsilon) * g, root(v + epsilon))
    u = rho * u + (1 - rho) * square(delta)
    step = lr * delta
    return {"v": v, "delta": delta, "u": u, "step": step, "theta": theta - step}


OPTIMIZER = Optimizer(
    name="adadelta",
    title="Adadelta",
    framework="Keras 3",
    options={"rho": 0.95, "epsilon": 1e-07},
    slots=(
        Slot("v", VELOCITY.name, keras="accumulated_grad"),
        Slot("u", "mean_movement", phase=Phase.UPDATE, keras="accumulated_delta_var"),
    ),
    rule=update,
    keras="Adadelta",
)
