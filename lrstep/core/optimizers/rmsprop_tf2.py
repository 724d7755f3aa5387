"""RMSprop of tf.keras up to 2.10: ε outside the root, but for momentum, whose kernel has it inside."""

from dataclasses import replace

from lrstep.core.optimizers import rmsprop, rmsprop_pytorch
from lrstep.core.symbols import Number


def update(
    theta: Number, g: Number, v: Number, a: Number = None, M: Number = None,
    *, lr: Number, rho: Number, epsilon: Number, mu: Number,
) -> dict[str, Number]:  # fmt: skip
    """Take one step for one parameter.

    Formula (``OptimizerV2`` of TensorFlow 2.10)::

        v    ← ρ·v + (1 − ρ)·g²
        a    ← ρ·a + (1 − ρ)·g                      only when centered
        step = lr·g / (√v + ε)                      centered: √(v − a²) + ε
        θ    ← θ − step

    With momentum a kernel of TensorFlow takes the step, the same as in Keras 3: √(v + ε).
    """
    if M is None:
        return rmsprop_pytorch.update(theta, g, v, a, lr=lr, rho=rho, epsilon=epsilon, mu=mu)
    return rmsprop.update(theta, g, v, a, M, lr=lr, rho=rho, epsilon=epsilon, mu=mu)


OPTIMIZER = replace(
    rmsprop.OPTIMIZER,
    name="rmsprop-tf2",
    title="RMSprop of tf.keras 2.10",
    framework="tf.keras up to 2.10",
    rule=update,
    keras="",
)
