"""What is explained, guessed, answered and advised is as when it was last looked at."""

import math
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

import portraits
from sitting import runs_of
from sittings import LONG_NAMES, RECORDING, Sketch, made, of, wandering

from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.formulas.explain import explain, quantities_of
from lrstep.session.coach.about_the_data import about_the_data
from lrstep.session.coach.coach import Coach
from lrstep.session.coach.learning_rates import fits_unscaled, learning_rates, stable_below
from lrstep.session.coach.sentences import advice
from lrstep.why.answer import why_text
from lrstep.why.ask_why import why
from lrstep.why.boards import boards, worlds
from lrstep.why.catalogue import MISTAKES
from lrstep.why.kept import kept
from lrstep.why.run_columns import stretches
from lrstep.why.search import Search

Found = TypeVar("Found")

EXPLAINED = {
    "mlcc": of("mlcc", "", epochs=2),
    "momentum, centered, shuffled": of("mlcc", "", momentum=0.9, centered=True, shuffle=True, batch_size=5, epochs=2),
    "PyTorch's, scaled to 0 … 1": of("mlcc", "", optimizer="rmsprop-pytorch", momentum=0.5, scale="minmax", epochs=2),
    "TensorFlow 1's": of("mlcc", "", optimizer="rmsprop-tf1", momentum=0.5, epochs=2),
    "Nesterov, scaled": of("flats", "", optimizer="sgd", momentum=0.9, nesterov=True, scale="standard", epochs=1),
    "SGD, all at once": of("line16", "", optimizer="sgd", batch_size=16, learning_rate=0.01, epochs=4),
    "Adam, three features": of(made(9, 3), "", optimizer="adam", batch_size=4, epochs=3, scale="standard"),
    "Adagrad, drawn": of("outlier", "", optimizer="adagrad", weight=None, epochs=2),
    "diverged": of("mlcc", "", optimizer="sgd", learning_rate=1e100, epochs=2),
    "names": of(made(5, 2, names=LONG_NAMES), "", batch_size=1, epochs=2),
    "recorded": of(str(RECORDING), ""),
}  # fmt: skip


