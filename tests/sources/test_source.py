"""SOURCE: what a name opens."""

import io
import sys

import pytest

from lrstep.core.settings import Settings
from lrstep.errors import LrstepError, SettingsError
from lrstep.sources.open_source import cursor_is_outside, open_source
from lrstep.sources.runfile import DataOrigin


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_opens_mlcc():
    source = open_source()
    assert (source.dataset.name, len(source.dataset), source.settings.weight) == ("mlcc", 12, 0.08255479319424332)
    assert source.origin == DataOrigin("mlcc") and source.title and source.cursor is None


def test_a_csv_file_opens_with_the_default_settings(here):
    (here / "rent.csv").write_text("rooms,rent\n1,500\n")
    source = open_source("rent.csv", label="1")
    assert (source.dataset.name, source.dataset.feature, source.dataset.label) == ("rent.csv", "rent", "rooms")
    assert source.settings == Settings()
    assert source.origin == DataOrigin(None, here.resolve() / "rent.csv", (), "1")


def test_a_sample_goes_before_a_file_of_its_name_unless_a_folder_is_given(here):
    (here / "mlcc").write_text("x,y\n1,2\n")
    assert len(open_source("mlcc").dataset) == 12
    assert len(open_source("./mlcc").dataset) == 1


def test_a_lesson_opens_its_sample_with_its_settings_and_steps():
    source = open_source("first-question")
    assert (
        source.origin == DataOrigin("mlcc")
        and source.settings.batch_size == 12
        and source.lesson.name == "first-question"
    )


def test_columns_given_go_before_those_of_a_run_file(here):
    (here / "abc.csv").write_text("a,b,c\n1,2,3\n")
    (here / "run.toml").write_text('[data]\nfile = "abc.csv"\nfeature = "a"\nlabel = "b"\n')
    source = open_source("run.toml", label="c")
    assert (source.dataset.feature, source.dataset.label) == ("a", "c")
    assert (source.origin.features, source.origin.label) == (("a",), "c")


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x;y\n1,5;2\n")))
    source = open_source("-")
    assert source.dataset.x.tolist() == [1.5] and source.origin == DataOrigin()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("mlc", "'mlc' is no sample and no lesson, and there is no such file", "Did you mean 'mlcc'?"),
        ("first-qestion", "is no sample", "Did you mean 'first-question'?"),
        ("zzz", "'zzz' is no sample", "Samples and lessons: mlcc, line16"),
        ("./mlcc", "./mlcc: there is no such file", "spelling"),
        ("rent.csv", "rent.csv: there is no such file", "lrstep samples"),
        ("", "'' is no sample", "Samples and lessons"),
        (".", "this is a folder", "file"),
        ("~/no/such.csv", "no such file", ""),
    ],
)
def test_what_cannot_be_opened_is_named(text, message, hint):
    with pytest.raises(LrstepError) as caught:
        open_source(text)
    assert message in caught.value.message and hint in caught.value.hint


def test_a_run_file_whose_data_is_missing_names_both(here):
    (here / "run.toml").write_text('[data]\nfile = "gone.csv"\n')
    with pytest.raises(LrstepError, match=r"run\.toml: its data cannot be opened: .*gone\.csv: there is no such file"):
        open_source("run.toml")
    (here / "run.toml").write_text('[data]\nsample = "mlc"\n')
    with pytest.raises(LrstepError, match=r"run\.toml: .*there is no sample 'mlc'\nDid you mean 'mlcc'"):
        open_source("run.toml")


def test_a_place_behind_the_end_is_refused_with_its_line(here):
    (here / "rows.csv").write_text("x,y\n" + "1,2\n" * 7)
    text = '\ncursor = "{}"\n[data]\nfile = "rows.csv"\n[settings]\nbatch_size = 3\nepochs = 2\n'
    run = here / "run.toml"
    run.write_text(text.format("6.loss"))
    source = open_source("run.toml")
    assert (source.cursor, source.n_iterations) == ("6.loss", 6) and not cursor_is_outside(source)
    run.write_text(text.format("7"))
    with pytest.raises(LrstepError, match=r"run\.toml, line 2: cursor '7' lies behind .*\n.*0 … 6"):
        open_source("run.toml")


def test_without_standard_input_there_is_nothing_to_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(LrstepError, match="standard input is closed"):
        open_source("-")


def test_several_features_and_their_weights(here):
    (here / "abc.csv").write_text("a,b,c\n1,2,3\n4,5,6\n")
    (here / "run.toml").write_text(
        '[data]\nfile = "abc.csv"\nfeature = ["a", 3]\nlabel = "b"\n[settings]\nweight = [1, 2]\n'
    )
    source = open_source("run.toml")
    assert source.dataset.features == ("a", "c") and source.origin.features == ("a", "3")
    assert source.dataset.x.tolist() == [[1, 3], [4, 6]] and source.settings.weight == (1.0, 2.0)
    with pytest.raises(SettingsError, match="2 initial weights are given for 1 feature"):
        open_source("run.toml", ["a"])
