"""Runs to export."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

MLCC_Y = [5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2]


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Make a run on the first ``n`` of the 12 MLCC samples (more: a straight line with a wave on it).

    With three features the second and third are made up.
    """

    def make(n: int = 12, name: str = "mlcc", features: int = 1, **settings: Any) -> Run:
        x = np.arange(1.0, n + 1)
        y = np.array(MLCC_Y[:n]) if n <= 12 else 3 * x + 2 + np.sin(x)
        if features == 3:
            table = np.column_stack((x / 4, np.cos(x), np.sin(3 * x) + 0.5))
            return Run(Dataset(name, table, y, ("weight", "wind", "rain"), "miles"), Settings(**settings))
        return Run(Dataset(name, x, y, "weight", "miles"), Settings(**{"weight": 0.08255479319424332} | settings))

    return make
