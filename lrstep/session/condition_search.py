"""Looking for an iteration at which something holds, a little at a time."""

import time
from collections.abc import Sequence

from lrstep.core.position import parse_position
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.conditions import EXAMPLES, Condition, is_condition, parse_condition
from lrstep.formulas.series import Series
from lrstep.session.figures import inline
from lrstep.session.movements import Place

BLOCK, SAMPLES = 4096, 2_000_000
"""So many iterations are looked at at once, and fewer where they have more than so many samples."""


class ConditionSearch:
    """The next iteration, forward or back, at which one of some conditions holds.

    Args:
        run: the run.
        conditions: what may hold.
        begin: the iteration from which it is looked for; it does not count itself.
        direction: 1 forward, -1 back.
        until: the last iteration that is looked at; by default where the run ends or starts.

    Attributes:
        at: the last iteration that was looked at.
        found: the iteration, or None as long as there is none.
        condition: the condition that holds there.
    """

    def __init__(
        self, run: Run, conditions: Sequence[Condition], begin: int, direction: int = 1, until: int | None = None
    ) -> None:
        self.run, self.conditions, self.begin, self.direction = run, conditions, begin, direction
        end = run.n_iterations if direction > 0 else 0
        self.until = min(end if until is None else until, max(run.reach, begin))
        self.at = begin
        self.found: int | None = None
        self.condition: Condition | None = None

    def go_on(self, seconds: float) -> bool:
        """Look on for at most about so many seconds; whether it is over, found or not."""
        deadline = time.monotonic() + seconds
        while self.found is None and self.at != self.until:
            self._look(deadline)
            if time.monotonic() >= deadline:
                break
        return self.found is not None or self.at == self.until

    def _look(self, deadline: float) -> None:
        """Look at the next few iterations, as far as they are computed by then."""
        few = max(16, min(BLOCK, SAMPLES // self.run.batches.size))
        if self.direction > 0:
            last = min(self.at + few, self.until)
            if not self.run.advance(last, deadline - time.monotonic()):
                last = min(last, self.run.computed)
            first, self.at = self.at + 1, last
        else:
            first, last = max(self.at - few, self.until), self.at - 1
            self.at = first
        for condition in self.conditions:
            for place in condition.holds(self.run, first, last).nonzero()[0][:: self.direction][:1].tolist():
                # Of several that hold, the first one on the way counts.
                if self.found is None or (first + place - self.found) * self.direction < 0:
                    self.found, self.condition = first + place, condition

    @property
    def progress(self) -> str:
        """What it is doing."""
        return f"looking for {_listed(self.conditions)}: iteration {self.at} of {self.run.n_iterations}"

    @property
    def result(self) -> str:
        """What came of it, in a sentence."""
        if self.found is not None and self.condition is not None:
            return f"iteration {self.found}: {told(self.condition, self.run, self.found)}"
        where = "after" if self.direction > 0 else "before"
        far = f" up to {self.until}" if 0 < self.until < self.run.n_iterations else ""
        return f"no iteration {where} {self.begin}{far} has {_listed(self.conditions)}"


def told(condition: Condition, run: Run, number: int) -> str:
    """A condition with the numbers that it is about: ``rmse<20 (rmse 17.7527)``."""
    first = max(number - 1, 0)
    series = Series(run, first, number)
    trends = {clause.left.name for clause in condition.clauses if clause.left and clause.right is None}
    numbers = []
    for name in condition.names:
        before, now = (inline(float(series[name][place]), 6) for place in (0, -1))
        numbers.append(f"{name} {before} → {now}" if name in trends else f"{name} {now}")
    return f"{condition.text} ({', '.join(numbers)})" if numbers else condition.text


def _listed(conditions: Sequence[Condition]) -> str:
    return " or ".join(condition.text for condition in conditions)


def parse_target(text: str, run: Run, number: int) -> Place | ConditionSearch:
    """Where a person wants to go: a place (``5``, ``e3b2``), or a condition, forward or with ``back`` before it.

    Args:
        text: as typed.
        run: the run.
        number: the iteration from which a condition is looked for.

    Raises:
        LrstepError: it is neither, or the run does not have it; the hint says what there is.
    """
    first, _, rest = text.strip().partition(" ")
    back = first.lower() == "back"
    if (back and rest) or is_condition(text):
        condition = parse_condition(rest if back else text, run)
        return ConditionSearch(run, [condition], number, -1 if back else 1)
    try:
        return parse_position(text, run)
    except LrstepError as error:
        if error.message.endswith("is no place in a run"):
            raise LrstepError(error.message, f"{error.hint} Or a condition: {EXAMPLES}; back rmse<20.") from None
        raise
