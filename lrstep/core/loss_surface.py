"""The loss as a surface over the (w, b) plane: exact contours, levels and windows for a chart.

The mean squared error of samples (x, y) as a function of the line is a bowl::

    L(w, b) = L* + (w − w*)²·Sxx/n + (w·x̄ + b − ȳ)²

so the points of loss L are, with c = √(L − L*) and s = √(Sxx/n)::

    w = w* + c·cos φ / s        b = ȳ − w·x̄ + c·sin φ        0 ≤ φ < 2π

an ellipse around (w*, b*). Where all x are equal (one sample is the usual case) s is 0 and the bowl is a
valley: the points of loss L are the two parallel lines w·x̄ + b = ȳ ± c.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.iteration import Iteration
from lrstep.core.reference import Reference

ROUNDING = 8 * 2.0**-53
"""A spread of x below this part of their mean is rounding."""

DEPENDENT = 1e-12
"""The same for what one parameter does beside another."""


@dataclass(frozen=True)
class Window:
    """A rectangle of the (w, b) plane: weight from left to right, bias from bottom to top."""

    left: float
    right: float
    bottom: float
    top: float

    def holds(self, weight: float, bias: float) -> bool:
        """Whether a point lies in it."""
        return self.left <= weight <= self.right and self.bottom <= bias <= self.top

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Its corners, going round."""
        return ((self.left, self.bottom), (self.right, self.bottom), (self.right, self.top), (self.left, self.top))


