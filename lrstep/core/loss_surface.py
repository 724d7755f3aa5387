"""The loss as a surface over the (w, b) plane: exact contours, levels and windows for a chart.

The mean squared error of samples (x, y) as a function of the line is a bowl::

    L(w, b) = L* + (w − w*)²·Sxx/n + (w·x̄ + b − ȳ)²

so the points of loss L are, with c = √(L − L*) and s = √(Sxx/n)::

    w = w* + c·cos φ / s        b = ȳ − w·x̄ + c·sin φ        0 ≤ φ < 2π

an ellipse around (w*, b*). Where all x are equal (one sample is the usual case) s is 0 and the bowl is a
valley: the points of loss L are the two parallel lines w·x̄ + b = ȳ ± c.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.iteration import Iteration
from lrstep.core.reference import Reference
from lrstep.core.run import Run

MARGIN = 0.15
"""Room around what a window must show, as a part of its size."""

ROUNDING = 8 * 2.0**-53
"""A spread of x below this part of their mean is rounding."""


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


@dataclass(frozen=True)
class Ellipse:
    """A contour's shape.

    Attributes:
        weight, bias: the centre.
        semi_axes: the longer and the shorter half axis.
        rotation: angle of the longer axis against the weight axis, in radians, −π/2 < angle ≤ π/2.
    """

    weight: float
    bias: float
    semi_axes: tuple[float, float]
    rotation: float


@dataclass(frozen=True, eq=False)
class Bowl:
    """The loss of some samples as a function of (w, b).

    Attributes:
        reference: their least-squares line and loss.
    """

    reference: Reference

    @cached_property
    def scale(self) -> float:
        """s = √(Sxx/n); 0 for a valley.

        Equal x may leave a variance of the size of their mean's rounding: that is none.
        """
        scale = math.sqrt(self.reference.x_variance)
        return scale if scale > ROUNDING * abs(self.reference.x_mean) else 0.0

    @property
    def is_valley(self) -> bool:
        """Whether all x are equal, so that the contours are parallel lines."""
        return self.scale == 0

    def loss(self, weight: float, bias: float) -> float:
        """Loss at a point, from the closed form."""
        return float(self.reference.closed_form(np.float64(weight), np.float64(bias)))

    def radius(self, level: float) -> float:
        """c = √(level − L*); nan where the loss is nowhere so low."""
        above = level - self.reference.loss
        return math.sqrt(above) if above >= 0 else math.nan

    def ellipse(self, level: float) -> Ellipse | None:
        """The contour of a level as centre, half axes and rotation; None for a valley or no such loss.

        The quadratic form of the bowl has the matrix [[Sxx/n + x̄², x̄], [x̄, 1]]; its eigenvectors are
        the axes, and a half axis is c/√eigenvalue.
        """
        c, mean = self.radius(level), self.reference.x_mean
        if self.is_valley or not math.isfinite(c):
            return None
        p, trace = self.reference.x_variance + mean**2, self.reference.x_variance + mean**2 + 1
        larger = (trace + math.hypot(p - 1, 2 * mean)) / 2
        smaller = self.reference.x_variance / larger  # their product is the determinant; no cancellation this way
        rotation = math.atan2(2 * mean, p - 1) / 2 + math.pi / 2
        rotation = rotation - math.pi if rotation > math.pi / 2 else rotation
        return Ellipse(
            self.reference.weight, self.reference.bias, (c / math.sqrt(smaller), c / math.sqrt(larger)), rotation
        )

    def ellipse_points(self, level: float, count: int = 200) -> tuple[Floats, Floats]:
        """Points of a contour in order, closed: weights and biases, each of shape (count,).

        Empty for a valley (see :meth:`arcs`) and where the loss is nowhere so low.
        """
        if self.is_valley or not math.isfinite(self.radius(level)):
            return np.empty(0), np.empty(0)
        return self._points(self.radius(level), np.linspace(0, 2 * math.pi, count))

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
        if not cuts:
            inside = window.holds(*(float(v[0]) for v in self._points(c, np.zeros(1))))
            return [self._points(c, np.linspace(0, 2 * math.pi, 4 * count))] if inside else []
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
        return [float(self.reference.loss + c * c) for c in radii]

    def radius_at(self, weight: float, bias: float) -> float:
        """c at a point: √(L − L*)."""
        ref = self.reference
        return math.hypot((weight - ref.weight) * self.scale, weight * ref.x_mean + bias - ref.y_mean)

    def _points(self, c: float, phi: Floats) -> tuple[Floats, Floats]:
        ref = self.reference
        weights = ref.weight + c * np.cos(phi) / self.scale
        return weights, ref.y_mean - weights * ref.x_mean + c * np.sin(phi)

    def _cuts(self, c: float, window: Window) -> list[float]:
        """The angles at which the ellipse meets the lines of the window's sides, sorted."""
        ref, angles = self.reference, []
        amplitude, delay = math.hypot(c * ref.x_mean / self.scale, c), math.atan2(1, -ref.x_mean / self.scale)
        for side in (window.left, window.right):
            angles += _cosine(c / self.scale, 0.0, side - ref.weight)
        for side in (window.bottom, window.top):
            angles += _cosine(amplitude, delay, side - ref.bias)
        return sorted({angle % (2 * math.pi) for angle in angles})

    def _straight(self, offset: float, window: Window) -> tuple[Floats, Floats] | None:
        """The part of the line w·x̄ + b = ȳ + offset inside a window."""
        mean, constant = self.reference.x_mean, self.reference.y_mean + offset
        left, right = window.left, window.right
        if mean:
            at = sorted(((constant - window.top) / mean, (constant - window.bottom) / mean))
            left, right = max(left, at[0]), min(right, at[1])
        elif not window.bottom <= constant <= window.top:
            return None
        weights = np.array([left, right])
        return (weights, constant - weights * mean) if left < right else None

    def _lowest(self, window: Window) -> float:
        """The smallest c in a window: 0 where it holds a lowest point, else on one of its sides."""
        ref = self.reference
        if window.holds(ref.weight, ref.bias) and not self.is_valley:
            return 0.0
        found = []
        variance, mean = ref.x_variance, ref.x_mean
        for bias in (window.bottom, window.top):
            best = (variance * ref.weight - mean * (bias - ref.y_mean)) / ((variance + mean**2) or 1)
            found.append(self.radius_at(min(max(best, window.left), window.right), bias))
        for weight in (window.left, window.right):
            best = ref.y_mean - weight * mean
            found.append(self.radius_at(weight, min(max(best, window.bottom), window.top)))
        return min(found)


