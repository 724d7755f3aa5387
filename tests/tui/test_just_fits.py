"""What just fits is there; with one cell less it is not."""

from types import SimpleNamespace

import pytest

from lrstep.core.phase import Phase
from lrstep.session.commands import COMMANDS
from lrstep.session.panels import side_by_side
from lrstep.session.session import Session
from lrstep.session.styled_rows import in_chars, plain, row, row_width
from lrstep.session.view import View
from lrstep.sources.open_source import open_source
from lrstep.tui import docked, layout
from lrstep.tui.charts import chart
from lrstep.tui.charts.chart import LegendEntry
from lrstep.tui.charts.contour_labels import arrow, pointer
from lrstep.tui.charts.plane import LEAST, LIMIT, RESOLUTION, Interval, Plane, widened
from lrstep.tui.charts.registry import draw
from lrstep.tui.footer import Footer
from lrstep.tui.status_lines import ROOMY, status_lines


@pytest.mark.parametrize(("epochs", "height"), [(1, height) for height in range(12, 60)] + [(4, 40), (30, 58)])
def test_below_the_table_of_all_models_stands_a_chart_where_8_lines_are_left(epochs, height):
    view = View(_run(epochs), 1, Phase.AFTER, chart="models")
    rows = plain(layout._charts(view, 60, height, [], 0, 0))
    upper = min(height * 3 // 5 if height >= 46 else height, view.run.n_iterations + 10)
    assert len(rows) == height
    assert [place for place, text in enumerate(rows) if text.startswith("╭")] == (
        [0, upper] if height - upper >= 8 else [0]
    )


def _run(epochs):
    source = open_source("mlcc")
    return source.changed(source.settings.changed(epochs=epochs)).run()


@pytest.mark.parametrize(
    ("width", "height", "page"), [(99, 60, True), (100, 37, True), (100, 38, False), (200, 37, True), (101, 60, False)]
)
def test_runs_side_by_side_are_a_page_where_there_is_no_room_for_them(width, height, page):
    view = SimpleNamespace(lockstep=object())
    assert docked.has_page(view, width, height) == page
    assert docked.lines_below(view, width, height) == (0 if page else 13)
    assert not docked.has_page(SimpleNamespace(lockstep=None), width, height)


@pytest.mark.parametrize(("width", "lines"), [(69, 9), (70, 6), (71, 6)])
def test_a_narrow_lesson_has_more_lines(width, lines):
    assert docked.lines_beside(width) == lines


@pytest.mark.parametrize(("height", "lines"), [(ROOMY - 1, 2), (ROOMY, 3), (ROOMY + 1, 3)])
def test_the_coach_has_a_line_of_its_own_on_a_high_screen(height, lines):
    session = Session(open_source("thousands"))
    session.open()
    session.go(1)
    session.coaching.think(1e6)
    assert session.coaching.advice()
    assert len(status_lines(session, 80, height)) == lines


@pytest.mark.parametrize(
    ("low", "high", "half"),
    [(3.0, 3.0, 0.3), (-5.0, -5.0, 0.5), (0.0, 0.0, 1.0), (1.0, 1.0 + 1e-13, RESOLUTION), (1.0, 2.0, 0.1)],
)
def test_a_window_around_what_has_hardly_any_width(low, high, half):
    window = widened((low, high), 0.1)
    assert (low - window.low, window.high - high) == pytest.approx((half, half), rel=1e-3)


@pytest.mark.parametrize("interval", [(0.0, 1e-300), (-1e-300, 1e-300), (-1e308, 1e308), (1e308, 1e308), (0.0, 1e307)])
def test_a_window_can_always_be_divided(interval):
    window = widened(interval)
    assert LEAST <= window.width < float("inf") and max(-window.low, window.high) <= 1.2 * LIMIT


def test_the_pointer_is_there_where_its_text_just_fits():
    text = f"+ 9, 0.5 {arrow('>/^|</v|', 1, 0)}"
    for columns in (len(text) - 1, len(text), len(text) + 1):
        plane = Plane(Interval(0, 1), Interval(0, 1), columns, 5)
        found = pointer(plane, (9.0, 0.5), "+", ">/^|</v|")
        assert (found is not None) == (columns >= len(text))
        assert found is None or (found.text, found.row, found.column) == (text, 2, columns - len(text))


@pytest.mark.parametrize(("width", "rows"), [(2, 0), (3, 3), (7, 3), (8, 2), (12, 2), (13, 1), (14, 1)])
def test_a_legend_has_as_many_entries_in_a_row_as_just_fit(width, rows):
    entries = [LegendEntry("-", "text", word) for word in "abc"]
    assert len(chart._packed(entries, width, 3)) == rows


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0), (-1, 5), (5, -1)])
def test_nothing_is_drawn_where_there_is_no_room(width, height):
    for name in ("fit", "rmse", "weights", "surface", "models"):
        assert draw(name, View(_run(1), 1, Phase.AFTER), width, height) == []


