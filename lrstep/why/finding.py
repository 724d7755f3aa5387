"""What fits a number, ranked: figures of the run, mistakes of the catalogue, guesses; and how many would by chance."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lrstep.formulas.numerals import Typed
from lrstep.formulas.quantities import quantities
from lrstep.why.boards import Board, answerable, boards
from lrstep.why.catalogue import BY_KEY, Mistake
from lrstep.why.chance import FEWEST, Chances
from lrstep.why.kept import kept
from lrstep.why.question import Question
from lrstep.why.search import SAME, MistakeHit, RightHit, Search, coincides
from lrstep.why.worlds import COMMON, KNOWN, PAIR, RARE, Guess, Kind

FAR, WIDE = 20_000, 60
"""Worlds are followed up to so many iterations, and looked up in so many where no iteration is asked for."""

OF_FEW_DIGITS = 4
"""So many tables are looked at for a number of few digits: rarer guesses could not be told from chance."""

LARGE = "The data are large: of other settings, data and orders only the likeliest were tried."

MOST_COMMON = (
    "loss.after_update", "loss.loss_for_rmse", "loss.rmse_for_loss", "loss.batch_for_epoch", "loss.mean_of_rmses",
    "loss.sum", "loss.half", "gradient.without_2", "gradient.without_2.always", "gradient.sum", "gradient.sum.always",
    "gradient.sign", "gradient.sign.always", "update.gradient_descent",
    "position.iteration_before", "position.iteration_after",
)  # fmt: skip
"""What people get wrong most often, of the catalogue."""

SETTINGS_TOO = tuple(f"update.{key}.always" for key in ("rho_099", "no_momentum", "not_centered", "gradient_descent"))
"""Mistakes in every step that are settings or optimizers of their own, and better named so."""


@dataclass(frozen=True, eq=False)
class Guessed:
    """A guess that fits."""

    guess: Guess
    quantity: str
    iteration: int
    value: float
    right_value: float

    @property
    def kind(self) -> Kind:
        """The guess's."""
        return self.guess.kind

    @property
    def key(self) -> str:
        """What it is called."""
        return self.guess.name


Hit = RightHit | MistakeHit | Guessed


