"""What is said about the Keras check: the line and the marks on the screen, and the sentences of plain mode."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import agreement
from lrstep.session.panels.names import SCROLLING
from lrstep.session.styled_rows import Row, Span, row

if TYPE_CHECKING:
    from lrstep.check.book import CheckBook
    from lrstep.check.drift import FitPoint, FreeRun
    from lrstep.check.quantity import Quantity
    from lrstep.check.verdict import StepVerdict

_WORDS = {
    "confirmed": ("✓", "confirmed", "good"),
    "differs": ("✗", "DIFFERS", "bad"),
    "undecided": ("?", "cannot be decided", "warn"),
    "pending": ("·", "not yet checked", "dim"),
}
_GRAVITY = "✓?✗"

STARTING = (row((" Keras is starting …", "keras")), row((" Keras …", "keras")))


def failed(problem: LrstepError) -> tuple[Row, ...]:
    """The line where Keras cannot check, the longest way to say it first."""
    hint = problem.hint.replace("\n", " ")
    return (
        row((f" Keras cannot check: {problem.message}. {hint} · c tries again", "warn")),
        row((" Keras cannot check: Enter tells why, c tries again", "warn")),
    )


def status(book: "CheckBook", number: int, precision: str) -> tuple[Row, ...]:
    """The line about the run and one of its steps, the longest way to say it first."""
    parts: list[Span] = [Span(" Keras ", "keras")]
    parts.append(Span(f"✓ {book.confirmed} of {book.n_iterations} confirmed", "good" if book.confirmed else "dim"))
    if book.differing:
        parts.append(Span(f" ✗ {book.differing} differ (n, N)", "bad"))
    if book.undecided:
        parts.append(Span(f" ? {book.undecided} beyond {precision}", "warn"))
    verdict = book.verdict(number)
    mark, word, style = _WORDS[book.outcome(number)]
    if not number:
        return (tuple(parts),)
    said = f" · step {number} {mark} {word}"
    short = (*parts, Span(f" · {mark} {word}", style))
    if verdict is None:
        return ((*parts, Span(said, style)), short)
    worst = verdict.worst
    full = f", worst {worst.label}: {worst.share:.0%} of its bound"
    return (
        (*parts, Span(said, style), Span(full, "dim")),
        (*parts, Span(said, style), Span(f", {worst.name} {worst.share:.0%}", "dim")),
        short,
    )


def marks(verdict: "StepVerdict", panel_of: Mapping[Phase, str], digits: bool = False) -> dict[str, Span]:
    """Panel → the gravest mark of its quantities in a step, and if wanted to how many digits all of them agree."""
    made: dict[str, Span] = {}
    for panel in dict.fromkeys(panel_of.values()):
        found = [quantity for quantity in verdict.quantities if panel_of.get(quantity.phase) == panel]
        if found:
            mark, _, style = _WORDS[max(found, key=lambda q: _GRAVITY.index(_WORDS[q.outcome][0])).outcome]
            said = _agreeing(min(quantity.digits for quantity in found)) if digits and panel in SCROLLING else ""
            made[panel] = Span(f"{mark}{said}", style)
    return made


def _agreeing(digits: float) -> str:
    return f" Keras to {agreement(digits)}" if digits < math.inf else " equal to Keras"


def outcomes(verdict: "StepVerdict") -> dict[str, Span]:
    """Quantity → its mark in a step."""
    return {
        quantity.name: Span(_WORDS[quantity.outcome][0], _WORDS[quantity.outcome][2]) for quantity in verdict.quantities
    }


def drift(point: "FitPoint", free: "FreeRun", differing: int) -> list[str]:
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
    more = f", {book.differing} differ" if book.differing else ""
    more += f", {book.undecided} cannot be decided in {precision}" if book.undecided else ""
    if book.complete:
        return f"Keras confirms {book.confirmed} of the run's {book.n_iterations} steps{more}."
    return f"Keras confirms {book.confirmed} of {book.checked} checked steps{more}; the run has {book.n_iterations}."


def in_words(verdict: "StepVerdict") -> list[str]:
    """A verdict on one line; a step that differs has one more for each number that does."""
    worst = verdict.worst
    match verdict.outcome:
        case "confirmed":
            share = f"; {worst.label} uses {worst.share:.0%} of its bound" if worst.share else ""
            return [f"Iteration {verdict.iteration}: confirmed by Keras{share}"]
        case "undecided":
            return [f"Iteration {verdict.iteration}: cannot be decided in {verdict.precision}"]
    wrong = [quantity for quantity in verdict.quantities if quantity.outcome == "differs"]
    return [f"Iteration {verdict.iteration}: DIFFERS from Keras", *map(quantity_in_words, wrong)]


def quantity_in_words(quantity: "Quantity") -> str:
    """One number of a step: what Keras has, what lrstep has, how far apart they are and may be."""
    return (
        f"{quantity.label}: {_WORDS[quantity.outcome][1]}; Keras {quantity.keras!r}, lrstep {quantity.engine!r}, "
        f"difference {quantity.difference:.3g}, bound {quantity.bound:.3g}"
    )
