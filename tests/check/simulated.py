"""One RMSprop step in NumPy in any precision and any order of summation, standing in for Keras.

Written from the formulas, apart from the engine: every operation is rounded to the precision, as it is in
TensorFlow, and results below the normal range may be flushed to 0.
"""

from dataclasses import replace

import numpy as np

from lrstep.check.bounds import StepInput
from lrstep.check.drift import FitPoint
from lrstep.check.protocol import StepResult, pack
from lrstep.check.steps import StepInputs
from lrstep.check.verdict import StepVerdict, Taken, judge
from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings

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
            (x,), y, m = map(f, given.columns), f(given.y), given.m
            prediction = f(f(f(given.parameters[0]) * x) + f(given.parameters[1]))
            error = f(prediction - y)
            squares = f(summed(f(error * error), self.order))
            total = f(f(given.total) + squares)
            slope = f(f(2 * error) * f(self.dtype(1) / self.dtype(m)))
            gradient = f(summed(f(x * slope), self.order)), f(summed(slope, self.order))
            rows = [self.parameter(row, g) for row, g in enumerate(gradient)]
            loss, mean = f(squares / self.dtype(m)), f(total / self.dtype(given.count + m))
            off = f(f(f(f(after[0]) * f(data.x)) + f(after[1])) - f(data.y))
            full = f(f(summed(f(off * off), self.order)) / self.dtype(len(data)))
            rmse = f(np.sqrt(mean))
        numbers = {kind: [float(row[kind]) for row in rows] for kind in rows[0]}
        parameters, step, gradients = numbers.pop("theta"), numbers.pop("step"), list(map(float, gradient))
        losses = map(float, (loss, mean, rmse, full))
        return StepResult(pack(prediction), *losses, gradients, step, parameters, numbers)

    def parameter(self, row: int, g):
        """Parameter, step and slots after the step, by name."""
        f, s = self.f, self.settings
        before = {slot: f(numbers[row]) for slot, numbers in self.given.slots.items()}
        rho, rest = f(s.rho), f(1 - s.rho)
        v = f(f(rho * before["accumulator"]) + f(rest * f(g * g)))
        radicand, after = v, {"accumulator": v}
        if s.centered:
            a = after["mean_gradient"] = f(f(rho * before["mean_gradient"]) + f(rest * g))
            radicand = f(v - f(a * a))
        step = f(f(f(s.learning_rate) * g) / f(np.sqrt(f(radicand + f(s.epsilon)))))
        if s.momentum > 0:
            step = after["momentum"] = f(f(f(s.momentum) * before["momentum"]) + step)
        return {**after, "step": step, "theta": f(f(self.given.parameters[row]) - step)}


FRESH = dict.fromkeys(("accumulator", "momentum", "mean_gradient"), (0.0, 0.0))


def simulated_verdict(run, number: int, precision: str, order: str = "forward", flush: bool = False) -> StepVerdict:
    """The verdict on a step that was taken by such a Keras."""
    inputs = StepInputs(run)
    given, engine = inputs(number), run.iteration(number)
    after = engine.after.weight, engine.after.bias
    result = Step(given, run.settings, precision, order, flush).result(after, run.dataset)
    return judge(engine, Taken(given, inputs.place(number), result, FRESH, precision), run)


def simulated_fit(run, precision: str, until: int, slot: float = 0.0) -> list[FitPoint]:
    """The points of a free run of such a Keras, up to an iteration.

    Args:
        run: the engine's. precision: of every operation. until: the last iteration.
        slot: what every number of the optimizer's state starts with.
    """
    inputs, points = StepInputs(run), []
    given = inputs(1)
    state = given.parameters, {name: (slot,) * len(numbers) for name, numbers in given.slots.items()}
    total = 0.0
    for number in range(1, until + 1):
        given = inputs(number)
        total = total if given.count else 0.0
        given = replace(given, parameters=state[0], slots=state[1], total=total)
        result = Step(given, run.settings, precision, "forward", False).result(given.parameters, run.dataset)
        total = result.cumulative_loss * (given.count + given.m)
        rows = [result.parameters, *result.slots.values()]
        sent = [result.cumulative_loss, result.cumulative_rmse, *(value for row in rows for value in row)]
        points.append(FitPoint.beside(run, number, sent))
        state = points[-1].parameters, points[-1].slots
    return points
