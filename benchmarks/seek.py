"""Going to a far iteration, and back and forth after that."""

import time
from collections.abc import Iterator

from benchmarks.bare_loops import one_feature
from benchmarks.engine import BATCH, LR, X, Y, per_step
from benchmarks.figure import Figure
from benchmarks.programs import stepper
from benchmarks.terminal import Terminal

ITERATIONS = 200_000
PER_EPOCH = 3


def seconds_until(terminal: Terminal, text: str, *keys: str) -> float:
    """Press keys; seconds until a text is on the screen."""
    start = time.perf_counter()
    terminal.press(*keys)
    while not terminal.shows(text):
        terminal.pump(0.01)
    return terminal.last_output_at - start


def measure() -> Iterator[Figure]:
    """``g`` to an iteration far away, then Home and End; after that all states are known."""
    bare = per_step(one_feature("rmsprop", X, Y, BATCH, LR))[0] * ITERATIONS / 1e6
    with stepper("mlcc", "--epochs", str(ITERATIONS // PER_EPOCH + 1), size=(80, 24)) as terminal:
        terminal.press("g")
        terminal.settle(0.3)
        terminal.send(str(ITERATIONS))
        terminal.settle(0.3)
        took = seconds_until(terminal, f"Iteration {ITERATIONS} ", "enter")
        yield Figure(f"g {ITERATIONS} on the screen, beside the bare loop", took, "s", bare, most_ratio=2.5)
        terminal.settle(0.2)
        home = seconds_until(terminal, "before iteration 1", "home")
        terminal.settle(0.2)
        back = seconds_until(terminal, f"Iteration {ITERATIONS // PER_EPOCH * PER_EPOCH + PER_EPOCH}", "end")
        yield Figure("Home after that", home * 1000, "ms", most=100)
        yield Figure("End after that", back * 1000, "ms", most=100)
