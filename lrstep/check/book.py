"""What is known about the steps of a run: which are checked, which differ, and which to check next."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import chain

from lrstep.check.quantity import ComparedQuantity
from lrstep.check.verdict import StepVerdict

OUTCOMES = ("pending", "confirmed", "differs", "undecided")
PENDING, CONFIRMED, DIFFERS, UNDECIDED = range(4)

AROUND = 8
"""So many iterations on each side of the cursor are checked before the rest."""


class CheckBook:
    """The verdicts of a run.

    It keeps one byte for each iteration up to the last one checked, and the most recent verdicts in full; a
    verdict that was dropped can be had again by checking that step again.

    Args:
        n_iterations: of the run.
        keep: how many verdicts to keep in full.

    Attributes:
        worst: iteration and quantity with the largest share of its bound so far; None before the first.
    """

    def __init__(self, n_iterations: int, keep: int = 4096) -> None:
        self.n_iterations = n_iterations
        self.worst: tuple[int, ComparedQuantity] | None = None
        self._keep = keep
        # Place 0 is the start, which has no step; it is marked so that no search finds it.
        # What lies beyond the last place is pending: a long run of which little is checked costs little.
        self._codes = bytearray([CONFIRMED])
        self._counts = [n_iterations, 0, 0, 0]
        self._verdicts: OrderedDict[int, StepVerdict] = OrderedDict()

    def record(self, verdict: StepVerdict) -> None:
        """Enter a verdict; a second one on the same step replaces the first."""
        number, code = verdict.iteration, OUTCOMES.index(verdict.outcome)
        self._codes.extend(bytes(max(0, number + 1 - len(self._codes))))
        self._counts[self._codes[number]] -= 1
        self._counts[code] += 1
        self._codes[number] = code
        self._verdicts[number] = verdict
        self._verdicts.move_to_end(number)
        if len(self._verdicts) > self._keep:
            self._verdicts.popitem(last=False)
        worst = verdict.worst
        if self.worst is None or worst.share > self.worst[1].share:
            self.worst = (number, worst)

    def verdict(self, iteration: int) -> StepVerdict | None:
        """The verdict on a step, None if it is not checked or was dropped."""
        return self._verdicts.get(iteration)

    def outcome(self, iteration: int) -> str:
        """``pending``, ``confirmed``, ``differs`` or ``undecided``."""
        return OUTCOMES[self._code(iteration)]

    @property
    def checked(self) -> int:
        """Steps with a verdict."""
        return self.n_iterations - self._counts[PENDING]

    @property
    def confirmed(self) -> int:
        """Steps that Keras confirms."""
        return self._counts[CONFIRMED]

    @property
    def differing(self) -> int:
        """Steps that differ."""
        return self._counts[DIFFERS]

    @property
    def undecided(self) -> int:
        """Steps with a number that the precision cannot decide."""
        return self._counts[UNDECIDED]

    @property
    def complete(self) -> bool:
        """Whether every step has its verdict."""
        return not self._counts[PENDING]

    def failed(self) -> Iterator[int]:
        """The numbers of the steps that differ, in order."""
        number = self.next_failed(0)
        while number is not None:
            yield number
            number = self.next_failed(number)

    def next_failed(self, iteration: int) -> int | None:
        """The next step after an iteration that differs, None if there is none."""
        found = self._codes.find(DIFFERS, iteration + 1)
        return found if found > 0 else None

    def previous_failed(self, iteration: int) -> int | None:
        """The next step before an iteration that differs, None if there is none."""
        found = self._codes.rfind(DIFFERS, 0, max(iteration, 0))
        return found if found > 0 else None

    def pending(self, cursor: int, count: int) -> list[int]:
        """Which steps to check next, at most ``count``.

        The step under the cursor comes first, then those around it, then on to the end, then the ones
        before. A step whose verdict was dropped counts as pending while the cursor is on it.
        """
        cursor = min(max(cursor, 1), self.n_iterations)
        ring = (cursor + side * distance for distance in range(1, AROUND + 1) for side in (1, -1))
        around = (k for k in ring if 1 <= k <= self.n_iterations and self._code(k) == PENDING)
        under = [] if cursor in self._verdicts else [cursor]
        chosen: dict[int, None] = {}
        for number in chain(under, around, self._unchecked(cursor), self._unchecked(1)):
            if len(chosen) >= count:
                break
            chosen[number] = None
        return list(chosen)

    def _unchecked(self, start: int) -> Iterator[int]:
        number = start - 1
        while (number := self._codes.find(PENDING, number + 1)) > 0:
            yield number
        yield from range(max(start, len(self._codes)), self.n_iterations + 1)

    def _code(self, number: int) -> int:
        return self._codes[number] if number < len(self._codes) else PENDING
