"""The stepper as a person meets it: keys go in, figures are read off the screen."""

import re
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.pty

QUIET = 0.15
FLOAT32 = 2**-23
FIRST_QUESTION = ("mlcc", "--batch-size", "12", "--epochs", "1", "--weight", "0.08255479319424332")


class Printed(NamedTuple):
    """What Keras printed for one iteration."""

    batch_loss: str
    batch_rmse: str
    full_loss: str
    full_rmse: str
    weight: float
    bias: float


BATCHES_OF_THREE = (
    Printed("48.9000", "6.9929", "352.3351", "18.7706", 0.6581138372421265, 0.15811386704444885),
    Printed("200.9296", "14.1750", "306.3082", "17.5017", 0.8132714033126831, 0.3018075227737427),
    Printed("363.2630", "19.0595", "266.7119", "16.3313", 0.9573485255241394, 0.42669767141342163),
    Printed("565.5593", "23.7815", "232.1553", "15.2366", 1.0924618244171143, 0.5409283638000488),
)


def open_at_start(lrstep, *arguments, **options):
    terminal = lrstep(*arguments, **options)
    terminal.wait_for("before iteration 1 of")
    if terminal.screen.columns >= 120:
        terminal.wait_for("○ data")  # the legend of the chart, which is painted after the panels
    terminal.settle(QUIET)
    return terminal


def step_to(terminal, number, key):
    terminal.press(key)
    terminal.wait_for(f"Iteration {number} of" if number else "before iteration 1 of", quiet=QUIET)


def numbers_beside(terminal, label):
    """Numbers of the left panel in the row that a label begins."""
    rows = [line.split("││")[0] for line in terminal.lines]
    found = [row for row in rows if re.match(rf"[│ ]*{label}", row)]
    assert found, f"no row begins with {label!r}:\n{terminal.text}"
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", found[0].partition(label)[2])]


def shows(numbers, printed):
    """Whether one of the numbers is the printed one, to as many digits as were printed.

    The last digits of a float32 result are rounding, so that much may differ on top.
    """
    last_digit = 0.5 * 10 ** -len(printed.partition(".")[2])
    return any(abs(number - float(printed)) <= last_digit + FLOAT32 * abs(number) for number in numbers)


def near(numbers, float32):
    return any(abs(number - float32) <= 4 * FLOAT32 * abs(float32) for number in numbers)


def test_twelve_steps_forth_and_the_same_screens_on_the_way_back(lrstep):
    terminal = open_at_start(lrstep)
    assert terminal.shows("of 12")
    seen = [terminal.cells]
    for number in range(1, 13):
        step_to(terminal, number, "right")
        seen.append(terminal.cells)
    for number in range(11, -1, -1):
        step_to(terminal, number, "left")
        same = lambda number=number: terminal.cells == seen[number]  # noqa: E731
        terminal.wait_until(same, f"the screen of iteration {number} again, on the way back")


def test_the_figures_of_batches_of_three(lrstep):
    terminal = open_at_start(lrstep, "mlcc", "--weight", "0.5", "--batch-size", "3", "--epochs", "1")
    for number, printed in enumerate(BATCHES_OF_THREE, start=1):
        step_to(terminal, number, "right")
        batch, after = numbers_beside(terminal, "this batch"), numbers_beside(terminal, "all data, w after")
        assert shows(batch, printed.batch_loss)
        assert shows(batch, printed.batch_rmse)
        assert shows(after, printed.full_loss)
        assert shows(after, printed.full_rmse)
        assert near(numbers_beside(terminal, "w "), printed.weight)
        assert near(numbers_beside(terminal, "b "), printed.bias)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_both_numbers_of_the_first_question_are_on_the_screen_together(lrstep, size):
    terminal = open_at_start(lrstep, *FIRST_QUESTION, size=size)
    step_to(terminal, 1, "right")
    numbers = [float(text) for text in re.findall(r"-?\d+\.\d+", terminal.text)]
    for printed in ("535.48", "23.14", "476.82", "21.836"):
        assert shows(numbers, printed)


def test_a_resize_lays_the_screen_out_anew_and_back_again(lrstep):
    terminal = open_at_start(lrstep, size=(120, 40))
    step_to(terminal, 1, "right")
    before = terminal.cells
    terminal.resize(80, 24)
    terminal.wait_until(lambda: terminal.lines[-1].strip().startswith("←"), "the footer in the last row")
    terminal.settle(QUIET)
    assert all(len(line) <= 80 for line in terminal.lines)
    assert terminal.shows("6 RMSE")
    terminal.resize(120, 40)
    terminal.wait_until(lambda: terminal.cells == before, "the screen as it was")


def test_a_terminal_too_small_says_so_in_one_line_and_heals(lrstep):
    terminal = lrstep(size=(50, 12))
    terminal.wait_for("50×12", quiet=QUIET)
    told = [line for line in terminal.lines if line.strip()]
    assert len(told) == 1
    assert "60×15" in told[0]
    terminal.press("right")
    terminal.settle(QUIET)
    terminal.resize(120, 40)
    terminal.wait_for("before iteration 1 of 12")


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_quitting_gives_the_terminal_back_as_it_was(lrstep, key):
    terminal = open_at_start(lrstep)
    assert not terminal.restored()
    terminal.press(key)
    assert terminal.wait_for_exit() == 0
    assert terminal.restored(), terminal.modes()
    assert terminal.processes() == []


def test_nothing_is_written_while_idle_or_while_the_mouse_moves(lrstep):
    terminal = open_at_start(lrstep)
    assert terminal.drain(1.0) == 0
    before = len(terminal.output)
    for x in range(1, 120):
        terminal.mouse_move(x, 1 + x % 40)
    terminal.drain(0.5)
    assert len(terminal.output) == before
