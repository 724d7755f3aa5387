"""Where there is much: what tables, pictures and workbooks do at each of their limits, and just beyond it."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.lockstep import Lane, in_lockstep
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.export import comparison, fit_picture, prediction_picture, report, sheet_charts, text
from lrstep.export.drawing import Axes, font
from lrstep.export.fit_marks import thinned

AXES = Axes(0, 0, 1e6, 1e6, (-1.0, 1e6), (-1e9, 1e9), 1.0)


class Drawn:
    """A canvas that notes what is drawn on it."""

    def __init__(self) -> None:
        self.lines: list[object] = []
        self.radii: list[float] = []
        self.outlines: list[object] = []
        self.texts: list[str] = []

    def line(self, axes, points, pen) -> None:
        self.lines.append(points)

    def mark(self, place, shape, radius, colour, outline=None) -> None:
        self.radii.append(radius)
        self.outlines.append(outline)

    def segment(self, *_) -> None:
        pass

    def write(self, at, text, *_) -> None:
        self.texts.append(text)


# The start is no iteration; to part the epochs takes one row more.
@pytest.mark.parametrize(("several", "expected"), [(False, 499), (True, 501)])
def test_500_rows_are_laid_out_before_the_first_is_written(make_run, monkeypatch, several, expected) -> None:
    run, taken, begun = make_run(batch_size=1, epochs=600 if several else 60), [], []
    writer = comparison if several else text
    rows = writer.rows
    monkeypatch.setattr(writer, "rows", lambda *how: (taken.append(row) or row for row in rows(*how)))

    class Out(io.StringIO):
        def writelines(self, lines) -> None:
            begun.append(len(taken))
            super().writelines(lines)

    writer.write_table(in_lockstep((Lane(run, "one"),)) if several else run, Out())
    assert begun[0] == expected


@pytest.mark.parametrize(("iterations", "marks"), [(40, 3 * 40), (41, 0)])
def test_forty_iterations_have_marks_in_a_report(make_run, iterations, marks) -> None:
    run, drawn = make_run(epochs=14), Drawn()
    run.advance(42)
    report._draw_curves(drawn, AXES, run, 1, iterations, [])
    assert len(drawn.radii) == marks
    report._draw_legend(drawn, run, AXES, AXES, 1, iterations, 0)
    assert len(drawn.radii) == marks + 3 * bool(marks)


@pytest.mark.parametrize(("epochs", "borders"), [(40, 39), (41, 40), (42, 0)])
def test_forty_borders_of_epochs_are_drawn_in_a_report(make_run, epochs, borders) -> None:
    run, drawn = make_run(batch_size=12, epochs=50), Drawn()
    run.advance(50)
    report._draw_curves(drawn, AXES, run, 1, epochs, [])
    assert len(drawn.lines) == 3 + borders


def test_a_curve_of_more_than_1500_iterations_is_drawn_by_its_extremes(make_run) -> None:
    run = make_run(batch_size=1, epochs=260, learning_rate=0.3)
    run.advance(3120)
    values = np.sqrt(run.series("loss", np.arange(1, 3121)))
    whole = report.curve_points(run, "rmse", 1, 1500)
    assert whole == list(zip(range(1, 1501), values[:1500].tolist(), strict=True))
    for last in (1501, 3000):
        points = dict(report.curve_points(run, "rmse", 1, last))
        assert {1, last} <= points.keys() and 1000 < len(points) <= 1502
        for part in np.array_split(np.arange(last), 750):
            assert {part[values[part].argmin()] + 1, part[values[part].argmax()] + 1} <= points.keys()


def test_samples_beyond_4000_are_thinned() -> None:
    for n, left in ((4000, 4000), (4001, 2001), (8001, 2667)):
        places = thinned(AXES, np.arange(n) * 10.0, np.zeros(n))
        assert len(places) == left and places[0] == pytest.approx(AXES.place(0.0, 0.0), abs=0.5)


@pytest.mark.parametrize("features", [1, 3])
def test_how_marks_and_errors_are_drawn_depends_on_how_many_there_are(make_run, features) -> None:
    for n, errors, radius in ((40, 40, 7.0), (41, 0, 7.0), (100, 0, 7.0), (101, 0, 3.5)):
        run, drawn = make_run(n, features=features, batch_size=n), Drawn()
        draw = fit_picture.draw_batch if features == 1 else prediction_picture.draw_batch_predictions
        draw(drawn, AXES, run.iteration(1))
        assert (len(drawn.lines), drawn.radii) == (errors, [radius] * n)
        assert bool(drawn.outlines[0]) == (features == 3 or n <= 100)
    for n, radius in ((300, 4.0), (301, 2.0)):
        run, drawn = make_run(n, features=features), Drawn()
        if features == 1:
            fit_picture.draw_data(drawn, AXES, run)
        else:
            prediction_picture.draw_predictions(drawn, AXES, run, run.start)
        assert drawn.radii == [radius] * n


@pytest.mark.parametrize(("rows", "shown"), [(31_999, 31_999), (32_000, 32_000), (32_001, 32_000)])
def test_a_chart_of_a_workbook_has_so_many_samples(rows, shown) -> None:
    of = SimpleNamespace(run=SimpleNamespace(dataset=range(rows)), sheets=SimpleNamespace(name=str))
    dots = sheet_charts._dots(of, 3, 4)
    assert dots["categories"] == ["Data", 1, 3, shown, 3] and dots["values"] == ["Data", 1, 4, shown, 4]


@pytest.mark.parametrize(("last", "marked"), [(60, True), (61, False)])
def test_sixty_iterations_have_marks_in_a_workbook(last, marked) -> None:
    added, layout = [], SimpleNamespace(first=1, letters=["rmse", "cumulative_rmse", "full_rmse"], sheet="Iterations")
    chart = SimpleNamespace(add_series=added.append)
    for name in ("set_title", "set_x_axis", "set_y_axis", "set_legend", "set_size", "show_blanks_as"):
        setattr(chart, name, lambda _: None)
    of = SimpleNamespace(
        last=last, layout=layout, sheet=SimpleNamespace(insert_chart=lambda *_: None),
        sheets=SimpleNamespace(workbook=SimpleNamespace(add_chart=lambda _: chart)),
    )  # fmt: skip
    sheet_charts._rmse_chart(of)
    assert [one["marker"]["type"] != "none" for one in added] == [marked] * 3
    assert [one["values"][1:] for one in added] == [[1, place, last, place] for place in range(3)]


def test_what_tells_a_run_apart_is_cut_behind_20_characters(make_run) -> None:
    labels = ("x" * 18, "x" * 19)
    runs = in_lockstep(tuple(Lane(make_run(epochs=1), label) for label in labels))
    assert comparison._names(runs) == [f"1 {'x' * 18}", f"2 {'x' * 16}.."]


def test_the_name_of_an_axis_is_cut_behind_40_characters() -> None:
    drawn = Drawn()
    fit_picture.write_ticks(drawn, AXES, "x" * 40, "y" * 41)
    assert drawn.texts[-2:] == ["x" * 40, "y" * 37 + "..."]


def test_a_name_of_data_is_cut_where_the_head_of_a_report_has_no_room() -> None:
    axes = Axes(66, 86, 576, 416, (0.0, 1.0), (0.0, 1.0))
    for name, kept in (("a" * 20, True), ("a" * 40, False)):
        drawn = Drawn()
        run = Run(Dataset(name, np.arange(3.0), np.arange(3.0)), Settings(weight=0.5, batch_size=4))
        run.advance(1)
        report._write_heads(drawn, run, 1, axes, axes)
        title = drawn.texts[0]
        assert title.endswith(": iteration 1 of 4 (epoch 1, batch 1)") and ("..." not in title) == kept
        assert kept or font(18).getlength(title) <= 510 < font(18).getlength(f"a{title}")
        assert drawn.texts[3].endswith(", batch size 3")
