"""Runs side by side in lockstep: one is stepped through, and the others stand at the same moment."""

import math
import time
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.parting import Parting
from lrstep.core.run import Run

Pace = Literal["iteration", "samples", "epoch"]

PACES: tuple[Pace, ...] = ("iteration", "samples", "epoch")
"""What is equal at the same moment: the number of iterations, of samples seen, or of whole epochs."""


@dataclass(frozen=True, eq=False)
class Lane:
    """One of the runs, and in a few words what tells it from the others."""

    run: Run
    label: str


@dataclass(frozen=True, eq=False)
class Lockstep:
    """Runs side by side, and the moment at which they stand; a single run is side by side with none.

    It never changes: a step, another run to be shown or another pace make a new one.

    Attributes:
        lanes: the runs; the first one is that with which the others are compared.
        pace: what is equal at the same moment.
        shown: the place, among the lanes, of the run that is looked at.
        leader: that of the run that was moved last. The moment is where it stands, so that looking at another run
            and back again comes to the very same place.
        number, phase: where the leader stands.
        partings: how far pairs of the runs are known to be the same, by their places among the lanes.
    """

    lanes: tuple[Lane, ...]
    pace: Pace = "iteration"
    shown: int = 0
    leader: int = 0
    number: int = 0
    phase: Phase = Phase.START
    partings: dict[tuple[int, int], Parting] = field(default_factory=dict)

    @property
    def run(self) -> Run:
        """The run that is shown."""
        return self.lanes[self.shown].run

    @property
    def alone(self) -> bool:
        """Whether there is no other run."""
        return len(self.lanes) == 1

    @property
    def mixed(self) -> bool:
        """Whether their numbers are in different units: they were not all scaled alike."""
        return len({lane.run.scaling for lane in self.lanes}) > 1

    def place(self, lane: int) -> tuple[int, Phase]:
        """Iteration and phase at which one of the runs stands.

        It is in the phase of the leader if the iteration of the leader brings it further. It stays after an iteration
        that it had finished before, and after its last one.
        """
        if lane == self.leader:
            return self.number, self.phase
        leader, run = self.lanes[self.leader].run, self.lanes[lane].run
        number = partner(leader, self.number, run, self.pace)
        if not number:
            return 0, Phase.START
        finished = number > run.n_iterations or number == partner(leader, self.number - 1, run, self.pace)
        return min(number, run.n_iterations), Phase.AFTER if finished else self.phase

    def same_until(self, lane: int) -> int | None:
        """:meth:`lrstep.core.parting.Parting.until` of the shown run and another one, at this moment."""
        pair = self.shown, lane
        if pair not in self.partings:
            self.partings[pair] = Parting(*(self.lanes[place].run for place in pair))
        return self.partings[pair].until(*(self.place(place)[0] for place in pair))

    def moved(self, number: int, phase: Phase) -> "Lockstep":
        """The moment at which the shown run stands at this place."""
        return replace(self, leader=self.shown, number=number, phase=phase)

    def showing(self, lane: int) -> "Lockstep":
        """The same moment, with another run to be looked at."""
        return replace(self, shown=lane % len(self.lanes))

    def paced(self, pace: Pace) -> "Lockstep":
        """The same place of the leader, with the others where another pace has them."""
        return replace(self, pace=pace)

    def require(self) -> None:
        """Refuse a moment that cannot be computed.

        Raises:
            LrstepError: it is too far from the start of one of the runs.
        """
        for place, lane in enumerate(self.lanes):
            lane.run.require(self.place(place)[0])

    def advance(self, seconds: float = math.inf) -> bool:
        """Compute all runs up to their places, for at most about so many seconds; whether all are there."""
        deadline = time.monotonic() + seconds
        return all(
            lane.run.advance(self.place(place)[0], max(0.0, deadline - time.monotonic()))
            for place, lane in enumerate(self.lanes)
        )

    @property
    def progress(self) -> tuple[int, int]:
        """How many iterations of all runs are computed, of those that are wanted for this moment."""
        wanted = [self.place(lane)[0] for lane in range(len(self.lanes))]
        done = (min(number, lane.run.computed) for number, lane in zip(wanted, self.lanes, strict=True))
        return sum(done), sum(wanted)


def in_lockstep(lanes: tuple[Lane, ...], pace: Pace | None = None, shown: int = 0) -> Lockstep:
    """Runs at their start, one of them to be looked at; by samples seen where their batches differ in size."""
    sizes = {lane.run.batches.size for lane in lanes}
    return Lockstep(lanes, pace or ("iteration" if len(sizes) == 1 else "samples"), shown)


def partner(run: Run, number: int, other: Run, pace: Pace) -> int:
    """The iteration of another run at the moment after iteration ``number`` of a run; it may lie behind its end.

    What the other run has only begun by then does not count: its last whole iteration, or its last whole epoch.
    """
    if pace == "iteration":
        return number
    if pace == "epoch":
        return number // run.batches.per_epoch * other.batches.per_epoch
    return other.batches.within(run.batches.seen(number))


def along(run: Run, other: Run, numbers: ArrayLike, pace: Pace) -> Floats:
    """Where iterations of another run stand on an axis of the iterations of a run; between two of them, too.

    At paces other than by iteration, the part of an epoch that another run has seen is the part that it stands in.
    """
    found = np.asarray(numbers, dtype=np.float64)
    if pace == "iteration" or other is run:
        return found
    mine, its = run.batches, other.batches
    epochs, rest = np.divmod(found, its.per_epoch)
    seen = rest * its.size
    if pace == "samples":
        epochs, seen = np.divmod(epochs * its.n + seen, mine.n)
    else:
        seen = seen * (mine.n / its.n)
    return epochs * mine.per_epoch + seen / mine.size
