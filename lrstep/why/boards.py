"""What every guess at a cause gives, as tables, so that a number is looked up among all of them in one go."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import combinations

import numpy as np

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.formulas.quantities import applicable, quantities
from lrstep.why import on_paper
from lrstep.why.changed_rules import rewritten_in_every_step
from lrstep.why.fleet import AFTER, Figures, fleets
from lrstep.why.other_data import other_data, other_digits
from lrstep.why.other_figures import other_figures, own_figures
from lrstep.why.other_orders import other_orders
from lrstep.why.other_rates import other_rates
from lrstep.why.other_rules import other_rules, rules_of_catalogue
from lrstep.why.other_settings import finer_settings, other_optimizers, other_settings
from lrstep.why.worlds import COMMON, KNOWN, PAIR, RARE, Guess, World, equally

PAIRS, RULES, REWRITES = 100, 300, 150
"""Pairs of worlds, rare rules, and formulas with one part changed are followed up to so many iterations."""

MOST = 1_200_000
"""So many steps of worlds are taken for one question; rarer worlds are left out of long runs."""

FARTHEST = 40_000
"""A world that is read at a later iteration than the run is followed up to so many, with many features to fewer."""

TAKEN_IN = 100_000_000
"""So many samples are taken in for the worlds of one question, each counted k² times for k features: a few seconds.
What takes in more is left out, of large data all but the most common."""


@dataclass(frozen=True, eq=False)
class Board:
    """Values of guesses.

    Attributes:
        guesses: the guesses, h of them.
        numbers: the iterations, shape (k,).
        values: quantity → shape (h, k); nan where a guess gives nothing.
        whole: whether no guess was left out because the data are large.
    """

    guesses: list[Guess]
    numbers: np.ndarray
    values: dict[str, Floats]
    whole: bool = True

    @cached_property
    def ranks(self) -> np.ndarray:
        """The rank of each guess."""
        return np.array([guess.rank for guess in self.guesses])


def boards(run: Run, numbers: Sequence[int], pause: Callable[[], None]) -> Iterator[tuple[str, Callable[[], Board]]]:
    """Tables of what was guessed for some iterations, the likelier guesses first.

    Args:
        run: the run.
        numbers: the iterations, in their order.
        pause: is called every few milliseconds.

    Yields:
        What such a table has, in words, and a function that makes it.
    """
    last = max(numbers)
    single = cache(lambda: worlds(run, last))

    def of(made: Callable[[], Iterable[World]]) -> Callable[[], Board]:
        return lambda: _worlds_board(run, list(made()), numbers, pause)

    yield "other settings, optimizers, data and orders", of(single)
    yield "other sums and means", lambda: _figures_board(run, numbers, pause)
    if last * run.batches.size <= on_paper.MOST_WORK:
        yield "rounding on paper", lambda: _paper_board(run, numbers, pause)
    if last <= REWRITES:
        yield "formulas with one part changed in every step", of(lambda: rewritten_in_every_step(run))
        yield "settings of any number", of(lambda: [*finer_settings(run), *other_digits(run)])
    if last <= PAIRS:
        yield "two causes at once", of(lambda: paired(run, [*single(), *rules_of_catalogue()]))


def worlds(run: Run, last: int) -> list[World]:
    """The worlds that are looked into as far as an iteration, the most common ones first; without rare ones if that
    is far."""
    made: list[World] = [*other_settings(run), *other_optimizers(run), *other_orders(run), *other_rates(run)]
    if last * len(run.dataset) <= MOST:
        made += other_data(run)
    made += [world for world in other_rules(run) if world.rank < RARE or last <= RULES]
    work = max(1, len(run.dataset.columns) ** 3 // 64)  # of a step; up to five features it is no more than of one
    made = [world for world in made if not world.at or world.at(last) <= max(last, FARTHEST // work)]
    return sorted(made, key=lambda world: world.rank)[: MOST // (last * work)]


def affordable(run: Run, found: Sequence[World], last: int) -> list[World]:
    """Those whose samples are taken in within reasonable time as far as an iteration; the first ones come first.

    Worlds that take the same batches share them, but for those whose rule goes through the samples in each step.
    """
    room, chosen, taken = TAKEN_IN, list[World](), set[object]()
    n, k = len(run.dataset), len(run.dataset.columns)
    for world in found:
        settings, order = world.settings(run), world.order
        drawn = settings.shuffle and settings.seed
        batches = id(world.data), world.changes.get("scale"), id(order), settings.batch_size, settings.shuffle, drawn
        again = order.varies or order.cut is not equally if order else settings.shuffle or bool(settings.order)
        steps = (world.at(last) if world.at else last) * min(settings.batch_size, n)
        work = 0 if batches in taken else (n + (steps if again else min(steps, n))) * k * k
        work += steps * k if world.rule.raw else 0
        if work <= room:
            room -= work
            taken.add(batches)
            chosen.append(world)
    return chosen


def paired(run: Run, found: Sequence[World]) -> Iterator[World]:
    """Two common things at once; a common one and one that is well known."""
    common = [world for world in found if world.rank == COMMON]
    known = [world for world in found if world.rank == KNOWN and world.kind in ("setting", "formula", "optimizer")]
    for one, other in (*combinations(common, 2), *((one, other) for one in common for other in known)):
        if world := one.also(other, run):
            yield world


def _worlds_board(run: Run, found: Sequence[World], numbers: Sequence[int], pause: Callable[[], None]) -> Board:
    wanted = sorted({number + by for number in numbers for by in (-1, 0, 1) if number + by > 0})
    known, read = answerable(run), [word for key in ("loss", "cumulative_loss") for word, _ in readings(key)]
    chosen = affordable(run, found, max(numbers))
    guesses: list[Guess] = []
    columns: dict[str, list[Floats]] = {key: [] for key in known}
    with np.errstate(all="ignore"):
        for fleet in fleets(run, chosen, wanted[-1], pause):
            moved = [world.at for world in fleet.worlds]
            when = [[at(t) if at else t for t in numbers] for at in moved]
            at = dict(fleet.figures(sorted({*wanted, *(t for row in when for t in row)}), pause=pause))
            made = [Guess(one.kind, one.name, one.rank, one.changes, one.explanation) for one in fleet.worlds]
            common = [place for place, guess in enumerate(made) if guess.rank == COMMON and not moved[place]]
            ways = dict.fromkeys(read) if common else {}
            guesses += made
            guesses += [
                replace(made[place], name=f"{made[place].name} and {words}", rank=PAIR, changes={})
                for words in ways for place in common
            ]  # fmt: skip
            for key in known:
                own, mine = _figure(key), dict(readings(key))
                if any(moved):
                    there = [[own(at, t, len(made))[place] for t in row] for place, row in enumerate(when)]
                    columns[key].append(np.array(there))
                else:
                    columns[key].append(np.array([own(at, t, len(made)) for t in numbers]).T)
                for words in ways:
                    value = mine.get(words, _figure(""))
                    columns[key].append(np.array([value(at, t, len(made)) for t in numbers]).T[common])
    values = {key: np.concatenate(parts) if parts else np.empty((0, len(numbers))) for key, parts in columns.items()}
    return Board(guesses, np.array(numbers), values, whole=len(chosen) == len(found))


Reading = Callable[[dict[int, Figures], int, int], Floats]
"""Figures of iterations, the iteration that is asked about, number of worlds → a value of each."""


def _figure(key: str, by: int = 0) -> Reading:
    """A quantity of some iteration; nan where a world has no such quantity."""

    def read(at: dict[int, Figures], number: int, h: int) -> Floats:
        found = at.get(number + by, {}).get(key)
        return np.full(h, np.nan) if found is None else found

    return read


def readings(quantity: str) -> Iterator[tuple[str, Reading]]:
    """How the wrong figure of a world may be read: of the iteration before or after, the loss for the RMSE …"""

    yield "read one iteration too early", _figure(quantity, -1)
    yield "read one iteration too late", _figure(quantity, 1)
    head, _, kind = quantity.rpartition("_")
    if kind in ("loss", "rmse"):
        partner = "loss" if kind == "rmse" else "rmse"
        yield "with the loss for the RMSE, or the RMSE for the loss", _figure(f"{head}_{partner}" if head else partner)
        if not head:
            yield "with the weights from after the update", _figure(f"{AFTER}{kind}")
            yield "over the epoch so far", _figure(f"cumulative_{kind}")
        elif head == "cumulative":
            yield "of the batch alone", _figure(kind)
            yield "over all samples after the update", _figure(f"full_{kind}")


def _paper_board(run: Run, numbers: Sequence[int], pause: Callable[[], None]) -> Board:
    advice = "Carry more digits on the way and round only what is shown."
    ranks = {name: RARE if "intermediate" in name else KNOWN for name in on_paper.names()}
    guesses = [Guess("rounding", name, rank, explanation=advice) for name, rank in ranks.items()]
    with np.errstate(all="ignore"):
        at = dict(on_paper.on_paper(run, numbers, pause))
    values = {key: np.array([_figure(key)(at, t, len(guesses)) for t in numbers]).T for key in answerable(run)}
    return Board(guesses, np.array(numbers), values)


def _figures_board(run: Run, numbers: Sequence[int], pause: Callable[[], None]) -> Board:
    known, guesses = answerable(run), dict[str, Guess]()
    own = own_figures(run, known)
    found: dict[tuple[str, str, int], float] = {}
    for column, number in enumerate(numbers):
        for key in known:
            pause()
            seen = set[str]()
            for rank, words, explanation, value in other_figures(run, key, number, own):
                if words not in guesses:
                    guesses[words] = Guess("formula", words, rank, explanation=explanation)
                if (short := f"{value + 0.0:.12g}") not in seen:  # one name for a figure that has several; -0 is 0
                    seen.add(short)
                    found[key, words, column] = value
    rows = {words: row for row, words in enumerate(guesses)}
    values = {key: np.full((len(rows), len(numbers)), np.nan) for key in known}
    for (key, words, column), value in found.items():
        values[key][rows[words], column] = value
    return Board(list(guesses.values()), np.array(numbers), values)


def answerable(run: Run) -> list[str]:
    """The quantities that a world has too: losses, and what belongs to a parameter."""
    losses = {f"{stem}{kind}" for stem in ("", "cumulative_", "full_") for kind in ("loss", "rmse")}
    return [key for key in applicable(run) if key in losses or quantities(run)[key].parameter is not None]
