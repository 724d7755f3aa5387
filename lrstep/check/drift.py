"""A free run of Keras beside the engine's, and the drift between the two."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from lrstep.check.quantity import label_of, plain
from lrstep.check.step_inputs import StepInputs
from lrstep.core.bounds import approximations, share
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.rounding import PRECISIONS, RECORDED, Approx
from lrstep.core.run import Run
from lrstep.core.start import initial_state
from lrstep.core.state import State, parameter_names
from lrstep.formulas.numerals import same


class FitFigure(NamedTuple):
    """One of the figures that are compared: its name, by Keras and by the engine."""

    name: str
    keras: float
    engine: float

    @property
    def drift(self) -> float:
        """The relative difference, |keras − engine| / max(|keras|, |engine|); inf where not both are finite."""
        a, b = self.keras, self.engine
        if same(a, b):
            return 0.0
        if not (math.isfinite(a) and math.isfinite(b)):
            return math.inf
        largest = max(abs(a), abs(b))
        # The difference of two numbers of opposite sign may leave the range; it is at most twice the larger.
        return min(abs(a - b) / largest, 2.0)


@dataclass(frozen=True)
class FitPoint:
    """One iteration of Keras's own ``fit`` beside the engine's.

    Attributes:
        iteration: its number, from 1.
        loss, rmse: what Keras prints there.
        state: parameters and optimizer state of Keras, after the iteration.
        engine_loss, engine_rmse, engine_parameters: the same of the engine.
    """

    iteration: int
    loss: float
    rmse: float
    state: State
    engine_loss: float
    engine_rmse: float
    engine_parameters: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""
        return parameter_names(len(self.state.weights))

    @property
    def figures(self) -> tuple[FitFigure, ...]:
        """What is compared."""
        return (
            *map(FitFigure, self.names, self.state.parameters, self.engine_parameters),
            FitFigure("loss", self.loss, self.engine_loss),
            FitFigure("RMSE", self.rmse, self.engine_rmse),
        )

    @property
    def furthest(self) -> FitFigure:
        """The figure with the largest drift."""
        return max(self.figures, key=lambda figure: figure.drift)

    @property
    def drift(self) -> float:
        """The largest relative difference of them; inf where just one of two is not finite."""
        return self.furthest.drift

    @staticmethod
    def width(run: Run) -> int:
        """So many numbers Keras sends for one point: loss, RMSE, parameters, slots."""
        return 2 + len(initial_state(run.settings, len(run.dataset.columns)).numbers)

    @classmethod
    def beside(cls, run: Run, number: int, sent: Sequence[float]) -> Self:
        """Keras's numbers of an iteration, in the order of :meth:`width`, beside those of the run."""
        mine = run.iteration(number)
        k = len(mine.after.parameters)
        rows = [tuple(sent[place : place + k]) for place in range(2, len(sent), k)]
        state = State(rows[0], dict(zip(mine.after.slots, rows[1:], strict=True)))
        engine = float(mine.cumulative_loss), float(mine.cumulative_rmse), mine.after.parameters
        return cls(number, sent[0], sent[1], state, *engine)


class Departure(NamedTuple):
    """A step of the free run that does not follow from the one before it.

    Attributes:
        iteration: its number. name: of the quantity.
        keras: Keras's number. expected, bound: what the engine's rule makes of Keras's own numbers before it.
    """

    iteration: int
    name: str
    keras: float
    expected: float
    bound: float


