"""What is computed of many guesses at once is what a run of each of them computes."""

import contextlib

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import quantities
from lrstep.why.fleet import fleets
from lrstep.why.other_data import other_data, other_digits
from lrstep.why.other_settings import finer_settings, other_optimizers, other_settings

X = np.array(
    [
        [1.234567, 3.703701],
        [2.469134, 7.407402],
        [3.703701, 11.111103],
        [4.0, 9.9],
        [5.0, 10.4],
        [6.5, 13.8],
        [7.0, 14.0],
    ]
)
"""The features of the first three samples lie on a line: a slip in a late digit leaves them all but there."""

RUNS = {
    "one feature": Run(Dataset("line", X[:, 0], X[:, 1]), Settings(batch_size=3, epochs=3, weight=0.4)),
    "two features": Run(
        Dataset("plane", X, 2 * X[:, 0] - X[:, 1] + np.sin(X[:, 0])),
        Settings(optimizer="adam", batch_size=3, epochs=3, weight=0.3),
    ),
}


READ = {"weight", "weight_1", "bias", "loss", "full_loss", "accumulator_bias"}


def with_runs(worlds, run, last):
    """The worlds that are runs with other data or settings, each with that run."""
    for world in worlds:
        if world.order is None and not world.slots and world.rate is None and world.at is None:
            with contextlib.suppress(LrstepError):
                made = Run(world.samples(run), world.settings(run))
                if made.n_iterations >= last:
                    yield world, made


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("guesses", [other_data, other_digits, other_settings, other_optimizers, finer_settings])
def test_a_guess_gives_what_a_run_of_it_gives(name, guesses):
    run, number, compared = RUNS[name], 4, 0
    alone = dict(with_runs(guesses(run), run, number))
    for fleet in fleets(run, [*alone], number):
        ((_, figures),) = fleet.figures([number])
        for place, world in enumerate(fleet.worlds):
            it, of_run = alone[world].iteration(number), quantities(alone[world])
            for key in READ & figures.keys() & of_run.keys():
                right = of_run[key].value(it)
                assert figures[key][place] == pytest.approx(right, rel=1e-6, abs=1e-12), (world.name, key)
                compared += 1
    assert compared > 100
