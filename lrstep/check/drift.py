"""A free run of Keras beside the engine's, and the drift between the two."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

from lrstep.check.rounding import PRECISIONS
from lrstep.core.run import Run


class Figure(NamedTuple):
    """One of the four figures that are compared: its name, by Keras and by the engine."""

    name: str
    keras: float
    engine: float

    @property
    def drift(self) -> float:
        """The relative difference, |keras − engine| / max(|keras|, |engine|); inf where just one is finite."""
        a, b = self.keras, self.engine
        if a == b or not (math.isfinite(a) or math.isfinite(b)):
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
        weight, bias: Keras's, after the iteration. loss, rmse: what Keras prints there.
        engine_weight, engine_bias, engine_loss, engine_rmse: the same of the engine.
    """

    iteration: int
    weight: float
    bias: float
    loss: float
    rmse: float
    engine_weight: float
    engine_bias: float
    engine_loss: float
    engine_rmse: float

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is compared."""
        return (
            Figure("weight", self.weight, self.engine_weight),
            Figure("bias", self.bias, self.engine_bias),
            Figure("loss", self.loss, self.engine_loss),
            Figure("RMSE", self.rmse, self.engine_rmse),
        )

    @property
    def furthest(self) -> Figure:
        """The figure with the largest drift."""
        return max(self.figures, key=lambda figure: figure.drift)

    @property
    def drift(self) -> float:
        """The largest relative difference of the four; inf where just one of two is not finite."""
        return self.furthest.drift

    @classmethod
    def beside(cls, run: Run, number: int, weight: float, bias: float, loss: float, rmse: float) -> Self:
        """Keras's numbers of an iteration beside those of the run."""
        mine = run.iteration(number)
        engine = (mine.after.weight, mine.after.bias, mine.cumulative_loss, mine.cumulative_rmse)
        return cls(number, weight, bias, loss, rmse, *map(float, engine))


@dataclass
class FreeRun:
    """What a free run of ``fit`` came to.

    Attributes:
        last: its last point.
        largest: the first point with the largest drift.
    """

    last: FitPoint
    largest: FitPoint

    def add(self, point: FitPoint) -> None:
        """Go on to the next point."""
        self.last = point
        if point.drift > self.largest.drift:
            self.largest = point

    def lines(self, run: Run, precision: str, differing: int) -> list[str]:
        """What it says, for a person.

        Args:
            run: the engine's. precision: Keras's. differing: how many checked steps differ.
        """
        last, largest = self.last, self.largest
        if not math.isfinite(largest.drift):
            return _not_comparable(run, largest)
        return [
            f"Drift of a free run of fit from the same start, relative: {last.drift:.2g} after iteration "
            f"{last.iteration}, at most {largest.drift:.2g} ({largest.furthest.name}, iteration {largest.iteration}).",
            _reason(run, precision, largest.furthest, differing),
        ]

    def as_document(self) -> dict[str, object]:
        """The same for JSON; numbers that are not finite are the texts ``inf``, ``-inf`` and ``nan``."""
        last = self.last
        return {
            "iterations": last.iteration,
            "last": _plain(last.drift),
            "largest": _plain(self.largest.drift),
            "largest_at": self.largest.iteration,
            "weight": _plain(last.weight),
            "bias": _plain(last.bias),
            "loss": _plain(last.loss),
            "rmse": _plain(last.rmse),
        }


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


def _reason(run: Run, precision: str, furthest: Figure, differing: int) -> str:
    """Where drift comes from: growing rounding only if the steps agree and the precision holds the numbers."""
    rate, tiny = run.settings.learning_rate, PRECISIONS[precision].tiny
    least = f"the smallest that {precision} holds in full is {tiny:.2g}"
    if differing:
        return "Steps differ, so that this drift need not be rounding."
    if 0 < rate < tiny:
        return f"The learning rate is {rate:g}; {least}, so that fit takes other steps than the engine."
    if 0 < max(abs(furthest.keras), abs(furthest.engine)) < tiny:
        return f"The {furthest.name} of the engine is {furthest.engine:.4g} there; {least}."
    return (
        "Drift is rounding, of data and settings too, that grows from step to step; "
        "it says nothing against a step that is confirmed."
    )


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
