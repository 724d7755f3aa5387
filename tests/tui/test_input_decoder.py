"""What a terminal sends, sound or not: nothing of it ends the stepper, and the next key counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from lrstep.tui.terminal.input_decoder import PASTE_GAP, PASTE_MOST, InputDecoder, interrupts

RIGHT = b"\x1b[C"


def keys(decoder, data):
    return [message.key for message in decoder.feed(data) if isinstance(message, events.Key)]


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
    decoder = InputDecoder()
    heard = [*decoder.feed(noise), *decoder.tick()]
    assert not any(isinstance(message, events.Resize) for message in heard)
    assert keys(decoder, RIGHT)[-1] == "right"


def test_a_possible_size_is_passed_on():
    (resize,) = InputDecoder().feed(b"\x1b[48;50;200;0;0t")
    assert resize.size == (200, 50)


def test_a_character_may_come_in_pieces():
    decoder = InputDecoder()
    assert keys(decoder, "ä".encode()[:1]) == []
    (key,) = decoder.feed("ä".encode()[1:])
    assert key.character == "ä"


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"\x1b[", b"\x1b", b"1;", b"u", b"t", b"M", RIGHT])))
def test_no_bytes_are_an_error(pieces):
    decoder = InputDecoder()
    for piece in pieces:
        for _ in (*decoder.feed(piece), *decoder.tick()):
            pass


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def heard(messages):
    """Keys by name, pastes as their text in brackets."""
    return [f"[{message.text}]" if isinstance(message, events.Paste) else message.key for message in messages]


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_paste_may_come_in_any_pieces(first, second):
    data = b"a\x1b[200~q \x1b[2~\x1bq\nb\x1b[201~c"
    cuts = sorted((first, second))
    decoder = InputDecoder(Clock())
    pieces = (data[: cuts[0]], data[cuts[0] : cuts[1]], data[cuts[1] :])
    assert heard(message for piece in pieces for message in decoder.feed(piece)) == ["a", "[q [2~q\nb]", "c"]


def test_a_paste_without_an_end_is_over_after_a_while():
    clock = Clock()
    decoder = InputDecoder(clock)
    assert heard([*decoder.feed(b"\x1b[200~abc"), *decoder.tick(), *decoder.feed(b"q"), *decoder.tick()]) == []
    clock.now += PASTE_GAP
    assert heard(decoder.tick()) == ["[abcq]"]
    assert heard(decoder.feed(b"q\x1b[201~r")) == ["q", "r"]


def test_an_endless_paste_is_cut_off():
    decoder = InputDecoder(Clock())
    piece = b"x" * (PASTE_MOST // 2 + 1)
    (paste,) = [*decoder.feed(b"\x1b[200~" + piece), *decoder.feed(piece), *decoder.feed(piece + b"\x1b[201~")]
    assert len(paste.text) == PASTE_MOST


@pytest.mark.parametrize("data", [b"\x03", b"ab\x03cd", b"\x1b[99;5u", b"\x1b[99;69:1u", b"\x1b[99::99;5u"])
def test_ctrl_c_is_found_among_other_bytes(data):
    assert interrupts(data)


@pytest.mark.parametrize("data", [b"", b"c", b"\x1b[99;5:3u", b"\x1b[99u", b"\x1b[199;5u", b"\x1b[3~"])
def test_other_bytes_are_no_ctrl_c(data):
    assert not interrupts(data)
