"""Engines with one mistake each, and one without.

:class:`PlainRun` is a second engine, written as a loop over plain formulas with every step of the computation
in a method of its own; each wrong engine replaces one of them and is otherwise consistent: its mistake
runs on through all later iterations. Every class says at which iteration its mistake first shows.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from lrstep.core.objective import Gradient

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Iteration
from lrstep.core.rmsprop import State, Update
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state

NONE: dict[str, object] = {}
MOMENTUM: dict[str, object] = {"momentum": 0.9}
CENTERED: dict[str, object] = {"centered": True}
SHUFFLE: dict[str, object] = {"shuffle": True}
"""Settings that a mistake needs to show."""


@dataclass
class Epoch:
    """What a metric has seen of the epoch so far."""

    sse: float = 0.0
    count: int = 0
    rmses: tuple[float, ...] = ()


class PlainRun:
    """A run like :class:`lrstep.core.run.Run`, without a mistake."""

    mistake = "none"
    changes = NONE
    needs_float64 = False

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self.dataset, self.settings = dataset, settings
        self.n, self.size = len(dataset), min(settings.batch_size, len(dataset))
        self.per_epoch = math.ceil(self.n / self.size)
        self.n_iterations = settings.epochs * self.per_epoch
        self.batches = Batches(self.n, self.size, settings.shuffle, settings.seed)

    @classmethod
    def first_wrong(cls, per_epoch: int) -> int:
        """The iteration at which the mistake first matters."""
        return 1

    def advance(self, until: int, seconds: float = math.inf) -> bool:
        return True

    def iteration(self, number: int) -> Iteration:
        return self.all_iterations[number - 1]

    @cached_property
    def all_iterations(self) -> list[Iteration]:
        state, epoch, found = initial_state(self.settings), Epoch(), []
        for number in range(1, self.n_iterations + 1):
            e, k = divmod(number - 1, self.per_epoch)
            if k == 0:
                state, epoch = self.new_epoch(e + 1, state, epoch)
            iteration, epoch = self.step(number, e + 1, k, state, epoch)
            found.append(iteration)
            state = iteration.after
        return found

    def step(self, number: int, e: int, k: int, before: State, epoch: Epoch) -> tuple[Iteration, Epoch]:
        rows = self.rows(e, k)
        x, y = self.dataset.x[rows], self.dataset.y[rows]
        prediction = before.weight * x + before.bias
        error = prediction - y
        m = self.divisor(len(rows))
        g_w = self.gradient(error * x, m)
        w = self.parameter(before.weight, g_w, before[2::2], number)
        g_b = self.gradient(self.error_for_bias(error, x, y, w.theta, before), m)
        b = self.parameter(before.bias, g_b, before[3::2], number)
        after = self.kept(State(w.theta, b.theta, w.v, b.v, w.M, b.M, w.a, b.a))
        loss = self.loss(error, m)
        seen = self.error_for_metric(error, x, y, after)
        sse, count = epoch.sse + float(np.sum(seen**2)), epoch.count + len(rows)
        epoch = Epoch(sse, count, (*epoch.rmses, math.sqrt(float(np.mean(seen**2)))))
        iteration = Iteration(
            number, e, k + 1, rows, x, y, prediction, error, before, after, Gradient(g_w, g_b), w, b,
            loss, count, self.cumulative(epoch), loss, loss, False,
        )  # fmt: skip
        return iteration, epoch

    # What a mistake may replace:

    def new_epoch(self, number: int, state: State, epoch: Epoch) -> tuple[State, Epoch]:
        return state, Epoch()

    def order(self, epoch: int):
        return self.batches.order(epoch)

    def rows(self, epoch: int, k: int):
        return self.order(epoch)[k * self.size : (k + 1) * self.size]

    def divisor(self, m: int) -> float:
        return m

    def loss(self, error, m: float) -> float:
        return float(np.sum(error**2)) / m

    def gradient(self, terms, m: float) -> float:
        return 2 / m * float(np.sum(terms))

    def error_for_bias(self, error, x, y, new_weight: float, before: State):
        return error

    def error_for_metric(self, error, x, y, after: State):
        return error

    def cumulative(self, epoch: Epoch) -> float:
        return epoch.sse / epoch.count

    def kept(self, state: State) -> State:
        return state

    def accumulated(self, v: float, g: float) -> float:
        return self.settings.rho * v + (1 - self.settings.rho) * g * g

    def mean_gradient(self, a: float, g: float) -> float:
        return self.settings.rho * a + (1 - self.settings.rho) * g if self.settings.centered else 0.0

    def denominator(self, v: float, a: float, old_v: float, old_a: float) -> float:
        return math.sqrt(v - a * a + self.settings.epsilon)

    def corrected(self, v: float, number: int) -> float:
        return v

    def momentum(self, M: float, g: float, denominator: float) -> tuple[float, float]:
        """New momentum and the step."""
        step = self.settings.learning_rate * g / denominator
        if self.settings.momentum > 0:
            M = step = self.settings.momentum * M + step
        return M, step

    def parameter(self, theta: float, g: float, memory: tuple[float, ...], number: int) -> Update:
        old_v, M, old_a = memory
        v, a = self.accumulated(old_v, g), self.mean_gradient(old_a, g)
        denominator = self.denominator(self.corrected(v, number), a, old_v, old_a)
        M, step = self.momentum(M, g, denominator)
        return Update(theta - step, v, M, a, denominator, step)


class EpsilonOutsideTheRoot(PlainRun):
    mistake = "√v + ε"
    needs_float64 = True

    def denominator(self, v, a, old_v, old_a):
        return math.sqrt(v) + self.settings.epsilon


class OldAccumulatorInTheRoot(PlainRun):
    mistake = "the accumulator from before the step is in the root"

    def denominator(self, v, a, old_v, old_a):
        return math.sqrt(old_v + self.settings.epsilon)


class RhoSwapped(PlainRun):
    mistake = "ρ and 1 − ρ swapped"

    def accumulated(self, v, g):
        return (1 - self.settings.rho) * v + self.settings.rho * g * g


class HalfSquaredError(PlainRun):
    mistake = "½ MSE"

    def loss(self, error, m):
        return super().loss(error, m) / 2

    def gradient(self, terms, m):
        return super().gradient(terms, m) / 2


class SumInsteadOfMean(PlainRun):
    mistake = "the sum instead of the mean"

    def divisor(self, m):
        return 1


class MetricAfterTheUpdate(PlainRun):
    mistake = "the metric takes the weights from after the update"

    def error_for_metric(self, error, x, y, after):
        return after.weight * x + after.bias - y


class BatchesOffByOne(PlainRun):
    mistake = "every batch begins one sample late"

    def rows(self, epoch, k):
        return np.roll(self.order(epoch), -1)[k * self.size : (k + 1) * self.size]


class ShortBatchOverTheFullSize(PlainRun):
    mistake = "the short last batch is averaged over the full size"

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch

    def divisor(self, m):
        return self.size


class AccumulatorResetAtTheEpoch(PlainRun):
    mistake = "the accumulator starts at 0 in each epoch"

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch + 1

    def new_epoch(self, number, state, epoch):
        return state._replace(accumulator_weight=0.0, accumulator_bias=0.0), Epoch()


class AccumulatorLostAtTheEpoch(AccumulatorResetAtTheEpoch):
    mistake = "the same, hidden inside the step"

    def new_epoch(self, number, state, epoch):
        return state, Epoch()

    def step(self, number, e, k, before, epoch):
        used = before._replace(accumulator_weight=0.0, accumulator_bias=0.0) if k == 0 else before
        return super().step(number, e, k, used, epoch)


class MomentumOfTheGradient(PlainRun):
    mistake = "momentum is applied to the gradient"
    changes = MOMENTUM

    def momentum(self, M, g, denominator):
        M = self.settings.momentum * M + g
        return M, self.settings.learning_rate * M / denominator


class MomentumWithoutTheRate(PlainRun):
    mistake = "the learning rate is applied after the momentum"
    changes = MOMENTUM

    def momentum(self, M, g, denominator):
        M = self.settings.momentum * M + g / denominator
        return M, self.settings.learning_rate * M


class NesterovMomentum(PlainRun):
    mistake = "momentum as Nesterov has it"
    changes = MOMENTUM

    def momentum(self, M, g, denominator):
        step = self.settings.learning_rate * g / denominator
        M = self.settings.momentum * M + step
        return M, self.settings.momentum * M + step


class DampedMomentum(PlainRun):
    mistake = "momentum as a running mean: M ← μ·M + (1 − μ)·step"
    changes = MOMENTUM

    def momentum(self, M, g, denominator):
        step = self.settings.learning_rate * g / denominator
        M = self.settings.momentum * M + (1 - self.settings.momentum) * step
        return M, M


class NotCentered(PlainRun):
    mistake = "the mean gradient is kept but not subtracted"
    changes = CENTERED

    def denominator(self, v, a, old_v, old_a):
        return math.sqrt(v + self.settings.epsilon)


class CenteredWithTheOldMean(PlainRun):
    mistake = "the mean gradient from before the step is subtracted"
    changes = CENTERED

    def denominator(self, v, a, old_v, old_a):
        return math.sqrt(v - old_a * old_a + self.settings.epsilon)


class CenteredWithoutTheSquare(PlainRun):
    mistake = "the mean gradient is subtracted without its square"
    changes = CENTERED

    def denominator(self, v, a, old_v, old_a):
        return math.sqrt(max(v - abs(a), 0.0) + self.settings.epsilon)


class BiasWithTheNewWeight(PlainRun):
    mistake = "the bias is updated with the new weight"

    def error_for_bias(self, error, x, y, new_weight, before):
        return new_weight * x + before.bias - y


class MeanOfTheBatchRmses(PlainRun):
    mistake = "the cumulative RMSE is the mean of the batches' RMSEs"

    @classmethod
    def first_wrong(cls, per_epoch):
        return 2

    def cumulative(self, epoch):
        return (sum(epoch.rmses) / len(epoch.rmses)) ** 2


class MetricOfTheBatchOnly(PlainRun):
    mistake = "the cumulative RMSE is that of the batch"

    @classmethod
    def first_wrong(cls, per_epoch):
        return 2

    def cumulative(self, epoch):
        return epoch.rmses[-1] ** 2


class MetricNeverReset(PlainRun):
    mistake = "the metric goes on over the epochs"

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch + 1

    def new_epoch(self, number, state, epoch):
        return state, epoch


class GradientWithoutTheTwo(PlainRun):
    mistake = "the gradient without the 2"

    def gradient(self, terms, m):
        return float(np.sum(terms)) / m


class AbsoluteError(PlainRun):
    mistake = "the mean absolute error"

    def loss(self, error, m):
        return float(np.sum(np.abs(error))) / m

    def gradient(self, terms, m):
        return float(np.sum(np.sign(terms))) / m


class ShortBatchDropped(PlainRun):
    mistake = "the short last batch is filled up from the start"

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch

    def rows(self, epoch, k):
        order = self.order(epoch)
        return np.concatenate([order, order])[k * self.size : (k + 1) * self.size]


class ShuffledOnce(PlainRun):
    mistake = "the order of the first epoch is used in all"
    changes = SHUFFLE

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch + 1

    def order(self, epoch):
        return super().order(1)


class NotShuffled(PlainRun):
    mistake = "the samples are not shuffled"
    changes = SHUFFLE

    def order(self, epoch):
        return np.arange(self.n)


class BiasCorrection(PlainRun):
    mistake = "the accumulator is corrected for its start, as in Adam"

    def corrected(self, v, number):
        return v / (1 - self.settings.rho**number)


class NoRoot(PlainRun):
    mistake = "the gradient is divided by v + ε, without the root"

    def denominator(self, v, a, old_v, old_a):
        return v + self.settings.epsilon


class SinglePrecisionState(PlainRun):
    mistake = "the state is kept in float32"
    needs_float64 = True

    def kept(self, state):
        return State(*(float(np.float32(value)) for value in state))


WRONG_ENGINES = [value for value in globals().values() if isinstance(value, type) and issubclass(value, PlainRun)]
WRONG_ENGINES.remove(PlainRun)
