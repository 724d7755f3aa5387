"""Doing nothing, and being moved over by the mouse."""

import time
from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.programs import LONG, floor, stepper

SECONDS = 5.0
MOVES = 100


def measure() -> Iterator[Figure]:
    """Bytes and CPU while idle, bytes for mouse moves."""
    with floor() as bare:
        spent = bare.cpu_seconds()
        bare.drain(SECONDS)
        least = (bare.cpu_seconds() - spent) / SECONDS * 100
    with stepper(*LONG) as terminal:
        spent = terminal.cpu_seconds()
        written = terminal.drain(SECONDS)
        used = (terminal.cpu_seconds() - spent) / SECONDS * 100
        yield Figure(f"bytes in {SECONDS:.0f} idle seconds", written, "B", most=0)
        yield Figure("CPU while idle", used, "%", least, most=1)
        before = len(terminal.output)
        for move in range(MOVES):
            terminal.mouse_move(2 + move, 2 + move % 36)
            time.sleep(0.005)
        terminal.settle(0.3)
        yield Figure(f"bytes for {MOVES} mouse moves", len(terminal.output) - before, "B", most=0)
