"""Other gradients than that of the mean squared error: made of parts, of which one is not as it should be.

The right gradient of a parameter is ``2 · mean(error · x)``, with 1 for x where it is of the bias. Each part has others
that may stand in its place: the factor, the mean, the error, and the x.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.why.worlds import KNOWN, RARE, SELDOM, World
from lrstep.why.wrong_gradients import added_up, by_norm, each, of_samples, times
from lrstep.why.wrong_steps import Gradient, Memory, Numbers, Samples, Scope, StepRule, gradient, parameters_of

ChangedGradient = tuple[int, str, Gradient, str]
"""How common it is, its words, the gradient, and why the right one is another."""


def _huber(delta: float, factor: float = 1.0) -> Callable[[Floats], Floats]:
    return lambda e: factor * np.clip(e, -delta, delta)


def _x(s: Samples, predicted: Floats, x: Floats) -> Floats:
    return x


def _at(place: int, s: Samples, values: Floats) -> Floats:
    places = np.zeros(len(values), dtype=int) if not place else s.m.astype(int) - 1
    return np.asarray(values[np.arange(len(values)), places])


def _median(s: Samples, values: Floats) -> Floats:
    return np.array([np.median(row[there > 0]) for row, there in zip(values, s.there, strict=True)])


def _from_samples(
    error: Callable[[Floats], Floats] = lambda e: 2 * e, factor: Callable[..., Floats] = _x,
    mean: Callable[[Samples, Floats], Floats] = Samples.mean,
) -> Gradient:  # fmt: skip
    """The gradient made of these parts."""

    def made(s: Scope, memories: Sequence[Memory]) -> Numbers:
        assert s.samples is not None
        predicted = s.samples.predictions(parameters_of(memories))
        e = error(predicted - s.samples.y)
        weights = (mean(s.samples, e * factor(s.samples, predicted, x)) for x in s.samples.columns)
        return (*weights, mean(s.samples, e))

    return made


# In the place of 2·error the derivative of another loss, then something in the place of x.
_FROM_SAMPLES: tuple[ChangedGradient, ...] = (
    (KNOWN, "with the gradient of the mean absolute error (with the sign of each error)", _from_samples(np.sign),
     "Keras trains on the loss of compile; here it is the mean squared error."),
    (KNOWN, "with the gradient of Huber's loss (each error clipped at 1)", _from_samples(_huber(1.0)),
     "Huber's loss is linear where an error is above δ = 1."),
    (RARE, "with the gradient of log cosh (with tanh of each error)", _from_samples(np.tanh), ""),
    (RARE, "with the gradient of the absolute errors: |error| for error", _from_samples(lambda e: 2 * np.abs(e)),
     "The sign of an error says in which direction to go."),
    (RARE, "with the gradient with error² for error", _from_samples(lambda e: 2 * e * e), ""),
    (RARE, "with the gradient with error³ for error", _from_samples(lambda e: 2 * e * e * e), ""),
    (SELDOM, "with the gradient of the mean absolute error, with the factor 2",
     _from_samples(lambda e: 2 * np.sign(e)), ""),
    (SELDOM, "with the gradient of Huber's loss, with the factor 2", _from_samples(_huber(1.0, 2.0)), ""),
    (SELDOM, "with the gradient of log cosh, with the factor 2", _from_samples(lambda e: 2 * np.tanh(e)), ""),
    (KNOWN, "with x² for x in the gradient of the weight", _from_samples(factor=lambda s, predicted, x: x * x), ""),
    (RARE, "with y for x in the gradient of the weight", _from_samples(factor=lambda s, predicted, x: s.y), ""),
    (RARE, "with ŷ for x in the gradient of the weight", _from_samples(factor=lambda s, predicted, x: predicted), ""),
    (RARE, "with |x| for x in the gradient of the weight", _from_samples(factor=lambda s, predicted, x: np.abs(x)), ""),
    (RARE, "with x less its mean for x in the gradient of the weight",
     _from_samples(factor=lambda s, predicted, x: x - s.mean(x)[..., None]), ""),
    (SELDOM, "divided by x instead of times x in the gradient of the weight",
     _from_samples(factor=lambda s, predicted, x: np.where(x != 0, 1 / np.where(x != 0, x, 1.0), 0.0)), ""),
)  # fmt: skip

_FROM_SEVERAL: tuple[ChangedGradient, ...] = (
    (KNOWN, "with the gradient from the first sample of the batch alone", _from_samples(mean=partial(_at, 0)), ""),
    (KNOWN, "with the gradient from the last sample of the batch alone", _from_samples(mean=partial(_at, -1)),
     "A loop that overwrites the sum keeps the last."),
    (SELDOM, "with the gradient with the median instead of the mean", _from_samples(mean=_median), ""),
)  # fmt: skip


def other_gradients(batch_size: int) -> Iterator[World]:
    """Worlds in which each step takes another gradient."""
    for rank, words, of, explanation in (*_FROM_SAMPLES, *(_FROM_SEVERAL if batch_size > 1 else ())):
        yield _world(rank, words, of, True, explanation)
    for rank, words, of, explanation in _CHANGED:
        yield _world(rank, words, of, False, explanation)
    for name, of_share in _penalties():
        yield _world(RARE if "0.01" in name else SELDOM, name, of_share, False)
    for delta in (0.5, 2.0, 5.0, 10.0, 1.35, 0.1):
        words = f"with the gradient of Huber's loss (each error clipped at {delta:g})"
        yield _world(SELDOM, words, _from_samples(_huber(delta)), True)
        yield _world(SELDOM, f"{words}, with the factor 2", _from_samples(_huber(delta, 2.0)), True)
    for name, of_limit in _clipped():
        yield _world(RARE if " 1 " in name else SELDOM, name, of_limit, False)
    for h in (1.0, 0.1, 0.01, 0.001, 1e-4):
        words = f"with the gradient as a difference: (L(θ + {h:g}) − L(θ)) / {h:g}"
        yield _world(
            SELDOM, words, partial(_difference, h), False, "The derivative is the limit for a small difference."
        )


def _world(rank: int, words: str, of: Gradient, raw: bool, explanation: str = "") -> World:
    return World("formula", words, rank, rule=StepRule(gradient=of, raw=raw), explanation=explanation)


# --- from the gradient that is right ---------------------------------------------------------------


def _of_means(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """2·mean(error)·mean(x)."""
    *_, of_bias = gradient(s, memories)
    return (*(of_bias * mean for mean in s.batch.x_means), of_bias)


def _late(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """At the parameters from before the step before."""
    return s.batch.gradient(s.earlier or parameters_of(memories))


def _before(s: Scope, memories: Sequence[Memory]) -> Numbers:
    return s.used or gradient(s, memories)


_CHANGED: tuple[ChangedGradient, ...] = (
    (KNOWN, "with the gradient of all samples in each batch", of_samples(lambda s: s.whole or s.batch),
     "A step uses the samples of its batch alone."),
    (KNOWN, "with the gradients of the epoch's batches added up", added_up(lambda s: s.inputs["carried"]),
     "PyTorch adds gradients up until zero_grad is called."),
    (KNOWN, "with the mean error times the mean of x as the gradient of the weight", _of_means,
     "The mean of error·x is not the product of the two means."),
    (KNOWN, "with the gradient at the weights from before the last step (one step late)", _late,
     "The gradient is taken where the line stands."),
    (RARE, "with the gradient of the step before from the second step on", _before, ""),
    (KNOWN, "with the gradient divided by the number of all samples",
     each(lambda s, g: g * s.batch.m / (s.whole or s.batch).m), "The mean is over the batch."),
    (KNOWN, "with the gradient divided by the batch size twice",
     each(lambda s, g: g / s.batch.m), "The mean divides by it once."),
    (RARE, "with x in the gradient of the bias too", lambda s, memories: (
        *gradient(s, memories)[:-1], gradient(s, memories)[0]), "That of the bias has error alone."),
    (RARE, "with the gradient divided by its norm", by_norm(lambda g, norm: g / norm), ""),
    (RARE, "with the gradient twice as large", times(2.0, 2.0), ""),
    (RARE, "with the gradient of the weight twice as large", times(2.0, 1.0), ""),
    (RARE, "with the gradient of the bias twice as large", times(1.0, 2.0), ""),
    (RARE, "without the 2 in the gradient of the weight", times(0.5, 1.0), ""),
    (RARE, "without the 2 in the gradient of the bias", times(1.0, 0.5), ""),
    (RARE, "with a sum instead of the mean in the gradient of the bias",
     lambda s, memories: (*gradient(s, memories)[:-1], s.batch.m * gradient(s, memories)[-1]), ""),
    (RARE, "with a sum instead of the mean in the gradient of the weight",
     lambda s, memories: (*(s.batch.m * g for g in gradient(s, memories)[:-1]), gradient(s, memories)[-1]), ""),
    (RARE, "with the opposite sign of the gradient of the weight", times(-1.0, 1.0), ""),
    (SELDOM, "with a learning rate 10 times as large for the bias", times(1.0, 10.0), ""),
    (SELDOM, "with a learning rate a tenth as large for the bias", times(1.0, 0.1), ""),
)  # fmt: skip


# --- families of a number ------------------------------------------------------------------------------


def _penalties() -> Iterator[tuple[str, Gradient]]:
    """Weight penalties, and weight decay added to the gradients."""
    for size in (0.1, 0.01, 0.001, 0.5, 1.0):
        yield f"with a weight penalty L2({size:g})", partial(_penalised, 2 * size, lambda theta: theta, False)
        yield f"with a weight penalty L1({size:g})", partial(_penalised, size, np.sign, False)
        yield f"with weight_decay {size:g} added to the gradients", partial(_penalised, size, lambda theta: theta, True)
        yield f"with a weight penalty ½·{size:g}·w²", partial(_penalised, size, lambda theta: theta, False)


def _penalised(
    size: float, of: Callable[[Any], Any], bias_too: bool, s: Scope, memories: Sequence[Memory]
) -> Numbers:  # fmt: skip
    own = gradient(s, memories)
    *weights, bias = (g + size * of(memory["theta"]) for g, memory in zip(own, memories, strict=True))
    return (*weights, bias if bias_too else own[-1])


def _clipped() -> Iterator[tuple[str, Gradient]]:
    """Gradients that are not let grow beyond a limit, each for itself or all together."""
    for limit in (1.0, 0.5, 5.0, 10.0, 0.1, 100.0, 2.0, 3.0, 0.01):
        alone, together = _clipped_at(limit)
        yield f"with each gradient clipped at {limit:g} (clipvalue={limit:g})", alone
        yield f"with the norm of the gradient clipped at {limit:g} (global_clipnorm={limit:g})", together


def _clipped_at(limit: float) -> tuple[Gradient, Gradient]:
    return each(lambda s, g: np.clip(g, -limit, limit)), by_norm(lambda g, norm: g * limit / np.maximum(norm, limit))


def _difference(h: float, s: Scope, memories: Sequence[Memory]) -> Numbers:
    """(L(θ + h) − L(θ)) / h = ∂L/∂θ + h·mean(x²), as the loss is a parabola."""
    *weights, bias = gradient(s, memories)
    of_features = zip(zip(*s.batch.root, strict=True), s.batch.x_means, strict=True)
    squares = (sum(r * r for r in column) + mean * mean for column, mean in of_features)
    return (*(g + h * square for g, square in zip(weights, squares, strict=True)), bias + h)
