"""What a CSV file is refused for: each time with the place and what to do."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.errors import LrstepError
from lrstep.sources import csv_layout as layout
from lrstep.sources import csvfile
from lrstep.sources.columns import ColumnsNeeded
from lrstep.sources.csvfile import preview, read_csv


def refusal(data: bytes | str, feature: str | None = None, label: str | None = None) -> LrstepError:
    features = () if feature is None else (feature,)
    with pytest.raises(LrstepError) as caught:
        read_csv(io.BytesIO(data if isinstance(data, bytes) else data.encode()), features, label)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("data", "place", "problem"),
    [
        ("", "", "empty"),
        ("\n \n", "", "empty"),
        ("\ufeff", "", "empty"),
        ("x,y\n", "", "header and no data"),
        ("x,y\n\n\n", "", "header and no data"),
        ("x\n1\n2\n", "", "only one column"),
        ("1 2\n3 4\n", "", "only one column"),
        ("x\n1,5\n2,5\n", "", "only one column"),
        ("My data\n\nx;y\n1,5;2\n", "line 3", "2 cells, where line 1 has 1"),
        ("# made today\nx,y\n1,2\n", "line 2", "2 cells, where line 1 has 1"),
        ("5\n1,2\n3,4,5\n", "line 3", "3 cells, where line 1 has 1"),
        ("sep=;\r\nx;y\r\n1,5;2\r\n", "line 1", "'sep=;' tells spreadsheets the separator"),
        ('"sep=,"\nx,y\n1,2\n', "line 1", "tells spreadsheets the separator"),
        ("x,name\n1,a\n2,b\n", "line 2, column 2 (name)", "'a' is not a number"),
        ("x,y\n1,2\n3,abc\n", "line 3, column 2 (y)", "'abc' is not a number"),
        ("x,y\n1,2\nNaN,4\n", "line 3, column 1 (x)", "'NaN' is not a finite number"),
        ("x,y\n1,-inf\n", "line 2, column 2 (y)", "'-inf' is not a finite number"),
        ("x,y\nnan,1\nnan,2\n", "line 2, column 1 (x)", "'nan' is not a finite number"),
        ("nan,nan\n1,2\n", "line 1, column 1", "'nan' is not a finite number"),
        ("x,y\n1,1e400\n", "line 2, column 2 (y)", "too large"),
        ("x,y\n1,2\n,3\n", "line 3, column 1 (x)", "empty"),
        ("x,y,note\n1,2,\n,,late\n", "line 3, column 1 (x)", "empty"),
        ("x,y\n1,2\n,\n3,4\n", "line 3", "blank"),
        ("x;y\ncm;kg\n1,5;2\n", "line 2", "no number stands in it"),
        ("Taken in May;;\nx;y;z\n1;2;3\n", "line 2", "no number stands in it"),
        ('"x\n(long)",y\ncm,kg\n1,2\n', "line 3", "no number stands in it"),
        ('{"x": [1, 2], "y": [3, 4]}', "", "only one column"),
        ("x;y\n1;5,5 %\n", "line 2, column 2 (y)", "'5,5 %' has a sign beside the number"),
        ('x,y\n1,"$1,250.50"\n', "line 2, column 2 (y)", "has a sign beside the number"),
        ("x,y\n1,2\n3\n", "line 3", "1 cell, where line 1 has 2"),
        ("x,y\n1,2,3\n", "line 2", "3 cells, where line 1 has 2"),
        ("x,y\n1\n", "line 2", "1 cell, where line 1 has 2"),
        ("x,y\n1,2\n\n3,4\n", "line 3", "blank"),
        ("x,y\n1,2\n\n\n\n3,4\n", "line 3", "blank"),
        ("\nx,y\n1,2\n", "line 1", "blank"),
        ("x,y\n1,2\n# note,3\n", "line 3, column 1 (x)", "'# note' is not a number"),
        ("x,y\n1,2\n1_000,3\n", "line 3, column 1 (x)", "1_000"),
        ("x,y\n1,2\n0x1F,3\n", "line 3, column 1 (x)", "0x1F"),
        ('x,y\n1,2\n"1,234",3\n', "line 3, column 1 (x)", "thousands separator"),
        ('x,y\n"1,234",3\n', "line 2, column 1 (x)", "thousands separator"),
        ("x;y\n1,5;2\n1.234,5;3\n", "line 3, column 1 (x)", "thousands separators"),
        ("x;y\n1,5;2\n1.234;3\n", "line 3, column 1 (x)", "the numbers before it have decimal commas"),
        ("x\ty\n1.5\t2\n2\t3,5\n", "line 3, column 2 (y)", "the numbers before it have decimal points"),
        ("x;y\n50;950\n60;1.200\n", "line 3, column 2 (y)", "'1.200' stands among whole numbers below 1000"),
        ("x,y\n−1,2\n3,4\n", "line 2, column 1 (x)", "minus"),
        ("x,y\n\u00a01,2\n3,4\n", "line 2, column 1 (x)", "a blank that is no plain space (U+00A0)"),
        ("x,y\n1,2\n3,4\x85\n", "line 3, column 2 (y)", "a blank that is no plain space (U+0085)"),
        ("x,y\n1,2\n3,\u00a0−4\n", "line 3, column 2 (y)", "minus"),
        ('x,y\n1,"2\n3,4\n', "line 2", "never closed"),
        ('x,y\n1,2\n1,"2"3\n', "line 3", "after its closing quote"),
        ("abc,2\n1,3\n", "line 1, column 1", "'abc' is a text above the number '1'"),
        (b"x,y\n1,2\n3,\xe9\n", "line 3", "no UTF-8"),
        (b"x,y\r\n1,2\r\n\xff,4\r\n", "line 3", "no UTF-8"),
        ("x,y\n1,2\n".encode("utf-16"), "line 1", "UTF-16"),
        ("x,y\n1,2\n".encode("utf-16-le"), "line 1", "no UTF-8"),
        (b"PK\x03\x04\x14\x00", "line 1", "spreadsheet"),
        (b"\x1f\x8b\x08\x00", "line 1", "compressed"),
    ],
)
def test_refused_with_the_place_and_the_problem(data, place, problem):
    message = refusal(data).message
    assert message.startswith("standard input" + (f", {place}:" if place else ":"))
    assert problem in message


def test_one_numeric_column_is_said_and_the_columns_are_listed():
    hint = refusal("x,name\n1,a\n2,b\n").hint
    assert "only one numeric column" in hint and "1 'x'" in hint and "2 'name' (no numbers)" in hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("x;y\n1;5,5 €\n2;6 €\n", "Write the number alone, and the sign into the header."),
        ('x,y\n1,"5,5"\n2,"6,5"\n', "Write a decimal point"),
    ],
)
def test_a_column_of_such_cells_is_one_of_numbers(text, hint):
    assert refusal(text).hint.startswith(hint)


def test_a_bad_cell_is_refused_rather_than_another_column_taken():
    assert "line 3, column 1 (x)" in refusal("x,y,name\n1,2,a\nbad,5,b\n7,8,c\n").message
    assert "line 2, column 1 (x)" in refusal("x,y,name\nbad,2,a\n4,5,b\n").message


def test_a_cell_of_an_unused_column_may_hold_anything():
    dataset = read_csv(io.BytesIO(b"x,y,z\n1,2,nan\n3,4,\n"), ["x"], "y")
    assert dataset.x.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("columns", "problem", "hint"),
    [
        (("sise", None), "there is no column 'sise'", "Did you mean 'size'? Columns: 1 'size', 2 'price', 3 'price'."),
        ((None, "7"), "there is no column '7'", "Columns: 1 'size'"),
        (("0", None), "there is no column '0'", "Columns: 1 'size'"),
        (("", None), "there is no column ''", "Columns: 1 'size'"),
        (("price", None), "several columns are called 'price'", "Choose by number: 2, 3."),
        (("size", "1"), "feature and label are both column 1", "Choose two. Columns: 1 'size'"),
    ],
)
def test_unknown_columns_are_refused_with_those_there_are(columns, problem, hint):
    error = refusal("size,price,price\n1,2,3\n", *columns)
    assert problem in error.message and error.hint.startswith(hint)


def test_a_text_column_chosen_by_name_is_refused_at_its_first_row():
    error = refusal("x,name,y\n1,a,2\n", "name", "y")
    assert "line 2, column 2 (name): 'a' is not a number" in error.message and "--feature" in error.hint


def test_decimal_commas_between_commas_are_recognised():
    assert "semicolons" in refusal("x,y\n1,5,2,5\n").hint


def test_control_characters_of_a_cell_do_not_reach_the_terminal():
    assert "\x1b" not in str(refusal("x,y\n1,2\n\x1b[31m,3\n"))
    assert "\x1b" not in str(refusal("x\x1b[2J,y\n1,2\n", "z"))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["plain", '"two\nlines"', '"three\r\nlines\n"', '"say ""hi"""', ""]), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["bad,1,note", "1,2", "nan,1,note", '1,"2"x,note', "1,,note"]),
    st.integers(0, 3),
    st.integers(1, 4),
)
def test_the_line_is_the_one_that_an_editor_shows(notes, end, header, bad, after, chunk):
    rows = [f"{i},{i},{note}" for i, note in enumerate(["first", *notes])]
    before = end.join([*(["x,y,note"] if header else []), *rows]) + end
    line = len(before.replace("\r\n", "\n").split("\n"))
    data = before + end.join([bad, *["5,5,end"] * after])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "CHUNK", chunk)
        assert re.search(rf", line {line}\b", refusal(data).message)


