"""What ``why`` answers: the learner's question, right values, and what it says when it does not know."""

import gc
import json
import math
import re
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.model import model_formulas
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import quantities
from lrstep.sources.open_source import open_source
from lrstep.why.answer import why_text
from lrstep.why.answer_sentence import _unsure, distance
from lrstep.why.ask_why import _few, why
from lrstep.why.match_text import place
from lrstep.why.question import Asked, Question
from lrstep.why.run_columns import applicable


def test_the_rmse_with_the_weights_from_after_the_update(learners_run):
    it = learners_run.iteration(1)
    sentence = why(learners_run, "21.8").sentence
    assert sentence.startswith("21.8 is the RMSE of iteration 1 computed with the weights from after the update")
    assert f"({it.full_rmse:.6g})" in sentence
    assert f"Keras reports {it.rmse:.6g}, computed with the weights from before it." in sentence


def test_a_figure_of_elsewhere_is_listed_as_what_it_is(all_runs):
    run = all_runs["mlcc"]
    answer = why(run, f"{run.iteration(9).after.bias:.9g}", "rmse", 3)
    assert answer.verdict != "right"
    assert [(match.quantity, match.iteration, match.kind) for match in answer.matches] == [("bias", 9, "right")]


@pytest.mark.parametrize("key", ["cumulative_rmse", "full_rmse"])
def test_of_a_figure_of_elsewhere_it_says_whether_keras_prints_it(all_runs, key):
    run = all_runs["mlcc"]
    value = quantities(run)[key].value(run.iteration(5))
    sentence = why(run, f"{value:.8g}", "weight", 5).sentence
    assert sentence.endswith(", which Keras prints.") == (key == "cumulative_rmse"), sentence


def test_a_number_of_a_sample_is_told_with_the_sample_as_a_person_counts(all_runs):
    run = all_runs["mlcc short last batch, momentum"]
    it = run.iteration(5)
    for sample, prediction, error in zip(it.samples, it.prediction, it.error, strict=True):
        told = f" of sample {sample + 1}, iteration 5"
        assert told in why(run, f"{prediction:.9g}", "prediction").sentence
        assert told in why(run, f"{error:.9g}", "error").sentence


def test_numbers_of_a_sample_are_those_of_that_sample(all_runs):
    run = all_runs["mlcc"]
    it = run.iteration(5)
    for x, y, prediction in zip(it.columns[0], it.y, it.prediction, strict=True):
        (match, *_) = why(run, f"{prediction:.9g}", "prediction", 5).matches
        assert f"·{x:g} + " in match.numbers
        (match, *_) = why(run, f"{prediction - y:.9g}", "error", 5).matches
        assert match.numbers == f"{prediction:.6g} − {y:g}"


@pytest.mark.parametrize("metric", ["rmse", "loss"])
def test_the_name_of_a_column_of_trace_means_that_column_alone(all_runs, metric):
    run = all_runs["mlcc"]
    it = run.iteration(5)
    own, so_far = getattr(it, metric), getattr(it, f"cumulative_{metric}")
    assert why(run, f"{own:.9g}", metric, 5).verdict == "right"
    answer = why(run, f"{so_far:.9g}", metric, 5)
    assert (answer.verdict, answer.asked.quantity, answer.asked.right) == ("mistake", metric, own)


def test_a_parameter_of_the_start_or_of_the_best_line_is_of_no_update(all_runs):
    run = all_runs["mlcc"]
    best = [(*one, "of the least-squares line") for one in zip(run.parameters, run.reference.parameters, strict=True)]
    for name, value, where in (("weight", run.start.weights[0], "at the start"), *best):
        sentence = why(run, f"{value:.9g}", name).sentence
        assert f"the {name} {where}" in sentence and "update" not in sentence


def test_figures_of_the_start_have_formulas_of_the_start(all_runs):
    run = all_runs["mlcc"]
    first = run.iteration(1)
    for key, value in (("full_rmse", first.full_rmse_before), ("full_loss", first.full_loss_before)):
        (match, *_) = why(run, f"{value:.9g}", key).matches
        assert match.where == "the start" and match.formula.endswith(" with w and b")
    (match, *_) = why(run, f"{run.start.weights[0]:.9g}", "weight").matches
    assert (match.where, match.formula) == ("the start", "")


