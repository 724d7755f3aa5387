"""The chart Surface: the plane of weight and bias, with the contours of the loss and the path of the run."""

import math
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.loss_surface import Bowl, Window, bowl_of_all, bowl_of_batch
from lrstep.core.reference import Reference
from lrstep.core.run import Run
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows
from lrstep.tui.charts.curves import Polyline
from lrstep.tui.charts.frame import Chart, Entry, too_small
from lrstep.tui.charts.history import history, known
from lrstep.tui.charts.plane import LIMIT, Plane, extent, rounded, widened
from lrstep.tui.charts.strokes import simplified

Zoom = Literal["follow", "whole"]

LEVELS = 5
"""Contours in the window."""

LINE = 40
"""So many of the last steps are drawn as a line, earlier ones as single marks."""

OLDER = 20_000
"""At most about so many of the earlier steps are looked at."""

FOLLOWED = 8
"""``follow`` moves its window after so many steps."""

_CONTOURS: WeakKeyDictionary[Reference, dict[tuple[object, ...], tuple[Polyline, ...]]] = WeakKeyDictionary()


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


@np.errstate(all="ignore")  # numbers of a run may overflow; then less is drawn, and nothing is said
def draw(
    run: Run,
    number: int,
    width: int,
    height: int,
    *,
    phase: Phase = Phase.AFTER,
    ascii: bool = False,
    zoom: Zoom = "follow",
    batch: bool = False,
    axes: tuple[int, int] = (0, 1),
) -> Rows:
    """Draw the surface, the path so far and the current step.

    Args:
        run: the run.
        number: an iteration, 0 … n_iterations.
        width: cells.
        height: cells.
        phase: up to which phase of the iteration things are known; the step appears with the update.
        ascii: whether only ASCII may be drawn.
        zoom: ``follow`` shows the last steps, ``whole`` the path so far and the least-squares point.
        batch: the loss of the current batch alone instead of that of all samples.
        axes: the places of the two parameters; the others are held where they are.

    Returns:
        ``height`` rows of ``width`` cells.
    """
    small = too_small(width, height)
    if small:
        return small
    last = known(number, phase, Phase.UPDATE)
    names = run.parameters[axes[0]], run.parameters[axes[1]]
    weights, biases = (history(run, name, last) for name in names)
    held = run.state(last).parameters
    bowl = bowl_of_batch(run.iteration(max(number, 1)), axes, held) if batch else bowl_of_all(run, axes, held)
    goal = _goal(run, axes, held)
    x, y = _whole(goal, weights, biases) if zoom == "whole" else _follow(run, weights, biases)
    marks = ASCII if ascii else DRAWN
    legend = _legend(run, marks, batch, moved=last == number > 0)
    chart = Chart(width, height, x, y, (names[0].replace("_", " "), names[1].replace("_", " ")), legend, ascii=ascii)
    chart.curve(_contours(chart.plane, bowl), "dim", marks.contour[0])
    moved = last == number > 0
    _path(chart, weights, biases, marks)
    if moved:
        chart.curve(chart.plane.clip(weights[-2:], biases[-2:]), "after", marks.step[0])
    if goal:
        chart.point(*goal, marks.reference, "reference")
    if moved:
        _ends(chart, weights[-2:], biases[-2:], marks)
    else:
        chart.point(weights[-1], biases[-1], marks.end, "before")
    return chart.rows()


def _legend(run: Run, marks: Marks, batch: bool, moved: bool) -> list[Entry]:
    entries = [Entry(marks.end, "before", "here")]
    if moved:
        entries = [Entry(f"{marks.start}{marks.step[0]}{marks.arrows[0]}", "after", "this step")]
    entries.append(Entry(marks.path, "text", "path"))
    if run.reference.exists:
        words = "least squares" if len(run.parameters) == 2 else "lowest, the others held"
        entries.append(Entry(marks.reference, "reference", words))
    elif len(run.parameters) > 2:
        entries.append(Entry(" ", "reference", "no single best plane"))
    words = "equal loss of this batch" if batch else "equal loss of all data"
    return [*entries, Entry(marks.contour, "dim", words)]


