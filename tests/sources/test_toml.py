"""TOML written by hand and the lines of its keys, against the parser of the standard library."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lrstep.sources.toml_lines import Document
from lrstep.sources.toml_text import toml_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("\"\\\n\r\t\x00\x7f'ab"))
VALUES = TEXTS | st.floats(allow_nan=False) | st.integers() | st.booleans()


@settings(deadline=None, max_examples=300)
@given(VALUES)
@example('""""')
@example('\n\\"')
@example("\n")
@example("\r\n")
@example("line\\\n  next")
@example("\ufeff\x85\u2028")
def test_the_standard_parser_reads_what_was_written(value):
    again = tomllib.loads(f"key = {toml_value(value)}\n")["key"]
    assert again == value and type(again) is type(value)


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(ValueError):
        toml_value("\ud800")


KEYS = st.text(st.sampled_from("ab1-_ .\"'#[]={}é\t"), min_size=1, max_size=4)
SCALARS = st.sampled_from(
    ["1", "1.5e3", "true", "1979-05-27T07:32:00Z", '"a = # b"', "'[x]'", '""', "''", '""""quoted""""', "[1, 2]"]
) | st.sampled_from(['"""\nthree\nlines = 1"""', "'''\n[t]\n'''", "[\n  1, # one ]\n  [2]\n]"])
GAPS = st.sampled_from(["", "\n", "# comment = 1\n", "\n\n  # [no]\n"])


def quoted_key(key: str) -> str:
    return key if key.isascii() and key.replace("-", "a").replace("_", "a").isalnum() else toml_value(key)


@settings(deadline=None)
@given(st.lists(st.tuples(GAPS, KEYS, SCALARS), max_size=6, unique_by=lambda entry: entry[1]), st.booleans())
def test_the_line_of_every_key(entries, in_table):
    text, expected = ("[my . 'table']  # here\n", {("my",): 1, ("my", "table"): 1}) if in_table else ("", {})
    prefix = ("my", "table") if in_table else ()
    for gap, key, value in entries:
        text += gap
        expected[(*prefix, key)] = text.count("\n") + 1
        text += f"{quoted_key(key)} = {value}\n"
    tomllib.loads(text)
    assert Document(text, Path("t.toml")).lines == expected


def test_dotted_keys_inline_tables_and_arrays_of_tables():
    text = """\
a.b . "c d" = 1
t = { x = 1, y.z = [
  { p = 2 },
  { q = "}" } ] , w = 3 }

[s]
[s.u.'v']
k = 1
[[list]]
n = 1
[[list]]
m = 2
"""
    tomllib.loads(text)
    lines = Document(text, Path("t.toml")).lines
    assert lines["a",] == lines["a", "b", "c d"] == 1
    assert lines["t", "x"] == lines["t", "y", "z"] == 2
    assert lines["t", "y", "z", "p"] == 3 and lines["t", "y", "z", "q"] == lines["t", "w"] == 4
    assert (lines["s",], lines["s", "u", "v"], lines["s", "u", "v", "k"]) == (6, 7, 8)
    assert (lines["list",], lines["list", "n"], lines["list", "m"]) == (9, 10, 12)
