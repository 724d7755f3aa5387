"""What exports cost: seconds and memory. ``python -m benchmarks export``"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.export.export_file import export

# (what, file, epochs of three iterations, last iteration, seconds allowed, MB allowed)
CASES = (
    ("workbook, 12 iterations", "a.xlsx", 4, 12, 1.0, 600),
    ("workbook, 10,000 iterations of batch 4", "b.xlsx", 3334, 10_000, 20.0, 600),
    ("GIF, 60 frames", "c.gif", 20, 60, 5.0, 600),
    ("PNG, 60 iterations", "d.png", 20, 60, 5.0, 600),
    ("JSON with samples, 10,000 iterations", "e.json", 3334, 10_000, 20.0, 600),
)


def measure() -> Iterator[Figure]:
    """Seconds and peak memory of each export, in a process of its own: imports count too."""
    for place, (what, _, _, _, seconds, megabytes) in enumerate(CASES):
        command = [sys.executable, "-m", "benchmarks.export", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
        took, peak, _ = map(float, done.stdout.split())
        yield Figure(f"export, {what}", took, "s", most=seconds)
        yield Figure(f"export, {what}, peak memory", peak, "MB", most=megabytes)


def one(place: int) -> None:
    _, name, epochs, last, _, _ = CASES[place]
    x = np.arange(1.0, 13.0)
    dataset = Dataset("line", x, 3 * x + 2 + np.sin(x), "x", "y")
    settings = Settings(epochs=epochs, weight=0.1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        start = time.perf_counter()
        export(Run(dataset, settings), path, last=last, samples=path.suffix == ".json")
        took = time.perf_counter() - start
        # Not ru_maxrss, which a process inherits from the one that starts it.
        status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
        peak = int(status["VmHWM"].split()[0]) / 1024
        print(took, peak, path.stat().st_size / 1000)


if __name__ == "__main__":
    one(int(sys.argv[1]))
