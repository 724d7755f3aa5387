"""How fast the Keras check is: steps a second beside ``fit`` with a callback, in the same run.

Run it as ``python benchmarks/check.py [STEPS]``; it needs TensorFlow.
"""

import asyncio
import sys
import time
from contextlib import aclosing

import numpy as np

from lrstep.check.client import KerasClient
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

PORTION = 16
"""As many steps as the stepper asks for at a time."""


def line(n: int) -> Dataset:
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, n)
    return Dataset(f"{n} samples", x, 0.7 * x - 0.3 + 0.1 * random.standard_normal(n))


CASES = {
    "12 samples, batch 4": (line(12), Settings(batch_size=4, epochs=10_000)),
    "12 samples, batch 12": (line(12), Settings(batch_size=12, epochs=10_000)),
    "12 samples, batch 5, momentum, centered, shuffled": (
        line(12),
        Settings(batch_size=5, epochs=10_000, momentum=0.9, centered=True, shuffle=True),
    ),
    "200 samples, batch 1": (line(200), Settings(batch_size=1, epochs=1_000)),
    "100,000 samples, batch 1,000": (line(100_000), Settings(batch_size=1_000, epochs=100)),
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


async def main(steps: int) -> None:
    async with KerasClient() as client:
        print(f"{client.versions}\n{'steps a second':52}{'float32':>9}{'float64':>9}{'fit':>9}")
        for name, (dataset, settings) in CASES.items():
            run, speeds = Run(dataset, settings), []
            for client.precision in ("float64", "float32"):
                speeds.insert(0, await steps_a_second(client, run, steps))
            speeds.append(await fit_a_second(client, run, steps // 4))
            print(f"{name:52}" + "".join(f"{speed:9.0f}" for speed in speeds), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
