"""What is looked at: the chart, the panel with the focus, the part of a large batch."""

from dataclasses import dataclass
from itertools import combinations

CHARTS = {"fit": "Fit", "rmse": "RMSE", "weights": "Weights", "surface": "Surface", "models": "Models"}
"""Chart → title, in the order of the keys 1, 2, …"""

SIDE, SIDE_BY_SIDE = "side", "Side by side"
"""The page of the charts, and its title, with the numbers of several runs; it is there while there are several."""

_ZOOMS = ("follow", "whole", "batch")


@dataclass
class Look:
    """What a person has chosen to see; it changes nothing else.

    Attributes:
        chart: name of the chart; where it takes turns with the panels, ``with_chart`` says whose turn it is.
        zoom: what the chart Surface shows: around the path, the whole, the loss of this batch alone.
        focus: name of the panel with the focus, "models", "chart", "check" or "".
        scroll: first sample of the batch that is shown.
        visible: samples of the batch that there is room for; 0 where none are shown.
        axes: which two parameters the chart Surface shows.
        parameter: the first parameter that is shown where there is no room for all.
        visible_parameters: how many there is room for.
        model: the chosen row of the table of all models; None for that of the cursor.
        last_model: the last iteration that has a row there; None where it is not shown.
    """

    chart: str = "fit"
    with_chart: bool = False
    zoom: str = "follow"
    focus: str = ""
    scroll: int = 0
    visible: int = 0
    axes: tuple[int, int] = (0, 1)
    parameter: int = 0
    visible_parameters: int = 0
    model: int | None = None
    last_model: int | None = None

    def show_chart(self, name: str) -> None:
        """Show a chart; "" shows the panels where both do not fit."""
        was_models = self.chart == "models" and self.focus == "chart"
        self.with_chart = bool(name)
        self.chart = name or self.chart
        # The keys of a table are those that choose a row; nothing else has to be pressed before them.
        if name == "models":
            self.focus = "chart"
        elif was_models:
            self.focus = ""

    def choose(self, other: "Look") -> None:
        """Show the chart, the focus and the row that were chosen at another moment."""
        self.chart, self.with_chart, self.focus, self.model = other.chosen()

    def chosen(self) -> tuple[str, bool, str, int | None]:
        """What :meth:`choose` takes over, to be compared."""
        return self.chart, self.with_chart, self.focus, self.model

    def next_chart(self, stations: list[str]) -> None:
        """The next of some charts; "" among them stands for the panels, where both take turns."""
        now = self.chart if self.with_chart or "" not in stations else ""
        self.show_chart(_after(stations, now if now in stations else stations[0]))

    def next_zoom(self) -> None:
        """The next thing that the chart Surface can show."""
        self.zoom = _after(_ZOOMS, self.zoom)

    def next_axes(self, parameters: int) -> None:
        """The next two of so many parameters for the chart Surface."""
        pairs = list(combinations(range(parameters), 2))
        self.axes = pairs[(pairs.index(self.axes) + 1) % len(pairs)] if self.axes in pairs else pairs[0]

    def move_parameter(self, by: int, parameters: int) -> None:
        """Show so many parameters further on, of so many, as far as there are any."""
        last = max(0, parameters - self.visible_parameters)
        self.parameter = max(0, min(self.parameter + by, last))

    def move_focus(self, direction: int, stations: list[str]) -> None:
        """Give the focus to the next panel (1) or the previous one (-1)."""
        self.focus = _after(stations, self.focus if self.focus in stations else stations[0], direction)

    def move_model(self, by: int, now: int, last: int) -> None:
        """Choose a row of the table of all models, so many further on from one of 0 … last."""
        self.model = max(0, min(now + by, last))

    def move_scroll(self, lines: int, samples: int) -> None:
        """Scroll so many lines down a batch of so many samples, as far as there are any."""
        self.scroll = max(0, min(self.scroll + lines, self.last_scroll(samples)))

    def last_scroll(self, samples: int) -> int:
        """The first sample shown when the last one is, in a batch of so many."""
        return max(0, samples - self.visible) if self.visible else 0


def _after(stations: list[str] | tuple[str, ...], now: str, direction: int = 1) -> str:
    return stations[(stations.index(now) + direction) % len(stations)]
