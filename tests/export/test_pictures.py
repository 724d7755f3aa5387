"""Pictures: as many frames as asked for, of the size asked for, and the line moves in them."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lrstep.core.dataset import Dataset
from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.export import pictures
from lrstep.export.drawing import BLUE, DASH_DOT, LARGEST, SOLID, Axes, Pen, PictureCanvas, font, padded
from lrstep.export.fit_marks import thinned
from lrstep.export.fit_picture import FitPicture, _ticks_x
from lrstep.export.others import RUNS, shortened, standing, words
from lrstep.export.report import (
    _curve_axes,
    _other_curves,
    _settings,
    _some_parameters,
    curve_points,
    draw_report,
    wrapped,
)
from lrstep.export.spans import ExportOptions
from lrstep.plotting.ticks import Interval, ticks_about

finite = st.floats(-1e300, 1e300)
any_finite = st.floats(allow_nan=False, allow_infinity=False) | st.floats(1e300, LARGEST) | st.floats(-LARGEST, -1e300)


def alone(run: Run) -> Lockstep:
    return in_lockstep((Lane(run, ""),))


def pixels(image: Image.Image, colour: tuple[int, int, int]) -> np.ndarray:
    """Where a picture has (about) a colour: rows and columns, shape (k, 2)."""
    levels = np.asarray(image.convert("RGB"), dtype=int)
    return np.argwhere(np.abs(levels - colour).max(axis=2) < 12)


def line_height(image: Image.Image, column: int) -> float:
    """The row in which the line after the update crosses a column of pixels; nan where it does not."""
    found = pixels(image, BLUE)
    rows = found[(found[:, 1] == column) & (found[:, 0] > 106) & (found[:, 0] < 402)]
    return float(rows[:, 0].mean()) if len(rows) else math.nan


def test_a_gif_has_a_frame_per_iteration_and_the_line_moves(make_run, tmp_path) -> None:
    run = make_run(epochs=20)
    assert pictures.write_gif(alone(run), tmp_path / "a.gif", ExportOptions(1, 60, fps=10)) == 60
    axes = FitPicture(alone(run), (640, 480), 1, 60).axes
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["loop"]) == (60, (640, 480), 0)
        column = 600
        x = axes.x[0] + (column - axes.left) / (axes.right - axes.left) * (axes.x[1] - axes.x[0])
        for frame in range(0, 60, 7):
            gif.seek(frame)
            state = run.state(frame + 1)
            wanted = axes.place(x, state.weights[0] * x + state.bias)[1]
            assert line_height(gif, column) == pytest.approx(wanted, abs=2)
            assert gif.info["duration"] == 100
        gif.seek(59)
        assert gif.info["duration"] == 2000


@pytest.mark.parametrize(("first", "last", "every", "shown"), [
    (1, None, 5, [1, 6, 11, 12]), (3, 9, 3, [3, 6, 9]), (12, 12, 1, [12]), (2, 5, 50, [2, 5]),
])  # fmt: skip
def test_frames_are_the_iterations_asked_for(make_run, tmp_path, first, last, every, shown) -> None:
    run = make_run()
    part = ExportOptions(first, last or run.n_iterations, every, size=(300, 240))
    assert pictures.frame_numbers(part, 100) == shown
    done = []
    assert pictures.write_frames(alone(run), tmp_path, part, done.append) == len(shown)
    assert [number + first - 1 for number in done if number] == shown
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == [f"img{place:04d}.png" for place in range(1, len(shown) + 1)]
    for name in names:
        with Image.open(tmp_path / name) as image:
            assert image.size == (300, 240)


def test_a_frame_shows_the_batch_in_its_colour_where_it_lies(make_run) -> None:
    run = make_run()
    picture = FitPicture(alone(run), (640, 480), 1, 12)
    for number in (1, 2, 3):
        it = run.iteration(number)
        frame = picture.frame(it)
        for x, y in zip(it.columns[0], it.y, strict=True):
            left, top = picture.axes.place(float(x), float(y))
            assert frame.getpixel((round(left), round(top) - 3)) == (213, 94, 0)


def test_the_report_has_its_size_and_shows_three_curves(make_run, tmp_path) -> None:
    pictures.write_png(alone(make_run()), tmp_path / "a.png", ExportOptions(1, 12))
    with Image.open(tmp_path / "a.png") as image:
        assert (image.size, image.format) == ((1200, 500), "PNG")
        for colour in ((213, 94, 0), BLUE, (0, 158, 115)):
            found = pixels(image, colour)
            assert np.sum((found[:, 1] > 660) & (found[:, 0] < 415)) > 100
    pictures.write_png(alone(make_run()), tmp_path / "b.png", ExportOptions(3, 7, size=(600, 300)))
    with Image.open(tmp_path / "b.png") as image:
        assert image.size == (600, 300)


class Drawn:
    """What is drawn while a picture is made: texts with their sizes, ends of strokes, and marks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.numbers: list[tuple[float, ...]] = []
        text, strokes, mark = ImageDraw.ImageDraw.text, PictureCanvas._strokes, PictureCanvas.mark

        def note_text(
            draw: ImageDraw.ImageDraw, at: tuple[float, float], words: str, colour: Any, chosen: Any, anchor: str
        ) -> None:
            self.texts.append(words)
            self.numbers.append((*at, chosen.size))
            text(draw, at, words, colour, chosen, anchor)

        def note_strokes(canvas: PictureCanvas, pieces: Any, pen: Pen, scale: float) -> None:
            kept = list(pieces)
            self.numbers += [(*p, *q, pen.width * scale) for p, q in kept]
            strokes(canvas, kept, pen, scale)

        def note_mark(canvas: PictureCanvas, at: tuple[float, float], shape: str, radius: float, *colours: Any) -> None:
            self.numbers.append((*at, radius))
            mark(canvas, at, shape, radius, *colours)

        monkeypatch.setattr(ImageDraw.ImageDraw, "text", note_text)
        monkeypatch.setattr(PictureCanvas, "_strokes", note_strokes)
        monkeypatch.setattr(PictureCanvas, "mark", note_mark)


