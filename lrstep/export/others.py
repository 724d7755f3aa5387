"""The runs beside the one that a picture is of: a pen and a number for each, where they stand, and their legend."""

from lrstep.core.arithmetic import rmse
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.export.drawing import BLUE, DASH_DOT, DASHED, DOTTED, WHITE, Pen, PictureCanvas, Point, font
from lrstep.plotting.beside import Beside, Companion, beside, largest_rmse, leaving

ROOM = 20
"""Pixels that their row of the legend takes, at normal size."""

RUNS: tuple[Pen, ...] = (
    Pen((170, 51, 119), 2.2, DASHED),
    Pen((136, 102, 0), 2.2, DASH_DOT),
    Pen((0, 0, 0), 2.2, DOTTED),
    Pen((51, 34, 136), 2.2, (20.0, 5.0)),
)
"""How the first, the second … of the runs is drawn where it stands beside another one."""

AFTER = Pen(BLUE, 3)
"""The run that a picture is of, after its last update."""

TAG = 8
"""Radius of the circle around the number of a run, in pixels at normal size."""


def standing(runs: Lockstep, number: int, last: int) -> Beside:
    """The runs of a picture at the moment after an iteration of the one that is shown.

    Args:
        runs: the runs, computed as far as they are drawn.
        number: the iteration.
        last: the last one that is drawn in this or another picture with the same axes.
    """
    if runs.alone:
        return Beside([], 0)
    now, end = (runs.moved(at, Phase.AFTER if at else Phase.START) for at in (number, last))
    lanes = {place: lane.run for place, lane in enumerate(runs.lanes)}
    largest = {place: largest_rmse(run, end.place(place)[0]) for place, run in lanes.items()}
    return beside(now, leaving(largest, lanes, runs.shown))


def pen_of(one: Companion, together: Beside, own: Pen = AFTER) -> Pen:
    """How one of the runs is drawn, the shown one as ever: with a pen of its ``own``."""
    return own if one.place == together.shown else RUNS[one.place]


def words(one: Companion, needs_parameters: bool) -> str:
    """The entry of a run in the legend, but for the number."""
    loss = one.run.reference.full_loss(*one.state.parameters)
    return f"{one.label}: {one.trouble(needs_parameters) or f'RMSE {float(rmse(loss)) * one.unit:#.4g}'}"


def draw_tag(canvas: PictureCanvas, at: Point, mark: str, pen: Pen, scale: float) -> None:
    """The number of a run in a circle."""
    canvas.mark(at, "circle", TAG * scale, WHITE, pen.colour)
    canvas.write(at, mark, round(12 * scale), "mm")


def draw_runs(
    canvas: PictureCanvas, runs: Beside, needs_parameters: bool, size: tuple[int, int], scale: float, y: float,
    strokes: bool = True,
) -> None:  # fmt: skip
    """The row of the legend that tells what each number means.

    Args:
        canvas: where.
        runs: the runs.
        needs_parameters: whether what is drawn of them are parameters.
        size: of the picture.
        scale: how much larger than normal things are.
        y: the middle of the row.
        strokes: whether something is drawn of the runs, and the row shows how.
    """
    room, small = (size[0] - 28 * scale) / max(1, len(runs.all)), round(12 * scale)
    for one in runs.all:
        left, pen = 14 * scale + one.place * room, pen_of(one, runs)
        if strokes:
            canvas.segment((left, y), (left + 44 * scale, y), pen, scale)
        draw_tag(canvas, (left + 22 * scale, y), one.mark, pen, scale)
        text = shortened(words(one, needs_parameters), small, room - 54 * scale)
        canvas.write((left + 50 * scale, y), text, small, "lm")


def shortened(text: str, size: int, room: float) -> str:
    """The text, cut where it has no room; what comes after a colon stays."""
    name, colon, value = text.rpartition(": ")
    chosen = font(size, text.isascii())
    while chosen.getlength(f"{name}{colon}{value}") > room and len(name) > 1:
        name = name.removesuffix("...")[:-1] + "..."
        if len(name) <= 4:
            return f"{colon[2:]}{value}"
    return f"{name}{colon}{value}"
