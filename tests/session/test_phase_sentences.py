"""The line in plain words: it says of divergence, momentum and the first step what the numbers say."""

import math
import re

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.divergence import diverges_in
from lrstep.session.narration import line, narrate
from lrstep.session.panels.computed import start
from lrstep.session.panels.parameters import parameter_steps
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.sources.open_source import open_sample, open_source

PHASES = tuple(Phase)[1:]
MLCC = open_sample("mlcc").dataset


def numbers_of(run, it, phase):
    """All numbers that an iteration has computed up to a phase, from the start of the run on."""
    slots = [value for slot in run.slots if slot.phase <= phase for value in it.after.slots[slot.name]]
    made = {
        Phase.PREDICTIONS: [*it.prediction, *it.error], Phase.LOSS: [it.loss, it.cumulative_loss],
        Phase.GRADIENT: it.gradient, Phase.ACCUMULATOR: slots, Phase.UPDATE: [*slots, *it.after.parameters],
        Phase.AFTER: [it.full_loss],
    }  # fmt: skip
    earlier = [number for k in range(1, it.number) for number in numbers_of(run, run.iteration(k), Phase.AFTER)]
    return earlier + [number for place, numbers in made.items() if place <= phase for number in numbers]


@pytest.mark.parametrize(
    "settings",
    [{"learning_rate": rate} for rate in (1e154, 1e155, 1e300)]
    + [{"optimizer": "sgd", "learning_rate": 1e60}, {"optimizer": "adam", "learning_rate": 1e200}]
    + [{"epsilon": 0.0, "batch_size": 1, "weight": 5.0}],
)
def test_divergence_is_said_from_the_very_number_on_that_is_not_finite(settings):
    run = Run(MLCC, Settings(**{"epochs": 2, "weight": 0.1} | settings))
    for number in range(1, 5):
        it = run.iteration(number)
        first = True
        for phase in PHASES:
            finite = all(map(math.isfinite, numbers_of(run, it, phase)))
            if finite and phase is Phase.AFTER:
                continue  # its figures are told
            said = line(run, it, phase)
            assert ("no finite number" in said or "no longer finite" in said) == (not finite), (number, phase, said)
            if not finite and number == run.diverged_at:
                assert said.startswith("Here" if first else "In this iteration"), (phase, said)
                first = False


def test_without_momentum_nesterov_says_nothing_of_it():
    run = Run(MLCC, Settings(optimizer="sgd", nesterov=True, epochs=1, weight=0.0))
    said = [line(run, run.iteration(number), Phase.UPDATE) for number in (1, 2, 3)]
    without = Run(MLCC, run.settings.changed(nesterov=False))
    assert said == [line(without, without.iteration(number), Phase.UPDATE) for number in (1, 2, 3)]


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_share_that_momentum_has_in_a_step_is_the_one_that_is_said(nesterov):
    run = Run(MLCC, Settings(optimizer="sgd", nesterov=nesterov, momentum=0.9, learning_rate=0.001, weight=0.0))
    earlier, it = run.iteration(4), run.iteration(5)
    share = float(re.search(r"([0-9.]+) of the (?:step before|momentum)", line(run, it, Phase.UPDATE))[1])
    of = -it.after.slots["momentum"][0] if nesterov else earlier.updates[0]["step"]
    assert it.updates[0]["step"] == pytest.approx(0.001 * it.gradient[0] + share * of)


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "rmsprop-tf2", "rmsprop-tf1", "rmsprop-pytorch"])
def test_a_step_against_its_gradient_is_called_so(optimizer):
    rate = 0.002 if optimizer == "sgd" else 0.3
    run = Run(MLCC, Settings(optimizer=optimizer, momentum=0.9, learning_rate=rate, epochs=20, weight=0.0))
    found = set()
    for number in range(1, run.n_iterations + 1):
        it = run.iteration(number)
        moved = it.after.parameters[0] - it.before.parameters[0]
        against = moved * it.gradient[0] > 0
        said = line(run, it, Phase.UPDATE)
        assert ("against its gradient" in said) == against, (number, said)
        found.add(against)
    assert found == {True, False}


