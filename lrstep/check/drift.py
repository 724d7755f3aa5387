"""A free run of Keras beside the engine's, and the drift between the two."""

import math
from dataclasses import dataclass
from typing import Self

from lrstep.core.run import Run


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
    def drift(self) -> float:
        """The largest relative difference of the four; inf where just one of two is not finite."""
        pairs = (
            (self.weight, self.engine_weight),
            (self.bias, self.engine_bias),
            (self.loss, self.engine_loss),
            (self.rmse, self.engine_rmse),
        )
        return max(_relative(a, b) for a, b in pairs)

    @classmethod
    def beside(cls, run: Run, number: int, weight: float, bias: float, loss: float, rmse: float) -> Self:
        """Keras's numbers of an iteration beside those of the run."""
        mine = run.iteration(number)
        engine = (mine.after.weight, mine.after.bias, mine.cumulative_loss, mine.cumulative_rmse)
        return cls(number, weight, bias, loss, rmse, *map(float, engine))


def _relative(a: float, b: float) -> float:
    if a == b or not (math.isfinite(a) or math.isfinite(b)):
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b))
