"""A key held down over a slow link."""

import time
from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.programs import LONG, SIZES, stepper
from benchmarks.terminal import Terminal

RATE = 20_000
HELD, PER_SECOND = 2.0, 30
BUFFERS = {"": 0, ", 16 KB of buffers before it": 16_384}


def hold(terminal: Terminal, key: str = "right") -> int:
    """Hold a key; how often it came."""
    start = time.perf_counter()
    pressed = 0
    while pressed < HELD * PER_SECOND:
        due = start + pressed / PER_SECOND
        while (left := due - time.perf_counter()) > 0:
            terminal.pump(left)
        terminal.press(key)
        pressed += 1
    return pressed


def held(terminal: Terminal) -> float:
    """Hold →; seconds from the last repeat until the last byte has come over the link."""
    hold(terminal)
    released = time.perf_counter()
    terminal.settle(0.5)
    return max(terminal.delivered_at, terminal.last_output_at) - released


def measure() -> Iterator[Figure]:
    """Lag behind the keys, and whether the last screen is the one that a fresh stepper shows there."""
    place = str(round(HELD * PER_SECOND))
    for size in SIZES:
        with stepper(*LONG, "--at", place, size=size, colours="256 colours") as fresh:
            wanted = fresh.cells
        for words, buffer in BUFFERS.items():
            with stepper(*LONG, size=size, colours="256 colours", rate=RATE, buffer=buffer) as slow:
                lag = held(slow)
                wrong = sum(
                    a != b
                    for seen, right in zip(slow.cells, wanted, strict=True)
                    for a, b in zip(seen, right, strict=True)
                )
            where = f"at {size[0]}×{size[1]}, 20 kB/s link{words}, → held 2 s"
            yield Figure(f"lag {where}", lag, "s", most=1)
            yield Figure(f"wrong cells in the end {where}", wrong, "", most=0)
