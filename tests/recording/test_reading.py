"""A recording is read whole, or refused with the line that cannot be."""

import ast
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import lrstep
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.errors import LrstepError
from lrstep.sources.recording import is_recording, read_recording, title_of

TEXT = (Path(__file__).parent / "mlcc.toml").read_text()  # a run of the question's script, with shuffle
STEP = TEXT.splitlines().index(next(line for line in TEXT.splitlines() if line.startswith("epoch,"))) + 2


def row(number):
    """The line of a step, from 1, as text."""
    return TEXT.splitlines()[STEP - 2 + number]


def with_cell(number, column, cell):
    cells = row(number).split(",")
    return row(number), ",".join([*cells[:column], cell, *cells[column + 1 :]])


@pytest.fixture
def read(tmp_path):
    def reading(text, name="run.toml"):
        (tmp_path / name).write_text(text)
        return read_recording(tmp_path / name)

    return reading


def test_a_recording_of_real_keras(read):
    recording = read(TEXT)
    settings = recording.settings
    assert (len(recording), settings.optimizer, settings.batch_size, recording.epochs) == (9, "rmsprop", 4, 3)
    assert len(recording.dataset) == 12 and recording.dataset.features == ("x",)
    assert recording.dataset.y[1] == 8.8 != float(np.float32(8.8))  # as a person wrote it
    assert recording.learning_rate.tolist() == [0.05] * 9
    assert (settings.rho, settings.momentum, settings.epsilon, settings.centered) == (0.9, 0, 1e-7, False)
    assert recording.parameters.shape == recording.slots["accumulator"].shape == (10, 2)
    assert recording.parameters[0, 0] == float(np.float32(-0.27657616)) != settings.weight == -0.27657616
    assert [sorted(order) for order in settings.order] == [list(range(1, 13))] * 3
    assert set(recording.printed) == {"loss", "rmse"}
    for array in (recording.epoch, recording.gradients, recording.parameters, recording.loss, recording.learning_rate):
        assert not array.flags.writeable
        assert array.dtype == np.float64 or array.dtype == np.intp


def test_a_fit_that_was_broken_off(read):
    """The samples that its last epoch had not come to stand behind the others, in the order of the data."""
    text = (
        TEXT.replace("count = 9", "count = 8").replace(row(9) + "\n", "").replace("finished = true", "finished = false")
    )
    recording = read(text)
    assert recording.settings.order[2] == (2, 1, 6, 9, 5, 8, 7, 12, 3, 4, 10, 11)
    assert title_of(recording, recording.settings).endswith("as it ran: 8 recorded steps, broken off in epoch 3 of 3")
    of_ten = replace(recording, epochs=10)
    assert title_of(of_ten, of_ten.settings).endswith("broken off in epoch 3 of 10")
    later = replace(recording, epoch=recording.epoch + 3, epochs=9, finished=True)
    assert (
        title_of(later, later.settings)
        == "Keras 3.15.1 on tensorflow 2.21.0, as it ran: 8 recorded steps, from its epoch 4 on"
    )


def test_a_learning_rate_of_0_or_below_is_a_step_like_any_other_but_one_is_above(read):
    recording = read(TEXT.replace(",0.05,", ",0,", 2).replace(",0.05,", ",-0.01,", 1))
    assert recording.learning_rate[:4].tolist() == [0, 0, -0.01, 0.05] and recording.settings.learning_rate == 0.05
    with pytest.raises(LrstepError, match=r"line 50: the learning rate is never above 0"):
        read(TEXT.replace(",0.05,", ",0,"))


def test_which_texts_are_recordings():
    assert is_recording(TEXT) and is_recording("# a\n\n# b\r\n  recording = 7")
    assert not is_recording('title = "x"\n[data]\nrecording = 1\n') and not is_recording("")


def test_what_diverged_is_read(read):
    recording = read(TEXT.replace(*with_cell(9, 5, "inf")).replace(",0.05,", ",0.5,", 1))
    assert recording.parameters[9, 0] == np.inf
    assert recording.learning_rate[:2].tolist() == [0.5, 0.05]


