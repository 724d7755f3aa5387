"""Little to send: bytes for a key and for the first screen, and what a slow link makes of a held key."""

import contextlib
import statistics

import pytest

from benchmarks.link import RATE, hold
from benchmarks.programs import LONG, stepper

pytestmark = pytest.mark.pty


@pytest.fixture
def opened():
    """Open the stepper on a long run, in 256 colours, over a link of some kind."""
    with contextlib.ExitStack() as closing:
        yield lambda size, place=0, **link: closing.enter_context(
            stepper(*LONG, "--at", str(place), size=size, colours="256 colours", **link)
        )


@pytest.mark.parametrize(("size", "most"), [((80, 24), 3 * 1024), ((120, 40), 4 * 1024)])
def test_a_key_writes_little(opened, size, most):
    terminal = opened(size)
    assert len(terminal.output) <= 40 * 1024
    written = []
    for number in range(1, 51):
        before = len(terminal.output)
        terminal.press("right")
        terminal.wait_for(f"Iteration {number} of", quiet=0.03)
        written.append(len(terminal.output) - before)
    assert statistics.median(written) <= most
    assert min(written) > 100


@pytest.mark.parametrize(
    ("size", "link"),
    [((80, 24), {}), ((120, 40), {}), ((120, 40), {"buffer": 16_384}), ((120, 40), {"answers": False})],
    ids=["80x24", "120x40", "behind buffers", "a terminal that does not answer"],
)
def test_a_key_held_over_a_slow_link_leaves_little_behind_and_the_right_screen(opened, size, link):
    terminal = opened(size, rate=RATE, **link)
    pressed = hold(terminal)
    arrived = len(terminal.output)
    terminal.wait_for(f"Iteration {pressed} of", quiet=0.5)
    assert len(terminal.output) - arrived < RATE  # what a second carries
    assert terminal.cells == opened(size, pressed).cells


@pytest.mark.parametrize("presses", [1, 4, 30])
def test_what_the_terminal_still_had_to_say_is_not_left_to_the_shell(opened, presses):
    terminal = opened((120, 40), rate=RATE, buffer=16_384)
    terminal.press(*["right"] * presses, "q")
    assert terminal.wait_for_exit() == 0
    terminal.drain(1.0)
    assert terminal.restored()
    assert "1;1R" not in terminal.said
