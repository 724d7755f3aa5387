"""The start weight out of what Keras printed: real logs, and a search that may not be surer than it is right."""

import json
from pathlib import Path

import forked
import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.session.from_log import _Answer, from_log, weight_text
from lrstep.session.start_weight import StartWeight
from lrstep.sources.open_source import open_source
from lrstep.sources.progress_log import parse_log, read_log

LOGS = Path(__file__).parents[1] / "recording" / "logs"
MLCC = open_source("mlcc")
STARTS = {
    "full": -0.8348490595817566,
    "full-lines": 0.9851845502853394,
    "order": -0.00716555118560791,
    "old-full": 0.8353036642074585,
    "old-order-lines": -1.0543365478515625,
}
"""What Keras told when it printed the log of that name."""


def answer(text, source=MLCC, **settings):
    return from_log(source.dataset, source.settings.changed(**settings), parse_log(text))


def said(answer):
    return " ".join(answer.paragraphs)


def printed(run, digits=4, first=1):
    """What Keras would print of a run, one line an epoch."""
    ends = [epoch * run.batches.per_epoch for epoch in range(1, run.settings.epochs + 1)]
    lines = [f"Epoch {e}/{len(ends)}\n1/1 - 0s - loss: {run.iteration(k).cumulative_loss:.{digits}f}"
             for e, k in enumerate(ends, 1)]  # fmt: skip
    return "\n".join(lines[first - 1 :]).replace("1/1 -", f"{run.batches.per_epoch}/{run.batches.per_epoch} -")


@pytest.mark.parametrize("name", STARTS)
def test_the_start_of_what_keras_printed(name):
    found = from_log(MLCC.dataset, MLCC.settings, read_log(str(LOGS / f"{name}.log")))
    assert abs(found.sure.weight - STARTS[name]) < found.sure.error < 1e-5
    assert found.sure.followed == found.settings.epochs - 1 >= 2 and found.sure.apart < 2e-4
    assert "Sure: " in said(found) and "lrstep record" not in said(found)


