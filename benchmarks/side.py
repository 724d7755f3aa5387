"""Runs side by side: what a key costs beside a key with one run, and what three long runs take."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.engine import X, Y
from benchmarks.figure import Figure
from benchmarks.keys import PRESSES, Pressed, press
from benchmarks.programs import LONG, SIZES, stepper
from lrstep.core.dataset import Dataset
from lrstep.core.lockstep import Lane, in_lockstep
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings

OTHERS = ("--against", "learning_rate=0.1", "--against", "optimizer=adam")
SHOWN = "2:"
"""How the second run begins in the legend of a chart."""

TIMES = 1.5
"""A key with three runs, beside one with a single run: in time and in bytes."""

ITERATIONS = 1_000_000
SETTINGS = ({}, {"centered": True, "momentum": 0.9}, {"optimizer": "adam"})


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def bytes_each() -> float:
    """What an iteration of a run takes, of three runs side by side that are computed to their ends."""
    data = Dataset("bare", X, Y)
    runs = [Run(data, Settings(batch_size=len(X), epochs=ITERATIONS).changed(**settings)) for settings in SETTINGS]
    together = in_lockstep(tuple(Lane(run, "") for run in runs)).moved(ITERATIONS, Phase.AFTER)
    before = resident()
    with np.errstate(all="ignore"):
        together.advance()
    return (resident() - before) / (ITERATIONS * len(runs))


def measure() -> Iterator[Figure]:
    """The two steppers take turns, to share what else goes on."""
    for size in SIZES:
        least, key = Pressed([], []), Pressed([], [])
        look = {"size": size, "colours": "256 colours"}
        with stepper(*LONG, **look) as alone, stepper(*LONG, *OTHERS, **look) as three:
            for _ in range(0, PRESSES, 10):
                press(alone, presses=10, into=least)
                press(three, presses=10, into=key)
        where = f"with three runs at {size[0]}×{size[1]}, beside one run, median"
        yield Figure(f"→ to still screen {where}", key.median, "ms", least.median, most_ratio=TIMES)
        yield Figure(f"bytes per → {where}", key.bytes, "B", least.bytes, most_ratio=TIMES)
    yield Figure(f"memory of an iteration, three runs of {ITERATIONS:,}", bytes_each(), "B", most=100)
