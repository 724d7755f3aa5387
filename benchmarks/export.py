"""What exports cost: ``python benchmarks/export.py`` prints seconds and, for the long workbook, the memory."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.export.command import export

# (what, file, epochs of three iterations, last iteration, seconds allowed, MB allowed)
CASES = (
    ("workbook, 12 iterations", "a.xlsx", 4, 12, 1.0, 600),
    ("workbook, 10,000 iterations of batch 4", "b.xlsx", 3334, 10_000, 20.0, 600),
    ("GIF, 60 frames", "c.gif", 20, 60, 5.0, 600),
    ("PNG, 60 iterations", "d.png", 20, 60, 5.0, 600),
    ("JSON with samples, 10,000 iterations", "e.json", 3334, 10_000, 20.0, 600),
)


def main() -> int:
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return 0
    print(f"{'export':<40}{'seconds':>9}{'allowed':>9}{'peak MB':>9}{'allowed':>9}{'file kB':>9}")
    missed = 0
    for place, (what, _, _, _, seconds, megabytes) in enumerate(CASES):
        # A process of its own for each: the peak of memory is that of the whole process, imports included.
        command = [sys.executable, __file__, str(place)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        took, peak, kilobytes = map(float, said.split())
        missed += took > seconds or peak > megabytes
        print(f"{what:<40}{took:>9.2f}{seconds:>9.0f}{peak:>9.0f}{megabytes:>9}{kilobytes:>9.0f}")
    return int(missed > 0)


def measure(place: int) -> None:
    _, name, epochs, last, _, _ = CASES[place]
    x = np.arange(1.0, 13.0)
    dataset = Dataset("line", x, 3 * x + 2 + np.sin(x), "x", "y")
    settings = Settings(epochs=epochs, weight=0.1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        start = time.perf_counter()
        export(Run(dataset, settings), path, last=last, samples=path.suffix == ".json")
        took = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(took, peak, path.stat().st_size / 1000)


if __name__ == "__main__":
    sys.exit(main())
