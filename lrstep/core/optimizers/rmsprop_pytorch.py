"""RMSprop of PyTorch: α 0.99, ε 1e-8 outside the root, the learning rate outside of the momentum."""

from dataclasses import replace

from lrstep.core.optimizers import rmsprop
from lrstep.core.symbols import Number, quotient, root


def update(
    theta: Number, g: Number, v: Number, a: Number = None, M: Number = None,
    *, lr: Number, rho: Number, epsilon: Number, mu: Number,
) -> dict[str, Number]:  # fmt: skip
    """Take one step for one parameter.

    Formula (``torch.optim.RMSprop``; its α is ρ here)::

        v    ← ρ·v + (1 − ρ)·g²
        a    ← ρ·a + (1 − ρ)·g                      only when centered
        step = lr·g / (√v + ε)                      centered: √(v − a²) + ε
        M    ← μ·M + g / (√v + ε), and step = lr·M  only with momentum μ > 0
        θ    ← θ − step
    """
    made, radicand = rmsprop.spread(g, v, a, rho)
    made["denominator"] = root(radicand) + epsilon
    if M is not None:
        made["M"] = mu * M + quotient(g, made["denominator"])
        made["step"] = lr * made["M"]
    else:
        made["step"] = quotient(lr * g, made["denominator"])
    made["theta"] = theta - made["step"]
    return made


OPTIMIZER = replace(
    rmsprop.OPTIMIZER,
    name="rmsprop-pytorch",
    title="RMSprop of PyTorch",
    framework="PyTorch",
    options=dict(rmsprop.OPTIMIZER.options) | {"rho": 0.99, "epsilon": 1e-08},
    rule=update,
    keras="",
)