@pytest.mark.parametrize(("number", "said"), [(3, True), (1, True), (8, False), (5, False)])
def test_another_batch_is_one_of_the_same_epoch(all_runs, number, said):
    run = all_runs["mlcc"]
    match = why(run, f"{run.iteration(number).rmse:.9g}", "rmse", 2).matches[0]
    assert match.iteration == number and ("position.other_batch" in match.entries) == said


@pytest.mark.parametrize("number", [1, 3])
def test_the_numbers_of_a_mistake_in_every_step_are_not_those_of_one(number):
    """The gradient of SGD without its 2 in every step is that of half the learning rate, halved."""
    right, half = (Settings(optimizer="sgd", weight=0.3, learning_rate=rate) for rate in (0.004, 0.002))
    data = Dataset("line", np.arange(12.0), 3 * np.arange(12.0) + np.cos(np.arange(12.0)))
    value = Run(data, half).iteration(number).gradient[0] / 2
    match = why(Run(data, right), f"{value:.9g}", "gradient_weight", number).matches[0]
    assert "without the 2 of the gradient" in match.name
    assert ("in every step" in match.name) == (number == 3) == (match.numbers == "")


@pytest.mark.parametrize("key", ["gradient_weight", "gradient_bias"])
def test_the_sum_of_a_short_batch_is_its_own(all_runs, evaluate, key):
    run = all_runs["mlcc short last batch, momentum"]
    it = run.iteration(3)
    assert it.m == 2 < run.batches.size
    value = it.gradient[key == "gradient_bias"] * it.m
    match = why(run, f"{value:.9g}", key, 3).matches[0]
    assert "mean" in match.name and evaluate(match.numbers) == pytest.approx(value, rel=1e-6)


def test_what_was_asked_for_after_the_update_is_compared_as_that(all_runs):
    run = Run(all_runs["mlcc"].dataset, all_runs["mlcc"].settings.changed(batch_size=12, epochs=6))
    sentence = why(run, f"{run.iteration(4).full_rmse:.8g}", "full_rmse", 3).sentence
    assert "is the RMSE of all data after the update of iteration 4" in sentence and "Keras reports" not in sentence


@pytest.mark.parametrize("cursor", [40, 60, 75])
def test_of_several_iterations_the_nearest_to_the_cursor_comes_first(all_runs, cursor):
    settings = Settings(optimizer="sgd", learning_rate=0.01, weight=0.1, batch_size=12, epochs=80)
    run = Run(all_runs["mlcc"].dataset, settings)
    found = [match.iteration for match in why(run, "1.14", None, None, cursor).matches]
    assert len(found) > 3 and found == sorted(found, key=lambda number: abs(number - cursor))


def test_of_the_sums_of_an_epoch_those_at_its_end_come_first(all_runs):
    settings = Settings(optimizer="sgd", learning_rate=0.01, weight=0.1, batch_size=4, epochs=80)
    run = Run(all_runs["mlcc"].dataset, settings)
    matches = why(run, f"{run.iteration(240).cumulative_rmse:.2g}", "cumulative_rmse").matches
    ends = [match.iteration % 3 == 0 for match in matches if match.quantity == "cumulative_rmse"]
    assert ends == sorted(ends, reverse=True) and any(ends)


def test_the_numbers_of_a_recorded_step_have_its_own_learning_rate(tmp_path):
    text = (Path(__file__).parents[1] / "recording" / "mlcc.toml").read_text()
    head, title, rows = text.partition("epoch,samples,learning_rate")
    rows = re.sub("(?m)^([23],[0-9 ]+),0.05,", r"\1,0.02,", rows)
    path = tmp_path / "slower.toml"
    path.write_text(head + title + rows)
    run = open_source(str(path)).run()
    assert run.settings_at(8).learning_rate == 0.02 != run.settings.learning_rate
    match = why(run, f"{run.iteration(8).updates[0]['step']:.9g}", "step_weight", 8).matches[0]
    assert match.numbers.startswith("0.02·")


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ("abc", ("a", "b", "c")),
        ("aabc", ("a", "b", "c")),
        ("abxc", ("a", "b", "c")),
        ("abcde", ("a", "b", "c", "2 more")),
    ],
)
def test_what_else_has_the_number_is_told_as_far_as_three(others, told):
    assert _few([*others], SimpleNamespace(label="x")) == told


