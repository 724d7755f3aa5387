"""Worlds with other settings: those that people most often have by mistake, or by the defaults of something else."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.setting import Value
from lrstep.core.settings import FIELDS, Settings
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import short
from lrstep.why.worlds import COMMON, FINE, KNOWN, RARE, SELDOM, Kind, World

FACTORS = {10.0: COMMON, 0.1: COMMON, 2.0: COMMON, 0.5: KNOWN, 5.0: RARE, 0.2: RARE, 100.0: KNOWN, 0.01: KNOWN}
"""The learning rate times this."""

RATES = {0.001: COMMON, 0.01: COMMON, 0.1: COMMON, 0.005: KNOWN, 0.02: KNOWN, 0.05: KNOWN, 0.5: KNOWN, 1.0: KNOWN,
         0.0001: RARE, 0.03: RARE, 0.002: RARE, 0.2: RARE, 0.3: RARE}  # fmt: skip
"""Learning rates that are defaults, or that people like."""

ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
"""How round numbers begin."""

SHARES = {0.9: COMMON, 0.99: COMMON, 0.999: KNOWN, 0.95: KNOWN, 0.5: KNOWN, 0.8: RARE, 0.0: KNOWN, 0.1: RARE,
          **{round(share / 20, 2): SELDOM for share in range(1, 20) if share not in (2, 10, 16, 18, 19)},
          0.97: SELDOM, 0.98: SELDOM, 0.995: SELDOM}  # fmt: skip
"""For ρ and β: defaults of other frameworks, and what people like."""

ROUND_STARTS = (-0.5, -2.0, 3.0, -3.0, 5.0, -5.0, 10.0, -0.1, 0.2, 0.3, 1.5, 0.05, 0.001, 0.8, 0.25, 100.0)
"""More numbers that people let weights or the bias begin with."""

YES_OR_NO = {True: KNOWN, False: KNOWN}

OPTIONS: dict[str, Mapping[Any, int]] = {
    "momentum": {0.9: COMMON, 0.0: COMMON, 0.5: KNOWN, 0.99: RARE, 0.8: RARE, 0.95: RARE, 0.1: RARE},
    "centered": {True: COMMON, False: COMMON},
    "initial_accumulator": {0.0: KNOWN, 0.1: KNOWN, 1.0: RARE},
    "epsilon": {1e-8: KNOWN, 1e-7: KNOWN, 1e-6: KNOWN, 1e-3: KNOWN, 0.0: RARE, 1e-10: RARE, 1e-5: RARE, 1e-4: RARE,
                1.0: RARE, 0.1: RARE, 0.01: RARE},
    "bias": {0.0: COMMON, 1.0: KNOWN, 0.1: RARE, 0.5: RARE, -1.0: RARE, **dict.fromkeys(ROUND_STARTS, SELDOM)},
}  # fmt: skip

WEIGHTS = {0.0: COMMON, 1.0: KNOWN, 0.5: RARE, 0.1: RARE, -1.0: RARE, 0.01: RARE, 2.0: RARE,
           **dict.fromkeys(ROUND_STARTS, SELDOM)}  # fmt: skip
SIZES = {1: COMMON, 32: COMMON, 2: KNOWN, 8: KNOWN, 16: KNOWN, 10: RARE, 64: RARE}
"""Batch sizes that people take; 32 is the default of Keras."""

SWITCHES = {"centered": "the mean gradient (centered)", "nesterov": "Nesterov's momentum"}

SEEDS = (0, 1, 2, 3, 4, 5, 7, 10, 42, 99, 100, 123, 1234, 2023, 2024)
"""Seeds of a start that is drawn."""


def other_settings(run: Run) -> Iterator[World]:
    """One setting is another."""
    base = run.settings
    made = [*_rates(base), *_options(base), *_sizes(base, len(run.dataset)), *_starts(run)]
    if base.weight is None or base.shuffle:
        made += [(RARE, {"seed": seed}, "") for seed in SEEDS]
    seen: set[tuple[tuple[str, Value], ...]] = set()
    for rank, changes, words in sorted(made, key=lambda one: one[0]):
        key = tuple(sorted(changes.items()))
        if key in seen or all(getattr(base, name) == value for name, value in changes.items()):
            continue
        seen.add(key)
        for world in _worlds("setting", base, rank, changes, words):
            yield world
            if "batch_size" in changes:
                yield from _later(run, world, int(changes["batch_size"]))


def _later(run: Run, world: World, size: int) -> Iterator[World]:
    """The same, read after as many samples, or as many epochs, as the iteration has behind it."""
    n, position, of_run = len(run.dataset), run.batches.position, run.batches
    per_epoch = -(-n // size)

    def as_many_samples(t: int) -> int:
        epoch, batch = position(t)
        return (epoch - 1) * per_epoch + -(-min(batch * of_run.size, n) // size)

    def same_epoch(t: int) -> int:
        return position(t)[0] * per_epoch

    for words, at, rank in (("as many samples", as_many_samples, RARE), ("the same epoch", same_epoch, SELDOM)):
        if at(1) != 1 or at(of_run.per_epoch) != of_run.per_epoch:
            yield replace(world, name=f"{world.name}, after {words}", rank=max(world.rank, rank), at=at)


def other_optimizers(run: Run) -> Iterator[World]:
    """Another optimizer, or another framework's form of it, with the learning rate as it is or a default one."""
    base = run.settings
    for name, optimizer in OPTIMIZERS.items():
        if name == base.optimizer:
            continue
        related = name.split("-")[0] == base.optimizer.split("-")[0]
        rank = COMMON if related or name in ("sgd", "adam") else KNOWN
        changes: dict[str, Any] = {"optimizer": name}
        words = f"with {optimizer.title}"
        yield from _with_defaults(base, rank, changes, words)
        if related:
            defaults = {option: value for option, value in optimizer.options.items() if value != getattr(base, option)}
            if defaults:
                yield from _with_defaults(base, rank, changes | defaults, f"{words} and its defaults")
            else:
                yield from _worlds("optimizer", base, rank, changes, words)
        if "momentum" in optimizer.options and not base.momentum:
            yield from _with_defaults(base, KNOWN, changes | {"momentum": 0.9}, f"{words} and momentum 0.9")
        if "initial_accumulator" in optimizer.options:
            more = changes | {"initial_accumulator": 0.0}
            yield from _with_defaults(base, KNOWN, more, f"{words} and accumulators from 0")
        if "nesterov" in optimizer.options:
            more = changes | {"momentum": base.momentum or 0.9, "nesterov": True}
            yield from _worlds("optimizer", base, RARE, more, f"{words} and Nesterov's momentum")


