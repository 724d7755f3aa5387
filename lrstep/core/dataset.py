"""The data of a run: one feature or several, one label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrstep.errors import LrstepError

Floats = NDArray[np.float64]
RowNumbers = NDArray[np.intp]


@dataclass(frozen=True, eq=False, init=False)
class Dataset:
    """Samples of some features and one label.

    Attributes:
        name: sample name or file name.
        columns: the features, k arrays of shape (n,), float64, read-only.
        y: label, shape (n,), float64, read-only.
        features: names of the features.
        label: column name of y.

    Args:
        x: the feature, shape (n,), or several of them, shape (n, k).
        feature: its name, or their names.

    Raises:
        LrstepError: no sample, different lengths, or a value that is not finite.
    """

    name: str
    columns: tuple[Floats, ...]
    y: Floats
    features: tuple[str, ...]
    label: str

    def __init__(
        self, name: str, x: ArrayLike, y: ArrayLike, feature: str | tuple[str, ...] = "", label: str = "y"
    ) -> None:
        table = np.array(x, dtype=np.float64)
        columns = table.T if table.ndim == 2 else (table,)
        if not feature:
            feature = "x" if len(columns) == 1 else tuple(f"x{i}" for i in range(1, len(columns) + 1))
        self.__dict__.update(
            name=name,
            columns=tuple(_frozen(column) for column in columns),
            y=_frozen(y),
            features=(feature,) if isinstance(feature, str) else feature,
            label=label,
        )
        self._refuse()

    def _refuse(self) -> None:
        if any(column.shape != self.y.shape or column.ndim != 1 for column in self.columns):
            raise LrstepError(f"{self.name}: feature and label differ in length", "Give each sample both.")
        if len(self.features) != len(self.columns) or not self.columns:
            raise LrstepError(f"{self.name}: features and their names differ in number", "Give each feature a name.")
        if not len(self.y):
            raise LrstepError(f"{self.name}: no samples", "At least one row of numbers is needed.")
        if not all(np.isfinite(column).all() for column in (*self.columns, self.y)):
            raise LrstepError(f"{self.name}: a value is not finite", "Use finite numbers only.")

    def __len__(self) -> int:
        return len(self.y)

    def named(self, name: str) -> "Dataset":
        """The same data under another name."""
        return Dataset(name, np.column_stack(self.columns), self.y, self.features, self.label)

    @property
    def x(self) -> Floats:
        """The feature, shape (n,), where there is only one; else all of them, shape (n, k)."""
        return self.columns[0] if len(self.columns) == 1 else np.column_stack(self.columns)

    @property
    def feature(self) -> str:
        """The name of the feature; of several the names with commas between them."""
        return ", ".join(self.features)


def _frozen(values: ArrayLike) -> Floats:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