@pytest.mark.parametrize("kind", ["frame", "frame of predictions", "frame with others", "report", "report with others"])
def test_twice_as_large_a_picture_is_the_same_one_twice_as_large(make_run, monkeypatch, kind) -> None:
    run = make_run(features=3 if "predictions" in kind else 1)
    runs = side_by_side(run, make_run(learning_rate=0.2)) if "others" in kind else alone(run)
    assert all(lane.run.advance(lane.run.n_iterations) for lane in runs.lanes)
    made = []
    for times in (1, 2):
        with monkeypatch.context() as patch:
            drawn = Drawn(patch)
            if kind.startswith("report"):
                draw_report(runs, 2, run.n_iterations, (1200 * times, 500 * times))
            else:
                FitPicture(runs, (640 * times, 480 * times), 1, run.n_iterations).frame(run.iteration(3))
        made.append(drawn)
    one, two = made
    assert one.texts == two.texts and len(one.texts) > 10 and len(one.numbers) == len(two.numbers) > 40
    for small, large in zip(one.numbers, two.numbers, strict=True):
        assert large == pytest.approx([2 * number for number in small], abs=1e-6)


@pytest.mark.parametrize(("first", "said"), [(1, "at the start"), (2, "after 1"), (5, "after 4")])
def test_the_report_says_which_line_it_begins_with(make_run, monkeypatch, first, said) -> None:
    run, drawn = make_run(), Drawn(monkeypatch)
    draw_report(alone(run), first, 9, (1200, 500))
    assert said in drawn.texts and "after 9" in drawn.texts


