"""One training step with any part of it replaced: the right step and the wrong ones are the same code.

All of it works on plain floats (one iteration) and on arrays of shape (k,) (many iterations at once).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lrstep.core.arithmetic import prediction, rmse
from lrstep.core.dataset import Floats
from lrstep.core.optimizers.base import Slot
from lrstep.core.settings import Settings
from lrstep.formulas.rewrites import Trees, apart
from lrstep.formulas.update import update_formulas

Number = Any
"""A float, or an array of shape (k,): one value per iteration."""

Numbers = tuple[Number, ...]
Memory = Mapping[str, Number]
"""What there is of a parameter before a step: ``theta`` and the letters of its slots → values."""


class Batch(NamedTuple):
    """What a batch's loss and gradient depend on: m, means, and its features and labels turned to k dimensions.

    With QR = (X − x̄)/√m and z = Qᵀ·(y − ȳ)/√m the loss of any line or plane costs the same for any m, and nothing
    cancels, also where features are all but one::

        L(w, b) = L* + (R·w − z)² + (w·x̄ + b − ȳ)²        L* what is left of (y − ȳ)/√m beside Q·z, squared

    Attributes:
        m: its samples. x_means, y_mean: the means.
        root: the rows of R, a root of the covariances S = Rᵀ·R of the features. turned: z. lowest: L*.
    """

    m: Number
    x_means: Numbers
    y_mean: Number
    root: tuple[Numbers, ...]
    turned: Numbers
    lowest: Number

    def loss(self, parameters: Sequence[Number]) -> Number:
        """Mean squared error of some parameters, the bias last."""
        offset, moved = self.apart(parameters)
        return self.lowest + sum(by * by for by in moved) + offset * offset

    def gradient(self, parameters: Sequence[Number]) -> Numbers:
        """∂L/∂w = 2·(Rᵀ·(R·w − z) + offset·x̄) and ∂L/∂b = 2·offset, offset = w·x̄ + b − ȳ."""
        offset, moved = self.apart(parameters)
        return self.sloped(offset, moved)

    def sloped(self, offset: Number, turned: Sequence[Number]) -> Numbers:
        """2·(Rᵀ·v + offset·x̄) of each weight, and 2·offset of the bias."""
        weights = (2 * (by + offset * mean) for by, mean in zip(self._back(turned), self.x_means, strict=True))
        return (*weights, 2 * offset)

    def loss_of_pairs(self, parameters: Sequence[Number]) -> Number:
        """Mean over all pairs of samples of (ŷ of the one − y of the other)²: (R·w)² + (L* + z²) + offset²."""
        offset, _ = self.apart(parameters)
        spread = sum(by * by for by in self.rooted(parameters[:-1]))
        return spread + self.lowest + sum(z * z for z in self.turned) + offset * offset

    def rooted(self, weights: Sequence[Number]) -> list[Number]:
        """R·w."""
        return [sum(r * w for r, w in zip(row, weights, strict=True)) for row in self.root]

    def _back(self, turned: Sequence[Number]) -> list[Number]:
        """Rᵀ·v; S·w is that of R·w, and of z the covariances with the label."""
        return [sum(row[i] * v for row, v in zip(self.root, turned, strict=True)) for i in range(len(turned))]

    def apart(self, parameters: Sequence[Number]) -> tuple[Number, list[Number]]:
        """The mean error, w·x̄ + b − ȳ, and R·w − z."""
        *weights, bias = parameters
        offset = sum(w * mean for w, mean in zip(weights, self.x_means, strict=True)) + bias - self.y_mean
        return offset, [by - z for by, z in zip(self.rooted(weights), self.turned, strict=True)]

    @property
    def numbers(self) -> tuple[float, ...]:
        """All its numbers in a row."""
        root = (number for row in self.root for number in row)
        return self.m, self.y_mean, self.lowest, *self.x_means, *self.turned, *root

    def part(self, places: slice) -> "Batch":
        """Those of some worlds, where each field has shape (h,)."""
        numbers: tuple[Any, ...] = self.numbers
        return Batch.of([number[places] for number in numbers], len(self.turned))

    @classmethod
    def of(cls, numbers: Sequence[Number], features: int) -> "Batch":
        """The batch of such a row; of a table of them with an array for each number."""
        m, y_mean, lowest, *rest = numbers
        means, turned, root = rest[:features], rest[features : 2 * features], rest[2 * features :]
        rows = tuple(tuple(root[i * features : (i + 1) * features]) for i in range(features))
        return cls(m, tuple(means), y_mean, rows, tuple(turned), lowest)


def batch_of(columns: Sequence[Floats], y: Floats) -> Batch:
    """The :class:`Batch` of samples: k features and the label, each of shape (m,)."""
    return Batch.of(batch_numbers(np.array(columns)[:, None], y[None])[0].tolist(), len(columns))


def batch_numbers(x: Floats, y: Floats) -> Floats:
    """The numbers of a :class:`Batch` of batches of one size, one row each.

    Args:
        x: k features, shape (k, B, m). y: the labels, shape (B, m).
    """
    k, count, m = x.shape
    means, y_means = x.mean(axis=2), y.mean(axis=1)
    # Equal x must give exactly 0, which the rounding of their mean would spoil.
    equal = x.min(axis=2, keepdims=True) == x.max(axis=2, keepdims=True)
    dx, dy = np.where(equal, 0.0, x - means[:, :, None]) / m**0.5, (y - y_means[:, None]) / m**0.5
    if k == 1:
        root = np.sqrt(np.einsum("bm,bm->b", dx[0], dx[0]))
        with np.errstate(all="ignore"):
            unit = np.where(root[:, None] > 0, dx[0] / root[:, None], 0.0)[:, :, None]
    else:
        rows = np.zeros((count, max(m, k), k))
        rows[:, :m] = dx.transpose(1, 2, 0)
        unit, root = np.linalg.qr(rows)
        unit = unit[:, :m]
    turned = np.einsum("bmi,bm->bi", unit, dy)
    left = dy - np.einsum("bmi,bi->bm", unit, turned)
    lowest = np.einsum("bm,bm->b", left, left)
    return np.column_stack([np.full(count, float(m)), y_means, lowest, means.T, turned, root.reshape(count, k * k)])


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

    def part(self, places: slice | np.ndarray) -> "Samples":
        """Those of some of the batches."""
        columns = tuple(column[places] for column in self.columns)
        return Samples(columns, self.y[places], self.there[places], self.m[places])

    def predictions(self, parameters: Sequence[Number]) -> Floats:
        """ŷ of each sample, shape (h, m)."""
        *weights, bias = (np.asarray(one)[..., None] for one in parameters)
        return np.asarray(prediction(weights, self.columns, bias))

    def mean(self, values: Floats) -> Floats:
        """Mean over the samples that there are, shape (h,)."""
        return np.asarray((values * self.there).sum(axis=-1) / self.m)


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

        batch = self.batch.part(places)
        return self._replace(
            inputs={name: some(value) for name, value in self.inputs.items()},
            batch=batch, before=batch, after=batch, size=some(self.size),
            used=self.used and tuple(map(some, self.used)), earlier=self.earlier and tuple(map(some, self.earlier)),
            whole=self.whole and self.whole.part(places),
            samples=self.samples and self.samples.part(places),
        )  # fmt: skip


def parameters_of(memories: Sequence[Memory]) -> list[Number]:
    """The parameters before a step."""
    return [memory["theta"] for memory in memories]


def gradient(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The right gradient: of the batch's loss, at the parameters before the update."""
    return s.given or s.batch.gradient(parameters_of(memories))


