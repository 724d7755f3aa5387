"""Breakpoints: conditions at which playing stops."""

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrstep.core.run import Run
from lrstep.errors import LrstepError

if TYPE_CHECKING:  # imported when there is one: a session starts quicker without
    from lrstep.formulas.conditions import Condition
    from lrstep.session.condition_search import ConditionSearch


class Breakpoints:
    """The breakpoints of a run.

    Args:
        texts: those to begin with; what is no condition on this run is left out.
        run: the run.

    Attributes:
        conditions: in the order in which they were set.
    """

    def __init__(self, texts: Iterable[str], run: Run) -> None:
        self.conditions: tuple[Condition, ...] = ()
        for text in texts:
            with contextlib.suppress(LrstepError):
                self.add(text, run)

    @property
    def texts(self) -> tuple[str, ...]:
        """The conditions as they are written."""
        return tuple(condition.text for condition in self.conditions)

    def add(self, text: str, run: Run) -> None:
        """Set one; one that is there already is not set twice.

        Raises:
            LrstepError: it is no condition on this run.
        """
        from lrstep.formulas.conditions import parse_condition

        condition = parse_condition(text, run)
        if condition not in self.conditions:
            self.conditions = (*self.conditions, condition)

    def remove(self, place: int) -> None:
        """Clear one, by its place from 0."""
        self.conditions = (*self.conditions[:place], *self.conditions[place + 1 :])

    def clear(self) -> None:
        """Clear all."""
        self.conditions = ()

    def ahead(self, run: Run, number: int, until: int) -> "ConditionSearch":
        """The search for the next one between an iteration, which does not count, and another, which does."""
        from lrstep.session.condition_search import ConditionSearch

        return ConditionSearch(run, self.conditions, number, until=until)
