"""The model, its loss on a batch, and the gradient of that loss: every formula but the optimizer's.

The functions work on numbers, on arrays with a value for each sample, and on symbols (see :mod:`lrstep.core.symbols`).
"""

from collections.abc import Sequence

from lrstep.core.dataset import Floats
from lrstep.core.symbols import Number, root, square, total


def prediction(weights: Sequence[Number], features: Sequence[Number], bias: Number) -> Number:
    """ŷ = w₁·x₁ + … + w_k·x_k + b, of one sample or of many at once.

    Args:
        weights: one for each feature, shape (k,).
        features: x₁ … x_k: numbers, or arrays of shape (m,).
        bias: b.
    """
    result = weights[0] * features[0]
    for weight, x in zip(weights[1:], features[1:], strict=True):
        result = result + weight * x
    return result + bias


def error(prediction: Number, y: Number) -> Number:
    """error = ŷ − y."""
    return prediction - y


def squared_error_sum(error: Number) -> Number:
    """Σ error² over the samples, shape (m,) → scalar."""
    return total(square(error))


def mean_squared_error(sum_of_squares: Number, count: Number) -> Number:
    """The loss: L = Σ error² / m, over a batch, over the epoch so far, or over all samples."""
    return sum_of_squares / count


def rmse(loss: Number) -> Number:
    """RMSE = √L."""
    return root(loss)


def gradient_of_weight(error: Number, x: Number, m: Number) -> Number:
    """∂L/∂w = 2/m·Σ error·x, the derivative of L = (1/m)·Σ error² with respect to the weight of feature x."""
    return 2 / m * total(error * x)


def gradient_of_bias(error: Number, m: Number) -> Number:
    """∂L/∂b = 2/m·Σ error."""
    return 2 / m * total(error)


def gradient(columns: Sequence[Floats], errors: Floats) -> tuple[float, ...]:
    """∂L/∂θ of each parameter, the bias last.

    Args:
        columns: the features of the batch, k arrays of shape (m,).
        errors: ŷ − y of the batch, shape (m,).
    """
    m = len(errors)
    return (*(gradient_of_weight(errors, x, m) for x in columns), gradient_of_bias(errors, m))
