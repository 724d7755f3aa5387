"""The diff of cells sends less, and the terminal shows the same."""

import re

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lrstep.session.styled_rows import Span
from lrstep.tui.terminal.cell_diff import CellDiff
from lrstep.visible import STEERING

WIDTH, HEIGHT = 14, 4
PENS = ("1", "38;5;252", "1;38;5;214", "38;2;1;2;3;48;2;9;9;9", "7", "4", "31", "41", "39;49", "1;4;48;5;3")

texts = st.text("ab -─│●⠁é", min_size=1, max_size=8)
spans = st.tuples(
    st.integers(0, WIDTH - 8), st.integers(0, HEIGHT - 1), st.builds(Span, texts, st.sampled_from(PENS))
)  # fmt: skip


def escaped(placed):
    """A span as Textual writes it."""
    x, y, (text, pen) = placed
    return f"\x1b[{y + 1};{x + 1}H\x1b[{pen}m{text}\x1b[0m"


pieces = spans.map(escaped)
wide = (
    st.lists(st.sampled_from(["a", " ", "漢", "字", "e\u0301"]), max_size=WIDTH // 2)
    .map("".join)
    .map(lambda text: text + " " * (WIDTH - cell_len(text)))
)
rows = st.builds(
    lambda y, pen, text: f"\x1b[{y + 1}H\x1b[{pen}m{text}\x1b[0m",
    st.integers(0, HEIGHT - 1),
    st.sampled_from(PENS),
    wide,
)
modes = st.sampled_from(
    ["\x1b[?25l", "\x1b[?1000h", "\x1b[?2026h", "\x1b[?2026l", "\x07", "\x1b]22;default\x07", "\x1b[?2048$p"]
)


def frame(parts):
    """Textual puts the cursor somewhere at the end of every frame."""
    return "".join(parts) + "\x1b[2;3H" if parts else ""


frames = st.lists(st.one_of(st.lists(pieces, max_size=6).map(frame), modes), max_size=12)
row_frames = st.lists(st.lists(rows, max_size=4).map(frame), max_size=6)


def bare(data):
    """Without what pyte does not know: queries, pointer shapes."""
    return data.replace("\x1b[?2048$p", "").replace("\x1b]22;default\x07", "")


def seen(screen):
    """What a person sees of each cell: the foreground of a space is not to be seen."""
    cells = []
    for y in range(screen.lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            blank = cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
            cells.append(cell._replace(fg="default", bold=False, italics=False) if blank else cell)
    return cells


def played(frames):
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for frame in frames:
        stream.feed(bare(frame))
    return screen


@settings(deadline=None)
@given(st.one_of(frames, row_frames))
def test_the_screen_is_the_same_as_without(frames):
    cells = CellDiff()
    direct, thrifty = played(frames), played([cells.feed(frame) for frame in frames])
    assert seen(thrifty) == seen(direct)
    assert (thrifty.cursor.x, thrifty.cursor.y) == (direct.cursor.x, direct.cursor.y)


@settings(deadline=None)
@given(st.lists(st.one_of(frames, st.lists(spans, max_size=6)), max_size=6))
def test_what_is_painted_past_textual_lies_among_its_frames(steps):
    cells, direct, thrifty = CellDiff(), [], []
    for step in steps:
        if all(isinstance(part, str) for part in step):
            direct += step
            thrifty += [cells.feed(frame) for frame in step]
        else:
            direct.append(f"\x1b7{''.join(map(escaped, step))}\x1b8")  # the cursor stays where Textual has put it
            thrifty.append(cells.paint(step, {pen: pen for pen in PENS}))
    assert seen(played(thrifty)) == seen(played(direct))


def test_painting_is_one_synchronized_update_where_the_terminal_takes_them():
    cells = CellDiff()
    assert cells.paint([(0, 0, Span("x", "1"))], {"1": "1"}) == "\x1b[H\x1b[0;1mx\x1b[H"
    cells.feed("\x1b[?2026h")
    cells.feed("\x1b[?2026l")
    assert cells.paint([(0, 0, Span("y", "1"))], {"1": "1"}) == "\x1b[?2026hy\x1b[H\x1b[?2026l"
    assert cells.paint([(0, 0, Span("y", "1"))], {"1": "1"}) == ""


@settings(deadline=None)
@given(st.lists(pieces, min_size=1, max_size=5).map("".join))
def test_the_same_frame_again_sends_nothing(frame):
    cells = CellDiff()
    cells.feed(frame)
    assert cells.feed(frame) == ""


@settings(deadline=None)
@given(st.lists(pieces, min_size=1, max_size=5).map("".join))
def test_a_forgotten_screen_is_sent_anew(frame):
    cells = CellDiff()
    cells.feed(frame)
    cells.forget()
    assert seen(played([cells.feed(frame)])) == seen(played([frame]))


@settings(deadline=None)
@given(frames)
def test_without_colours_none_is_sent(frames):
    cells = CellDiff(colours=False)
    sent = "".join(cells.feed(frame) for frame in frames)
    screen = pyte.Screen(WIDTH, HEIGHT)
    pyte.Stream(screen).feed(bare(sent))
    assert all(cell.fg == cell.bg == "default" for row in screen.buffer.values() for cell in row.values())
    assert not any(code in sent for code in ("38;", "48;", "31m", "41m", "39", "49"))


@settings(deadline=None)
@given(st.one_of(frames, row_frames))
def test_in_ascii_every_cell_keeps_its_place(frames):
    cells = CellDiff(ascii=True)
    sent = [cells.feed(frame) for frame in frames]
    assert "".join(sent).isascii()
    direct, plain = played(frames), played(sent)
    for a, b in zip(seen(direct), seen(plain), strict=True):
        if a.data.isascii() and a.data:
            assert a.data == b.data


hostile = st.one_of(
    st.text(max_size=20),
    st.text("\x00\x07\x08\t\x0b\x0e\x1b\x7f\x85\x9b\x9d\u202e\ud800[]?;0123456789hlmHJcnu", max_size=20),
    st.sampled_from(ATTACKS := [
        "\x1b]52;c;aGk=\x07", "\x1b]2;title\x1b\\", "\x1b[2J", "\x1bc", "\x1b[?1049l", "\x9b2J", "\x9d2;t\x9c",
        "\x1bP+q\x1b\\", "\x1b[?2026h",
        "\x1b[6n", "\x1b[?1000h", "\x1b]8;;http://a\x07", "\x1b[99999;99999H", "\x1b[" + "9" * 5000 + "H", "\x07" * 9,
    ]),
)  # fmt: skip
OURS = re.compile(r"\x1b\[[\d;]*m|\x1b\[\d*(;\d*)?H|\x1b\[\d*[CG]")


@settings(deadline=None)
@given(st.lists(hostile, min_size=1, max_size=4), st.booleans())
def test_a_frame_sends_cells_colours_and_moves_whatever_its_texts_hold(texts, ascii):
    cells = CellDiff(ascii=ascii)
    sent = cells.feed("".join(f"\x1b[{y};1H\x1b[1m{text}\x1b[0m" for y, text in enumerate(texts, 1)) + "\x1b[H")
    assert not STEERING.search(OURS.sub("", sent))
    assert sent.isascii() or not ascii


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_a_frame_is_an_order_to_the_terminal(attack):
    sent = CellDiff().feed(f"\x1b[1;1H{attack}\x1b[1;1H")
    assert not STEERING.search(OURS.sub("", sent))


def test_a_line_break_goes_to_the_start_of_the_next_row():
    cells = CellDiff()
    cells.feed("\x1b[H          \n          \x1b[H")
    assert cells.feed("\x1b[1;5Hab\ncd\x1b[H") == "\x1b[4Cab\x1b[2Hcd\x1b[H"


def test_one_changed_cell_costs_a_move_and_that_cell():
    cells = CellDiff()
    cells.feed("\x1b[2;1H\x1b[38;5;252mthe value is 123.456 \x1b[0m\x1b[1;1H")
    sent = cells.feed("\x1b[2;1H\x1b[38;5;252mthe value is 123.457\x1b[0m\x1b[1;1H")
    assert sent == "\x1b[2;20H7\x1b[H"


def test_a_synchronized_update_without_changes_is_left_out():
    cells = CellDiff()
    cells.feed("\x1b[1;1Hx\x1b[1;1H")
    assert "".join(map(cells.feed, ["\x1b[?2026h", "\x1b[1;1Hx\x1b[1;1H", "\x1b[?2026l"])) == ""
    changed = "".join(map(cells.feed, ["\x1b[?2026h", "\x1b[1;1Hy\x1b[1;1H", "\x1b[?2026l"]))
    assert changed.startswith("\x1b[?2026h")
    assert changed.endswith("\x1b[?2026l")