@pytest.mark.parametrize(
    ("old", "new", "told", "line"),
    [
        ("recording = 1\n", "recording = 2\n", "version 2, and this lrstep reads version 1", 2),
        ("recording = 1\n", "recording = 99999999999999999999999\n", "more than 64 bits", 2),
        ("recording = 1\n", "recording = true\n", "no recording", 2),
        ("recording = 1\n", "recording = 1\nmore = 1\n", "unknown key 'more'", 3),
        ("recording = 1\n", "", "no recording", 0),
        ('dtype = "float32"', 'dtype = "float16"', "neither float32 nor float64", 8),
        ("jit_compile = false", "jit_compile = 0", "jit_compile is no true or false", 9),
        ("jit_compile = false\n", "", "there is no jit_compile in [keras]", 4),
        ("epochs = 3", "epochs = 0", "epochs 0", 12),
        ("epochs = 3", "epochs = 2", "epoch '3' cannot be here", 0),
        ("epochs = 3", "epochs = 3.0", "epochs is no whole number: 3.0", 12),
        ("batch_size = 4", "batch_size = 3", "4 samples, where the batch has 3", STEP),
        ("samples = 12", "samples = 13", "12 samples here, and the file says 13", 0),
        ("samples = 12", "samples = 1000000000000000", "12 samples here", 0),
        ("features = [\"x\"]", "features = []", "features are none", 17),
        ("features = [\"x\"]", 'features = ["x", "x"]', "two of one name", 17),
        ("features = [\"x\"]", "features = [1]", "1 is no name", 17),
        ("features = [\"x\"]", 'features = ["z"]', "column 1 is 'x' and should be 'z'", 0),
        ("table = '''\nx,y\n", "file = \"a.csv\"\ntable = '''\nx,y\n", "not one of table and file", 16),
        ("\n2,8.8\n", "\n2,nan\n", "'nan' is not finite", 23),
        ("\n2,8.8\n", "\n2,1e39\n", "'1e39' is not finite", 23),
        ("\n2,8.8\n", "\n2,8_8\n", "'8_8' is no number", 23),
        ("\n2,8.8\n", "\n2,8٫8\n", "'8٫8' is no number", 23),
        ("\n2,8.8\n", "\n2,8.8,1\n", "3 cells, where the line of names has 2", 23),
        ("\n2,8.8\n", "\n2,8.8\n2,8.8\n", "13 samples here, and the file says 12", 0),
        ('name = "rmsprop"', 'name = "nadam"', "optimizer 'nadam' is unknown", 0),
        ('name = "rmsprop"', 'name = ["rmsprop"]', "is unknown", 0),
        ('name = "rmsprop"', 'name = "sgd"', "unknown key 'rho'", 0),
        ("rho = 0.9", "rho = 1.5", "rho 1.5 is not valid", 0),
        ("rho = 0.9", "rho = nan", "rho nan is not valid", 0),
        ("rho = 0.9", 'rho = "0.9"', "rho is no number", 0),
        ("centered = false", "centered = true", "there is no mean_gradient in [start]", 0),
        ("momentum = 0.0", "momentum = 0.5", "there is no momentum in [start]", 0),
        ("iterations = 0", "iterations = -1", "iterations -1 is not valid", 0),
        ("accumulator = [0, 0]", "accumulator = [0]", "accumulator has 1 number, and the run has 2 parameters", 0),
        ("accumulator = [0, 0]", "accumulator = [0, true]", "accumulator is no number", 0),
        ("accumulator = [0, 0]", f"accumulator = [0, {'9' * 150}]", "more than 64 bits", 0),
        ("accumulator = [0, 0]", f"accumulator = [0, {'9' * 400}]", "a value of 400 characters that is no text", 0),
        ("accumulator = [0, 0]", f"accumulator = [0, {'9' * 5000}]", "", 0),
        ("parameters = [-0.27657616, 0]", "parameters = [nan, 0]", "parameters has a number that is not finite", 0),
        ("accumulator = [0, 0]", "accumulator = [1e39, 0]", "accumulator has a number that is not finite", 0),
        ("count = 9", "count = 8", "9 steps here, and the file says 8", 0),
        ("epoch,samples,", "epoch,sample,", "column 2 is 'sample' and should be 'samples'", STEP - 1),
        ("printed_loss,", "shown_loss,", "column 11 is 'shown_loss' and should be 'printed_loss'", STEP - 1),
        ("printed_rmse", "printed_mae", "columns too many", STEP - 1),
        ("printed_rmse", "printed_rmse,printed_rmse", "12 cells, where the line of names has 13", 0),
        (*with_cell(2, 0, "0"), "epoch '0' cannot be here", STEP + 1),
        (*with_cell(4, 0, "1"), "4 samples, where the batch has 0", STEP + 3),
        (*with_cell(3, 0, "2"), "an epoch begins, and the one before left out 4 samples", STEP + 2),
        (*with_cell(4, 0, "3"), "epoch '3' cannot be here", STEP + 3),
        (*with_cell(2, 1, "5 8 7"), "3 samples, where the batch has 4", STEP + 1),
        (*with_cell(4, 0, "x"), "'x' is no whole number", STEP + 3),
        (*with_cell(1, 1, "1 2 3 13"), "sample '13' is none of 1 … 12", STEP),
        (*with_cell(1, 1, "0 1 2 3"), "sample '0' is none of 1 … 12", STEP),
        (*with_cell(1, 1, "1 2 3 3"), "sample 3 comes a second time in epoch 1", STEP),
        (*with_cell(1, 1, "1  2 3"), "'' is no whole number", STEP),
        (*with_cell(1, 1, "-1 2 3"), "'-1' is no whole number", STEP),
        (*with_cell(1, 1, f"{'9' * 5000}"), "is no whole number", STEP),
        (*with_cell(1, 2, "nan"), "'learning_rate': 'nan' is not finite", STEP),
        (*with_cell(3, 6, "1e300"), "'1e300' is not a float32", STEP + 2),
        (*with_cell(3, 6, ""), "'bias': '' is no number", STEP + 2),
        (*with_cell(3, 6, "e"), "'e' is no number", STEP + 2),
        (*with_cell(3, 6, "\ud7ff"), "is no number", STEP + 2),
        ("\n'''\n\n[optimizer]", "\n\n[optimizer]", "no valid TOML", 0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_line(read, old, new, told, line):
    assert old in TEXT
    with pytest.raises(LrstepError) as refusal:
        read(TEXT.replace(old, new, 1))
    assert told in refusal.value.message
    assert len(refusal.value.message) < 400 and refusal.value.hint
    if line:
        step = f", step {line - STEP + 1}" if line >= STEP else ""
        assert f", line {line}{step}: " in refusal.value.message


@pytest.mark.parametrize("at", range(40, len(TEXT), 97))
def test_a_file_that_was_cut_off_is_refused(read, at):
    with pytest.raises(LrstepError):
        read(TEXT[:at])


@pytest.mark.parametrize("table", ["keras", "fit", "data", "optimizer", "start", "steps"])
def test_a_table_that_is_missing_or_none_is_refused(read, table):
    begin, _, rest = TEXT.partition(f"[{table}]\n")
    end = rest[rest.index("\n\n[") :] if "\n\n[" in rest else ""
    with pytest.raises(LrstepError, match=f"there is no {table}"):
        read(begin + end)
    with pytest.raises(LrstepError, match=f"{table} is no table"):
        read(begin.replace("recording = 1\n", f"recording = 1\n{table} = 3\n") + end)


def test_data_in_a_file_beside(read, tmp_path):
    rows = TEXT.split("'''")[1].removeprefix("\n")
    (tmp_path / "run-data.csv").write_text(rows)
    beside = f'file = "run-data.csv"\nsha256 = "{hashlib.sha256(rows.encode()).hexdigest()}"'
    text = TEXT.replace(f"table = '''\n{rows}'''", beside)
    assert read(text).dataset.y.tolist() == read(TEXT).dataset.y.tolist()
    (tmp_path / "run-data.csv").write_text(rows.replace("8.8", "8.9"))
    with pytest.raises(LrstepError, match="is not the data that the run was recorded with"):
        read(text)
    for name in ("../run-data.csv", "/etc/passwd", "run-data.txt", "a\\\\b.csv", "none.csv"):
        with pytest.raises(LrstepError, match=r"is not valid|no such file"):
            read(text.replace("run-data.csv", name))
    with pytest.raises(LrstepError, match="is not valid"):
        read(text.replace('"run-data.csv"', "1"))


def test_the_recorder_has_the_optimizers_that_keras_has():
    parts = ast.parse((Path(lrstep.__file__).parent / "keras.py").read_text()).body  # read: Keras would take seconds
    named = [part for part in parts if ast.unparse(part).startswith(("class _Kind(", "KINDS = "))]
    known = {"NamedTuple": NamedTuple, "Any": Any}
    exec(ast.unparse(ast.Module(named, [])), known)
    for optimizer in OPTIMIZERS.values():
        if optimizer.keras:
            settings = tuple(optimizer.keras_names.get(name, name) for name in optimizer.options)
            slots = {slot.keras: slot.name for slot in optimizer.slots}
            assert known["KINDS"].pop(optimizer.keras) == (optimizer.name, settings, slots, optimizer.counts)
    assert not known["KINDS"]