@pytest.mark.parametrize(("features", "rate", "said"), [
    (1, 1.0, "the line lies outside the picture"), (3, 1e3, "all predictions lie outside the picture"),
    (3, 1e200, "no prediction: a parameter is not finite"),
])  # fmt: skip
def test_a_picture_without_predictions_says_why(make_run, monkeypatch, features, rate, said) -> None:
    run, drawn = make_run(optimizer="sgd", learning_rate=rate, features=features), Drawn(monkeypatch)
    assert run.advance(12)
    FitPicture(alone(run), (640, 480), 1, 12).frame(run.iteration(12))
    assert said in drawn.texts


def test_a_long_curve_is_thinned_without_losing_its_peaks(make_run) -> None:
    run = make_run(batch_size=1, epochs=1000)
    run.advance(run.n_iterations)
    whole = np.sqrt(run.series("loss", np.arange(1, run.n_iterations + 1)))
    points = curve_points(run, "rmse", 1, run.n_iterations)
    values = [value for _, value in points]
    assert len(points) < 2000
    assert (max(values), min(values)) == (whole.max(), whole.min())
    assert [whole[number - 1] for number, _ in points] == values


def test_many_samples_are_thinned() -> None:
    axes = Axes(0, 0, 500, 400, (0.0, 1.0), (0.0, 1.0))
    x, y = np.random.default_rng(0).random((2, 200_000))
    places = thinned(axes, x, y)
    assert 1000 < len(places) <= 4000
    across = [left for left, _ in places]
    assert min(across) < 20
    assert max(across) > 480


@pytest.mark.parametrize(("x", "y", "learning_rate"), [
    ([1.0], [0.0], 0.05), ([0.0, 0.0], [1e-300, 2e-300], 0.05), ([1e300, -1e300], [1e300, -1e300], 0.05),
    ([5.0] * 3, [1.0, 2.0, 3.0], 0.05), ([1e-5, 2e-5], [1e9, 1e9 + 1], 0.05), ([1.0, 2.0], [1.0, 2.0], 1e200),
    ([1.0, 2.0], [5e-324, 0.0], 1e150), ([1e308, -1e308], [1.0, 2.0], 0.05),
    ([1e308, 1e307], [2.0, 3.0], 0.05), ([-1.7e308] * 3, [1.7e308, -1.7e308, 0.0], 0.05),
])  # fmt: skip
def test_extreme_data_and_diverged_runs_are_drawn(tmp_path, x, y, learning_rate) -> None:
    run = Run(Dataset("extreme ü 漢", np.array(x), np.array(y), "größe"), Settings(learning_rate=learning_rate))
    assert pictures.write_gif(alone(run), tmp_path / "a.gif", ExportOptions(1, 4, size=(320, 240))) == 4
    pictures.write_png(alone(run), tmp_path / "a.png", ExportOptions(1, run.n_iterations))


@settings(deadline=None, max_examples=80)
@given(p=st.tuples(finite, finite), q=st.tuples(finite, finite))
def test_a_clipped_segment_lies_within_and_on_the_line(p, q) -> None:
    axes = Axes(10, 20, 110, 70, (-1.0, 1.0), (-2.0, 3.0))
    parts = axes.clipped([p, q])
    if not parts:
        assert not (axes.holds(*p) and axes.holds(*q))
        return
    (part,) = parts
    for left, top in part:
        assert 10 - 1e-6 <= left <= 110 + 1e-6
        assert 20 - 1e-6 <= top <= 70 + 1e-6
    if axes.holds(*p):
        assert part[0] == pytest.approx(axes.place(*p))


@settings(deadline=None, max_examples=80)
@given(values=st.lists(any_finite, min_size=1, max_size=5))
def test_axes_hold_their_data_whatever_its_size(values) -> None:
    axes = Axes(10, 20, 110, 70, padded(min(values), max(values)), padded(min(values), max(values)))
    for value in values:
        left, top = axes.place(value, value)
        assert 10 <= left <= 110 and 20 <= top <= 70
        assert left - 10 == pytest.approx(2 * (70 - top), abs=1e-6)


