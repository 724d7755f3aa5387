"""What the Recorder writes is what Keras did, and Keras does the same with and without it."""

import json

import numpy as np
import optimizer_oracle as oracle
import pytest

from lrstep.check.headless import check_command
from lrstep.core.recorded_run import RecordedRun

pytestmark = pytest.mark.keras

SAME = ("shuffled", "unbuilt", "xla", "eager", "several_features", "batch_shuffle_and_validation",
        "inputs_put_together")  # fmt: skip
OTHERS = ("validation_split", "sgd", "plain_sgd", "adagrad", "adam", "schedule", "warmed_up", "rate_by_callback",
          "float64", "float64_adam", "float64_momentum", "whole_numbers_and_twins",
          "tensors_in_one_dimension", "functional", "columns_of_several_types", "data_set", "second_fit",
          "early_stopping", "interrupted", "many_samples")  # fmt: skip


def states(recording, step):
    """Parameters and slots before a step (from 0)."""
    return recording.parameters[step], {name: values[step] for name, values in recording.slots.items()}


@pytest.mark.parametrize("name", (*SAME, *OTHERS))
def test_no_case_fails_and_nothing_is_left_in_the_model(recorded, name):
    assert "raised" not in recorded.cases[name], recorded.cases[name]["raised"]
    assert not recorded.cases[name].get("left")


@pytest.mark.parametrize("name", SAME)
def test_training_is_the_same_to_the_last_bit_with_and_without(recorded, name):
    assert recorded.cases[name]["same"]


@pytest.mark.parametrize("name", (*SAME, *OTHERS))
def test_every_step_follows_from_the_one_before(recorded, name):
    recording = recorded.read(name)
    close = 1e-9 if name == "float64" else 2e-5
    for i in range(len(recording)):
        rows = recording.batches[i]
        theta, slots = states(recording, i)
        g, loss = oracle.gradient(recording.x[rows], recording.y[rows], theta)
        scale = np.abs(recording.gradients[i]).max() + 1
        np.testing.assert_allclose(recording.gradients[i], g, atol=close * scale)
        np.testing.assert_allclose(recording.loss[i], loss, rtol=close, atol=close)
        rate, t = recording.learning_rate[i], recording.counted + i + 1
        after = oracle.step(recording.settings, rate, recording.gradients[i], theta, slots, t)
        np.testing.assert_allclose(recording.parameters[i + 1], after[0], rtol=close, atol=close)
        for slot, values in after[1].items():
            np.testing.assert_allclose(recording.slots[slot][i + 1], values, rtol=close, atol=close)


@pytest.mark.parametrize("name", (*SAME, *OTHERS))
def test_every_step_is_confirmed_and_so_is_the_whole(recorded, name):
    """Also in float64, where TensorFlow rounds momentum and the powers of β to float32 all the same."""
    said = []
    status = check_command(RecordedRun(recorded.read(name).recording), as_json=True, echo=said.append)
    assert (status, json.loads(said[0])["differing_iterations"]) == (0, [])


@pytest.mark.parametrize("name", ["shuffled", "unbuilt", "several_features", "adagrad", "validation_split", "data_set"])
def test_a_free_run_from_the_recorded_start_comes_to_the_recorded_end(recorded, name):
    recording = recorded.read(name)
    theta, slots = states(recording, 0)
    for i in range(len(recording)):
        rows = recording.batches[i]
        g, _ = oracle.gradient(recording.x[rows], recording.y[rows], theta)
        rate = recording.learning_rate[i]
        theta, slots = oracle.step(recording.settings, rate, g, theta, slots, i + 1)
    np.testing.assert_allclose(recording.parameters[-1], theta, atol=1e-6)


@pytest.mark.parametrize("name", (*SAME, *OTHERS))
def test_the_end_and_the_printed_loss_are_those_of_keras(recorded, name):
    recording, result = recorded.read(name), recorded.cases[name]
    assert recording.parameters[-1].tolist() == result["weights"]
    if "loss" in result:
        last = [int(np.flatnonzero(recording.epoch == epoch)[-1]) for epoch in np.unique(recording.epoch)]
        assert recording.printed["loss"][last].tolist() == result["loss"]


@pytest.mark.parametrize("name", (*SAME, *OTHERS))
def test_an_epoch_goes_once_over_the_samples(recorded, name):
    recording = recorded.read(name)
    for epoch in np.unique(recording.epoch):
        steps = np.flatnonzero(recording.epoch == epoch)
        samples = np.concatenate([recording.batches[i] for i in steps])
        assert len(set(samples.tolist())) == len(samples)
        if epoch < recording.epoch[-1] or recording.finished:
            assert len(samples) == len(recording.y)


