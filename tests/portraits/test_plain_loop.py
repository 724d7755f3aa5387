"""Every number in the panels and in the table of all models is that of a plain loop, to the digits that stand there.

The loop (:class:`wrong_engines.PlainRun`) shares no arithmetic with the engine; the numbers are read off the screen.
"""

import math
import re
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from wrong_engines import PlainRun

from lrstep.core.dataset import Dataset
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.tui import layout

SIZE = (200, 60)
"""Where the panels stand below each other, and the table of all models beside them."""

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def is_shown(text: str, value: float) -> bool:
    """Whether a text is a number rounded to the digits that stand there, and those are five or more, or all."""
    shown, exact = Decimal(text), Decimal(value)
    unit = Decimal(1).scaleb(shown.as_tuple().exponent)
    digits = len(re.sub(r"e.*|[-.]", "", text).lstrip("0"))
    close = abs(shown - exact) <= unit * Decimal("0.5000001") + abs(exact) * Decimal("1e-12")
    return close and (digits >= 5 or abs(shown - exact) <= Decimal("1e-8"))


@st.composite
def runs(draw):
    n, k = draw(st.integers(2, 11)), draw(st.sampled_from([1, 1, 2]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, y = random.uniform(-5, 9, (n, k)).round(2), random.uniform(-30, 90, n).round(1)
    optimizer = draw(st.sampled_from(["rmsprop", "rmsprop", "sgd", "adagrad", "adam"]))
    options = {
        "rmsprop": {"momentum": st.sampled_from([0.0, 0.9]), "centered": st.booleans(), "rho": st.floats(0.3, 0.95)},
        "sgd": {"momentum": st.sampled_from([0.0, 0.9]), "nesterov": st.booleans()},
        "adagrad": {"initial_accumulator": st.floats(0.1, 3)},
        "adam": {"beta_1": st.floats(0.5, 0.95)},
    }[optimizer]
    chosen = Settings(
        optimizer=optimizer,
        learning_rate=draw(st.sampled_from([0.001, 0.004])),
        batch_size=draw(st.integers(1, 6)),
        epochs=draw(st.integers(1, 4)),
        weight=draw(st.floats(-3, 3)),
        bias=draw(st.floats(-3, 3)),
        shuffle=draw(st.booleans()),
        seed=draw(st.integers(0, 99)),
        **{name: draw(option) for name, option in options.items()},
    )
    return Dataset("drawn", x if k > 1 else x[:, 0], y), chosen


def screen(run: Run, number: int, chart: str = "fit") -> tuple[list[str], list[str]]:
    """The screen after an iteration: the lines on the left, with those above the panels, and those on the right."""
    lines = plain(layout.compose(View(run, number, Phase.AFTER, chart=chart, focus="chart"), *SIZE, [], True).rows)
    cut = next(line.index("╮") + 1 for line in lines if "╮" in line)
    top = next(place for place, line in enumerate(lines) if "╮" in line)
    return [*lines[:top], *(line[:cut] for line in lines[top:])], [line[cut:] for line in lines[top:]]


def between(lines: list[str], first: str, last: str) -> list[str]:
    """The lines of a panel, by what stands in its title and in the next one's."""
    begin = next(place for place, line in enumerate(lines) if first in line)
    end = next(place for place, line in enumerate(lines) if last in line)
    return lines[begin + 1 : end]


@settings(deadline=None, max_examples=30)
@given(drawn=runs(), data=st.data())
def test_the_panels(drawn, data):
    run, loop = Run(*drawn), PlainRun(*drawn)
    number = data.draw(st.integers(1, run.n_iterations))
    it = loop.iteration(number)
    rule = run.settings.rule
    left, _ = screen(run, number)
    m, n = len(it.y), len(run.dataset)
    assert f"Epoch {it.epoch} of {run.settings.epochs} · Batch {it.batch} of {loop.per_epoch} " in left[1]
    assert f"Iteration {number} of {loop.n_iterations}" in left[1]
    assert f"[{' '.join(str(sample + 1) for sample in it.samples)}]" in "".join(left[1:3])

    table = between(left, "1 Batch", "├")[1 : m + 1]
    for place, line in enumerate(table):
        read, error = numbers(line), it.error[place]
        x = [column[place] for column in it.columns]
        assert int(read[0]) == it.samples[place] + 1
        expected = [*x, it.y[place], it.prediction[place], error, error**2]
        assert len(read) >= 1 + len(expected)
        for text, value in zip(read[1:], expected, strict=False):
            assert is_shown(text, value), (line, value)

    gradient = between(left, "3 Gradient", "4 Accumulator")
    for line, value in zip(gradient, it.gradient, strict=True):
        assert is_shown(numbers(line)[-1], value), (line, value)
        assert f"2/{m}·" in line

    of_phase = {phase: [slot for slot in rule.kept(run.settings) if slot.phase is phase] for phase in Phase}
    kept = between(left, "4 Accumulator", "5 Weights")
    slots = [
        value
        for made in zip(*(it.after.slots[s.name] for s in of_phase[Phase.ACCUMULATOR]), strict=True)
        for value in made
    ]
    for line, value in zip(kept if slots else [], slots, strict=True):
        assert is_shown(numbers(line)[-1], value), (line, value)

    weights = between(left, "5 Weights", "6 RMSE")
    changed = [line for line in weights if "→" in line]
    for line, before, after in zip(changed, it.before.parameters, it.after.parameters, strict=True):
        read = numbers(line)
        assert is_shown(read[-2], before) and is_shown(read[-1], after), (line, before, after)
    for slot in of_phase[Phase.UPDATE]:
        lines = [line for line in weights if re.match(rf"│   {slot.letter} ", line)]
        for line, value in zip(lines, it.after.slots[slot.name], strict=bool(lines)):
            assert is_shown(numbers(line)[-1], value), (line, value)
    steps = [line for line in weights if line.startswith("│   step ")]
    for line, made in zip(steps, it.updates, strict=True):
        assert math.isclose(float(numbers(line)[-1]), made["step"], rel_tol=1e-5, abs_tol=2e-8), (line, made["step"])
    goal = next(line for line in weights if "least squares" in line)
    table = np.column_stack([*run.dataset.columns, np.ones(n)])
    if np.linalg.matrix_rank(table) == table.shape[1]:
        best = np.linalg.lstsq(table, run.dataset.y, rcond=None)[0]
        assert np.allclose([float(text) for text in numbers(goal)], best, rtol=1e-5, atol=1e-6)

    losses = between(left, "6 RMSE", "╰")[1:]
    for line, value in zip(losses, (it.loss, it.cumulative_loss, it.full_loss_before, it.full_loss), strict=True):
        rmse, loss = numbers(line)[-2:]
        assert is_shown(rmse, math.sqrt(value)) and is_shown(loss, value), (line, value)
    assert f"epoch so far, {it.cumulative_count} of {n} " in losses[1]


@settings(deadline=None, max_examples=15)
@given(drawn=runs(), data=st.data())
def test_the_table_of_all_models(drawn, data):
    run, loop = Run(*drawn), PlainRun(*drawn)
    number = data.draw(st.integers(0, run.n_iterations))
    _, right = screen(run, number, "models")
    lines = [line for line in right if re.match(r"[▸ ] +\d+ +(\d|-)", line)]
    assert [line.startswith("▸") for line in lines] == [int(numbers(line)[0]) == number for line in lines]
    for line in lines:
        at, *read = numbers(line.replace("*", " "))
        if at == "0":
            start = loop.iteration(1).before
            expected = [*start.parameters, math.sqrt(loop.full_loss(start))]
        else:
            it = loop.iteration(int(at))
            roots = [math.sqrt(it.cumulative_loss), math.sqrt(it.full_loss)]
            expected = [it.epoch, it.batch, *it.after.parameters, it.loss, *roots]
            assert ("*" in line) == (it.batch == loop.per_epoch)
        assert len(read) == len(expected), line
        for text, value in zip(read, expected, strict=True):
            assert is_shown(text, value), (line, text, value)
