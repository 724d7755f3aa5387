"""From the command to the first screen."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.figure import Figure
from benchmarks.programs import COLOURS, FLOOR, SIZES, STEPPER
from benchmarks.terminal import Terminal

STARTS = 7
QUIET = 0.3


def first_screen(command: Sequence[str], size: tuple[int, int], env: Mapping[str, str | None]) -> tuple[float, int]:
    """Milliseconds until the first screen is painted whole, and its bytes."""
    with Terminal(command, size=size, env=env) as terminal:
        terminal.wait_until(lambda: b"teration" in terminal.output, "the first screen")
        terminal.settle(QUIET)
        return (terminal.last_output_at - terminal.started_at) * 1000, len(terminal.output)


def measure() -> Iterator[Figure]:
    """Time and bytes of the first screen at two sizes."""
    for size in SIZES:
        first_screen(STEPPER, size, COLOURS["truecolor"])  # fills the file cache
        bare, real = [], []
        for _ in range(STARTS):
            bare.append(first_screen(FLOOR, size, COLOURS["truecolor"]))
            real.append(first_screen(STEPPER, size, COLOURS["truecolor"]))
        where = f"at {size[0]}×{size[1]}"
        times = [statistics.median(took for took, _ in starts) for starts in (real, bare)]
        sizes = [statistics.median(written for _, written in starts) for starts in (real, bare)]
        most = 40_960 if size == SIZES[0] else None
        yield Figure(f"start to first screen {where}, median", times[0], "ms", times[1], most_ratio=1.5)
        yield Figure(f"bytes of the first screen {where}", sizes[0], "B", sizes[1], most=most)
