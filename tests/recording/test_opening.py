"""A recording opens as a run, each step from the state that Keras had, and is judged without Keras."""

import json
from pathlib import Path

import pytest

from lrstep.check.headless import check_command
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run
from lrstep.sources import resume
from lrstep.sources.source import open_run, open_source

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