class Drift:
    """What a free run of ``fit`` comes to: each of its steps must be the one that the engine's rule takes from Keras's
    own numbers.

    Where that holds of every step, where both start alike and where Keras confirms the engine's steps, the two
    runs are the same but for roundings, however far these have let them part. Rounding alone would not do as an
    explanation: near the optimum it may explain anything.

    Args:
        run: the engine's. precision: Keras's.

    Attributes:
        last: its last point; None before the first.
        largest: the first point with the largest drift.
        departure: the first step that rounding does not explain, None if there is none.
        open: the first step that the precision cannot decide, None if there is none.
    """

    def __init__(self, run: Run, precision: str) -> None:
        self.run, self.precision = run, precision
        self.last: FitPoint | None = None
        self.largest: FitPoint | None = None
        self.departure: Departure | None = None
        self.open: int | None = None
        formats = RECORDED if isinstance(run, RecordedRun) else PRECISIONS
        self._arithmetic, self._inputs = formats[precision], StepInputs(run)
        self._total = self._arithmetic.exact(0.0)

    def add(self, point: FitPoint) -> None:
        """Go on to the next point; they come without gaps."""
        before = self.last.state if self.last else self.run.iteration(point.iteration).before
        self.last = point
        if self.largest is None or point.drift > self.largest.drift:
            self.largest = point
        start = self._inputs(point.iteration).given
        given = replace(start, iteration=point.iteration + self.run.counted, before=before)
        if not given.count:
            self._total = self._arithmetic.exact(0.0)
        with np.errstate(all="ignore"):
            settings = self.run.settings_at(point.iteration)
            expected = approximations(given, settings, self._arithmetic, self._total)
        self._total = expected["total"]
        letters = {slot.name: slot.letter for slot in self.run.settings.rule.kept(self.run.settings)}
        for name in ("loss", "rmse"):
            self._compare(point.iteration, f"cumulative_{name}", getattr(point, name), expected[f"cumulative_{name}"])
        for row, name in enumerate(point.names):
            for slot, numbers in point.state.slots.items():
                self._compare(point.iteration, f"{slot}_{name}", numbers[row], expected[f"{letters[slot]}_{name}"])
            self._compare(point.iteration, name, point.state.parameters[row], expected[f"theta_{name}"])

    def _compare(self, iteration: int, name: str, keras: float, expected: Approx) -> None:
        bound = share(self._arithmetic) * expected.error
        if not math.isfinite(bound):
            self.open = self.open or iteration
        elif self.departure is None and not abs(keras - expected.value) <= bound:
            self.departure = Departure(iteration, name, keras, float(expected.value), float(bound))

    def lines(self, differing: int) -> list[str]:
        """What it says, for a person.

        Args:
            differing: how many checked steps differ.
        """
        last, largest = self.last, self.largest
        if last is None or largest is None:
            return []
        if not math.isfinite(largest.drift):
            return [*_not_comparable(self.run, largest), *self._departed()]
        return [
            f"Drift of a free run of fit from the same start, relative: {last.drift:.2g} after iteration "
            f"{last.iteration}, at most {largest.drift:.2g} ({largest.furthest.name}, iteration {largest.iteration}).",
            *(self._departed() or [self._reason(largest.furthest, differing)]),
        ]

    def as_document(self) -> dict[str, object] | None:
        """The same for JSON; numbers that are not finite are the texts ``inf``, ``-inf`` and ``nan``."""
        last, largest, departure = self.last, self.largest, self.departure
        if last is None or largest is None:
            return None
        return {
            "iterations": last.iteration,
            "last": plain(last.drift),
            "largest": plain(largest.drift),
            "largest_at": largest.iteration,
            **{name: plain(value) for name, value in zip(last.names, last.state.parameters, strict=True)},
            "loss": plain(last.loss),
            "rmse": plain(last.rmse),
            "departs_at": departure.iteration if departure else None,
        }

    def _departed(self) -> list[str]:
        if (found := self.departure) is None:
            return []
        label = label_of(found.name)
        return [
            f"✗ Rounding does not explain it: at iteration {found.iteration} fit has {label} {found.keras!r}, where "
            f"{found.expected!r} follows from the step before, within {found.bound:.3g}."
        ]

    def _reason(self, furthest: FitFigure, differing: int) -> str:
        """Where drift comes from: rounding only if all steps agree and the precision holds the numbers."""
        rate, tiny = self.run.settings.learning_rate, PRECISIONS[self.precision].tiny
        least = f"the smallest that {self.precision} holds in full is {tiny:.2g}"
        if differing:
            return "Steps differ, so that this drift need not be rounding."
        if rate < tiny:
            return f"The learning rate is {rate:g}; {least}, so that fit takes other steps than the engine."
        if 0 < max(abs(furthest.keras), abs(furthest.engine)) < tiny:
            return f"The {furthest.name} of the engine is {furthest.engine:.4g} there; {least}."
        if self.open:
            return (
                f"Whether rounding explains it, {self.precision} cannot decide from iteration {self.open} on, where a "
                "number is beyond what it can hold or resolve."
            )
        return (
            "Each step of it follows from the one before within its rounding: drift is rounding, of data and "
            "settings too, that is carried on from step to step."
        )


def _not_comparable(run: Run, point: FitPoint) -> list[str]:
    one_sided = (figure for figure in point.figures if not math.isfinite(figure.drift))
    found = ", ".join(f"{figure.name} {figure.keras:.4g} ({figure.engine:.4g})" for figure in one_sided)
    lines = [
        "A free run of fit from the same start cannot be compared throughout: at iteration "
        f"{point.iteration} it has {found}; the engine's numbers in parentheses."
    ]
    if run.diverged_at is not None:
        lines.append(f"Numbers of the engine itself are not finite either, first at iteration {run.diverged_at}.")
    return lines
