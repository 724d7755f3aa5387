"""One iteration: one mini-batch, from the weights before the update to the weights after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lrstep.core.arithmetic import rmse
from lrstep.core.dataset import Floats, RowNumbers
from lrstep.core.metrics import computed
from lrstep.core.phase import Phase
from lrstep.core.state import State

__all__ = ["Iteration", "Phase"]


@dataclass(frozen=True, eq=False)
class Iteration:
    """All quantities of one iteration.

    Attributes:
        number: from 1. epoch, batch: from 1 too.
        samples: row numbers of the batch, from 0, shape (m,).
        columns: the features of the batch, k arrays of shape (m,).
        y: label of the batch, shape (m,).
        prediction: ŷ = w·x + b with the weights from before the update, shape (m,).
        error: ŷ − y, shape (m,).
        before, after: parameters and optimizer state around the update.
        gradient: ∂L/∂θ of this batch's loss for each parameter, shape (k + 1,).
        updates: what the optimizer's rule computed for each parameter, by name: its slots, ``step`` (what was
            subtracted from the parameter), ``theta`` (the parameter after the step) and what lies between.
        loss: mean squared error of this batch, with the weights from before the update.
        cumulative_count: samples of this epoch seen so far, this batch included.
        cumulative_loss: mean squared error over those, each with the weights of its own iteration;
            what Keras prints as ``loss``.
        full_loss_before, full_loss: mean squared error over all samples with the weights before and
            after the update; the latter is what Keras prints as ``val_loss``.
        diverged: a number of this iteration or of an earlier one is not finite.
    """

    number: int
    epoch: int
    batch: int
    samples: RowNumbers
    columns: tuple[Floats, ...]
    y: Floats
    prediction: Floats
    error: Floats
    before: State
    after: State
    gradient: tuple[float, ...]
    updates: tuple[Mapping[str, float], ...]
    loss: float
    cumulative_count: int
    cumulative_loss: float
    full_loss_before: float
    full_loss: float
    diverged: bool

    @property
    def m(self) -> int:
        """Samples in this batch."""
        return len(self.error)

    @cached_property
    def metrics(self) -> dict[str, float]:
        """The figures of this batch, see :data:`lrstep.core.metrics.METRICS`."""
        known = {"prediction": self.prediction, "error": self.error, "y": self.y, "m": self.m, "loss": self.loss}
        return {key: float(value) for key, value in computed(known).items()}

    @property
    def rmse(self) -> float:
        """√loss of this batch."""
        return float(rmse(self.loss))

    @property
    def cumulative_rmse(self) -> float:
        """√cumulative_loss: what Keras prints as ``root_mean_squared_error``."""
        return float(rmse(self.cumulative_loss))

    @property
    def full_rmse(self) -> float:
        """RMSE over all samples with the weights after the update."""
        return float(rmse(self.full_loss))

    @property
    def full_rmse_before(self) -> float:
        """RMSE over all samples with the weights from before the update."""
        return float(rmse(self.full_loss_before))
