"""What each step of a run starts with."""

from functools import lru_cache

import numpy as np

from lrstep.check.bounds import StepInput
from lrstep.core.dataset import Rows
from lrstep.core.rmsprop import eight
from lrstep.core.run import Run
from lrstep.core.start import initial_state


class StepInputs:
    """What each step of a run starts with, derived apart from the engine's own account of the step.

    The batch is cut out of the epoch's order anew, and the state is what the iteration before left
    behind, so that a wrong batch or a state that changes between two iterations does not go unseen.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.iteration = lru_cache(maxsize=2)(run.iteration)
        self._order = lru_cache(maxsize=2)(self._epoch_order)

    def __call__(self, number: int) -> StepInput:
        """The start of an iteration, 1 … n_iterations."""
        run = self.run
        n, size = len(run.dataset), min(run.settings.batch_size, len(run.dataset))
        epoch, place = divmod(number - 1, -(-n // size))
        start = place * size
        rows: Rows | slice = slice(start, min(start + size, n))
        whole = True
        if run.settings.shuffle:
            order, whole = self._order(epoch + 1)
            rows = order[rows]
        total = 0.0
        if number == 1:
            before = eight(initial_state(run.settings))
        else:
            previous = self.iteration(number - 1)
            before = eight(previous.after)
            total = previous.cumulative_loss * start if start else 0.0
        return StepInput(number, rows, run.dataset.x[rows], run.dataset.y[rows], before, total, start, whole)

    def _epoch_order(self, epoch: int) -> tuple[Rows, bool]:
        order = self.run.batches.order(epoch)
        return order, np.array_equal(np.sort(order), np.arange(len(self.run.dataset)))
