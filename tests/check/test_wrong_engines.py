"""The check can fail: every engine with a mistake is caught at the step where the mistake first matters."""

import importlib
from dataclasses import fields, replace
from itertools import cycle

import numpy as np
import pytest
from data import MLCC, noisy
from simulated import simulated_verdict
from wrong_engines import (
    ADAGRAD,
    ADAM,
    CENTERED,
    MOMENTUM,
    NESTEROV,
    SGD,
    SGD_MOMENTUM,
    SHUFFLE,
    WRONG_ENGINES,
    PlainRun,
)  # fmt: skip

from lrstep.check.quantity import compared
from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Iteration
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.rounding import PRECISIONS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.state import State

CASES = {
    "mlcc": (MLCC, Settings(batch_size=5, epochs=2, weight=0.08255479319424332)),
    "small": (noisy(23, 1e-2, 1e-4, seed=1), Settings(batch_size=4, epochs=2, learning_rate=0.001, weight=0.3)),
    "three features": (noisy(17, features=3, seed=3), Settings(batch_size=5, epochs=2, learning_rate=0.01, weight=0.4)),
    "large": (noisy(14, 1e3, 1e6, seed=2), Settings(batch_size=6, epochs=2, learning_rate=5.0, bias=2.0)),
}


def wrong_run(engine: type[PlainRun], case: str) -> PlainRun:
    dataset, settings = CASES[case]
    return engine(dataset, settings.changed(**engine.changes))


def name_of(engine: type[PlainRun]) -> str:
    return engine.__name__


def settings_of(engine: type[PlainRun]) -> str:
    """Those of a kind one after the other: Keras then builds its step once for them."""
    return str(engine.changes)


def expect_caught(run: PlainRun, verdicts) -> None:
    first = run.first_wrong(run.per_epoch)
    assert [verdict.outcome for verdict in verdicts[: first - 1]] == ["confirmed"] * (first - 1)
    assert verdicts[first - 1].outcome == "differs", verdicts[first - 1]


def simulated(run: PlainRun | Run, precision: str):
    numbers = range(1, run.n_iterations + 1)
    return [simulated_verdict(run, number, precision, "lanes", True) for number in numbers]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", WRONG_ENGINES, ids=name_of)
