"""The coach of a run: it thinks in small pieces, speaks where the run cannot get there, and is silent where it does."""

from collections.abc import Generator
from itertools import chain
from typing import TYPE_CHECKING, Literal

from lrstep.core.run import Run

if TYPE_CHECKING:  # imported when it begins to think: a session starts quicker without
    from lrstep.session.coach.cures import Cure
    from lrstep.session.coach.outlook import Outlook

MOST_AHEAD = 100_000
"""Units of work to look ahead; a longer run is judged by what it has come to by then."""

AT_ONCE = 2_000
"""Units of work that a key may wait for."""

HOPELESS, HOPELESS_EPOCH = 0.1, 0.01
"""A run that makes less than this share of the way is said to crawl from the first step on; one of a single epoch,
which is a look and not a training, only where it makes less than that."""

Problem = Literal["rises", "circles", "crawls", "short"]
"""What is wrong with a run."""


class Coach:
    """Knows what becomes of a run and what would help.

    Args:
        run: the present run; it is not computed any further by this.

    Attributes:
        outlook: what becomes of it; None until that is known, and where least squares cannot be computed.
        cures: what helps, found by trying; None until it was looked for.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.outlook: Outlook | None = None
        self.cures: tuple[Cure, ...] | None = None
        self._hidden: set[str | None] = set()
        self._thoughts = chain(self._look(), self._search())
        self._looked = False
        self._at_once = 2 * AT_ONCE

    def kind(self, number: int) -> Problem | None:
        """What is wrong, as far as it shows at an iteration; None where the run gets there."""
        ahead, last = self.outlook, self.run.n_iterations
        if ahead is None or ahead.there or not number:
            return None
        if ahead.rises_from is not None:
            return "rises" if number >= ahead.rises_from else None
        epochs = self.run.settings.epochs
        if ahead.circles_from is not None and ahead.until == last and epochs > 1:
            return "circles" if number >= ahead.circles_from else None
        if ahead.share * last / max(ahead.until, 1) < (HOPELESS if epochs > 1 else HOPELESS_EPOCH):
            return "crawls"
        if number != last or epochs == 1:
            return None
        # Where the outlook does not go so far, the run itself tells.
        return None if self.run.full_rmse(last) <= ahead.goal.near else "short"

    def offers(self, number: int) -> "tuple[Cure, ...]":
        """What helps against what is wrong at an iteration."""
        return (self.cures or ()) if self.speaks(number) and self.kind(number) is not None else ()

    def speaks(self, number: int) -> bool:
        """Whether what is to be said at an iteration was not sent away."""
        return (self.kind(number) if number else "start") not in self._hidden

    def hide(self, number: int) -> None:
        """Say no more in this run what is to be said at an iteration."""
        self._hidden.add(self.kind(number) if number else "start")

    def wonders(self, number: int) -> bool:
        """Whether thinking could change what is to be said at an iteration."""
        if not number:
            return False
        return not self._looked or (self.cures is None and self.kind(number) is not None and self.speaks(number))

    def think(self, number: int, work: float = AT_ONCE) -> bool:
        """Think for about so many units of work; whether there is more to say than before."""
        before = self.outlook, self.cures
        while work > 0 and self.wonders(number):
            work -= next(self._thoughts, 0.0)
        return (self.outlook, self.cures) != before

    def think_at_once(self, number: int) -> None:
        """Think while a key waits, where that is soon done; all such thinking about a run takes a moment, once."""
        if self._at_once <= 0 or not self.wonders(number):
            return
        from lrstep.session.coach.outlook import unit

        if self.run.n_iterations * unit(self.run) <= AT_ONCE:
            self._at_once -= AT_ONCE
            self.think(number)

    def _look(self) -> Generator[float, None, None]:
        from lrstep.session.coach.outlook import Goal, look_ahead, unit

        goal = Goal.of(self.run)
        if goal is not None:
            until = min(self.run.n_iterations, max(1, int(MOST_AHEAD / unit(self.run))))
            self.outlook = yield from look_ahead(self.run.again(), goal, until)
        self._looked = True
        yield 0.0  # a pause, as what helps is looked for only where it is asked for

    def _search(self) -> Generator[float, None, None]:
        from lrstep.session.coach.cures import look_for_cure

        ahead = self.outlook
        assert ahead is not None
        first = yield from look_for_cure(self.run, ahead.goal)
        if first is None or not (first.reaches or first.rmse < 0.9 * ahead.end):
            self.cures = ()
            return
        scaled = None
        if first.reaches and self.run.settings.scale == first.settings.scale == "none":
            # Scaling is the other way; it is named beside.
            scaled = yield from look_for_cure(self.run, ahead.goal, only="standard")
        self.cures = (first, scaled) if scaled is not None and scaled.reaches else (first,)
