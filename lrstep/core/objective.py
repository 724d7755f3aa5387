"""The model, its loss on a batch, and the gradient of that loss."""

from typing import NamedTuple

import numpy as np

from lrstep.core.dataset import Floats

FEW = 16
"""With so many samples Python's floats are quicker than NumPy's arrays, whose handling outweighs the arithmetic."""


class Gradient(NamedTuple):
    """Partial derivatives of the loss: ``weight`` is ∂L/∂w, ``bias`` is ∂L/∂b."""

    weight: float
    bias: float


def predict(x: Floats, weight: float, bias: float) -> Floats:
    """Predictions of the line: ŷᵢ = w·xᵢ + b, shape (m,)."""
    return weight * x + bias


def total(terms: Floats) -> float:
    """Σ of the terms, shape (m,) → scalar: few of them in their order, many pairwise."""
    if len(terms) > FEW:
        return float(np.add.reduce(terms))
    result = 0.0
    for term in terms.tolist():
        result += term
    return result


def squared_error_sum(error: Floats) -> float:
    """Σ errorᵢ² over a batch, errorᵢ = ŷᵢ − yᵢ, shape (m,) → scalar; the loss (MSE) is this over m."""
    return total(error * error)


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
    return 2 / m * total(error * x), 2 / m * total(error)


def gradient_and_sse(x: Floats, y: Floats, weight: float, bias: float) -> tuple[float, float, float]:
    """∂L/∂w, ∂L/∂b and Σ errorᵢ² of a batch, errorᵢ = w·xᵢ + b − yᵢ: all that the next iteration needs of this one.

    To the last bit what :func:`gradient` and :func:`squared_error_sum` give. Few samples take a third of the time.

    Args:
        x: feature of the batch, shape (m,).
        y: label of the batch, shape (m,).
        weight: w before the step.
        bias: b before the step.
    """
    m = len(x)
    if m > FEW:
        error = predict(x, weight, bias) - y
        return *gradient(x, error), squared_error_sum(error)
    error_x = errors = squares = 0.0
    for x_i, y_i in zip(x.tolist(), y.tolist(), strict=True):
        error_i = weight * x_i + bias - y_i
        error_x += error_i * x_i
        errors += error_i
        squares += error_i * error_i
    return 2 / m * error_x, 2 / m * errors, squares
