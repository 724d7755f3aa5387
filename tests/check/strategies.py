"""Data and settings of any scale, for Hypothesis."""

import numpy as np
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.settings import Settings

scales = st.floats(-6, 9).map(lambda exponent: 10.0**exponent)


@st.composite
def datasets(draw, max_size: int = 40) -> Dataset:
    """Lines with noise of any scale, also without noise, with an offset, rounded, or constant."""
    n, k = draw(st.integers(1, max_size)), draw(st.sampled_from([1, 1, 2, 3]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["noisy", "exact", "offset", "whole", "constant", "zero"]))
    x = random.uniform(-1, 1, (n, k))
    if kind == "offset":
        x = x * draw(st.sampled_from([1e-6, 1e-3])) + 1
    elif kind in ("constant", "zero"):
        x = np.full((n, k), 1.0 if kind == "constant" else 0.0)
    y = x @ [draw(st.floats(-3, 3)) for _ in range(k)] + draw(st.floats(-3, 3))
    if kind != "exact":
        y = y + 0.1 * random.standard_normal(n)
    x, y = x * [draw(scales) for _ in range(k)], y * draw(scales)
    if kind == "whole":
        x, y = np.round(x), np.round(y)
    return Dataset(kind, x, y)


ROUND = {
    "rho": st.sampled_from([0.0, 0.5, 0.9, 0.999]) | st.floats(0, 0.999),
    "momentum": st.sampled_from([0.0, 0.0, 0.9, 1.0]) | st.floats(0, 1),
    "nesterov": st.booleans(),
    "beta_1": st.sampled_from([0.0, 0.9]) | st.floats(0, 0.9999),
    "beta_2": st.sampled_from([0.0, 0.999]) | st.floats(0, 0.9999),
    "initial_accumulator": st.sampled_from([0.0, 0.1, 1.0]),
    "epsilon": st.sampled_from([0.0, 1e-7, 1.0]) | st.floats(0, 1),
    "centered": st.booleans(),
}
KERAS = [name for name, optimizer in OPTIMIZERS.items() if optimizer.keras]


@st.composite
def settings(draw, epochs: int = 4, optimizers=tuple(KERAS)) -> Settings:
    """Any settings that a person may choose."""
    optimizer = draw(st.sampled_from(optimizers))
    return Settings(
        optimizer=optimizer,
        learning_rate=10 ** draw(st.floats(-6, 1)),
        batch_size=draw(st.integers(1, 45)),
        epochs=epochs,
        weight=draw(st.none() | st.floats(-1e3, 1e3)),
        bias=draw(st.just(0.0) | st.floats(-1e3, 1e3)),
        seed=draw(st.integers(0, 99)),
        shuffle=draw(st.booleans()),
        **{name: draw(ROUND[name]) for name in OPTIMIZERS[optimizer].options},
    )
