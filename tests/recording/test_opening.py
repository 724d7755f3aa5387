"""A recording opens as a run, each step from the state that Keras had, and is judged without Keras."""

import asyncio
import csv
import io
import json
import math
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrstep.check import drift
from lrstep.check.headless import check_command
from lrstep.check.judge import judge_of
from lrstep.check.recorded_steps import judge_recorded
from lrstep.core.parting import Parting
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.export_file import export
from lrstep.export.rows import row
from lrstep.export.tables import write_csv
from lrstep.sources import resume
from lrstep.sources.open_source import open_run, open_source
from lrstep.sources.runfile import save

RECORDING = Path(__file__).with_name("mlcc.toml")


def checked(path):
    said = []
    status = check_command(open_source(str(path)).run(), as_json=True, echo=said.append)
    return status, json.loads(said[0])


def test_it_has_the_recorded_start_order_and_numbers():
    run = open_source(str(RECORDING)).run()
    assert isinstance(run, RecordedRun) and run.n_iterations == 9
    first = run.iteration(1)
    assert (first.samples + 1).tolist() == [2, 1, 6, 9]
    assert first.before.parameters == pytest.approx((-0.27657616, 0.0), rel=1e-7)
    assert run.iteration(2).before.parameters == tuple(run.recording.parameters[1].tolist())
    assert run.iteration(9).cumulative_rmse == pytest.approx(20.249882, rel=1e-6)


def test_a_free_run_from_its_start_ends_where_keras_did():
    source = open_source(str(RECORDING))
    for run in (Run(source.dataset, source.settings), source.run().freely()):
        assert run.state(9).parameters == pytest.approx(tuple(source.recording.parameters[-1].tolist()), rel=1e-6)


def test_a_run_with_another_rate_begins_where_the_recorded_one_does():
    recorded = open_source(str(RECORDING)).run()
    other = Run(recorded.dataset, recorded.settings.changed(learning_rate=0.1))
    for run in (recorded, other):
        run.iteration(9)
    assert Parting(recorded, other).until(9, 9) == Parting(other, recorded).until(9, 9) == 0


def test_every_step_is_confirmed():
    status, document = checked(RECORDING)
    assert (status, document["checked"], document["confirmed"]) == (0, 9, 9)
    assert document["drift"]["largest"] < 1e-6 and document["drift"]["iterations"] == 9
    assert document["versions"] == {"python": "3.11.7", "keras": "3.15.1", "tensorflow": "2.21.0"}


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"1,2 1 6 9,0.05,-216.72115": "1,2 1 6 9,0.05,-216.73115"}, 1),
        ({"0.026519418,": "0.026519918,"}, 2),
        ({"26550.23,": "26550.33,"}, 2),
        ({"1,5 8 7 12,": "1,5 8 7 11,", "1,11 10 3 4,": "1,12 10 3 4,"}, 2),
        ({"2,5 8 7 12,0.05,": "2,5 8 7 12,0.0501,"}, 5),
        ({",590.9309,": ",590.9409,"}, 3),
        ({"parameters = [-0.27657616, 0]": "parameters = [-0.27657616, 0.001]"}, 1),
        ({"accumulator = [0, 0]": "accumulator = [1, 0]"}, 1),
    ],
)
def test_a_tampered_number_is_caught_at_its_step(tmp_path, changes, step):
    text = RECORDING.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "run.toml").write_text(text)
    status, document = checked(tmp_path / "run.toml")
    assert (status, document["differing_iterations"][0]) == (1, step)


@pytest.mark.parametrize("source", ["own-run", str(RECORDING)])
@pytest.mark.parametrize("columns", [(("y",), None), ((), "x")])
def test_columns_are_its_own(source, columns):
    with pytest.raises(LrstepError, match="a recording has its own features and label"):
        open_source(source, *columns)


