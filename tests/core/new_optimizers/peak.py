"""An optimizer that no framework has: the largest mean square so far, a memory of its own setting, odd starts."""

from lrstep.core.optimizers.base import Optimizer, Slot
from lrstep.core.phase import Phase
from lrstep.core.setting import Field
from lrstep.core.symbols import Number, larger, quotient, root, square


def update(
    theta: Number,
    g: Number,
    s: Number,
    p: Number,
    d: Number,
    *,
    lr: Number,
    rho: Number,
    memory: Number,
    keep_all: bool,
) -> dict[str, Number]:
    """Take one step for one parameter.

    Formula::

        s    ← ρ·s + (1 − ρ)·g²                     starts at 0.3
        p    ← max(p, s)                            starts at κ
        d    ← κ·d + g / √p                         starts at −0.25; all kept: d + g / √p
        step = lr·d
        θ    ← θ − step
    """
    s = rho * s + (1 - rho) * square(g)
    p = larger(p, s)
    d = (d if keep_all else memory * d) + quotient(g, root(p))
    step = lr * d
    return {"s": s, "p": p, "d": d, "step": step, "theta": theta - step}


OPTIMIZER = Optimizer(
    name="peak",
    title="Peak",
    framework="no framework",
    options={"rho": 0.77, "memory": 0.37, "keep_all": False},
    slots=(
        Slot("s", "mean_square", start=0.3),
        Slot("p", "peak", start="memory"),
        Slot("d", "drive", start=-0.25, phase=Phase.UPDATE),
    ),
    rule=update,
    fields=(
        Field(
            "memory", "memory", "κ", "float", "a number from 0 to 2", lambda v: 0 <= v <= 2,
            "How much of the drive is kept.", "0 … 2",
        ),
        Field("keep_all", "keep all", "keep all", "bool", "yes or no", lambda v: True, "Keep all of it.", "yes or no"),
    ),
    moves=lambda settings: "lr times the drive",
)  # fmt: skip
