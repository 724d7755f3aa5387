"""How often ``why`` names what went wrong, and how often it accuses by chance. ``python -m benchmarks why``

The wrong runs come from ``tests/why``: ``wrong_runs.py`` on one data set, ``slips.py`` on nine runs that differ in
data, features, optimizer and settings. They are written apart from the guesses of ``why``.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.figure import Figure
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.quantities import quantities
from lrstep.why.answer import Answer
from lrstep.why.ask_why import why
from tests.why import slips, wrong_runs
from tests.why.learners import BASES, Base
from tests.why.wrong_runs import Cause

AT = 5
"""The iteration that is asked about."""

SETTINGS = {"": {}, "size5": {"batch_size": 5}, "sgd": {"optimizer": "sgd", "learning_rate": 0.005}}


def run_of(name: str = "") -> Run:
    """The right run beside which a cause is wrong."""
    data = Dataset("mlcc", wrong_runs.X, wrong_runs.Y)
    return Run(data, Settings(weight=0.08255479319424332, **SETTINGS[name]))


def asked(cause: Cause, quantity: str, value: float, digits: int, runs: dict[str, Run]) -> Answer:
    """What is answered to a wrong value."""
    return why(runs[cause.only[0] if cause.only else ""], f"{value:#.{digits}g}", quantity, AT)


def outcome(cause: Cause, answer: Answer) -> str:
    """named (among the first three), wrong (another cause is named first), right, unsure or unknown."""
    if any(wrong_runs.named(cause, label) for match in answer.matches[:3] for label in (match.label, *match.also)):
        return "named" if answer.verdict in ("mistake", "rounded") else "named, unsure"
    if answer.verdict == "rounded" and any(word == "rounded to" for word in cause.words):
        return "named"
    return {"mistake": "wrong", "rounded": "unknown"}.get(answer.verdict, answer.verdict)


def tried(causes: Sequence[Cause], digits: int, show: bool = False) -> Counter[str]:
    """How often which outcome, each cause with each of its quantities."""
    runs, counted = {name: run_of(name) for name in SETTINGS}, Counter[str]()
    for cause, quantity, value in wrong_runs.typed(causes, AT):
        answer = asked(cause, quantity, value, digits, runs)
        result = outcome(cause, answer)
        counted[result] += 1
        if show and result != "named":
            first = [f"{m.label}~{m.chance:.2g}" for m in answer.matches[:3]]
            print(f"{result:8} {cause.name} · {quantity} {value:#.{digits}g}", answer.verdict, first, file=sys.stderr)
    return counted


def of_base(base: Base) -> Run:
    """The right run of a base."""
    x = base.x if base.x.shape[1] > 1 else base.x[:, 0]
    return Run(Dataset(base.name, x, base.y), Settings(**base.settings))


def learners(digits: int, seed: int = 0, show: bool = False) -> Counter[str]:
    """Outcomes of slips on runs of many kinds."""
    runs, counted = {base.name: of_base(base) for base in BASES}, Counter[str]()
    for base, slip, quantity, value in slips.typed(2, seed):
        answer = why(runs[base.name], f"{value:#.{digits}g}", quantity, slips.AT)
        found = any(slips.named(slip, label) for match in answer.matches[:3] for label in (match.label, *match.also))
        result = {"mistake": "wrong", "rounded": "unknown"}.get(answer.verdict, answer.verdict)
        if found or (answer.verdict == "rounded" and "rounded" in slip.words):
            result = "named" if answer.verdict in ("mistake", "rounded") else "named, unsure"
        counted[result] += 1
        if show and not found:
            first = [f"{m.label}~{m.chance:.2g}" for m in answer.matches[:3]]
            print(f"{result:8} {slip.name} · {base.name} · {quantity} {value:#.{digits}g}", first, file=sys.stderr)
    return counted


def by_chance(digits: int, count: int = 10) -> Counter[str]:
    """Verdicts on random numbers about as large as the right ones, on all bases."""
    random, counted = np.random.default_rng(digits), Counter[str]()
    for run in map(of_base, BASES):
        weight = run.parameters[-2]
        for quantity in (weight, "rmse", "cumulative_loss", f"gradient_{weight}"):
            right = quantities(run)[quantity].value(run.iteration(slips.AT))
            for factor in random.uniform(0.5, 1.5, count).tolist():
                counted[why(run, f"{right * factor:#.{digits}g}", quantity, slips.AT).verdict] += 1
    return counted


def measure() -> Iterator[Figure]:
    """Shares of causes named and of random numbers accused, and seconds."""
    for causes, words, least in ((wrong_runs.CAUSES, "known", 0.85), (wrong_runs.HELD_OUT, "held out", 0.85)):
        for digits in (5, 7):
            counted = tried(causes, digits)
            total = counted.total()
            found = counted["named"] + counted["named, unsure"]
            yield Figure(f"why, causes {words}, {digits} digits, not named, of {total}", 100 * (1 - found / total), "%",
                         most=100 * (1 - least))  # fmt: skip
            yield Figure(
                f"why, causes {words}, {digits} digits, named wrong", 100 * counted["wrong"] / total, "%", most=3
            )
            yield Figure(f"why, causes {words}, {digits} digits, called right", counted["right"], "", most=0)
    for digits in (5, 7):
        counted = learners(digits)
        total, found = counted.total(), counted["named"] + counted["named, unsure"]
        head = f"why, nine runs, {digits} digits"
        yield Figure(f"{head}, not named, of {total}", 100 * (1 - found / total), "%", most=15)
        yield Figure(f"{head}, not surely named", 100 * (1 - counted["named"] / total), "%")
        yield Figure(f"{head}, named wrong", 100 * counted["wrong"] / total, "%", most=3)
        yield Figure(f"{head}, called right", counted["right"], "", most=0)
    for digits, most in ((3, 0.0), (4, 10.0), (5, 3.0), (6, 3.0)):
        counted = by_chance(digits)
        yield Figure(f"why, random numbers of {digits} digits accused", 100 * counted["mistake"] / counted.total(), "%",
                     most=most)  # fmt: skip
    yield from seconds()


def seconds() -> Iterator[Figure]:
    """Time of a question that nothing answers."""
    for epochs, at, most in ((4, 5, 2.0), (334, 1000, 10.0)):
        data = Dataset("mlcc", wrong_runs.X, wrong_runs.Y)
        run = Run(data, Settings(weight=0.08, epochs=epochs))
        run.advance(run.n_iterations)
        began = time.process_time()
        why(run, "123.45678", "weight", at)
        yield Figure(f"why, {run.n_iterations} iterations", time.process_time() - began, "s", most=most)