def test_caught_by_a_simulated_keras(engine, case):
    run = wrong_run(engine, case)
    expect_caught(run, simulated(run, "float64"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", [e for e in WRONG_ENGINES if not e.needs_float64], ids=name_of)
def test_most_mistakes_are_seen_in_float32_too(engine, case):
    run = wrong_run(engine, case)
    expect_caught(run, simulated(run, "float32"))


@pytest.mark.keras
@pytest.mark.parametrize("engine", sorted(WRONG_ENGINES, key=settings_of), ids=name_of)
def test_caught_by_keras_in_float64(keras, engine):
    # The cases take turns: each mistake meets one of them, each of them a third of the mistakes.
    case = list(CASES)[WRONG_ENGINES.index(engine) % len(CASES)]
    run = wrong_run(engine, case)
    expect_caught(run, keras.check(run, "float64", range(1, run.first_wrong(run.per_epoch) + 1)))


ALL = [{}, MOMENTUM, CENTERED, SHUFFLE, SGD, SGD_MOMENTUM, NESTEROV, ADAGRAD, ADAM]


@pytest.mark.keras
@pytest.mark.parametrize(("changes", "precision"), zip(ALL, cycle(PRECISIONS), strict=False), ids=str)
def test_the_same_engine_without_a_mistake_is_confirmed(keras, changes, precision):
    for dataset, settings in CASES.values():
        run = PlainRun(dataset, settings.changed(**changes))
        beyond = precision == "float32" and run.iteration(run.n_iterations).full_loss > 1e38  # SGD with a high rate
        for verdict in keras.check(run, precision):
            assert verdict.confirmed or (beyond and verdict.outcome == "undecided"), verdict.worst


def drawn(*seed: int, n: int):
    return np.random.default_rng(seed).permutation(n)


ORDERS = {
    "shuffled once": lambda self, epoch: drawn(self.seed, 1, n=self.n),
    "seed and epoch added": lambda self, epoch: drawn(self.seed + epoch, n=self.n),
    "without the seed": lambda self, epoch: drawn(0, epoch, n=self.n),
    "epochs counted from 0": lambda self, epoch: drawn(self.seed, epoch - 1, n=self.n),
    "the last row stays last": lambda self, epoch: np.append(drawn(self.seed, epoch, n=self.n - 1), self.n - 1),
    "drawn with replacement": lambda self, epoch: np.random.default_rng((self.seed, epoch)).integers(0, self.n, self.n),
    "in the order of the data": lambda self, epoch: np.arange(self.n),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_mistake_inside_the_batches_is_caught(monkeypatch, order):
    monkeypatch.setattr(Batches, "_draw", order)
    run = Run(noisy(23), Settings(batch_size=5, epochs=2, shuffle=True, seed=7))
    found = simulated(run, "float32")
    assert "differs" in {verdict.outcome for verdict in found[run.batches.per_epoch :]}
    assert {verdict.worst.name for verdict in found if verdict.outcome == "differs"} == {"samples"}


@pytest.mark.parametrize(("engine", "keras", "settled", "found"), [
    (np.inf, -np.inf, True, {"float32": "differs", "float64": "differs"}),
    (np.inf, np.nan, True, {"float32": "undecided", "float64": "differs"}),
    (np.nan, -np.inf, True, {"float32": "undecided", "float64": "differs"}),
    (np.inf, -np.inf, False, {"float32": "undecided", "float64": "undecided"}),
    (np.inf, np.inf, True, {"float32": "confirmed", "float64": "confirmed"}),
    (np.nan, np.nan, True, {"float32": "confirmed", "float64": "confirmed"}),
    (1e300, np.inf, True, {"float32": "undecided", "float64": "undecided"}),
])  # fmt: skip
@pytest.mark.parametrize("precision", PRECISIONS)
def test_numbers_that_are_not_finite_are_told_apart(engine, keras, settled, found, precision):
    assert compared("weight", engine, keras, np.inf, precision, settled).outcome == found[precision]
    if not (engine == keras or (np.isnan(engine) and np.isnan(keras))):
        assert compared("weight", engine, keras, 1.0, precision, settled).outcome == "differs"


class OppositeInfinities(PlainRun):
    def line(self, columns, state):
        found = super().line(columns, state)
        return np.where(np.isinf(found), -found, found)


class NothingForNothing(PlainRun):
    def rmsprop(self, g, memory, number):
        made = super().rmsprop(g, memory, number) if g or memory["accumulator"] else None
        return made or {"v": 0.0, "a": 0.0, "M": 0.0, "root": 0.0, "step": self.nothing()}

    def nothing(self):
        return 0.0


class NothingForNothingIsNan(NothingForNothing):
    def nothing(self):
        return np.nan


@pytest.mark.parametrize("precision", PRECISIONS)
def test_opposite_infinities_differ(precision):
    with np.errstate(all="ignore"):
        run = OppositeInfinities(Dataset("far", [2.0, 3.0], [1.0, 2.0]), Settings(batch_size=2, epochs=1, weight=1e308))
        (found,) = simulated(run, precision)
    assert "prediction" in {quantity.name for quantity in found.quantities if quantity.outcome == "differs"}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_nothing_over_nothing_is_nan_and_nothing_else(precision):
    data, settings = Dataset("flat", [0.0, 0.0], [1.0, 2.0]), Settings(batch_size=2, epochs=1, weight=1.0, epsilon=0.0)
    outcomes = {}
    for engine in (Run, NothingForNothing, NothingForNothingIsNan):
        with np.errstate(all="ignore"):
            (found,) = simulated(engine(data, settings), precision)
        outcomes[engine] = {q.outcome for q in found.quantities if q.name in ("step_weight", "root_weight")}
    assert outcomes == {Run: {"confirmed"}, NothingForNothing: {"confirmed", "differs"},
                        NothingForNothingIsNan: {"confirmed"}}  # fmt: skip


@pytest.mark.parametrize("optimizer", [optimizer for optimizer in OPTIMIZERS.values() if optimizer.keras])
@pytest.mark.parametrize("switched", [False, True])
def test_every_number_that_a_rule_shows_is_judged(optimizer, switched):
    switches = {"momentum": 0.9, "centered": True, "nesterov": True} if switched else {}
    chosen = {name: value for name, value in switches.items() if name in optimizer.options}
    run = Run(MLCC, Settings(optimizer=optimizer.name, **chosen))
    judged = {quantity.name.removesuffix("_weight") for quantity in simulated_verdict(run, 2, "float64").quantities}
    letters = {slot.letter: slot.name for slot in optimizer.kept(run.settings)}
    for name in run.iteration(2).updates[0]:
        assert letters.get(name, {"theta": "weight"}.get(name, name)) in judged


@pytest.mark.parametrize("name", ["rmse", "cumulative_rmse", "full_rmse"])
def test_a_root_that_is_shown_is_compared_apart_from_its_loss(name):
    class OffByALittle(Iteration):
        pass

    class WrongRoot(PlainRun):
        def account(self, iteration):
            return OffByALittle(**{field.name: getattr(iteration, field.name) for field in fields(iteration)})

    right = getattr(Iteration, name)
    setattr(OffByALittle, name, property(lambda iteration: right.fget(iteration) * 1.0001))
    OffByALittle.metrics = property(lambda iteration: Iteration.metrics.func(iteration) | {"rmse": iteration.rmse})
    found = simulated_verdict(WrongRoot(MLCC, Settings()), 2, "float64")
    assert [quantity.name for quantity in found.quantities if quantity.outcome == "differs"] == [name]


def test_the_loss_before_a_step_is_that_after_the_one_before():
    class OtherBefore(PlainRun):
        def account(self, iteration):
            return replace(iteration, full_loss_before=iteration.full_loss_before * (1 + 1e-15))

    for number in (2, 3):
        found = simulated_verdict(OtherBefore(MLCC, Settings()), number, "float32")
        wrong = [quantity.name for quantity in found.quantities if quantity.outcome == "differs"]
        assert wrong == ["full_loss_before"]


def test_a_start_that_everything_takes_over_wrongly_is_caught(monkeypatch):
    for module in ("lrstep.core.run", "lrstep.check.step_inputs"):
        right = importlib.import_module(module).initial_state
        wrong = lambda *given, right=right: State((*right(*given).weights, 0.0), right(*given).slots)  # noqa: E731
        monkeypatch.setattr(f"{module}.initial_state", wrong)
    found = simulated_verdict(Run(MLCC, Settings(bias=2.0)), 1, "float32")
    assert [quantity.name for quantity in found.quantities if quantity.outcome == "differs"] == ["start"]


def nudged(values, place=0):
    """The same numbers but for the last bit of one."""
    values = np.array(values, float)
    values[place] = np.nextafter(values[place], np.inf)
    return values


SHOWN_ONLY = {
    "before": lambda it: {"before": State(tuple(nudged(it.before.parameters)), it.before.slots)},
    "batch": lambda it: {"columns": tuple(map(nudged, it.columns))},
    "samples": lambda it: {"samples": it.samples[::-1]},
    "iteration": lambda it: {"number": it.number + 1},
    "epoch": lambda it: {"epoch": it.epoch + 1},
    "batch_number": lambda it: {"batch": it.batch + 1},
    "cumulative_count": lambda it: {"cumulative_count": it.cumulative_count - 1},
    "diverged": lambda it: {"diverged": True},
}


@pytest.mark.parametrize("name", SHOWN_ONLY)
def test_what_is_shown_and_leads_to_nothing_is_held_to_the_bit(name):
    class Shows(PlainRun):
        def account(self, iteration):
            return replace(iteration, **SHOWN_ONLY[name](iteration)) if iteration.number == 2 else iteration

    found = simulated(Shows(MLCC, Settings()), "float32")
    assert [verdict.outcome for verdict in found[:2]] == ["confirmed", "differs"]
    assert {quantity.name for quantity in found[1].quantities if quantity.outcome == "differs"} == {name}


def test_a_loss_that_overflowed_in_one_epoch_is_not_carried_into_the_next():
    far = Dataset("far", [1.0, 2.0, 3.0, 1.0], [2.0, 1.0, 4.0, 1e160])
    run = Run(far, Settings(optimizer="sgd", learning_rate=1e-165, batch_size=2, epochs=2, weight=0.5))
    with np.errstate(all="ignore"):
        found = simulated(run, "float64")
    assert [np.isfinite(run.iteration(number).cumulative_loss) for number in (1, 2, 3)] == [True, False, True]
    assert [verdict.outcome for verdict in found[:3:2]] == ["confirmed", "confirmed"]