def test_other_settings_leave_the_recording_for_a_free_run():
    source = open_source(str(RECORDING))
    assert source.changed(source.settings).recording is source.recording
    assert type(source.changed(source.settings.changed(learning_rate=0.1)).run()) is Run


def test_it_can_be_resumed():
    source = open_source(str(RECORDING))
    resume.keep(source.run_file(cursor="4", hashed=True))
    kept = resume.kept()
    again = open_run(kept.run, "the kept run")
    assert isinstance(again.run(), RecordedRun) and again.cursor == "4"


def test_a_run_file_of_it_names_changes_alone(tmp_path):
    """Its order may have a million numbers."""
    source = open_source(str(RECORDING))
    path = tmp_path / "later.toml"
    save(path, source.run_file(cursor="4"))
    assert path.read_text().endswith("[settings]\n") and open_source(str(path)).recorded
    free = source.changed(source.settings.changed(learning_rate=0.1, epochs=5))
    save(path, free.run_file(), force=True)
    assert path.read_text().count("\n") == 8
    again = open_source(str(path))
    assert (again.settings, again.title, again.recorded) == (free.settings, free.title, False)
    back = again.changed(source.settings)
    assert back.recorded and back.title == source.title


def test_shuffling_gives_up_the_recorded_order():
    source = open_source(str(RECORDING))
    assert source.changed(source.settings.changed(shuffle=True)).run().settings.order is None


def test_traces_have_what_keras_had_in_columns_of_their_own():
    out = io.StringIO()
    run = open_source(str(RECORDING)).run()
    write_csv(run, out)
    head, *rows = csv.reader(io.StringIO(out.getvalue()))
    last = dict(zip(head, rows[-1], strict=True))
    assert float(last["keras_weight"]) == run.recording.parameters[9, 0]
    assert float(last["keras_cumulative_rmse"]) == run.recording.printed["rmse"][8]
    assert last["learning_rate"] == "0.05"


@pytest.mark.parametrize("kind", ["py", "keras"])
def test_a_script_of_it_takes_the_recorded_order_from_the_recorded_start(tmp_path, kind):
    run = open_source(str(RECORDING)).run()
    export(run, tmp_path / "run.py", kind=kind)
    text = (tmp_path / "run.py").read_text()
    assert "[2, 1, 6, 9, 5, 8, 7, 12, 11, 10, 3, 4]," in text and "-0.27657616" in text
    if kind == "py":
        done = subprocess.run([sys.executable, tmp_path / "run.py"], capture_output=True, text=True, check=True)
        weight, bias = map(float, done.stdout.splitlines()[-1].split()[8:10])
        assert (weight, bias) == pytest.approx(tuple(run.recording.parameters[9]), rel=1e-6)


@pytest.mark.parametrize(("dtype", "line"), [("float32", "\n# keras.config"), ("float64", "\nkeras.config")])
def test_a_keras_script_computes_in_the_type_that_was_recorded(tmp_path, dtype, line):
    (tmp_path / "run.toml").write_text(RECORDING.read_text().replace('"float32"', f'"{dtype}"'))
    export(open_source(str(tmp_path / "run.toml")).run(), tmp_path / "run.py", kind="keras")
    assert f'{line}.set_floatx("float64")' in (tmp_path / "run.py").read_text()


@pytest.mark.parametrize(("start", "fresh"), [("0.1", True), ("0.100000001490116", True), ("0.10000003", False)])
def test_a_start_is_fresh_as_float32_holds_it(tmp_path, start, fresh):
    text = RECORDING.read_text().replace("[0, 0]", f"[{start}, 0.1]").replace('"rmsprop"', '"adagrad"')
    options = "rho = 0.9\nmomentum = 0.0\nepsilon = 1e-07\ncentered = false"
    assert options in text
    (tmp_path / "run.toml").write_text(text.replace(options, "initial_accumulator = 0.1\nepsilon = 1e-07"))
    run = open_source(str(tmp_path / "run.toml")).run()
    try:
        assert export(run, tmp_path / "made.py") and fresh
    except LrstepError as error:
        assert "trained before" in error.message and not fresh


