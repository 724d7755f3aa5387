"""Every chart: exact size, allowed characters, right places; with any data, and without keeping runs alive."""

import gc
import math
import re
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.styled_rows import STYLES, plain, row_width
from lrstep.tui.charts import fit_chart as fit
from lrstep.tui.charts import rmse_chart as rmse
from lrstep.tui.charts import surface_chart as surface
from lrstep.tui.charts import weights_chart as weights

CHARTS = {"fit": fit.draw, "rmse": rmse.draw, "weights": weights.draw, "surface": surface.draw}
OPTIONS = {"surface": [{"zoom": zoom, "batch": batch} for zoom in ("follow", "whole") for batch in (False, True)]}
DRAWS = [(name, options) for name in CHARTS for options in OPTIONS.get(name, [{}])]
SIZES = [(53, 30), (78, 18), (120, 50)]


def toy(feature="x", label="y", **changes):
    x = np.arange(1.0, 13.0)
    y = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])
    return Run(Dataset("toy", x, y, feature, label), Settings(**{"weight": 0.08255479319424332, **changes}))


MAGNITUDES = [0.0, 1.0, -1.0, 1e-300, -1e-300, 1e300, -1e300, 1e150, 1e-150, 5e-324, 1e15, 1e15 + 1]
VALUES = st.sampled_from(MAGNITUDES) | st.floats(-100, 100) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def runs(draw):
    n = draw(st.integers(1, 7))
    one = draw(st.booleans())
    x = [draw(VALUES)] * n if one else draw(st.lists(VALUES, min_size=n, max_size=n))
    y = draw(st.lists(VALUES, min_size=n, max_size=n))
    with np.errstate(all="ignore"):
        return Run(
            Dataset("drawn", np.array(x), np.array(y), draw(st.text(max_size=30)), draw(st.text(max_size=30))),
            Settings(
                learning_rate=draw(st.sampled_from([0.05, 1e-300, 1.0, 1e200])),
                batch_size=draw(st.integers(1, 8)),
                epochs=draw(st.integers(1, 30)),
                momentum=draw(st.sampled_from([0.0, 0.9])),
                centered=draw(st.booleans()),
                shuffle=draw(st.booleans()),
                weight=draw(VALUES),
                bias=draw(VALUES),
            ),
        )


SMALL = st.tuples(st.integers(1, 70), st.integers(1, 32))


@pytest.mark.parametrize(("name", "options"), DRAWS)
@given(run=runs(), size=SMALL, phase=st.sampled_from(Phase), ascii=st.booleans(), data=st.data())
@settings(deadline=None, max_examples=50)
def test_any_run_gives_a_picture_of_exactly_the_size(name, options, run, size, phase, ascii, data):
    number = data.draw(st.integers(0, min(run.n_iterations, 40)))
    rows = CHARTS[name](run, number, *size, phase=phase, ascii=ascii, **options)
    assert len(rows) == size[1] and all(row_width(cells) == size[0] for cells in rows)
    assert all(span.style in STYLES for cells in rows for span in cells)
    if ascii:
        assert all(text.isascii() for text in plain(rows))
    assert not any(mark in text for text in plain(rows) for mark in "\n\r\t\x1b")


@pytest.mark.parametrize(("name", "options"), DRAWS)
@pytest.mark.parametrize("size", SIZES)
def test_going_there_and_back_shows_the_same(name, options, size):
    run = toy()
    there = [CHARTS[name](run, number, *size, **options) for number in range(13)]
    back = [CHARTS[name](run, number, *size, **options) for number in range(12, -1, -1)][::-1]
    anew = [CHARTS[name](toy(), number, *size, **options) for number in range(13)]
    assert there == back == anew


@pytest.mark.parametrize("name", CHARTS)
def test_a_run_is_not_kept_alive(name):
    run = toy()
    CHARTS[name](run, 5, 60, 30)
    kept = [weakref.ref(run), weakref.ref(run.dataset), weakref.ref(run.reference)]
    del run
    gc.collect()
    assert [reference() for reference in kept] == [None, None, None]


