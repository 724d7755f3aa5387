"""Features and label brought to one size before training, and the parameters in the data's own units again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.symbols import Number
from lrstep.errors import SettingsError


class Scaling(NamedTuple):
    """Each column less its offset, over its width: z = (value − offset) / width.

    ::

        standard   offset = mean      width = √(Σ (value − mean)² / n)     mean 0, standard deviation 1
        minmax     offset = min       width = max − min                    0 … 1

    (scikit-learn's StandardScaler and MinMaxScaler.) A column of equal values has no width and stays as it is. The
    label is scaled like the features: the steps of most optimizers are about as long as the learning rate, so a bias
    or a weight in the thousands is as far away with scaled features as without.

    Attributes:
        offsets, widths: of each feature, then of the label, shape (k + 1,).
        constant: which of them stay as they are, shape (k + 1,).
    """

    offsets: tuple[float, ...]
    widths: tuple[float, ...]
    constant: tuple[bool, ...]

    @classmethod
    def of(cls, dataset: Dataset, method: str) -> "Scaling":
        """The scaling that a method, ``standard`` or ``minmax``, makes of these data.

        Raises:
            SettingsError: the numbers are so large, or so close to each other, that it cannot be computed.
        """
        offsets, widths, constant = [], [], []
        for name, values in zip((*dataset.features, dataset.label), (*dataset.columns, dataset.y), strict=True):
            constant.append(bool(values.min() == values.max()))
            if constant[-1]:
                offset, width = 0.0, 1.0
            else:
                with np.errstate(all="ignore"):
                    offset, width = map(float, WAYS[method].of(values))
                if not (np.isfinite(offset) and np.isfinite(width) and width > 0):
                    raise SettingsError("scale", f"the numbers of {name} cannot be scaled", "Give them in other units.")
            offsets.append(offset)
            widths.append(width)
        return cls(tuple(offsets), tuple(widths), tuple(constant))

    def applied(self, dataset: Dataset) -> Dataset:
        """The data, scaled; the names of the columns say so."""
        columns = [
            (values - offset) / width
            for values, offset, width in zip((*dataset.columns, dataset.y), self.offsets, self.widths, strict=True)
        ]
        named = (*dataset.features, dataset.label)
        names = zip(named, self.constant, strict=True)
        *features, label = (name if constant else f"{name}, scaled" for name, constant in names)
        return Dataset(dataset.name, np.column_stack(columns[:-1]), columns[-1], tuple(features), label)

    def unscaled_parameters(self, parameters: Sequence[Number]) -> tuple[Number, ...]:
        """Weights and bias that predict the label from the features as they stand in the data, shape (k + 1,).

        ::

            w = w_z · width of y / width of x
            b = b_z · width of y + offset of y − Σ w · offset of x
        """
        *weights, bias = parameters
        *widths, of_label = self.widths
        *offsets, label = self.offsets
        mapped = [weight * of_label / width for weight, width in zip(weights, widths, strict=True)]
        moved = sum(weight * offset for weight, offset in zip(mapped, offsets, strict=True))
        return (*mapped, bias * of_label + label - moved)

    def unscaled_error(self, error: Number) -> Number:
        """An error, or an RMSE, in the label's units."""
        return error * self.widths[-1]


class ScalingMethod(NamedTuple):
    """A way of scaling: what is taken off a column and what it is divided by, in words, and both as numbers."""

    offset: str
    width: str
    of: Callable[[Floats], tuple[np.float64, np.float64]]


WAYS = {
    "standard": ScalingMethod("mean", "standard deviation", lambda values: (values.mean(), values.std())),
    "minmax": ScalingMethod(
        "minimum", "(maximum − minimum)", lambda values: (values.min(), values.max() - values.min())
    ),
}