def test_the_loss_with_the_weights_from_after_the_update(learners_run):
    it = learners_run.iteration(1)
    sentence = why(learners_run, "476.82").sentence
    assert sentence.startswith("476.82 is the loss of iteration 1 computed with the weights from after the update")
    assert f"Keras reports {it.loss:.6g}".rstrip("0") in sentence


@pytest.mark.parametrize("meant", [None, "rmse", "keras_rmse"])
@pytest.mark.parametrize("iteration", [None, 1])
def test_the_answer_does_not_depend_on_how_much_is_said(learners_run, meant, iteration):
    assert "from after the update" in why(learners_run, "21.8", meant, iteration).sentence


@pytest.mark.parametrize(("text", "meant"), [("21.8362", "full_rmse"), ("21.8362", "val_rmse"), ("476.82", "val_loss")])
def test_what_was_meant_as_the_value_after_the_update_is_right(learners_run, text, meant):
    assert why(learners_run, text, meant).sentence.startswith(f"{text} is right: the ")
    longer = Run(learners_run.dataset, learners_run.settings.changed(epochs=3))
    right = longer.iteration(2).full_rmse if "rmse" in meant else longer.iteration(2).full_loss
    asked = why(longer, text, meant, 2)
    assert asked.asked.right == right
    assert f"of iteration 2 is {right:.{len(text) + 1}g}; yours is" in asked.sentence
    assert f"{text} is the" in asked.sentence


def test_keras_validates_at_the_end_of_an_epoch_alone():
    run = open_source("mlcc").run()
    run.advance(12)
    for number in (4, 5, 6):
        it = run.iteration(number)
        said = why(run, f"{it.full_rmse:.9g}").sentence
        assert " is right: the RMSE of all data after the update of iteration" in said
        assert ("val_root_mean_squared_error" in said) == (number == 6)
        own = re.search(r"own RMSE of the epoch so far is (\S+), each batch", said)
        assert float(own[1]) == pytest.approx(it.cumulative_rmse, rel=1e-9)


@pytest.mark.parametrize(("text", "word"), [("23.1", "RMSE"), ("535.48", "loss")])
def test_what_keras_printed_is_right(learners_run, text, word):
    answer = why(learners_run, text)
    assert answer.right
    assert answer.sentence.startswith(f"{text} is right: the {word} of the epoch so far")
    assert "Keras prints" in answer.sentence


OPTIONS = {
    "momentum": [0.0, 0.8], "nesterov": [False, True], "centered": [False, True], "epsilon": [1e-7, 0.1],
    "beta_1": [0.5, 0.9], "initial_accumulator": [0.0, 0.1],
}  # fmt: skip


def any_runs(draw):
    n, k = draw(st.integers(1, 9)), draw(st.sampled_from([1, 1, 3]))
    numbers = st.floats(-50, 50).map(lambda v: round(v, 2))
    columns = [draw(st.lists(numbers, min_size=n, max_size=n)) for _ in range(k + 1)]
    optimizer = draw(st.sampled_from(sorted(OPTIMIZERS)))
    options = {name: draw(st.sampled_from(OPTIONS[name])) for name in OPTIMIZERS[optimizer].options if name in OPTIONS}
    data = Dataset("data", columns[0] if k == 1 else np.column_stack(columns[:-1]), columns[-1])
    return Run(data, Settings(
        optimizer=optimizer, batch_size=draw(st.integers(1, n + 1)), epochs=draw(st.integers(1, 3)),
        weight=draw(st.floats(-3, 3)), learning_rate=draw(st.sampled_from([0.01, 0.05, 0.3])),
        shuffle=draw(st.booleans()), **options,
    ))  # fmt: skip


