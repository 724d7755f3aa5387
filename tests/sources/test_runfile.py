"""Run files: nothing is lost on a round trip, and every mistake is named with its line."""

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources import files
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import DataOrigin, RunFile, save
from lrstep.sources.runfile_reader import parse, read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SETTINGS = st.builds(
    Settings,
    learning_rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    batch_size=st.integers(1, 10**9),
    epochs=st.integers(1, 10**9),
    rho=st.floats(0, 1, exclude_max=True),
    momentum=st.floats(0, 1),
    epsilon=st.floats(min_value=0, allow_infinity=False),
    centered=st.booleans(),
    weight=st.none() | FINITE,
    bias=FINITE,
    seed=st.integers(0, 10**15),
    shuffle=st.booleans(),
)
CURSORS = st.none() | st.from_regex(r"0|[1-9][0-9]{0,8}([.](batch|gradient|after))?", fullmatch=True)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SETTINGS, TEXTS, TEXTS, CURSORS, st.lists(TEXTS, max_size=3), st.none() | TEXTS, st.booleans())
def test_a_round_trip_loses_nothing(tmp_path, run_settings, title, notes, cursor, features, label, sample):
    origin = DataOrigin("mlcc" if sample else None, None if sample else tmp_path / "ä b.csv", tuple(features), label)
    run = RunFile(origin, run_settings, title, notes, cursor, breakpoints=(title, notes) if title else ())
    path = tmp_path / "run.toml"
    save(path, run, force=True)
    assert read(path) == run
    assert repr(read(path).settings) == repr(run_settings)


def test_from_file_through_source_to_file_loses_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rent.csv").write_text("rooms;rent\n1;500,5\n2;700\n")
    text = """\
title = "Rent"
notes = "look"
cursor = "1.gradient"

[data]
file = "../data/rent.csv"
feature = "rent"
label = "rooms"

[settings]
learning_rate = 0.1
weight = 0.25
"""
    (tmp_path / "runs").mkdir()
    first, second = tmp_path / "runs" / "one.toml", tmp_path / "runs" / "two.toml"
    first.write_text(text)
    source = open_source(str(first))
    assert source.dataset.x.tolist() == [500.5, 700] and source.settings.weight == 0.25
    save(second, source.run_file(cursor=source.cursor))
    assert read(second) == read(first)
    assert 'file = "../data/rent.csv"' in second.read_text()


def test_the_path_stays_right_through_a_linked_folder(tmp_path):
    (tmp_path / "deep" / "runs").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "runs")
    data = tmp_path / "data.csv"
    data.write_text("x,y\n1,2\n")
    save(tmp_path / "link" / "run.toml", open_source(str(data)).run_file())
    assert open_source(str(tmp_path / "link" / "run.toml")).dataset.y.tolist() == [2]
    assert open_source(str(tmp_path / "deep" / "runs" / "run.toml")).dataset.y.tolist() == [2]


DATA = '[data]\nsample = "mlcc"\n'


