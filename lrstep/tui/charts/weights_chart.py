"""The chart Weights: w and b over the iterations, with their least-squares values."""

from typing import NamedTuple

import numpy as np

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.session.styled_rows import Rows, beside
from lrstep.tui.charts.frame import DOTTED, LEAST_HEIGHT, LEAST_WIDTH, Chart, Entry, too_small
from lrstep.tui.charts.history import frame_end, history, known, thinned
from lrstep.tui.charts.plane import Interval, extent, rounded, widened

FEW = 3
"""Columns to a point, at least, for points to be marked one by one."""


class Parameter(NamedTuple):
    """One of the two parameters: its name in the engine and in formulas, its style and its marks."""

    name: str
    letter: str
    style: str
    mark: str
    ascii: str


PARAMETERS = (Parameter("weight", "w", "series1", "■", "#"), Parameter("bias", "b", "series2", "●", "o"))


@np.errstate(all="ignore")  # numbers of a run may overflow; then less is drawn, and nothing is said
def draw(run: Run, number: int, width: int, height: int, *, phase: Phase = Phase.AFTER, ascii: bool = False) -> Rows:
    """Draw both parameters up to an iteration, each on a scale of its own.

    The two stand one above the other, in low places side by side; where there is room for one only, it
    is the weight.

    Args:
        run: the run.
        number: an iteration, 0 … n_iterations.
        width: cells.
        height: cells.
        phase: up to which phase of the iteration things are known.
        ascii: whether only ASCII may be drawn.

    Returns:
        ``height`` rows of ``width`` cells.
    """
    small = too_small(width, height)
    if small:
        return small
    last = known(number, phase, Phase.UPDATE)

    def one(parameter: Parameter, width: int, height: int, name: str = "iteration") -> Rows:
        return _draw_one(run, parameter, (last, number), (width, height), name, ascii)

    weight, bias = PARAMETERS
    if height >= 2 * LEAST_HEIGHT + 2:
        upper = height // 2
        return one(weight, width, upper, "") + one(bias, width, height - upper)
    if width >= 2 * LEAST_WIDTH + 10:
        left = width // 2
        return beside(one(weight, left, height), one(bias, width - left, height))
    return one(weight, width, height)


def _draw_one(
    run: Run, parameter: Parameter, span: tuple[int, int], size: tuple[int, int], name: str, ascii: bool
) -> Rows:
    (last, number), (width, height) = span, size
    end = frame_end(number, run.n_iterations, width)
    reference = getattr(run.reference, parameter.name) if run.reference.exists else None
    positions, values = thinned(history(run, parameter.name, last), max(1, round(width * last / end)))
    mark = parameter.ascii if ascii else parameter.mark
    legend = [Entry(mark, parameter.style, f"{parameter.letter} ({parameter.name})")]
    if reference is not None:
        dots = ".." if ascii else "··"
        legend.append(Entry(dots, "reference", f"least squares {reference:.6g}"))
    y = rounded(widened(extent(values, run.start.weight if parameter.name == "weight" else run.start.bias,
                               [] if reference is None else reference)))  # fmt: skip
    chart = Chart(width, height, Interval(0, end), y, (name, ""), legend, whole=True, ascii=ascii)
    chart.borders(run.batches.per_epoch, end)
    if reference is not None:
        chart.curve(chart.plane.clip([0, end], [reference, reference]), "reference", ".", DOTTED, rests=True)
    chart.curve(chart.plane.clip(positions, values), parameter.style, mark)
    few = FEW * len(values) <= chart.plane.columns
    marked = slice(None) if few else slice(-1, None)
    chart.points(positions[marked], values[marked], mark, parameter.style)
    chart.here(number)
    return chart.rows()
