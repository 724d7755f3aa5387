"""What a CSV file means: values, columns, layouts."""

import io
import os
import re
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.errors import LrstepError
from lrstep.sources import csvfile
from lrstep.sources.csvfile import preview, read_csv

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=12)
ODD_CELLS = st.sampled_from(
    "1|-2.5|+.5|3.|1e3|1,5| 7 |\t8|| |nan|-inf|1_000|0x10|1e999|abc|1.234,5|1,234.5|٣|−4|'5'|'6,5'|'a\nb'|'1\n'|'"
    "|1 2|1\x0b|1\xa0|é|#|e5".replace("'", '"').split("|")
)


def read(data: str | bytes, feature: str | None = None, label: str | None = None) -> Dataset:
    features = () if feature is None else (feature,)
    return read_csv(io.BytesIO(data if isinstance(data, bytes) else data.encode()), features, label)


def outcome(data: bytes) -> tuple[str, ...] | tuple[bytes, bytes]:
    try:
        dataset = read(data)
    except LrstepError as error:
        return (error.message, error.hint)
    return dataset.x.tobytes(), dataset.y.tobytes()


@settings(deadline=None)
@given(
    ROWS,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
)
def test_what_was_written_is_read_to_the_last_bit(rows, separator, end, bom, header, quotes, comma, blank_lines):
    def cell(value: float) -> str:
        text = repr(value)
        text = text.replace(".", ",") if comma and separator != "," else text
        return f'"{text}"' if quotes else text

    lines = [separator.join(map(cell, row)) for row in rows]
    text = end.join([f"size{separator}price", *lines] if header else lines) + end * blank_lines
    dataset = read(("\ufeff" if bom else "").encode() + text.encode())
    assert (dataset.feature, dataset.label) == (("size", "price") if header else ("column 1", "column 2"))
    assert dataset.x.tobytes() == np.array([x for x, _ in rows]).tobytes()
    assert dataset.y.tobytes() == np.array([y for _, y in rows]).tobytes()


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(ODD_CELLS, min_size=1, max_size=3), min_size=1, max_size=6), st.sampled_from([",", ";", "\t"]))
@example([["1", "2"], ["1,5", "2.5"]], ";")
@example([["1,5", "2"], ["2.5", "3"]], "\t")
@example([["1.5", "2"], ["1", "3"], ["2", "2,5"]], "\t")
@example([["2", "2"], ['"1\n"', "3"]], ",")
@example([["2,5", "2"], ['"1\n"', "3"]], ";")
@example([["2", "2", "'a\nb'"], ["1", "3", '"a\nb"'], ["4", "x", ""]], ",")
def test_at_once_and_cell_by_cell_are_the_same(rows, separator):
    data = "\n".join(separator.join(row) for row in [["x", "y"], *rows]).encode()
    quick = outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "CHUNK", 1)
        assert outcome(data) == quick
        patch.setattr(csvfile._Reading, "_at_once", lambda self, rows: None)
        assert outcome(data) == quick


@settings(deadline=None, max_examples=150)
@given(st.from_regex(r"[ \t]?[+-]?[0-9.,eE+_xn\-]{1,8}[ \t]?", fullmatch=True))
@example("1_0")
@example("infinity")
@example("0x1p3")
def test_a_cell_is_read_as_the_exact_decimal_it_shows_or_refused(cell):
    number = re.fullmatch(r"[ \t]*([+-]?)(\d*)(?:[.,](\d*))?(?:[eE]([+-]?\d{1,3}))?[ \t]*", cell, re.ASCII)
    data = f"x;y\n1;1\n{cell};2\n3;3\n"
    if number and (number[2] or number[3]):
        sign, whole, decimals, exponent = (group or "" for group in number.groups())
        expected = Fraction(int(whole + decimals)) * Fraction(10) ** (int(exponent or 0) - len(decimals))
        if expected < 10**308:
            assert read(data).x[1] == float(-expected if sign == "-" else expected)
    elif not re.search(r"[eE][+-]?\d{4,}", cell):
        with pytest.raises(LrstepError, match=r"line 3, column 1 \(x\)"):
            read(data)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(data):
    assert all(outcome(data))


@settings(deadline=None)
@given(st.text(st.sampled_from('12,;\t"\n\r. x-'), max_size=40))
def test_any_text_is_read_or_refused_in_words(text):
    assert all(outcome(text.encode()))


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
def test_many_rows_are_read_like_numpy_reads_them(tmp_path, count):
    rng = np.random.default_rng(count)
    table = rng.normal(size=(count, 3)) * 10.0 ** rng.integers(-5, 5, size=(count, 3))
    path = tmp_path / "big.csv"
    np.savetxt(path, table, delimiter=",", header="a,b,c", comments="", fmt="%.17g")
    dataset = read_csv(path, ["c"], "a")
    again = np.loadtxt(path, delimiter=",", skiprows=1)
    assert (dataset.x == again[:, 2]).all() and (dataset.y == again[:, 0]).all()
    assert (dataset.feature, dataset.label, dataset.name) == ("c", "a", "big.csv")


