"""The data of a run: one feature, one label."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrstep.errors import LrstepError

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples of one feature and one label.

    Attributes:
        name: sample name or file name.
        x: feature, shape (n,), float64, read-only.
        y: label, shape (n,), float64, read-only.
        feature: column name of x.
        label: column name of y.

    Raises:
        LrstepError: no sample, different lengths, or a value that is not finite.
    """

    name: str
    x: Floats
    y: Floats
    feature: str = field(default="x")
    label: str = field(default="y")

    def __post_init__(self) -> None:
        for column in ("x", "y"):
            object.__setattr__(self, column, _frozen(getattr(self, column)))
        if self.x.shape != self.y.shape or self.x.ndim != 1:
            raise LrstepError(f"{self.name}: feature and label differ in length", "Give each sample both.")
        if not len(self.x):
            raise LrstepError(f"{self.name}: no samples", "At least one row of numbers is needed.")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            raise LrstepError(f"{self.name}: a value is not finite", "Use finite numbers only.")

    def __len__(self) -> int:
        return len(self.x)


def _frozen(values: ArrayLike) -> Floats:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
