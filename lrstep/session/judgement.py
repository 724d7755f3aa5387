"""Practice: the next value is hidden until a person types theirs. The judging and the score, without a screen."""

from dataclasses import dataclass
from typing import Literal

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.explain import quantities_of
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import SPACED, applicable, quantities
from lrstep.formulas.update import parameter_letters, update_formulas
from lrstep.why.answer import Answer
from lrstep.why.ask_why import CARELESS, why

FEWEST_DIGITS = 2
"""With fewer digits a guess is right too easily."""

Outcome = Literal["right", "wrong", "too short"]


@dataclass(frozen=True)
class Verdict:
    """What became of a typed value.

    Attributes:
        outcome: "right", "wrong", or "too short" (too few digits to tell; it does not count).
        value: the right value, for showing it when the person gives up or is right.
        sentence: what to say.
        answer: what ``why`` makes of a wrong value; else None.
    """

    outcome: Outcome
    value: float
    sentence: str
    answer: Answer | None = None


@dataclass(frozen=True)
class Score:
    """How many values were right and wrong in a run so far."""

    right: int = 0
    wrong: int = 0

    def counted(self, verdict: Verdict) -> "Score":
        """The score with one more verdict."""
        return Score(self.right + (verdict.outcome == "right"), self.wrong + (verdict.outcome == "wrong"))

    def __str__(self) -> str:
        return f"{self.right} right, {self.wrong} wrong"


def questions(run: Run) -> list[str]:
    """The quantities that can be asked in every iteration, in the order of the computation."""
    asked = set(applicable(run))
    listed = [key for phase in list(Phase)[1:] for key in quantities_of(phase, run) if key in asked]
    # The parameters move by what the optimizer keeps, so that comes first.
    return sorted(listed, key=lambda key: (quantities(run)[key].phase, key in run.parameters))


def hint(run: Run, quantity: str) -> str:
    """How a quantity is computed, in letters; a parameter with its step written out."""
    asked = quantities(run)[quantity]
    if quantity not in run.parameters or asked.parameter is None:
        return f"{asked.symbol} = {asked.formula}"
    formulas, sign = update_formulas(run.settings), parameter_letters(run.parameters)[asked.parameter]
    inner = [name for name in formulas.trees if name not in formulas.slots]
    return f"{sign} = {formulas.written('theta', sign, SPACED, inner)}"


def judge(run: Run, iteration: int, quantity: str, text: str) -> Verdict:
    """Judge a typed value, to the digits typed.

    Args:
        run: the run.
        iteration: from 1.
        quantity: a key of :func:`questions`.
        text: what the person typed.

    Raises:
        LrstepError: the text is no number, or the quantity cannot be asked here.
    """
    if quantity not in applicable(run):
        raise LrstepError(f"{quantity!r} cannot be asked in this run", f"It has: {', '.join(applicable(run))}.")
    typed = parse_number(text)
    asked = quantities(run)[quantity]
    value, label = asked.value(run.iteration(iteration)), asked.label
    if typed.digits < FEWEST_DIGITS and typed.value != value:
        return Verdict("too short", value, f"Give at least {FEWEST_DIGITS} digits of the {label}.")
    if typed.fits(value):
        return Verdict("right", value, f"Right: the {label} is {value!r}.")
    answer = why(run, text, quantity, iteration)
    # float32's rounding, which `why` grants to numbers that Keras printed, is right here too.
    if answer.right and (answer.matches[0].quantity, answer.matches[0].iteration) == (quantity, iteration):
        return Verdict("right", value, f"Right: the {label} is {value!r}.")
    near = abs(typed.value - value) <= CARELESS * abs(value)
    if answer.verdict == "rounded" or (near and answer.verdict != "mistake"):
        return Verdict("right", value, f"Right but for rounding on the way: the {label} is {value!r}.")
    return Verdict("wrong", value, answer.sentence, answer)
