"""What stands beside the contours is true: the loss there, the way down, and where the lowest point lies."""

import math
import re

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source
from lrstep.tui.charts import surface_chart as surface
from lrstep.tui.charts.contour_labels import Label, pointer
from lrstep.tui.charts.plane import Interval, Plane

ARROWS = surface.DRAWN.arrows
SIZES = [(78, 14), (46, 30), (98, 27), (40, 12)]


@pytest.fixture
def drawn(monkeypatch):
    """Draw a surface; gives its rows, and the plane and the labels that it was given."""

    def draw(name, number, size, **how):
        run = open_source(name).run()
        run.advance(number)
        seen = []

        def watched(plane, *others):
            seen.append((plane, made(plane, *others)))
            return seen[-1][1]

        made = surface.labels
        monkeypatch.setattr(surface, "labels", watched)
        rows = plain(surface.draw(run, number, *size, **how))
        return run, rows, *seen[-1]

    return draw


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("zoom", ["follow", "whole"])
@pytest.mark.parametrize("name", ["mlcc", "line16", "noisy", "thousands"])
def test_a_label_tells_the_loss_where_it_stands_and_the_way_down(drawn, name, zoom, size):
    run, _, plane, labels = drawn(name, 5, size, zoom=zoom)
    x, y = run.dataset.x, run.dataset.y

    def loss(column, up):
        w = plane.x.low + column * plane.x.width / plane.columns
        b = plane.y.low + up * plane.y.width / plane.rows
        return float(np.mean((w * x + b - y) ** 2))

    assert labels
    for column, row, text in labels:
        number, arrow = float(text.rstrip(ARROWS)), text[-1]
        up = plane.rows - 1 - row
        around = [loss(column + i, up + j) for i in (0, 0.5, 1) for j in (0, 0.5, 1)]
        assert min(around) * 0.99 <= number <= max(around) * 1.01
        angle = ARROWS.index(arrow) * math.pi / 4
        across, above = 0.3 * math.cos(angle), 0.3 * math.sin(angle) / 2
        assert loss(column + 0.5 + across, up + 0.5 + above) < loss(column + 0.5, up + 0.5)
    assert len({text for *_, text in labels}) == len(labels)


def test_labels_are_whole_and_apart(drawn):
    _, rows, plane, labels = drawn("mlcc", 5, (78, 14), zoom="follow")
    taken = [cell for label in labels for cell in {(label.column + k, label.row) for k in range(len(label.text))}]
    assert len(taken) == len(set(taken)) and all(0 <= column < plane.columns for column, _ in taken)
    assert len(re.findall(r"\d[↗→]", "\n".join(rows))) >= len(labels) >= 4


def test_the_lowest_point_outside_is_pointed_at(drawn):
    run, rows, *_ = drawn("mlcc", 5, (78, 14), zoom="follow")
    w, b = run.reference.parameters
    assert f"╋ {w:.3g}, {b:.3g} →" in "\n".join(rows)
    assert "z around the path" in "\n".join(rows)
    _, rows, *_ = drawn("mlcc", 5, (78, 14), zoom="whole")
    assert f"╋ {w:.3g}" not in "\n".join(rows) and "z the whole way" in "\n".join(rows)


@pytest.mark.parametrize("place", range(8))
def test_the_pointer_stands_at_the_edge_on_the_way_there(place):
    plane = Plane(Interval(-1, 1), Interval(-1, 1), 40, 20)
    angle = place * math.pi / 4
    goal = 9 * math.cos(angle), 9 * math.sin(angle)
    label = pointer(plane, goal, "X", ARROWS)
    assert isinstance(label, Label) and label.text.endswith(ARROWS[place])
    middle = label.column + len(label.text) / 2
    for toward, at, size in ((goal[0], middle, 40), (-goal[1], label.row, 20)):
        assert toward == pytest.approx(0, abs=1e-9) or (at - size / 2) * toward > 0
    assert 0 <= label.column <= 40 - len(label.text) and 0 <= label.row < 20


def test_contours_are_those_of_what_is_held_now():
    run = Run(Dataset("two", np.column_stack([np.arange(6.0), np.arange(6.0) % 4]), np.arange(6.0) ** 2), Settings())
    run.advance(6)
    kept = [plain(surface.draw(run, number, 78, 30, zoom="whole")) for number in range(1, 7)]
    for number, shown in enumerate(kept, 1):
        surface._CONTOURS.clear()
        assert plain(surface.draw(run, number, 78, 30, zoom="whole")) == shown