def _with_defaults(base: Settings, rank: int, changes: dict[str, Any], words: str) -> Iterator[World]:
    yield from _worlds("optimizer", base, rank, changes, words)
    for rate in (0.001, 0.01):
        if rate != base.learning_rate:
            more = changes | {"learning_rate": rate}
            yield from _worlds("optimizer", base, KNOWN, more, f"{words} and learning rate {rate:g}")


def finer_settings(run: Run) -> Iterator[World]:
    """One setting is any other number of two digits."""
    base, features = run.settings, len(run.dataset.columns)
    hundredths = [place / 100 for place in range(1, 100)]
    twentieths = [place / 20 for place in range(-60, 61)]
    own = [name for name, value in base.rule.options.items() if not isinstance(value, bool)]
    grids: dict[str, list[float]] = dict.fromkeys(own, hundredths) | {
        "learning_rate": [float(f"{first}e{power}") for power in range(-6, 1) for first in range(10, 100)],
        "beta_2": [*hundredths, *(0.99 + place / 1000 for place in range(1, 10))],
        "epsilon": [float(f"{first}e{power}") for power in range(-10, 1) for first in range(1, 10)],
    }
    for name in ("learning_rate", *own, "weight", "bias"):
        grid = grids.get(name, twentieths)
        was = getattr(base, name) if name != "weight" or features > 1 else run.start.parameters[0]
        for value in grid:
            plain = float(f"{value:.12g}")
            if plain != was:
                yield from _worlds("setting", base, FINE, {name: plain})


Change = tuple[int, dict[str, Any], str]
"""Rank, the settings that change, and words; empty words for those that follow from the change."""


def _rates(base: Settings) -> Iterator[Change]:
    for factor, rank in FACTORS.items():
        yield rank, {"learning_rate": float(f"{base.learning_rate * factor:.12g}")}, ""
    for rate, rank in RATES.items():
        yield rank, {"learning_rate": rate}, ""
    for power in range(-5, 2):
        for first in ROUND:
            yield SELDOM, {"learning_rate": float(f"{first}e{power}")}, ""


def _options(base: Settings) -> Iterator[Change]:
    own = {name: YES_OR_NO if FIELDS[name].kind == "bool" else SHARES for name in base.rule.options}
    for name, values in (own | OPTIONS).items():
        if name not in own and name != "bias":
            continue
        for value, rank in values.items():
            yield rank, {name: value}, ""
    for name in ("rho", "momentum"):
        value = getattr(base, name)
        if value and name in base.rule.options:
            yield KNOWN, {name: float(f"{1 - value:.12g}")}, ""
    if base.rule.options.keys() >= {"beta_1", "beta_2"}:
        yield KNOWN, {"beta_1": base.beta_2, "beta_2": base.beta_1}, "with β₁ and β₂ exchanged"