@pytest.mark.parametrize(("width", "first"), [(100, 3), (101, 2), (110, 2), (60, 3)])
def test_position_and_ribbon_share_a_line_on_a_screen_of_more_than_100_columns(width, first):
    zones = []
    assert len(layout._top(View(_run(1), 2, Phase.AFTER), width, zones)) == first
    assert [zone.y for zone in zones] == [first - 1] * 3


def test_a_line_of_exactly_the_width_stays_whole():
    view = View(_run(1), 1, Phase.AFTER)
    long, short = row("12345"), row("123")
    assert view.first_fit(5, long, short) is long
    assert view.first_fit(4, long, short) is short
    assert view.first_fit(1, long, short) is short
    assert plain([view.fit(long, 5), view.fit(long, 4), view.fit(long, 6)]) == ["12345", "123…", "12345 "]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("ascii", [False, True])
def test_a_click_on_the_footer_is_on_the_key_that_stands_there(width, ascii):
    footer = Footer()
    spans = footer.cells(View(_run(1), 1, Phase.AFTER, ascii=ascii), width, lambda _: True)
    shown = {command.shown: command.id for command in COMMANDS if command.rank}
    at = 0
    for key, label in zip(spans[::2], spans[1::2], strict=True):
        size = row_width(in_chars((key, label), ascii))
        assert {footer.at(at + place) for place in range(size)} == {shown[key.text.strip()]}
        at += size
    assert at <= width and footer.at(at) == ""


@pytest.mark.parametrize(
    ("value", "beside", "seen"),
    [
        (1.25, 1.25, [("1.25000", "text")]),
        (1.25, 1.25001, [("1.2500", "text"), ("0", "differs"), ("", "text")]),
        (1.25, 1.35, [("1.", "text"), ("2", "differs"), ("5000", "text")]),
        (1.25, 1.2500001, [("1.25000", "text"), ("…", "differs")]),
        (1.25, 12.5, [("", "text"), ("1", "differs"), (".25000", "text")]),
        (-1.25, 1.25, [("", "text"), ("-", "differs"), ("1.25000", "text")]),
        (-1.25, -12.5, [("-", "text"), ("1", "differs"), (".25000", "text")]),
        (1.25, None, [("1.25000", "text")]),
    ],
)
def test_the_first_digit_that_differs_is_marked(value, beside, seen):
    blank, *spans = side_by_side._number(value, beside, 14)
    assert not blank.text.strip() and [tuple(span) for span in spans] == seen
    assert row_width((blank, *spans)) == 13 + (seen[-1][0] == "…")


@pytest.mark.parametrize(("width", "said"), [(19, "too small"), (20, "too small"), (21, "too small for a chart")])
def test_what_is_said_of_a_place_without_room_fits_in_it(width, said):
    rows = plain(chart.too_small(width, 5))
    assert rows[2].strip() == said and not any(text.strip() for text in rows[:2] + rows[3:])


@pytest.mark.parametrize(("width", "there"), [(15, True), (14, False)])
def test_numbers_beside_the_axis_take_a_third_of_the_width_and_no_more(width, there):
    made = chart._layout(width, 12, Interval(0, 10), Interval(0, 1e6), ("y", "x"), (), False)
    widest = max(len(tick.label) for tick in chart.ticks(Interval(0, 1e6), 3))
    assert widest == 5 and bool(made.y_ticks) == there
