"""A phase of an iteration as data for a screen: formula, numbers put in, terms, result, and where it came from.

Every number is written so that float64 gives it back, so whoever recomputes a line from what it shows
gets the result that it shows, to all but the last digits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lrstep.core.iteration import Phase


@dataclass(frozen=True)
class Equation:
    """One line of a computation: ``letters`` has the formula, ``numbers`` the same as "name = … = result"."""

    letters: str
    numbers: str


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of a sum, row by row; a row is made when it is asked for.

    Attributes:
        headers: one per column.
        count: number of rows.
        row: texts of row i (from 0), one per column, exact.
        iteration: the iteration that row i comes from, where the rows are iterations.
    """

    headers: tuple[str, ...]
    count: int
    row: Callable[[int], tuple[str, ...]]
    iteration: Callable[[int], int] | None = None


@dataclass(frozen=True)
class Origin:
    """Where an input came from.

    Attributes:
        label: in words, such as "v_w before, from iteration 4".
        iteration: the iteration to go to (0: the start); None for a setting or the data.
        phase: the phase to go to; None for a setting.
    """

    label: str
    iteration: int | None = None
    phase: Phase | None = None


@dataclass(frozen=True, eq=False)
class Explanation:
    """How one quantity was computed.

    Attributes:
        title: quantity and iteration.
        phase: the phase that computes it.
        quantity: its key, as in ``lrstep trace``; "batch" and "predictions" for those phases.
        formula: in letters.
        steps: the formula with the numbers put in, line by line.
        terms: the table of terms, or None.
        total: the sum of the last column as "Σ … = …", a line for each of several sums, or empty.
        result: the value as text, exact; empty where there is no single one.
        sources: where each input came from.
        keras: what Keras had, exact, and to how many digits it agrees, where that was recorded; else empty.
    """

    title: str
    phase: Phase
    quantity: str
    formula: str
    steps: tuple[Equation, ...]
    terms: Terms | None
    total: str
    result: str
    sources: tuple[Origin, ...]
    keras: str = ""

    def lines(self) -> list[str]:
        """The text above and below the table: formula, numbers, sum."""
        return [*self.formula.splitlines(), *self.total.splitlines(), *(step.numbers for step in self.steps)]
