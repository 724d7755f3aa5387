"""Where two runs part: up to which iteration their parameters are the same, to the last bit.

A run that goes on from the start of a recording has the digits that stand there, and the recording the float32 beside
them: with a recording it is the bits of its own type that count.
"""

import math

import numpy as np

from lrstep.core.dataset import RowNumbers
from lrstep.core.recorded_run import FreeRun
from lrstep.core.run import Run

PORTION = 4096
"""Moments compared at once."""


class Parting:
    """How long two runs have the same parameters.

    They are compared at the moments at which both have seen the same samples of the same epoch: the start, and then
    whenever a batch of both ends, as every epoch does. Runs of different numbers of samples have no such moments and
    are compared iteration by iteration. Runs that were not scaled alike have no parameters in common.

    Args:
        one, other: the runs.
    """

    def __init__(self, one: Run, other: Run) -> None:
        self.one, self.other = one, other
        self._same = -1  # the last moment up to which they are known to be the same; 0 is the start
        self._parted = one.parameters != other.parameters or one.scaling != other.scaling
        types = [run.recording.dtype for run in (one, other) if isinstance(run, FreeRun)]
        self._type = np.dtype(min(types, default="float64"))
        alike = one.batches.n == other.batches.n
        self._step = math.lcm(one.batches.size, other.batches.size) if alike else 0
        self._per_epoch = -(-one.batches.n // self._step) if alike else 1

    def until(self, number: int, other: int) -> int | None:
        """Up to which iteration of the one run, which stands at ``number``, both are the same.

        Args:
            number: where the one run stands, computed up to there.
            other: where the other run stands, likewise.

        Returns:
            The last moment at which they were, not behind where either stands; None where they begin with different
            parameters.
        """
        here = min(self._moment(self.one, number), self._moment(self.other, other))
        while not self._parted and self._same < here:
            self._compare(here)
        same = np.array([min(self._same, here)])
        return int(self._numbers(self.one, same)[0]) if self._same >= 0 else None

    def _compare(self, last: int) -> None:
        moments = np.arange(self._same + 1, min(last, self._same + PORTION) + 1)
        places = self._numbers(self.one, moments), self._numbers(self.other, moments)
        differs = np.zeros(len(moments), dtype=np.bool_)
        for name in self.one.parameters:
            with np.errstate(over="ignore"):
                mine = self.one.series(name, places[0]).astype(self._type)
                its = self.other.series(name, places[1]).astype(self._type)
            differs |= (mine != its) & ~(np.isnan(mine) & np.isnan(its))
        first = int(differs.argmax()) if differs.any() else len(moments)
        self._same += first
        self._parted = first < len(moments)

    def _moment(self, run: Run, number: int) -> int:
        """The last moment up to an iteration of a run."""
        if not self._step:
            return number
        epochs, seen = divmod(run.batches.seen(number), run.batches.n)
        return epochs * self._per_epoch + seen // self._step

    def _numbers(self, run: Run, moments: RowNumbers) -> RowNumbers:
        """The iterations of a run after which moments are."""
        if not self._step:
            return moments
        epochs, rest = moments // self._per_epoch, moments % self._per_epoch
        return epochs * run.batches.per_epoch + rest * self._step // run.batches.size
