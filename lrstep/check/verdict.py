"""The verdict on a step: every quantity of the engine beside Keras's, judged against its rounding bound."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lrstep.check.protocol import StepResult, unpack
from lrstep.check.quantity import ComparedQuantity, Outcome, compared, exact, quantity_dict
from lrstep.check.step_inputs import StepToCheck
from lrstep.core.bounds import StepInput, full_bounds, step_bounds
from lrstep.core.dataset import Floats, RowNumbers
from lrstep.core.iteration import Iteration
from lrstep.core.metrics import computed
from lrstep.core.rounding import FLOAT64, PRECISIONS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import initial_weights
from lrstep.core.state import State, parameter_names
from lrstep.formulas.numerals import same


@dataclass(frozen=True)
class StepVerdict:
    """All quantities of one iteration, judged.

    Attributes:
        iteration: its number, from 1.
        precision: ``float32`` or ``float64``.
        quantities: in the order of the computation.
    """

    iteration: int
    precision: str
    quantities: tuple[ComparedQuantity, ...]

    @property
    def outcome(self) -> Outcome:
        """``differs`` if one quantity does, else ``undecided`` if one is, else ``confirmed``."""
        outcomes = {quantity.outcome for quantity in self.quantities}
        if "differs" in outcomes:
            return "differs"
        return "undecided" if "undecided" in outcomes else "confirmed"

    @property
    def confirmed(self) -> bool:
        """Whether Keras confirms every quantity of the step."""
        return self.outcome == "confirmed"

    @property
    def worst(self) -> ComparedQuantity:
        """The first quantity that differs, else the first undecided one, else that which uses most of its bound."""
        if not self.confirmed:
            return next(quantity for quantity in self.quantities if quantity.outcome == self.outcome)
        return max(self.quantities, key=lambda quantity: quantity.share)

    def to_dict(self) -> dict[str, object]:
        """For JSON: plain values; a number that is not finite is the text ``inf``, ``-inf`` or ``nan``."""
        return {
            "iteration": self.iteration,
            "precision": self.precision,
            "outcome": self.outcome,
            "quantities": [quantity_dict(quantity) for quantity in self.quantities],
        }


class Held(NamedTuple):
    """What all steps of a run are held against.

    Attributes:
        run: the engine's.
        precision: ``float32`` or ``float64``, in which Keras computes.
        fresh: the slots of a Keras optimizer that has taken no step, by name.
    """

    run: Run
    precision: str
    fresh: Mapping[str, tuple[float, ...]]


def judge(asked: StepToCheck, keras: StepResult, held: Held) -> StepVerdict:
    """Compare the engine's iteration with the step that Keras took from the same start."""
    iteration, given, run, precision = asked.iteration, asked.given, held.run, held.precision
    bounds = step_bounds(given, run.settings, PRECISIONS[precision])
    quantities = [*_premises(asked, held)]
    if len(iteration.prediction) == len(iteration.error) == given.m:
        prediction = unpack(keras.prediction)
        arrays = {"prediction": (iteration.prediction, prediction), "error": (iteration.error, prediction - given.y)}
        quantities += [_worst(name, *pair, np.asarray(bounds[name]), precision) for name, pair in arrays.items()]
    quantities += [
        compared(name, engine, theirs, float(bounds[name]), precision)
        for name, engine, theirs in _losses(iteration, keras, given)
    ]
    names, settled = parameter_names(len(given.columns)), _settled(given)
    for kind, made, engine, theirs in _rows(iteration, keras, run):
        for row, name in enumerate(names):
            bound = float(bounds[f"{made}_{name}"])
            full = f"{kind}_{name}" if kind else name
            quantities.append(compared(full, engine[row], theirs[row], bound, precision, settled[row]))
    return StepVerdict(iteration.number, precision, (*quantities, *_all_samples(asked, keras.full_loss, precision)))


def _premises(asked: StepToCheck, held: Held) -> Iterator[ComparedQuantity]:
    """What must hold to the bit apart from all computation; a quantity only for what does not hold."""
    iteration, given, settings = asked.iteration, asked.given, held.run.settings
    counted = {
        "iteration": (iteration.number, given.iteration),
        "epoch": (iteration.epoch, asked.epoch),
        "batch_number": (iteration.batch, asked.batch),
        "cumulative_count": (iteration.cumulative_count, given.count + given.m),
        "diverged": (iteration.diverged, _diverged(asked)),
    }
    yield from (exact(name, engine, right) for name, (engine, right) in counted.items() if engine != right)
    if not np.array_equal(iteration.samples, asked.samples):
        yield _apart("samples", iteration.samples, asked.samples)
    batches = (*iteration.columns, iteration.y), (*given.columns, given.y)
    if not all(map(np.array_equal, *batches)):
        yield next(_apart("batch", a, b) for a, b in zip(*batches, strict=True) if not np.array_equal(a, b))
    yield from _unequal("before", iteration.before.numbers, given.before.numbers)
    yield from _start(asked, held)
    carried = {"theta": iteration.after.parameters}
    carried |= {slot.letter: iteration.after.slots[slot.name] for slot in settings.rule.kept(settings)}
    for letter, numbers in carried.items():
        yield from _unequal("update", [made[letter] for made in iteration.updates], numbers)