@st.composite
def right_figures(draw):
    """A run, one of its figures, and that figure as text of some digits."""
    run = any_runs(draw)
    iteration = draw(st.integers(1, run.n_iterations))
    it = run.iteration(iteration)
    quantity = draw(st.sampled_from(list(quantities(run).values())))
    if quantity.per_sample:
        features = model_formulas(len(it.columns)).features
        known = {"squared_error": it.error**2, "prediction": it.prediction, "error": it.error, "y": it.y}
        known |= dict(zip(features, it.columns, strict=True))
        value = float(known[quantity.key][draw(st.integers(0, it.m - 1))])
    else:
        value = quantity.value(it)
    assume(math.isfinite(value))
    digits = draw(st.sampled_from([2, 3, 5, 8, 17]))
    return run, iteration, quantity.key, value, f"{value:.{digits}g}"


@given(right_figures())
@settings(deadline=None, max_examples=60)
def test_a_right_value_is_never_called_a_mistake(made):
    run, iteration, quantity, value, text = made
    answer = why(run, text)
    assert answer.right
    assert all(match.kind == "right" or abs(match.value - value) > 1e-12 * abs(value) for match in answer.matches)
    if quantity in applicable(run):
        asked = why(run, text, quantity, iteration)
        first = asked.matches[0]
        assert (first.kind, first.quantity, first.iteration, first.value) == ("right", quantity, iteration, value)


@given(right_figures(), st.integers(2, 6))
@settings(deadline=None, max_examples=8)
def test_each_match_rounds_to_the_typed_number_and_its_numbers_give_it(evaluate, made, digits):
    run, _, _, value, _ = made
    text = f"{value * 1.01:#.{digits}g}"
    for match in why(run, text).matches:
        # Rounding borders are met where two texts are as near.
        assert match.distance <= 1 + 1e-9
        if match.kind == "right" and match.numbers:
            assert evaluate(match.numbers) == pytest.approx(match.value, rel=1e-4, abs=1e-4 * _size(match.numbers))


def _size(numbers: str) -> float:
    """The largest number shown: differences of shown numbers are only as good as that."""
    values = [abs(float(text)) for text in re.findall(r"\d[\d.]*(?:e[+-]?\d+)?", numbers)]
    return max(values) ** (2 if "²" in numbers else 1)


def test_a_value_of_another_iteration_is_named_with_the_right_one(all_runs):
    run = all_runs["mlcc"]
    before, now = run.iteration(4).after.parameters[0], run.iteration(5).after.parameters[0]
    answer = why(run, f"{before:.5g}", "weight", 5)
    assert (answer.verdict, answer.matches[0].kind) == ("mistake", "reading")
    assert "position.iteration_before" in answer.matches[0].entries
    assert "iteration 4" in answer.sentence
    assert f"{now:.6g}"[:6] in answer.sentence


def test_a_loss_meant_as_rmse_is_told_apart(all_runs):
    it = all_runs["mlcc"].iteration(5)
    answer = why(all_runs["mlcc"], f"{it.loss:.6g}", "batch_rmse", 5)
    assert "loss.loss_for_rmse" in answer.matches[0].entries
    assert f"The RMSE of the batch of iteration 5 is {it.rmse:.8g}" in answer.sentence


def test_a_number_that_fits_nothing_shows_the_nearest(learners_run):
    answer = why(learners_run, "987.65")
    assert not answer.matches
    assert 1 <= len(answer.nearest) <= 3
    assert "fits no figure" in answer.sentence
    distances = [abs(match.value - 987.65) for match in answer.nearest]
    assert distances == sorted(distances)


def test_a_short_number_that_fits_much_asks_for_digits(all_runs):
    answer = why(all_runs["noisy"], "2")
    assert answer.found > 8 >= len(answer.matches)
    assert any("more digits" in advice for advice in answer.advice)


@pytest.mark.parametrize(("text", "said"), [("2", "One digit is too few"), ("2.5", "Two digits are too few")])
def test_digits_are_counted_in_words(text, said):
    assert _unsure(parse_number(text), Question((), None, 1), 0).startswith(said)


