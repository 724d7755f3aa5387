"""The runs beside the one that a picture is of: a pen and a number for each, where they stand, and their legend."""

from typing import NamedTuple

from lrstep.core.arithmetic import rmse
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.export.drawing import DASH_DOT, DASHED, DOTTED, WHITE, Canvas, Pen, Point, font
from lrstep.plotting.beside import alike, largest_rmse, leaving, trouble, unit

ROOM = 20
"""Pixels that their row of the legend takes, at normal size."""

RUNS: tuple[Pen, ...] = (
    Pen((170, 51, 119), 2.2, DASHED),
    Pen((136, 102, 0), 2.2, DASH_DOT),
    Pen((0, 0, 0), 2.2, DOTTED),
    Pen((51, 34, 136), 2.2, (20.0, 5.0)),
)
"""How the first, the second … of the runs is drawn where it stands beside another one."""

TAG = 8
"""Radius of the circle around the number of a run, in pixels at normal size."""


class Drawn(NamedTuple):
    """One of several runs in a picture of one of them.

    Attributes:
        mark: its number among them, as a person counts.
        number: the iteration after which it stands.
        shares: whether its parameters are those of the run that the picture is of, on the same scale.
        leaves: whether axes do not reach as far as it goes.
        unit: its RMSE times this are in the units of the other's.
    """

    run: Run
    mark: str
    label: str
    number: int
    pen: Pen
    shares: bool
    leaves: bool
    unit: float

    @property
    def state(self) -> State:
        """Its parameters there."""
        return self.run.state(self.number)

    def words(self, needs_parameters: bool) -> str:
        """Its entry in the legend, but for the number."""
        said = trouble(self.run, self.number, shares=self.shares or not needs_parameters, leaves=self.leaves)
        loss = self.run.reference.full_loss(*self.state.parameters)
        return f"{self.label}: {said or f'RMSE {float(rmse(loss)) * self.unit:#.4g}'}"


class Beside(NamedTuple):
    """All runs of a picture, the one it is of first drawn as ever; none where that is alone."""

    all: list[Drawn]
    shown: int

    @property
    def others(self) -> list[Drawn]:
        """Those beside the one that the picture is of."""
        return [one for place, one in enumerate(self.all) if place != self.shown]

    @property
    def leaves(self) -> bool:
        """Whether the axes are those of the others, for the run that the picture is of goes too far."""
        return bool(self.all) and self.all[self.shown].leaves


def beside(runs: Lockstep, number: int, last: int, own: Pen) -> Beside:
    """The runs of a picture at the moment after an iteration of the one that is shown.

    Args:
        runs: the runs, computed as far as they are drawn.
        number: the iteration.
        last: the last one that is drawn in this or another picture with the same axes.
        own: how the shown run is drawn.
    """
    if runs.alone:
        return Beside([], 0)
    now, end = (runs.moved(at, Phase.AFTER if at else Phase.START) for at in (number, last))
    gone = leaving({place: largest_rmse(lane.run, end.place(place)[0]) for place, lane in enumerate(runs.lanes)})
    shown = runs.run
    drawn = [
        Drawn(
            lane.run, str(place + 1), lane.label, now.place(place)[0], own if place == runs.shown else RUNS[place],
            alike(lane.run, shown), place in gone, unit(lane.run) / unit(shown),
        )
        for place, lane in enumerate(runs.lanes)
    ]  # fmt: skip
    return Beside(drawn, runs.shown)


def draw_tag(canvas: Canvas, at: Point, one: Drawn, scale: float) -> None:
    """The number of a run in a circle."""
    canvas.mark(at, "circle", TAG * scale, WHITE, one.pen.colour)
    canvas.write(at, one.mark, round(12 * scale), "mm")


def draw_runs(
    canvas: Canvas, runs: Beside, needs_parameters: bool, size: tuple[int, int], scale: float, y: float,
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
    for place, one in enumerate(runs.all):
        left = 14 * scale + place * room
        if strokes:
            canvas.segment((left, y), (left + 44 * scale, y), one.pen, scale)
        draw_tag(canvas, (left + 22 * scale, y), one, scale)
        words = shortened(one.words(needs_parameters), small, room - 54 * scale)
        canvas.write((left + 50 * scale, y), words, small, "lm")


def shortened(text: str, size: int, room: float) -> str:
    """The text, cut where it has no room; what comes after a colon stays."""
    name, colon, value = text.rpartition(": ")
    chosen = font(size, text.isascii())
    while chosen.getlength(f"{name}{colon}{value}") > room and len(name) > 1:
        name = name.removesuffix("...")[:-1] + "..."
        if len(name) <= 4:
            return f"{colon[2:]}{value}"
    return f"{name}{colon}{value}"
