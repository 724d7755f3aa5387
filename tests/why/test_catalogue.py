"""Every entry of the catalogue is found from its own value, and its numbers give that value."""

from collections import Counter

import numpy as np
import pytest

from lrstep.core.arithmetic import gradient
from lrstep.core.dataset import Dataset
from lrstep.core.optimizers.rmsprop import update
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.why.ask_why import why
from lrstep.why.catalogue import BY_KEY, MISTAKES
from lrstep.why.match_builder import for_side
from lrstep.why.search import Search

ENOUGH = 2
"""On so many samples and settings an entry must be found."""

MIX_UPS = ("loss.loss_for_rmse", "loss.rmse_for_loss", "loss.batch_for_epoch", "accumulator.old", "gradient.swapped")
"""Their values are right figures in the wrong place."""


def own_values(run, mistake, most):
    """Some (quantity, iteration, value, right value) of an entry that the right value does not round to."""
    ctx = Search(run, None).contexts[0]
    with np.errstate(all="ignore"):
        values = mistake.compute(ctx)
    found = []
    for quantity, column in values.items():
        if quantity not in ctx.right or mistake.tier(quantity):
            continue
        for i, (value, right) in enumerate(zip(column.tolist(), ctx.right[quantity].tolist(), strict=True)):
            # What is nearer than that may be float32's rounding, and then it is right.
            if np.isfinite(value) and value and abs(value - right) > 1e-4 * abs(right):
                found.append((quantity, i + 1, value, right))
    return found[:: max(len(found) // most, 1)][:most]


def test_each_entry_is_found_from_its_own_value(all_runs, other_runs, evaluate):
    found_on = Counter()
    for mistake, runs in each_with_runs(MISTAKES, (*all_runs.values(), *other_runs)):
        for run in runs:
            if found_on[mistake.key] == ENOUGH:
                break
            values = own_values(run, mistake, most=1)
            for quantity, iteration, value, right in values:
                # Another optimizer, or another setting, may come to the very same value.
                matches = why(run, f"{value:#.7g}", quantity, iteration).matches
                assert any(mistake.key in match.entries for match in matches), (mistake.key, quantity, value)
                for match in matches:
                    if not match.of_run and (match.quantity, match.iteration) == (quantity, iteration):
                        numbers_give_the_values(match, right, evaluate)
            found_on[mistake.key] += bool(values)
    assert [mistake.key for mistake in MISTAKES if found_on[mistake.key] < ENOUGH] == []


def numbers_give_the_values(match, right, evaluate):
    assert match.right_value == right
    assert evaluate(match.right_numbers) == pytest.approx(right, rel=1e-4)
    if match.numbers and not match.numbers.startswith("with"):
        assert evaluate(match.numbers) == pytest.approx(match.value, rel=1e-4)


def test_each_entry_is_found_without_being_told_what_was_meant(all_runs, other_runs):
    found_on = Counter()
    entries = [one for one in MISTAKES if one.family != "position" and one.key not in MIX_UPS]
    for mistake, runs in each_with_runs(entries, (*all_runs.values(), *other_runs)):
        for run in runs:
            if found_on[mistake.key]:
                break
            for *_, value, _ in own_values(run, mistake, most=1):
                answer = why(run, f"{value:#.7g}")
                found = any(mistake.key in match.entries for match in answer.matches[:3])
                # A value may also be a right figure of the run: then that is what is said.
                assert found or answer.matches[0].of_run or len(answer.matches) > 2, (mistake.key, value)
                found_on[mistake.key] += found
    assert [mistake.key for mistake in entries if not found_on[mistake.key]] == []


def each_with_runs(entries, runs):
    """Each entry with the runs in an order of its own, so that all of them have their turn."""
    for k, entry in enumerate(entries):
        first = k % len(runs)
        yield entry, runs[first:] + runs[:first]


def test_a_value_that_is_the_right_one_is_no_mistake(all_runs):
    """The first step does not depend on the gradient's scale: without the 2 the weight is the same."""
    run = all_runs["mlcc"]
    after = run.iteration(1).after
    for value in after.parameters:
        answer = why(run, f"{value:.6f}")
        assert answer.right
        assert all("without_2" not in match.entries for match in answer.matches)


def test_keys_are_unique_and_in_a_family():
    assert len(BY_KEY) == len(MISTAKES)
    assert {mistake.family for mistake in MISTAKES} == {"loss", "gradient", "accumulator", "update", "position"}
    for mistake in MISTAKES:
        assert mistake.name
        assert mistake.explanation.endswith(".")


# Oracles: a wrong run written out by hand, with the engine's own functions where they are right.


def wrong_run(run, wrong):
    """Weight and bias after each iteration; ``wrong(theta, g, v, settings)`` gives the new (theta, v)."""
    c, start = run.settings, run.start
    (w, b), v_w, v_b, line = start.parameters, 0.0, 0.0, []
    for number in range(1, run.n_iterations + 1):
        (x,), y = run.batch(*run.batches.position(number))
        g_w, g_b = gradient([x], w * x + b - y)
        (w, v_w), (b, v_b) = wrong(w, g_w, v_w, c), wrong(b, g_b, v_b, c)
        line.append((w, b))
    return line


def gradient_descent(theta, g, v, c):
    return theta - c.learning_rate * g, v


def epsilon_outside(theta, g, v, c):
    v = c.rho * v + (1 - c.rho) * g**2
    return theta - c.learning_rate * g / (v**0.5 + c.epsilon), v


def not_carried(theta, g, v, c):
    return rule(theta, g, 0.0, c)[0], 0.0


def rho_099(theta, g, v, c):
    return rule(theta, g, v, c.changed(rho=0.99))


def rule(theta, g, v, c):
    made = update(theta, np.float64(g), v, lr=c.learning_rate, rho=c.rho, epsilon=c.epsilon, mu=None)
    return made["theta"], made["v"]


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("update.gradient_descent.always", gradient_descent),
        ("update.epsilon_outside.always", epsilon_outside),
        ("accumulator.not_carried.always", not_carried),
        ("update.rho_099.always", rho_099),
    ],
)
def test_a_mistake_in_every_step_is_the_run_written_out(key, wrong, all_runs):
    for name in ("mlcc", "line16", "line16-offset", "anscombe", "noisy"):
        run = all_runs[name]
        values = BY_KEY[key].compute(Search(run, None).contexts[0])
        for i, (weight, bias) in enumerate(wrong_run(run, wrong)):
            if i:
                assert values["weight"][i] == pytest.approx(weight, rel=1e-7, abs=1e-9)
                assert values["bias"][i] == pytest.approx(bias, rel=1e-7, abs=1e-9)