def _goal(run: Run, axes: tuple[int, int], held: tuple[float, ...]) -> tuple[float, float] | None:
    """The lowest point of the surface, where there is one; with one feature that of least squares."""
    if len(run.parameters) == 2:
        return (run.reference.weight, run.reference.bias) if run.reference.exists else None
    bowl = bowl_of_all(run, axes, held)
    return bowl.centre if not bowl.is_valley and all(map(math.isfinite, bowl.centre)) else None


def _whole(goal: tuple[float, float] | None, weights: Floats, biases: Floats) -> tuple[Interval, Interval]:
    p, q = goal or ([], [])
    return rounded(widened(extent(weights, p), 0.06)), rounded(widened(extent(biases, q), 0.06))


def _follow(run: Run, weights: Floats, biases: Floats) -> tuple[Interval, Interval]:
    rate = run.settings.learning_rate
    return _around(weights, rate), _around(biases, rate)


def _around(values: Floats, rate: float) -> Interval:
    """A window that rests for ``FOLLOWED`` steps, around the point where it began to rest.

    It has room for as many steps as long as the longest of those before, and for the path since.
    """
    begun = (len(values) - 1) // FOLLOWED * FOLLOWED
    middle = values[begun]
    if not math.isfinite(middle):
        return widened(extent(values[-FOLLOWED:]))
    steps = extent(np.abs(np.diff(values[max(0, begun - FOLLOWED) : begun + 1])))
    since = extent(np.abs(values[begun:] - middle))
    half = max(FOLLOWED * (steps[1] if steps else 2 * rate), since[1] * 1.05 if since else 0.0, 1e-300)
    half = 2.0 ** (math.ceil(2 * math.log2(min(half, LIMIT))) / 2)
    return widened((middle - half, middle + half))


def _contours(plane: Plane, bowl: Bowl) -> tuple[Polyline, ...]:
    kept, key = _CONTOURS.setdefault(bowl.reference, {}), (plane, bowl.axes, bowl.lowest, *bowl.centre)
    if key not in kept:
        if len(kept) >= 16:
            kept.clear()
        kept[key] = tuple(simplified(line, 0.12) for line in plane.clip_all(_arcs(plane, bowl)))
    return kept[key]


def _arcs(plane: Plane, bowl: Bowl) -> list[tuple[Floats, Floats]]:
    (left, right), (bottom, top) = plane.x, plane.y
    window = Window(left, right, bottom, top)
    try:
        return [arc for level in bowl.levels(window, LEVELS) for arc in bowl.arcs(level, window, 24)]
    except (ArithmeticError, ValueError):  # numbers so large that their squares overflow: no contour can be had
        return []


def _path(chart: Chart, weights: Floats, biases: Floats, marks: Marks) -> None:
    chart.curve(chart.plane.clip(weights[-LINE - 1 :], biases[-LINE - 1 :]), "text", marks.path)
    older = slice(None, -LINE, max(1, len(weights) // OLDER))
    chart.points(weights[older], biases[older], marks.path, "text")


def _ends(chart: Chart, weights: Floats, biases: Floats, marks: Marks) -> None:
    """Mark where the step begins, and with the head of an arrow where it ends."""
    begin, end = (chart.plane.cell(float(w), float(b)) for w, b in zip(weights, biases, strict=True))
    if begin == end:
        chart.point(weights[1], biases[1], marks.end, "after")
        return
    chart.point(weights[0], biases[0], marks.start, "before")
    column, row = chart.plane.place(weights, biases)
    # A cell is about twice as high as it is wide.
    angle = math.atan2(2 * (row[1] - row[0]), column[1] - column[0])
    if end:
        chart.point(weights[1], biases[1], marks.arrows[round(angle / (math.pi / 4)) % 8], "after")
