"""What each step of a run starts with, and where in the run it stands."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lrstep.core.bounds import Reach, StepInput
from lrstep.core.dataset import Rows
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state


@dataclass(frozen=True, eq=False)
class Place:
    """What a step follows from: the order of the samples and the step before it.

    Attributes:
        epoch, batch: from 1.
        samples: row numbers of the batch, shape (m,).
        previous: the iteration before; None for the first.
        reach: size of the data.
    """

    epoch: int
    batch: int
    samples: Rows
    previous: Iteration | None
    reach: Reach


def stated_order(n: int, settings: Settings, epoch: int) -> Rows:
    """The order of an epoch's samples as lrstep states it, apart from :mod:`lrstep.core.batches`.

    It is that of the data, or shuffled the permutation that NumPy's default generator draws from (seed, epoch):
    another one in every epoch, the same again for the same seed.
    """
    if settings.order is not None:
        return np.array(settings.order[(epoch - 1) % len(settings.order)], dtype=np.intp) - 1
    if not settings.shuffle:
        return np.arange(n)
    return np.random.default_rng((settings.seed, epoch)).permutation(n)


def varies(settings: Settings) -> bool:
    """Whether the samples are taken in another order than that of the data."""
    return settings.shuffle or settings.order is not None


class StepInputs:
    """What each step of a run starts with, derived apart from the engine's own account of the step.

    The batch is cut out of the stated order of the epoch, and the state is what the iteration before left
    behind, so that a wrong batch or a state that changes between two iterations does not go unseen.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.reach = Reach.of(run.dataset)
        self.iteration = lru_cache(maxsize=2)(run.iteration)
        self.order = lru_cache(maxsize=2)(lambda epoch: stated_order(len(run.dataset), run.settings, epoch))

    def place(self, number: int) -> Place:
        """Where an iteration stands, 1 … n_iterations."""
        n, size = len(self.run.dataset), min(self.run.settings.batch_size, len(self.run.dataset))
        epoch, batch = divmod(number - 1, -(-n // size))
        samples = self.order(epoch + 1 if varies(self.run.settings) else 1)[batch * size : (batch + 1) * size]
        previous = self.iteration(number - 1) if number > 1 else None
        return Place(epoch + 1, batch + 1, samples, previous, self.reach)

    def __call__(self, number: int) -> StepInput:
        """The start of an iteration, 1 … n_iterations."""
        run, place = self.run, self.place(number)
        start = (place.batch - 1) * min(run.settings.batch_size, len(run.dataset))
        rows: Rows | slice = place.samples if varies(run.settings) else slice(start, start + len(place.samples))
        before, total = initial_state(run.settings, len(run.dataset.columns)), 0.0
        if place.previous is not None:
            before = place.previous.after
            total = place.previous.cumulative_loss * start if start else 0.0
        columns = tuple(column[rows] for column in run.dataset.columns)
        return StepInput(number, rows, columns, run.dataset.y[rows], before, total, start)
