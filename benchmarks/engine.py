"""The engine: one step against a bare NumPy loop of the same arithmetic, and against Keras."""

import importlib.util
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

X = np.arange(1.0, 13.0)
Y = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])
BATCH, EPOCHS, ROUNDS = 4, 3_000, 5
LR, RHO, EPSILON = 0.05, 0.9, 1e-7


def bare_loop(epochs: int) -> tuple[float, float]:
    """Mini-batch RMSprop as one writes it down, without keeping anything but the last state."""
    w, b, v_w, v_b = 0.5, 0.0, 0.0, 0.0
    for _ in range(epochs):
        sse = 0.0
        for start in range(0, len(X), BATCH):
            x, y = X[start : start + BATCH], Y[start : start + BATCH]
            error = w * x + b - y
            m = len(error)
            sse += (error * error).sum()
            g_w, g_b = 2 / m * (error * x).sum(), 2 / m * error.sum()
            v_w = RHO * v_w + (1 - RHO) * g_w * g_w
            v_b = RHO * v_b + (1 - RHO) * g_b * g_b
            w -= LR * g_w / math.sqrt(v_w + EPSILON)
            b -= LR * g_b / math.sqrt(v_b + EPSILON)
    return w, b


def engine(epochs: int) -> tuple[float, float]:
    """The same by lrstep, every state kept."""
    run = Run(Dataset("mlcc", X, Y), Settings(weight=0.5, batch_size=BATCH, epochs=epochs))
    state = run.state(run.n_iterations)
    return state.weights[0], state.bias


def per_step(work: Callable[[int], object], epochs: int = EPOCHS) -> float:
    """Microseconds for one iteration, the best of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work(epochs)
        times.append(time.perf_counter() - start)
    return min(times) / (epochs * len(X) // BATCH) * 1e6


def keras_steps() -> list[float]:
    """Microseconds for one iteration of Keras ``fit`` with a callback, in short and in long epochs; none without it."""
    if importlib.util.find_spec("tensorflow") is None:
        return []
    command = [sys.executable, "-m", "benchmarks.keras_fit"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    return list(json.loads(done.stdout.splitlines()[-1]))


def measure() -> Iterator[Figure]:
    """Time of one iteration."""
    if not np.allclose(bare_loop(50), engine(50), rtol=1e-12):
        raise AssertionError("the two loops do not compute the same")
    bare = per_step(bare_loop)
    step = per_step(engine)
    yield Figure("one iteration, batch size 4, beside a bare NumPy loop", step, "µs", bare, most_ratio=1.5)
    for iterations, keras in zip((3, 60), keras_steps(), strict=False):
        what = f"the same beside Keras fit with a callback, {iterations} iterations in an epoch"
        yield Figure(what, step, "µs", keras, least_ratio=300)
