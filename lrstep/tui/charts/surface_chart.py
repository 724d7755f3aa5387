"""The chart Surface: the plane of weight and bias, with the contours of the loss and the path of the run."""

import math
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.loss_surface import Bowl, Window, bowl_of_batch
from lrstep.core.reference import Reference
from lrstep.core.run import Run
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts.chart import Chart, LegendEntry, drawing
from lrstep.tui.charts.contour_labels import arrow, labels, pointer
from lrstep.tui.charts.curves import Polyline
from lrstep.tui.charts.ghosts import draw_ghost, entries, ghosts, style
from lrstep.tui.charts.history import least_and_most, recent, sampled
from lrstep.tui.charts.plane import LIMIT, Plane, extent, rounded, widened
from lrstep.tui.charts.scene import Scene
from lrstep.tui.charts.strokes import simplified

LEVELS = 5
"""Contours in the window."""

LINE = 40
"""So many of the last steps are drawn as a line, earlier ones as single marks."""

FOLLOWED = 8
"""``follow`` moves its window after so many steps."""

Point = tuple[float, float]
"""One of each of the two parameters."""

Contours = tuple[tuple[float, Polyline], ...]
"""Pieces of contours in cells, each with its loss."""

_CONTOURS: WeakKeyDictionary[Reference, dict[tuple[object, ...], Contours]] = WeakKeyDictionary()

ZOOMS = {"follow": "around the path", "whole": "the whole way"}
"""What a zoom is called."""


class Marks(NamedTuple):
    """The characters of this chart; the arrow heads go counterclockwise from the right."""

    contour: str
    path: str
    step: str
    start: str
    end: str
    reference: str
    arrows: str


DRAWN = Marks("──", "·", "──", "○", "●", "╋", "→↗↑↖←↙↓↘")
ASCII = Marks(".", ",", "*", "o", "@", "X", ">/^\\</v\\")


@drawing
def draw(scene: Scene) -> Rows:
    """Draw the surface, the path so far and the current step, which appears with the update.

    Of the runs beside this one the paths of those that have the same parameters are drawn.
    """
    run, number, axes = scene.run, scene.number, scene.axes
    last = scene.known(Phase.UPDATE)
    names = run.parameters[axes[0]], run.parameters[axes[1]]
    path, others = _path(run, names, last), ghosts(scene.runs)
    paths = [(ghost, _path(ghost.run, names, ghost.known(Phase.UPDATE))) for ghost in others.sharing]
    held = run.state(last).parameters
    bowl = bowl_of_batch(run.iteration(max(number, 1)), axes, held) if scene.batch else Bowl(run.reference, axes, held)
    goal = _goal(run, axes, held)
    calm = [other for ghost, other in paths if not ghost.leaves]
    near = [path] if not (others.leaves and calm) else []
    if scene.zoom == "whole":
        window = _whole(goal, near + calm)
    else:
        rate = run.settings.learning_rate
        window = _along(0, rate, near, calm), _along(1, rate, near, calm)
    marks = ASCII if scene.ascii else DRAWN
    moved = last == number > 0
    legend = [
        *_legend(scene, marks, moved, entries(others.others)),
        LegendEntry(scene.zoom_key, "strong", ZOOMS[scene.zoom]),
    ]
    titles = names[0].replace("_", " "), names[1].replace("_", " ")
    chart = Chart(scene, *window, titles, legend)
    contours = _contours(chart.plane, bowl)
    chart.curve(tuple(line for _, line in contours), "dim", marks.contour[0])
    for ghost, other in paths:
        draw_ghost(chart, ghost, *other.recent)
        chart.points(*other.older, ghost.mark if scene.ascii else marks.path, style(ghost))
    chart.curve(chart.plane.clip(*path.recent), "text", marks.path)
    chart.points(*path.older, marks.path, "text")
    x, y = (values[-2:] for values in path.recent)
    if moved:
        chart.curve(chart.plane.clip(x, y), "after", marks.step[0])
    _write_beside(chart, bowl, contours, path, goal, marks)
    if goal:
        chart.point(*goal, marks.reference, "reference")
    if moved:
        _ends(chart, x, y, marks)
    else:
        chart.point(x[-1], y[-1], marks.end, "before")
    return chart.rows()


class Path(NamedTuple):
    """The way of a run through the plane of two parameters, each as a pair of one along each axis.

    Attributes:
        last: the iteration it ends with.
        recent: where it was in the last iterations.
        older: where it was before them, now and then.
        extents: from where to where it has gone.
    """

    last: int
    recent: tuple[Floats, Floats]
    older: tuple[Floats, Floats]
    extents: tuple[tuple[float, float] | None, tuple[float, float] | None]


def _path(run: Run, names: tuple[str, str], last: int) -> Path:
    p, q = names
    before = last - LINE
    older = (sampled(run, p, before), sampled(run, q, before)) if before >= 0 else (np.empty(0), np.empty(0))
    near = recent(run, p, before, last), recent(run, q, before, last)
    return Path(last, near, older, (least_and_most(run, p, last), least_and_most(run, q, last)))


