"""The least-squares line, which the iterations approach, and the loss over all samples as a function of (w, b)."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.objective import predict, squared_error_sum

DIRECT_ROWS = 100_000
"""Up to this many samples the loss over all of them is summed sample by sample, above it comes from
the closed form, which costs the same for any number of samples."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Least squares of one feature, from centred sums (Legendre 1805; any textbook on regression)::

        w* = Sxy / Sxx        b* = ȳ − w*·x̄        Sxy = Σ (xᵢ − x̄)(yᵢ − ȳ), Sxx = Σ (xᵢ − x̄)²

    and the loss of any other line, exact and without going through the samples again::

        L(w, b) = L* + (w − w*)²·Sxx/n + (w·x̄ + b − ȳ)²

    The contours of L are therefore ellipses around (w*, b*).
    """

    dataset: Dataset

    @cached_property
    def x_reach(self) -> float:
        """max |xᵢ|."""
        return float(np.abs(self.dataset.x).max())

    @cached_property
    def y_reach(self) -> float:
        """max |yᵢ|."""
        return float(np.abs(self.dataset.y).max())

    @cached_property
    def x_mean(self) -> float:
        """x̄."""
        return _mean(self.dataset.x)

    @cached_property
    def y_mean(self) -> float:
        """ȳ."""
        return _mean(self.dataset.y)

    @cached_property
    def x_variance(self) -> float:
        """Sxx / n; 0 where all x are equal."""
        x = self.dataset.x
        if x.min() == x.max():
            return 0.0  # the mean of equal numbers need not be that number to the last bit
        with np.errstate(all="ignore"):
            return _mean((x - self.x_mean) ** 2)

    @cached_property
    def exists(self) -> bool:
        """Whether one line is best: not so where all x are equal, or where the sums overflow."""
        return self.x_variance > 0 and math.isfinite(self.loss) and math.isfinite(self.weight + self.bias)

    @cached_property
    def weight(self) -> float:
        """w* of the least-squares line; 0 where all x are equal."""
        if self.x_variance == 0:
            return 0.0
        with np.errstate(all="ignore"):
            covariance = _mean((self.dataset.x - self.x_mean) * (self.dataset.y - self.y_mean))
        return covariance / self.x_variance

    @cached_property
    def bias(self) -> float:
        """b* of the least-squares line."""
        return self.y_mean - self.weight * self.x_mean

    @cached_property
    def loss(self) -> float:
        """L*: the mean squared error of the least-squares line."""
        with np.errstate(all="ignore"):
            return self._summed(self.weight, self.bias)

    def full_loss(self, weight: float, bias: float) -> float:
        """Mean squared error of the line (w, b) over all samples: what Keras prints as val_loss
        with ``validation_data=(x, y)``."""
        with np.errstate(all="ignore"):
            if len(self.dataset) <= DIRECT_ROWS:
                return self._summed(weight, bias)
            return float(self.closed_form(np.float64(weight), np.float64(bias)))

    def full_losses(self, weights: Floats, biases: Floats) -> Floats:
        """The same for many lines at once, shape (k,)."""
        losses = np.array(self.closed_form(weights, biases))
        if len(self.dataset) <= DIRECT_ROWS:
            # The closed form may overflow where the loss does not: w* is huge where all x are tiny.
            with np.errstate(all="ignore"):
                for k in np.flatnonzero(~np.isfinite(losses)):
                    losses[k] = self._summed(float(weights[k]), float(biases[k]))
        return losses

    def closed_form(self, weight: Floats | np.float64, bias: Floats | np.float64) -> Floats | np.float64:
        """L(w, b) of one line or of many, in the same time for any number of samples."""
        with np.errstate(all="ignore"):
            spread = (weight - self.weight) ** 2 * self.x_variance
            offset = weight * self.x_mean + bias - self.y_mean
            return self.loss + spread + offset**2

    def _summed(self, weight: float, bias: float) -> float:
        error = predict(self.dataset.x, weight, bias) - self.dataset.y
        return float(squared_error_sum(error) / len(self.dataset))


def _mean(values: Floats) -> float:
    """The mean as a Python float; an overflow gives inf or nan without a warning."""
    with np.errstate(all="ignore"):
        return float(np.mean(values))