def test_what_keras_prints_of_its_float32_is_recognised(all_runs):
    run = all_runs["mlcc"]
    weight = float(np.float32(run.iteration(5).after.parameters[0]))
    answer = why(run, repr(weight))
    assert answer.right
    assert answer.matches[0].quantity == "weight"
    assert any("float32" in advice for advice in answer.advice)


def test_a_decimal_comma_is_noted(learners_run):
    answer = why(learners_run, "21,8")
    assert answer.matches[0].quantity == "full_rmse"
    assert any("comma" in advice for advice in answer.advice)


@pytest.mark.parametrize(
    ("text", "meant", "iteration", "message"),
    [
        ("abc", None, None, "not a number"),
        ("1", "wieght", None, "No quantity is called"),
        ("1", None, 2, "no iteration 2"),
        ("1", None, 0, "no iteration 0"),
    ],
)
def test_questions_that_make_no_sense_are_refused(learners_run, text, meant, iteration, message):
    with pytest.raises(LrstepError, match=message):
        why(learners_run, text, meant, iteration)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_keeps_its_width_and_begins_with_the_sentence(all_runs, width):
    for run in all_runs.values():
        answer = why(run, "1.5")
        lines = why_text(answer, width)
        assert all(len(line) <= width for line in lines)
        assert " ".join(lines).startswith(answer.sentence)
        assert len([line for line in lines if re.match(r"\d\. ", line)]) == len(answer.matches)


def test_the_answer_is_plain_data(learners_run):
    answer = why(learners_run, "23.1")
    again = json.loads(json.dumps(answer.as_dict()))
    assert again["sentence"] == answer.sentence
    assert again["matches"][0]["value"] == answer.matches[0].value


def test_a_long_run_is_searched_in_parts_and_that_is_said():
    x = np.arange(40.0)
    run = Run(Dataset("long", x, 2 * x + 1 + np.sin(x)), Settings(batch_size=1, epochs=25_000, weight=0.1))
    answer = why(run, "123.456")
    assert run.computed < run.n_iterations
    assert any("were searched in iterations 1 to" in advice for advice in answer.advice)
    it = run.iteration(15_000)
    near = why(run, f"{it.gradient[0]:.7g}", "gradient_weight", 15_000)
    assert (near.matches[0].iteration, near.matches[0].kind) == (15_000, "right")
    assert why(run, f"{it.after.parameters[0]:.12g}", cursor=15_000).matches[0].iteration == 15_000


def test_a_run_that_diverges_is_answered_all_the_same():
    run = Run(Dataset("steep", [1e150, 2e150], [1.0, 3.0]), Settings(batch_size=1, weight=1e10))
    answer = why(run, "5.4321")
    assert not answer.matches
    assert answer.sentence


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_epoch_longer_than_what_is_searched_does_no_harm(shuffle):
    x = np.linspace(0, 10, 5000)
    run = Run(Dataset("wide", x, 3 * x + np.sin(x)), Settings(batch_size=2, epochs=2, weight=0.1, shuffle=shuffle))
    it = run.iteration(4000)
    for quantity in ("cumulative_rmse", "accumulator_bias", "gradient_weight"):
        first = why(run, f"{quantities(run)[quantity].value(it):.8g}", quantity, 4000).matches[0]
        assert (first.kind, first.quantity, first.iteration) == ("right", quantity, 4000)
    half = why(run, f"{it.gradient[0] / 2:.6g}", "gradient", 4000).matches[0]
    assert half.entries == ("gradient.without_2",)


