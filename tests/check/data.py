"""Data sets for the tests of the check."""

import numpy as np

from lrstep.core.dataset import Dataset

MLCC = Dataset(
    "mlcc",
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0],
    [5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2],
)


def noisy(n: int, x_scale: float = 1.0, y_scale: float = 1.0, seed: int = 0, features: int = 1) -> Dataset:
    """A line, or a plane, with noise: x and y of the order of their scales."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, n if features == 1 else (n, features))
    y = 0.7 * (x if features == 1 else x.sum(axis=1)) - 0.3 + 0.1 * random.standard_normal(n)
    return Dataset(f"noisy {n}", x * x_scale, y * y_scale)
