"""What float32 explains is right, and no more; where rounding has let runs part, nobody is accused."""

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import quantities
from lrstep.sources.open_source import open_source
from lrstep.why import single_precision
from lrstep.why.ask_why import why

LINE = np.arange(16.0)
F = np.float32


@pytest.fixture(scope="module")
def parted():
    """A line that fits every point: RMSprop circles around it, and after 200 steps no two runs are at one place."""
    return Run(Dataset("line16", LINE, 0.5 * LINE + 0.2), Settings(weight=0.3, epochs=100))


@pytest.mark.parametrize("factor", [1.0002, 1.01, 0.9, 1.3])
@pytest.mark.parametrize("quantity", ["weight", "rmse"])
def test_where_runs_have_parted_it_says_so_instead_of_accusing(parted, factor, quantity):
    right = quantities(parted)[quantity].value(parted.iteration(200))
    answer = why(parted, f"{right * factor:#.5g}", quantity, 200)
    assert answer.verdict == "unsure"
    assert answer.asked.right == right
    apart = single_precision.apart(parted, quantity, 200)
    assert f"by then rounding alone has let runs part by {100 * apart:.2g} %: " in answer.sentence


def test_how_far_runs_have_parted_is_a_part_of_the_number():
    """The same line a thousand times as large, with steps a thousand times as long."""
    run = Run(Dataset("line16", LINE, 500 * LINE + 200), Settings(weight=300.0, learning_rate=50.0, epochs=30))
    right = run.iteration(120).rmse
    assert right > 50
    assert "by then rounding alone has let runs part by" in why(run, f"{right * 1.01:#.5g}", "rmse", 120).sentence


def test_before_that_it_names_what_was_done_wrong(parted):
    wrong = Run(parted.dataset, parted.settings.changed(learning_rate=0.1))
    answer = why(parted, f"{wrong.iteration(8).after.parameters[0]:#.6g}", "weight", 8)
    assert answer.verdict == "mistake"
    assert "learning rate 0.1" in answer.sentence


@pytest.mark.parametrize(("iteration", "quantity", "text"), [(3, "rmse", "28.91261"), (9, "weight", "0.860667"),
                                                             (7, "cumulative_rmse", "7.4056")])  # fmt: skip
def test_what_float32_explains_may_have_been_rounded_besides(iteration, quantity, text):
    run = open_source("mlcc").run()
    typed, right = parse_number(text), quantities(run)[quantity].value(run.iteration(iteration))
    off = abs(typed.value - right)
    reach = single_precision.reach(run, quantity, iteration, off)
    assert max(reach, typed.half_unit) < off <= reach + typed.half_unit
    assert why(run, text, quantity, iteration).verdict == "right"


def test_the_right_digits_are_right_also_where_runs_have_parted(parted):
    right = parted.iteration(200).after.parameters[0]
    assert why(parted, f"{right:#.9g}", "weight", 200).verdict == "right"


def single(x, y, rho, rate, steps, size, w, b):
    """RMSprop in float32, each operation rounded; the weight and the loss of each step."""
    x, y, w, b, v, u = x.astype(F), y.astype(F), F(w), F(b), F(0), F(0)
    for t in range(steps):
        rows = np.arange(t * size, (t + 1) * size) % len(x)
        e = w * x[rows] + b - y[rows]
        yield float(np.mean(e * e, dtype=F)), float(w)
        g, h = F(2) * np.mean(e * x[rows], dtype=F), F(2) * np.mean(e, dtype=F)
        v, u = F(rho) * v + F(1 - rho) * g * g, F(rho) * u + F(1 - rho) * h * h
        w, b = w - F(rate) * g / np.sqrt(v + F(1e-7)), b - F(rate) * h / np.sqrt(u + F(1e-7))


@pytest.mark.parametrize("seed", range(4))
def test_a_run_in_float32_is_right(seed):
    random = np.random.default_rng(seed)
    x = random.normal(2.0, 3.0, 12)
    run = Run(Dataset("drawn", x, 1.5 * x - 3 + random.normal(0, 1, 12)), Settings(weight=0.25, epochs=10))
    for t, (loss, _) in enumerate(single(x, run.dataset.y, 0.9, 0.05, 25, 4, 0.25, 0.0), start=1):
        right = run.iteration(t).loss
        assert abs(loss - right) <= single_precision.reach(run, "loss", t, abs(loss - right))
        if t % 8 == 0:
            assert why(run, f"{loss:.9g}", "loss", t).verdict == "right"


def test_what_is_off_by_far_more_than_float32_is_not_right(parted):
    run = Run(Dataset("steady", LINE[:12], 2 * LINE[:12] + np.sin(LINE[:12])), Settings(weight=0.3, epochs=8))
    for t in (1, 5, 20):
        for quantity in ("weight", "bias", "loss", "gradient_weight"):
            right = quantities(run)[quantity].value(run.iteration(t))
            assert single_precision.reach(run, quantity, t, 1e-4 * abs(right)) < 1e-4 * abs(right)
