"""Arithmetic that carries a bound of its own rounding error.

A value that some floating-point computation should give is kept with an error: the exact result
lies, and every correct computation in that precision ends, within ``value ± error``. Each operation
passes the errors of its operands on and adds what its own rounding may cost (running error analysis:
N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed. 2002, sections 2.2, 3.3 and 4.2).
The operators are those of numbers, so that a formula of the engine can be called with such values as it stands.

An error is infinite where the precision cannot decide: a number may overflow, a divisor or a radicand
may have lost all its digits.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lrstep.core.symbols import Number

OPERATION = 2
"""Unit roundoffs granted to one operation. IEEE 754 promises one; a vectorised division or root built on
a reciprocal approximation may take two."""

POWER = 4
"""Unit roundoffs granted to a power."""

TREE_LEAF = 1024
"""TensorFlow's sum over an array is a tree whose leaves are runs of at most this many numbers (Eigen's
reduction); NumPy's has runs of 128."""


@dataclass(frozen=True)
class Precision:
    """A floating-point format.

    Attributes:
        name: ``float32`` or ``float64``.
        u: unit roundoff, half the distance from 1 to the next larger number.
        tiny: smallest normal number; below it TensorFlow may flush to 0.
        limit: from this magnitude on an overflow is possible. For float64 it is well below the largest
            number, as the engine computes in float64 too and orders its products differently.
        first: the format that settings which Keras casts go through before this one.
    """

    name: str
    u: float
    tiny: float
    limit: float
    first: "Precision | None" = None

    def exact(self, value: float) -> "Approx":
        """A number that the format holds without rounding."""
        return Approx(self, value, 0.0)

    def stored(self, value: Number) -> "Approx":
        """A float64 number put into the format: what rounding does to it, at most ``tiny`` below the normal range."""
        flushed = self.tiny * ((abs(value) < self.tiny) & (value != 0))
        held = value if self.name == "float64" else np.float32(value).astype(np.float64)
        return self.checked(value, abs(held - value) + flushed)

    def cast(self, setting: float) -> "Approx":
        """A setting that Keras casts to the format: the number as it is, or what :attr:`first` makes of it."""
        error = self.first.stored(setting).error if self.first else 0.0
        return self.checked(setting, self.stored(setting).error + error)

    def checked(self, value: Number, error: Number, least: float = -math.inf) -> "Approx":
        """A value with its error, which is infinite where the value may overflow."""
        if isinstance(value, np.ndarray):
            return Approx(self, value, np.where(np.abs(value) + error < self.limit, error, math.inf))
        return Approx(self, value, error if abs(value) + error < self.limit else math.inf, least)

    def rounded(self, value: Number, error: Number, least: float = -math.inf) -> "Approx":
        """The result of an operation on what is known up to ``error``, rounded to the format."""
        # tiny: a result below the normal range may be flushed. An exact 0 of exact operands stays 0.
        magnitude = abs(value) + error
        if least > 0:
            least = least * (1 - OPERATION * self.u) if least > self.tiny else 0.0
        elif least < 0:
            least -= OPERATION * self.u * -least + self.tiny
        return self.checked(value, error + OPERATION * self.u * magnitude + self.tiny * (magnitude != 0), least)


