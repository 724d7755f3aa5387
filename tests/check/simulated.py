"""One RMSprop step in NumPy in any precision and any order of summation, standing in for Keras.

Written from the formulas, apart from the engine: every operation is rounded to the precision, as it is in
TensorFlow, and results below the normal range may be flushed to 0.
"""

import numpy as np

from lrstep.check.bounds import StepInput
from lrstep.check.protocol import StepResult, pack
from lrstep.core.settings import Settings

ORDERS = ("forward", "backward", "lanes", "halves")


def summed(terms, order: str):
    """Σ terms, every addition rounded; in a plain chain, eight chains side by side, or by halves."""
    if order == "backward":
        terms = terms[::-1]
    if order == "lanes" and len(terms) > 8:
        lanes = np.zeros(8, terms.dtype)
        for start in range(0, len(terms), 8):
            part = terms[start : start + 8]
            lanes[: len(part)] += part
        terms = lanes
    if order == "halves" and len(terms) > 2:
        half = len(terms) // 2
        return summed(terms[:half], order) + summed(terms[half:], order)
    result = terms.dtype.type(0)
    for term in terms:
        result = result + term
    return result


class Step:
    """One step from the given start.

    Args:
        given: start and batch. settings: of the optimizer.
        dtype: precision of every operation. order: one of :data:`ORDERS`.
        flush: whether subnormal results become 0.
    """

    def __init__(self, given: StepInput, settings: Settings, dtype, order: str, flush: bool) -> None:
        self.given, self.settings, self.order, self.flush = given, settings, order, flush
        self.dtype = np.dtype(dtype).type
        self.tiny = np.finfo(dtype).tiny

    def f(self, value):
        """Round to the precision."""
        value = np.asarray(value).astype(self.dtype)
        return np.where(np.abs(value) < self.tiny, self.dtype(0), value)[()] if self.flush else value[()]

    def result(self) -> StepResult:
        f, given = self.f, self.given
        with np.errstate(all="ignore"):
            x, y, m = f(given.x), f(given.y), len(given.x)
            prediction = f(f(f(given.before.weight) * x) + f(given.before.bias))
            error = f(prediction - y)
            squares = f(summed(f(error * error), self.order))
            total = f(f(given.total) + squares)
            slope = f(f(2 * error) * f(self.dtype(1) / self.dtype(m)))
            g_w, g_b = f(summed(f(x * slope), self.order)), f(summed(slope, self.order))
            weight, bias = self.parameter("weight", g_w), self.parameter("bias", g_b)
            after = [number for pair in zip(weight, bias, strict=True) for number in pair]
            loss, rmse = f(squares / self.dtype(m)), f(np.sqrt(f(total / self.dtype(given.count + m))))
        return StepResult(
            pack(prediction), float(loss), float(rmse), [float(g_w), float(g_b)], [float(value) for value in after]
        )

    def parameter(self, name: str, g):
        """Parameter, accumulator, momentum and mean gradient after the step."""
        f, s = self.f, self.settings
        theta, v, M, a = (
            f(getattr(self.given.before, field))
            for field in (name, f"accumulator_{name}", f"momentum_{name}", f"mean_gradient_{name}")
        )
        rho, rest = f(s.rho), f(1 - s.rho)
        v = f(f(rho * v) + f(rest * f(g * g)))
        radicand = v
        if s.centered:
            a = f(f(rho * a) + f(rest * g))
            radicand = f(v - f(a * a))
        step = f(f(f(s.learning_rate) * g) / f(np.sqrt(f(radicand + f(s.epsilon)))))
        if s.momentum > 0:
            M = step = f(f(f(s.momentum) * M) + step)
        return f(theta - step), v, M, a
