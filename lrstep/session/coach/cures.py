"""Settings with which a run gets there: each is tried, to the last iteration, before it is named."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import SettingsError
from lrstep.plotting.beside import unit
from lrstep.plotting.ticks import tick_step
from lrstep.session.coach.learning_rates import fits_unscaled, learning_rates
from lrstep.session.coach.outlook import NEAR, Goal, advance, end_of, full_rmses

MOST_ITERATIONS = 100_000
"""A cure's run is not longer, unless the present one is."""

MOST_WORK = 300_000
"""Units of work for a search, about two seconds of computing."""

MOST_ROWS = 200_000
"""With more samples nothing is tried: already to scale or to shuffle them would hold up the keys."""

NEARER = 1.0499
"""A cure has to come a little nearer than what counts as there, so that no rounding decides."""

FALLS = 0.98
"""What is above the lowest loss has fallen by this factor or more where a run still gets nearer."""

FEW = 4_000
"""Up to so many iterations are rather spent than the data scaled."""


@dataclass(frozen=True)
class Cure:
    """Other settings, and what they come to.

    Attributes:
        settings: all of them.
        rmse: over all data after the last iteration, in the units that the present run has.
        reaches: whether that is within 5 % of the lowest RMSE, and not of one that is 0 but for rounding; else it is
            the nearest that was found.
    """

    settings: Settings
    rmse: float
    reaches: bool


def look_for_cure(run: Run, goal: Goal, only: str | None = None) -> Generator[float, None, Cure | None]:
    """Try settings until a run settles near the lowest RMSE; else the one that came nearest, if any came nearer.

    Few and small changes come first: another learning rate, then more epochs too, then scaled data.

    Args:
        run: the present one.
        goal: what it can come to.
        only: the one scaling that is tried; by default the present one, then ``standard``.
    """
    if len(run.raw) > MOST_ROWS:
        return None
    search = _Search(run, goal)
    for settings, iterations in _plan(run, only):
        found = yield from search.attempt(settings, iterations)
        if found is not None:
            return found
        if search.work > MOST_WORK:
            break
    return search.nearest


def free_settings(settings: Settings) -> Settings:
    """The settings without what keeps a run from getting there, and with an order for any number of epochs."""
    if settings.order is not None and len(settings.order) > 1:
        settings = settings.changed(order=None, shuffle=True)
    if settings.epsilon == 0:
        settings = settings.changed(epsilon=settings.rule.options["epsilon"])
    return settings.changed(momentum=0.9) if settings.momentum == 1 else settings


class _Search:
    """What was tried so far."""

    def __init__(self, run: Run, goal: Goal) -> None:
        self.run = run
        self.goal = goal
        self.work = 0.0
        self.nearest: Cure | None = None
        self._hopeless: set[Settings] = set()

    def attempt(self, settings: Settings, iterations: int) -> Generator[float, None, Cure | None]:
        """Try the learning rates of a plan for so many iterations."""
        try:
            first = Run(self.run.raw, settings)
        except SettingsError:
            return None  # data that cannot be scaled
        rates = learning_rates(first, iterations)
        if settings.scale == "none" and not fits_unscaled(first, iterations):
            rates = []
        for rate in dict.fromkeys([settings.learning_rate, *rates]):
            chosen = settings.changed(learning_rate=rate)
            if chosen == self.run.settings or chosen.changed(epochs=1) in self._hopeless:
                continue
            run = Run(self.run.raw, chosen)
            for done in advance(run, run.n_iterations):
                self.work += done
                yield done
            found = self._judged(run)
            if found is not None or self.work > MOST_WORK:
                return found
        return None

    def _judged(self, run: Run) -> Cure | None:
        """The cure, if a run has settled near the goal; else what is to be remembered of it is."""
        last = run.n_iterations
        if run.diverged_at is None:
            units = unit(run) / unit(self.run)
            rmses = full_rmses(run, last - end_of(run, last) + 1, last) * units
            rmse = run.full_rmse(last) * units
            made = Cure(run.settings, rmse, not self.goal.exact and rmse <= NEAR * self.goal.lowest)
            if rmses.max() <= (self.goal.near if self.goal.exact else NEARER * self.goal.lowest):
                return made
            if self.nearest is None or made.rmse < self.nearest.rmse:
                self.nearest = made
        if run.diverged_at is not None or not _falls(run):
            self._hopeless.add(run.settings.changed(epochs=1))
        return None


def _falls(run: Run) -> bool:
    """Whether what is above the lowest loss is less in the last quarter of a run than in the one before."""
    last, quarter = run.n_iterations, max(run.n_iterations // 4, 1)
    with np.errstate(all="ignore"):
        above = full_rmses(run, last - 2 * quarter + 1, last) ** 2 - run.reference.loss
        return bool(np.mean(above[quarter:]) < FALLS * np.mean(above[:quarter]))


def _plan(run: Run, only: str | None) -> Iterator[tuple[Settings, int]]:
    """Settings with their number of iterations, but for the learning rate, in the order in which they are tried."""
    settings, per_epoch = free_settings(run.settings), run.batches.per_epoch
    lengths = _lengths(run)
    scales = dict.fromkeys([only] if only else [settings.scale, "standard"])
    few = [length for length in lengths if length <= max(FEW, lengths[0])]
    present, *others = scales
    order = [(present, length) for length in few]
    order += [(scale, length) for scale in others for length in lengths]
    order += [(present, length) for length in lengths[len(few) :]]
    for scale, length in order:
        yield settings.changed(scale=scale, epochs=length // per_epoch), length


def _lengths(run: Run) -> list[int]:
    """Iterations to try: those of the run, then about four times as many each time, in 1, 2 or 5·10ⁿ epochs."""
    per_epoch, asked = run.batches.per_epoch, run.n_iterations // run.batches.per_epoch * run.batches.per_epoch
    lengths = [asked] if 8 <= asked <= MOST_ITERATIONS else []
    wanted = max(4 * asked, 50)
    while (epochs := int(tick_step(max(wanted / per_epoch, 1.0), 1))) * per_epoch <= MOST_ITERATIONS:
        lengths.append(epochs * per_epoch)
        wanted = 4 * lengths[-1]
    return lengths or [max(MOST_ITERATIONS // per_epoch, 1) * per_epoch]
