"""Where a movement leads: the cursor's arithmetic, alike for keys and for typed lines."""

from lrstep.core.iteration import Phase
from lrstep.core.run import Run

Place = tuple[int, Phase]
"""Where the cursor can be: an iteration (0 is the start) and the phase inside it."""

MOVES = frozenset(["next", "back", "phase_next", "phase_back", "epoch_next", "epoch_back", "start", "restart", "end"])
"""Commands that move the cursor and ask nothing."""

_FIRST, _LAST = int(Phase.BATCH), int(Phase.AFTER)


def destination(command: str, run: Run, place: Place, count: int = 1) -> Place:
    """The place that a movement leads to, not beyond the ends of the run.

    Args:
        command: one of :data:`MOVES`.
        run: the run.
        place: where the cursor is.
        count: so many iterations, phases or epochs; the others do not count.
    """
    if command in ("phase_next", "phase_back"):
        return _phases_on(run, place, count if command == "phase_next" else -count)
    number = {
        "next": place[0] + count,
        "back": place[0] - count,
        "epoch_next": place[0] + count * run.batches.per_epoch,
        "epoch_back": place[0] - count * run.batches.per_epoch,
        "start": 0,
        "restart": 0,
        "end": run.n_iterations,
    }[command]
    return within(run, number, Phase.AFTER)


def within(run: Run, number: int, phase: Phase) -> Place:
    """The place in the run that is nearest to an iteration; the start has a phase of its own."""
    number = max(0, min(number, run.n_iterations))
    return number, phase if number else Phase.START


def _phases_on(run: Run, place: Place, count: int) -> Place:
    """So many phases further, which stand in one row: 0 is the start, then those of each iteration."""
    number, phase = place
    at = (number - 1) * _LAST + phase if number else 0
    at = max(0, min(at + count, run.n_iterations * _LAST))
    if not at:
        return 0, Phase.START
    before, later = divmod(at - _FIRST, _LAST)
    return before + 1, Phase(later + _FIRST)