class Finding:
    """What fits a number.

    Args:
        search: of the run. typed: the number. question: what is asked.
        progress: is told what is being searched; pause: is called every few milliseconds of it.

    Attributes:
        right: the figures of the run that fit.
        left_out: what was not searched, in sentences.
    """

    def __init__(
        self, search: Search, typed: Typed, question: Question, progress: Callable[[str], None],
        pause: Callable[[], None],
    ) -> None:  # fmt: skip
        self.search, self.typed, self.question = search, typed, question
        self._progress, self._pause = progress, pause
        self.run = search.run
        self.right, self._values = search.right(typed)
        self.left_out: list[str] = []
        self._chances = Chances(typed)
        self._hits: list[tuple[tuple[float, ...], Hit]] = []
        self._readings: list[MistakeHit] | None = None
        self._asked: list[str] = []
        self._add_right()

    @property
    def ranked(self) -> list[Hit]:
        """All that fits, the likeliest first; figures that were not asked for last."""
        return [hit for _, hit in sorted(self._hits, key=lambda item: item[0])]

    @property
    def best(self) -> Hit | None:
        """The likeliest that has to do with what was asked."""
        ranked = self.ranked
        return ranked[0] if ranked and self.rank(ranked[0]) is not None else None

    @property
    def elsewhere(self) -> list[RightHit]:
        """Figures of the run that fit and have nothing to do with what was asked."""
        return [hit for hit in self.ranked if isinstance(hit, RightHit) and self.rank(hit) is None]

    @property
    def found(self) -> int:
        """How much fits."""
        return len(self._hits)

    @property
    def sure(self) -> bool:
        """Whether the likeliest may be named: hardly any other would fit by chance."""
        return self.best is not None and self._chances.sure(self.rank(self.best) or 0)

    def chance(self, hit: Hit) -> float:
        """How many guesses as common as this one would fit by chance."""
        rank = self.rank(hit)
        return self._chances.of(rank if rank is not None else PAIR)

    def accept(self, hit: RightHit) -> None:
        """Count a figure as fitting, though its digits do not."""
        self.right = [hit]
        self._hits = [((0, 0), hit)]

    def rank(self, hit: Hit) -> int | None:
        """How common it is; 0 for what is right, None for a figure that has nothing to do with what was asked."""
        if isinstance(hit, RightHit):
            if self.question.fits(hit.quantity, hit.iteration):
                return 0
            return self.question.rank_of_reading(self.run, hit.quantity, hit.iteration)
        return rank_of_mistake(hit.mistake, hit.quantity) if isinstance(hit, MistakeHit) else hit.guess.rank

    # --- the search ------------------------------------------------------------------------------

    def look(self) -> None:
        """Look for what gives the number, until something is found that is hardly there by chance."""
        self._count_figures()
        self._add_mistakes(rewritten=False)
        self._add_turned()
        if self.typed.digits < FEWEST and not self.question.said:
            return  # too much fits so little
        for words, make in self._boards():
            if self.best is not None and self._chances.plain(self.rank(self.best) or 0):
                return
            self._progress(words)
            board = make()
            if not board.whole and LARGE not in self.left_out:
                self.left_out.append(LARGE)
            self._add_board(board)
        if not self.sure and self.question.said:
            self._progress("formulas with one part changed")
            self._add_mistakes(rewritten=True)

    def _boards(self) -> list[tuple[str, Callable[[], Board]]]:
        question, run = self.question, self.run
        numbers = [question.iteration] if question.iteration else self._numbers()
        known = answerable(run)
        asked = [key for key in question.meant if key in known] or ([] if question.meant else known)
        if not asked:
            return []
        if not numbers or max(numbers) > FAR:
            self.left_out.append("Other settings, data and orders were not searched: the iteration is too far from "
                                 "the start.")  # fmt: skip
            return []
        self._asked = asked
        made = list(boards(run, numbers, self._pause))
        if not question.said or self.typed.digits <= FEWEST:
            made = made[:OF_FEW_DIGITS]
        return [(said, partial(kept, run, ("board", said, tuple(numbers)), make)) for said, make in made]

    def _numbers(self) -> list[int]:
        numbers = np.concatenate([ctx.numbers for ctx in self.search.contexts])
        nearest = numbers[np.argsort(np.abs(numbers - self.question.focus), kind="stable")[:WIDE]]
        return sorted(int(number) for number in nearest if number <= FAR)

    def _add_right(self) -> None:
        for hit in self.right:
            rank = self.rank(hit)
            self._hits.append(((PAIR + 1 if rank is None else rank, -1, *self._order_of_right(hit)), hit))

    def _order_of_right(self, hit: RightHit) -> tuple[float, ...]:
        """Figures that Keras prints first, then inner ones; then the nearest iteration."""
        run, question = self.run, self.question
        rank: float = quantities(run)[hit.quantity].rank
        iteration = hit.iteration if hit.iteration is not None else question.focus
        within_epoch = hit.quantity.startswith("cumulative") and iteration % run.batches.per_epoch != 0
        # Where a batch is all the data, its loss after the update explains more than that of the next iteration.
        if hit.quantity.startswith("full") and hit.iteration and run.batches.per_epoch == 1:
            rank = -1
        if hit.iteration == 0 and hit.quantity.startswith("full"):
            rank = 5
        named = question.meant.index(hit.quantity) if hit.quantity in question.meant else 0
        away = abs(iteration - question.focus)
        return named, rank + 0.5 * within_epoch + 0.25 * hit.least_squares, away

    def _count_figures(self) -> None:
        """Count the figures of the run that could have been read by mistake."""
        question = self.question
        if not (question.meant and question.iteration):
            return
        for ctx in self.search.contexts:
            here = ctx.numbers == question.iteration
            for quantity, column in ctx.right.items():
                places = np.flatnonzero(~here if quantity in question.meant else here)
                numbers = ctx.numbers[places].tolist()
                ranks = np.array([question.rank_of_reading(self.run, quantity, number) or 0 for number in numbers])
                self._chances.add(ranks[ranks > 0], column[places][ranks > 0, None])

    def _add_mistakes(self, rewritten: bool) -> None:
        """Add what fits of the catalogue, or of the rule with one node of a formula changed."""
        question = self.question
        hits = self.search.mistakes(self.typed, rewritten)
        self._readings = self._readings or []
        for hit in hits:
            if not question.fits(hit.quantity, hit.iteration):
                continue
            if coincides(hit.value, self._values):
                self._readings.append(hit)
                if not (question.meant and question.iteration) or self._is_figure(hit.value):
                    continue
            order = [*BY_KEY, hit.mistake.key].index(hit.mistake.key)
            rank, tier = rank_of_mistake(hit.mistake, hit.quantity), hit.mistake.tier(hit.quantity)
            self._hits.append(((rank, tier, order, abs(hit.iteration - question.focus)), hit))
        for rows, numbers, values in self.search.tables(rewritten):
            chosen = [place for place, (_, key) in enumerate(rows) if not question.meant or key in question.meant]
            columns = numbers == question.iteration if question.iteration else np.ones(len(numbers), dtype=bool)
            if chosen and columns.any():
                ranks = np.array([rank_of_mistake(*rows[place]) for place in chosen])
                self._chances.add(ranks, values[chosen][:, columns])

    def _is_figure(self, value: float) -> bool:
        """Whether a value is also a figure of the run that has to do with what was asked."""
        known = (hit for hit in self.right if self.rank(hit) is not None)
        return any(abs(hit.value - value) <= SAME * abs(value) for hit in known)

    def _add_turned(self) -> None:
        """The right value with the other sign."""
        for quantity in self.question.meant:
            right = self.question.right(self.run, quantity, self.question.iteration)
            if right and self.question.iteration and self.typed.fits(-right) and not self.typed.fits(right):
                said = "An error is prediction less label: ŷ − y."
                guess = Guess("formula", "with the sign turned", COMMON, explanation=said)
                self._hits.append(((COMMON, 0), Guessed(guess, quantity, self.question.iteration, -right, right)))

    def _add_board(self, board: Board) -> None:
        every, known = np.arange(len(board.ranks)), np.flatnonzero(board.ranks <= KNOWN)
        for quantity in self._asked:
            right_way = board.values[quantity]
            turned = -right_way[known]
            for sign, rows, ranks, values in (
                (1, every, board.ranks, right_way), (-1, known, np.full(len(known), PAIR), turned),
            ):  # fmt: skip
                self._chances.add(ranks, values)
                fits = np.abs(values - self.typed.value) <= self.typed.tolerance
                for place, column in np.argwhere(fits).tolist():
                    self._guessed(board, quantity, int(rows[place]), column, sign)

    def _guessed(self, board: Board, quantity: str, row: int, column: int, sign: int) -> None:
        number, guess = int(board.numbers[column]), board.guesses[row]
        right, value = self.search.right_value(quantity, number), sign * float(board.values[quantity][row, column])
        if right is None or abs(value - right) <= SAME * abs(right) or self.typed.fits(right):
            return
        if sign < 0:
            guess = replace(guess, name=f"{guess.name} and the sign turned", rank=PAIR)
        place = (guess.rank, 0, len(BY_KEY), abs(number - self.question.focus), row)
        self._hits.append((place, Guessed(guess, quantity, number, value, right)))

    def readings_of(self, hit: RightHit) -> list[Mistake]:
        """How a right value may have come to stand in the wrong place."""
        question = self.question
        if hit.least_squares and (not question.meant or hit.quantity in question.meant):
            return [BY_KEY["position.least_squares"]]
        if question.said and question.fits(hit.quantity, hit.iteration):
            return []
        if self._readings is None:
            self._readings = [one for one in self.search.mistakes(self.typed) if coincides(one.value, self._values)]
        about = [one for one in self._readings if question.fits(one.quantity, one.iteration)]
        found = [
            one.mistake for one in about
            if abs(one.value - hit.value) <= SAME * abs(hit.value)
            and (question.iteration is not None or one.mistake.family != "position")
        ]  # fmt: skip
        if question.iteration and hit.iteration and not (question.meant and hit.quantity not in question.meant):
            batches = self.run.batches
            same_epoch = batches.position(hit.iteration)[0] == batches.position(question.iteration)[0]
            if same_epoch and hit.iteration != question.iteration:
                found.append(BY_KEY["position.other_batch"])
        # A wrong step that happens to come to the same explains it least.
        return sorted(dict.fromkeys(found), key=lambda mistake: mistake.rule is not None)


def rank_of_mistake(mistake: Mistake, quantity: str) -> int:
    """How common a mistake of the catalogue is, or a formula with one node changed."""
    if mistake.key not in BY_KEY or mistake.key in SETTINGS_TOO:
        return RARE
    tier = mistake.tier(quantity)
    if not tier:
        return COMMON if mistake.key in MOST_COMMON else KNOWN
    return KNOWN if tier == 1 or mistake.always else RARE
