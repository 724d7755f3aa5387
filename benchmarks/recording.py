"""What recording costs: a Keras fit with the Recorder beside the same fit without it, writing included."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

REPEATS = 5
SIZES = {"12 samples in batches of 4, 100 epochs": (12, 4, 100), "100,000 samples in batches of 32": (100_000, 32, 1)}


def measure() -> Iterator[Figure]:
    """The whole ``fit`` of a fresh model, tracing and writing included; medians of pairs one after the other."""
    for what, size in SIZES.items():
        out = subprocess.run(
            [sys.executable, "-m", "benchmarks.recording", *map(str, size)], capture_output=True, text=True, check=True
        ).stdout
        pairs = json.loads(out.splitlines()[-1])
        plain = statistics.median(pair[0] for pair in pairs)
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        yield Figure(f"Keras fit with the Recorder, {what}", plain * ratio, "s", plain, most_ratio=1.3)


def pairs(n: int, batch: int, epochs: int) -> list[tuple[float, float]]:
    """Seconds of a fit without and with the Recorder, in turns so that both meet the same machine."""
    import keras
    import numpy as np

    from lrstep.keras import Recorder

    random = np.random.default_rng(0)
    x = random.normal(size=(n, 1))
    y = 3 * x[:, 0] + random.normal(size=n)

    def seconds(callbacks: list[object]) -> float:
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        metrics = [keras.metrics.RootMeanSquaredError()]
        model.compile(keras.optimizers.RMSprop(0.01), loss="mse", metrics=metrics)
        start = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, callbacks=callbacks)
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.toml"
        seconds([])
        found = []
        for turn in range(REPEATS):
            # Which of the two goes first changes each time: what a fit leaves behind may slow the next.
            order = ([], [Recorder(path)]) if turn % 2 else ([Recorder(path)], [])
            took = {bool(callbacks): seconds(callbacks) for callbacks in order}
            found.append((took[False], took[True]))
        return found


if __name__ == "__main__":
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    n, batch, epochs = map(int, sys.argv[1:])
    print(json.dumps(pairs(n, batch, epochs)))
