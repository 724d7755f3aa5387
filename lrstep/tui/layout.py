"""Where the panels stand on a screen of a given size.

Three forms, by the room there is: ``wide`` has the panels on the left and a chart on the right,
``narrow`` has the panels in a grid and the chart one key away (below them where the screen is high), and
``small`` has one line per quantity (and the chart below them where the screen is high).
"""

from collections.abc import Iterator
from typing import NamedTuple

from lrstep.session.look import CHARTS, SIDE
from lrstep.session.panels import as_it_ran, bars, compact, computed, losses, small
from lrstep.session.panels.batch_table import ColumnWidths, columns, scroll_start, table
from lrstep.session.panels.models import END, TITLE, keys, models, models_shown
from lrstep.session.panels.names import PANELS, SCROLLING
from lrstep.session.panels.parameters import ParameterStep, accumulated, parameter_steps
from lrstep.session.styled_rows import Row, Rows, Span, beside, row, row_width
from lrstep.session.view import View
from lrstep.tui.charts.registry import draw
from lrstep.tui.docked import lesson_below, lesson_beside, lines_below, lines_beside, runs_below
from lrstep.tui.frames import boxed, edge, framed

LEAST_WIDTH, LEAST_HEIGHT = 60, 15
_CHART_WIDTH = 44
_TWO_CHARTS = 46
_CHART_BELOW = 12
"""Lines of a chart below a lesson or the panels of a small screen, with its border."""
_LEAST_TABLE = 5
"""Lines of the batch without which the panels do not stand one below the other."""
_ENOUGH_TABLE = 9
"""Lines of the batch that a chart below the panels of a small screen leaves."""
_LEAST_BATCH = 2
"""Lines of the batch without which not all parameters are shown."""
_ENOUGH_BATCH = 5
"""Lines of the batch without which a formula and its result stand on one line."""

_LEAST_MODELS = 5
"""Lines for the table of all models below the batch, with its border; with fewer it is not there."""

_LEAST_CHART = 8
"""Lines for a chart below the batch, where neither batch nor models need them, with its border."""

_AROUND_MODELS = 10
"""Lines of the page of all models besides a row for each iteration."""

_TITLE = 12
"""Columns for the title of a panel behind which something stands."""


class Zone(NamedTuple):
    """A rectangle of the screen and what a click on it means, e.g. ``panel:gradient`` or ``batch:3``."""

    x: int
    y: int
    width: int
    height: int
    target: str


class Painting(NamedTuple):
    """A whole screen: rows of exactly its size, and where can be clicked."""

    rows: Rows
    zones: list[Zone]


class Pane(NamedTuple):
    """A panel with its place in the frame: its name, the rows inside, and what stands behind its title."""

    name: str
    rows: Rows
    width: int
    more: Row = ()


def compose(view: View, width: int, height: int, below: Rows, with_chart: bool) -> Painting:
    """The whole screen but for dialogs.

    Args:
        view: what to show.
        width, height: size of the screen in cells.
        below: the lines under the panels: message, check, keys.
        with_chart: whether the chart takes the place of the panels where there is no room for both.
    """
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        text = f"lrstep needs {LEAST_WIDTH}×{LEAST_HEIGHT}; this is {width}×{height}."
        text += f" Enlarge it, or {view.keys['quit']} quits."
        short = f"{width}×{height}: needs {LEAST_WIDTH}×{LEAST_HEIGHT}"
        line = view.first_text(width, (text, short), "warn")
        return Painting(view.block([line], width, height), [])
    zones: list[Zone] = []
    top = _top(view, width, zones)
    docked = runs_below(view, width, height)
    if not has_lesson_beside(view, width, height, with_chart):
        below = [*lesson_below(view, width), *below]
    body_height = height - len(top) - len(below)
    if docked:
        # Their page among the charts is there already.
        view = view.but(charts=CHARTS, chart=view.chart if view.chart in CHARTS else "rmse")
    body = _body(view, width, body_height - len(docked), with_chart, zones, len(top))
    top, below = ([view.fit(cells, width) for cells in rows] for rows in (top, below))
    return Painting([*top, *body, *docked, *below], zones)


