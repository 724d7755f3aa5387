"""The model, its loss on a batch, and the gradient of that loss."""

from typing import NamedTuple

import numpy as np

from lrstep.core.dataset import Floats

# ndarray.sum() goes through a Python wrapper that costs more than a small sum itself.
total = np.add.reduce


class Gradient(NamedTuple):
    """Partial derivatives of the loss: ``weight`` is ∂L/∂w, ``bias`` is ∂L/∂b."""

    weight: float
    bias: float


def predict(x: Floats, weight: float, bias: float) -> Floats:
    """Predictions of the line: ŷᵢ = w·xᵢ + b, shape (m,)."""
    return weight * x + bias


def squared_error_sum(error: Floats) -> float:
    """Σ errorᵢ² over a batch, errorᵢ = ŷᵢ − yᵢ, shape (m,) → scalar; the loss (MSE) is this over m."""
    return float(total(error * error))


def gradient(x: Floats, error: Floats) -> tuple[float, float]:
    """Gradient of the mean squared error L = (1/m)·Σ errorᵢ² with respect to w and b.

    ::

        ∂L/∂w = (2/m)·Σ errorᵢ·xᵢ
        ∂L/∂b = (2/m)·Σ errorᵢ

    Args:
        x: feature of the batch, shape (m,).
        error: ŷ − y of the batch, shape (m,).

    Returns:
        The fields of a :class:`Gradient`: ∂L/∂w, ∂L/∂b.
    """
    m = len(error)
    return 2 / m * float(total(error * x)), 2 / m * float(total(error))