class Approx:
    """A value known up to ``error``; both scalars or both of one shape.

    Attributes:
        precision: the format that it is computed in.
        value, error: the centre, and how far a correct computation may be from it.
        least: of a scalar, what no correct computation finds less of, where that is more than value − error.
    """

    __slots__ = ("error", "least", "precision", "value")
    __array_ufunc__ = None  # NumPy leaves the operators to this class

    def __init__(self, precision: Precision, value: Number, error: Number, least: float = -math.inf) -> None:
        self.precision, self.value, self.error, self.least = precision, value, error, least

    @property
    def low(self) -> float:
        """The least that a correct computation may find, of a scalar."""
        return max(float(self.value - self.error), self.least)

    @property
    def high(self) -> float:
        """The most that a correct computation may find, of a scalar."""
        return float(self.value + self.error)

    def __add__(self, other: Number) -> "Approx":
        """a + b: |δ| ≤ δa + δb, then rounded."""
        b = self._number(other)
        least = _if_scalar(self, b, lambda: self.low + b.low)
        return self.precision.rounded(self.value + b.value, self.error + b.error, least)

    __radd__ = __add__

    def __neg__(self) -> "Approx":
        return Approx(self.precision, -self.value, self.error)

    def __sub__(self, other: Number) -> "Approx":
        """a − b: as for a sum; a cancellation shows as an error that is large against the value."""
        b = self._number(other)
        least = _if_scalar(self, b, lambda: self.low - b.high)
        return self.precision.rounded(self.value - b.value, self.error + b.error, least)

    def __rsub__(self, other: Number) -> "Approx":
        return self._number(other) - self

    def __mul__(self, other: Number) -> "Approx":
        """a·b: |δ| ≤ |a|·δb + |b|·δa + δa·δb, then rounded."""
        b = self._number(other)
        error = abs(self.value) * b.error + abs(b.value) * self.error + self.error * b.error
        least = _if_scalar(
            self, b, lambda: min(one * other for one in (self.low, self.high) for other in (b.low, b.high))
        )
        return self.precision.rounded(self.value * b.value, error, least)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Approx":
        """a/b of scalars: |δ| ≤ (δa + |a/b|·δb) / (|b| − δb), then rounded; infinite where b may be 0.

        0/0 of exact zeros is nan in every correct computation, and nothing else.
        """
        b = self._number(other)
        if self.value == self.error == b.value == b.error == 0:
            return Approx(self.precision, math.nan, 0.0)
        smallest = max(abs(b.value) - b.error, b.least)
        if not smallest > 0:
            return Approx(self.precision, math.nan, math.inf)
        quotient = self.value / b.value if b.value else math.nan
        return self.precision.rounded(quotient, (self.error + abs(quotient) * b.error) / smallest)

    def __rtruediv__(self, other: Number) -> "Approx":
        return self._number(other) / self

    def square(self) -> "Approx":
        """a²: as for a product; never negative."""
        error = 2 * abs(self.value) * self.error + self.error * self.error
        return self.precision.rounded(self.value * self.value, error, 0.0)

    def root(self) -> "Approx":
        """√a of a scalar: |δ| ≤ the larger of √(a + δa) − √a and √a − √(a − δa), then rounded.

        A radicand that may be negative has an infinite error, as its root may be nan.
        """
        low, high = self.low, self.high
        if not math.isfinite(high) or not low >= 0:
            return Approx(self.precision, math.nan, math.inf)
        value = math.sqrt(max(self.value, low))
        error = max(math.sqrt(max(high, low)) - value, value - math.sqrt(low))
        return self.precision.rounded(value, error, math.sqrt(low))

    def absolute(self) -> "Approx":
        """|a|."""
        return Approx(self.precision, abs(self.value), self.error, 0.0)

    def sign(self) -> "Approx":
        """The sign of a scalar; unknown where it may be either."""
        decided = abs(self.value) > self.error or self.value == self.error == 0
        return Approx(self.precision, float(np.sign(self.value)), 0.0 if decided else 2.0)

    def larger(self, other: Number) -> "Approx":
        """The larger of two scalars: from the larger of their least to the larger of their most."""
        b = self._number(other)
        low, high = max(self.low, b.low), max(self.high, b.high)
        value = max(self.value, b.value)
        return Approx(self.precision, value, max(high - value, value - low))

    def power(self, exponent: int) -> "Approx":
        """aᵗ of a scalar that is not negative: |δ| ≤ the larger of (a + δa)ᵗ − aᵗ and aᵗ − (a − δa)ᵗ, then rounded."""
        value, low, high = self.value**exponent, max(self.low, 0.0) ** exponent, self.high**exponent
        error = max(high - value, value - low)
        return self.precision.rounded(value, error + POWER * self.precision.u * value)

    def total(self, additions: int | None = None) -> "Approx":
        """Σ aᵢ, shape (m,) → scalar: |δ| ≤ Σ δᵢ + γ·Σ (|aᵢ| + δᵢ) + m·tiny, γ = k·u / (1 − k·u).

        Args:
            additions: k, the longest chain of additions that a term goes through: :func:`tree_additions` for a sum by
                halves; without it m − 1, which holds for every order of summation.
        """
        additions = len(self.value) - 1 if additions is None else additions
        own = float(np.add.reduce(self.error))
        magnitude = float(np.add.reduce(np.abs(self.value))) + own
        chain = max(additions, 1) * self.precision.u
        gamma = chain / (1 - chain) if chain < 1 else math.inf
        error = own + gamma * magnitude + (len(self.value) * self.precision.tiny if magnitude else 0.0)
        return self.precision.checked(float(np.add.reduce(self.value)), error)

    def not_negative(self) -> "Approx":
        """The same value, of which no correct computation finds less than 0."""
        return Approx(self.precision, self.value, self.error, 0.0)

    def _number(self, other: Number) -> "Approx":
        return other if isinstance(other, Approx) else self.precision.stored(float(other))


class Setting(float):
    """A setting of the optimizer: a number of Python's, which Keras puts into its format where it meets a variable.

    Settings are computed with among themselves as in Python, so that 1 − ρ is not that of a rounded ρ, but for their
    powers, which Keras takes of the rounded number.
    """

    precision: Precision

    @classmethod
    def of(cls, value: float, precision: Precision) -> "Setting":
        """A setting in a precision."""
        made = cls(value)
        made.precision = precision
        return made

    def power(self, exponent: int) -> Approx:
        """It to the power of the number of the iteration."""
        return self.precision.cast(float(self)).power(exponent)


def _if_scalar(a: Approx, b: Approx, least: Callable[[], float]) -> float:
    """The least of an operation on two numbers; of arrays, and where it is nan, nothing is known."""
    if isinstance(a.value, np.ndarray) or isinstance(b.value, np.ndarray):
        return -math.inf
    found = least()
    return found if found == found else -math.inf


def tree_additions(m: int) -> int:
    """The longest chain of additions of a term in a sum of m terms by halves with runs at the leaves."""
    return min(m - 1, TREE_LEAF + m.bit_length())


FLOAT32 = Precision("float32", 2.0**-24, 2.0**-126, 2.0**127)
FLOAT64 = Precision("float64", 2.0**-53, 2.0**-1022, 2.0**1000)
PRECISIONS = {"float32": FLOAT32, "float64": FLOAT64}
RECORDED = {"float32": FLOAT32, "float64": replace(FLOAT64, first=FLOAT32)}
"""Of scripts, whose settings are Python's floats: TensorFlow makes those float32 before it casts them."""