@pytest.mark.parametrize("optimizer", ["rmsprop", "rmsprop-tf2", "rmsprop-pytorch"])
@pytest.mark.parametrize("rho", [0.9, 0.5, 0.0])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("epsilon", [1e-12, 1e-3, 1.0, 1e3, 1e9])
def test_the_first_step_is_as_long_as_it_is_said_to_be_where_it_is_said(optimizer, rho, centered, epsilon):
    run = Run(MLCC, Settings(optimizer=optimizer, rho=rho, centered=centered, weight=0.0, epsilon=epsilon))
    said = line(run, run.iteration(1), Phase.UPDATE)
    share = (1 - rho) * (rho if centered else 1)
    says = ("lr/√(ρ(1 − ρ))" if centered else "lr/√(1 − ρ)") in said
    assert says == (share > 0 and epsilon <= 1e-3) or epsilon == 1.0  # about where ε begins to count
    if says:
        assert abs(run.iteration(1).updates[0]["step"]) == pytest.approx(0.05 / math.sqrt(share), rel=1e-3)


def told(view, width=200, height=4):
    return " ".join(text.strip() for text in plain(narrate(view, width, height)))


@pytest.mark.parametrize(("rate", "number", "phase", "width", "said"), [
    (0.05, 12, Phase.UPDATE, 78, "The weight goes up by 0.082837."),
    (0.05, 12, Phase.UPDATE, 58, "The weight goes up by 0.082837."),
    (1e80, 12, Phase.AFTER, 78, "The numbers are no longer finite since iteration 2 (g 2 shows the step)."),
    (1e80, 12, Phase.AFTER, 58, "The numbers are no longer finite since iteration 2 (g 2 …"),
])  # fmt: skip
def test_one_line_has_a_whole_sentence_or_is_marked_as_cut(rate, number, phase, width, said):
    settings = Settings(weight=0.0, learning_rate=rate, optimizer="sgd" if rate > 1 else "rmsprop", batch_size=4)
    run = Run(MLCC, settings)
    run.advance(number)
    assert told(View(run, number, phase), width, 1) == said


def test_the_end_of_an_epoch_says_what_is_kept_and_what_goes_on():
    run = open_source("mlcc").run()
    run.advance(12)
    said = told(View(run, 3, Phase.AFTER))
    assert said.startswith("Keras prints RMSE 21.0953: all samples,")
    assert said.endswith("Epoch 1 ends: Keras keeps 21.0953. The RMSE starts anew; w, b and v go on.")
    assert told(View(run, 3, Phase.AFTER), 78, 1) == said[said.index("Epoch 1 ends") :]
    assert "19.3774" in told(View(run, 3, Phase.AFTER), 78, 2)
    assert not any("ends:" in told(View(run, number, Phase.AFTER)) for number in (1, 2, 4, 12))
    assert not any("ends:" in told(View(run, 3, phase)) for phase in list(Phase)[1:-1])
    validated = [number for number in range(1, 13) if "val_" in told(View(run, number, Phase.AFTER))]
    assert validated == [3, 6, 9, 12]


@pytest.mark.parametrize(
    ("optimizer", "kept"), [("sgd", "w and b"), ("adam", "w, b, m and v"), ("adagrad", "w, b and v")]
)
def test_what_goes_on_is_what_the_optimizer_keeps(optimizer, kept):
    source = open_source("mlcc")
    run = Run(source.dataset, source.settings.changed(optimizer=optimizer))
    run.advance(3)
    assert f"The RMSE starts anew; {kept} go on." in told(View(run, 3, Phase.AFTER))


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_a_weight_is_said_to_go_where_it_goes(optimizer):
    rate = 1.0 if optimizer == "adam" else 0.002
    run = Run(MLCC, Settings(optimizer=optimizer, batch_size=1, learning_rate=rate, weight=3.0))
    ways = set()
    for number in range(1, run.n_iterations + 1):
        it = run.iteration(number)
        way = "up" if it.after.parameters[0] > it.before.parameters[0] else "down"
        assert f"The weight goes {way} by " in line(run, it, Phase.UPDATE)
        ways.add(way)
    assert ways == {"up", "down"}