@settings(deadline=None, max_examples=80)
@given(a=any_finite, b=any_finite, wanted=st.integers(1, 12))
def test_ticks_are_within_and_tell_themselves_apart(a, b, wanted) -> None:
    low, high = padded(min(a, b), max(a, b))
    assert low < high
    found = ticks_about(Interval(low, high), wanted, 6)
    ticks, labels = [tick.value for tick in found], [tick.label for tick in found]
    room = high * 1e-6 - low * 1e-6
    assert all(low - room <= tick <= high + room for tick in ticks)
    assert len(ticks) <= 2 * wanted + 2
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("high", "room", "labels"), [
    (8000, 6, ["0", "2000", "4000", "6000", "8000"]), (8000, 3, ["0", "2e3", "4e3", "6e3", "8e3"]),
    (2e6, 6, ["0", "5e5", "1.0e6", "1.5e6", "2.0e6"]),
])  # fmt: skip
def test_ticks_are_written_out_where_there_is_room(high, room, labels) -> None:
    assert [tick.label for tick in ticks_about(Interval(0, high), 4, room)] == labels


@pytest.mark.parametrize(("last", "labels"), [(5, ["5"]), (6, ["5", "6"])])
def test_no_tick_of_the_report_is_between_two_iterations(make_run, last, labels) -> None:
    axes = _curve_axes(make_run(), 5, last, (0, 0, 900, 300), 1.0, [[(5.0, 1.0)]], own=False)
    assert [tick.label for tick in _ticks_x(axes)] == labels


def test_the_settings_in_the_report_stay_in_its_room() -> None:
    run = Run(Dataset("made", np.eye(4)[:, :1], np.arange(4.0)), Settings(
        optimizer="rmsprop-tf1", momentum=0.9, centered=True, learning_rate=0.0123456, shuffle=True, scale="minmax",
    ))  # fmt: skip
    rows = wrapped(_settings(run), ", ", 14, 520)
    assert " ".join(rows) == ", ".join(_settings(run)) and len(rows) == 2
    assert all(font(14).getlength(row) <= 520 for row in rows)
    assert rows[1].endswith("batch size 4, shuffled, minmax scaling")


@settings(deadline=None, max_examples=100)
@given(points=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=20))
def test_dashes_draw_part_of_what_the_solid_line_draws(points) -> None:
    axes = Axes(0, 0, 100, 100, (0.0, 100.0), (0.0, 100.0))
    drawn = []
    for dash in (SOLID, DASH_DOT):
        canvas = PictureCanvas((100, 100))
        canvas.line(axes, points, Pen(BLUE, 3, dash))
        drawn.append(np.asarray(canvas.finished()).min(axis=2) < 128)
    # A dash may end a pixel beside the solid line, as each is rounded by itself.
    grown = drawn[0].copy()
    for shift in ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)):
        grown |= np.roll(drawn[0], shift, axis=(0, 1))
    assert not np.any(drawn[1] & ~grown)


@pytest.mark.parametrize("size", [(100, 480), (640, 9000)])
def test_a_size_that_cannot_be_read_is_refused(make_run, tmp_path, size) -> None:
    with pytest.raises(LrstepError, match=f"--size {size[0]}x{size[1]}"):
        pictures.write_gif(alone(make_run()), tmp_path / "a.gif", ExportOptions(1, 12, size=size))


@pytest.mark.parametrize("fps", [0, -1, 51, math.nan])
def test_a_speed_that_cannot_be_is_refused(make_run, tmp_path, fps) -> None:
    with pytest.raises(LrstepError, match="--fps"):
        pictures.write_gif(alone(make_run()), tmp_path / "a.gif", ExportOptions(1, 12, fps=fps))