@dataclass(frozen=True, eq=False)
class Bowl:
    """The loss of some samples as a function of two parameters p and q, the others held.

    Attributes:
        reference: their least squares and loss.
        axes: the places of p and q among the parameters.
        held: all parameters; those of the axes do not matter.
    """

    reference: Reference
    axes: tuple[int, int] = (0, 1)
    held: tuple[float, ...] = ()

    @cached_property
    def _form(self) -> tuple[float, float, float, float, float, float]:
        """s, α, β, p*, q* and L* of L(p, q) = L* + (s·(p − p*))² + (α·(p − p*) + β·(q − q*))²."""
        ref = self.reference
        if len(ref.weights) == 1:
            x_mean = ref.x_means[0]
            return self._scale(math.sqrt(ref.x_variances[0]), x_mean), x_mean, 1.0, ref.weight, ref.bias, ref.loss
        k = len(ref.weights)
        rows = np.zeros((k + 1, k + 1))
        rows[: len(ref.triangle), :k], rows[k, :k], rows[k, k] = ref.triangle, ref.x_means, 1.0
        away = np.array(self.held) - np.array(ref.parameters)
        away[list(self.axes)] = 0.0
        offset, first, second = rows @ away, rows[:, self.axes[0]], rows[:, self.axes[1]]
        beta = float(np.linalg.norm(second))
        along = second / beta if beta else second
        alpha = float(first @ along)
        across = first - alpha * along
        s = self._scale(float(np.linalg.norm(across)), float(np.linalg.norm(first)))
        across = across / s if s else np.zeros_like(across)
        p = -float(across @ offset) / s if s else 0.0
        q = (-float(along @ offset) - alpha * p) / beta if beta else 0.0
        left = offset - along * (along @ offset) - across * (across @ offset)
        best = ref.parameters
        return s, alpha, beta, best[self.axes[0]] + p, best[self.axes[1]] + q, ref.loss + float(left @ left)

    def _scale(self, scale: float, size: float) -> float:
        """s, but 0 where it is nothing but rounding."""
        rounding = ROUNDING if len(self.reference.weights) == 1 else DEPENDENT
        return scale if scale > rounding * abs(size) else 0.0

    @property
    def lowest(self) -> float:
        """The lowest loss with the other parameters as they are held."""
        return self._form[5]

    @property
    def centre(self) -> tuple[float, float]:
        """Where it is."""
        return self._form[3], self._form[4]

    @property
    def is_valley(self) -> bool:
        """Whether the contours are parallel lines: all x are equal, or one parameter can do what the other does."""
        return self._form[0] == 0 or self._form[2] == 0

    def radius(self, level: float) -> float:
        """c = √(level − L*); nan where the loss is nowhere so low."""
        above = level - self.lowest
        return math.sqrt(above) if above >= 0 else math.nan

    def arcs(self, level: float, window: Window, count: int = 60) -> list[tuple[Floats, Floats]]:
        """The pieces of a contour inside a window, each as weights and biases of its points in order.

        The ends of a piece are computed, not searched, so a large ellipse is as fine in a small window
        as a small one; a valley's contours are straight pieces of two points.
        """
        c = self.radius(level)
        if not math.isfinite(c):
            return []
        if self.is_valley:
            return [piece for offset in {c, -c} if (piece := self._straight(offset, window))]
        cuts = self._cuts(c, window)
        if not cuts:  # as a whole inside or outside
            cuts, count = [0.0], 4 * count
        pieces = []
        for begin, end in zip(cuts, [*cuts[1:], cuts[0] + 2 * math.pi], strict=True):
            weights, biases = self._points(c, np.array([(begin + end) / 2]))
            if window.holds(float(weights[0]), float(biases[0])):
                pieces.append(self._points(c, np.linspace(begin, end, count)))
        return pieces

    def levels(self, window: Window, count: int = 8) -> list[float]:
        """Losses whose contours cut a window evenly: the distance c grows by equal steps."""
        low, high = self._lowest(window), max(self.radius_at(*corner) for corner in window.corners)
        if not math.isfinite(low + high) or high <= low:
            return []
        radii = low + (high - low) * (np.arange(count) + 0.5) / count
        return [float(self.lowest + c * c) for c in radii]

    def radius_at(self, weight: float, bias: float) -> float:
        """c at a point: √(L − L*)."""
        s, alpha, beta, p, q, _ = self._form
        return math.hypot((weight - p) * s, alpha * (weight - p) + beta * (bias - q))

    def _points(self, c: float, phi: Floats) -> tuple[Floats, Floats]:
        s, alpha, beta, p, q, _ = self._form
        away = c * np.cos(phi) / s
        return p + away, q + (c * np.sin(phi) - alpha * away) / beta

    def _cuts(self, c: float, window: Window) -> list[float]:
        """The angles at which the ellipse meets the lines of the window's sides, sorted."""
        s, alpha, beta, p, q, _ = self._form
        angles: list[float] = []
        amplitude, delay = math.hypot(c * alpha / s, c) / beta, math.atan2(1, -alpha / s)
        for side in (window.left, window.right):
            angles += _cosine(c / s, 0.0, side - p)
        for side in (window.bottom, window.top):
            angles += _cosine(amplitude, delay, side - q)
        return sorted({angle % (2 * math.pi) for angle in angles})

    @property
    def _slope(self) -> tuple[float, float]:
        """Of a valley: how far a step along each axis leads out of it."""
        s, alpha, beta, *_ = self._form
        return (alpha, beta) if beta else (math.hypot(s, alpha), 0.0)

    def _straight(self, offset: float, window: Window) -> tuple[Floats, Floats] | None:
        """The part of the line α·(p − p*) + β·(q − q*) = offset inside a window."""
        (alpha, beta), (p, q) = self._slope, self.centre
        if not beta:
            at = p + offset / alpha if alpha else math.nan
            inside = window.left <= at <= window.right
            return (np.array([at, at]), np.array([window.bottom, window.top])) if inside else None
        constant, slope = q + (offset + alpha * p) / beta, alpha / beta
        left, right = window.left, window.right
        if slope:
            ends = sorted(((constant - window.top) / slope, (constant - window.bottom) / slope))
            left, right = max(left, ends[0]), min(right, ends[1])
        elif not window.bottom <= constant <= window.top:
            return None
        weights = np.array([left, right])
        return (weights, constant - weights * slope) if left < right else None

    def _lowest(self, window: Window) -> float:
        """The smallest c in a window: 0 where it holds a lowest point, else on one of its sides."""
        s, alpha, beta, p, q, _ = self._form
        if window.holds(p, q) and not self.is_valley:
            return 0.0
        found = []
        for bias in (window.bottom, window.top):
            best = p - alpha * beta * (bias - q) / ((s * s + alpha * alpha) or 1)
            found.append(self.radius_at(min(max(best, window.left), window.right), bias))
        for weight in (window.left, window.right):
            best = q - alpha * (weight - p) / (beta or 1)
            found.append(self.radius_at(weight, min(max(best, window.bottom), window.top)))
        return min(found)


def bowl_of_batch(iteration: Iteration, axes: tuple[int, int] = (0, 1), held: tuple[float, ...] = ()) -> Bowl:
    """The loss of this batch alone, which is all that this step sees."""
    return Bowl(Reference(Dataset("batch", np.column_stack(iteration.columns), iteration.y)), axes, held)


def curvatures(columns: Sequence[Floats]) -> Floats:
    """Of the loss along its axes, the largest last, shape (k + 1,): the eigenvalues of its second derivatives 2/m·XᵀX.

    X has the features and a column of ones. Where they are too large for numbers, all are inf.
    """
    x = np.column_stack([*columns, np.ones(len(columns[0]))])
    with np.errstate(all="ignore"):
        hessian = 2 / len(x) * x.T @ x
    finite = np.isfinite(hessian).all()
    return np.asarray(np.linalg.eigvalsh(hessian) if finite else np.full(len(hessian), np.inf))


def _cosine(amplitude: float, delay: float, value: float) -> list[float]:
    """The angles φ with amplitude·cos(φ − delay) = value."""
    if not amplitude or abs(value) > amplitude:
        return []
    angle = math.acos(value / amplitude)
    return [delay + angle, delay - angle]