def has_lesson_beside(view: View, width: int, height: int, with_chart: bool) -> bool:
    """Whether a lesson stands beside the panels, above the chart; elsewhere it stands below them all."""
    around = 6 + lines_below(view, width, height)
    return _fits_beside(view, width, height - around) and not (view.chart == SIDE and with_chart)


def _fits_beside(view: View, width: int, height: int) -> bool:
    left = _width_of_panels(view, width)
    return left > 0 and height >= lines_beside(width - left) + 2 + _CHART_BELOW


def _top(view: View, width: int, zones: list[Zone]) -> Rows:
    where = bars.position(view, width)
    boxes = bars.ribbon(view, width - 1)
    ribbon = tuple(span for box in boxes for span in box.cells)
    used = row_width(view.row(where))
    header = view.kept("header", (view.run, view.settings, width, view.ascii), lambda: bars.header(view, width))
    if width > 100 and used + row_width(view.row(ribbon)) + 4 <= width:
        _ribbon_zones(view, boxes, used + 3, 1, zones)
        return [header, (*where, Span("   "), *ribbon)]
    _ribbon_zones(view, boxes, 1, 2, zones)
    return [header, where, (Span(" "), *ribbon)]


def _ribbon_zones(view: View, boxes: list[bars.Box], x: int, y: int, zones: list[Zone]) -> None:
    for box in boxes:
        size = row_width(view.row(box.cells))
        if box.batch:
            zones.append(Zone(x, y, size, 1, f"batch:{box.batch}"))
        x += size