def test_too_many_frames_for_a_gif_are_refused_with_what_fits(make_run, tmp_path) -> None:
    run = make_run(epochs=3000)
    with pytest.raises(LrstepError, match=r"--every 5") as caught:
        pictures.write_gif(alone(run), tmp_path / "a.gif", ExportOptions(1, run.n_iterations))
    assert "9000" in caught.value.message
    assert pictures.frame_numbers(ExportOptions(1, run.n_iterations, 5), pictures.MAX_GIF_FRAMES)


def test_without_pillow_the_way_to_install_it_is_said() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from lrstep.errors import LrstepError\n"
        "try:\n    import lrstep.export.pictures\n"
        "except LrstepError as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"{sys.executable} -m pip install pillow" in said


def test_of_several_features_predictions_stand_against_labels(make_run, tmp_path) -> None:
    run = make_run(features=3, epochs=60, learning_rate=0.1)
    picture = FitPicture(alone(run), (640, 480), 1, run.n_iterations)
    it = run.iteration(run.n_iterations)
    frame = picture.frame(it)
    data = run.dataset
    after = sum(w * x for w, x in zip(it.after.weights, data.columns, strict=True)) + it.after.bias
    others = [row for row in range(len(data)) if row not in it.samples]
    for row in others:
        place = picture.axes.place(float(data.y[row]), float(after[row]))
        assert frame.getpixel((round(place[0]), round(place[1]))) == (70, 70, 70)
    for y, predicted in zip(it.y, it.prediction, strict=True):
        left, top = picture.axes.place(float(y), float(predicted))
        assert frame.getpixel((round(left), round(top) - 3)) == (213, 94, 0)
    pictures.write_png(alone(run), tmp_path / "a.png", ExportOptions(1, run.n_iterations))
    wild = make_run(features=3, optimizer="sgd", learning_rate=1e80)
    pictures.write_gif(alone(wild), tmp_path / "a.gif", ExportOptions(1, wild.n_iterations))


# --- runs side by side ---------------------------------------------------------------------------


def side_by_side(*runs: Run) -> Lockstep:
    return in_lockstep(tuple(Lane(run, f"lr {run.settings.learning_rate:g}") for run in runs))


def test_a_frame_has_the_line_of_each_run_where_it_stands(make_run) -> None:
    one = make_run()
    runs = side_by_side(one, Run(one.raw, one.settings.changed(batch_size=1)), make_run(batch_size=12))
    assert all(lane.run.advance(lane.run.n_iterations) for lane in runs.lanes)
    picture = FitPicture(runs, (640, 480), 1, 12)
    for number in (3, 9, 12):
        frame = picture.frame(one.iteration(number))
        for place, pen in ((1, RUNS[1]), (2, RUNS[2])):
            run = runs.lanes[place].run
            weight, bias = run.state(run.batches.within(one.batches.seen(number))).parameters
            found = pixels(frame, pen.colour)
            found = found[(found[:, 0] < picture.axes.bottom - 2) & (found[:, 0] > picture.axes.top)]
            on_line = [
                abs(picture.axes.place(x, weight * x + bias)[1] - row) < 4
                for row, column in found
                for x in [picture.axes.x[0] + (column - picture.axes.left) / 554 * np.diff(picture.axes.x)[0]]
            ]
            assert sum(on_line) > 20


def test_the_report_has_the_rmse_of_each_run_on_its_axis_and_one_that_goes_far_squashes_none(make_run) -> None:
    one = make_run()
    other, wild = make_run(batch_size=1), make_run(optimizer="sgd", learning_rate=9.0)
    for runs in (side_by_side(one, other), side_by_side(one, other, wild), side_by_side(one, other, wild).showing(2)):
        assert all(lane.run.advance(lane.run.n_iterations) for lane in runs.lanes)
        together = standing(runs, 12, 12)
        assert [drawn.leaves for drawn in together.all] == [lane.run is wild for lane in runs.lanes]
        curves = _other_curves(runs, together, 1, runs.run.n_iterations)
        axes = _curve_axes(
            runs.run, 1, 12, (0, 0, 100, 100), 1.0, [points for drawn, points in curves if not drawn.leaves],
            own=not together.leaves,
        )  # fmt: skip
        assert 20 < axes.y[1] < 40
        for drawn, points in curves:
            expected = np.sqrt(drawn.run.series("full_loss", np.arange(1, drawn.run.n_iterations + 1)))
            assert [value for _, value in points] == expected.tolist()
            assert points[-1][0] == pytest.approx(runs.run.n_iterations)
    assert "9: beyond the axis" in words(standing(runs, 12, 12).all[2], True)


