"""The picture of one iteration: the line over the data, before and after the update."""

import math
from itertools import pairwise

import numpy as np

from lrstep.core.iteration import Iteration
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.export import prediction_picture
from lrstep.export.drawing import (
    BLACK,
    BLUE,
    DASH_DOT,
    DASHED,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    Axes,
    Image,
    Pen,
    PictureCanvas,
    Point,
    between,
    padded,
)
from lrstep.export.fit_marks import DOT, Entries, draw_diamonds, draw_dots, draw_errors
from lrstep.export.others import AFTER, ROOM, RUNS, draw_runs, draw_tag, pen_of, standing
from lrstep.plotting.beside import Beside
from lrstep.plotting.ticks import Interval, Tick, ticks_about

BEFORE = Pen(GREY, 2, DASHED)
LEAST_SQUARES = Pen(GREEN, 2, DASH_DOT)

LABEL = 6
"""Characters that have room beside an axis."""

LEGEND: Entries = (
    (14, "data", "circle"),
    (108, "this batch", "diamond"),
    (236, "before", BEFORE),
    (346, "after", AFTER),
    (448, "least squares", LEAST_SQUARES),
)


def number(value: float) -> str:
    """Six significant digits, always the same number of them."""
    return f"{value:#.6g}".removesuffix(".")


class FitPicture:
    """Pictures of a run that differ only in the iteration.

    Args:
        runs: the run, computed up to ``last``, and those beside it, whose lines are drawn where they have the same
            feature.
        size: width and height in pixels.
        first, last: the iterations that will be shown; they decide the range of y.
    """

    def __init__(self, runs: Lockstep, size: tuple[int, int], first: int, last: int) -> None:
        self.runs, self.run, self.last = runs, runs.run, last
        self.size = size
        self.scale = min(size[0] / 640, size[1] / 480)
        s = self.scale
        bottom = size[1] - (78 + ROOM * (not runs.alone)) * s
        self.axes = fit_axes(self.run, (62 * s, 106 * s, size[0] - 24 * s, bottom), s, first, last)
        canvas = PictureCanvas(size)
        draw_grid(canvas, self.axes)
        draw_data(canvas, self.axes, self.run)
        self._background = canvas.image

    def frame(self, it: Iteration) -> Image.Image:
        """The picture of one iteration, in RGB."""
        canvas = PictureCanvas(self.size, self._background)
        together = standing(self.runs, it.number, self.last)
        together = together._replace(all=[one.by_its_line(self.axes.x, self.axes.y) for one in together.all])
        lines = has_line(self.run)
        if lines:
            draw_others(canvas, self.axes, together)
            draw_line(canvas, self.axes, it.before, BEFORE)
            draw_batch(canvas, self.axes, it)
            draw_line(canvas, self.axes, it.after, AFTER)
        else:
            prediction_picture.draw_predictions(canvas, self.axes, self.run, it.after)
            prediction_picture.draw_batch_predictions(canvas, self.axes, it)
        write_ticks(canvas, self.axes, *axis_names(self.run))
        draw_legend(canvas, self.axes, self.size, LEGEND if lines else prediction_picture.LEGEND)
        draw_runs(canvas, together, lines, self.size, self.scale, self.size[1] - 39 * self.scale, strokes=lines)
        draw_tags(canvas, self.axes, together)
        write_where(canvas, self.axes, self.run, it.after)
        self._write_head(canvas, it)
        return canvas.finished()

    def _write_head(self, canvas: PictureCanvas, it: Iteration) -> None:
        s = self.scale
        run = self.run
        epochs, batches = run.settings.epochs, run.batches.per_epoch
        big, small = round(18 * s), round(14 * s)
        at = f"Iteration {it.number} of {run.n_iterations}"
        place = f"epoch {it.epoch} of {epochs}   batch {it.batch} of {batches}"
        canvas.write((14 * s, 10 * s), at, big, "la")
        canvas.write((self.size[0] - 14 * s, 12 * s), place, small, "ra")
        rows = (
            ("this batch, before", f"loss {number(it.loss)}", f"RMSE {number(it.rmse)}"),
            ("all data, after", f"loss {number(it.full_loss)}", f"RMSE {number(it.full_rmse)}"),
        )
        for row, texts in enumerate(rows):
            for x, text in zip((14, 150, 285), texts, strict=True):
                canvas.write((x * s, (40 + 20 * row) * s), text, small, "la")
        # Of more parameters than two there is no room for all.
        shown = zip(run.parameters, it.after.parameters, strict=True) if has_line(run) else ()
        for row, (name, value) in enumerate(shown):
            for x, text in ((425, f"{name} after"), (535, number(value))):
                canvas.write((x * s, (40 + 20 * row) * s), text, small, "la")


def has_line(run: Run) -> bool:
    """Whether the predictions are a line over one feature."""
    return len(run.dataset.columns) == 1


def axis_names(run: Run) -> tuple[str, str]:
    """What stands across and what up."""
    data = run.dataset
    return (data.features[0], data.label) if has_line(run) else (data.label, f"prediction of {data.label}")


def fit_axes(run: Run, box: tuple[float, float, float, float], scale: float, first: int, last: int) -> Axes:
    """Axes that show all data and, as far as that leaves the data readable, the lines of the iterations."""
    if not has_line(run):
        return prediction_picture.prediction_axes(run, box, scale, first, last)
    x, y = run.dataset.columns[0], run.dataset.y
    across = padded(float(x.min()), float(x.max()))
    low, high = float(y.min()), float(y.max())
    room = (high - low) * 0.75 or max(abs(high), 1.0)
    ends = np.array([x.min(), x.max()])
    for number_ in (first - 1, last):
        for value in run.state(number_).predictions([ends]).tolist():
            if math.isfinite(value):
                low, high = min(low, max(value, low - room)), max(high, min(value, high + room))
    return Axes(*box, across, padded(low, high), scale)


