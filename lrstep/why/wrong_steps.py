"""One training step with any part of it replaced: the right step and the wrong ones are the same code.

All of it works on plain floats (one iteration) and on arrays of shape (k,) (many iterations at once).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.settings import Settings
from lrstep.formulas.rewrites import Trees, apart, function_of
from lrstep.formulas.update import update_formulas

Number = Any
"""A float, or an array of shape (k,): one value per iteration."""

Numbers = tuple[Number, ...]
Memory = Mapping[str, Number]
"""What there is of a parameter before a step: ``theta`` and the letters of its slots → values."""


class Batch(NamedTuple):
    """What a batch's loss and gradient depend on: m, means, spread of the features, its own best weights and loss.

    With these centred sums the loss of any line or plane costs the same for any m, and nothing cancels::

        L(w, b) = L* + (w − w*)·S·(w − w*) + (w·x̄ + b − ȳ)²        S the covariances of the features
    """

    m: Number
    x_means: Numbers
    y_mean: Number
    spread: tuple[Numbers, ...]
    best: Numbers
    lowest: Number

    def loss(self, parameters: Sequence[Number]) -> Number:
        """Mean squared error of some parameters, the bias last."""
        offset, tilts, moved = self._apart(parameters)
        return self.lowest + sum(tilt * by for tilt, by in zip(tilts, moved, strict=True)) + offset * offset

    def gradient(self, parameters: Sequence[Number]) -> Numbers:
        """∂L/∂w = 2·(S·(w − w*) + offset·x̄) and ∂L/∂b = 2·offset, offset = w·x̄ + b − ȳ."""
        offset, _, moved = self._apart(parameters)
        return (*(2 * (by + offset * mean) for by, mean in zip(moved, self.x_means, strict=True)), 2 * offset)

    def loss_of_pairs(self, parameters: Sequence[Number]) -> Number:
        """Mean over all pairs of samples of (ŷ of the one − y of the other)²: w·S·w + Syy + offset²."""
        offset, _, _ = self._apart(parameters)
        spread = sum(
            s * one * other
            for row, one in zip(self.spread, parameters, strict=False)
            for s, other in zip(row, parameters, strict=False)
        )
        of_labels = self.lowest + sum(
            s * one * other
            for row, one in zip(self.spread, self.best, strict=True)
            for s, other in zip(row, self.best, strict=True)
        )
        return spread + of_labels + offset * offset

    def _apart(self, parameters: Sequence[Number]) -> tuple[Number, list[Number], list[Number]]:
        *weights, bias = parameters
        offset = sum(w * mean for w, mean in zip(weights, self.x_means, strict=True)) + bias - self.y_mean
        tilts = [w - best for w, best in zip(weights, self.best, strict=True)]
        moved = [sum(s * tilt for s, tilt in zip(row, tilts, strict=True)) for row in self.spread]
        return offset, tilts, moved

    @property
    def numbers(self) -> tuple[float, ...]:
        """All its numbers in a row."""
        spread = (number for row in self.spread for number in row)
        return self.m, self.y_mean, self.lowest, *self.x_means, *self.best, *spread

    def part(self, places: slice) -> "Batch":
        """Those of some worlds, where each field has shape (h,)."""
        numbers: tuple[Any, ...] = self.numbers
        return Batch.of([number[places] for number in numbers], len(self.best))

    @classmethod
    def of(cls, numbers: Sequence[Number], features: int) -> "Batch":
        """The batch of such a row; of a table of them with an array for each number."""
        m, y_mean, lowest, *rest = numbers
        means, best, spread = rest[:features], rest[features : 2 * features], rest[2 * features :]
        rows = tuple(tuple(spread[i * features : (i + 1) * features]) for i in range(features))
        return cls(m, tuple(means), y_mean, rows, tuple(best), lowest)


def batch_of(columns: Sequence[Floats], y: Floats) -> Batch:
    """The :class:`Batch` of samples: k features and the label, each of shape (m,)."""
    m = len(y)
    x_means, y_mean = tuple(float(np.add.reduce(x) / m) for x in columns), float(np.add.reduce(y) / m)
    # Equal x must give exactly 0, which the rounding of their mean would spoil.
    centred = [x - mean if x.min() < x.max() else np.zeros(m) for x, mean in zip(columns, x_means, strict=True)]
    dy = y - y_mean
    spread = tuple(tuple(float(np.add.reduce(one * other) / m) for other in centred) for one in centred)
    if len(columns) == 1:
        covariance = float(np.add.reduce(centred[0] * dy) / m)
        best = (covariance / spread[0][0] if spread[0][0] else 0.0,)
    else:
        best = tuple(np.linalg.lstsq(np.column_stack(centred), dy, rcond=None)[0].tolist())
    residual = dy - sum(w * dx for w, dx in zip(best, centred, strict=True))
    return Batch(m, x_means, y_mean, spread, best, float(np.add.reduce(residual * residual) / m))


class Samples(NamedTuple):
    """The samples of a batch themselves, for what does not follow from their :class:`Batch`.

    Attributes:
        columns: the features, k arrays of shape (h, m).
        y: the labels, shape (h, m).
        there: 1 where there is a sample, 0 where a shorter batch has none, shape (h, m).
        m: how many there are, shape (h,).
    """

    columns: tuple[Floats, ...]
    y: Floats
    there: Floats
    m: Floats

    def predictions(self, parameters: Sequence[Number]) -> Floats:
        """ŷ of each sample, shape (h, m)."""
        *weights, bias = (np.asarray(one)[..., None] for one in parameters)
        made: Floats = sum(w * x for w, x in zip(weights, self.columns, strict=True)) + bias
        return made

    def mean(self, values: Floats) -> Floats:
        """Mean over the samples that there are, shape (h,)."""
        made: Floats = (values * self.there).sum(axis=-1) / self.m
        return made


class Scope(NamedTuple):
    """Where a step is taken.

    Attributes:
        inputs: the settings by the rule's names for them, ``t``, and ``carried``: 0 in the first batch of an epoch.
        batch: its samples.
        before, after: the samples of the batches before and after it.
        size: the batch size of the settings.
        right: the formulas of the right step.
        given: the gradients where they are known already; else None.
        used: the gradients that the step before used, where they are known; else None.
        earlier: the parameters before the step before, where they are known; else None.
        whole: all samples, where they are known; else None.
        samples: the samples of the batch themselves, where they are known; else None.
    """

    inputs: Mapping[str, Number]
    batch: Batch
    before: Batch
    after: Batch
    size: int
    right: Trees
    given: Numbers | None = None
    used: Numbers | None = None
    earlier: Numbers | None = None
    whole: Batch | None = None
    samples: Samples | None = None

    def part(self, places: slice) -> "Scope":
        """The same for some of the worlds that go side by side."""

        def some(value: Any) -> Any:
            return value[places] if isinstance(value, np.ndarray) and value.ndim else value

        batch, samples = self.batch.part(places), self.samples
        return self._replace(
            inputs={name: some(value) for name, value in self.inputs.items()},
            batch=batch, before=batch, after=batch, size=some(self.size),
            used=self.used and tuple(map(some, self.used)), earlier=self.earlier and tuple(map(some, self.earlier)),
            whole=self.whole and self.whole.part(places),
            samples=samples and Samples(
                tuple(map(some, samples.columns)), some(samples.y), some(samples.there), some(samples.m)
            ),
        )  # fmt: skip


def gradient(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The right gradient: of the batch's loss, at the parameters before the update."""
    return s.given or s.batch.gradient([memory["theta"] for memory in memories])


