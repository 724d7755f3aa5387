"""What a chart is of, and how large it is."""

from typing import NamedTuple

from lrstep.core.dataset import Floats
from lrstep.core.iteration import Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.state import State
from lrstep.plotting.beside import known
from lrstep.session.commands import KEYS


class Scene(NamedTuple):
    """What a chart is of, and how large it is.

    Attributes:
        run: the run.
        number: an iteration, 0 … n_iterations.
        width, height: of the chart, in cells.
        phase: up to which phase of the iteration things are known.
        ascii: whether only ASCII may be drawn.
        runs: the run and those beside it, of which is drawn what has a place on the axes of the run's own.
        zoom: of the surface, ``follow`` shows the last steps, ``whole`` the path so far and the least-squares point.
        batch: whether the surface is the loss of the current batch alone instead of that of all samples.
        zoom_key: of the surface, what zooms.
        axes: of the surface, the places of the two parameters; the others are held where they are.
    """

    run: Run
    number: int
    width: int
    height: int
    phase: Phase = Phase.AFTER
    ascii: bool = False
    runs: Lockstep | None = None
    zoom: str = "follow"
    batch: bool = False
    axes: tuple[int, int] = (0, 1)
    zoom_key: str = KEYS["zoom"]

    @property
    def updated(self) -> bool:
        """Whether the update of the iteration is known."""
        return self.number > 0 and self.phase >= Phase.UPDATE

    @property
    def before(self) -> State:
        """The state before the update; at the start that of the start."""
        return self.run.state(max(self.number - 1, 0))

    @property
    def samples(self) -> tuple[tuple[Floats, ...], Floats]:
        """The columns and the labels of the batch; at the start of the first one."""
        return self.run.batch(*self.run.batches.position(max(self.number, 1)))

    def known(self, since: Phase) -> int:
        """The last iteration whose quantity is known, if it comes to be known in a phase."""
        return known(self.number, self.phase, since)

    @property
    def end(self) -> int:
        """Up to which iteration an x axis of iterations reaches.

        The whole run where each iteration has room; else so much of it that the picture is outgrown seldom:
        it doubles each time.
        """
        end = max(4 * self.width, 1)
        while end < self.number:
            end *= 2
        return min(end, self.run.n_iterations)
