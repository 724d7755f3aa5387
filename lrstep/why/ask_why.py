"""Why is my number different? What gives a number in this run: a figure of it, or a known mistake."""

from dataclasses import dataclass, replace

import numpy as np

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import Typed, parse_number
from lrstep.formulas.quantities import parse_meant, quantities
from lrstep.why import answer_sentence
from lrstep.why.answer import Answer, Match
from lrstep.why.catalogue import BY_KEY, Mistake
from lrstep.why.match_builder import mistake_match, right_match
from lrstep.why.search import SAME, MistakeHit, RightHit, Search, coincides

LISTED_RIGHT, LISTED = 4, 8
"""So many matches are listed: right ones, all."""

SURE = 4
"""With fewer digits some formula with one node changed fits nearly any number by chance."""

LOOSER = ((7, 2e-6), (6, 2e-5))
"""(digits, relative): where nothing fits a number of so many digits, Keras's float32 may have rounded it."""


@dataclass(frozen=True)
class Question:
    """What a person asks: quantities meant (or none), iteration asked for (or None), where the cursor is."""

    meant: tuple[str, ...]
    iteration: int | None
    focus: int

    def fit(self, quantity: str, iteration: int | None) -> int:
        """How many of the things that were said do not fit: 0 to 2."""
        other_quantity = bool(self.meant) and quantity not in self.meant
        other_iteration = self.iteration is not None and iteration != self.iteration
        return other_quantity + other_iteration

    @property
    def said(self) -> bool:
        """Whether the person said what the number was meant to be."""
        return bool(self.meant) or self.iteration is not None


def why(
    run: Run, value_text: str, meant: str | None = None, iteration: int | None = None, cursor: int | None = None
) -> Answer:
    """Find what gives a number in this run.

    A number of d digits fits within half a unit of its last digit. A right value is never called a
    mistake: where a mistake gives the same value as a figure of the run, the figure is what is listed.

    Args:
        run: the run.
        value_text: the number as the person has it.
        meant: what it was meant to be, such as "rmse" or "weight".
        iteration: for which iteration.
        cursor: where the person looks; only decides between answers that are as good.

    Raises:
        LrstepError: the text is no number, no quantity is called as ``meant``, or no such iteration.
    """
    typed = parse_number(value_text)
    if iteration is not None and not 1 <= iteration <= run.n_iterations:
        raise LrstepError(f"There is no iteration {iteration}", f"This run has iterations 1 to {run.n_iterations}.")
    run.require(iteration or 0)
    question = Question(parse_meant(meant, run) if meant else (), iteration, iteration or cursor or 1)
    with np.errstate(all="ignore"):
        return _search(Search(run, iteration or cursor), typed, question)


def _search(search: Search, typed: Typed, question: Question) -> Answer:
    """The answer to the digits typed; where there is none, to the digits that float32 leaves."""
    answer = _answer(search, typed, question)
    as_typed = answer
    for digits, relative in LOOSER:
        if not answer.matches and typed.digits >= digits and typed.value:
            looser = replace(typed, half_unit=max(typed.half_unit, relative * abs(typed.value)))
            answer = _answer(search, looser, question)
            if answer.matches:
                note = f"All of its digits do not fit; within float32's rounding ({relative:g}) it does."
                answer = replace(answer, advice=(note, *answer.advice))
    if not answer.matches and typed.digits >= (SURE if not question.said else SURE - 1):
        answer = _answer(search, typed, question, rewritten=True)
    return answer if answer.matches else as_typed


def _answer(search: Search, typed: Typed, question: Question, rewritten: bool = False) -> Answer:
    right, values = search.right(typed)
    mistakes = search.mistakes(typed, rewritten)
    same = [coincides(hit.value, values) for hit in mistakes]
    readings = [hit for hit, is_right in zip(mistakes, same, strict=True) if is_right and _explains(hit, question)]
    mistakes = [hit for hit, is_right in zip(mistakes, same, strict=True) if not is_right]
    ranked = _rank(search.run, right, mistakes, readings, question)
    matches = _list(search.run, typed, ranked, question)
    nearest: tuple[Match, ...] = ()
    if not matches:
        nearest = tuple(_match(search.run, hit, typed, [], question) for hit in search.nearest(typed.value))
    found = len(ranked)
    sentence = answer_sentence.sentence(search.run, typed, matches, nearest, question.meant, question.iteration)
    return Answer(typed.text, sentence, matches, nearest, _advice(search, typed, found, bool(right)), found)


Ranked = tuple[tuple[float, ...], RightHit | MistakeHit, list[Mistake]]