def test_the_legend_of_a_frame_says_whose_line_is_outside_whatever_its_rmse(make_run) -> None:
    one = make_run()
    runs = side_by_side(one, make_run(optimizer="sgd"))
    assert all(lane.run.advance(12) for lane in runs.lanes)
    picture = FitPicture(runs, (640, 480), 1, 12)
    others = [standing(runs, number, 12).all[1].by_its_line(picture.axes.x, picture.axes.y) for number in (1, 12)]
    told = [words(one, True) for one in others]
    assert "RMSE" in told[0] and told[1].endswith(": beyond the axis")


def test_the_legend_says_what_tells_the_runs_apart_and_stays_in_its_room(make_run) -> None:
    one = make_run()
    runs = side_by_side(one, make_run(optimizer="sgd", learning_rate=1e200), make_run(features=3, epochs=1))
    assert all(lane.run.advance(lane.run.n_iterations) for lane in runs.lanes)
    told = [words(drawn, True) for drawn in standing(runs, 12, 12).all]
    assert told == [f"lr 0.05: RMSE {one.iteration(12).full_rmse:#.4g}", "lr 1e+200: diverged at 1",
                    "lr 0.05: other parameters"]  # fmt: skip
    for text in (told[0], "a very long name of what tells it apart: RMSE 12.34"):
        for room in (400, 120, 60):
            cut = shortened(text, 12, room)
            assert cut == text or (font(12).getlength(cut) <= room and "RMSE" in cut) or cut == text.rpartition(": ")[2]


def test_the_legend_has_the_rmse_of_a_scaled_run_in_the_units_of_the_picture(make_run) -> None:
    one, scaled = make_run(), make_run(scale="standard")
    runs, spread = side_by_side(one, scaled), float(np.std(one.dataset.y))
    assert all(lane.run.advance(12) for lane in runs.lanes)
    inside, outside = (run.iteration(12).full_rmse for run in (scaled, one))
    assert f": RMSE {inside * spread:#.4g}" in words(standing(runs, 12, 12).all[1], False)
    runs = side_by_side(scaled, one)
    told = [words(drawn, False) for drawn in standing(runs, 12, 12).all]
    assert told[0].endswith(f": RMSE {inside:#.4g}") and told[1].endswith(f": RMSE {outside / spread:#.4g}")


@pytest.mark.parametrize(("features", "names"), [(1, "weight bias"), (2, "weight_1 weight_2 bias"),
                                                 (3, "weight_1 weight_2 weight_3 ...")])  # fmt: skip
def test_the_report_has_three_parameters_and_says_when_there_are_more(features, names) -> None:
    run = Run(Dataset("made", np.eye(4)[:, :features], np.arange(4.0)), Settings())
    assert [text.split()[0] for text in _some_parameters(run, run.start)] == names.split()


@pytest.mark.parametrize("features", [1, 3])
def test_pictures_of_several_runs_are_written_and_several_features_are_told_in_the_legend(
    make_run, tmp_path, features
) -> None:
    one = make_run(features=features, epochs=2)
    runs = side_by_side(one, Run(one.raw, one.settings.changed(learning_rate=0.2)))
    pictures.write_png(runs, tmp_path / "a.png", ExportOptions(1, 6))
    assert pictures.write_gif(runs, tmp_path / "a.gif", ExportOptions(1, 6)) == 6
    pictures.write_png(alone(one), tmp_path / "alone.png", ExportOptions(1, 6))
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "alone.png").read_bytes()