def test_what_is_special_about_each(recorded):
    read = recorded.read
    shuffled = read("shuffled")
    assert shuffled.settings.order[0] != tuple(range(1, 13)) and shuffled.finished
    assert list(map(len, shuffled.batches)) == [5, 5, 2] * 2
    assert (shuffled.dtype, shuffled.jit_compile, shuffled.versions.keras[0]) == ("float32", False, "3")
    assert set(shuffled.printed) == {"loss", "rmse"}
    assert read("xla").jit_compile
    assert read("several_features").dataset.features == ("x1", "x2", "x3")
    assert read("inputs_put_together").dataset.features == ("zone1", "zone2", "age")
    assert set(read("several_features").slots) == {"accumulator", "momentum", "mean_gradient"}
    split = read("validation_split").dataset
    assert (len(split), split.features, split.label) == (9, ("mine",), "mine_")
    assert np.allclose(read("schedule").learning_rate, 0.1 * 0.5 ** (np.arange(6) / 2))
    assert read("warmed_up").learning_rate[0] == 0 < read("warmed_up").settings.learning_rate
    warm = read("warmed_up")
    assert np.allclose(warm.printed["rmse"] ** 2, warm.printed["loss"], rtol=1e-6)
    assert read("rate_by_callback").learning_rate.tolist() == [0.025] * 3 + [0.0125] * 3
    assert read("functional").epoch.tolist() == [4, 4, 4] and read("functional").epochs == 4
    assert read("float64").dtype == "float64"
    assert np.abs(read("float64").parameters - read("float64").parameters.astype("float32")).max() > 0
    assert read("whole_numbers_and_twins").x.ravel().tolist() == [1, 2, 2, 3, 2, 4]
    assert not read("adagrad").counted and (read("adagrad").slots["accumulator"][0] > 0.09).all()


def test_a_second_fit_begins_with_the_slots_of_the_first(recorded):
    assert recorded.cases["second_fit"]["names"] == ["second_fit-first.toml", "second_fit.toml"]
    first, second = recorded.read("second_fit-first"), recorded.read("second_fit")
    assert second.counted == len(first) == 3
    assert second.parameters[0].tolist() == first.parameters[-1].tolist()
    for name, values in second.slots.items():
        assert values[0].tolist() == first.slots[name][-1].tolist() != [0, 0]


def test_an_interrupted_fit_is_written_as_far_as_it_came(recorded):
    assert recorded.cases["interrupted_reading"] == {"steps": 4, "problem": ""}
    assert recorded.cases["interrupted"]["steps"] == 4
    recording = recorded.read("interrupted")
    assert (len(recording), recording.finished, recording.epochs) == (4, False, 3)
    failing = recorded.cases["failing_step"]
    assert failing["steps"] == len(recorded.read("failing_step")) == 2
    assert failing["error"] == "InvalidArgumentError" and not failing["left"]


def test_many_samples_go_to_a_file_beside(recorded):
    recording, beside = recorded.read("many_samples"), recorded.folder / "many_samples-data.csv"
    assert len(recording.y) == 1000
    assert beside.read_text().splitlines()[0] == "x1,x2,x3,x4,y"
    assert "0.5" not in (recorded.folder / "many_samples.toml").read_text().partition("[optimizer]")[0]


def test_a_step_of_four_samples_takes_at_most_150_bytes(recorded):
    rows = (recorded.folder / "shuffled.toml").read_text().split("'''")[3].splitlines()[2:]
    assert len(rows) == 6
    assert max(len(row) + 1 for row in rows) <= 150  # of five samples


def test_the_problem_of_a_fit_is_its_own(recorded):
    first, second = recorded.cases["another_try"]["problems"]
    assert "has 2 layers" in first and not second
    assert len(recorded.read("another_try")) == 6