def _body(view: View, width: int, height: int, with_chart: bool, zones: list[Zone], y: int) -> Rows:
    if view.chart == SIDE and with_chart:
        return _chart(view, width, height, zones, 0, y)
    if width < 76 or height < 15:
        return _small(view, width, height, with_chart, zones, y)
    left = _width_of_panels(view, width)
    if left:
        panels = _panels(view, left, height, zones, y)
        lesson = lesson_beside(view, width - left) if _fits_beside(view, width, height) else []
        at = len(lesson)
        return beside(panels, [*lesson, *_charts(view, width - left, height - at, zones, left, y + at)])
    if height >= 15 + 6 + 14:
        panel_height = max(20, min(28, height // 2 + 2))
        panels = _panels(view, width, panel_height, zones, y)
        return panels + _chart(view, width, height - panel_height, zones, 0, y + panel_height)
    return _chart(view, width, height, zones, 0, y) if with_chart else _panels(view, width, height, zones, y)


def _small(view: View, width: int, height: int, with_chart: bool, zones: list[Zone], y: int) -> Rows:
    """One line per quantity below the batch, and a chart below them where the batch does not need the room."""
    quantities, samples = small.quantities(view), min(view.run.settings.batch_size, len(view.run.dataset))
    chart_height = max(_CHART_BELOW, height - quantities - 1 - samples)
    below = height - chart_height >= quantities + min(_ENOUGH_TABLE, 1 + samples)
    if with_chart and not below:
        return _chart(view, width, height, zones, 0, y)
    height -= chart_height * below
    # The table above the lines, as if it had the border that it has elsewhere.
    zones.append(Zone(0, y, width, height - quantities + 1, "panel:batch"))
    if len(view.run.parameters) > small.SHOWN:
        zones.append(_first_parameters(small.SHOWN))
    lines = small.lines(view, width, height, columns(view.run, width))
    return lines + (_chart(view, width, chart_height, zones, 0, y + height) if below else [])


def _width_of_panels(view: View, width: int) -> int:
    """How wide the panels are beside a chart; 0 where there is no room for both."""
    left = columns(view.run, max(72, min(90, width - _CHART_WIDTH - 2))).width + 2
    if view.run.recorded:
        left = max(left, min(left + as_it_ran.WIDTH, width - _CHART_WIDTH))
    if width < left + _CHART_WIDTH:
        return 0
    return min(left + max(0, width - 150), 100) if width > 150 else left


def visible_samples(painting: Painting) -> int:
    """How many samples the table has room for; 0 where it is not shown."""
    return next((zone.height - 2 for zone in painting.zones if zone.target == "panel:batch"), 0)


def visible_parameters(view: View, painting: Painting) -> int:
    """How many parameters the panels have room for; all of them where no panel leaves any out."""
    return next(_numbers(painting, "parameters:"), len(view.run.parameters))


def last_model(painting: Painting) -> int | None:
    """The last iteration in the table of all models; None where that is not shown."""
    return max(_numbers(painting, "model:"), default=None)


def _numbers(painting: Painting, kind: str) -> Iterator[int]:
    return (int(zone.target.removeprefix(kind)) for zone in painting.zones if zone.target.startswith(kind))


def _model_zones(shown: range, x: int, y: int, width: int) -> list[Zone]:
    """The rows of the table of all models, whose head is the line above."""
    return [Zone(x, line, width, 1, f"model:{number}") for line, number in enumerate(shown, y)]


def needs_toggle(view: View, width: int, height: int) -> bool:
    """Whether the chart and the panels take turns at this size."""
    zones: list[Zone] = []
    _body(view, width, height - 6, False, zones, 0)
    return not any(zone.target.startswith("tab:") for zone in zones)


def _charts(view: View, width: int, height: int, zones: list[Zone], x: int, y: int) -> Rows:
    upper = height * 3 // 5 if height >= _TWO_CHARTS else height
    if view.chart == "models":
        upper = min(upper, view.run.n_iterations + _AROUND_MODELS)
    if height - upper < _LEAST_CHART:
        return _chart(view, width, height, zones, x, y)
    return _chart(view, width, upper, zones, x, y) + _chart(view, width, height - upper, [], x, y, _second(view))


def _second(view: View) -> str:
    """The chart below the chosen one, where there is room for two."""
    return "fit" if view.chart in ("rmse", "models") else "rmse"


def _chart(view: View, width: int, height: int, zones: list[Zone], x: int, y: int, only: str = "") -> Rows:
    name = only or view.chart
    parts: list[Span] = []
    focused = view.focus == "chart" and not only
    at = x + 2
    for tab, title in {only: CHARTS[only]}.items() if only else view.charts.items():
        chosen = tab == name
        parts.append(Span(f" {title} ", ("focus" if focused else "strong") if chosen else "dim"))
        zones.append(Zone(at, y, len(title) + 2, 1, f"tab:{tab}"))
        parts.append(Span("│", "frame"))
        at += len(title) + 3
    inner = draw(name, view, width - 2, height - 2)
    if name == "models":
        zones += _model_zones(models_shown(view, height - 2), x, y + 2, width)
    zones.append(Zone(x, y + 1, width, height - 1, "panel:chart"))
    return boxed(view, inner, width, tuple(parts[:-1]), style="focus" if focused else "frame")


def _panels(view: View, width: int, height: int, zones: list[Zone], y: int) -> Rows:
    inner = width - 2
    cols = columns(view.run, inner)
    rest = _arranged(view, inner, height, zones)
    table_rows = height - 1 - sum(1 + len(panes[0].rows) for panes in rest) - 1
    free = table_rows - 1 - view.run.batches.size
    of_models = min(free, view.run.n_iterations + 3) if free >= _LEAST_MODELS and view.chart != "models" else 0
    of_chart = free - of_models if free - of_models >= _LEAST_CHART else 0
    of_models = free - of_chart if of_models else 0
    table_rows -= of_models + of_chart
    if of_chart:
        name = _not_shown(view)
        rest.insert(0, [Pane(f"chart {name}", draw(name, view, inner, of_chart - 1), inner)])
    if of_models:
        zones += _model_zones(models_shown(view, of_models - 1, legend=False), 0, y + table_rows + 3, width)
        rows = view.block(models(view, inner, of_models - 1, legend=False), inner, of_models - 1)
        rest.insert(0, [Pane("models", rows, inner, row((keys(view) or f"{END} end of an epoch", "dim")))])
    lines = _table(view, cols, inner, table_rows, zones, y)
    previous = [cols.samples]
    for panes in rest:
        x = 0
        for pane in panes:
            if not pane.name.startswith("chart "):
                zones.append(Zone(x, y + len(lines), pane.width + 2, len(pane.rows) + 1, f"panel:{pane.name}"))
            x += pane.width + 1
        lines.append(edge(view, "├", "┤", [(pane.width, _pane_title(view, pane)) for pane in panes], above=previous))
        lines += [framed(view, cells) for cells in zip(*(pane.rows for pane in panes), strict=True)]
        previous = [pane.width for pane in panes[:-1]]
    lines.append(edge(view, "╰", "╯", [(inner, ())], above=previous))
    return lines


def _not_shown(view: View) -> str:
    """A chart that stands nowhere else."""
    return next(name for name in ("rmse", "weights", "fit") if name not in (view.chart, _second(view)))


def _table(view: View, cols: ColumnWidths, inner: int, height: int, zones: list[Zone], y: int) -> Rows:
    right_width = inner - cols.samples - 1
    left, right = table(view, cols, height)
    room = height - 1
    first = scroll_start(view, room)
    last = min(first + room, view.iteration.m)
    more = f" {first + 1}-{last} of {view.iteration.m} {_scroll_keys(view)}" if view.iteration.m > room else ""
    title = (*_title(view, "predictions"), Span(more, "warn")) if more else _title(view, "predictions")
    zones.append(Zone(0, y, cols.samples + 1, height + 1, "panel:batch"))
    zones.append(Zone(cols.samples + 1, y, right_width + 1, height + 1, "panel:predictions"))
    top = edge(view, "╭", "╮", [(cols.samples, _title(view, "batch")), (right_width, title)])
    both = view.block(left, cols.samples, height), view.block(right, right_width, height)
    return [top, *(framed(view, cells) for cells in zip(*both, strict=True))]


def _arranged(view: View, inner: int, height: int, zones: list[Zone]) -> list[list[Pane]]:
    """Panels 3 to 6: one below the other, or close, with as many parameters as there is room for."""
    steps = parameter_steps(view)
    roomy = 1 + _LEAST_TABLE + 3 + sum(computed.heights(view, len(steps))) + 2
    goals = 1 if view.run.scaling is None else 2
    for across, lines in ((False, losses.height(view) + goals), (True, losses.LINES_ACROSS)):
        if height >= roomy + lines:
            return _stacked(view, inner, steps, across)
    room = height - _LEAST_BATCH
    count = next(n for n in range(len(steps), 0, -1) if n == 1 or room >= _compact_height(view, n, dense=True))
    dense = height - min(_ENOUGH_BATCH, 1 + view.iteration.m) < _compact_height(view, count, dense=False)
    first = min(view.first_parameter, len(steps) - count)
    if count < len(steps):
        zones.append(_first_parameters(count))
    more = row((_of_all(view, first, count), "warn"))
    return _compact(view, inner, steps[first : first + count], dense, more)


def _first_parameters(count: int) -> Zone:
    """Nothing to click on: what :func:`visible_parameters` looks for."""
    return Zone(0, 0, 0, 0, f"parameters:{count}")


def _of_all(view: View, first: int, count: int) -> str:
    """Which of the parameters are shown, if not all are."""
    total = len(view.run.parameters)
    keys = _scroll_keys(view) if view.focus in SCROLLING else ""
    return f"{first + 1}-{first + count} of {total} {keys}" if count < total else ""


def _scroll_keys(view: View) -> str:
    return f"{view.keys['scroll_up']} {view.keys['scroll_down']} "


def _compact_height(view: View, count: int, dense: bool) -> int:
    """Lines of the panels but for those of the batch."""
    return 1 + 3 + sum(compact.heights(view, count, dense)) + losses.LINES_ACROSS + 1


def _stacked(view: View, inner: int, steps: list[ParameterStep], across: bool) -> list[list[Pane]]:
    """The panels below each other; the last one in its short form, if its figures stand ``across``."""
    own = inner - as_it_ran.WIDTH if view.run.recorded else inner
    shown = computed.gradient, computed.accumulator, computed.weights
    panes = [
        Pane(name, view.block(show(view, own, steps), own, height), own)
        for name, show, height in zip(SCROLLING, shown, computed.heights(view, len(steps)), strict=True)
    ]
    if own < inner:
        panes = [_beside_keras(view, pane, inner, steps) for pane in panes]
    if across:
        panes[-1] = panes[-1]._replace(more=computed.goals(view, inner - _TITLE)[-1])
        return [*([pane] for pane in panes), [_across(view, inner)]]
    goals = computed.goals(view, inner)
    panes[-1] = panes[-1]._replace(rows=panes[-1].rows + view.block(goals, inner, len(goals)))
    last = Pane("rmse", view.block(losses.losses(view, inner), inner, losses.height(view)), inner)
    return [*([pane] for pane in panes), [last]]


def _beside_keras(view: View, pane: Pane, width: int, steps: list[ParameterStep]) -> Pane:
    """A panel of a recorded run with what Keras had in it, at a width."""
    column = as_it_ran.column(view, as_it_ran.NAMES[pane.name](view, steps), len(pane.rows))
    more = as_it_ran.heading(view, width - row_width(_title(view, pane.name))) if pane.name == "gradient" else ()
    return Pane(pane.name, beside(pane.rows, view.block(column, as_it_ran.WIDTH, len(column))), width, more)


def _compact(view: View, inner: int, steps: list[ParameterStep], dense: bool, more: Row) -> list[list[Pane]]:
    upper, lower = compact.heights(view, len(steps), dense)
    left = max(33, inner * 7 // 16) if accumulated(view.run.settings) else inner // 2
    right = inner - left - 1
    gradient = view.block(compact.gradient(view, left, steps, dense), left, upper)
    slots = view.block(compact.accumulator(view, right, steps, dense), right, upper)
    weights = view.block(compact.weights(view, inner, steps), inner, lower)
    return [
        [Pane("gradient", gradient, left, more), Pane("accumulator", slots, right)],
        [Pane("weights", weights, inner, computed.goals(view, inner - _TITLE)[-1])],
        [_across(view, inner)],
    ]


def _across(view: View, inner: int) -> Pane:
    heads, *lines = losses.losses_across(view, inner)
    return Pane("rmse", view.block(lines, inner, len(lines)), inner, heads)


def _pane_title(view: View, pane: Pane) -> Row:
    title = view.row(_title(view, pane.name))
    line = Span(view.chars("─") * (losses.TITLE - row_width(title)), "frame")
    return (*title, line, *pane.more, Span(" ")) if row_width(pane.more) else title


def _title(view: View, name: str) -> Row:
    if name == "models":
        return row((f" {TITLE} ", "focus" if view.focus == name else "title"))
    if name.startswith("chart "):
        return row((f" {CHARTS[name.removeprefix('chart ')]} ", "title"))
    live = view.phase in PANELS[name].phases
    style = "focus" if view.focus == name else "strong" if live else "title"
    mark = "▶" if live else " "
    parts = row((f"{mark}{PANELS[name].title} ", style))
    if name in view.marks:
        parts = (*parts, view.marks[name], Span(" "))
    return parts
