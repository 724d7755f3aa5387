"""What is said about the Keras check: the line and the marks on the screen, and the sentences of plain mode."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import agreement
from lrstep.formulas.quantities import listed
from lrstep.plural import counted, differ
from lrstep.session.commands import KEYS
from lrstep.session.panels.names import SCROLLING
from lrstep.session.styled_rows import Row, Span, row

if TYPE_CHECKING:
    from lrstep.check.book import CheckBook
    from lrstep.check.drift import Drift, FitPoint
    from lrstep.check.quantity import ComparedQuantity
    from lrstep.check.verdict import StepVerdict

_WORDS = {
    "confirmed": ("✓", "confirmed", "good"),
    "differs": ("✗", "DIFFERS", "bad"),
    "undecided": ("?", "cannot be decided", "warn"),
    "pending": ("·", "not yet checked", "dim"),
}
_GRAVITY = "✓?✗"

MOST_NAMED = 3
"""So many numbers are called by their names."""

STARTING = (row((" Keras is starting …", "keras")), row((" Keras …", "keras")))


FULL = {"float32": 6, "float64": 14}
"""Precision → digits to which numbers mostly agree; of one that agrees to fewer, the sentence speaks by its name."""


def failed(problem: LrstepError, key: str) -> tuple[Row, ...]:
    """The line where Keras cannot check, the longest way to say it first; ``key`` is that of the check."""
    hint = problem.hint.replace("\n", " ")
    return (
        row((f" Keras cannot check: {problem.message}. {hint} · {key} {key} tries again", "warn")),
        row((f" Keras cannot check: {key} tells why and tries again", "warn")),
    )


def status(book: "CheckBook", number: int, precision: str, keys: Mapping[str, str] = KEYS) -> tuple[Row, ...]:
    """The line about the run and one of its steps, the longest way to say it first."""
    confirmed = Span(f"✓ {book.confirmed} of {book.n_iterations} confirmed", "good" if book.confirmed else "dim")
    parts = [Span(" Keras ", "keras"), confirmed]
    if book.differing:
        parts.append(Span(f" ✗ {differ(book.differing)} ({keys['failed_next']}, {keys['failed_back']})", "bad"))
    if book.undecided:
        parts.append(Span(f" ? {book.undecided} beyond {precision}", "warn"))
    verdict = book.verdict(number)
    mark, word, style = _WORDS[book.outcome(number)]
    if not number:
        return (tuple(parts),)
    said = (*parts, Span(f" · step {number} {mark} {word}", style))
    short = (*parts, Span(f" · {mark} {word}", style))
    return (said, short) if verdict is None else ((*said, Span(_detail(verdict), "dim")), said, short)


def _detail(verdict: "StepVerdict") -> str:
    """What stands behind the outcome of a step: how far the two agree, or where they do not."""
    return f", {_alike(verdict)}" if verdict.outcome == "confirmed" else f": {_named(verdict, verdict.outcome)}"


def agreed(verdict: "StepVerdict") -> str:
    """What the check of a step found, in one sentence."""
    match verdict.outcome:
        case "confirmed":
            return f"Keras agrees in {_alike(verdict)}."
        case "differs":
            return f"Keras DIFFERS in {_named(verdict, 'differs')}."
    return f"{verdict.precision} cannot decide {_named(verdict, 'undecided')}; Keras agrees in {_alike(verdict)}."


def _alike(verdict: "StepVerdict") -> str:
    """To how many digits the numbers that agree do so: every number to 7 digits."""
    found = sorted((q for q in verdict.quantities if q.confirmed), key=lambda q: q.digits)
    every = "every number" if len(found) == len(verdict.quantities) else counted(len(found), "number")
    few = [q for q in found if q.digits < FULL[verdict.precision]]
    if not found:
        return "no number"
    if not few or len(few) == len(found):
        return f"{every} {_to(found[0].digits)}"
    named = f"{few[0].label} {_to(few[0].digits)}" if len(few) == 1 else f"{len(few)} to fewer"
    return f"{every} {_to(found[len(few)].digits)}, but {named}, as rounding allows"


def _to(digits: float) -> str:
    return "to the last digit" if digits == math.inf else f"to {agreement(digits)}"


def _named(verdict: "StepVerdict", outcome: str) -> str:
    """The numbers of an outcome, by their names; the number of them where they are many."""
    names = [q.label for q in verdict.quantities if q.outcome == outcome]
    return listed(names) if len(names) <= MOST_NAMED else f"{len(names)} of {len(verdict.quantities)} numbers"


def agreement_table(verdict: "StepVerdict") -> list[str]:
    """Every number of a step by lrstep and by Keras, and to how many digits the two agree."""
    from lrstep.check.headless import aligned

    written = repr if verdict.precision == "float64" else lambda value: f"{value:#.9g}"
    rows = [("", "number", "lrstep", "Keras", "same digits")]
    for q in verdict.quantities:
        same = agreement(q.digits).removesuffix(" digits").removesuffix(" digit")
        rows.append((_WORDS[q.outcome][0], q.label, written(q.engine), written(q.keras), same))
    return aligned(rows)


def marks(verdict: "StepVerdict", panel_of: Mapping[Phase, str], digits: bool = False) -> dict[str, Span]:
    """Panel → the gravest mark of its quantities in a step, and if wanted to how many digits all of them agree."""
    made: dict[str, Span] = {}
    for panel in dict.fromkeys(panel_of.values()):
        found = [quantity for quantity in verdict.quantities if panel_of.get(quantity.phase) == panel]
        if found:
            mark, _, style = _WORDS[max(found, key=lambda q: _GRAVITY.index(_WORDS[q.outcome][0])).outcome]
            least, said = min(quantity.digits for quantity in found), ""
            if digits and panel in SCROLLING:
                said = f" Keras to {agreement(least)}" if least < math.inf else " equal to Keras"
            made[panel] = Span(f"{mark}{said}", style)
    return made


def outcomes(verdict: "StepVerdict") -> dict[str, Span]:
    """Quantity → its mark in a step."""
    return {quantity.name: Span(*_WORDS[quantity.outcome][::2]) for quantity in verdict.quantities}


def drift(point: "FitPoint", free: "Drift", differing: int) -> list[str]:
    """Keras's own ``fit`` at an iteration, and whether rounding explains how far it is from the engine."""
    weights = "   ".join(f"{figure.name} {figure.keras!r}" for figure in point.figures[:-2])
    return [
        "",
        "Keras's own fit, run freely from the same start, at this iteration:",
        f"  {weights}",
        f"  prints loss {point.loss!r}   RMSE {point.rmse!r}",
        *free.lines(differing),
    ]