@dataclass(frozen=True)
class Rule:
    """How a step is computed; what is not given is right.

    Attributes:
        gradient: gradient of each parameter.
        trees: the right formulas of the optimizer → the wrong ones; None where this optimizer with these settings
            has no such mistake.
        bias_last: the bias is updated from the error with the new weights.
        weights_last: the weights are updated from the error with the new bias.
        raw: the gradient needs the samples themselves.
    """

    gradient: Callable[[Scope, Sequence[Memory]], Numbers] = gradient
    trees: Callable[[Trees], Trees | None] = lambda trees: trees
    bias_last: bool = False
    weights_last: bool = False
    raw: bool = False


class Taken(NamedTuple):
    """A step: the gradients used, and what was computed of each parameter by name."""

    gradients: Numbers
    made: tuple[Mapping[str, Number], ...]

    @property
    def parameters(self) -> Numbers:
        """The parameters after the step."""
        return tuple(made["theta"] for made in self.made)


@lru_cache(maxsize=32)
def right_trees(settings: Settings) -> Trees:
    """The formulas of the optimizer's rule, held apart."""
    return apart(update_formulas(settings))


def take(rule: Rule, trees: Callable[[Mapping[str, Number]], dict[str, Number]], s: Scope,
         memories: Sequence[Memory]) -> Taken:  # fmt: skip
    """Take one step by a rule whose formulas are this function."""
    gradients = rule.gradient(s, memories)
    made = _made(trees, s, gradients, memories)
    if rule.bias_last:
        moved = [*(one["theta"] for one in made[:-1]), memories[-1]["theta"]]
        gradients = (*gradients[:-1], s.batch.gradient(moved)[-1])
        made[-1] = trees({**s.inputs, **memories[-1], "g": gradients[-1]})
    if rule.weights_last:
        moved = [*(memory["theta"] for memory in memories[:-1]), made[-1]["theta"]]
        gradients = (*s.batch.gradient(moved)[:-1], gradients[-1])
        made[:-1] = _made(trees, s, gradients, memories)[:-1]
    return Taken(gradients, tuple(made))


def _made(
    trees: Callable[[Mapping[str, Number]], dict[str, Number]], s: Scope, gradients: Numbers,
    memories: Sequence[Memory],
) -> list[dict[str, Number]]:  # fmt: skip
    """What a rule's formulas give for each parameter; they may also use the gradients of the others.

    ``g other`` is the gradient at the other end of the list, ``g norm`` the root of the sum of the squares of all.
    """
    norm = np.sqrt(sum(g * g for g in gradients))
    given = zip(gradients, reversed(gradients), memories, strict=True)
    return [trees({**s.inputs, **memory, "g": g, "g other": other, "g norm": norm}) for g, other, memory in given]


RIGHT = Rule()


def new_weights(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The gradient at the weights from after the update."""
    return s.batch.gradient(take(RIGHT, function_of(s.right), s, memories).parameters)


def scaled(factor: Callable[[Scope], Number]) -> Callable[[Scope, Sequence[Memory]], Numbers]:
    """The gradient times a factor."""
    return lambda s, memories: tuple(g * factor(s) for g in gradient(s, memories))


def swapped(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The last gradient for the first and so on: g_b for g_w and g_w for g_b."""
    return gradient(s, memories)[::-1]


def of_samples(batch: Callable[[Scope], Batch]) -> Callable[[Scope, Sequence[Memory]], Numbers]:
    """The gradient of other samples."""
    return lambda s, memories: batch(s).gradient([memory["theta"] for memory in memories])
