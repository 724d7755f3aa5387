"""One step of Keras's optimizers in NumPy in any precision and any order of summation, standing in for Keras.

Written from the formulas, apart from the engine: every operation is rounded to the precision, as it is in
TensorFlow, and results below the normal range may be flushed to 0.
"""

from dataclasses import replace

import numpy as np

from lrstep.check.drift import FitPoint
from lrstep.check.protocol import StepResult, pack
from lrstep.check.step_inputs import StepInputs
from lrstep.check.verdict import Held, StepVerdict, judge
from lrstep.core.bounds import StepInput
from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings
from lrstep.core.state import State

ORDERS = ("forward", "backward", "lanes", "halves")


def summed(terms, order: str):
    """Σ terms, every addition rounded; in a plain chain, eight chains side by side, or by halves."""
    if order == "backward":
        terms = terms[::-1]
    if order == "lanes" and len(terms) > 8:
        lanes = np.zeros(8, terms.dtype)
        for start in range(0, len(terms), 8):
            part = terms[start : start + 8]
            lanes[: len(part)] += part
        terms = lanes
    if order == "halves" and len(terms) > 2:
        half = len(terms) // 2
        return summed(terms[:half], order) + summed(terms[half:], order)
    result = terms.dtype.type(0)
    for term in terms:
        result = result + term
    return result


class Step:
    """One step from the given start.

    Args:
        given: start and batch. settings: of the optimizer.
        dtype: precision of every operation. order: one of :data:`ORDERS`.
        flush: whether subnormal results become 0.
    """

    def __init__(self, given: StepInput, settings: Settings, dtype, order: str, flush: bool) -> None:
        self.given, self.settings, self.order, self.flush = given, settings, order, flush
        self.dtype = np.dtype(dtype).type
        self.tiny = np.finfo(dtype).tiny

    def f(self, value):
        """Round to the precision."""
        value = np.asarray(value).astype(self.dtype)
        return np.where(np.abs(value) < self.tiny, self.dtype(0), value)[()] if self.flush else value[()]

    def result(self, after: tuple[float, ...], data: Dataset) -> StepResult:
        """The step, and the loss of all samples with some parameters."""
        f, given = self.f, self.given
        with np.errstate(all="ignore"):
            columns, y, m = [f(column) for column in given.columns], f(given.y), given.m
            prediction = self.line(columns, given.before.parameters)
            error = f(prediction - y)
            squares = f(summed(f(error * error), self.order))
            total = f(f(given.total) + squares)
            slope = f(f(2 * error) * f(self.dtype(1) / self.dtype(m)))
            gradient = [*(f(summed(f(x * slope), self.order)) for x in columns), f(summed(slope, self.order))]
            rows = [self.parameter(row, g) for row, g in enumerate(gradient)]
            loss, mean = f(squares / self.dtype(m)), f(total / self.dtype(given.count + m))
            off = f(self.line([f(column) for column in data.columns], after) - f(data.y))
            full = f(f(summed(f(off * off), self.order)) / self.dtype(len(data)))
            rmse = f(np.sqrt(mean))
        names = (*given.before.slots, "step", "theta")
        numbers = {name: [float(row[name]) for row in rows] for name in names}
        parameters, step, gradients = numbers.pop("theta"), numbers.pop("step"), list(map(float, gradient))
        losses = map(float, (loss, mean, rmse, full))
        return StepResult(pack(prediction), *losses, gradients, step, parameters, numbers)

    def line(self, columns, parameters):
        """Σ wⱼ·xⱼ + b."""
        f, (*weights, bias) = self.f, parameters
        result = f(f(weights[0]) * columns[0])
        for weight, x in zip(weights[1:], columns[1:], strict=True):
            result = f(result + f(f(weight) * x))
        return f(result + f(bias))

    def parameter(self, row: int, g):
        """Parameter, step and slots after the step, by name."""
        f, before = self.f, self.given.before
        slots = {slot: f(numbers[row]) for slot, numbers in before.slots.items()}
        after, step = getattr(self, self.settings.optimizer)(g, slots)
        return {**after, "step": step, "theta": f(f(before.parameters[row]) - step)}

    def rmsprop(self, g, before):
        """Slots after the step, and the step."""
        f, s = self.f, self.settings
        rho, rest = f(s.rho), f(1 - s.rho)
        v = f(f(rho * before["accumulator"]) + f(rest * f(g * g)))
        radicand, after = v, {"accumulator": v}
        if s.centered:
            a = f(f(rho * before["mean_gradient"]) + f(rest * g))
            radicand = f(v - f(a * a))
        step = f(f(f(s.learning_rate) * g) / f(np.sqrt(f(radicand + f(s.epsilon)))))
        if s.momentum > 0:
            step = after["momentum"] = f(f(f(s.momentum) * before["momentum"]) + step)
        return after | ({"mean_gradient": a} if s.centered else {}), step

    def sgd(self, g, before):
        """Slots after the step, and the step."""
        f, s = self.f, self.settings
        moved = f(f(s.learning_rate) * g)
        if not s.momentum:
            return {}, moved
        M = f(f(f(s.momentum) * before["momentum"]) - moved)
        return {"momentum": M}, -f(f(f(s.momentum) * M) - moved) if s.nesterov else -M

    def adagrad(self, g, before):
        """Slots after the step, and the step."""
        f, s = self.f, self.settings
        v = f(before["accumulator"] + f(g * g))
        return {"accumulator": v}, f(f(f(s.learning_rate) * g) / f(np.sqrt(f(v + f(s.epsilon)))))

    def adam(self, g, before):
        """Slots after the step, and the step."""
        f, s, t = self.f, self.settings, self.dtype(self.given.iteration)
        first, second = (f(1 - f(f(beta) ** t)) for beta in (s.beta_1, s.beta_2))
        m = f(before["mean_gradient"] + f(f(g - before["mean_gradient"]) * f(1 - s.beta_1)))
        v = f(before["accumulator"] + f(f(f(g * g) - before["accumulator"]) * f(1 - s.beta_2)))
        rate = f(f(f(s.learning_rate) * f(np.sqrt(second))) / first)
        step = f(f(m * rate) / f(f(np.sqrt(v)) + f(s.epsilon)))
        return {"mean_gradient": m, "accumulator": v}, step


