"""Every message survives the wire, numbers that are not finite included."""

import dataclasses
import math

import numpy as np
import pytest
from data import MLCC
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lrstep.check import protocol as say
from lrstep.check.client import _setup
from lrstep.core.run import Run
from lrstep.core.settings import Settings

numbers = st.floats()
packed = st.lists(numbers, max_size=5).map(say.pack)
slots = st.dictionaries(st.text(), st.lists(numbers))
whole, row = st.integers(0), st.lists(numbers)
steps = st.builds(say.StepRequest, whole, whole, st.text(), whole, row, slots, numbers, whole, row)
results = st.builds(say.StepResult, packed, numbers, numbers, numbers, numbers, row, row, row, slots)
optimizers = st.dictionaries(st.text(), numbers | st.booleans())
ids = st.integers(0, 2**40)
messages = st.one_of(
    st.builds(say.Ready, ids, st.text(), st.text(), st.text()),
    st.builds(say.Setup, ids, st.text(), st.text(), optimizers, st.dictionaries(st.text(), st.text()), st.lists(packed),
              packed),
    st.builds(say.Prepared, ids, slots),
    st.builds(say.Check, ids, st.lists(steps, max_size=3)),
    st.builds(say.Checked, ids, results),
    st.builds(say.Fit, ids, st.integers(1), st.integers(1), st.integers(1), st.text(), st.none() | st.lists(numbers)),
    st.builds(say.Points, ids, st.lists(numbers)),
    st.builds(say.Done, ids),
    st.builds(say.Cancel, ids),
    st.builds(say.Failure, ids, st.text(), st.text()),
)  # fmt: skip


def same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@hypothesis_settings(deadline=None)
@given(messages)
def test_a_message_survives_the_wire(message):
    line = say.encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    found = say.decode(line)
    assert type(found) is type(message)
    assert same(dataclasses.asdict(found), dataclasses.asdict(message))


@hypothesis_settings(deadline=None)
@given(st.lists(numbers))
def test_an_array_survives_to_the_last_bit(values):
    array = np.array(values)
    assert say.unpack(say.pack(array)).tobytes() == array.tobytes()


@hypothesis_settings(deadline=None)
@given(st.lists(st.integers(0, 2**62)))
def test_row_numbers_survive(rows):
    assert say.unpack_rows(say.pack_rows(np.array(rows, dtype=np.intp))).tolist() == rows


@pytest.mark.parametrize("line", [b"", b"noise", b"[]", b"{}", b'{"type": "Nothing"}', b'{"type": "Done", "x": 1}'])
def test_what_is_no_message_is_refused(line):
    with pytest.raises(ValueError):
        say.decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": [], "id": 0}',
        b'{"type": "Done", "id": [1]}',
        b'{"type": "Done", "id": true}',
        b'{"type": "Points", "id": 0, "values": "12"}',
        b'{"type": "Points", "id": 0, "values": [1.5, "1"]}',
        b'{"type": "Points", "id": 0, "values": [1%s]}' % (b"0" * 400),
        b'{"type": "Prepared", "id": 0, "start": [1.0]}',
        b'{"type": "Prepared", "id": 0, "start": {"accumulator": 1.0}}',
        b'{"type": "Part", "id": 0, "text": 5, "more": false}',
        b'{"type": "Check", "id": 0, "steps": [{}]}',
        b'{"type": "Checked", "id": 0, "result": null}',
        b"[" * 100_000,
    ],
    ids=lambda line: line[:60].decode(),
)
def test_a_field_that_holds_something_else_is_refused(line):
    with pytest.raises(ValueError, match="not a message of the Keras check"):
        say.decode(line)


def test_a_whole_number_is_one_of_the_numbers():
    assert same(say.decode(b'{"type": "Points", "id": 0, "values": [1, 2.5]}'), say.Points(0, [1.0, 2.5]))


@pytest.mark.parametrize("text", ["x", '"', "\u00e9", "\n"])
@pytest.mark.parametrize("length", [10, say.LINE_LIMIT - 1000, 3 * say.LINE_LIMIT])
def test_a_long_message_comes_in_lines_below_the_limit_and_is_whole_again(text, length):
    message, joined = say.Failure(7, "request", text * length), say.Joined(10**8)
    found = [joined.add(say.decode(line)) for line in say.lines(message) if len(line) <= say.LINE_LIMIT]
    assert found == [None] * (len(found) - 1) + [message]


def test_parts_without_an_end_are_refused():
    joined = say.Joined(1000)
    with pytest.raises(ValueError, match="more than 1000"):
        for _ in range(1001):
            joined.add(say.Part(1, "x", True))


def test_keras_gets_the_data_as_they_are_scaled():
    run = Run(MLCC, Settings(scale="standard"))
    setup = _setup(1, run, "float32")
    assert [say.unpack(column).tolist() for column in setup.columns] == [run.dataset.x.tolist()]
    assert say.unpack(setup.y).tolist() == run.dataset.y.tolist() != MLCC.y.tolist()
