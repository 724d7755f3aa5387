"""How fast the Keras check is beside ``fit`` with a callback; needs TensorFlow. ``python -m benchmarks check``"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing

import numpy as np

from benchmarks.figure import Figure
from lrstep.check.client import KerasClient
from lrstep.check.process import installed
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

PORTION = 16
"""As many steps as the stepper asks for at a time."""


def line(n: int) -> Dataset:
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, n)
    return Dataset(f"{n} samples", x, 0.7 * x - 0.3 + 0.1 * random.standard_normal(n))


LARGE = "100,000 samples, batch 1,000"
CASES = {
    "12 samples, batch 4": (line(12), Settings(batch_size=4, epochs=10_000)),
    "12 samples, batch 12": (line(12), Settings(batch_size=12, epochs=10_000)),
    "12 samples, batch 5, momentum, centered, shuffled": (
        line(12),
        Settings(batch_size=5, epochs=10_000, momentum=0.9, centered=True, shuffle=True),
    ),
    "200 samples, batch 1": (line(200), Settings(batch_size=1, epochs=1_000)),
    LARGE: (line(100_000), Settings(batch_size=1_000, epochs=100)),
}


async def steps_a_second(client: KerasClient, run: Run, steps: int) -> float:
    await client.check(run, [1])
    began = time.perf_counter()
    for start in range(1, steps + 1, PORTION):
        await client.check(run, range(start, min(start + PORTION, steps + 1)))
    return steps / (time.perf_counter() - began)


async def fit_a_second(client: KerasClient, run: Run, steps: int) -> float:
    async with aclosing(client.fit(run)) as points:
        async for point in points:
            if point.iteration == 1:
                began = time.perf_counter()
            if point.iteration == steps:
                break
    return (steps - 1) / (time.perf_counter() - began)


async def speeds(steps: int) -> list[tuple[str, float, float, float]]:
    """Case, and steps a second of the check in float32, in float64, and of fit."""
    made = []
    async with KerasClient() as client:
        for name, (dataset, settings) in CASES.items():
            run, checks = Run(dataset, settings), []
            for client.precision in ("float64", "float32"):
                checks.insert(0, await steps_a_second(client, run, steps))
            made.append((name, checks[0], checks[1], await fit_a_second(client, run, steps // 4)))
    return made


def measure() -> Iterator[Figure]:
    """Microseconds for a checked step beside one of fit; at least 400 steps a second for batches as one has them."""
    if not installed("tensorflow"):
        return
    for name, single, double, fit in asyncio.run(speeds(1_000)):
        most = 2_500 if name != LARGE else None
        yield Figure(f"Keras check of a step, float32, {name}; floor: fit", 1e6 / single, "µs", 1e6 / fit, most)
        yield Figure(f"the same in float64, {name}", 1e6 / double, "µs", 1e6 / fit, most)


if __name__ == "__main__":
    for name, *rates in asyncio.run(speeds(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)):
        print(f"{name:52}" + "".join(f"{rate:9.0f}" for rate in rates))