def bowl_of_all(run: Run) -> Bowl:
    """The loss over all samples."""
    return Bowl(run.reference)


def bowl_of_batch(iteration: Iteration) -> Bowl:
    """The loss of this batch alone, which is all that this step sees."""
    return Bowl(Reference(Dataset("batch", iteration.x, iteration.y)))


def path(run: Run, until: int) -> tuple[Floats, Floats]:
    """Weights and biases from the start to an iteration, each of shape (until + 1,)."""
    run.advance(until)
    numbers = np.arange(until + 1)
    return run.series("weight", numbers), run.series("bias", numbers)


def window_whole(run: Run, until: int) -> Window:
    """A window around the path so far and the least-squares point."""
    weights, biases = path(run, until)
    if run.reference.exists:
        weights, biases = np.append(weights, run.reference.weight), np.append(biases, run.reference.bias)
    return window_around(weights, biases)


def window_path(run: Run, number: int, steps: int = 12) -> Window:
    """A window that follows the path: around the last steps up to an iteration."""
    weights, biases = path(run, number)
    return window_around(weights[-steps - 1 :], biases[-steps - 1 :])


def window_around(weights: Floats, biases: Floats) -> Window:
    """The smallest window with some margin around finite points; never without extent."""
    finite = np.isfinite(weights) & np.isfinite(biases)
    left, right = _stretch(weights[finite])
    bottom, top = _stretch(biases[finite])
    return Window(left, right, bottom, top)


def _stretch(values: Floats) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    room = MARGIN * (high - low) or 0.1 * abs(low) or 1.0
    return low - room, high + room


def _cosine(amplitude: float, delay: float, value: float) -> list[float]:
    """The angles φ with amplitude·cos(φ − delay) = value."""
    if not amplitude or abs(value) > amplitude:
        return []
    angle = math.acos(value / amplitude)
    return [delay + angle, delay - angle]
