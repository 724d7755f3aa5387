"""What is looked at: the chart, the panel with the focus, the part of a large batch."""

from itertools import combinations

from lrstep.session.view import View
from lrstep.sources.source import Source
from lrstep.tui import layout
from lrstep.tui.charts.registry import CHARTS
from lrstep.tui.opening_dialogs import Dialogs


class Looking(Dialogs):
    """The commands that change what is shown and nothing else.

    Attributes:
        chart: name of the chart; where it takes turns with the panels, ``with_chart`` says whose turn it is.
        zoom: what the chart Surface shows.
        visible_samples: rows of the batch that the last painting had room for.
    """

    def __init__(self, source: Source, at: str | None = None) -> None:
        super().__init__(source, at)
        self.chart = "fit"
        self.with_chart = False
        self.zoom = "follow"
        self.axes = (0, 1)
        self.first_parameter = 0
        self.visible_parameters = 0
        self.focused_panel = ""
        self.visible_samples = 0

    @property
    def view(self) -> View:
        """What the panels get to see."""
        raise NotImplementedError

    def action_chart(self) -> None:
        """Next chart; where charts and panels take turns, the panels are one of the stations."""
        names = list(CHARTS)
        if layout.needs_toggle(self.view, *self.size):
            stations = ["", *names]
            at = stations.index(self.chart) if self.with_chart else 0
            self.show_chart(stations[(at + 1) % len(stations)])
        else:
            self.show_chart(names[(names.index(self.chart) + 1) % len(names)])

    def show_chart(self, name: str) -> None:
        """Show a chart; "" shows the panels where both do not fit."""
        self.with_chart = bool(name)
        self.chart = name or self.chart
        self.repaint()

    def action_chart_1(self) -> None:
        """Chart Fit."""
        self.show_chart("fit")

    def action_chart_2(self) -> None:
        """Chart RMSE."""
        self.show_chart("rmse")

    def action_chart_3(self) -> None:
        """Chart Weights."""
        self.show_chart("weights")

    def action_chart_4(self) -> None:
        """Chart Surface."""
        self.show_chart("surface")

    def action_zoom(self) -> None:
        """What the chart Surface shows: around the path, the whole, the loss of this batch alone."""
        stations = ("follow", "whole", "batch")
        self.zoom = stations[(stations.index(self.zoom) + 1) % len(stations)]
        self.repaint()

    def action_surface_axes(self) -> None:
        """Which two parameters the chart Surface shows."""
        pairs = list(combinations(range(len(self.run.parameters)), 2))
        at = pairs.index(self.axes) if self.axes in pairs else -1
        self.axes = pairs[(at + 1) % len(pairs)]
        self.repaint()

    def action_panel_next(self) -> None:
        """Give the focus to the next panel."""
        self._focus(1)

    def action_panel_back(self) -> None:
        """Give the focus to the previous panel."""
        self._focus(-1)

    def _focus(self, direction: int) -> None:
        stations = ["", *layout.PANELS, "chart", *(["check"] if self.checker.on else [])]
        at = stations.index(self.focused_panel) if self.focused_panel in stations else 0
        self.focused_panel = stations[(at + direction) % len(stations)]
        self.repaint()

    def action_scroll_down(self) -> None:
        """Scroll the batch down."""
        self.scroll_batch(1)

    def action_scroll_up(self) -> None:
        """Scroll the batch up."""
        self.scroll_batch(-1)

    def scroll_batch(self, direction: int, lines: int = 3) -> None:
        """Scroll so many samples down (1) or up (-1), as far as there are any; in a panel of parameters those."""
        if self.focused_panel in layout.SCROLLING:
            last = max(0, len(self.run.parameters) - self.visible_parameters)
            self.first_parameter = max(0, min(self.first_parameter + direction, last))
            self.repaint()
            return
        self.scroll_to_sample = max(0, min(self.scroll_to_sample + direction * lines, self.last_scroll))
        self.refresh_bindings()
        self.repaint()

    @property
    def last_scroll(self) -> int:
        """The first sample shown when the last one is."""
        return max(0, self.view.iteration.m - self.visible_samples) if self.visible_samples else 0