def test_a_run_is_not_kept_alive(learners_run):
    run = Run(learners_run.dataset, learners_run.settings)
    assert why(run, "987.65").nearest
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("settings", "quantity", "slip", "said"),
    [
        ({"optimizer": "adam"}, "weight", lambda m, v, w, t: w - 0.05 * m / (v**0.5 + 1e-7), "uncorrected"),
        ({"optimizer": "adam"}, "bias", lambda m, v, w, t: w - 0.05 * (1 - 0.999**t) ** 0.5 * m / (v**0.5 + 1e-7),
         "instead of lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ)"),
        ({"optimizer": "adam"}, "bias", lambda m, v, w, t: w + 0.05 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * m
         / (v**0.5 + 1e-7), "θ + lr"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("features", [1, 2])
def test_a_slip_in_adam_is_found_in_its_formula(settings, quantity, slip, said, features):
    """Written out here by hand: the step without the correction, with half of it, and uphill."""
    random = np.random.default_rng(4)
    x = random.normal(2.0, 1.5, (12, features))
    data = Dataset("data", x if features > 1 else x[:, 0], x @ np.arange(1.0, features + 1) + 4)
    run = Run(data, Settings(**settings))
    it = run.iteration(4)
    p = -1 if quantity == "bias" else 0
    before, m, v = it.before.parameters[p], it.after.slots["mean_gradient"][p], it.after.slots["accumulator"][p]
    answer = why(run, f"{slip(m, v, before, 4):.9g}", quantity, 4)
    first = answer.matches[0]
    assert first.kind == "formula"
    assert said in f"{first.name} {first.entries[0]}"
    assert first.right_value == it.after.parameters[p]


def test_words_are_those_of_the_optimizer(other_runs):
    run = next(run for run in other_runs if run.settings.optimizer == "adam")
    it, c = run.iteration(3), run.settings
    v, g = it.before.slots["accumulator"][0], it.gradient[0]
    match = why(run, f"{(1 - c.beta_2) * v + c.beta_2 * g * g:.8g}", "accumulator", 3).matches[0]
    assert match.name == "accumulator of the weight, computed with β₂ and 1 − β₂ exchanged"
    assert match.formula == "v_w = v_w + (g_w² − v_w)·β₂"


@pytest.mark.parametrize(
    ("right", "text", "off"),
    [
        (20.0, "25", "25 % above"),
        (20.0, "15", "25 % below"),
        (20.0, "2", "90 % below"),
        (20.0, "200", "900 % above"),
        (20.0, "201", "10.05 times as large"),
        (20.0, "1.9", "18.1 below"),
        (20.0, "-20", "the same with the other sign"),
        (20.0, "-21", "41 below"),
        (-20.0, "-25", "25 % larger in size"),
        (-20.0, "-15", "25 % smaller in size"),
        (-20.0, "-300", "15 times as large"),
        (-20.0, "3", "23 above"),
        (0.0, "3", "3 above"),
        (20.0, "39.8", "99 % above"),
        (20.0, "39.95", "100 % above"),
    ],
)
def test_how_far_off_a_number_is_said_as_is_best_understood(learners_run, right, text, off):
    asked = Asked("loss", 1, right)
    said = distance(learners_run, parse_number(text), asked, 6)
    assert said == f"The loss of the batch of iteration 1 is {right:g}; yours is {off}. "


@pytest.mark.parametrize(
    ("size", "epochs", "number", "said"),
    [(4, 4, 0, "the start"), (12, 1, 1, "iteration 1"), (12, 4, 3, "iteration 3 (epoch 3)"),
     (4, 4, 5, "iteration 5 (epoch 2, batch 2)"), (4, 1, 1, "iteration 1 (epoch 1, batch 1)")],
)  # fmt: skip
def test_a_place_is_called_by_what_tells_it_apart(size, epochs, number, said):
    data = Dataset("d", np.arange(12.0), np.arange(12.0))
    assert place(Run(data, Settings(batch_size=size, epochs=epochs)), number) == said


@pytest.mark.parametrize(("off", "verdict"), [(1.0073, "rounded"), (1.0151, "unknown")])
def test_what_is_off_by_less_than_a_hundredth_of_itself_may_be_rounded_on_the_way(off, verdict):
    data = Dataset("prices", np.array([1.0, 2, 3, 5, 8, 13]), np.array([2000.0, 3700, 5000, 11000, 15000, 29000]))
    run = Run(data, Settings(weight=0.5, batch_size=3))
    assert why(run, f"{run.iteration(3).loss * off:.6g}", "loss", 3).verdict == verdict