def _rank(
    run: Run, right: list[RightHit], mistakes: list[MistakeHit], readings: list[MistakeHit], question: Question
) -> list[Ranked]:
    """All that fits, the likeliest first.

    Groups: right as asked; right but standing in the wrong place, where that is a known mix-up; mistakes
    as asked; then what fits the question less. Without a question all right values come before mistakes.
    """
    ranked: list[Ranked] = []
    for one in right:
        mixed_up = _readings_of(run, one, readings, question)
        fit = question.fit(one.quantity, one.iteration)
        group = 0 if not fit else 1 if mixed_up else 2 * fit + 1
        ranked.append(((group, *_right_order(run, one, question)), one, mixed_up))
    order = {key: place for place, key in enumerate(BY_KEY)}
    for hit in mistakes:
        group = 2 * question.fit(hit.quantity, hit.iteration) + 2
        away = abs(hit.iteration - question.focus)
        tier = hit.mistake.tier(hit.quantity)
        ranked.append(((group, tier, order.get(hit.mistake.key, len(order)), away), hit, []))
    return sorted(ranked, key=lambda item: item[0])


def _right_order(run: Run, hit: RightHit, question: Question) -> tuple[float, ...]:
    """Figures that Keras prints first, then inner ones; then the nearest iteration."""
    rank = quantities(run)[hit.quantity].rank
    iteration = hit.iteration if hit.iteration is not None else question.focus
    within_epoch = hit.quantity.startswith("cumulative") and iteration % run.batches.per_epoch != 0
    # Where a batch is all the data, its loss after the update explains more than that of the next iteration.
    if hit.quantity.startswith("full") and hit.iteration and run.batches.per_epoch == 1:
        rank = -1
    if hit.iteration == 0 and hit.quantity.startswith("full"):
        rank = 5
    named = question.meant.index(hit.quantity) if hit.quantity in question.meant else 0
    return named, rank + 0.5 * within_epoch + 0.25 * hit.least_squares, abs(iteration - question.focus)


def _explains(hit: MistakeHit, question: Question) -> bool:
    """Whether a mix-up is about what the person asked for."""
    if question.fit(hit.quantity, hit.iteration):
        return False
    return question.iteration is not None or hit.mistake.family != "position"


def _readings_of(run: Run, hit: RightHit, readings: list[MistakeHit], question: Question) -> list[Mistake]:
    """How a right value may have come to stand in the wrong place."""
    if hit.least_squares and (not question.meant or hit.quantity in question.meant):
        return [BY_KEY["position.least_squares"]]
    if question.said and not question.fit(hit.quantity, hit.iteration):
        return []
    found = [one.mistake for one in readings if abs(one.value - hit.value) <= SAME * abs(hit.value)]
    if question.iteration and hit.iteration and not (question.meant and hit.quantity not in question.meant):
        batches = run.batches
        same_epoch = batches.position(hit.iteration)[0] == batches.position(question.iteration)[0]
        if same_epoch and hit.iteration != question.iteration:
            found.append(BY_KEY["position.other_batch"])
    return list(dict.fromkeys(found))


def _list(run: Run, typed: Typed, ranked: list[Ranked], question: Question) -> tuple[Match, ...]:
    """The matches to show: equal right values as one, a mistake once, and a bounded number of each."""
    listed: list[Match] = []
    also: list[list[str]] = []
    keys: set[str] = set()
    for _, hit, mixed_up in ranked:
        if isinstance(hit, MistakeHit):
            if hit.mistake.key in keys or len(listed) >= LISTED:
                continue
            keys.add(hit.mistake.key)
        else:
            same = next((i for i, m in enumerate(listed) if m.kind == "right" and _equal(m.value, hit.value)), None)
            if same is not None:
                also[same].append(answer_sentence.right_label(run, hit))
                continue
            if sum(m.kind == "right" for m in listed) >= LISTED_RIGHT or len(listed) >= LISTED:
                continue
        listed.append(_match(run, hit, typed, mixed_up, question))
        also.append([])
    return tuple(replace(m, also=_few(others, m)) for m, others in zip(listed, also, strict=True))


def _few(others: list[str], match: Match) -> tuple[str, ...]:
    distinct = [label for label in dict.fromkeys(others) if label != match.label]
    return (*distinct[:3], f"{len(distinct) - 3} more") if len(distinct) > 3 else tuple(distinct)


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-12 * abs(other)


def _match(run: Run, hit: RightHit | MistakeHit, typed: Typed, mixed_up: list[Mistake], question: Question) -> Match:
    if isinstance(hit, MistakeHit):
        return mistake_match(run, hit, typed)
    return right_match(run, hit, typed, mixed_up, explain=question.said or hit.least_squares)


def _advice(search: Search, typed: Typed, found: int, right: bool) -> tuple[str, ...]:
    advice = [typed.note] if typed.note else []
    if found > LISTED_RIGHT and typed.digits <= 4:
        digits = "1 digit fits" if typed.digits == 1 else f"{typed.digits} digits fit"
        advice.append(f"{digits} {found} values and mistakes here; more digits, or what the number is meant to be, "
                      "would narrow that down.")  # fmt: skip
    if not search.complete:
        spans = ", ".join(f"{ctx.numbers[0]} to {ctx.numbers[-1]}" for ctx in search.contexts)
        advice.append(f"This run is long: mistakes and inner figures were searched in iterations {spans}, weights and "
                      f"losses up to iteration {search.last} of {search.run.n_iterations}.")  # fmt: skip
    if search.followed < search.run.n_iterations and not right:
        advice.append(f"Mistakes made in every step were followed up to iteration {search.followed}.")
    return tuple(advice)