@pytest.mark.parametrize(
    ("name", "thing", "mend"),
    [
        ("layers", "has 2 layers", "Dense(1)"),
        ("other layer", "BatchNormalization", "Dense(1)"),
        ("units", "2 units", "Dense(1)"),
        ("activation", "activation relu", "Leave the activation out"),
        ("no bias", "no bias", "use_bias=False"),
        ("regularizer", "kernel_regularizer", "Leave it out"),
        ("constraint", "kernel_constraint", "Leave it out"),
        ("frozen", "not trainable", "trainable to True"),
        ("mixed precision", "mixed_bfloat16", "no mixed precision"),
        ("float64 layer alone", "float64", "set_floatx"),
        ("float64 in name alone", "in float32 what is float64", "or TensorFlow"),
        ("own model", "OwnModel", "Dense(1)"),
        ("more computed", "more than its Dense layer", "Dense(1)"),
        ("layer twice", "more than its Dense layer", "Dense(1)"),
        ("inputs added", "2 layers", "Dense(1)"),
        ("input of whole numbers", "is of int32", "leave its dtype out"),
        ("input without array", "not one array for each input", "Name them"),
        ("array without input", "no inputs of the model: year", "in the order of their names"),
        ("normalization", "a Normalization layer", "model.fit(layer(x), y)"),
        ("loss", "mean_absolute_error", "loss='mse'"),
        ("loss sum", "reduced by sum", "reduction"),
        ("loss in another type", "computes in float16", "dtype out"),
        ("step replaced", "update_step is replaced", "as Keras makes it"),
        ("loss replaced", "compute_loss is replaced", "Dense(1)"),
        ("loss weights", "loss_weights", "Leave loss_weights out"),
        ("steps_per_execution", "steps_per_execution is 2", "steps_per_execution=1"),
        ("optimizer", "Nadam", "RMSprop, SGD, Adagrad, Adam"),
        ("adamw", "AdamW", "RMSprop, SGD, Adagrad, Adam"),
        ("clipping", "clipnorm", "Leave clipnorm out"),
        ("clipping at a value", "clipvalue", "Leave clipvalue out"),
        ("clipping all together", "global_clipnorm", "Leave global_clipnorm out"),
        ("weight decay", "weight_decay", "Leave weight_decay out"),
        ("ema", "use_ema", "Leave use_ema out"),
        ("accumulation", "gradient_accumulation_steps", "Leave"),
        ("loss scale", "loss_scale_factor", "Leave"),
        ("amsgrad", "amsgrad", "Leave amsgrad out"),
        ("own schedule", "OwnSchedule", "LearningRateScheduler"),
        ("function as rate", "function", "LearningRateScheduler"),
        ("sample weights", "sample_weight", "Leave sample_weight out"),
        ("class weights", "class_weight", "Leave class_weight out"),
        ("steps_per_epoch", "steps_per_epoch", "Leave it out"),
        ("several sizes", "the batches of the epoch that begins with step 1 are of several sizes", "last one"),
        ("half an epoch", "the epoch that begins with step 1 takes 8 of 12 samples", "without steps_per_epoch"),
        ("diverged before", "not finite before the first step", "new one"),
        ("rate 0", "the learning rate is never above 0", "Set one"),
        ("settings changed", "the optimizer's settings", "Take the callback"),
        ("no input", "the model has no Input, and x has the shape (12,)", "x.reshape(-1, 1)"),
        ("metric called loss", "a metric is called loss", "another name"),
        ("x in a list of two", "not one array for each input", "Name them"),
        ("y in a dict", "y is a dict around its array", "Give y as the array itself"),
        ("labels of one name", "y has 2 columns", "one label"),
        ("several labels", "y has 2 columns", "one label"),
        ("not finite", "x is not finite in row 7", "Leave such rows out"),
        ("texts", "x holds something that is no number in row 2", "missing values"),
        ("weights changed", "before step 3", "Take the callback"),
        ("metrics used", "shows after step 3 is not the mean of its epoch", "evaluate in a callback"),
        ("count changed", "before step 2", "Give arrays"),
        ("rho", "rho=1.0", "below 1"),
        ("rate", "learning rate of step 1 is not finite", "Look at"),
        ("foreign rows", "a sample of step 1", "data=(x, y)"),
        ("foreign rows later", "a sample of step 4", "data=(x, y)"),
        ("two recorders", "replaced already", "One Recorder"),
        ("data set", "BatchDataset", "data=(x, y)"),
        ("repeated", "comes twice", "repeat()"),
        ("weighted data set", "weighted", "Leave the weights out"),
    ],
)
def test_what_cannot_be_recorded_is_named_with_what_to_do(recorded, name, thing, mend):
    (said,) = recorded.refusals[name]["said"]
    problem, _, advice = said.removeprefix("this fit cannot be recorded: ").partition(". ")
    assert thing in problem and mend in advice
    assert not recorded.refusals[name]["written"]


def test_a_file_that_is_no_recording_is_not_written_over(recorded):
    (said,) = recorded.refusals["no recording"]["said"]
    assert "exists and is no recording" in said
    assert (recorded.folder / "refused-no recording.toml").read_text() == 'title = "mine"\n'