@pytest.mark.parametrize(
    ("text", "line", "problem", "hint"),
    [
        ("titel = 'x'\n" + DATA, 1, "unknown key 'titel'", "Did you mean 'title'?"),
        (DATA + "[setings]\n", 3, "unknown key 'setings'", "Did you mean 'settings'?"),
        (DATA + "colour = 1\n", 3, "unknown key 'colour'", "Known here: sample, file, feature, label."),
        (DATA + "\n[settings]\nlr = 0.1\n", 5, "unknown key 'lr'", "learning_rate"),
        (DATA + "settings.rho = 1\n", 3, "unknown key 'settings'", "sample"),
        ("settings.epochs = 3\nsettings . 'rho' = 1\n" + DATA, 2, "rho 1 is not valid", "up to, but not including, 1"),
        ("settings = { epochs = 3, batch_size = 0 }\n" + DATA, 1, "batch size 0 is not valid", "at least 1"),
        (DATA + "[settings]\nepochs = 2.5\n", 4, "epochs 2.5 is not valid", "whole number"),
        (DATA + "[settings]\nlearning_rate = nan\n", 4, "learning rate nan is not valid", "above 0"),
        (DATA + "[settings]\nweight = '1'\n", 4, "initial weight '1' is not valid", "finite"),
        (DATA + "[settings]\n\"shuffle\" = 'yes'\n", 4, "shuffle 'yes' is not valid", "yes or no"),
        (DATA + "[settings]\nbias = [1]\n", 4, "initial bias [1] is not valid", "finite"),
        ("title = 5\n" + DATA, 1, "title is not a text: 5", "quotes"),
        ("notes = 2020-01-01\n" + DATA, 1, "notes is not a text: 2020-01-01", "quotes"),
        (DATA + "[settings]\nseed = 2020-01-01\n", 4, "seed 2020-01-01 is not valid", "whole number"),
        (DATA + "[settings]\nseed = 12:30:00\n", 4, "seed 12:30:00 is not valid", "whole number"),
        (DATA + "[settings]\nseed = true\n", 4, "seed true is not valid", "whole number"),
        (DATA + "[settings]\nbias = { a = false }\n", 4, "initial bias { a = false } is not valid", "finite"),
        ("\ncursor = '0.batch'\n" + DATA, 2, "cursor '0.batch': iteration 0 is the start", "iteration 1"),
        ('notes = """\na\nb"""\ncursor = "5.lunch"\n' + DATA, 4, "cursor '5.lunch' is not valid", "number of an iter"),
        ("cursor = -1\n" + DATA, 1, "cursor '-1' is not valid", "number of an iteration"),
        ("\nbreakpoints = 'nan'\n" + DATA, 2, "breakpoints are a list", '["rmse<20"'),
        ("breakpoints = [5]\n" + DATA, 1, "breakpoints is not a text: 5", "quotes"),
        ("data = 5\n", 1, "data is a table", "Write [data]"),
        ("[[data]]\nsample = 'mlcc'\n", 1, "data is a table", "Write [data]"),
        (DATA + "file = 'x.csv'\n", 1, "both a sample and a file", "either"),
        ("\n[data]\n", 2, "there is no data", "either"),
        ("[data]\nsample = 1\n", 2, "sample is not a text", "quotes"),
        ("[data]\nfile = ''\n", 2, "is no path", "CSV"),
        (DATA + "label = 1.5\n", 3, "label is not a text", "quotes"),
        ("title = 'a'\n\nnotes = \n" + DATA, 3, "no valid TOML: Invalid value", "name = value"),
        ("title = 'a'\ntitle = 'b'\n" + DATA, 2, "no valid TOML: Cannot overwrite a value", "name = value"),
        ("title = 'a'\nnotes = [1,\n", 2, "no valid TOML", "name = value"),
        (DATA + "[settings]\nlearning_rate = 0,5\n", 4, "no valid TOML", "a decimal point"),
        ('[data]\nfile = "C:\\Users\\Ann\\rent.csv"\n', 2, "no valid TOML", r"single quotes: 'C:\data.csv'"),
        (DATA + "against = ['batch_size=1']\n", 3, "'against' stands below [data]", "above the first line in brackets"),
    ],
)
def test_mistakes_are_refused_by_name_and_line(tmp_path, text, line, problem, hint):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(LrstepError) as caught:
        read(path)
    assert caught.value.message.startswith(f"{path}, line {line}: ")
    assert problem in caught.value.message and hint in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "a = " + "[" * 5000, "a = " + "1" * 5000, 'title = "x"\n', "\x00", "[data.x.y]\n", "data.sample.z = 1"]
)
def test_nothing_but_words_comes_of_a_strange_file(text):
    with pytest.raises(LrstepError, match=r"run\.toml"):
        parse(text, Path("run.toml"))


@settings(deadline=None)
@given(st.text(st.sampled_from("[]{}=\"'.\n#,a1 datsmple"), max_size=40))
def test_any_text_is_refused_in_words(text):
    with pytest.raises(LrstepError):
        parse(text, Path("run.toml"))