@pytest.mark.parametrize("row", [998, 999, 1000, 1001, 1999, 2000, 2001])
@pytest.mark.parametrize("bad", ["1,x", "1", "", '1,"2"3', '1,"2'])
def test_the_line_is_right_around_the_border_of_chunks(row, bad):
    data = "x,y\n" + "1,2\n" * row + f"{bad}\n" + "1,2\n" * 5
    assert f", line {row + 2}" in refusal(data).message


def test_bytes_that_are_no_text_far_into_the_file(tmp_path):
    path = tmp_path / "late.csv"
    path.write_bytes(b"x,y\n" + b"1.5,2.5\n" * 30_000 + b"\xff,1\n")
    with pytest.raises(LrstepError, match=r"late\.csv, line 30002: this is no UTF-8 text"):
        read_csv(path)


@pytest.mark.parametrize("reader", [read_csv, preview])
def test_files_that_cannot_be_opened(tmp_path, reader, monkeypatch):
    with pytest.raises(LrstepError, match="there is no such file"):
        reader(tmp_path / "none.csv")
    with pytest.raises(LrstepError, match="there is no such file"):
        reader(tmp_path / "none" / "none.csv")
    with pytest.raises(LrstepError, match="this is a folder"):
        reader(tmp_path)
    with pytest.raises(LrstepError, match="cannot be read"):
        reader(tmp_path / ("x" * 300))
    secret = tmp_path / "secret.csv"
    secret.write_text("x,y\n1,2\n")

    def denied(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    with pytest.raises(LrstepError, match="no permission"):
        reader(secret)


def test_a_very_long_text_in_another_column_is_no_open_quote():
    text = "long " * 30_000
    assert len(read_csv(io.BytesIO(f"x,y,t\n1,2,{text}\n3,4,{text}\n".encode()))) == 2
    assert len(read_csv(io.BytesIO(f'x,y,t\n1,2,a\n3,4,"{text}"\n'.encode()))) == 2
    assert len(read_csv(io.BytesIO(f"{text},1,2\n{text},3,4\n".encode()))) == 2


def test_a_cell_of_millions_of_characters_may_be_an_open_quote(monkeypatch):
    monkeypatch.setattr(layout, "LONGEST_CELL", 1000)
    error = refusal("x,y\n1,2\n" + '3,"' + "4,5\n" * 1000)
    assert "line 3: a cell has more than" in error.message and "quote" in error.hint


def test_a_column_that_was_named_is_what_is_wrong():
    error = refusal("date,a,b\n2020-01-01,1,2\n2020-01-02,3,4\n", "date", "a")
    assert "line 2, column 1 (date): '2020-01-01' is not a number" in error.message
    assert "other columns" in error.hint and "1 'date' (no numbers), 2 'a', 3 'b'" in error.hint
    assert refusal("t,a\nu,1\nv,2\n", None, "a").hint.startswith("There is only one numeric column;")
    assert refusal("t,a\nu,w\nv,x\n", None, "a").hint.startswith("There is no numeric column;")


@pytest.mark.parametrize(
    ("features", "label", "asked"),
    [
        ((), None, "are the features, and which is the label? Say so with --feature COL --label COL; --feature may"),
        (("a",), None, "is the label? Say so with --label COL."),
        ((), "c", "are the features? Say so with --feature COL; --feature may be repeated."),
    ],
)
def test_columns_are_not_guessed_where_more_are_there_than_are_needed(features, label, asked):
    with pytest.raises(ColumnsNeeded) as caught:
        read_csv(io.BytesIO(b"a,b,name,c\n1,2,x,3\n4,5,y,6\n"), features, label)
    assert f"{caught.value.message.rpartition(' numeric columns ')[2]} {caught.value.hint}".startswith(asked)
    assert "1 'a', 2 'b', 3 'name' (no numbers), 4 'c'" in caught.value.hint


def test_a_column_named_twice_and_no_column_left_are_refused():
    with pytest.raises(LrstepError, match="column 1 is named as a feature twice"):
        read_csv(io.BytesIO(b"a,b\n1,2\n"), ["a", "1"])
    with pytest.raises(LrstepError, match="no column is left for the label"):
        read_csv(io.BytesIO(b"a,b\n1,2\n"), ["a", "b"])
