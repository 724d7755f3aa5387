"""The programs that are measured: the stepper and the floor."""

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.terminal import Terminal

STEPPER = (sys.executable, "-m", "lrstep")
FLOOR = (sys.executable, str(Path(__file__).with_name("floor.py")))
COLOURS: dict[str, Mapping[str, str | None]] = {
    "truecolor": {"COLORTERM": "truecolor"},
    "256 colours": {"COLORTERM": None},
}
SIZES = ((80, 24), (120, 40))
LONG = ("mlcc", "--epochs", "100")
"""The sample mlcc for 300 iterations, so that a key can be pressed often enough."""


def stepper(*arguments: str, size: tuple[int, int] = (120, 40), colours: str = "truecolor", **link: float) -> Terminal:
    """lrstep in a terminal, its first screen painted."""
    terminal = Terminal((*STEPPER, *arguments), size=size, env=COLOURS[colours], **link)  # type: ignore[arg-type]
    terminal.wait_for("teration")
    if size[0] >= 120:
        terminal.wait_for("○ data")  # the legend of the chart, which is painted after the panels
    terminal.settle(0.3)
    return terminal


def floor(size: tuple[int, int] = (120, 40), colours: str = "truecolor") -> Terminal:
    """The one-Static app in a terminal, its first screen painted."""
    terminal = Terminal(FLOOR, size=size, env=COLOURS[colours])
    terminal.wait_for("iteration 0", quiet=0.3)
    return terminal
