"""Data and settings of any scale, for Hypothesis."""

import numpy as np
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings

scales = st.floats(-6, 9).map(lambda exponent: 10.0**exponent)


@st.composite
def datasets(draw, max_size: int = 40) -> Dataset:
    """Lines with noise of any scale, also without noise, with an offset, rounded, or constant."""
    n = draw(st.integers(1, max_size))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["noisy", "exact", "offset", "whole", "constant", "zero"]))
    x = random.uniform(-1, 1, n)
    if kind == "offset":
        x = x * draw(st.sampled_from([1e-6, 1e-3])) + 1
    elif kind in ("constant", "zero"):
        x = np.full(n, 1.0 if kind == "constant" else 0.0)
    y = draw(st.floats(-3, 3)) * x + draw(st.floats(-3, 3))
    if kind != "exact":
        y = y + 0.1 * random.standard_normal(n)
    x, y = x * draw(scales), y * draw(scales)
    if kind == "whole":
        x, y = np.round(x), np.round(y)
    return Dataset(kind, x, y)


@st.composite
def settings(draw, epochs: int = 4) -> Settings:
    """Any settings that a person may choose."""
    return Settings(
        learning_rate=10 ** draw(st.floats(-6, 1)),
        batch_size=draw(st.integers(1, 45)),
        epochs=epochs,
        rho=draw(st.sampled_from([0.0, 0.5, 0.9, 0.999]) | st.floats(0, 0.999)),
        momentum=draw(st.sampled_from([0.0, 0.0, 0.9, 1.0]) | st.floats(0, 1)),
        epsilon=draw(st.sampled_from([0.0, 1e-7, 1.0]) | st.floats(0, 1)),
        centered=draw(st.booleans()),
        weight=draw(st.none() | st.floats(-1e3, 1e3)),
        bias=draw(st.just(0.0) | st.floats(-1e3, 1e3)),
        seed=draw(st.integers(0, 99)),
        shuffle=draw(st.booleans()),
    )
