"""Whatever number of a recording is changed, check finds it at the step that it belongs to."""

import subprocess
import sys

import pytest

from lrstep.check.recorded_steps import judge_recorded
from lrstep.core.recorded_run import RecordedRun
from lrstep.errors import StepError
from lrstep.sources.recording import read_recording
from lrstep.sources.samples import get

TEXT = get("own-run").path.read_text()
LINES = TEXT.split("\n")
HEAD = next(i for i, line in enumerate(LINES) if line.startswith("epoch,samples,"))
COLUMNS = LINES[HEAD].split(",")
STEPS = [line.split(",") for line in LINES[HEAD + 1 : HEAD + 13]]
BATCHES = [list(map(int, step[1].split())) for step in STEPS]


@pytest.fixture
def first_wrong(tmp_path):
    """The first step that is not confirmed, or cannot be, in the text of a recording; None if all are."""

    def look(text):
        (tmp_path / "run.toml").write_text(text)
        try:
            run = RecordedRun(read_recording(tmp_path / "run.toml"))
        except StepError as error:
            return error.step
        return next((k for k in range(1, len(run.recording) + 1) if not judge_recorded(run, k).confirmed), None)

    return look


def with_step(number, cells):
    lines = [*LINES]
    lines[HEAD + number] = ",".join(cells)
    return "\n".join(lines)


def changed(cell):
    value = float(cell)
    return repr(value * (1 + 2e-4) if value else 0.001)


def test_as_it_is_nothing_is_found(first_wrong):
    assert first_wrong(TEXT) is None


@pytest.mark.parametrize("number", [1, 6, 12])
@pytest.mark.parametrize("column", COLUMNS[2:])
def test_a_number_of_a_step(first_wrong, column, number):
    cells, place = [*STEPS[number - 1]], COLUMNS.index(column)
    cells[place] = changed(cells[place])
    assert first_wrong(with_step(number, cells)) == number


@pytest.mark.parametrize("number", [1, 5, 12])
@pytest.mark.parametrize("place", [0, 3])
def test_a_sample_number_of_a_step(first_wrong, number, place):
    for other in {1, 6, 12} - {BATCHES[number - 1][place]}:
        cells, batch = [*STEPS[number - 1]], [*BATCHES[number - 1]]
        batch[place] = other
        cells[1] = " ".join(map(str, batch))
        found = first_wrong(with_step(number, cells))
        # One that comes twice in the epoch is found where it comes the second time.
        again = [k for k in range(1, 13) if k != number and STEPS[k - 1][0] == cells[0] and other in BATCHES[k - 1]]
        assert found == number or (found in again and found > number)


def test_two_samples_exchanged_between_steps_of_an_epoch(first_wrong):
    text = TEXT.replace("2,6 12 11 8,", "2,6 12 11 5,").replace("2,7 1 2 5,", "2,7 1 2 8,")
    assert text != TEXT and first_wrong(text) == 5


@pytest.mark.parametrize("number", [1, 2, 3, 6, 11])
def test_two_steps_exchanged(first_wrong, number):
    lines = [*LINES]
    lines[HEAD + number], lines[HEAD + number + 1] = lines[HEAD + number + 1], lines[HEAD + number]
    assert first_wrong("\n".join(lines)) == number


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("parameters = [-1.2654018, 0]", "parameters = [-1.2664018, 0]"),
        ("parameters = [-1.2654018, 0]", "parameters = [-1.2654018, 0.001]"),
        ("accumulator = [0, 0]", "accumulator = [20, 0]"),
        ("accumulator = [0, 0]", "accumulator = [0, 1]"),
        ("rho = 0.9", "rho = 0.8999"),
        ("momentum = 0.0", "momentum = 0.1"),
        ("epsilon = 1e-07", "epsilon = 1"),
        ("centered = false", "centered = true"),
        ("batch_size = 4", "batch_size = 5"),
    ],
)
def test_the_start_and_the_settings_are_found_at_the_first_step(first_wrong, old, new):
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    if "momentum" in old or "centered" in old:  # then other columns have to be there
        with pytest.raises(Exception, match=r"there is no (momentum|mean_gradient) in"):
            first_wrong(text)
    else:
        assert first_wrong(text) == 1


@pytest.mark.parametrize("sample", [1, 6, 12])
@pytest.mark.parametrize("column", [0, 1])
def test_a_number_of_the_data_is_found_where_it_is_first_used(first_wrong, sample, column):
    place = LINES.index("x,y") + sample
    cells = LINES[place].split(",")
    cells[column] = repr(float(cells[column]) + 0.01)
    text = "\n".join([*LINES[:place], ",".join(cells), *LINES[place + 1 :]])
    assert first_wrong(text) == next(k for k, batch in enumerate(BATCHES, 1) if sample in batch)


def test_check_ends_with_1_and_names_the_step_also_where_the_file_contradicts_itself(tmp_path):
    for old, new, told in (
        ("2,7 1 2 5,", "2,7 1 2 4,", "step 6: sample 4 comes a second time in epoch 2"),
        ("1,7 4 9 3,0.05,-321.20212", "1,7 4 9 3,0.05,-321.30212", "first iteration 3."),
    ):
        (tmp_path / "run.toml").write_text(TEXT.replace(old, new))
        done = subprocess.run(
            [sys.executable, "-m", "lrstep", "check", "run.toml"], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 1 and told in done.stdout, done.stderr