def explanations(run: Run) -> Iterator[str]:
    """Everything that is explained of the first iteration and of a later one."""
    for number in sorted({1, min(4, run.n_iterations)}):
        it = run.iteration(number)
        for phase in list(Phase)[1:]:
            for key in quantities_of(phase, run):
                e = explain(run, it, phase, key)
                yield from (e.title, *e.formula.splitlines(), e.total, e.result, e.keras)
                yield from (f"{step.letters} | {step.numbers}" for step in e.steps)
                yield from map(str, e.sources)
                if e.terms is not None:
                    rows = (e.terms.row(place) for place in sorted({0, e.terms.count // 2, e.terms.count - 1}))
                    yield from map(" ".join, (e.terms.headers, *rows))


def test_explanations(request):
    pages = ((name, explanations(runs_of(sketch).run)) for name, sketch in EXPLAINED.items())
    portraits.compare("explanations", ((name, map(portraits.rounded, lines)) for name, lines in pages), request)


ASKED: dict[str, tuple[Sketch, int]] = {
    "mlcc": (of("mlcc", "", epochs=2), 5),
    "momentum, centered": (
        of(made(7, 2), "", momentum=0.9, centered=True, shuffle=True, batch_size=3, epochs=2, scale="standard"),
        4,
    ),
}
WHERE = ("weight", "weight_1", "cumulative_rmse", "full_loss", "accumulator_bias")
"""The quantities whose guesses are shown, as far as a run has them."""

TOO_MANY = ("settings of any number", "two causes at once")
FEW = 40
"""So many of a long list are shown, or asked about."""


def some(found: list[Found]) -> list[Found]:
    """A few of many."""
    return found[:: max(1, len(found) // FEW)]


def guessed(run: Run, number: int) -> Iterator[tuple[str, str, float]]:
    """What is guessed: how it is told, and a quantity with what it gives."""
    for words, make in boards(run, [number], lambda: None):
        board = kept(run, ("board", words, (number,)), make)  # where ``why`` finds it again
        told = [f"{one.kind} {one.rank} {one.name} | {one.explanation} | {one.options}" for one in board.guesses]
        rows = list(enumerate(told))
        for row, text in some(rows) if words in TOO_MANY else rows:
            yield from ((text, key, board.values[key][row, 0]) for key in WHERE if key in board.values)
    for rewritten in (False, True):
        for rows, numbers, values in Search(run, number).tables(rewritten):
            column = numbers.tolist().index(number)
            for (mistake, quantity), row in zip(rows, values, strict=True):
                if not rewritten or quantity in WHERE:
                    yield f"{mistake.key} {mistake.name}", quantity, row[column]


def answers(run: Run, number: int) -> Iterator[str]:
    """All guesses; and the answers to some of the numbers that they give, in full or in few digits."""
    found = list(guessed(run, number))
    for text, those in groupby(found, key=itemgetter(0)):
        yield " | ".join([text, *(f"{quantity} {value:.7g}" for _, quantity, value in those)])
    asked = some([one for one in found if math.isfinite(one[2])])
    for place, (_, quantity, value) in enumerate(asked):
        typed, meant = f"{value:.{(10, 6, 4, 3)[place % 4]}g}", None if place % 5 == 0 else quantity
        where = None if place % 7 == 0 else number
        answer = why(run, typed, meant, where, number)
        yield f"{typed} {meant} {where}: {answer.verdict}, {answer.found} found"
        yield from why_text(answer, (80, 66)[place % 2])


def searched() -> Iterator[str]:
    """Which iterations of longer and longer runs are searched for mistakes."""
    for epochs in (300, 340, 400, 667, 7000):
        run = runs_of(of("mlcc", "", epochs=epochs)).run
        foci = (None, 1, 2, 166, 330, 334, 499, 500, 501, 667, 668, 835, 900, run.n_iterations)
        yield from (f"{run.n_iterations} {focus}: {stretches(run, focus)}" for focus in foci)


def test_answers(request):
    pages = ((name, answers(runs_of(sketch).run, number)) for name, (sketch, number) in ASKED.items())
    made = [("what is searched", searched()), *((name, map(portraits.rounded, lines)) for name, lines in pages)]
    portraits.compare("answers", made, request)


GUESSED = ("momentum, centered, shuffled", "Nesterov, scaled", "Adam, three features", "Adagrad, drawn", "recorded")


def guesses(run: Run) -> Iterator[str]:
    """What is tried of a run, in its words."""
    for world in worlds(run, run.n_iterations):
        yield portraits.rounded(f"{world.rank} {world.kind} {world.name} | {world.explanation}")


def test_guesses(request):
    catalogue = [f"{one.key}: {one.name} | {one.formula} | {one.numbers} | {one.explanation}" for one in MISTAKES]
    pages = [("catalogue", catalogue), *((name, guesses(runs_of(EXPLAINED[name]).run)) for name in GUESSED)]
    portraits.compare("guesses", pages, request)


def advised(run: Run) -> Iterator[str]:
    """What the coach finds out about a run, and all the ways in which it says that."""
    yield f"{run.dataset.name} {run.settings.as_dict()}"
    yield from about_the_data(run)
    yield f"{shown(learning_rates(run, 100))} | {shown([stable_below(run) or math.nan])} {fits_unscaled(run, 100)}"
    coach = Coach(run)
    for number in sorted({1, run.n_iterations // 2, run.n_iterations} - {0}):
        while coach.wonders(number):
            coach.think(number)
            yield from advice(coach, number, ("f", "F"))[:1]
        yield f"{number}: {coach.kind(number)}"
        yield from dict.fromkeys(advice(coach, number, ("f", "F")))
    if ahead := coach.outlook:
        yield f"{ahead.rises_from} {ahead.circles_from} {ahead.diverged_at} {ahead.until} {ahead.there}"
        yield shown([ahead.start, ahead.end, ahead.low, ahead.high, ahead.share])
    for cure in coach.cures or ():
        yield f"{cure.settings.as_dict()} {shown([cure.rmse])} {cure.reaches}"


def shown(values: list[float]) -> str:
    """Numbers in as many digits as another machine has too."""
    return " ".join(f"{value:.7g}" for value in values)


def test_advice(request):
    sketches = {f"wanderer {seed}": wandering(seed)._replace(against=()) for seed in range(100, 124)}
    pages = ((name, advised(runs_of(sketch).run)) for name, sketch in (EXPLAINED | sketches).items())
    portraits.compare("advice", pages, request)
