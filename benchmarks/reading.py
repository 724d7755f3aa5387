"""Reading a CSV file of a million rows, and a key in a run over them."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from benchmarks.keys import press
from benchmarks.programs import stepper
from lrstep.sources.open_source import open_source

ROWS = 1_000_000


def seconds(work: Callable[[], object]) -> float:
    """The better of two times."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measure() -> Iterator[Figure]:
    """Reading beside ``numpy.loadtxt``; opening the stepper; a key there beside a key on 12 rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "million.csv")
        x = np.random.default_rng(0).uniform(0, 100, ROWS)
        np.savetxt(path, np.column_stack((x, 3 * x + 2)), fmt="%.6f", delimiter=",", header="x,y", comments="")
        floor = seconds(lambda: np.loadtxt(path, delimiter=",", skiprows=1))
        took = seconds(lambda: open_source(str(path)))
        yield Figure("reading 1,000,000 rows, beside numpy.loadtxt", took, "s", floor, most_ratio=3)
        start = time.perf_counter()
        with stepper(str(path), "--batch-size", "4") as large:
            opened = large.last_output_at - start
            many = press(large)
        yield Figure("opening the stepper on 1,000,000 rows", opened, "s", most=4)
        with stepper("mlcc", "--epochs", "100") as small:
            few = press(small)
        yield Figure("→ with 1,000,000 rows, beside → with 12, median", many.median, "ms", few.median, most_ratio=1.5)
