"""What each step of a run starts with, and where in the run it stands."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lrstep.core.bounds import Reach, StepInput
from lrstep.core.dataset import RowNumbers
from lrstep.core.iteration import Iteration
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state


@dataclass(frozen=True, eq=False)
class StepToCheck:
    """A step that Keras is to take: the engine's account of it, what it starts with, and what it follows from.

    Attributes:
        iteration: the engine's account.
        given: what the step starts with.
        epoch, batch: where it stands, from 1.
        samples: row numbers of the batch, shape (m,).
        previous: the iteration before; None for the first.
        reach: size of the data.
    """

    iteration: Iteration
    given: StepInput
    epoch: int
    batch: int
    samples: RowNumbers
    previous: Iteration | None
    reach: Reach


def stated_order(n: int, settings: Settings, epoch: int) -> RowNumbers:
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

    def __call__(self, number: int) -> StepToCheck:
        """An iteration, 1 … n_iterations."""
        data, settings, shuffled = self.run.dataset, self.run.settings, varies(self.run.settings)
        size = min(settings.batch_size, len(data))
        epoch, batch = divmod(number - 1, -(-len(data) // size))
        start = batch * size
        samples = self.order(epoch + 1 if shuffled else 1)[start : start + size]
        rows: RowNumbers | slice = samples if shuffled else slice(start, start + len(samples))
        previous = self.iteration(number - 1) if number > 1 else None
        before, total = initial_state(settings, len(data.columns)), 0.0
        if previous is not None:
            before = previous.after
            total = previous.cumulative_loss * start if start else 0.0
        given = StepInput(
            number, rows, tuple(column[rows] for column in data.columns), data.y[rows], before, total, start
        )
        return StepToCheck(self.iteration(number), given, epoch + 1, batch + 1, samples, previous, self.reach)
