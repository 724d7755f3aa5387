"""A key: how long until the screen is painted and still, and how many bytes that takes."""

import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.figure import Figure
from benchmarks.programs import COLOURS, LONG, SIZES, floor, stepper
from benchmarks.terminal import Terminal

PRESSES = 100
QUIET = 0.05
"""Seconds without a byte after which the screen is still."""

BYTES = {(80, 24): {"truecolor": 1400, "256 colours": 1150}, (120, 40): {"truecolor": 2200, "256 colours": 1850}}
RATIO = {(80, 24): 1.8, (120, 40): 3}


class Pressed(NamedTuple):
    """Per press: milliseconds until the last byte, and bytes."""

    times: list[float]
    sizes: list[int]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20)[-1]

    @property
    def bytes(self) -> float:
        return statistics.median(self.sizes)


def press(terminal: Terminal, key: str = "right", presses: int = PRESSES, into: Pressed | None = None) -> Pressed:
    """Press a key many times, each time waiting until the screen is still."""
    made = into or Pressed([], [])
    for _ in range(presses):
        before, start = len(terminal.output), time.perf_counter()
        terminal.press(key)
        while not terminal.pump(5.0):
            pass
        terminal.settle(QUIET)
        made.times.append((terminal.last_output_at - start) * 1000)
        made.sizes.append(len(terminal.output) - before)
    return made


def measure() -> Iterator[Figure]:
    """Time and bytes at two sizes and two colour depths; the two apps take turns, to share what else goes on."""
    for size in SIZES:
        for colours in COLOURS:
            least, key = Pressed([], []), Pressed([], [])
            with floor(size, colours) as bare, stepper(*LONG, size=size, colours=colours) as terminal:
                for _ in range(0, PRESSES, 10):
                    press(bare, presses=10, into=least)
                    press(terminal, presses=10, into=key)
            where = f"at {size[0]}×{size[1]}, {colours}"
            yield Figure(f"→ to still screen {where}, median", key.median, "ms", least.median, 20, RATIO[size])
            yield Figure(f"→ to still screen {where}, p95", key.p95, "ms", least.p95)
            yield Figure(f"bytes per → {where}, median", key.bytes, "B", least.bytes, BYTES[size][colours])