@pytest.mark.parametrize(("first", "then"), [("1,5", "2.5"), ("1.5", "2,5")])
def test_the_decimal_sign_holds_for_the_whole_file(first, then):
    data = f"x;y\n{first};1\n" + "3;4\n" * 2500 + f"5;{then}\n"
    with pytest.raises(LrstepError, match=r"line 2503, column 2 \(y\): .* before it have decimal"):
        read(data)


def test_progress_goes_up_to_1(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n" + "1.5,2.5\n" * 20_000)
    shares: list[float] = []
    read_csv(path, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1 and len(set(shares)) > 2


@pytest.mark.parametrize(
    ("text", "feature", "label"),
    [
        ("name,x,note,y\na,1,p,2\nb,3,q,4\n", "x", "y"),
        (",x\n0,1\n", "column 1", "x"),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "column 1", "column 2"),
        ("setosa,5.1,3.5\nvirginica,4.9,3.0\n", "column 2", "column 3"),
        ("date;x;y\n01.02.2024;1,5;2\n02.02.2024;2,5;3\n", "x", "y"),
        ("x,y,\n1,2,\n3,4,\n", "x", "y"),
        ('"size, m²","price"\n1,2\n', "size, m²", "price"),
        ("a;b,x\n1;2\n", "a", "b,x"),
        ("note;more,x,y\na;b,1,2\n", "x", "y"),
        ("name, first\tx\ty\nDoe, Jo\t1\t2\n", "x", "y"),
        ("1,5;2,5\n3,5;4,5\n", "column 1", "column 2"),
        ("x , y\n1, 2\n", "x", "y"),
        ("nan,x\n1,2\n", "nan", "x"),
        ("1\t2", "column 1", "column 2"),
    ],
)
def test_default_columns_are_the_two_numeric_ones(text, feature, label):
    dataset = read(text)
    assert (dataset.feature, dataset.label) == (feature, label)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (("b", "a"), ("b", "a")),
        (("2", "a"), ("b", "a")),
        (("3", "1"), ("c", "a")),
        (("C", "A"), ("c", "a")),
        ((" c ", "a"), ("c", "a")),
    ],
)
def test_columns_by_name_and_number(chosen, expected):
    dataset = read("a,b,c\n1,2,3\n4,5,6\n", *chosen)
    assert (dataset.feature, dataset.label) == expected
    values = {"a": [1, 4], "b": [2, 5], "c": [3, 6]}
    assert (dataset.x.tolist(), dataset.y.tolist()) == (values[expected[0]], values[expected[1]])


def test_an_exact_name_goes_before_the_same_name_in_another_case():
    dataset = read("Y,y\n1,2\n", "y", "Y")
    assert (dataset.x.tolist(), dataset.y.tolist()) == ([2], [1])


def test_preview_shows_the_beginning_as_it_stands(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("name;x;y\n" + "".join(f"row {i};{i},5;oops\n" for i in range(30)))
    shown = preview(path, rows=3)
    assert (shown.delimiter, shown.header, shown.names) == (";", True, ("name", "x", "y"))
    assert shown.numeric == (False, True, False)
    assert shown.rows == (("row 0", "0,5", "oops"), ("row 1", "1,5", "oops"), ("row 2", "2,5", "oops"))


def test_preview_of_a_file_without_header(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("1\t2\n3\t4\n\n")
    shown = preview(path)
    assert (shown.header, shown.names, shown.rows) == (False, ("column 1", "column 2"), (("1", "2"), ("3", "4")))


def test_a_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: Path(pipe).write_bytes(b"x,y\n1,2\n"))
    writer.start()
    dataset = read_csv(pipe)
    writer.join()
    assert dataset.x.tolist() == [1]


@pytest.mark.parametrize("end", [";\n", ";\r\n;\r\n", "\n;", ' ;""\n\n'])
def test_rows_of_empty_cells_at_the_end_are_no_rows(end):
    assert read(b"x;y\n1;2,5\n2;3,5\n" + end.encode()).y.tolist() == [2.5, 3.5]


@pytest.mark.parametrize(
    "text", ["x;y\n1;950\n2;0.200\n", "x;y\n1;950\n2;1.25\n", "x;y\n1;1.125\n2;2.500\n", "x,y\n1,950\n2,1.200\n"]
)
def test_points_that_can_hardly_be_of_thousands_are_decimal(text):
    assert read(text.encode()).y.min() < 3
