"""`lrstep compare`: every number is that of the run alone, where runs part is found by stepping, refusals are said."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from lrstep.cli import cli
from lrstep.export import comparison
from lrstep.export.rows import row
from lrstep.sources.against import Comparison, parse_against
from lrstep.sources.lanes import lockstep
from lrstep.sources.open_source import open_source

RECORDING = Path(__file__).parents[1] / "recording" / "mlcc.toml"


def runs_of(*against, name=None, **settings):
    source = open_source(name)
    source = replace(source, settings=source.settings.changed(**settings))
    return lockstep(replace(source, comparison=Comparison(tuple(map(parse_against, against)))))


def written(form, runs, **how):
    out = io.StringIO()
    getattr(comparison, f"write_{form}")(runs, out, **how)
    return out.getvalue()


def command(*args):
    """The command, without a process of its own."""
    return CliRunner().invoke(cli, ["compare", *args])


@pytest.mark.parametrize("name", [None, str(RECORDING)])
def test_every_number_is_that_of_the_run_alone_after_each_epoch(name) -> None:
    runs = runs_of("batch_size=5", "optimizer=adam lr=0.5 epochs=2", "scale=standard", name=name)
    found = json.loads(written("json", runs))
    assert [head["label"] for head in found["runs"]] == [lane.label for lane in runs.lanes]
    for place, lane in enumerate(runs.lanes, 1):
        alone = lane.run.again()
        own = [values for values in found["epochs"] if values["run"] == place]
        assert [values["epoch"] for values in own] == list(range(lane.run.settings.epochs + 1))
        assert own[0]["weight"] == alone.start.weights[0] and "cumulative_loss" not in own[0]
        for values in own[1:]:
            assert values["iteration"] == values["epoch"] * alone.batches.per_epoch
            its = row(alone, alone.iteration(values["iteration"]))
            shared = values.keys() - {"run", "label", "lowest"}
            assert {"full_rmse", "full_loss", "cumulative_rmse", "weight", "bias"} < shared
            assert {key: values[key] for key in shared} == {key: its[key] for key in shared}
    read = list(csv.DictReader(io.StringIO(written("csv", runs))))
    for got, want in zip(read, found["epochs"], strict=True):
        assert {key: text for key, text in got.items() if text} == {
            key: value if isinstance(value, str) else repr(value) for key, value in want.items()
        }


def test_the_lowest_is_marked_in_the_units_of_the_data() -> None:
    runs = runs_of("scale=standard", "lr=0.005")
    found = json.loads(written("json", runs))
    for epoch in range(5):
        of_epoch = [values for values in found["epochs"] if values["epoch"] == epoch]
        errors = [values.get("unscaled_full_rmse", values["full_rmse"]) for values in of_epoch]
        assert [values["lowest"] for values in of_epoch] == [error == min(errors) for error in errors]
    assert found["lowest"] == 1 + errors.index(min(errors)) == 2
    table = written("table", runs)
    assert f"run 2, standard scaling, {min(errors):#.8g}." in table and "in the data's units" in table
    assert f"{of_epoch[1]['unscaled_weight']:#.8g}" in table and f"{of_epoch[1]['weight']:#.8g}" not in table


@pytest.mark.parametrize(
    ("settings", "against", "until", "said"),
    [
        # The momentum of SGD begins at 0: the first step is the same.
        ({"optimizer": "sgd", "learning_rate": 0.001}, "momentum=0.9", 1, "the same as run 1 until iteration 1"),
        ({}, "batch_size=1", 0, "the same as run 1 at the start only"),
        ({}, "weight=1", None, "it begins otherwise than run 1"),
        ({}, "epochs=2", 6, "the same as run 1 to the end"),
        ({}, "epochs=9", 12, "the same as run 1 to the end"),
    ],
)
def test_where_they_part(settings, against, until, said) -> None:
    runs = runs_of(against, **settings)
    assert json.loads(written("json", runs))["runs"][1]["same_until"] == until
    assert f"iterations; {said}\n" in written("table", runs)
    if until:
        one, other = (lane.run for lane in runs.lanes)
        assert all(one.state(k).parameters == other.state(k).parameters for k in range(until + 1))
        beyond = until + 1
        if beyond <= min(one.n_iterations, other.n_iterations):
            assert one.state(beyond).parameters != other.state(beyond).parameters


def test_a_run_that_diverges_is_said_and_never_the_lowest() -> None:
    runs = runs_of("optimizer=sgd lr=1e200", "optimizer=sgd lr=0.001")
    found = json.loads(written("json", runs))
    alone = runs.lanes[1].run.again()
    alone.advance(alone.n_iterations)
    assert [head["diverged_at"] for head in found["runs"]] == [None, alone.diverged_at, None]
    assert not any(values["lowest"] for values in found["epochs"][3:] if values["run"] == 2)
    assert f"Run 2, SGD lr 1e+200, diverged: from iteration {alone.diverged_at} on" in written("table", runs)
    assert f"Lowest RMSE of all data in the end: run {found['lowest']}, " in written("table", runs)


def test_all_runs_that_tie_have_the_lowest_rmse() -> None:
    runs = runs_of("batch_size=100", "epochs=1", batch_size=12)
    found = json.loads(written("json", runs))
    assert comparison.lowest(runs) == [1, 2] and found["lowest"] == 1
    assert "Lowest RMSE of all data in the end: runs 1 and 2, " in written("table", runs)


def test_the_table_fits_its_width_and_says_what_it_leaves_out(tmp_path) -> None:
    runs = runs_of("batch_size=1", "batch_size=12 lr=0.0123456789", "optimizer=rmsprop-pytorch epochs=2")
    for line in written("table", runs, width=80).splitlines():
        assert len(line) <= 80
    (tmp_path / "two.csv").write_text("a,b,y\n1,2,3\n2,1,5\n4,4,4\n")
    source = open_source(str(tmp_path / "two.csv"), ["a", "b"], "y")
    several = lockstep(replace(source, comparison=Comparison((parse_against("batch_size=3"),))))
    narrow = written("table", several, width=58)
    assert "left out for 58 columns: " in narrow and "left out" not in written("table", several)


def test_names_of_data_cannot_steer_the_terminal(tmp_path) -> None:
    (tmp_path / "other\x1b[31m.csv").write_text("x,y\n1,2\n2,5\n3,4\n")
    table = written("table", runs_of(f"'{tmp_path}/other\x1b[31m.csv'"))
    assert "\x1b" not in table and r"other\x1b[31m" in table


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "nothing to compare with: --against is missing"),
        (["--against", "batch_size=4"], "this is a run that is there already"),
        (["--against", "nothing.csv"], "nothing.csv"),
        (["--against", "lr=1"] * 4, "4 runs are too many"),
        (["--against", "lr=1", "--format", "csv", "--wide"], "--narrow and --wide are about the table"),
        (["--against", "epochs=999999999"], "is too far"),
        (["-", "--against", "-"], "standard input"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(args, said) -> None:
    done = command(*args)
    assert done.exit_code and said in f"{done.output}{done.exception}"


def test_files_and_recordings_may_stand_there_and_a_run_file_says_it_itself(tmp_path) -> None:
    recording = "tests/recording/mlcc.toml"
    done = command("mlcc", "--against", recording, "--format", "json")
    assert [head["dataset"]["n_samples"] for head in json.loads(done.output)["runs"]] == [12, 12]
    saved = tmp_path / "run.toml"
    saved.write_text('against = ["batch_size=1"]\nshown = 2\n[data]\nsample = "mlcc"\n')
    out = tmp_path / "runs.csv"
    assert command(str(saved), "--format", "csv", "-o", str(out)).exit_code == 0
    assert [values["label"] for values in csv.DictReader(out.open())][:2] == ["batch 4", "batch 1"]
    assert command(str(saved), "-o", str(out)).exit_code == 1  # it exists


def test_a_recording_that_was_broken_off_ends_within_its_last_epoch(tmp_path) -> None:
    text = (
        RECORDING.read_text().replace("count = 9", "count = 8").replace("\n3,11 10", "\n'''\n# ").partition("\n# ")[0]
    )
    (tmp_path / "broken.toml").write_text(text)
    runs = runs_of("lr=0.1", name=str(tmp_path / "broken.toml"))
    comparison.compute(runs)
    ends = [(values["run"], values["epoch"], values["iteration"]) for values in comparison.rows(runs)]
    assert ends[-2:] == [(1, 3, 8), (2, 3, 9)]
    assert runs.lanes[0].run.recorded and not runs.lanes[1].run.recorded


@pytest.mark.parametrize("first", [True, False])
def test_the_lowest_is_one_that_has_not_diverged_whichever_stands_first(first) -> None:
    rates = (1e200, 0.001) if first else (0.001, 1e200)
    runs = runs_of(f"lr={rates[1]}", optimizer="sgd", learning_rate=rates[0])
    comparison.compute(runs)
    ends = [values for values in comparison.rows(runs) if values["epoch"] == 4]
    assert [values["lowest"] for values in ends] == [not first, first]
