"""The engine: one step against a bare NumPy loop of the same arithmetic, and against Keras."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bare_loops import Loop, one_feature, several_features
from benchmarks.figure import Figure
from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings

X = np.arange(1.0, 13.0)
Y = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])
THREE = np.column_stack((X, X**2 / 10, X % 4))
BATCH, EPOCHS, ROUNDS, LR = 4, 2_000, 7, 0.05
BARE = 1.5
"""Times what the bare loop takes."""


def engine(epochs: int, optimizer: str = "rmsprop", x: np.ndarray = X) -> tuple[float, ...]:
    """A run by lrstep, every state kept."""
    settings = Settings(optimizer=optimizer, learning_rate=LR, weight=0.5, batch_size=BATCH, epochs=epochs)
    run = Run(Dataset("bare", x, Y), settings)
    return run.state(run.n_iterations).parameters


def per_step(*loops: Loop) -> list[float]:
    """Microseconds for one iteration of each, the best of a few rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in loops]
    for _ in range(ROUNDS):
        for loop, took in zip(loops, times, strict=True):
            start = time.perf_counter()
            loop(EPOCHS)
            took.append(time.perf_counter() - start)
    return [min(took) / (EPOCHS * len(X) // BATCH) * 1e6 for took in times]


def compared(what: str, ours: Loop, bare: Loop) -> Figure:
    """One iteration of the engine beside one of the bare loop, which has to compute the same."""
    if not np.allclose(bare(50), ours(50), rtol=1e-9):
        raise AssertionError(f"the two loops do not compute the same: {what}")
    step, floor = per_step(ours, bare)
    return Figure(f"one iteration, batch size {BATCH}, {what}, beside a bare NumPy loop", step, "µs", floor, None, BARE)


def keras_steps() -> list[float]:
    """Microseconds for one iteration of Keras ``fit`` with a callback, in short and in long epochs; none without it."""
    if importlib.util.find_spec("tensorflow") is None:
        return []
    command = [sys.executable, "-m", "benchmarks.keras_fit"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    return list(json.loads(done.stdout.splitlines()[-1]))


def measure() -> Iterator[Figure]:
    """Time of one iteration: of each optimizer, of three features, and beside Keras."""
    for name, optimizer in OPTIMIZERS.items():
        bare = one_feature(name, X, Y, BATCH, LR)
        yield compared(optimizer.title, partial(engine, optimizer=name), bare)
    yield compared("RMSprop, 3 features", partial(engine, x=THREE), several_features(THREE, Y, BATCH, LR))
    (step,) = per_step(engine)
    for iterations, keras in zip((3, 60), keras_steps(), strict=False):
        what = f"the same beside Keras fit with a callback, {iterations} iterations in an epoch"
        yield Figure(what, step, "µs", keras, least_ratio=300)