def _start(asked: StepToCheck, held: Held) -> Iterator[ComparedQuantity]:
    """The start of the slots is Keras's own; that of the weights is what is set, and all else follows."""
    iteration, settings = asked.iteration, held.run.settings
    if asked.previous is not None:
        yield from _unequal("full_loss_before", [iteration.full_loss_before], [asked.previous.full_loss])
        return
    for slot, numbers in iteration.before.slots.items():
        for number, fresh in zip(numbers, held.fresh[slot], strict=True):
            # Keras makes its constants in float32, whatever the precision; what is too small for it becomes 0.
            if not abs(number - fresh) <= 2.0**-24 * abs(fresh) + 2.0**-126 * bool(number):
                yield exact("start", number, fresh)
    before, data = iteration.before, held.run.dataset
    chosen = *initial_weights(settings, len(data.columns)), settings.bias
    yield from _unequal("start", before.parameters, chosen)
    with np.errstate(all="ignore"):
        loss = float(np.mean(_errors(before, data.columns, data.y) ** 2))
    bound = full_bounds(loss, before.parameters, asked.reach, FLOAT64)["full_loss"]
    found = compared("full_loss_before", iteration.full_loss_before, loss, bound, "float64")
    if found.outcome == "differs":
        yield found


def _diverged(asked: StepToCheck) -> bool:
    """Whether a number that is carried on, or a loss, is not finite, now or before."""
    iteration, previous = asked.iteration, asked.previous
    numbers = (*iteration.after.numbers, iteration.loss, iteration.cumulative_loss, iteration.full_loss)
    return (previous is not None and previous.diverged) or not all(map(math.isfinite, numbers))


def _errors(state: State, columns: Sequence[Floats], y: Floats) -> Floats:
    return sum(w * x for w, x in zip(state.weights, columns, strict=True)) + state.bias - y


def _settled(given: StepInput) -> list[bool]:
    """Of each parameter, whether the sum of its gradient overflows in the same way in whatever order it is taken."""
    with np.errstate(all="ignore"):
        error = _errors(given.before, given.columns, given.y)
        sums = [*(error * x for x in given.columns), error]
        return [
            bool(np.isnan(terms).any() or np.abs(terms).sum() < FLOAT64.limit or terms.min() * terms.max() >= 0)
            for terms in sums
        ]


def _losses(iteration: Iteration, keras: StepResult, given: StepInput) -> Iterator[tuple[str, float, float]]:
    prediction = unpack(keras.prediction)
    known = {"prediction": prediction, "error": prediction - given.y, "y": given.y, "m": given.m, "loss": keras.loss}
    with np.errstate(all="ignore"):
        theirs = computed(known)
    for key, engine in iteration.metrics.items():
        yield key, engine, theirs[key]
    yield "cumulative_loss", iteration.cumulative_loss, keras.cumulative_loss
    yield "cumulative_rmse", iteration.cumulative_rmse, keras.cumulative_rmse


ComparedRow = tuple[str, str, Sequence[float] | Floats, Sequence[float] | Floats]
"""Name of a quantity, what the optimizer's rule calls it, and its number for each parameter: the engine's, Keras's."""


def _rows(iteration: Iteration, keras: StepResult, run: Run) -> Iterator[ComparedRow]:
    yield "gradient", "gradient", iteration.gradient, keras.gradient
    after = iteration.after
    for slot in run.settings.rule.kept(run.settings):
        yield slot.name, slot.letter, after.slots[slot.name], keras.slots[slot.name]
    for name, theirs in _on_the_way(keras, run.settings, iteration.number).items():
        if name in iteration.updates[0]:
            yield name, name, [made[name] for made in iteration.updates], theirs
    yield "", "theta", after.parameters, keras.parameters


def _on_the_way(keras: StepResult, settings: Settings, number: int) -> dict[str, Floats]:
    """Keras's step, and what its optimizer computed for it and does not show, by the names of the rule."""
    kept = {name: np.array(numbers, float) for name, numbers in {**keras.slots, "step": keras.step}.items()}
    with np.errstate(all="ignore"):
        found = {"step": kept["step"], **settings.rule.hidden(kept, settings, number)}
        return {name: np.broadcast_to(numbers, len(keras.step)) for name, numbers in found.items()}


def _all_samples(asked: StepToCheck, loss: float, precision: str) -> Iterator[ComparedQuantity]:
    """Loss and RMSE of all samples; ``loss`` is Keras's."""
    iteration = asked.iteration
    bounds = full_bounds(loss, iteration.after.parameters, asked.reach, PRECISIONS[precision])
    pairs = (iteration.full_loss, loss), (iteration.full_rmse, math.sqrt(loss))
    for (name, bound), pair in zip(bounds.items(), pairs, strict=True):
        yield compared(name, *pair, bound, precision)


def _worst(name: str, engine: Floats, keras: Floats, bound: Floats, precision: str) -> ComparedQuantity:
    agree = (engine == keras) | (np.isnan(engine) & np.isnan(keras))
    with np.errstate(all="ignore"):
        used = np.abs(engine - keras) / bound
    # One that differs (share above 1) comes first, then one that cannot be decided.
    open_ = ~np.isfinite(bound)
    apart = open_ & ~(np.isfinite(engine) | np.isfinite(keras))
    rank = np.select([agree, apart, open_, np.isnan(used)], [0.0, 2.0, 1.0, np.inf], used)
    i = int(np.argmax(rank))
    return compared(name, float(engine[i]), float(keras[i]), float(bound[i]), precision)


def _unequal(name: str, mine: Sequence[float], right: Sequence[float]) -> Iterator[ComparedQuantity]:
    """Numbers that are not what they must be, to the last bit."""
    return (exact(name, one, other) for one, other in zip(mine, right, strict=True) if not same(one, other))


def _apart(name: str, mine: Floats | RowNumbers, right: Floats | RowNumbers) -> ComparedQuantity:
    """The first place where two arrays differ, or their lengths."""
    if len(mine) != len(right):
        return exact(name, len(mine), len(right))
    place = int(np.argmax(mine != right))
    return exact(name, float(mine[place]), float(right[place]))
