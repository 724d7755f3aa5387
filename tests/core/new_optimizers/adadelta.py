"""Adadelta as Keras 3 computes it."""

from lrstep.core.optimizers.base import Optimizer, Slot
from lrstep.core.phase import Phase
from lrstep.core.symbols import Number, quotient, root, square


def update(
    theta: Number, g: Number, s: Number, u: Number, *, lr: Number, rho: Number, epsilon: Number
) -> dict[str, Number]:
    """Take one Adadelta step for one parameter.

    Formula (Zeiler 2012)::

        s     ← ρ·s + (1 − ρ)·g²
        delta = √(u + ε)·g / √(s + ε)
        u     ← ρ·u + (1 − ρ)·delta²
        step  = lr·delta
        θ     ← θ − step
    """
    s = rho * s + (1 - rho) * square(g)
    delta = quotient(root(u + epsilon) * g, root(s + epsilon))
    u = rho * u + (1 - rho) * square(delta)
    step = lr * delta
    return {"s": s, "delta": delta, "u": u, "step": step, "theta": theta - step}


OPTIMIZER = Optimizer(
    name="adadelta",
    title="Adadelta",
    framework="Keras 3",
    options={"rho": 0.95, "epsilon": 1e-07},
    slots=(
        Slot("s", "mean_square", keras="accumulated_grad"),
        Slot("u", "mean_movement", phase=Phase.UPDATE, keras="accumulated_delta_var"),
    ),
    rule=update,
    keras="Adadelta",
)
