"""What is exported: which iterations of the shown run, and of those beside it what they do meanwhile."""

from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.export.progress import ProgressCallback

Size = tuple[int, int]
"""Width and height of a picture in pixels."""


class ExportOptions(NamedTuple):
    """Which iterations are exported, and how.

    Attributes:
        first, last: the iterations.
        every: only each ``every``-th of them as a picture, and always the last.
        samples: whether tables list the samples of each batch.
        size: of pictures; None is the usual one.
        fps: pictures per second of a GIF, above 0, at most 50; None is 4.
    """

    first: int
    last: int
    every: int = 1
    samples: bool = False
    size: Size | None = None
    fps: float | None = None


class RunSpan(NamedTuple):
    """The part of one of several runs.

    Attributes:
        run: the run.
        mark: its number among them, as a person counts.
        label: what tells it from the others.
        first, last: its iterations; none where the last one comes before the first.
        done: iterations of the runs before it.
    """

    run: Run
    mark: int
    label: str
    first: int
    last: int
    done: int

    @property
    def length(self) -> int:
        """How many iterations there are."""
        return max(0, self.last - self.first + 1)

    def after(self, tick: ProgressCallback) -> ProgressCallback:
        """A tick for this run alone."""
        return lambda done: tick(self.done + done)


def spans(runs: Lockstep, first: int, last: int) -> list[RunSpan]:
    """What each of the runs does in the meantime of some iterations of the shown one; all where that is all of it."""
    before, after = runs.moved(first - 1, Phase.AFTER if first > 1 else Phase.START), runs.moved(last, Phase.AFTER)
    whole = last == runs.run.n_iterations
    found: list[RunSpan] = []
    done = 0
    for place, lane in enumerate(runs.lanes):
        begin, end = before.place(place)[0] + 1, lane.run.n_iterations if whole else after.place(place)[0]
        found.append(RunSpan(lane.run, place + 1, lane.label, begin, end, done))
        done += found[-1].length
    return found