def fresh_slots(run) -> dict[str, tuple[float, ...]]:
    """What the slots of an optimizer of Keras start with, in float32."""
    start = np.float32(0.1 if run.settings.initial_accumulator is None else run.settings.initial_accumulator)
    value = float(start) if run.settings.optimizer == "adagrad" else 0.0
    return {slot.name: (value,) * len(run.parameters) for slot in run.settings.rule.kept(run.settings)}


def simulated_verdict(run, number: int, precision: str, order: str = "forward", flush: bool = False) -> StepVerdict:
    """The verdict on a step that was taken by such a Keras."""
    asked = StepInputs(run)(number)
    after = asked.iteration.after.parameters
    result = Step(asked.given, run.settings, precision, order, flush).result(after, run.dataset)
    return judge(asked, result, Held(run, precision, fresh_slots(run)))


def simulated_fit(run, precision: str, until: int, slot: float = 0.0) -> list[FitPoint]:
    """The points of a free run of such a Keras, up to an iteration.

    Args:
        run: the engine's. precision: of every operation. until: the last iteration.
        slot: what every number of the optimizer's state starts with.
    """
    inputs, points = StepInputs(run), []
    before = inputs(1).given.before
    state = State(before.parameters, {name: (slot,) * len(numbers) for name, numbers in before.slots.items()})
    total = 0.0
    for number in range(1, until + 1):
        given = inputs(number).given
        given = replace(given, before=state, total=total if given.count else 0.0)
        result = Step(given, run.settings, precision, "forward", False).result(state.parameters, run.dataset)
        total = result.cumulative_loss * (given.count + given.m)
        rows = [result.parameters, *result.slots.values()]
        sent = [result.cumulative_loss, result.cumulative_rmse, *(value for row in rows for value in row)]
        points.append(FitPoint.beside(run, number, sent))
        state = points[-1].state
    return points
