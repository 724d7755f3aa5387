"""One iteration: one mini-batch, from the weights before the update to the weights after it."""

import math
from dataclasses import dataclass
from enum import IntEnum

from lrstep.core.dataset import Floats, Rows
from lrstep.core.objective import Gradient
from lrstep.core.rmsprop import State, Update


class Phase(IntEnum):
    """The phases inside an iteration, in the order of the computation."""

    START = 0
    BATCH = 1
    PREDICTIONS = 2
    LOSS = 3
    GRADIENT = 4
    ACCUMULATOR = 5
    UPDATE = 6
    AFTER = 7


@dataclass(frozen=True, eq=False)
class Iteration:
    """All quantities of one iteration.

    Attributes:
        number: from 1. epoch, batch: from 1 too.
        samples: row numbers of the batch, from 0, shape (m,).
        x, y: feature and label of the batch, shape (m,).
        prediction: ŷ = w·x + b with the weights from before the update, shape (m,).
        error: ŷ − y, shape (m,).
        before, after: parameters and optimizer state around the update.
        gradient: ∂L/∂w and ∂L/∂b of this batch's loss.
        update_weight, update_bias: the optimizer's step for each parameter.
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
    samples: Rows
    x: Floats
    y: Floats
    prediction: Floats
    error: Floats
    before: State
    after: State
    gradient: Gradient
    update_weight: Update
    update_bias: Update
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

    @property
    def rmse(self) -> float:
        """√loss of this batch."""
        return math.sqrt(self.loss)

    @property
    def cumulative_rmse(self) -> float:
        """√cumulative_loss: what Keras prints as ``root_mean_squared_error``."""
        return math.sqrt(self.cumulative_loss)

    @property
    def full_rmse(self) -> float:
        """RMSE over all samples with the weights after the update."""
        return math.sqrt(self.full_loss)

    @property
    def full_rmse_before(self) -> float:
        """RMSE over all samples with the weights from before the update."""
        return math.sqrt(self.full_loss_before)