def test_an_order_of_its_own_is_read_and_written(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('[data]\nsample = "mlcc"\n[settings]\nepochs = 2\norder = [[2, 1, 3], [3, 2, 1]]\n')
    run = read(path)
    assert run.settings.order == ((2, 1, 3), (3, 2, 1))
    save(path, run, force=True)
    assert read(path) == run
    path.write_text('[data]\nsample = "mlcc"\n[settings]\norder = [[2, 1, 2]]\n')
    with pytest.raises(LrstepError, match=r"line 4: order \[\[2, 1, 2\]\] is not valid"):
        read(path)


def test_a_number_for_a_column_and_for_the_cursor_is_understood(tmp_path):
    run = parse('cursor = 5\n[data]\nsample = "mlcc"\nfeature = 2\nlabel = "1"\n', tmp_path / "run.toml")
    assert (run.cursor, run.origin.features, run.origin.label) == ("5", ("2",), "1")


def test_not_text_and_missing(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"title = 'a'\nnotes = '\xff'\n")
    with pytest.raises(LrstepError, match=r"bad\.toml, line 2: this is no UTF-8 text"):
        read(tmp_path / "bad.toml")
    with pytest.raises(LrstepError, match="no such file"):
        read(tmp_path / "none.toml")


class TestSaving:
    run = RunFile(DataOrigin("mlcc"))

    def test_a_file_that_is_there_is_only_replaced_by_force(self, tmp_path):
        path = tmp_path / "run.toml"
        path.write_text("mine")
        with pytest.raises(LrstepError, match="this file exists"):
            save(path, self.run)
        assert path.read_text() == "mine"
        save(path, self.run, force=True)
        assert read(path) == self.run
        assert names(tmp_path) == ["run.toml"]

    def test_it_has_the_permissions_of_an_ordinary_file(self, tmp_path):
        (tmp_path / "plain").touch()
        save(tmp_path / "run.toml", self.run)
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "run.toml")}
        assert len(modes) == 1

    @pytest.mark.parametrize(
        ("name", "message"),
        [("none/run.toml", "there is no folder"), ("", "this is a folder"), ("x" * 300, "name is too long")],
    )
    def test_places_where_no_file_can_be(self, tmp_path, name, message):
        with pytest.raises(LrstepError, match=message) as caught:
            save(tmp_path / name, self.run, force=True)
        assert caught.value.hint and names(tmp_path) == []

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            (errno.ENOSPC, "no room left"), (errno.EACCES, "no permission"), (errno.EROFS, "no permission"),
            (errno.EIO, os.strerror(errno.EIO).lower()),
        ],
    )  # fmt: skip
    def test_an_error_while_writing_leaves_everything_as_it_was(self, tmp_path, monkeypatch, code, words):
        def fails(*args: object) -> None:
            raise OSError(code, os.strerror(code))

        path = tmp_path / "run.toml"
        path.write_text("mine")
        monkeypatch.setattr(files.os, "fsync", fails)
        with pytest.raises(LrstepError, match=words):
            save(path, self.run, force=True)
        assert path.read_text() == "mine" and names(tmp_path) == ["run.toml"]

    def test_a_link_is_followed(self, tmp_path):
        (tmp_path / "link.toml").symlink_to(tmp_path / "run.toml")
        save(tmp_path / "link.toml", self.run, force=True)
        assert (tmp_path / "link.toml").is_symlink() and read(tmp_path / "run.toml") == self.run

    def test_what_has_no_place_cannot_be_named(self, tmp_path):
        with pytest.raises(LrstepError, match="standard input"):
            save(tmp_path / "run.toml", RunFile(DataOrigin()))
        with pytest.raises(LrstepError, match="cannot be written"):
            save(tmp_path / "run.toml", RunFile(DataOrigin("mlcc"), title="\ud800"))
        assert names(tmp_path) == []