@pytest.mark.parametrize("name", CHARTS)
def test_a_step_leaves_most_cells_alone(name):
    run = toy()
    options = {"zoom": "whole"} if name == "surface" else {}
    changes = []
    for number in range(2, 12):
        before, after = (CHARTS[name](run, k, 60, 30, **options) for k in (number, number + 1))
        pairs = zip(_cells(before), _cells(after), strict=True)
        changes.append(sum(a != b for a, b in pairs))
    assert sorted(changes)[5] < 150


def _cells(rows):
    return [(mark, span.style) for cells in rows for span in cells for mark in span.text]


class Picture:
    """A chart read as a person reads it: from the numbers on its axes."""

    def __init__(self, rows, top=0, bottom=None):
        self.rows = rows[top:bottom]
        self.texts = plain(self.rows)
        self.corner = next(k for k, text in enumerate(self.texts) if "└" in text)
        self.left = self.texts[self.corner].index("└") + 1
        self.y = self._scale([(k, text[: self.left - 1]) for k, text in enumerate(self.texts) if "┤" in text])
        places = [m.start() for m in re.finditer("┬", self.texts[self.corner].replace("▲", "─"))]
        numbers = self.texts[self.corner + 1].split()
        shown = self.texts[self.corner].find("▲")
        if len(numbers) > len(places):
            places = sorted([*places, shown])
        self.x = self._scale(list(zip(places, numbers, strict=True)))

    @staticmethod
    def _scale(ticks):
        cells, values = [cell for cell, _ in ticks], [float(text) for _, text in ticks]
        return np.polyfit(cells, values, 1)

    def marks(self, mark, style):
        """Values (x, y) at the middle of each cell with this mark in the drawing."""
        found = []
        for k, cells in enumerate(self.rows[: self.corner]):
            column = 0
            for text, spelled in cells:
                for offset, character in enumerate(text):
                    if character == mark and spelled == style and column + offset >= self.left and k > self.top:
                        found.append((self.x_at(column + offset), self.y_at(k)))
                column += len(text)
        return found

    @property
    def top(self):
        """The last row above the drawing."""
        return next(k for k, text in enumerate(self.texts) if text[self.left - 1] in "│┤") - 1

    def x_at(self, column):
        return float(np.polyval(self.x, column))

    def y_at(self, line):
        return float(np.polyval(self.y, line))

    @property
    def cell(self):
        """Width and height of a cell in the numbers of the axes, with room for rounding to cells."""
        return 1.6 * abs(self.x[0]), 1.6 * abs(self.y[0])

    def near(self, found, expected):
        width, height = self.cell
        return all(min(abs((a - x) / width) + abs((b - y) / height) for x, y in expected) < 2 for a, b in found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", [0, 1, 5, 12])
def test_fit_marks_the_batch_and_the_other_samples_where_they_are(size, number):
    run = toy()
    picture = Picture(fit.draw(run, number, *size))
    rows = set(run.iteration(max(number, 1)).samples.tolist())
    samples = list(zip(run.dataset.x, run.dataset.y, strict=True))
    batch, rest = picture.marks("●", "batch"), picture.marks("○", "text")
    assert len(batch) == len(rows) and len(rest) == len(samples) - len(rows)
    assert picture.near(batch, [samples[k] for k in rows])
    assert picture.near(rest, [s for k, s in enumerate(samples) if k not in rows])


def _braille(rows, style):
    return [
        (k, column)
        for k, cells in enumerate(rows)
        for column, (mark, spelled) in enumerate((m, s.style) for s in cells for m in s.text)
        if spelled == style and 0x2800 <= ord(mark) <= 0x28FF
    ]


@pytest.mark.parametrize("size", SIZES)
def test_fit_draws_the_three_lines_where_they_are(size):
    run = toy()
    rows = fit.draw(run, 5, *size)
    picture, iteration = Picture(rows), run.iteration(5)
    lines = {"before": iteration.before, "after": iteration.after, "reference": run.reference}
    for style, line in lines.items():
        places = _braille(rows, style)
        assert len(places) > 5
        for k, column in places:
            x, y = picture.x_at(column), picture.y_at(k)
            reach = picture.cell[1] + abs(line.weights[0]) * picture.cell[0]
            assert abs(line.weights[0] * x + line.bias - y) < reach


def test_fit_shows_the_new_line_from_the_update_on():
    run = toy()
    for phase in Phase:
        styles = {span.style for cells in fit.draw(run, 5, 60, 30, phase=phase) for span in cells}
        assert ("after" in styles) == (phase >= Phase.UPDATE)
    assert "after" not in {span.style for cells in fit.draw(run, 0, 60, 30) for span in cells}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", [1, 4, 12])
def test_rmse_marks_each_value_where_it_is(size, number):
    run = toy()
    picture = Picture(rmse.draw(run, number, *size))
    steps = [run.iteration(k) for k in range(1, number + 1)]
    series = {
        ("■", "series1"): [(s.number, s.rmse) for s in steps],
        ("●", "series2"): [(s.number, s.cumulative_rmse) for s in steps],
        ("◆", "series3"): [(0, steps[0].full_rmse_before)] + [(s.number, s.full_rmse) for s in steps],
    }
    shown = []
    for (mark, style), expected in series.items():
        found = picture.marks(mark, style)
        assert len(found) <= len(expected) and picture.near(found, expected)
        shown += found
    # A mark may lie on another one, so each value has a mark, if perhaps not its own.
    assert all(picture.near(expected, shown) for expected in series.values())


def test_rmse_learns_each_value_in_its_phase():
    run = toy()
    for phase in Phase:
        picture = Picture(rmse.draw(run, 4, 120, 50, phase=phase))
        assert (max(x for x, _ in picture.marks("■", "series1")) > 3.5) == (phase >= Phase.LOSS)
        assert (max(x for x, _ in picture.marks("◆", "series3")) > 3.5) == (phase >= Phase.AFTER)


def test_borders_stand_between_the_epochs():
    texts = plain(rmse.draw(toy(), 2, 120, 50))
    assert [re.findall(r"epoch \d", text) for text in texts if "epoch 2" in text] == [["epoch 2", "epoch 3", "epoch 4"]]
    picture = Picture(rmse.draw(toy(), 2, 120, 50))
    borders = {round(x, 6) for x, _ in picture.marks("┊", "frame")}
    assert sorted(round(x - 0.5, 0) for x in borders) == [3, 6, 9]


@pytest.mark.parametrize("size", [(53, 30), (78, 18), (120, 50)])
def test_weights_marks_each_value_where_it_is(size):
    run = toy()
    rows = weights.draw(run, 12, *size)
    half = size[1] // 2
    for picture, mark, style, p in (
        (Picture(rows, 0, half), "■", "series1", 0),
        (Picture(rows, half), "●", "series2", 1),
    ):
        found = picture.marks(mark, style)
        assert len(found) > 6
        assert picture.near(found, [(k, run.state(k).parameters[p]) for k in range(13)])
        lines = {round(picture.y_at(k), 6) for k, _ in _braille(picture.rows, "reference") if k > picture.top}
        assert len(lines) == 1
        assert abs(lines.pop() - run.reference.parameters[p]) < picture.cell[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("zoom", ["follow", "whole"])
@pytest.mark.parametrize("number", [1, 5, 9, 30])
def test_surface_ends_the_step_where_it_ends(size, zoom, number):
    run = toy(epochs=10)
    picture = Picture(surface.draw(run, number, *size, zoom=zoom))
    state = run.state(number)
    heads = [place for mark in "→↗↑↖←↙↓↘●" for place in picture.marks(mark, "after")]
    assert len(heads) == 1 and picture.near(heads, [(state.weights[0], state.bias)])
    if zoom == "whole":
        found = picture.marks("╋", "reference")
        assert len(found) == 1 and picture.near(found, [(run.reference.weight, run.reference.bias)])


@pytest.mark.parametrize("batch", [False, True])
def test_a_contour_joins_places_of_equal_loss(batch):
    run = toy()
    rows = surface.draw(run, 0, 120, 50, zoom="whole", batch=batch)
    picture = Picture(rows)
    (x,), y = run.batch(1, 1) if batch else (run.dataset.columns, run.dataset.y)

    def loss(w, b):
        return float(np.mean((w * x + b - y) ** 2))

    places = [(picture.x_at(column), picture.y_at(k)) for k, column in _braille(rows, "dim") if k > picture.top]
    assert len(places) > 100
    # A level runs through a cell if it lies between the losses of the cell's corners.
    width, height = picture.cell
    ranges = []
    for w, b in places:
        around = [loss(w + i * width / 2, b + j * height / 2) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        ranges.append((min(around), max(around)))
    levels = []
    for low, high in sorted(ranges, key=lambda pair: pair[1]):
        if not levels or low > levels[-1]:
            levels.append(high)
    assert len(levels) <= surface.LEVELS


def test_a_diverged_run_is_said_to_be_so():
    run = toy(learning_rate=1e300, epochs=3)
    run.advance(run.n_iterations)
    assert run.diverged_at is not None
    text = "\n".join(plain(fit.draw(run, run.n_iterations, 60, 30)))
    assert math.isfinite(sum(run.state(run.n_iterations).parameters)) or "not finite" in text


def test_a_long_run_keeps_its_extremes():
    run = toy(epochs=500, learning_rate=0.01)
    picture = Picture(rmse.draw(run, run.n_iterations, 60, 40))
    losses = [run.iteration(k).rmse for k in range(1, run.n_iterations + 1)]
    shown = [y for _, y in picture.marks("·", "series1")]
    assert max(shown) == pytest.approx(max(losses), abs=picture.cell[1])
    assert min(shown) == pytest.approx(min(losses), abs=picture.cell[1])


def test_many_samples_are_thinned_to_cells():
    rng = np.random.default_rng(0)
    x = rng.normal(size=50_000)
    run = Run(Dataset("many", x, 3 * x + rng.normal(size=len(x))), Settings(batch_size=50, epochs=1))
    text = "".join(plain(fit.draw(run, 3, 60, 30)))
    assert text.count("·") > 100 and 5 < text.count("●") <= 51


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("size", [(10, 4), (19, 30), (60, 5), (1, 1)])
def test_a_place_too_small_says_so(name, size):
    texts = plain(CHARTS[name](toy(), 3, *size))
    assert [len(text) for text in texts] == [size[0]] * size[1]
    assert "too small"[: size[0] - 1] in "".join(texts)


def test_numbers_on_the_axes_are_whole():
    for number in range(13):
        for name, options in DRAWS:
            for text in plain(CHARTS[name](toy(), number, 60, 30, **options)):
                if text.lstrip()[:1].isdigit() and "┤" not in text and "│" not in text:
                    assert all(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", word) for word in text.split())


@pytest.mark.parametrize("name", ["rmse", "weights"])
def test_iterations_are_counted_in_whole_numbers(name):
    for n in range(1, 13):
        run = Run(Dataset("line", [1.0, 2.0, 4.0], [3.0, 5.0, 8.0]), Settings(batch_size=3, epochs=n))
        for text in plain(CHARTS[name](run, n, 90, 20)):
            numbers = re.findall(r"[\d.]+", text)
            if numbers and not re.search(r"[^\d. ]", text):
                assert all(number.isdigit() for number in numbers) and numbers[-1] == str(n), text


def test_predictions_are_those_of_the_old_parameters_until_the_update():
    x = np.column_stack([np.arange(9.0), np.arange(9.0) ** 2 % 5])
    run = Run(Dataset("plane", x, x @ [2.0, -1.0] + 3.0), Settings(batch_size=9, weight=0.1, learning_rate=0.3))

    def batch(number, phase):
        return Picture(fit.draw(run, number, 100, 30, phase=phase)).marks("●", "batch")

    assert batch(3, Phase.LOSS) == batch(2, Phase.AFTER) != batch(3, Phase.UPDATE) == batch(3, Phase.AFTER)