def draw_grid(canvas: PictureCanvas, axes: Axes) -> None:
    """Frame and grid."""
    for x, _ in _ticks_x(axes):
        at = axes.place(x, axes.y[0])[0]
        canvas.segment((at, axes.top), (at, axes.bottom), Pen(LIGHT, 1), axes.scale)
    for y, _ in _ticks_y(axes):
        at = axes.place(axes.x[0], y)[1]
        canvas.segment((axes.left, at), (axes.right, at), Pen(LIGHT, 1), axes.scale)
    corners = [(axes.left, axes.top), (axes.left, axes.bottom), (axes.right, axes.bottom)]
    for p, q in pairwise(corners):
        canvas.segment(p, q, Pen(BLACK, 1.2), axes.scale)


def write_ticks(canvas: PictureCanvas, axes: Axes, x_name: str, y_name: str) -> None:
    """The numbers at the ticks and the names of the axes."""
    s = axes.scale
    size = round(13 * s)
    for tick, label in _ticks_x(axes):
        canvas.write((axes.place(tick, axes.y[0])[0], axes.bottom + 5 * s), label, size, "ma")
    for tick, label in _ticks_y(axes):
        canvas.write((axes.left - 6 * s, axes.place(axes.x[0], tick)[1]), label, size, "rm")
    canvas.write(((axes.left + axes.right) / 2, axes.bottom + 22 * s), _short(x_name), round(14 * s), "ma")
    canvas.write((axes.left - 40 * s, axes.top - 7 * s), _short(y_name), round(14 * s), "ls")


def draw_data(canvas: PictureCanvas, axes: Axes, run: Run) -> None:
    """What no iteration changes: all samples as dots and the best line, or the diagonal."""
    if not has_line(run):
        prediction_picture.draw_diagonal(canvas, axes)
        return
    draw_dots(canvas, axes, run.dataset.columns[0], run.dataset.y)
    if run.reference.exists:
        draw_line(canvas, axes, State(run.reference.parameters), LEAST_SQUARES)


def draw_batch(canvas: PictureCanvas, axes: Axes, it: Iteration) -> None:
    """The samples of the batch as diamonds, and their errors where there are few."""
    draw_errors(canvas, axes, it, it.columns[0])
    draw_diamonds(canvas, axes, it.columns[0], it.y)


def draw_others(canvas: PictureCanvas, axes: Axes, together: Beside) -> None:
    """The lines of the runs beside this one, where they stand."""
    for one in together.sharing:
        draw_line(canvas, axes, one.state, RUNS[one.place])


def draw_tags(canvas: PictureCanvas, axes: Axes, together: Beside) -> None:
    """The number of each run on its line, not all in one place."""
    if not together.all or not has_line(together.all[0].run):
        return
    for one in together.all:
        visible = axes.clipped(_line(axes, one.state)) if one.shares else []
        if visible:
            draw_tag(canvas, between(*visible[0], 0.96 - 0.05 * one.place), one.mark, pen_of(one, together), axes.scale)


def draw_line(canvas: PictureCanvas, axes: Axes, state: State, pen: Pen) -> None:
    """The predictions of weight and bias."""
    canvas.line(axes, _line(axes, state), pen)


def write_where(canvas: PictureCanvas, axes: Axes, run: Run, state: State) -> None:
    """Say why the predictions after the update are not to be seen, where they are not."""
    line = has_line(run)
    if not math.isfinite(sum(state.parameters)):
        text = "no line: weight or bias is not finite" if line else "no prediction: a parameter is not finite"
    elif line and not axes.clipped(_line(axes, state)):
        text = "the line lies outside the picture"
    elif not line and not prediction_picture.inside(axes, state.predictions(run.dataset.columns)).any():
        text = "all predictions lie outside the picture"
    else:
        return
    canvas.write((axes.right, axes.top - 7 * axes.scale), text, round(14 * axes.scale), "rs", BLUE)


def draw_legend(canvas: PictureCanvas, axes: Axes, size: tuple[int, int], legend: Entries) -> None:
    """The marks and lines of the legend with their names, below the axes."""
    s = axes.scale
    y = size[1] - 17 * s
    for place, name, look in legend:
        left = place * s
        if isinstance(look, Pen):
            canvas.segment((left, y), (left + 36 * s, y), look, s)
        elif look == "circle":
            canvas.mark((left + 24 * s, y), look, 4 * s, DOT)
        else:
            canvas.mark((left + 24 * s, y), look, 7 * s, ORANGE, BLACK)
        canvas.write((left + 42 * s, y), name, round(13 * s), "lm")


def _line(axes: Axes, state: State) -> list[Point]:
    return list(zip(axes.x, state.predictions([np.array(axes.x)]).tolist(), strict=True))


def _ticks_x(axes: Axes) -> list[Tick]:
    across, pieces = Interval(*axes.x), round((axes.right - axes.left) / (75 * axes.scale))
    return ticks_about(across, min(pieces, int(across.width)) if axes.whole else pieces, LABEL)


def _ticks_y(axes: Axes) -> list[Tick]:
    return ticks_about(Interval(*axes.y), round((axes.bottom - axes.top) / (50 * axes.scale)), LABEL)


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:37] + "..."