def test_momentum_of_a_training_that_went_before_is_no_first_step():
    run = Run(MLCC, Settings(momentum=0.9))
    assert "no earlier step" in line(run, run.iteration(1), Phase.UPDATE)
    run.counted = 7
    assert "(momentum)" in line(run, run.iteration(1), Phase.UPDATE)


def test_predictions_are_said_to_be_of_what_the_step_before_left():
    run = Run(MLCC, Settings(weight=0.5))
    assert "initial weight" in line(run, run.iteration(1), Phase.PREDICTIONS)
    assert "that iteration 3 left" in line(run, run.iteration(4), Phase.PREDICTIONS)


@pytest.mark.parametrize("size", [1, 4])
def test_one_sample_is_spoken_of_as_one(size):
    run = Run(MLCC, Settings(batch_size=size))
    text = " ".join(plain(narrate(View(run, 1, Phase.AFTER), 198, 2)))
    assert ("1 sample of this epoch, the weights" in text) == (size == 1)
    assert ("4 samples of this epoch, each with the weights" in text) == (size == 4)
    for number in (1, 2):
        said = line(run, run.iteration(number), Phase.BATCH)
        assert said.endswith(f"sees nothing but {'it' if size == 1 else 'them'}.")


@pytest.mark.parametrize("size", [2, 4, 5, 6, 10])
def test_a_short_last_batch_is_called_short_with_its_own_m(size):
    run = Run(Dataset("eleven", np.arange(11.0), np.arange(11.0)), Settings(batch_size=size, epochs=1))
    said = line(run, run.iteration(run.n_iterations), Phase.BATCH)
    assert "is short" in said and f"{11 % size} sample" in said and f"m is {11 % size} here" in said
    assert "short" not in line(run, run.iteration(run.n_iterations - 1), Phase.BATCH)


@pytest.mark.parametrize(("weight", "said"), [(0.0, "weight 0 (as set)"), (None, "(drawn at random)")])
def test_a_start_weight_of_0_is_one_that_was_set(weight, said):
    run = Run(Dataset("d", np.arange(3.0), np.arange(3.0)), Settings(weight=weight))
    assert said in line(run, None, Phase.START)
    (of_weight, of_bias, _) = plain(
        start(View(run, 0, Phase.START), 80, 15, parameter_steps(View(run, 0, Phase.START)))
    )
    assert ("as set" in of_weight) == (weight is not None) and "starts at 0" in of_bias


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 sample of this epoch, the weights from"), (2, "all samples, each with")]
)
def test_one_sample_alone_is_not_all_of_them(n, said):
    run = Run(Dataset("few", np.arange(1.0, n + 1), np.arange(float(n))), Settings(batch_size=n, epochs=1))
    assert said in told(View(run, 1, Phase.AFTER))


def test_an_accumulator_of_the_bias_alone_may_overflow():
    run = Run(Dataset("d", np.array([1e-200]), np.array([8e153])), Settings(weight=0.0, batch_size=1))
    it = run.iteration(1)
    assert np.isfinite(it.after.slots["accumulator"]).tolist() == [True, False] and math.isfinite(it.loss)
    assert diverges_in(run, it) is Phase.ACCUMULATOR


def test_one_parameter_that_is_no_number_is_told_as_0_by_0():
    x, y = np.array([[1.0, 0.0], [2.0, 0.0], [4.0, 0.0]]), np.array([1.0, 3.0, 4.0])
    run = Run(Dataset("flat", x, y, ("x", "none"), "y"), Settings(epsilon=0.0, weight=0.5, epochs=1))
    it = run.iteration(1)
    assert [math.isnan(value) for value in it.after.parameters] == [False, True, False] and run.diverged_at == 1
    said = "Its step is 0/0, or has the root of a negative number: a larger ε than 0 helps."
    assert line(run, it, Phase.UPDATE).endswith(said)