def test_losses_that_go_wrong_are_those_summed_by_hand(all_runs):
    for run in all_runs.values():
        ctx = Search(run, None).contexts[0]
        with np.errstate(all="ignore"):
            values = {key: BY_KEY[key].compute(ctx) for key in BY_KEY if key.startswith("loss.")}
        seen = []
        for i in range(run.n_iterations):
            it = run.iteration(i + 1)
            seen = seen if it.batch > 1 else []
            seen.append((it.columns[0], it.y, it.error))
            x, y = (np.concatenate([one[part] for one in seen]) for part in (0, 1))
            errors = np.concatenate([one[2] for one in seen])
            w, b = it.after.parameters
            new = w * it.columns[0] + b - it.y
            newest = w * x + b - y
            expected = {
                ("loss.after_update", "rmse"): np.sqrt(np.mean(new**2)),
                ("loss.newest_weights", "cumulative_loss"): np.mean(newest**2),
                ("loss.mean_absolute", "cumulative_rmse"): np.mean(np.abs(errors)),
                ("loss.sum", "cumulative_loss"): np.sum(errors**2),
                ("loss.half", "rmse"): np.sqrt(np.mean(it.error**2) / 2),
                ("loss.by_all", "loss"): np.sum(it.error**2) / len(run.dataset),
                ("loss.mean_of_rmses", "cumulative_rmse"): np.mean([np.sqrt(np.mean(e**2)) for *_, e in seen]),
            }
            for (key, quantity), value in expected.items():
                assert values[key][quantity][i] == pytest.approx(value, rel=1e-9)


def test_batches_of_one_and_two_divide_by_nothing():
    for size in (1, 2):
        run = Run(Dataset("few", [1.0, 2.0, 4.0], [2.0, 1.0, 3.0]), Settings(batch_size=size, epochs=2))
        answer = why(run, "123.45")
        assert not answer.matches
        assert answer.nearest


def test_what_is_shown_in_the_units_of_the_data_is_known():
    run = Run(Dataset("d", [10.0, 20.0, 40.0, 50.0], [300.0, 100.0, 700.0, 900.0]), Settings(scale="standard"))
    it = run.iteration(run.n_iterations)
    shown = *run.scaling.unscaled_parameters(it.after.parameters), run.scaling.unscaled_error(it.full_rmse)
    for value in shown:
        (match, *_) = why(run, f"{value:.8g}").matches
        assert match.entries == ("loss.data_units",) and match.iteration == it.number


@pytest.mark.parametrize(
    ("letter", "written"), [("w", "w - g_w + Σ error·x"), ("w₂", "w₂ - g_w₂ + Σ error·x₂"), ("b", "b - g_b + Σ error")]
)
def test_a_formula_for_any_parameter_is_written_for_one(letter, written):
    assert for_side("θ - g_p + Σ error·x^p", letter) == written