Gradient = Callable[[Scope, Sequence[Memory]], Numbers]


@dataclass(frozen=True)
class StepRule:
    """How a step is computed; what is not given is right.

    Attributes:
        gradient: gradient of each parameter.
        trees: the right formulas of the optimizer → the wrong ones; None where this optimizer with these settings
            has no such mistake.
        bias_last: the bias is updated from the error with the new weights.
        weights_last: the weights are updated from the error with the new bias.
        raw: the gradient needs the samples themselves.
    """

    gradient: Gradient = gradient
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

    def figures(self, names: Sequence[str], slots: Sequence[Slot]) -> dict[str, Number]:
        """Gradient, parameter, step and slots of each parameter, by quantity; a slot corrected where it is so."""
        figures: dict[str, Number] = {}
        for name, g, made in zip(names, self.gradients, self.made, strict=True):
            figures |= {f"gradient_{name}": g, name: made["theta"], f"step_{name}": made["step"]}
            for slot in slots:
                figures[f"{slot.name}_{name}"] = made.get(f"corrected {slot.letter}", made[slot.letter])
        return figures


def both(stem: str, loss: Number) -> dict[str, Number]:
    """A loss and its root under their names."""
    return {f"{stem}rmse": rmse(loss), f"{stem}loss": loss}


@lru_cache(maxsize=32)
def right_trees(settings: Settings) -> Trees:
    """The formulas of the optimizer's rule, held apart."""
    return apart(update_formulas(settings))


def take(rule: StepRule, trees: Callable[[Mapping[str, Number]], dict[str, Number]], s: Scope,
         memories: Sequence[Memory]) -> Taken:  # fmt: skip
    """Take one step by a rule whose formulas are this function."""
    gradients = rule.gradient(s, memories)
    made = _made(trees, s, gradients, memories)
    if rule.bias_last:
        moved = [*(one["theta"] for one in made[:-1]), memories[-1]["theta"]]
        gradients = (*gradients[:-1], s.batch.gradient(moved)[-1])
        made[-1] = trees({**s.inputs, **memories[-1], "g": gradients[-1]})
    if rule.weights_last:
        moved = [*parameters_of(memories[:-1]), made[-1]["theta"]]
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


RIGHT = StepRule()