def _sizes(base: Settings, n: int) -> Iterator[Change]:
    size = min(base.batch_size, n)
    sizes = {n: COMMON} | {value: rank for value, rank in SIZES.items() if value < n}
    for value in (2 * size, size // 2, size + 1, size - 1, n // 2, *range(1, min(n, 13))):
        sizes.setdefault(value, KNOWN if value in (2 * size, size // 2, size + 1, size - 1) else RARE)
    for value, rank in sizes.items():
        if 0 < value <= n and value != size:
            yield rank, {"batch_size": value}, ""


def _starts(run: Run) -> Iterator[Change]:
    *weights, bias = run.start.parameters
    several = len(weights) > 1
    for value, rank in WEIGHTS.items():
        if any(weight != value for weight in weights):
            yield rank, {"weight": value}, "with initial weights 0" if several and not value else ""
    yield RARE, {"weight": tuple(-w for w in weights)}, "with the sign of the initial weight turned"
    if several:
        yield KNOWN, {"weight": tuple(reversed(weights))}, "with the initial weights in reverse order"
    else:
        yield KNOWN, {"weight": bias, "bias": weights[0]}, "with the initial weight and bias exchanged"
        yield RARE, {"bias": weights[0]}, "with the initial bias equal to the weight"
        for digits in (1, 2, 3, 4):
            rounded, rank = float(f"{weights[0]:.{digits}g}"), KNOWN if digits > 1 else RARE
            yield rank, {"weight": rounded}, f"with the initial weight rounded to {rounded:g}"
    if bias:
        yield RARE, {"bias": -bias}, ""
    y, line = run.dataset.y, run.reference.parameters if run.reference.exists else None
    yield RARE, {"bias": float(y.mean())}, "with the initial bias equal to the mean of y"
    yield SELDOM, {"bias": float(y[0])}, "with the initial bias equal to the first y"
    if line:
        start: Any = tuple(line[:-1]) if several else line[0]
        yield RARE, {"weight": start, "bias": line[-1]}, "with the least-squares line as the start"
    yield from _drawn(len(weights))


def _drawn(features: int) -> Iterator[Change]:
    """Weights that people draw, with seeds that people take; the bias left alone, or drawn after them."""
    for seed in SEEDS:
        for words, (*weights, bias) in _draws(seed, features + 1).items():
            start: Any = tuple(weights) if features > 1 else weights[0]
            rank = RARE if seed in (0, 42) and "randn" in words else SELDOM
            yield rank, {"weight": start}, f"with the initial weight {words}"
            yield SELDOM, {"weight": start, "bias": bias}, f"with initial weight and bias {words}"


def _draws(seed: int, count: int) -> dict[str, list[float]]:
    """Words → the numbers drawn, each time by a generator of its own."""

    def old() -> Any:
        return np.random.RandomState(seed)

    def new() -> Any:
        return np.random.default_rng(seed)

    def plain(draw: Callable[[random.Random], float]) -> list[float]:
        source = random.Random(seed)
        return [draw(source) for _ in range(count)]

    return {
        f"of np.random.randn after np.random.seed({seed})": old().randn(count).tolist(),
        f"of np.random.rand after np.random.seed({seed})": old().rand(count).tolist(),
        f"of 0.01·np.random.randn after np.random.seed({seed})": (0.01 * old().randn(count)).tolist(),
        f"of np.random.uniform(-1, 1) after np.random.seed({seed})": old().uniform(-1, 1, count).tolist(),
        f"of np.random.default_rng({seed}).normal()": new().standard_normal(count).tolist(),
        f"of np.random.default_rng({seed}).random()": new().random(count).tolist(),
        f"of random.random after random.seed({seed})": plain(lambda source: source.random()),
        f"of random.gauss(0, 1) after random.seed({seed})": plain(lambda source: source.gauss(0, 1)),
        f"of random.uniform(-1, 1) after random.seed({seed})": plain(lambda source: source.uniform(-1, 1)),
    }


def _worlds(kind: Kind, base: Settings, rank: int, changes: Mapping[str, Any], words: str = "") -> Iterator[World]:
    """The world with these changes; none where there are no such settings."""
    try:
        base.changed(**changes)
    except LrstepError:
        return
    if not words:
        ((name, value),) = changes.items()
        words = f"with {FIELDS[name].label} {_shown(value)} instead of {_shown(getattr(base, name))}"
        if isinstance(value, bool):
            words = f"{'with' if value else 'without'} {SWITCHES.get(name, FIELDS[name].label)}"
        elif name == "momentum" and not value:
            words = "without momentum"
        elif getattr(base, name) is None:
            words = words.partition(" instead")[0]
    yield World(kind, words, rank, changes)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return short(float(value)) if isinstance(value, float) else str(value)
