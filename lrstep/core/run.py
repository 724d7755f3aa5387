"""A run: any of its iterations by number, forward or back, the same to the last bit.

The run keeps one row of numbers per iteration (parameters, optimizer state, loss) and derives the rest
of an :class:`Iteration` from the data when it is asked for. Going back is therefore a look-up, and
going forward again finds the very same bits.
"""

import math
import time
from array import array
from functools import cached_property, lru_cache
from operator import itemgetter

import numpy as np

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset, Floats, Rows
from lrstep.core.iteration import Iteration
from lrstep.core.objective import Gradient, gradient, gradient_and_sse, predict
from lrstep.core.reference import Reference
from lrstep.core.rmsprop import State, Update, update
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state

OVERFLOWS = 1e150
"""An error of this size may be too large for its square, or the sum of a million such, to be a number."""

SLICE = 20_000
"""Samples to go through between two looks at the clock in :meth:`Run.advance`, a fraction of a millisecond's work."""

LOSS, SSE = 8, 9
"""What is kept of an iteration beside the eight numbers of its state: their places behind those."""


class Run:
    """Linear regression of a data set by mini-batch RMSprop.

    Args:
        dataset: the samples.
        settings: learning rate, batch size and so on.

    Attributes:
        n_iterations: epochs · ⌈n / batch size⌉.
        diverged_at: the first computed iteration with a number that is not finite, or None.
    """

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self.dataset = dataset
        self.settings = settings
        self.batches = Batches(len(dataset), settings.batch_size, settings.shuffle, settings.seed)
        self.reference = Reference(dataset)
        self.n_iterations = settings.epochs * self.batches.per_epoch
        self.diverged_at: int | None = None
        self._looked_at = 0  # the last iteration of which it is known whether the run has diverged
        # Kept per iteration: the state (without what is switched off), the loss of the batch and the
        # sum of squared errors of the epoch so far. A flat array of doubles costs 8 bytes a number.
        momentum, mean_gradient = (4, 5) * (settings.momentum > 0), (6, 7) * settings.centered
        kept = (0, 1, 2, 3, *momentum, *mean_gradient, LOSS, SSE)
        self._width = len(kept)
        self._row = itemgetter(*kept)
        self._rows = array("d", self._row((*initial_state(settings), math.nan, 0.0)))
        self._epoch_data = lru_cache(maxsize=2)(self._gather)

    @cached_property
    def start(self) -> State:
        """The state before the first iteration."""
        return self.state(0)

    @property
    def computed(self) -> int:
        """The last iteration whose state is known; grows as later ones are asked for."""
        return len(self._rows) // self._width - 1

    def state(self, iteration: int) -> State:
        """Parameters and optimizer state after an iteration (0: the start), computing up to it if need be."""
        self.advance(iteration)
        kept = self._rows[iteration * self._width : (iteration + 1) * self._width - 2]
        if self.settings.centered and not self.settings.momentum > 0:
            return State._make([*kept[:4], 0.0, 0.0, *kept[4:]])
        return State(*kept)

    def advance(self, until: int, seconds: float = math.inf) -> bool:
        """Compute the states up to an iteration, for at most about so many seconds.

        Returns:
            Whether they are all known now; if not, call again to go on.

        Raises:
            IndexError: the run has no such iteration.
        """
        if not 0 <= until <= self.n_iterations:
            raise IndexError(f"iteration {until} is not within 0 … {self.n_iterations}")
        deadline = time.monotonic() + seconds
        stride = max(1, min(256, SLICE // self.batches.size))
        self._look_for_divergence()  # in what an interrupt may have left
        with np.errstate(all="ignore"):
            while self.computed < until:
                self._compute(min(until, self.computed + stride))
                self._look_for_divergence()
                if time.monotonic() >= deadline:
                    break
        return self.computed >= until

    def iteration(self, number: int) -> Iteration:
        """All quantities of an iteration, 1 … n_iterations."""
        if not 1 <= number <= self.n_iterations:
            raise IndexError(f"iteration {number} is not within 1 … {self.n_iterations}")
        after = self.state(number)
        before = self.state(number - 1)
        epoch, batch = self.batches.position(number)
        x, y = self.batch(epoch, batch)
        with np.errstate(all="ignore"):
            prediction = predict(x, before.weight, before.bias)
            error = prediction - y
            g_w, g_b = gradient(x, error)
            w, b, v_w, v_b, M_w, M_b, a_w, a_b = before
            update_weight = Update(*update(w, g_w, v_w, M_w, a_w, self.settings))
            update_bias = Update(*update(b, g_b, v_b, M_b, a_b, self.settings))
        count = self.batches.span(batch).stop
        loss, sse = self._rows[(number + 1) * self._width - 2 : (number + 1) * self._width]
        full_loss = self.reference.full_loss(after.weight, after.bias)
        return Iteration(
            number=number,
            epoch=epoch,
            batch=batch,
            samples=self.batches.rows(epoch, batch),
            x=x,
            y=y,
            prediction=prediction,
            error=error,
            before=before,
            after=after,
            gradient=Gradient(g_w, g_b),
            update_weight=update_weight,
            update_bias=update_bias,
            loss=loss,
            cumulative_count=count,
            cumulative_loss=sse / count,
            full_loss_before=self.reference.full_loss(before.weight, before.bias),
            full_loss=full_loss,
            diverged=(self.diverged_at or math.inf) <= number,
        )

    def batch(self, epoch: int, batch: int) -> tuple[Floats, Floats]:
        """Feature and label of a batch (epoch and batch from 1), each of shape (m,)."""
        x, y = self._epoch_data(epoch if self.settings.shuffle else 0)
        span = self.batches.span(batch)
        return x[span], y[span]

    def series(self, column: str, iterations: Rows) -> Floats:
        """One kept quantity at many computed iterations at once, for charts.

        Args:
            column: ``weight``, ``bias``, ``loss`` (of the batch), ``cumulative_loss`` or ``full_loss``.
            iterations: iteration numbers, shape (k,), 0 … computed; the losses of batches begin at 1.
        """
        if column == "full_loss":
            return self.reference.full_losses(self.series("weight", iterations), self.series("bias", iterations))
        place = {"weight": 0, "bias": 1, "loss": self._width - 2, "cumulative_loss": self._width - 1}[column]
        # The copy matters: an array.array that lends its buffer cannot grow.
        values = np.frombuffer(self._rows)[iterations * self._width + place].copy()
        if column == "cumulative_loss":
            batch = (iterations - 1) % self.batches.per_epoch + 1
            values /= np.minimum(batch * self.batches.size, self.batches.n)
        return values

    def _compute(self, until: int) -> None:
        w, b, v_w, v_b, M_w, M_b, a_w, a_b = self.state(self.computed)
        sse, settings = self._rows[-1], self.settings
        for epoch, spans in self.batches.stretch(self.computed + 1, until):
            epoch_x, epoch_y = self._epoch_data(epoch if settings.shuffle else 0)
            for span in spans:
                x, y = epoch_x[span], epoch_y[span]
                g_w, g_b, squares = gradient_and_sse(x, y, w, b)
                w, v_w, M_w, a_w, _, _ = update(w, g_w, v_w, M_w, a_w, settings)
                b, v_b, M_b, a_b, _, _ = update(b, g_b, v_b, M_b, a_b, settings)
                sse = sse + squares if span.start else squares
                self._rows.extend(self._row((w, b, v_w, v_b, M_w, M_b, a_w, a_b, squares / len(x), sse)))

    def _look_for_divergence(self) -> None:
        first, last = self._looked_at + 1, self.computed
        if self.diverged_at is None and first <= last:
            self.diverged_at = self._first_not_finite(first, last)
        self._looked_at = last

    def _first_not_finite(self, first: int, last: int) -> int | None:
        """The first of some computed iterations of which a kept number or the loss over all samples is not finite."""
        kept = np.array(self._rows[first * self._width : (last + 1) * self._width]).reshape(-1, self._width)
        finite = np.isfinite(kept).all(axis=1)
        # That loss is not kept; it is computed where weight and bias are large enough for it to overflow.
        w, b = kept[:, 0], kept[:, 1]
        with np.errstate(all="ignore"):
            far = abs(w) * self.reference.x_reach + abs(b) + self.reference.y_reach > OVERFLOWS
        for place in np.flatnonzero(far | ~finite):
            if not finite[place] or not math.isfinite(self.reference.full_loss(float(w[place]), float(b[place]))):
                return first + int(place)
        return None

    def _gather(self, epoch: int) -> tuple[Floats, Floats]:
        if not epoch:
            return self.dataset.x, self.dataset.y
        order = self.batches.order(epoch)
        return self.dataset.x[order], self.dataset.y[order]
