"""How an export says how far it is and learns that it shall stop."""

from collections.abc import Callable

from lrstep.core.run import Run
from lrstep.errors import LrstepError

SLICE_SECONDS = 0.1
"""The longest time that computing ahead goes on without a look at whether to stop."""


class Cancelled(LrstepError):
    """The person stopped the export; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Export cancelled: nothing was written")


ProgressCallback = Callable[[int], None]
"""Called by a writer once per piece of work, with the pieces done so far; may raise :class:`Cancelled`."""


def silent(done: int) -> None:
    """A tick that nobody looks at."""


def ticker(
    total: int, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
) -> ProgressCallback:
    """A tick that reports (done, total) and raises :class:`Cancelled` when asked to stop."""

    def tick(done: int) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(min(done, total), total)

    return tick


def advance(run: Run, until: int, tick: ProgressCallback = silent) -> None:
    """Compute the run up to an iteration, stopping between slices when asked to."""
    while not run.advance(until, SLICE_SECONDS):
        tick(0)


def checked_range(run: Run, first: int, last: int | None) -> tuple[int, int]:
    """(first, last) iteration of an export; ``last`` None is the end of the run.

    Raises:
        LrstepError: outside the run, or the wrong way round.
    """
    end = run.n_iterations if last is None else last
    within = f"The run has the iterations 1 to {run.n_iterations}."
    if not 1 <= first <= run.n_iterations:
        raise LrstepError(f"--from {first} is not an iteration of this run", within)
    if not 1 <= end <= run.n_iterations:
        raise LrstepError(f"--to {end} is not an iteration of this run", within)
    if end < first:
        raise LrstepError(f"--to {end} comes before --from {first}", within)
    return first, end
