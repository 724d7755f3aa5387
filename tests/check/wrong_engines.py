"""Engines with one mistake each, and one without.

:class:`PlainRun` is a second engine, written as a loop over plain formulas with every step of the computation
in a method of its own; each wrong engine replaces one of them and is otherwise consistent: its mistake
runs on through all later iterations. Every class says at which iteration its mistake first shows.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Iteration
from lrstep.core.settings import Settings
from lrstep.core.start import initial_state
from lrstep.core.state import State, parameter_names

NONE: dict[str, object] = {}
MOMENTUM: dict[str, object] = {"momentum": 0.9}
CENTERED: dict[str, object] = {"centered": True}
SHUFFLE: dict[str, object] = {"shuffle": True}
SGD: dict[str, object] = {"optimizer": "sgd"}
NESTEROV: dict[str, object] = {"optimizer": "sgd", "momentum": 0.9, "nesterov": True}
SGD_MOMENTUM: dict[str, object] = {"optimizer": "sgd", "momentum": 0.9}
ADAM_EPSILON: dict[str, object] = {"optimizer": "adam", "epsilon": 1e-3}
ADAGRAD: dict[str, object] = {"optimizer": "adagrad"}
ADAM: dict[str, object] = {"optimizer": "adam"}
"""Settings that a mistake needs to show."""


@dataclass
class Epoch:
    """What a metric has seen of the epoch so far."""

    sse: float = 0.0
    count: int = 0
    rmses: tuple[float, ...] = ()


def single(value: float) -> float:
    return float(np.float32(value))


def without_accumulator(state: State) -> State:
    return State(state.parameters, {**state.slots, "accumulator": (0.0,) * len(state.parameters)})


class PlainRun:
    """A run like :class:`lrstep.core.run.Run`, without a mistake."""

    mistake = "none"
    changes = NONE
    needs_float64 = False
    counted = 0

    def settings_at(self, number: int) -> Settings:
        return self.settings

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self.dataset = self.raw = dataset
        self.settings = settings
        self.n, self.size = len(dataset), min(settings.batch_size, len(dataset))
        self.per_epoch = math.ceil(self.n / self.size)
        self.n_iterations = settings.epochs * self.per_epoch
        self.batches = Batches(self.n, self.size, settings.shuffle, settings.seed)
        self.parameters = parameter_names(len(dataset.columns))

    @classmethod
    def first_wrong(cls, per_epoch: int) -> int:
        """The iteration at which the mistake first matters."""
        return 1

    def require(self, iteration: int) -> None:
        assert iteration <= self.n_iterations

    def advance(self, until: int, seconds: float = math.inf) -> bool:
        return True

    def iteration(self, number: int) -> Iteration:
        return self.all_iterations[number - 1]

    @cached_property
    def all_iterations(self) -> list[Iteration]:
        state, epoch, found = self.start(), Epoch(), []
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
        columns, y = tuple(column[rows] for column in self.dataset.columns), self.dataset.y[rows]
        prediction = self.line(columns, before)
        error = prediction - y
        m = self.divisor(len(rows))
        gradient, updates = [], []
        for p in range(len(before.parameters)):
            terms = error * columns[p] if p < len(columns) else self.error_for_bias(error, columns, y, updates, before)
            gradient.append(self.gradient(terms, m))
            memory = {name: numbers[p] for name, numbers in before.slots.items()}
            updates.append(self.update(before.parameters[p], gradient[p], memory, number))
        after = self.kept(self.carried(updates))
        shown = tuple({name: float(value) for name, value in self.shown(made).items()} for made in updates)
        loss = self.loss(error, m)
        seen = self.error_for_metric(error, columns, y, after)
        sse, count = epoch.sse + float(np.sum(seen**2)), epoch.count + len(rows)
        epoch = Epoch(sse, count, (*epoch.rmses, math.sqrt(float(np.mean(seen**2)))))
        iteration = Iteration(
            number, e, k + 1, rows, columns, y, prediction, error, before, after, tuple(gradient), shown,
            loss, count, self.cumulative(epoch), self.full_loss(before), self.full_loss(after), False,
        )  # fmt: skip
        return self.account(iteration), epoch

    def line(self, columns, state: State):
        return sum(w * x for w, x in zip(state.weights, columns, strict=True)) + state.bias

    def carried(self, updates: list[dict[str, float]]) -> State:
        slots = {slot.name: slot.letter for slot in self.settings.rule.kept(self.settings)}
        slots = {name: tuple(float(made[letter]) for made in updates) for name, letter in slots.items()}
        return State(tuple(float(made["theta"]) for made in updates), slots)

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

    def full_loss(self, state: State) -> float:
        return float(np.mean((self.line(self.dataset.columns, state) - self.dataset.y) ** 2))

    def gradient(self, terms, m: float) -> float:
        return 2 / m * float(np.sum(terms))

    def start(self) -> State:
        return initial_state(self.settings, len(self.dataset.columns))

    def shown(self, made: dict[str, float]) -> dict[str, float]:
        return made

    def account(self, iteration: Iteration) -> Iteration:
        return iteration

    def error_for_bias(self, error, columns, y, updates, before: State):
        return error

    def error_for_metric(self, error, columns, y, after: State):
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

    def update(self, theta: float, g: float, memory: dict[str, float], number: int) -> dict[str, float]:
        """What the optimizer makes of one parameter, by the names that are shown."""
        made = getattr(self, self.settings.optimizer)(g, memory, number)
        return {**made, "theta": theta - made["step"]}

    def rmsprop(self, g: float, memory: dict[str, float], number: int) -> dict[str, float]:
        old_v, old_a = memory["accumulator"], memory.get("mean_gradient", 0.0)
        v, a = self.accumulated(old_v, g), self.mean_gradient(old_a, g)
        denominator = self.denominator(self.corrected(v, number), a, old_v, old_a)
        M, step = self.momentum(memory.get("momentum", 0.0), g, denominator)
        return {"v": v, "a": a, "M": M, "root": denominator, "step": step}

    def sgd(self, g: float, memory: dict[str, float], number: int) -> dict[str, float]:
        s = self.settings
        if not s.momentum:
            return {"step": s.learning_rate * g}
        M = s.momentum * memory["momentum"] - s.learning_rate * g
        if not s.nesterov:
            return {"M": M, "step": -M}
        move = self.nesterov(M, memory["momentum"], s.learning_rate * g)
        return {"M": M, "move": move, "step": -move}

    def nesterov(self, M: float, old: float, moved: float) -> float:
        return self.settings.momentum * M - moved

    def adagrad(self, g: float, memory: dict[str, float], number: int) -> dict[str, float]:
        v = memory["accumulator"] + g * g
        root = self.denominator(v, 0.0, memory["accumulator"], 0.0)
        return {"v": v, "root": root, "step": self.settings.learning_rate * g / root}

    def adam(self, g: float, memory: dict[str, float], number: int) -> dict[str, float]:
        first, second = self.betas()
        m = memory["mean_gradient"] + (g - memory["mean_gradient"]) * (1 - first)
        v = memory["accumulator"] + (g * g - memory["accumulator"]) * (1 - second)
        rate, d = self.rate(number), self.adam_denominator(v, memory["accumulator"])
        return {"m": m, "v": v, "rate": rate, "denominator": d, "step": rate * m / d}

    def betas(self) -> tuple[float, float]:
        return self.settings.beta_1, self.settings.beta_2

    def rate(self, number: int) -> float:
        s = self.settings
        return s.learning_rate * math.sqrt(1 - s.beta_2**number) / (1 - s.beta_1**number)

    def adam_denominator(self, v: float, old_v: float) -> float:
        return math.sqrt(v) + self.settings.epsilon


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

    def error_for_metric(self, error, columns, y, after):
        return self.line(columns, after) - y


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
        return without_accumulator(state), Epoch()


class AccumulatorLostAtTheEpoch(AccumulatorResetAtTheEpoch):
    mistake = "the same, hidden inside the step"

    def new_epoch(self, number, state, epoch):
        return state, Epoch()

    def step(self, number, e, k, before, epoch):
        used = without_accumulator(before) if k == 0 else before
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

    def error_for_bias(self, error, columns, y, updates, before):
        new = State((*(made["theta"] for made in updates), before.bias))
        return self.line(columns, new) - y


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
        slots = {name: tuple(map(single, numbers)) for name, numbers in state.slots.items()}
        return State(tuple(map(single, state.parameters)), slots)

    def shown(self, made):
        carried = {slot.letter for slot in self.settings.rule.kept(self.settings)} | {"theta"}
        return {name: single(value) if name in carried else value for name, value in made.items()}


# Mistakes of other optimizers:


class AdagradWithTheOldAccumulator(OldAccumulatorInTheRoot):
    mistake = "the accumulator from before the step is in the root"
    changes = ADAGRAD


class AdagradFromZero(PlainRun):
    mistake = "the accumulator starts at 0 instead of 0.1"
    changes = ADAGRAD

    def start(self):
        return without_accumulator(super().start())


class AdagradEpsilonOutside(EpsilonOutsideTheRoot):
    changes = ADAGRAD
    needs_float64 = True


class AdagradForgets(PlainRun):
    mistake = "the accumulator takes the mean of old and new"
    changes = ADAGRAD

    def adagrad(self, g, memory, number):
        v = (memory["accumulator"] + g * g) / 2
        root = math.sqrt(v + self.settings.epsilon)
        return {"v": v, "root": root, "step": self.settings.learning_rate * g / root}


class NesterovForgotten(PlainRun):
    mistake = "Nesterov's momentum is taken for the plain one"
    changes = NESTEROV

    def nesterov(self, M, old, moved):
        return M


class NesterovWithTheOldMomentum(PlainRun):
    mistake = "Nesterov's look ahead takes the momentum from before the step"
    changes = NESTEROV

    @classmethod
    def first_wrong(cls, per_epoch):
        return 1

    def nesterov(self, M, old, moved):
        return self.settings.momentum * old - moved


class SgdMomentumWithoutTheSign(PlainRun):
    mistake = "the momentum is added to the parameter with the sign of the gradient"
    changes = SGD_MOMENTUM

    def sgd(self, g, memory, number):
        M = self.settings.momentum * memory["momentum"] + self.settings.learning_rate * g
        return {"M": M, "step": M}


class SgdWithoutTheRate(PlainRun):
    mistake = "the learning rate is left out of the momentum"
    changes = SGD_MOMENTUM

    def sgd(self, g, memory, number):
        M = self.settings.momentum * memory["momentum"] - g
        return {"M": M, "step": -self.settings.learning_rate * M}


class BetasSwapped(PlainRun):
    mistake = "β₁ and β₂ swapped"
    changes = ADAM

    def betas(self):
        return self.settings.beta_2, self.settings.beta_1


class NoBiasCorrection(PlainRun):
    mistake = "the start at 0 is not corrected"
    changes = ADAM

    def rate(self, number):
        return self.settings.learning_rate


class BiasCorrectionFromZero(PlainRun):
    mistake = "the iterations are counted one too far"
    changes = ADAM

    def rate(self, number):
        return super().rate(number + 1)


class BiasCorrectionOfTheEpoch(PlainRun):
    mistake = "the correction begins anew in each epoch"
    changes = ADAM

    @classmethod
    def first_wrong(cls, per_epoch):
        return per_epoch + 1

    def rate(self, number):
        return super().rate((number - 1) % self.per_epoch + 1)


class AdamEpsilonInside(PlainRun):
    mistake = "√(v + ε)"
    needs_float64 = True
    changes = ADAM_EPSILON

    def adam_denominator(self, v, old_v):
        return math.sqrt(v + self.settings.epsilon)


class AdamOldAccumulator(PlainRun):
    mistake = "the accumulator from before the step is in the root"
    changes = ADAM_EPSILON

    def adam_denominator(self, v, old_v):
        return math.sqrt(old_v) + self.settings.epsilon


# Mistakes in what is shown and leads to nothing:


class AccumulatorStartsHigh(PlainRun):
    mistake = "the accumulator starts at 1000"

    def start(self):
        state = super().start()
        return State(state.parameters, {"accumulator": (1000.0,) * len(state.parameters)})


class StartsElsewhere(PlainRun):
    mistake = "the bias does not start where it is set"

    def start(self):
        state = super().start()
        return State((*state.weights, state.bias + 0.5), state.slots)


def shows(name: str, mistaken: str, change, at: int = 1, **changes: object) -> type[PlainRun]:
    """An engine that is right but for one thing that it shows."""

    def account(self: PlainRun, iteration: Iteration) -> Iteration:
        return replace(iteration, **{name: change(iteration)}) if iteration.number >= at else iteration

    return type(mistaken, (PlainRun,), {
        "account": account, "changes": changes, "mistake": mistaken, "first_wrong": classmethod(lambda cls, n: at),
    })  # fmt: skip


def shows_update(name: str, change, **changes: object) -> type[PlainRun]:
    """An engine that is right but for one number of the updates that it shows."""

    def wrong(iteration: Iteration):
        return tuple({**made, name: change(made[name])} for made in iteration.updates)

    return shows("updates", f"{name} is shown wrong", wrong, **changes)


SHOWN = [
    shows("epoch", "the epoch is counted from 0", lambda i: i.epoch - 1),
    shows("batch", "the batch is counted from 0", lambda i: i.batch - 1),
    shows("number", "the iteration is counted one too far", lambda i: i.number + 1),
    shows("samples", "the sample numbers are one too high", lambda i: i.samples + 1),
    shows("error", "the error has the other sign", lambda i: -i.error),
    shows("error", "the error is that of one sample less", lambda i: i.error * (np.arange(i.m) > 0)),
    shows("prediction", "the last prediction is a little off", lambda i: i.prediction + (np.arange(i.m) == i.m - 1)),
    shows("cumulative_count", "the batch counts as full", lambda i: i.cumulative_count + 1),
    shows("cumulative_loss", "the loss of the batch in its place", lambda i: i.loss, at=2),
    shows("loss", "the sum in place of the mean", lambda i: i.loss * i.m),
    shows("full_loss", "the loss of all samples from before the update", lambda i: i.full_loss_before),
    shows("full_loss_before", "the loss of all samples from after the update", lambda i: i.full_loss),
    shows("diverged", "marked as diverged", lambda i: True),
    shows("y", "another label", lambda i: i.y + 1e-9),
    shows("columns", "another feature", lambda i: tuple(x * (1 + 1e-9) for x in i.columns)),
    shows("before", "the state from after the update in place of that before", lambda i: i.after),
    *(shows_update(name, lambda value: -value, **changes) for name, changes in (
        ("step", NONE), ("root", NONE), ("v", NONE), ("theta", NONE), ("step", ADAGRAD), ("root", ADAGRAD),
        ("step", ADAM), ("rate", ADAM), ("denominator", ADAM), ("m", ADAM), ("step", NESTEROV), ("move", NESTEROV),
        ("M", MOMENTUM), ("a", CENTERED), ("step", SGD),
    )),
]  # fmt: skip
"""Engines that compute the right thing and show another."""

WRONG_ENGINES = [value for value in globals().values() if isinstance(value, type) and issubclass(value, PlainRun)]
WRONG_ENGINES.remove(PlainRun)
WRONG_ENGINES += SHOWN
