"""What a run is compared with: as typed, in run files, and what tells the runs apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from lrstep.core.settings import FIELDS
from lrstep.errors import LrstepError
from lrstep.sources.against import MOST, Comparison, parse_against
from lrstep.sources.lanes import labels, lockstep
from lrstep.sources.open_source import open_source, side_by_side
from lrstep.sources.resume import keep, kept, reopen
from lrstep.sources.runfile import save
from lrstep.sources.runfile_reader import read

RECORDING = str(Path(__file__).parents[1] / "recording" / "mlcc.toml")


def source(*texts, name=None, **settings):
    opened = open_source(name)
    changed = opened.changed(opened.settings.changed(**settings)) if settings else opened
    return replace(changed, comparison=Comparison(tuple(map(parse_against, texts))))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("batch_size=1", {"batch_size": 1}),
        ("optimizer=sgd lr=0.001", {"optimizer": "sgd", "learning_rate": 0.001}),
        ("--learning-rate=.5 Batch-Size=3", {"learning_rate": 0.5, "batch_size": 3}),
        ("ρ=0.5 centered=yes", {"rho": 0.5, "centered": True}),
        ("weight=", {"weight": None}),
        ("'initial weight'=2", {"weight": 2.0}),
        ("weight='1 -2'", {"weight": (1.0, -2.0)}),
    ],
)
def test_settings_are_typed_by_every_name_that_they_have(text, settings):
    found = parse_against(text)
    assert (dict(found.settings), found.name) == (settings, "")
    assert parse_against(found.text) == found


@pytest.mark.parametrize("text", ["flats feature=rooms feature=area", "flats feature=rooms,area"])
def test_features_of_other_data_are_repeated_or_listed(text):
    assert parse_against(text).features == ("rooms", "area")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to compare with"),
        ("batch_size", "'batch_size' has no value"),
        ("batch_size=1 lr", "'lr' has no value"),
        ("bath_size=1", "there is no setting 'bath_size'\nDid you mean 'batch_size'?"),
        ("lr=1 learning_rate=2", "learning rate is there twice"),
        ("flats label=rent label=area", "label is there twice"),
        ("batch_size=0", "batch size '0' is not valid"),
        ("optimizer=sgdd", "optimizer 'sgdd' is not valid"),
        ("feature=x", "feature is no setting\nName the data before it"),
        ("lr='1", "a quotation mark is not closed"),
    ],
)
def test_what_is_no_setting_is_refused_by_name(text, said):
    with pytest.raises(LrstepError) as error:
        parse_against(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["lr=0.05"], "learning_rate=0.05: this is a run that is there already"),
        (["lr=0.1", "lr=0.10"], "is there already"),
        (["optimizer=sgd rho=0.5"], "sgd has no rho"),
        (["nothing.toml"], "nothing.toml: there is no such file"),
        (["-"], "standard input cannot be read"),
        ([f"seed={seed}" for seed in range(MOST + 1)], "4 runs are too many"),
    ],
)
def test_runs_that_cannot_stand_beside_it_are_refused(texts, said):
    with pytest.raises(LrstepError, match=said):
        lockstep(source(*texts))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["batch_size=1", "batch_size=12"], ["batch 4", "batch 1", "batch 12"]),
        (["optimizer=sgd lr=0.001"], ["RMSprop lr 0.05", "SGD lr 0.001"]),
        (["batch_size=1", "lr=0.1"], ["lr 0.05 batch 4", "batch 1", "lr 0.1"]),
        (["optimizer=rmsprop-pytorch", "optimizer=rmsprop-tf1"], ["Keras", "PyTorch", "TensorFlow 1"]),
        (["optimizer=rmsprop-tf2", "optimizer=adam"], ["RMSprop", "RMSprop of tf.keras 2.10", "Adam"]),
        (["optimizer=rmsprop-tf2 rho=0.5"], ["Keras ρ 0.9", "tf.keras 2.10 ρ 0.5"]),
        (["epochs=1", "shuffle=yes seed=3"], ["4 epochs w 0.0825548 not shuffled", "1 epoch", "seed 3 shuffled"]),
        (["seed=3"], ["w 0.0825548", "seed 3"]),
        (["line16", "anscombe-3 lr=0.1"], ["mlcc", "line16", "anscombe-3"]),
        ([RECORDING], ["mlcc", "mlcc.toml"]),
    ],
)
def test_a_label_tells_what_differs(texts, expected):
    assert labels(side_by_side(source(*texts))) == expected


def test_a_recording_beside_a_free_run_of_the_same_data():
    recorded = source("lr=0.1", name=RECORDING)
    assert labels(side_by_side(recorded)) == ["recorded lr 0.05", "free run lr 0.1"]
    assert side_by_side(recorded)[0].recorded and not side_by_side(recorded)[1].recorded


def test_a_table_of_data_takes_the_settings_of_the_run_beside_it_and_a_run_file_has_its_own(tmp_path):
    table, other = tmp_path / "two.csv", tmp_path / "other.toml"
    table.write_text("a,b,y\n1,2,3\n4,5,7\n6,1,2\n")
    other.write_text('against = "lr=7"\nshown = 2\n[data]\nsample = "line16"\n[settings]\nlearning_rate = 0.5\n')
    runs = source(
        f"{table} feature=a,b label=y batch_size=2", f"{table} feature=b label=y", f"{other} epochs=2", rho=0.5
    )
    _, both, one, own = side_by_side(runs)
    assert (both.settings.rho, both.settings.batch_size, both.settings.weight) == (0.5, 2, None)
    assert (one.dataset.feature, one.settings) == ("b", runs.settings)
    assert (own.settings.learning_rate, own.settings.rho, own.settings.epochs) == (0.5, 0.9, 2)
    assert own.comparison == Comparison() and side_by_side(own) == (own,)  # what it is compared with is not there


def test_another_label_of_the_same_table_is_refused(tmp_path):
    table = tmp_path / "two.csv"
    table.write_text("a,b,y\n1,2,3\n4,5,7\n6,1,2\n")
    mine = replace(open_source(str(table), ["a"], "y"))
    with pytest.raises(LrstepError, match="the label is b, and that of the run beside it y"):
        lockstep(replace(mine, comparison=Comparison((parse_against(f"{table} feature=a label=b"),))))


def test_run_files_and_the_kept_run_have_it(tmp_path, monkeypatch):
    table = tmp_path / "data" / "two.csv"
    table.parent.mkdir()
    table.write_text("x,y\n1,2\n4,5\n")
    monkeypatch.chdir(tmp_path)
    comparison = source("batch_size=1", "data/two.csv lr=0.2").comparison._replace(pace="epoch", shown=1)
    run = open_source().run_file("7.gradient", hashed=True, comparison=comparison)
    save(tmp_path / "run.toml", run)
    assert 'against = ["batch_size=1", "data/two.csv learning_rate=0.2"]' in (tmp_path / "run.toml").read_text()
    (tmp_path / "runs").mkdir()
    save(tmp_path / "runs" / "run.toml", read(tmp_path / "run.toml"))
    assert "../data/two.csv" in (tmp_path / "runs" / "run.toml").read_text()
    keep(run)
    monkeypatch.chdir("/")
    again = reopen(kept().run).source
    whole = comparison._replace(against=(comparison.against[0], comparison.against[1].at(str(table))))
    assert (again.comparison, again.cursor) == (whole, "7.gradient")
    assert read(tmp_path / "runs" / "run.toml").comparison == whole
    assert lockstep(again).pace == "epoch" and lockstep(again).shown == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("against = 3", "against is no list of texts: 3"),
        ('against = ["batch_size=0"]', "against: batch size '0' is not valid"),
        ('against = ["lr=1", "lr=2", "lr=3", "lr=4"]', "against: 4 runs are too many"),
        ('against = "lr=1"\npace = "hours"', "pace 'hours' is not valid"),
        ('against = "lr=1"\nshown = 3', "shown 3 is not valid"),
        ("shown = true", "shown true is not valid"),
    ],
)
def test_a_run_file_is_refused_with_its_line(tmp_path, line, said):
    path = tmp_path / "run.toml"
    path.write_text(f'{line}\n[data]\nsample = "mlcc"\n')
    with pytest.raises(LrstepError) as error:
        read(path)
    assert said in str(error.value) and f"line {len(line.splitlines())}" in str(error.value)


def test_the_cursor_belongs_to_the_run_that_is_looked_at(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('cursor = "40"\nagainst = ["batch_size=1"]\nshown = 2\n[data]\nsample = "mlcc"\n')
    assert open_source(str(path)).cursor == "40"  # of 48, where the run itself has 12
    path.write_text(path.read_text().replace("40", "49"))
    with pytest.raises(LrstepError, match=r"line 1: cursor '49' lies behind the end"):
        open_source(str(path))


def test_every_setting_can_differ_and_is_told():
    values = {"epochs": 2, "batch_size": 3, "seed": 4, "optimizer": "adam", "weight": 0.5, "bias": 1, "shuffle": "yes",
              "learning_rate": 0.2, "rho": 0.3, "momentum": 0.4, "epsilon": 0.5, "centered": "yes",
              "scale": "minmax"}  # fmt: skip
    of_others = {"nesterov": "sgd", "beta_1": "adam", "beta_2": "adam", "initial_accumulator": "adagrad"}
    assert values.keys() | of_others.keys() == FIELDS.keys()
    for name, value in values.items():
        first, second = labels(side_by_side(source(f"{name}={value}")))
        assert first != second and {first, second} != {"this run"}, name
    for name, optimizer in of_others.items():
        first, second = labels(
            side_by_side(source(f"{name}={'yes' if name == 'nesterov' else 0.25}", optimizer=optimizer))
        )
        assert first != second, name


def test_data_with_several_columns_say_how_they_are_named_there(tmp_path):
    data = tmp_path / "three.csv"
    data.write_text("a,b,c\n1,2,3\n4,5,7\n")
    with pytest.raises(LrstepError) as error:
        side_by_side(replace(open_source("mlcc"), comparison=Comparison((parse_against(str(data)),))))
    assert "feature=COL label=COL" in error.value.hint and "--" not in error.value.hint
    told = parse_against(f"{data} feature=a,c label=b")
    _, other = side_by_side(replace(open_source("mlcc"), comparison=Comparison((told,))))
    assert (other.dataset.features, other.dataset.label) == (("a", "c"), "b")
    assert parse_against(told.text) == told