def summary(book: "CheckBook | None", precision: str) -> str:
    """How many steps are checked and confirmed."""
    if book is None:
        return "The Keras check is off."
    more = f", {differ(book.differing)}" if book.differing else ""
    more += f", {book.undecided} cannot be decided in {precision}" if book.undecided else ""
    if book.complete:
        return f"Keras confirms {book.confirmed} of the run's {counted(book.n_iterations, 'step')}{more}."
    return f"Keras confirms {book.confirmed} of {book.checked} checked steps{more}; the run has {book.n_iterations}."


def in_words(verdict: "StepVerdict") -> list[str]:
    """A verdict on one line; a step that differs has one more for each number that does."""
    match verdict.outcome:
        case "confirmed":
            return [f"Iteration {verdict.iteration}: confirmed by Keras, {_alike(verdict)}"]
        case "undecided":
            return [f"Iteration {verdict.iteration}: cannot be decided in {verdict.precision}"]
    wrong = [quantity for quantity in verdict.quantities if quantity.outcome == "differs"]
    return [f"Iteration {verdict.iteration}: DIFFERS from Keras", *map(quantity_in_words, wrong)]


def quantity_in_words(quantity: "ComparedQuantity") -> str:
    """One number of a step: what Keras has, what lrstep has, how far apart they are and may be."""
    return (
        f"{quantity.label}: {_WORDS[quantity.outcome][1]}; Keras {quantity.keras!r}, lrstep {quantity.engine!r}, "
        f"difference {quantity.difference:.3g}, bound {quantity.bound:.3g}"
    )