def _legend(scene: Scene, marks: Marks, moved: bool, others: list[LegendEntry]) -> list[LegendEntry]:
    run = scene.run
    legend = [LegendEntry(marks.end, "before", "here")]
    if moved:
        legend = [LegendEntry(f"{marks.start}{marks.step[0]}{marks.arrows[0]}", "after", "this step")]
    legend += [LegendEntry(marks.path, "text", "path"), *others]
    if run.reference.exists:
        words = "least squares" if len(run.parameters) == 2 else "lowest, the others held"
        legend.append(LegendEntry(marks.reference, "reference", words))
    elif len(run.parameters) > 2:
        legend.append(LegendEntry(" ", "reference", "no single best plane"))
    words = f"equal loss of {'this batch' if scene.batch else 'all data'}, {marks.arrows[0]} down"
    return [*legend, LegendEntry(marks.contour, "dim", words)]


def _goal(run: Run, axes: tuple[int, int], held: tuple[float, ...]) -> Point | None:
    """The lowest point of the surface, where there is one; with one feature that of least squares."""
    if len(run.parameters) == 2:
        return (run.reference.weight, run.reference.bias) if run.reference.exists else None
    bowl = Bowl(run.reference, axes, held)
    return bowl.centre if not bowl.is_valley and all(map(math.isfinite, bowl.centre)) else None


def _whole(goal: Point | None, paths: list[Path]) -> tuple[Interval, Interval]:
    p, q = goal or ([], [])
    x, y = ([path.extents[axis] or () for path in paths] for axis in (0, 1))
    return rounded(widened(extent(p, *x), 0.06)), rounded(widened(extent(q, *y), 0.06))


def _along(axis: int, rate: float, near: list[Path], others: list[Path]) -> Interval:
    """The window around a path along an axis, with room for where the others stand."""
    around = [_around(path.recent[axis], path.last, rate) for path in near]
    found = extent(*around, *(path.recent[axis][-1:] for path in others))
    return around[0] if around and found == around[0] else rounded(widened(found, 0.06))


def _around(values: Floats, last: int, rate: float) -> Interval:
    """A window that rests for ``FOLLOWED`` steps, around the point where it began to rest.

    It has room for as many steps as long as the longest of those before, and for the path since.

    Args:
        values: where the path was in the last iterations.
        last: the number of the last one.
        rate: the length of a first step.
    """
    begun = len(values) - 1 - last % FOLLOWED
    middle = values[begun]
    if not math.isfinite(middle):
        return widened(extent(values[-FOLLOWED:]))
    steps = extent(np.abs(np.diff(values[max(0, begun - FOLLOWED) : begun + 1])))
    since = extent(np.abs(values[begun:] - middle))
    half = max(FOLLOWED * (steps[1] if steps else 2 * rate), since[1] * 1.05 if since else 0.0, 1e-300)
    half = 2.0 ** (math.ceil(2 * math.log2(min(half, LIMIT))) / 2)
    return widened((middle - half, middle + half))


def _write_beside(chart: Chart, bowl: Bowl, contours: Contours, path: Path, goal: Point | None, marks: Marks) -> None:
    """Write the loss on the contours, but not on the path, and where the lowest point is if it is outside."""
    plane = chart.plane
    taken = {(int(column), int(line)) for part in (path.recent, path.older) for column, line in plane.cells(*part)}
    outside = pointer(plane, goal, marks.reference, marks.arrows) if goal else None
    if outside is not None:
        taken |= outside.cells
        chart.text(*outside, "reference")
    for label in labels(plane, bowl, contours, taken, marks.arrows):
        chart.text(*label, "dim")


def _contours(plane: Plane, bowl: Bowl) -> Contours:
    kept, key = _CONTOURS.setdefault(bowl.reference, {}), (plane, bowl.axes, bowl.lowest, *bowl.centre)
    if key not in kept:
        if len(kept) >= 16:
            kept.clear()
        arcs = _arcs(plane, bowl)
        kept[key] = tuple((loss, simplified(line, 0.12)) for loss, arc in arcs for line in plane.clip(*arc))
    return kept[key]


def _arcs(plane: Plane, bowl: Bowl) -> list[tuple[float, tuple[Floats, Floats]]]:
    (left, right), (bottom, top) = plane.x, plane.y
    window = Window(left, right, bottom, top)
    try:
        return [(level, arc) for level in bowl.levels(window, LEVELS) for arc in bowl.arcs(level, window, 24)]
    except (ArithmeticError, ValueError):  # numbers so large that their squares overflow: no contour can be had
        return []


def _ends(chart: Chart, weights: Floats, biases: Floats, marks: Marks) -> None:
    """Mark where the step begins, and with the head of an arrow where it ends."""
    begin, end = (chart.plane.cell(float(w), float(b)) for w, b in zip(weights, biases, strict=True))
    if begin == end:
        chart.point(weights[1], biases[1], marks.end, "after")
        return
    chart.point(weights[0], biases[0], marks.start, "before")
    column, row = chart.plane.place(weights, biases)
    if end:  # a cell is about twice as high as it is wide
        chart.point(weights[1], biases[1], arrow(marks.arrows, column[1] - column[0], 2 * (row[1] - row[0])), "after")