@pytest.mark.parametrize("name", ["shuffled", "old-shuffled"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_shuffled_batches_cannot_be_decided(name, shuffle):
    found = from_log(MLCC.dataset, MLCC.settings.changed(shuffle=shuffle), read_log(str(LOGS / f"{name}.log")))
    assert found.sure is None
    assert said(found).startswith("The text cannot decide it. An epoch has 3 batches")
    assert "lrstep record train.py" in said(found) and 'callbacks=[Recorder("run.toml")]' in said(found)


def test_the_first_question():
    found = answer("1/1 - 0s - loss: 535.48 - root_mean_squared_error: 23.1404")
    assert found.paragraphs[0] == "The start weight was 0.0825548 (± 0.00002), with the bias 0."
    assert "Two weights have it: 0.0825548 and 6.359599." in said(found)
    assert "only 0.0825548 lies there" in said(found) and "A second epoch in the log would tell them apart." in said(
        found
    )
    found = answer("1/1 - 0s - loss: 535.4800\n1/1 - 0s - loss: 476.8217")
    assert found.sure.weight == pytest.approx(0.08255479319424332, abs=1e-8)
    assert "With 6.3595991 epoch 2 would have printed 477.1249 and not 476.8217." in said(found)


@pytest.mark.parametrize("batch_size", [12, 5])
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd", "adam"])
def test_any_start_is_found_or_left_open(batch_size, optimizer):
    random, sure = np.random.default_rng(batch_size), 0
    settings = MLCC.settings.changed(optimizer=optimizer, batch_size=batch_size, learning_rate=0.005, bias=0.5)
    for weight in random.uniform(-1.7, 1.7, 60 if batch_size == 12 else 3):
        run = Run(MLCC.dataset, settings.changed(weight=float(weight)))
        found = from_log(MLCC.dataset, settings, parse_log(printed(run)))
        if found.sure:
            sure += 1
            assert abs(found.sure.weight - weight) <= found.sure.error
            assert found.sure.followed == 3
    assert sure >= 3


def test_epochs_that_fit_are_counted_without_those_that_do_not():
    run = Run(MLCC.dataset, MLCC.settings.changed(batch_size=12, weight=1.25, epochs=4))
    for fit, told in ((1, "Sure: the epoch after it printed"), (2, "Sure: the 2 epochs after it printed")):
        lines = printed(run).splitlines()
        lines[2 * fit + 3] = "1/1 - 0s - loss: 1000.0000"
        found = answer("\n".join(lines))
        assert found.sure.followed == fit and told in said(found)
        assert f"From epoch {fit + 2} on it is otherwise: 1000.0000 was printed, and " in said(found)


def test_the_error_covers_digits_that_were_not_printed():
    for digits in range(5):
        run = Run(MLCC.dataset, MLCC.settings.changed(batch_size=12, weight=1.25))
        found = answer(printed(run, digits))
        assert abs(found.sure.weight - 1.25) <= found.sure.error < 10.0 ** -(digits + 1) + 1e-5


@pytest.mark.parametrize("n", [1, 2, 3])
def test_how_many_weights_have_the_loss_is_told(n):
    log = parse_log("1/1 - 0s - loss: 535.48")
    found = [StartWeight(weight, 1e-6, (535.48,), 0, 0.0) for weight in (1.0, 2.0, 3.0)[:n]]
    has = ("One weight has it: 1.0000000.", "Two weights have it: 1.0000000 and 2.0000000.",
           "3 weights have it: 1.0000000, 2.0000000 and 3.0000000.")  # fmt: skip
    assert _Answer(Run(MLCC.dataset, MLCC.settings), log, found)._why.endswith(has[n - 1])


def test_two_starts_where_keras_may_draw_both_are_left_open(tmp_path):
    path = tmp_path / "same.csv"
    path.write_text("x,y\n1,1\n2,2\n3,3\n4,4\n")  # 0.4 and 1.6 are as far from w = 1
    source = open_source(str(path))
    found = answer(f"1/1 - 0s - loss: {7.5 * 0.36:.4f}", source)
    assert found.sure is None and [round(one.weight, 6) for one in found.found] == [0.4, 1.6]
    assert "cannot be told" in said(found) and said(found).count("1.60000") == 2 and " lie there" in said(found)
    found = answer(printed(Run(source.dataset, source.settings.changed(weight=1.6, batch_size=4))), source)
    assert found.sure is None and "The epochs after it fit each." in said(found)  # they mirror each other


@pytest.mark.parametrize(
    ("text", "changes", "told"),
    [
        ("1/1 - 0s - loss: 0.4800", {}, "No start weight has the loss 0.4800 of epoch 1 with the bias 0: the least is"),
        (
            "1/1 - loss: 535.4800\n1/1 - loss: 400.0000",
            {},
            "Epoch 2 printed 400.0000, and these settings lead to 476.8",
        ),
        ("3/3 - 0s - loss: 471.0000", {}, "If it was not shuffled, the start weight was -0.0000"),
        ("3/3 - 0s - loss: 4710.0000", {}, "No start weight between -1.732 and 1.732 gives the 4710.0000"),
    ],
)
def test_what_fits_nothing_is_said_with_its_numbers(text, changes, told):
    found = answer(text, **changes)
    assert found.sure is None and told.replace("-0.0000", "") in said(found)


@pytest.mark.parametrize(
    ("text", "settings", "told"),
    [
        ("3/3 - 0s - loss: 471.0000", {"batch_size": 3}, "the log counts 3 batches an epoch, and batch size 3 makes 4"),
        ("7/7 - 0s - loss: 471.0000", {}, "the log counts 7 batches an epoch"),
        ("hello", {}, "there is no progress line of Keras"),
        ("Epoch 3/5\n1/1 - loss: 471.0", {}, "the log begins with epoch 3"),
        ("Epoch 1/5\n1/3 - loss: 471.0", {}, "epoch 1 was not printed to its end"),
        ("Epoch 1/5\n1/1 - loss: nan", {}, "epoch 1 has no number for its loss"),
    ],
)
def test_a_log_that_cannot_be_is_refused(text, settings, told):
    with pytest.raises(LrstepError, match=told):
        answer(text, **settings)


def test_several_features_have_more_weights_than_a_log_has_numbers(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("a,b,y\n1,2,3\n2,3,5\n4,1,2\n")
    with pytest.raises(LrstepError, match="2 features have as many start weights"):
        answer("1/1 - loss: 1.0", open_source(str(path), ("a", "b"), "y"))


def test_forms_of_a_log():
    lines = "Epoch 1/2\n{0} - loss: 9.5000 - val_loss: 1.0\nnoise\nEpoch 2/2\n{0} - loss: 8.0e-04"
    for count in ("1/1 ━━━ 0s 1ms/step", "12/12 [======] - 0s 15us/sample", "1/1 - 0s", "", "\x1b[1m1/1\x1b[0m ━ 0s"):
        log = parse_log(lines.format(count))
        assert [epoch.loss.value for epoch in log.epochs] == [9.5, 8e-4] and (log.asked, log.more) == (2, False)
    bar = "Epoch 1/1\r\n\r1/3 ━ 2s - loss: 1.0\b\b\b\b\r2/3 ━ loss: 2.0\b\b\r3/3 ━ 0s - loss: 3.0\r\n"
    assert parse_log(bar).epochs[0][2:] == (3, 3)
    again = parse_log("Epoch 1/2\n1/1 - loss: 2.0\nEpoch 1/2\n1/1 - loss: 1.0")
    assert again.more and len(again.epochs) == 1
    assert len(parse_log("1/1 - loss: 2.0\n1/1 - loss: 1.5\n1/2 - loss: 1.0").epochs) == 2
    gap = parse_log("Epoch 1/5\n1/1 - loss: 2.0\nEpoch 3/5\n1/1 - loss: 1.0")
    assert len(gap.epochs) == 1


@pytest.mark.parametrize(("text", "losses"), [
    ("{'loss': [535.4800415039062, 476.5], 'val_loss': [1.0, 2.0]}", [535.4800415039062, 476.5]),
    ('{"val_loss": [1.0], "loss": [5e-05]}', [5e-5]), ("[535.48,\n 4.5]\n", [535.48, 4.5]),
    ("{'loss': [np.float64(535.48), array(4.5, dtype=float32)]}", [535.48, 4.5]),
    ("epoch,loss,rmse\n0,535.48,23.1\n1,476.5,21.8\n", [535.48, 476.5]),
    ("epoch;acc;loss;val_loss\r\n0;1;535,48;1\r\n1;0;4,5;2\r\n", [535.48, 4.5]),
    (" \n         loss   rmse\n0  535.480042  23.14\n1    4.500000  21.83\n", [535.480042, 4.5]),
    (",loss,rmse\n0,535.48,23.1\n", [535.48]),
    ("loss,rmse\n535.48,23.1\n4.5,2.1\n", [535.48, 4.5]),
    ("the loss was high\nepoch,loss\n0,2.5\n1,1.5\n0,9.0\n", [2.5, 1.5]),
    ("epoch,loss\n0,2.5\n2,1.5\n", [2.5]),
    ("Epoch 1/1\n1/1 - loss: 535,4800 - rmse: 23,1404\n{'loss': [1.0]}", [535.48]),
    ("loss: 2.5, rmse: 1.5", [2.5]),
])  # fmt: skip
def test_forms_of_a_history(text, losses):
    assert [epoch.loss.value for epoch in parse_log(text).epochs] == losses


@pytest.mark.parametrize(("text", "problem"), [
    ("epoch,loss\n3,2.5\n", "begins with epoch 4"), ("the loss was 5\n", "no progress line"),
    ("epoch,loss\nx,1\n", "no progress line"), ("epoch,loss\n0,\n", "epoch 1 has no number for its loss"),
    ("1/1 - loss: 1,234.5678", "epoch 1 has no number for its loss"), ("{'loss': []}", "no progress line"),
    ("[1, 2] is a list", "no progress line"),
])  # fmt: skip
def test_a_history_without_a_first_loss_is_refused(text, problem):
    with pytest.raises(LrstepError, match=problem):
        parse_log(text)


def run(*arguments, stdin=""):
    return forked.run("from-log", *arguments, input=stdin)


def test_the_command_gives_the_line_that_opens_the_run():
    done = run(str(LOGS / "full.log"), "mlcc", "--rho", "0.9")
    assert done.returncode == 0, done.stderr
    command = done.stdout.splitlines()[-1].split()
    assert command[0] == "lrstep" and {"--batch-size", "12", "--epochs", "5", "--weight", "-0.8348488"} <= {*command}
    traced = forked.run("trace", *command[1:], "--format", "csv")
    assert "892.991" in traced.stdout.splitlines()[1]


def test_the_command_s_statuses_and_json():
    done = run("-", "mlcc", "--format", "json", stdin=(LOGS / "shuffled.log").read_text())
    told = json.loads(done.stdout)
    assert done.returncode == 1 and told["weight"] is None and told["candidates"]
    done = run("-", "mlcc", "--weight", "1", stdin="1/1 - loss: 1.0")
    assert done.returncode == 2 and "Leave it out" in done.stderr
    assert run("-", "own-run", stdin="1/1 - loss: 1.0").returncode == 2


@pytest.mark.parametrize(
    ("weight", "error", "text"),
    [
        (1 / 3, 0.0, "0.33333333333333331"), (1 / 3, 1e-9, "0.3333333333"), (1 / 3, 0.1, "0.333333"),
        (1234567.0, 1.0, "1234567.0"), (0.0, 1e-3, "0.0000"),
    ],
)  # fmt: skip
def test_a_weight_has_the_digits_that_are_known_of_it_and_at_least_six(weight, error, text):
    assert weight_text(StartWeight(weight, error, (), 0, 0.0)) == text


def test_of_one_batch_an_epoch_the_order_does_not_matter():
    run = MLCC.changed(MLCC.settings.changed(batch_size=12, weight=0.25, epochs=5)).run()
    found = [answer(printed(run), batch_size=12, shuffle=shuffle).sure for shuffle in (False, True)]
    assert found[0].weight == found[1].weight and abs(found[0].weight - 0.25) < found[0].error


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("loss", ["4.5e+300", "1.0e+38", "0.0000", "1.0e-40"])
@pytest.mark.parametrize(("x", "y"), [(1.0, 1.0), (1e150, 1e300), (1e-320, 1e-310), (1e308, 1.0), (0.0, 1.0)])
def test_losses_and_data_of_any_size_have_an_answer(x, y, loss, batch_size):
    dataset = Dataset("any", np.array([1.0, -1.0, 0.5]) * x, np.array([1.0, 0.0, 3.0]) * y)
    settings = MLCC.settings.changed(batch_size=batch_size, epsilon=0.0)
    counted = 3 // batch_size
    log = "\n".join(f"Epoch {e}/2\n{counted}/{counted} - 0s - loss: {loss}" for e in (1, 2))
    found = from_log(dataset, settings, parse_log(log))
    assert found.sure is None or np.isfinite([found.sure.weight, found.sure.error]).all()
    assert "least is inf" not in said(found) and "least is nan" not in said(found)


def test_one_sample_is_one_and_a_weight_that_rounds_to_0_is_0():
    run = Run(Dataset("d", [3.0], [2.0]), Settings(epochs=2, weight=0.5))
    run.advance(2)
    found = from_log(run.dataset, run.settings, parse_log(printed(run)))
    assert "which the one sample has at the start. Two weights have it" in said(found)
    assert weight_text(StartWeight(-1e-300, 5.0, (), 0, 0.0)).startswith("0.0")


@pytest.mark.parametrize("settings", [
    {"optimizer": "sgd", "learning_rate": 0.3}, {"optimizer": "rmsprop-pytorch", "learning_rate": 1.0},
])  # fmt: skip
def test_what_is_not_known_of_a_start_may_grow_and_no_other_settings_are_to_blame(settings):
    data = Dataset("d", [2.0, 5.0, 3.0], [3.0, -1.0, 4.0])
    run = Run(data, Settings(weight=0.08414785, batch_size=3, epochs=4, **settings))
    found = from_log(data, run.settings.changed(weight=None), parse_log(printed(run, 2)))
    assert "Another optimizer" not in said(found)
    assert found.sure is None or abs(found.sure.weight - 0.08414785) <= found.sure.error


@pytest.mark.parametrize("size", [2, 4])
def test_of_a_feature_of_zeros_any_start_weight_has_the_loss(size):
    data = Dataset("zeros", [0.0] * 4, [3.0, 2.0, 1.0, 5.0])
    run = Run(data, Settings(weight=0.5, batch_size=size, epochs=2))
    found = from_log(data, run.settings.changed(weight=None), parse_log(printed(run)))
    assert found.sure is None and "any start weight has the same loss" in said(found)
