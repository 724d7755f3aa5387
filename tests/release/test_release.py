"""Today's lrstep beside the release before: the same numbers to the last bit, the same tables to the letter."""

import importlib.util
import json
import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("record", HERE / "record.py")
record = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(record)

RECORDED = {result["command"]: result for result in record.read(HERE / "recorded.json.gz")}
FIGURE = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")


@pytest.fixture(scope="module")
def today():
    results = record.recorded_by(sys.executable, str(HERE.parents[1]))
    return {result["command"]: result for result in results}


def of(*starts):
    return [command for command in RECORDED if command.startswith(starts)]


def test_every_command_was_recorded():
    assert list(RECORDED) == [command for command, _ in record.commands()]
    assert all(result["status"] == 0 and (result["printed"] or result["files"]) for result in RECORDED.values())


@pytest.mark.parametrize("command", [command for command in of("trace") if "json" in command])
def test_a_trace_has_the_same_keys_and_bits(today, command):
    before, now = (json.loads(results[command]["printed"]) for results in (RECORDED, today))
    assert now["settings"].pop("optimizer") == "rmsprop"  # the only thing that came new
    assert list(now) == list(before)
    assert list(now["settings"]) == list(before["settings"])
    for old, new in zip(before["iterations"], now["iterations"], strict=True):
        assert list(new) == list(old)
        assert repr(new) == repr(old)  # as text, for nan is not equal to nan
    renamed = {"price in thousands": "price/1000"}  # a column of a sample
    before["dataset"]["label"] = renamed.get(before["dataset"]["label"], before["dataset"]["label"])
    for part in ("dataset", "settings", "diverged_at"):
        assert repr(now[part]) == repr(before[part])


@pytest.mark.parametrize("command", [command for command in of("trace", "export") if "json" not in command])
def test_tables_are_the_same_to_the_letter(today, command):
    """But for what came new: the row of the start, and what Keras calls the figures."""
    now, before = (table(shown[command]["printed"]) for shown in (today, RECORDED))
    start = [words for words in now if words[:2] == ["0", "-"]]
    assert len(start) == command.startswith("trace")
    assert [words for words in now if words not in start] == before
    files, recorded = today[command]["files"], RECORDED[command]["files"]
    assert list(files) == list(recorded)
    for name in files:
        assert table(files[name]) == table(recorded[name])


def table(text):
    """The words of each line, by the names of the release before."""
    new = ("Keras prints: ", "all data, after: ")
    lines = [line for line in text.splitlines() if not line.removeprefix("- ").startswith(new)]
    return [line.replace("Keras prints", "cumulative").split() for line in lines if line]


@pytest.mark.parametrize("command", of("--plain"))
def test_what_is_told_has_the_same_figures(today, command):
    """Sentences may be put in other words; the numbers in them, and their order, stay, as far as both have digits."""
    before, now = (results[command] for results in (RECORDED, today))
    assert now["status"] == before["status"]
    told = re.sub(r"Epoch \d+ ends:\s+Keras\s+keeps\s+\S+", "", now["printed"])  # a sentence that came new
    old, new = ([figure for figure in FIGURE.findall(text) if float(figure)] for text in (before["printed"], told))
    assert not [pair for pair in zip(old, new, strict=True) if not same(*pair)]


def same(old, new):
    """Whether two figures are one number rounded to as many digits as each has."""
    digits = min(len(re.sub(r"e.*|[-.]", "", figure).lstrip("0")) for figure in (old, new))
    units = [Decimal(1).scaleb(Decimal(figure).as_tuple().exponent) for figure in (old, new)]
    return old == new or (digits >= 5 and abs(Decimal(old) - Decimal(new)) <= sum(units) / 2)
