"""Worlds in which the learning rate changes from step to step."""

import math
from collections.abc import Callable, Iterator, Sequence

from lrstep.core.run import Run
from lrstep.why.worlds import RARE, SELDOM, Rate, World

DECAYS = (0.01, 0.1, 0.001, 0.5, 1.0, 0.05, 0.02, 1e-4, 1e-6)
"""What people take for ``decay``: lr / (1 + decay·t)."""

SHARES = (0.9, 0.5, 0.1, 0.95, 0.99, 0.8, 0.96, 0.98, 0.97, 0.7, 0.2, 0.85, 0.75, 0.6, 0.999)
"""What people multiply the rate by after each step, or each epoch."""

PORTIONS = (1000.0, 10_000.0, 100.0, 10.0)
"""``decay_steps`` of Keras's schedules."""

Family = tuple[int, str, Callable[[float], Rate], Sequence[float]]
"""Rank, words with a place for a number, number → schedule, the numbers."""


def _cosine(part: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))


def _each_steps(k: int) -> Callable[[float], Rate]:
    return lambda g: lambda t, e, n: g ** ((t - 1) // k)


def _each_epochs(k: int) -> Callable[[float], Rate]:
    return lambda g: lambda t, e, n: g ** ((e - 1) // k)


FAMILIES: tuple[Family, ...] = (
    (RARE, "with decay {:.4g}: lr / (1 + decay·steps)", lambda d: lambda t, e, n: 1 / (1 + d * (t - 1)), DECAYS),
    (RARE, "with decay {:.4g} an epoch: lr / (1 + decay·epochs)", lambda d: lambda t, e, n: 1 / (1 + d * (e - 1)),
     DECAYS),
    (RARE, "with the learning rate times {:g} after each epoch", lambda g: lambda t, e, n: g ** (e - 1), SHARES),
    (RARE, "with the learning rate times {:g} after each step", lambda g: lambda t, e, n: g ** (t - 1), SHARES),
    *((SELDOM, f"with an exponential decay of {{:g}} in {s:g} steps",
       lambda g, s=s: lambda t, e, n: g ** ((t - 1) / s), SHARES) for s in PORTIONS),
    *((SELDOM, f"with the learning rate times {{:g}} after every {k} {unit}", form(k), (0.5, 0.1, 0.9, 0.2, 0.8))
      for k in (2, 3, 5, 10) for unit, form in (("steps", _each_steps), ("epochs", _each_epochs))),
    (SELDOM, "with a warm-up of {:g} steps", lambda s: lambda t, e, n: min(t / s, 1.0), (2, 3, 5, 10, 100, 1000)),
    (SELDOM, "with cosine decay in {:g} steps", lambda s: lambda t, e, n: _cosine((t - 1) / s), PORTIONS),
    (SELDOM, "with a linear decay in {:g} steps", lambda s: lambda t, e, n: max(1 - (t - 1) / s, 0.0), PORTIONS),
)  # fmt: skip

FORMS: tuple[tuple[str, Rate], ...] = (
    ("with the learning rate over √t", lambda t, e, n: 1 / math.sqrt(t)),
    ("with the learning rate over t", lambda t, e, n: 1 / t),
    ("with the learning rate over √epoch", lambda t, e, n: 1 / math.sqrt(e)),
    ("with the learning rate over the epoch", lambda t, e, n: 1 / e),
    ("with the learning rate over 1 + t", lambda t, e, n: 1 / (t + 1)),
    ("with a linear decay of the learning rate to 0", lambda t, e, n: 1 - (t - 1) / n),
    ("with a linear decay of the learning rate to 0, one step early", lambda t, e, n: 1 - t / n),
    ("with cosine decay of the learning rate", lambda t, e, n: _cosine((t - 1) / n)),
    ("with cosine decay of the learning rate, one step early", lambda t, e, n: _cosine(t / n)),
)


def other_rates(run: Run) -> Iterator[World]:
    """Schedules: the ways in which frameworks and books let the learning rate fall, each with common numbers."""
    rate = run.settings.learning_rate
    said = "Here the learning rate stays as it is."
    for rank, words, family, numbers in FAMILIES:
        mine = (*numbers, rate / run.settings.epochs, rate / 10) if numbers is DECAYS else numbers
        for number in dict.fromkeys(mine):
            yield World("setting", words.format(number), rank, rate=family(number), explanation=said)
    for words, schedule in FORMS:
        yield World("setting", words, RARE, rate=schedule, explanation=said)
