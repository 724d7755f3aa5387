"""A picture for a report: the line over the data, and beside it the RMSE of every iteration."""

import math

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.lockstep import Lockstep, along
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.export import fit_picture
from lrstep.export.drawing import (
    BLACK,
    BLUE,
    DASHED,
    DOTTED,
    GREEN,
    GREY,
    ORANGE,
    Axes,
    Image,
    Pen,
    PictureCanvas,
    Point,
    font,
    padded,
)
from lrstep.export.others import AFTER, ROOM, RUNS, draw_runs, draw_tag, pen_of, shortened, standing
from lrstep.export.prediction_picture import DIAGONAL, draw_predictions
from lrstep.export.spans import spans
from lrstep.export.text import optimizer_settings
from lrstep.plotting.beside import Beside, Companion

CURVE_POINTS = 1500
"""A curve of more iterations is drawn as the lowest and highest of each stretch, so that no peak is lost."""

MARKED = 40
"""Up to so many iterations each has a mark."""

EPOCH_LINES = 40
"""Up to so many epochs their borders are drawn."""

CURVES = (
    ("rmse", "this batch", Pen(ORANGE, 1.6, DOTTED), "diamond"),
    ("cumulative_rmse", "epoch so far (Keras prints)", Pen(BLUE, 2, DASHED), "square"),
    ("full_rmse", "all data, after", Pen(GREEN, 2.4), "circle"),
)


def draw_report(runs: Lockstep, first: int, last: int, size: tuple[int, int]) -> Image.Image:
    """Draw the fit after the iteration ``last`` and the RMSE of the iterations first … last.

    With other runs beside it also their lines, and their RMSE of all data on the same axes.
    """
    run, scale, middle = runs.run, min(size[0] / 1200, size[1] / 500), size[0] / 2
    top, bottom = 86 * scale, size[1] - (84 + ROOM * (not runs.alone)) * scale
    together = standing(runs, last, last)
    curves = _other_curves(runs, together, first, last)
    fit = fit_picture.fit_axes(run, (66 * scale, top, middle - 24 * scale, bottom), scale, first, last)
    box = (middle + 58 * scale, top, size[0] - 20 * scale, bottom)
    reach = [points for one, points in curves if not one.leaves]
    curve = _curve_axes(run, first, last, box, scale, reach, own=not together.leaves)
    canvas = PictureCanvas(size)
    _draw_fit(canvas, fit, run, first, last, together)
    _draw_curves(canvas, curve, run, first, last, curves)
    _draw_legend(canvas, run, fit, curve, first, last, size[1] - 18 * scale)
    draw_runs(canvas, together, fit_picture.has_line(run), size, scale, size[1] - 42 * scale)
    fit_picture.draw_tags(canvas, fit, together)
    _draw_curve_tags(canvas, curve, run, together, curves, first, last)
    fit_picture.write_ticks(canvas, fit, *fit_picture.axis_names(run))
    fit_picture.write_ticks(canvas, curve, "iteration", "RMSE")
    fit_picture.write_where(canvas, fit, run, run.state(last))
    _write_heads(canvas, run, last, fit, curve)
    return canvas.finished()


Curves = list[tuple[Companion, list[Point]]]


def _other_curves(runs: Lockstep, together: Beside, first: int, last: int) -> Curves:
    """The RMSE of all data of the runs beside this one, on its axis of iterations and in its units."""
    made: Curves = []
    done = spans(runs, first, last)
    for one in together.others:
        span = done[one.place]
        if not span.length:
            continue
        points = curve_points(one.run, "full_rmse", span.first, span.last)
        x = along(runs.run, one.run, [number for number, _ in points], runs.pace).tolist()
        made.append((one, [(at, value * one.unit) for at, (_, value) in zip(x, points, strict=True)]))
    return made


def _draw_curve_tags(
    canvas: PictureCanvas, axes: Axes, run: Run, together: Beside, curves: Curves, first: int, last: int
) -> None:
    """The number of each run at the end of its curve."""
    if not together.all:
        return
    own = (together.all[together.shown], curve_points(run, "full_rmse", first, last))
    for one, points in (own, *curves):
        inside = [point for point in points if axes.holds(*point)]
        if inside:
            pen = pen_of(one, together, CURVES[-1][2])
            draw_tag(canvas, axes.place(*inside[-1]), one.mark, pen, axes.scale)


def _draw_fit(canvas: PictureCanvas, axes: Axes, run: Run, first: int, last: int, together: Beside) -> None:
    fit_picture.draw_grid(canvas, axes)
    fit_picture.draw_data(canvas, axes, run)
    if not fit_picture.has_line(run):
        draw_predictions(canvas, axes, run, run.state(last))
        return
    fit_picture.draw_others(canvas, axes, together)
    for state, pen in ((run.state(first - 1), fit_picture.BEFORE), (run.state(last), AFTER)):
        fit_picture.draw_line(canvas, axes, state, pen)


