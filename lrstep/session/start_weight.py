"""The weight that a training began with, found again from the losses that were printed of its epochs.

The loss of an epoch is the mean squared error of its samples, each with the weights before its batch. Where one batch
holds all samples, that of the first epoch is a parabola in the start weight w, with the bias b it started from::

    L(w) = w²·mean(x²) + 2·w·mean(x·(b − y)) + mean((b − y)²)

so two weights have it. Where there are several batches in a known order, L(w) is what the engine computes, and is
searched where Keras's Glorot uniform draws. Which of the weights it was, the epochs after the first one tell.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lrstep.core.bounds import Reach, full_bounds
from lrstep.core.dataset import Dataset
from lrstep.core.reference import Reference
from lrstep.core.rounding import FLOAT32
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import glorot_limit
from lrstep.formulas.numerals import Typed

GRID = 600
"""Weights at which the loss of the first epoch is looked at, where there is no formula for it."""

MOST_STEPS = 300_000
"""Iterations that these may take together: some seconds."""

MOST_EPOCHS = 2_000
"""Of the printed epochs so many are computed; two right runs part in the end, by rounding alone."""

HALVINGS = 60


@dataclass(frozen=True)
class StartWeight:
    """A weight that has the loss of the first epoch.

    Attributes:
        weight: it.
        error: how far off it may be, by the digits that were not printed and by the rounding of float32.
        losses: of the epochs, as the engine computes them from this weight on.
        followed: how many of the epochs after the first one, without a gap, were printed so.
        apart: the largest difference in these; 0 where there are none.
    """

    weight: float
    error: float
    losses: tuple[float, ...]
    followed: int
    apart: float

    @property
    def drawn(self) -> bool:
        """Whether Keras's Glorot uniform may have drawn it."""
        return abs(self.weight) <= glorot_limit() + self.error


def can_be_searched(run: Run) -> bool:
    """Whether the order of the samples is known, and the epochs are not too long to be computed so often."""
    return not run.settings.shuffle and run.batches.per_epoch * GRID <= MOST_STEPS


def start_weights(dataset: Dataset, settings: Settings, printed: Sequence[Typed]) -> list[StartWeight]:
    """The weights that have the first printed loss; that which the later ones fit best comes first.

    Args:
        dataset: one feature.
        settings: those of the training but for the weight; not to be shuffled.
        printed: the loss of each epoch, from the first one on; at most :data:`MOST_EPOCHS` are looked at.
    """
    printed = printed[:MOST_EPOCHS]
    settings = settings.changed(epochs=len(printed), weight=0.0)
    run = Run(dataset, settings)
    find = _of_parabola if run.batches.per_epoch == 1 else _searched
    with np.errstate(all="ignore"):  # data and losses may be beyond what their squares can be
        near = [(weight, error) for weight, error in find(run, printed[0]) if math.isfinite(weight + error)]
        found = [_followed(run, weight, error, printed) for weight, error in near]
    return sorted(found, key=lambda one: (-one.followed, not one.drawn, abs(one.weight)))


def least_loss(dataset: Dataset, bias: float) -> float:
    """The least loss that any weight has with this bias, where all samples are one batch."""
    with np.errstate(all="ignore"):
        x, r = dataset.x, dataset.y - bias
        return Reference(dataset).full_loss(float(x @ r) / (float(x @ x) or 1.0), bias)


def _losses(run: Run, weight: float, epochs: int) -> tuple[float, ...]:
    """What is printed of the epochs of a run that starts with a weight."""
    made = Run(run.raw, run.settings.changed(weight=weight))
    ends = np.arange(1, epochs + 1) * made.batches.per_epoch
    made.advance(int(ends[-1]))
    return tuple(made.series("cumulative_loss", ends).tolist())


def _margin(run: Run, printed: Typed, weight: float) -> float:
    """How far a loss that was printed may be from the engine's."""
    bounds = full_bounds(printed.value, (weight, run.settings.bias), Reach.of(run.dataset), FLOAT32)
    return printed.half_unit + bounds["full_loss"]


def _of_parabola(run: Run, printed: Typed) -> list[tuple[float, float]]:
    """Weights and their errors, where one batch holds all samples."""
    x, r = run.dataset.x, run.dataset.y - run.settings.bias
    square = float(x @ x) / len(x)
    if not square:
        return []
    lowest, least = float(x @ r) / float(x @ x), least_loss(run.dataset, run.settings.bias)
    away = math.sqrt(max(0.0, printed.value - least) / square)
    found = []
    for weight in (lowest - away, lowest + away):
        margin = _margin(run, printed, weight)
        if printed.value + margin < least:
            return []
        farthest = math.sqrt((max(printed.value, least) + margin - least) / square)
        nearest = math.sqrt(max(0.0, printed.value - margin - least) / square)
        found.append((weight, max(farthest - away, away - nearest)))
    return found if found[0][0] + found[0][1] < found[1][0] - found[1][1] else [(lowest, away + found[1][1])]


def _searched(run: Run, printed: Typed) -> list[tuple[float, float]]:
    """Weights and their errors, where the engine alone knows the loss of an epoch of several batches."""

    def off(weight: float) -> float:
        return _losses(run, weight, 1)[0] - printed.value

    limit = glorot_limit()
    grid = np.linspace(-limit, limit, GRID + 1).tolist()
    found = []
    for (low, first), (high, last) in pairwise((weight, off(weight)) for weight in grid):
        if first * last <= 0 and first != last:
            slope = abs(last - first) / (high - low)
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                low, high = (middle, high) if off(middle) * first > 0 else (low, middle)
            weight = (low + high) / 2
            found.append((weight, _margin(run, printed, weight) / slope))
    return found


def _followed(run: Run, weight: float, error: float, printed: Sequence[Typed]) -> StartWeight:
    """Compute the later epochs from a weight on and hold them against what was printed."""
    losses, low, high = (_losses(run, start, len(printed)) for start in (weight, weight - error, weight + error))
    followed, apart = 0, 0.0
    for computed, one, *ends in zip(losses[1:], printed[1:], low[1:], high[1:], strict=True):
        # What is not known of the start may grow from epoch to epoch.
        unknown = max(2 * _margin(run, printed[0], weight), *(abs(end - computed) for end in ends))
        if not abs(computed - one.value) <= 2 * _margin(run, one, weight) + unknown:
            break
        followed, apart = followed + 1, max(apart, abs(computed - one.value))
    return StartWeight(weight, error, losses, followed, apart)
