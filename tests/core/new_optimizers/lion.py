"""Lion as Keras 3 computes it."""

from lrstep.core.optimizers.base import Optimizer, Slot
from lrstep.core.symbols import Number, sign


def update(theta: Number, g: Number, m: Number, *, lr: Number, beta_1: Number, beta_2: Number) -> dict[str, Number]:
    """Take one Lion step for one parameter.

    Formula (Chen et al. 2023)::

        direction = sign(β₁·m + (1 − β₁)·g)
        step      = lr·direction
        m         ← β₂·m + (1 − β₂)·g
        θ         ← θ − step
    """
    direction = sign(beta_1 * m + (1 - beta_1) * g)
    step = lr * direction
    m = beta_2 * m + (1 - beta_2) * g
    return {"direction": direction, "m": m, "step": step, "theta": theta - step}


OPTIMIZER = Optimizer(
    name="lion",
    title="Lion",
    framework="Keras 3",
    options={"beta_1": 0.9, "beta_2": 0.99},
    slots=(Slot("m", "mean_gradient", keras="momentum"),),
    rule=update,
    keras="Lion",
    cast=("beta_1", "beta_2"),
    hidden=lambda kept, settings, t: {"direction": sign(kept["step"])},
)