@pytest.mark.parametrize("kind", ["py", "keras", "xlsx"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"2,5 8 7 12,0.05,": "2,5 8 7 12,0.025,"}, "changes its learning rate"),
        ({"iterations = 0": "iterations = 7"}, "trained before"),
        ({"accumulator = [0, 0]": "accumulator = [0, 2]"}, "trained before"),
        ({"count = 9": "count = 8", "\n3,11 10": "\n'''\n# "}, "broken off"),
    ],
)
def test_what_a_script_cannot_compute_is_refused(tmp_path, kind, changes, told):
    text = RECORDING.read_text()
    for old, new in changes.items():
        text = text.replace(old, new)
    if "broken" in told:
        text = text.partition("\n# ")[0]
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(LrstepError, match=told):
        export(open_source(str(tmp_path / "run.toml")).run(), tmp_path / f"made.{kind}", kind=kind)


def test_what_is_summed_over_an_epoch_may_be_off_by_the_rounding_of_each_batch(monkeypatch):
    monkeypatch.setattr("lrstep.check.recorded_steps.step_bounds", lambda *_: defaultdict(lambda: 1e-3))
    run = open_source(str(RECORDING)).run()
    for number in range(1, 10):
        for quantity in judge_recorded(run, number).quantities:
            often = 2 * run.iteration(number).batch if quantity.name.startswith("cumulative") else 1
            assert quantity.bound == pytest.approx(often * 1e-3), quantity.name


def test_the_first_step_is_judged_whatever_was_printed_in_the_end():
    recording = open_source(str(RECORDING)).run().recording
    printed = {name: np.array([*values[:-1], math.nan]) for name, values in recording.printed.items()}
    assert judge_recorded(RecordedRun(replace(recording, printed=printed)), 1).confirmed


def test_the_learning_rate_of_each_step_is_in_its_row(tmp_path):
    (tmp_path / "run.toml").write_text(RECORDING.read_text().replace("2,5 8 7 12,0.05,", "2,5 8 7 12,0.025,"))
    run = open_source(str(tmp_path / "run.toml")).run()
    assert [row(run, run.iteration(number))["learning_rate"] for number in range(3, 8)] == [
        0.05,
        0.05,
        0.025,
        0.05,
        0.05,
    ]


def test_steps_are_judged_by_their_rate_and_the_count_of_an_optimizer_that_had_trained_before(tmp_path, monkeypatch):
    text = RECORDING.read_text().replace("iterations = 0", "iterations = 7")
    (tmp_path / "run.toml").write_text(text.replace("2,5 8 7 12,0.05", "2,5 8 7 12,0.02"))
    run, asked = open_source(str(tmp_path / "run.toml")).run(), []

    def bounds(given, settings, _):
        asked.append((given.iteration, given.count, given.m, settings.learning_rate))
        return defaultdict(lambda: 1.0)

    monkeypatch.setattr("lrstep.check.recorded_steps.step_bounds", bounds)
    for number in (1, 5):
        judge_recorded(run, number)
    assert asked == [(8, 0, 4, 0.05), (12, 4, 4, 0.02)]


def test_its_free_run_goes_on_from_the_count_of_an_optimizer_that_had_trained_before(tmp_path, monkeypatch):
    (tmp_path / "run.toml").write_text(RECORDING.read_text().replace("iterations = 0", "iterations = 7"))
    run, asked = open_source(str(tmp_path / "run.toml")).run(), []
    own = drift.approximations
    monkeypatch.setattr(drift, "approximations", lambda given, *how: asked.append(given.iteration) or own(given, *how))

    async def follow():
        free = drift.Drift(run, "float32")
        async for point in judge_of(run, "float32").fit(run):
            free.add(point)

    asyncio.run(follow())
    assert asked == [*range(8, 17)]