def _draw_curves(canvas: PictureCanvas, axes: Axes, run: Run, first: int, last: int, others: Curves) -> None:
    fit_picture.draw_grid(canvas, axes)
    per_epoch = run.batches.per_epoch
    epochs = range(-(-first // per_epoch), (last - 1) // per_epoch + 1)
    if len(epochs) <= EPOCH_LINES:
        for epoch in epochs:
            border = epoch * per_epoch + 0.5
            if axes.x[0] < border < axes.x[1]:
                canvas.line(axes, [(border, axes.y[0]), (border, axes.y[1])], Pen(GREY, 1, DOTTED))
    for one, points in others:
        canvas.line(axes, points, RUNS[one.place])
    for column, _, pen, shape in CURVES:
        points = curve_points(run, column, first, last)
        canvas.line(axes, points, pen)
        marked = [point for point in points if axes.holds(*point)] if last - first < MARKED else []
        for point in marked:
            canvas.mark(axes.place(*point), shape, 4 * axes.scale, pen.colour)


def curve_points(run: Run, column: str, first: int, last: int) -> list[Point]:
    """(iteration, RMSE) of a curve, thinned to at most about :data:`CURVE_POINTS`."""
    iterations = np.arange(first, last + 1)
    values = run.series(column, iterations)
    if len(iterations) > CURVE_POINTS:
        chosen = _extremes(values)
        iterations, values = iterations[chosen], values[chosen]
    return list(zip(iterations.tolist(), values.tolist(), strict=True))


def _extremes(values: Floats) -> np.ndarray:
    """Places of the lowest and the highest value of each stretch, in order; nan counts as the highest."""
    stretches = np.array_split(np.arange(len(values)), CURVE_POINTS // 2)
    comparable = np.where(np.isfinite(values), values, np.inf)
    chosen = {int(s[pick(comparable[s])]) for s in stretches for pick in (np.argmin, np.argmax)}
    return np.array(sorted(chosen | {0, len(values) - 1}))


def _curve_axes(
    run: Run, first: int, last: int, box: tuple[float, float, float, float], scale: float, others: list[list[Point]],
    own: bool,
) -> Axes:  # fmt: skip
    """Axes that reach as far as the curves of the run, if they are its ``own``, and those of others."""
    curves = [curve_points(run, column, first, last) for column, *_ in CURVES] if own else []
    highest = max((y for points in (*curves, *others) for _, y in points if math.isfinite(y)), default=0.0)
    room = max(0.5, (last - first) * 0.02)
    top = padded(0.0, highest or 1.0, 0.08)[1]
    return Axes(*box, (first - room, last + room), (0.0, top), scale, whole=True)


def _draw_legend(canvas: PictureCanvas, run: Run, fit: Axes, curve: Axes, first: int, last: int, y: float) -> None:
    """The lines of both halves with their names, below them; ``y`` is the middle of the row."""
    s = fit.scale
    lines = [(0, "right prediction", DIAGONAL)]
    if fit_picture.has_line(run):
        start = "at the start" if first == 1 else f"after {first - 1}"
        lines = [(0, start, fit_picture.BEFORE), (165, f"after {last}", AFTER)]
        lines.append((300, "least squares", fit_picture.LEAST_SQUARES))
    entries = [(fit.left + step * s, name, pen, "") for step, name, pen in lines]
    for step, (_, name, pen, shape) in zip((0, 125, 345), CURVES, strict=True):
        entries.append((curve.left + step * s, name, pen, shape if last - first < MARKED else ""))
    for left, name, pen, shape in entries:
        canvas.segment((left, y), (left + 38 * s, y), pen, s)
        if shape:
            canvas.mark((left + 19 * s, y), shape, 4 * s, pen.colour)
        canvas.write((left + 44 * s, y), name, round(14 * s), "lm")


def _some_parameters(run: Run, state: State) -> list[str]:
    """As many as there is room for."""
    shown = list(zip(run.parameters, state.parameters, strict=True))
    texts = [f"{name} {fit_picture.number(value)}" for name, value in shown[:3]]
    return [*texts, "..."] if len(shown) > 3 else texts


def _settings(run: Run) -> list[str]:
    """What the run was made with."""
    settings = run.settings
    order = ["shuffled"] if settings.shuffle else []
    scaling = [f"{settings.scale} scaling"] if run.scaling else []
    rule = [settings.rule.title, *optimizer_settings(settings)]
    return [*rule, f"batch size {run.batches.size}", *order, *scaling]


def wrapped(parts: list[str], between: str, size: int, room: float) -> list[str]:
    """The parts in as few rows as they need, none longer than the room."""
    rows = parts[:1]
    for part in parts[1:]:
        longer = f"{rows[-1]}{between}{part}"
        if font(size, longer.isascii()).getlength(longer) <= room:
            rows[-1] = longer
        else:
            rows[-1] += between.rstrip()
            rows.append(part)
    return rows


def _write_heads(canvas: PictureCanvas, run: Run, last: int, fit: Axes, curve: Axes) -> None:
    s = fit.scale
    after = run.state(last)
    loss = run.reference.full_loss(*after.parameters)
    epoch, batch = run.batches.position(last)
    titles = (
        f"{run.dataset.name}: iteration {last} of {run.n_iterations} (epoch {epoch}, batch {batch})",
        f"RMSE of all data after iteration {last}: {fit_picture.number(run.full_rmse(last))}",
    )
    details = (
        ([*_some_parameters(run, after), f"loss {fit_picture.number(loss)}"], "   "),
        (_settings(run), ", "),
    )
    for axes, title, (parts, between) in zip((fit, curve), titles, details, strict=True):
        big, small, room = round(18 * s), round(14 * s), axes.right - axes.left
        canvas.write((axes.left, 12 * s), shortened(title, big, room), big, "la", BLACK)
        rows = wrapped(parts, between, small, room)
        for row, detail in enumerate(rows):
            canvas.write((axes.left, (42 - 5 * len(rows) + 16 * row) * s), detail, small, "la", BLACK)
