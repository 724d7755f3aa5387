"""Arithmetic that carries a bound of its own rounding error.

A value that some floating-point computation should give is kept as ``(value, error)``: the exact result
lies, and every correct computation in that precision ends, within ``value ± error``. Each operation
passes the errors of its operands on and adds what its own rounding may cost (running error analysis:
N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed. 2002, sections 2.2, 3.3 and 4.2).

An error is infinite where the precision cannot decide: a number may overflow, a divisor or a radicand
may have lost all its digits.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Number = Any
"""A float, or an array of float64: each operation takes both."""

OPERATION = 2
"""Unit roundoffs granted to one operation. IEEE 754 promises one; a vectorised division or root built on
a reciprocal approximation may take two."""

TREE_LEAF = 1024
"""TensorFlow's sum over an array is a tree whose leaves are runs of at most this many numbers (Eigen's
reduction); NumPy's has runs of 128."""


class Approx(NamedTuple):
    """A value known up to ``error``; both scalars or both of one shape."""

    value: Number
    error: Number


@dataclass(frozen=True)
class Precision:
    """A floating-point format and the error bounds of its operations.

    Attributes:
        name: ``float32`` or ``float64``.
        u: unit roundoff, half the distance from 1 to the next larger number.
        tiny: smallest normal number; below it TensorFlow may flush to 0.
        limit: from this magnitude on an overflow is possible. For float64 it is well below the largest
            number, as the engine computes in float64 too and orders its products differently.
    """

    name: str
    u: float
    tiny: float
    limit: float

    def exact(self, value: float) -> Approx:
        """A number that the format holds without rounding."""
        return Approx(value, 0.0)

    def stored(self, value: Number) -> Approx:
        """A float64 number put into the format: what rounding does to it, at most ``tiny`` below the normal range."""
        flushed = self.tiny * ((abs(value) < self.tiny) & (value != 0))
        held = value if self.name == "float64" else np.float32(value).astype(np.float64)
        return self._checked(value, abs(held - value) + flushed)

    def add(self, a: Approx, b: Approx) -> Approx:
        """a + b: |δ| ≤ δa + δb, then rounded."""
        return self._rounded(a.value + b.value, a.error + b.error)

    def subtract(self, a: Approx, b: Approx) -> Approx:
        """a − b: as for a sum; a cancellation shows as an error that is large against the value."""
        return self._rounded(a.value - b.value, a.error + b.error)

    def multiply(self, a: Approx, b: Approx) -> Approx:
        """a·b: |δ| ≤ |a|·δb + |b|·δa + δa·δb, then rounded."""
        error = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
        return self._rounded(a.value * b.value, error)

    def divide(self, a: Approx, b: Approx) -> Approx:
        """a/b of scalars: |δ| ≤ (δa + |a/b|·δb) / (|b| − δb), then rounded; infinite where b may be 0.

        0/0 of exact zeros is nan in every correct computation, and nothing else.
        """
        if a == b == (0.0, 0.0):
            return Approx(math.nan, 0.0)
        smallest = abs(b.value) - b.error
        if not smallest > 0:
            return Approx(math.nan, math.inf)
        quotient = a.value / b.value
        return self._rounded(quotient, (a.error + abs(quotient) * b.error) / smallest)

    def root(self, a: Approx, at_least: float | None = None) -> Approx:
        """√a of a scalar: |δ| ≤ the larger of √(a + δa) − √a and √a − √(a − δa), then rounded.

        Args:
            a: the radicand.
            at_least: no correct computation finds a radicand below this; 0 for a sum of squares. Without
                it a radicand that may be negative has an infinite error, as its root may be nan.
        """
        lowest, highest = a.value - a.error, a.value + a.error
        if at_least is not None:
            lowest = max(lowest, at_least)
        if not math.isfinite(highest) or lowest < 0:
            return Approx(math.nan, math.inf)
        value = math.sqrt(max(a.value, lowest))
        error = max(math.sqrt(max(highest, lowest)) - value, value - math.sqrt(lowest))
        return self._rounded(value, error)

    def total(self, terms: Approx, additions: int) -> Approx:
        """Σ terms, shape (m,) → scalar: |δ| ≤ Σ δᵢ + γ·Σ (|tᵢ| + δᵢ) + m·tiny, γ = k·u / (1 − k·u).

        Args:
            terms: what is summed, shape (m,).
            additions: k, the longest chain of additions that a term goes through. k = m − 1 holds for
                every order of summation, :func:`tree_additions` for a sum by halves.
        """
        own = float(np.add.reduce(terms.error))
        magnitude = float(np.add.reduce(np.abs(terms.value))) + own
        chain = max(additions, 1) * self.u
        gamma = chain / (1 - chain) if chain < 1 else math.inf
        error = own + gamma * magnitude + (len(terms.value) * self.tiny if magnitude else 0.0)
        return self._checked(float(np.add.reduce(terms.value)), error)

    def _rounded(self, value: Number, error: Number) -> Approx:
        # tiny: a result below the normal range may be flushed. An exact 0 of exact operands stays 0.
        magnitude = abs(value) + error
        return self._checked(value, error + OPERATION * self.u * magnitude + self.tiny * (magnitude != 0))

    def _checked(self, value: Number, error: Number) -> Approx:
        if isinstance(value, np.ndarray):
            return Approx(value, np.where(np.abs(value) + error < self.limit, error, math.inf))
        return Approx(value, error if abs(value) + error < self.limit else math.inf)


def tree_additions(m: int) -> int:
    """The longest chain of additions of a term in a sum of m terms by halves with runs at the leaves."""
    return min(m - 1, TREE_LEAF + m.bit_length())


FLOAT32 = Precision("float32", 2.0**-24, 2.0**-126, 2.0**127)
FLOAT64 = Precision("float64", 2.0**-53, 2.0**-1022, 2.0**1000)
PRECISIONS = {"float32": FLOAT32, "float64": FLOAT64}