@pytest.mark.parametrize(
    ("order", "shuffle", "said"),
    [
        (None, False, "in the same order again"),
        (None, True, "shuffled anew"),
        ((tuple(range(12, 0, -1)),), False, "in the same order again"),
        ((tuple(range(12, 0, -1)), tuple(range(1, 13))), False, "in another order"),
        ((tuple(range(12, 0, -1)), tuple(range(12, 0, -1))), False, "in the same order again"),
    ],
)
def test_an_epoch_is_said_to_begin_with_the_samples_in_the_order_that_they_have(order, shuffle, said):
    run = Run(MLCC, Settings(order=order, shuffle=shuffle, weight=0.1))
    second = run.batches.per_epoch + 1
    assert f"Epoch 2 begins, with the samples {said}: " in line(run, run.iteration(second), Phase.BATCH)
    same = [list(run.iteration(number).samples) for number in (1, second)]
    assert (same[0] == same[1]) == (said == "in the same order again")


@pytest.mark.parametrize(
    "settings",
    [{"rho": rho} for rho in (0.9, 0.999, 0.99999, 1 / 3, 0.0)]
    + [{"rho": 0.9, "centered": True}, {"optimizer": "adam"}],
)
def test_what_is_kept_and_what_is_taken_in_are_all_and_no_number_is_cut_in_two(settings):
    run = Run(MLCC, Settings(weight=0.0, epochs=2, **settings))
    here, later = (line(run, run.iteration(number), Phase.ACCUMULATOR) for number in (3, 4))
    them = "it" if settings.keys() == {"rho"} else "them"
    assert later == f"{here} A new epoch does not reset {them}."
    if "rho" in settings:
        kept, new = re.findall(r"([\d.e-]+) %", here)
        assert float(kept) + float(new) == 100 and float(kept) == pytest.approx(100 * settings["rho"], abs=5e-3)


@pytest.mark.parametrize(("x", "stays"), [([1.0, 2.0, 4.0], True), ([0.0, 0.0, 0.0], True), ([1.0, 2.0, 5.0], False)])
def test_a_weight_stays_where_its_step_is_less_than_its_rounding(x, stays):
    run = Run(Dataset("d", x, [2.0, 4.0, 8.0]), Settings(optimizer="sgd", learning_rate=1e-15, weight=2.0, bias=1e-7))
    it = run.iteration(1)
    said = line(run, it, Phase.UPDATE)
    assert (it.after.parameters[0] == it.before.parameters[0]) == ("The weight stays: a step of " in said) == stays


@pytest.mark.parametrize(
    ("weight", "rate", "helps"), [(1e160, 0.05, False), (0.0, 1e155, True)], ids=["the start", "the rate"]
)
def test_a_smaller_learning_rate_is_said_to_help_where_it_does(weight, rate, helps):
    run = Run(MLCC, Settings(weight=weight, learning_rate=rate))
    run.advance(run.n_iterations)
    said = line(run, run.iteration(run.diverged_at), Phase.AFTER)
    slower = Run(MLCC, run.settings.changed(learning_rate=1e-3))
    slower.advance(slower.n_iterations)
    assert ("A smaller learning rate helps" in said) == (slower.diverged_at is None) == helps
    assert ("before any step" in said) != helps


@pytest.mark.parametrize(("counted", "said"), [
    (0, "The accumulators are 0; no sample has been seen yet."), (1, "; it goes on after 1 step."),
    (36, "; it goes on after 36 steps."),
])  # fmt: skip
def test_a_training_that_goes_on_has_seen_samples(counted, said):
    run = Run(MLCC, Settings(weight=0.0))
    run.counted = counted
    assert line(run, None, Phase.START).endswith(said)
