"""Least squares, which the iterations approach, and the loss over all samples as a function of the parameters."""

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from lrstep.core.arithmetic import error, mean_squared_error, prediction, rmse, squared_error_sum
from lrstep.core.dataset import Dataset, Floats
from lrstep.core.symbols import FEW, square

DIRECT_ROWS = 100_000
"""Up to this many samples the loss over all of them is summed sample by sample, above it comes from
the closed form, which costs the same for any number of samples."""

ROUNDING = 16 * 2.0**-53
"""What is below this part of the numbers that it was computed from is nothing but their rounding, so 0."""

SUMMED = 500_000
"""So many products are summed where the losses of many parameters are asked for at once: a few milliseconds."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Least squares from centred data (Legendre 1805; any textbook on regression). Of one feature::

        w* = Sxy / Sxx        b* = ȳ − w*·x̄        Sxy = Σ (xᵢ − x̄)(yᵢ − ȳ), Sxx = Σ (xᵢ − x̄)²

    of several by a singular value decomposition of the centred and scaled features (Golub and Reinsch 1970); and the
    loss of any other parameters, exact and without going through the samples again::

        L(w, b) = L* + |R·(w − w*)|² + (w·x̄ + b − ȳ)²        RᵀR = XcᵀXc / n, Xc the centred features

    The contours of L are therefore ellipses around (w*, b*).
    """

    dataset: Dataset

    @cached_property
    def x_reach(self) -> tuple[float, ...]:
        """max |xᵢ| of each feature, shape (k,)."""
        return tuple(float(np.abs(x).max()) for x in self.dataset.columns)

    @cached_property
    def y_reach(self) -> float:
        """max |yᵢ|."""
        return float(np.abs(self.dataset.y).max())

    @cached_property
    def x_means(self) -> tuple[float, ...]:
        """x̄ of each feature, shape (k,)."""
        return tuple(map(_mean, self.dataset.columns))

    @cached_property
    def y_mean(self) -> float:
        """ȳ."""
        return _mean(self.dataset.y)

    @cached_property
    def _centred(self) -> Floats:
        """The features less their means, shape (n, k)."""
        return np.column_stack([*map(_less_mean, self.dataset.columns)])

    @cached_property
    def _labels(self) -> Floats:
        """The label less its mean, shape (n,)."""
        return _less_mean(self.dataset.y)

    @cached_property
    def x_variances(self) -> tuple[float, ...]:
        """Sxx / n of each feature, shape (k,); 0 where all its values are equal."""
        with np.errstate(all="ignore"):
            return tuple(_mean(column**2) for column in self._centred.T)

    @cached_property
    def _spreads(self) -> tuple[float, ...]:
        """√(Sxx / n) of each feature, shape (k,); right where Sxx is too large or too small for a float, too."""
        return tuple(map(_spread, self._centred.T))

    @cached_property
    def rank(self) -> int:
        """How many of the centred features are independent of each other."""
        return self._solution[1]

    @cached_property
    def exists(self) -> bool:
        """Whether one line (or plane) is best: the features vary, each on its own, and the sums do not overflow."""
        return (
            self.rank == len(self.dataset.columns)
            and math.isfinite(self.loss)
            and math.isfinite(sum(self.weights) + self.bias)
        )

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """w* of each feature, shape (k,); where many are equally good, the shortest."""
        of_labels = _spread(self._labels)
        pairs = zip(self._solution[0], self._spreads, strict=True)
        return tuple(_resolved(w, w * spread, of_labels) for w, spread in pairs)

    @cached_property
    def weight(self) -> float:
        """w* of the first feature; 0 where all its values are equal."""
        return self.weights[0]

    @cached_property
    def bias(self) -> float:
        """b*, the bias that goes with them."""
        bias = self.y_mean - sum(w * mean for w, mean in zip(self.weights, self.x_means, strict=True))
        terms = (abs(w) * reach for w, reach in zip(self.weights, self.x_reach, strict=True))
        return _resolved(bias, bias, self.y_reach + sum(terms))

    @property
    def parameters(self) -> tuple[float, ...]:
        """w* and b*, shape (k + 1,)."""
        return (*self.weights, self.bias)

    @cached_property
    def _solution(self) -> tuple[tuple[float, ...], int]:
        """w* and the rank."""
        with np.errstate(all="ignore"):
            labels = self._labels
            if len(self.dataset.columns) == 1:
                (variance,) = self.x_variances
                if not math.isfinite(variance):
                    return (math.nan,), 0
                covariance = _mean(self._centred[:, 0] * labels)
                return ((covariance / variance,), 1) if variance > 0 else ((0.0,), 0)
            scale = np.array([spread or 1.0 for spread in self._spreads])
            scaled = self._centred / scale
            if not (np.isfinite(scaled).all() and np.isfinite(labels).all()):
                return (math.nan,) * len(scale), 0
            found, _, rank, _ = np.linalg.lstsq(scaled, labels, rcond=1e-12)
            return tuple((found / scale).tolist()), int(rank)

    @cached_property
    def loss(self) -> float:
        """L*: the mean squared error of least squares."""
        return self._summed(self.parameters)

    @property
    def rmse(self) -> float:
        """√L*."""
        return float(rmse(self.loss))

    @cached_property
    def triangle(self) -> Floats:
        """R of the closed form, shape (k, k): how the loss grows away from w*."""
        return np.asarray(np.linalg.qr(self._centred, mode="r")) / math.sqrt(len(self.dataset))

    def full_loss(self, *parameters: float) -> float:
        """Mean squared error over all samples with weights and bias: what Keras prints as val_loss
        with ``validation_data=(x, y)``."""
        if len(self.dataset) <= DIRECT_ROWS:
            return self._summed(parameters)
        return float(self.closed_form(*map(np.float64, parameters)))

    def full_losses(self, *parameters: Floats) -> Floats:
        """The same for many weights and biases at once, each an array of shape (j,): up to :data:`SUMMED` products
        to the same bits, above that from the closed form, which differs by rounding."""
        if len(self.dataset) * len(parameters[0]) <= SUMMED:
            return self._summed_each(parameters)
        losses = np.array(self.closed_form(*parameters))
        if len(self.dataset) <= DIRECT_ROWS:
            # The closed form may overflow where the loss does not: w* is huge where all x are tiny.
            for k in np.flatnonzero(~np.isfinite(losses)):
                losses[k] = self._summed([float(values[k]) for values in parameters])
        return losses

    def closed_form(self, *parameters: Floats | np.float64) -> Floats | np.float64:
        """L of one set of parameters or of many, in the same time for any number of samples."""
        *weights, bias = parameters
        with np.errstate(all="ignore"):
            offset = prediction(weights, self.x_means, bias) - self.y_mean
            if len(weights) == 1:
                spread = (weights[0] - self.weight) ** 2 * self.x_variances[0]
            else:
                away = [w - best for w, best in zip(weights, self.weights, strict=True)]
                spread = sum(sum(r * d for r, d in zip(row, away, strict=True)) ** 2 for row in self.triangle)
            made: Floats | np.float64 = self.loss + spread + offset**2
            return made

    def _summed(self, parameters: Sequence[float]) -> float:
        *weights, bias = parameters
        with np.errstate(all="ignore"):
            errors = error(prediction(weights, self.dataset.columns, bias), self.dataset.y)
            return float(mean_squared_error(squared_error_sum(errors), len(self.dataset)))

    def _summed_each(self, parameters: Sequence[Floats]) -> Floats:
        n = len(self.dataset)
        *weights, bias = (values[:, None] for values in parameters)
        with np.errstate(all="ignore"):
            squares = square(error(prediction(weights, self.dataset.columns, bias), self.dataset.y))
            # As ``total`` adds: few of them in their order, many pairwise.
            sums = np.add.reduce(squares, axis=1) if n > FEW else reduce(operator.add, squares.T)
            losses: Floats = mean_squared_error(sums, n)
        return losses


def _resolved(number: float, share: float, reach: float) -> float:
    """A number; 0 where its share in numbers as large as ``reach`` is nothing but their rounding."""
    return 0.0 if abs(share) <= ROUNDING * reach < math.inf else number


def _less_mean(values: Floats) -> Floats:
    """Values less their mean; exactly 0 where all are equal.

    The mean is rounded. What it is off by would be a further, constant feature, so it is taken off, too.
    """
    if values.min() == values.max():
        return np.zeros_like(values)
    with np.errstate(all="ignore"):
        rest = values - _mean(values)
        return rest - _mean(rest)


def _spread(values: Floats) -> float:
    """The root of the mean square."""
    with np.errstate(all="ignore"):
        reach = float(np.abs(values).max())
        return reach * math.sqrt(_mean((values / reach) ** 2)) if reach > 0 else reach


def _mean(values: Floats) -> float:
    """The mean as a Python float; an overflow gives inf or nan without a warning."""
    with np.errstate(all="ignore"):
        return float(np.mean(values))
