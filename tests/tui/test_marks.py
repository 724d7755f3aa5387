"""The gate through which every text comes to the screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color

from lrstep.session.styled_rows import Span, fit_text, row_width
from lrstep.tui.dialogs.dialog import Said
from lrstep.tui.marks import MarksFilter
from lrstep.visible import STEERING, visible, visible_lines

texts = st.text() | st.text("\x00\x07\t\n\r\x1b\x7f\x85\x9b\u200b\u202e\u2028\ud800\U000e0041ab[漢é")
CONTROLS = [*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u200b\u200e\u202e\u2066\u2028\ufeff", "\ud800"]


@pytest.mark.parametrize("mark", CONTROLS, ids=ascii)
def test_what_steers_a_terminal_becomes_a_mark(mark):
    assert visible(f"a{mark}b") == f"a{ascii(mark)[1:-1]}b"


@pytest.mark.parametrize("text", ["", "Größe", "漢字", "e\u0301", "👩\u200d👧", "نام\u200cها", "a\xa0b", "∂L/∂w ²"])
def test_a_name_stays_as_it_is(text):
    assert visible(text) == text


@given(texts)
def test_a_gated_text_needs_no_gate(text):
    assert not STEERING.search(visible(text))
    assert visible(visible(text)) == visible(text)
    visible(text).encode()


@given(texts)
def test_lines_stay_lines(text):
    shown = visible_lines(text)
    assert not STEERING.search(shown.replace("\n", ""))
    assert shown.count("\n") == text.count("\n")


@given(texts, st.integers(0, 30))
def test_a_span_is_gated_and_measured_as_it_is_shown(text, width):
    span = Span(text, "dim")
    assert span.text == visible(text)
    assert not STEERING.search(fit_text(text, width))
    assert row_width((Span(fit_text(text, width)),)) == width


@given(st.lists(texts, max_size=4))
def test_a_row_of_any_widget_is_gated_and_keeps_its_width(texts):
    row = [Segment(text) for text in texts]
    shown = MarksFilter().apply(row, Color(0, 0, 0))
    assert not any(STEERING.search(segment.text) for segment in shown)
    assert sum(segment.cell_length for segment in shown) == sum(segment.cell_length for segment in row)


def test_a_text_of_a_dialog_is_gated():
    said = Said("a\x1b[2J\n\tb")
    assert str(said.content) == "a\\x1b[2J\n    b"
