"""What a terminal sends, sound or not: nothing of it ends the stepper, and the next key counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from lrstep.tui.terminal.input_decoder import Reader

RIGHT = b"\x1b[C"


def keys(reader, data):
    return [message.key for message in reader.feed(data) if isinstance(message, events.Key)]


@pytest.mark.parametrize(
    "noise",
    [
        b"\xf8", b"\xe4n", b"\x9bA", b"\x1b[M \xd0\x30",  # no UTF-8: Latin-1, 8-bit Alt, C1, an X10 mouse
        b"\x1b[1114112u", b"\x1b[999999999999u", b"\x1b[97;1;1114112u",  # keys beyond Unicode
        b"\x1b[48;99999;99999;0;0t", b"\x1b[48;0;0;0;0t",  # sizes that no terminal has
        b"", b"\xff" * 5000,
    ],
)  # fmt: skip
def test_noise_is_passed_over(noise):
    reader = Reader()
    heard = [*reader.feed(noise), *reader.tick()]
    assert not any(isinstance(message, events.Resize) for message in heard)
    assert keys(reader, RIGHT)[-1] == "right"


def test_a_possible_size_is_passed_on():
    (resize,) = Reader().feed(b"\x1b[48;50;200;0;0t")
    assert resize.size == (200, 50)


def test_a_character_may_come_in_pieces():
    reader = Reader()
    assert keys(reader, "ä".encode()[:1]) == []
    (key,) = reader.feed("ä".encode()[1:])
    assert key.character == "ä"


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\x1b[", b"\x1b", b"1;", b"u", b"t", b"M", RIGHT])))
def test_no_bytes_are_an_error(pieces):
    reader = Reader()
    for piece in pieces:
        for _ in (*reader.feed(piece), *reader.tick()):
            pass
