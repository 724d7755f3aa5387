"""Why is my number different? What gives a number in this run: a figure of it, or something that people get wrong."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import parse_number, short
from lrstep.formulas.quantities import quantities
from lrstep.plural import counted
from lrstep.why import answer_sentence, single_precision
from lrstep.why.answer import Answer, Match, Verdict
from lrstep.why.chance import FEWEST
from lrstep.why.epoch_orders import HOW, orders_sentence
from lrstep.why.finding import Finding, Guessed
from lrstep.why.match_builder import guess_match, mistake_match, right_match
from lrstep.why.not_finite import is_not_finite, why_not_finite
from lrstep.why.question import Asked, Question
from lrstep.why.search import MistakeHit, RightHit, Search
from lrstep.why.worlds import COMMON

LISTED_RIGHT, LISTED = 4, 8
"""So many matches are listed: right ones, all."""

LONG, FLOAT32_NEAR, MANY = 6, 1e-5, 20
"""A number of so many digits may be a figure of Keras, off by such a part; so many near ones are looked at."""

CARELESS = 0.01
"""A number that is off by no more than this part, for which nothing else is found, may be rounded on the way."""

Progress = Callable[[str], None]
"""Is told what is being searched, while it is."""


def why(
    run: Run, value_text: str, meant: str | None = None, iteration: int | None = None, cursor: int | None = None,
    progress: Progress = lambda what: None, pause: Callable[[], None] = lambda: None,
) -> Answer:  # fmt: skip
    """Find what gives a number in this run.

    A number of d digits fits within half a unit of its last digit. A right value is never called a mistake, and a
    mistake is named only where hardly any of the guesses tried would fit by chance.

    Args:
        run: the run.
        value_text: the number as the person has it.
        meant: what it was meant to be, such as "rmse" or "weight".
        iteration: for which iteration.
        cursor: where the person looks; with ``meant`` it is the iteration asked about where none is given.
        progress: is told what is being searched, while it is.
        pause: is called every few milliseconds of a search; what it raises ends the search.

    Raises:
        LrstepError: the text is no number, no quantity is called as ``meant``, or no such iteration.
    """
    if is_not_finite(value_text):
        return why_not_finite(run, value_text)
    typed = parse_number(value_text)
    if iteration is not None and not 1 <= iteration <= run.n_iterations:
        raise LrstepError(f"There is no iteration {iteration}", f"This run has iterations 1 to {run.n_iterations}.")
    run.require(iteration or 0)
    question = Question.of(run, meant, iteration, cursor)
    with np.errstate(all="ignore"):
        search = Search(run, iteration or cursor)
        return _Answering(Finding(search, typed, question, progress, pause)).answer()


class _Answering:
    """One question on its way to the answer."""

    def __init__(self, finding: Finding) -> None:
        self.finding, self.search, self.run = finding, finding.search, finding.run
        self.typed, self.question = finding.typed, finding.question

    def answer(self) -> Answer:
        """The answer."""
        if (note := self._right_here()) is not None:
            return self._made("right", note)
        if self._right_somewhere():
            return self._made("right")
        if (note := self._printed_by_keras()) is not None:
            return self._made("right", note)
        self.finding.look()
        best = self.finding.best
        if best is None:
            return self._nothing()
        if not self.finding.sure:
            return self._made("unsure")
        return self._made("rounded" if best.kind == "rounding" else "mistake")

    def _right_here(self) -> str | None:
        """Whether the number is right where it was asked for, and what to say of that; None where it is not."""
        for hit in self.finding.right:
            if self.question.meant and self.question.fits(hit.quantity, hit.iteration):
                return ""
        asked = self._asked()
        if asked.right is None or asked.quantity is None or asked.iteration is None:
            return None
        return self._rounded_to(asked.quantity, asked.iteration, asked.right)

    def _printed_by_keras(self) -> str | None:
        """The same for a figure of the run that the person did not name, given with many digits."""
        if self.typed.digits < LONG or (self.question.meant and self.question.iteration):
            return None
        wider = self.typed._replace(half_unit=max(self.typed.half_unit, FLOAT32_NEAR * abs(self.typed.value)))
        for hit in self.search.right(wider)[0][:MANY]:
            plain = hit.iteration and hit.row is None and self.question.fits(hit.quantity, hit.iteration)
            if plain and (note := self._rounded_to(hit.quantity, hit.iteration or 0, hit.value)) is not None:
                return note
        return None

    def _rounded_to(self, quantity: str, iteration: int, right: float) -> str | None:
        """What to say where float32 explains the distance from a right value; None where it does not."""
        off = abs(self.typed.value - right)
        reach = single_precision.reach(self.run, quantity, iteration, off)
        if off > reach + self.typed.half_unit:
            return None
        self.finding.accept(RightHit(quantity, iteration, right))
        return f"It is off by {off:.1g}; float32 explains up to {reach:.1g} there."

    def _right_somewhere(self) -> bool:
        """Whether the number is a figure of the run, where the person did not say which."""
        if self.question.meant and self.question.iteration:
            return False
        return any(self.question.fits(hit.quantity, hit.iteration) for hit in self.finding.right)

    def _asked(self) -> Asked:
        meant, iteration = self.question.meant, self.question.iteration
        if not meant:
            return Asked(None, iteration, None)
        best = self.finding.best
        quantity = best.quantity if best and best.quantity in meant else meant[0]
        return Asked(quantity, iteration, self.question.right(self.run, quantity, iteration))

    def _made(self, verdict: Verdict, note: str = "") -> Answer:
        """What is said where something fits."""
        matches, asked = self._matches(), self._asked()
        if verdict == "right" and self.question.said:
            asked = Asked(matches[0].quantity, matches[0].iteration, matches[0].value)
        return self._answer(verdict, asked, matches, note=note)

    def _nothing(self) -> Answer:
        """What is said where nothing fits."""
        asked = self._asked()
        verdict: Verdict = "unknown"
        if asked.known and asked.right and abs(self.typed.value - asked.right) <= CARELESS * abs(asked.right):
            verdict = "rounded"
        elif self.typed.digits < FEWEST and self.question.said:
            verdict = "unsure"
        nearest = () if asked.known else tuple(self._match(hit) for hit in self.search.nearest(self.typed.value))
        return self._answer(verdict, asked, (), nearest)

    def _answer(
        self, verdict: Verdict, asked: Asked, matches: tuple[Match, ...], nearest: tuple[Match, ...] = (),
        note: str = "",
    ) -> Answer:  # fmt: skip
        found = self.finding.found if matches else 0
        sentence = answer_sentence.sentence(
            self.run, self.typed, asked, verdict, matches, nearest, self.question, found
        )
        chaos, advice = self._chaos(asked, verdict), self._advice(verdict, note)
        if not matches and (elsewhere := self.finding.elsewhere[:LISTED_RIGHT]):
            matches, nearest, found = tuple(map(self._match, elsewhere)), (), len(elsewhere)
        return Answer(
            self.typed.text, asked, "unsure" if chaos else verdict, chaos or sentence, matches, nearest, advice, found
        )

    def _chaos(self, asked: Asked, verdict: Verdict) -> str:
        if verdict == "right" or asked.right is None or asked.quantity is None or asked.iteration is None:
            return ""
        apart = single_precision.apart(self.run, asked.quantity, asked.iteration)
        off = abs(self.typed.value - asked.right)
        if apart < single_precision.CHAOS or off > apart * abs(asked.right):
            return ""
        label = quantities(self.run)[asked.quantity].label
        return (
            f"The {label} of iteration {asked.iteration} is {short(asked.right)}, but by then rounding alone has let "
            f"runs part by {100 * apart:.2g} %: a number that is off by less says nothing of what was done."
        )

    def _matches(self) -> tuple[Match, ...]:
        listed: list[Match] = []
        also: list[list[str]] = []
        named: set[str] = set()
        for hit in self.finding.ranked:
            right = isinstance(hit, RightHit)
            label = answer_sentence.right_label(self.run, hit) if isinstance(hit, RightHit) else hit.key
            if label in named:
                continue
            named.add(label)
            near = [abs(m.value - hit.value) <= 1e-12 * abs(hit.value) and m.of_run and right for m in listed]
            if any(near):
                also[near.index(True)].append(label)
            elif len(listed) < LISTED and not (right and sum(m.of_run for m in listed) >= LISTED_RIGHT):
                listed.append(self._match(hit))
                also.append([])
        return tuple(replace(m, also=_few(others, m)) for m, others in zip(listed, also, strict=True))

    def _match(self, hit: RightHit | MistakeHit | Guessed) -> Match:
        rank = self.finding.rank(hit)
        if isinstance(hit, Guessed):
            made = guess_match(self.run, hit, self.typed)
        elif isinstance(hit, MistakeHit):
            made = mistake_match(self.run, hit, self.typed)
        else:
            mixed_up = self.finding.readings_of(hit)
            made = right_match(self.run, hit, self.typed, mixed_up, self.question.said or hit.least_squares)
            here = self.question.fits(hit.quantity, hit.iteration)
            made = replace(made, kind="right" if here or rank is None else "reading")
        return replace(made, chance=self.finding.chance(hit), common=rank == COMMON)

    def _advice(self, verdict: Verdict, note: str) -> tuple[str, ...]:
        advice = [said for said in (note, self.typed.note) if said]
        found = self.finding.found
        if verdict == "right" and found > LISTED_RIGHT and self.typed.digits <= FEWEST:
            fit = f"{counted(self.typed.digits, 'digit')} fit{'s' * (self.typed.digits == 1)}"
            advice.append(f"{fit} {found} values here; more digits, or what the number is meant to be, would narrow "
                          "that down.")  # fmt: skip
        if not self.search.complete and not self.question.iteration:
            spans = ", ".join(f"{ctx.numbers[0]} to {ctx.numbers[-1]}" for ctx in self.search.contexts)
            advice.append(f"This run is long: mistakes and inner figures were searched in iterations {spans}, weights "
                          f"and losses up to iteration {self.search.last} of {self.run.n_iterations}.")  # fmt: skip
        if verdict != "right":
            advice += self.finding.left_out
            if not self.question.meant:
                advice.append("Say what the number is meant to be, and of which iteration: then fewer guesses fit by "
                              "chance.")  # fmt: skip
            advice += self._about_order(verdict)
        return tuple(advice)

    def _about_order(self, verdict: Verdict) -> list[str]:
        """That Keras shuffles, and which orders would give the number, where another cause is not sure."""
        best = self.finding.best
        explained = best is not None and best.kind != "order" and verdict in ("mistake", "rounded")
        if explained or self.run.recorded or self.run.batches.per_epoch == 1:
            return []
        asked = self._asked()
        if asked.quantity and asked.iteration:
            found = orders_sentence(self.run, self.typed, asked.quantity, asked.iteration)
            if found:
                return [found]
        if self.run.settings.shuffle:
            return [f"Keras and NumPy shuffle differently, also with the same seed. {HOW}"]
        return [f"This run takes the samples in the order of the data, and Keras shuffles by default. {HOW}"]


def _few(others: list[str], match: Match) -> tuple[str, ...]:
    distinct = [label for label in dict.fromkeys(others) if label != match.label]
    return (*distinct[:3], f"{len(distinct) - 3} more") if len(distinct) > 3 else tuple(distinct)
