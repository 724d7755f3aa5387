"""Where the contours of a chart lie, and where the bowl is a valley."""

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.loss_surface import Bowl, Window, bowl_of_batch
from lrstep.core.reference import Reference
from lrstep.core.run import Run
from lrstep.core.settings import Settings


def test_levels_cut_a_window_evenly():
    bowl = Bowl(Reference(Dataset("line", [0.0, 1.0, 2.0], [1.0, 0.0, 2.0])))
    window = Window(bowl.centre[0] - 3, bowl.centre[0] + 3, bowl.centre[1] - 2, bowl.centre[1] + 2)
    highest = max(bowl.radius_at(*corner) for corner in window.corners)
    radii = [bowl.radius(level) for level in bowl.levels(window, 4)]
    assert radii == pytest.approx([highest * part for part in (1 / 8, 3 / 8, 5 / 8, 7 / 8)])


@pytest.mark.parametrize(("spread", "valley"), [(0.0, True), (1e-13, False)])
def test_one_feature_is_told_from_a_constant_down_to_rounding(spread, valley):
    bowl = Bowl(Reference(Dataset("narrow", [1.0, 1.0 + spread], [1.0, 2.0])))
    assert bowl.is_valley == valley


@pytest.mark.parametrize(("apart", "valley"), [(1e-14, True), (1e-9, False)])
def test_a_feature_that_is_another_one_but_for_rounding_makes_a_valley(apart, valley):
    first = np.array([1.0, -2.0, 3.0, -4.0, 2.0])
    second = 2 * first + apart * np.array([1.0, 1.0, -1.0, 2.0, 0.0])
    reference = Reference(Dataset("two", np.column_stack([first, second]), [1.0, 2.0, 0.0, 1.0, 3.0]))
    assert Bowl(reference, (0, 1), (0.0, 0.0, 0.0)).is_valley == valley


def test_of_a_batch_the_first_two_parameters_are_shown_where_none_are_chosen():
    rng = np.random.default_rng(0)
    run = Run(Dataset("two", rng.normal(size=(6, 2)), rng.normal(size=6)), Settings(batch_size=6, weight=(1.0, 2.0)))
    first, bowl = run.iteration(1), bowl_of_batch(run.iteration(1), held=(9.0, 9.0, 0.25))
    expected = np.mean((0.5 * first.columns[0] - 0.5 * first.columns[1] + 0.25 - first.y) ** 2)
    assert bowl.lowest + bowl.radius_at(0.5, -0.5) ** 2 == pytest.approx(expected, rel=1e-9)
