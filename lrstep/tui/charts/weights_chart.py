"""The chart Weights: every parameter over the iterations, with their least-squares values."""

from lrstep.core.iteration import Phase
from lrstep.formulas.update import parameter_letters
from lrstep.plotting.beside import Beside
from lrstep.plotting.ticks import Interval
from lrstep.session.styled_rows import Rows, beside
from lrstep.tui.charts.chart import DOTTED, FEW, LEAST_HEIGHT, LEAST_WIDTH, Chart, LegendEntry, drawing
from lrstep.tui.charts.ghosts import draw_ghost, entries, ghost_curve, ghosts, reach
from lrstep.tui.charts.history import curve
from lrstep.tui.charts.plane import extent, rounded, widened
from lrstep.tui.charts.scene import Scene

LOOKS = (("series1", "■", "#"), ("series2", "●", "o"), ("series3", "◆", "x"))
"""Style, mark and ASCII mark of the parameters, in turn."""


@drawing
def draw(scene: Scene) -> Rows:
    """Draw all parameters up to an iteration, each on a scale of its own.

    They stand one above the other, in low places side by side; where there is no room for all of them, the
    first ones are drawn. Of the runs beside this one those are drawn that have the same parameters.
    """
    width, height, others = scene.width, scene.height, ghosts(scene.runs)
    count, lines = len(scene.run.parameters), []
    across, down = _grid(count, width, height)
    for line in range(down):
        tall = height * (line + 1) // down - height * line // down
        name = "iteration" if line == down - 1 else ""
        places = range(line * across, min((line + 1) * across, count))
        wide = [width * (k + 1) // len(places) - width * k // len(places) for k in range(len(places))]
        scenes = [scene._replace(width=size, height=tall) for size in wide]
        lines += beside(*(_draw_one(part, place, name, others) for part, place in zip(scenes, places, strict=True)))
    return lines


def _grid(count: int, width: int, height: int) -> tuple[int, int]:
    """How many pictures stand beside each other, and how many above each other."""
    most_down = max(1, height // (LEAST_HEIGHT + 1))
    most_across = max(1, width // (LEAST_WIDTH + 5))
    across = next((n for n in range(1, most_across) if n * most_down >= count), most_across)
    down = min(most_down, -(-count // across))
    return -(-min(count, across * down) // down), down


def _draw_one(scene: Scene, place: int, name: str, others: Beside) -> Rows:
    """Draw the parameter in a place among all of them; the x axis has a name or none."""
    run, last = scene.run, scene.known(Phase.UPDATE)
    parameter, letter = run.parameters[place], parameter_letters(run.parameters)[place]
    style, *marks = LOOKS[place % len(LOOKS)]
    mark, end = marks[scene.ascii], scene.end
    reference = run.reference.parameters[place] if run.reference.exists else None
    positions, values = curve(run, parameter, 0, last, scene.width * last / end)
    drawn = [(ghost, *ghost_curve(scene, ghost, parameter, Phase.UPDATE, end)) for ghost in others.sharing]
    legend = [LegendEntry(mark, style, f"{letter} ({parameter.replace('_', ' ')})"), *entries(others.others)]
    if reference is not None:
        legend.append(LegendEntry(".." if scene.ascii else "··", "reference", f"least squares {reference:.6g}"))
    goal = () if reference is None else (reference,)
    y = rounded(widened(extent(run.start.parameters[place], goal, *reach(others, drawn, values))))
    chart = Chart(scene, Interval(0, end), y, (name, ""), legend, whole=True)
    chart.borders(run.batches.per_epoch, end)
    if reference is not None:
        chart.curve(chart.plane.clip([0, end], [reference, reference]), "reference", ".", DOTTED)
    for line in drawn:
        draw_ghost(chart, *line, behind=True)
    chart.curve(chart.plane.clip(positions, values), style, mark)
    few = FEW * len(values) <= chart.plane.columns
    marked = slice(None) if few else slice(-1, None)
    chart.points(positions[marked], values[marked], mark, style)
    chart.here(scene.number)
    return chart.rows()
