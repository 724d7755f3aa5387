"""Practice: the next value is hidden until the person types theirs, which is judged to the digits typed."""

import textwrap
from dataclasses import dataclass
from typing import Literal

from lrstep.core.iteration import Phase
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.explain import quantities_of
from lrstep.formulas.numerals import FEWEST_DIGITS, parse_number
from lrstep.formulas.quantities import SPACED, applicable, quantities
from lrstep.formulas.update import parameter_letters, update_formulas
from lrstep.session.styled_rows import Rows, row
from lrstep.session.view import View
from lrstep.why.answer import Answer
from lrstep.why.ask_why import CARELESS, why


@dataclass(frozen=True)
class PracticeResult:
    """What became of a typed value.

    Attributes:
        outcome: "right", "wrong", or "too short" (too few digits to tell; it does not count).
        sentence: what to say.
        answer: what ``why`` makes of a wrong value; else None.
    """

    outcome: Literal["right", "wrong", "too short"]
    sentence: str
    answer: Answer | None = None


@dataclass(frozen=True)
class Score:
    """How many values were right and wrong in a run so far."""

    right: int = 0
    wrong: int = 0

    def counted(self, verdict: PracticeResult) -> "Score":
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


def judge(run: Run, iteration: int, quantity: str, text: str) -> PracticeResult:
    """Judge a typed value, to the digits typed.

    Args:
        run: the run.
        iteration: from 1.
        quantity: a key of :func:`questions`.
        text: what the person typed.

    Raises:
        LrstepError: the text is no number.
    """
    typed = parse_number(text)
    asked = quantities(run)[quantity]
    value, label = asked.value(run.iteration(iteration)), asked.label
    if typed.digits < FEWEST_DIGITS and typed.value != value:
        return PracticeResult("too short", f"Give at least {FEWEST_DIGITS} digits of the {label}.")
    if typed.fits(value):
        return PracticeResult("right", f"Right: the {label} is {value!r}.")
    answer = why(run, text, quantity, iteration)
    # float32's rounding, which `why` grants to numbers that Keras printed, is right here too.
    if answer.right and (answer.matches[0].quantity, answer.matches[0].iteration) == (quantity, iteration):
        return PracticeResult("right", f"Right: the {label} is {value!r}.")
    near = abs(typed.value - value) <= CARELESS * abs(value)
    if answer.verdict == "rounded" or (near and answer.verdict != "mistake"):
        return PracticeResult("right", f"Right but for rounding on the way: the {label} is {value!r}.")
    return PracticeResult("wrong", answer.sentence, answer)


_BEGINS = set("0123456789.,-+− ")
"""What an answer begins with; any other character is a command as long as nothing is typed."""

_LONGEST = 60
"""Characters of an answer."""

_SURE_DIGITS = 5
"""With fewer digits more of them may bring out a reason."""


class Practice:
    """What is asked, what is typed, and the score.

    Args:
        run: the run.
        iteration: the first iteration that is asked about, from 1.

    Attributes:
        over: the last quantity of the last iteration was answered.
    """

    HEIGHT = 4
    """Lines that it has below the panels; a long reason takes more."""

    def __init__(self, run: Run, iteration: int) -> None:
        self.run = run
        self.iteration = iteration
        self.score = Score()
        self.typed = ""
        self.said = ""
        self.over = False
        self._asked = questions(run)
        self._place = 0

    @property
    def quantity(self) -> str:
        """Key of the quantity that is asked."""
        return self._asked[self._place]

    @property
    def phase(self) -> Phase:
        """The phase that computes it."""
        return quantities(self.run)[self.quantity].phase

    @property
    def hidden(self) -> frozenset[str]:
        """What the panels may not show: the quantity, those after it, and the same one in another form."""
        later = set(self._asked[self._place :])
        for alike in ({*METRICS, "cumulative_loss", "cumulative_rmse"}, {"full_loss", "full_rmse"}):
            if later & alike:
                later |= alike
        return frozenset(later)

    def move_to(self, iteration: int) -> None:
        """Ask about another iteration, from its first quantity on."""
        if iteration != self.iteration:
            self.iteration, self._place, self.typed, self.said = max(iteration, 1), 0, "", ""

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; whether it was one for practice."""
        if character and character.isprintable() and (self.typed or character in _BEGINS):
            self.typed = (self.typed + character).lstrip()[:_LONGEST]
        elif key == "backspace":
            self.typed = self.typed[:-1]
        elif key == "enter":
            self.answer(self.typed)
        else:
            return False
        return True

    def paste(self, text: str) -> None:
        """Add the first line of a pasted text to what is typed."""
        line = next(iter(text.strip().splitlines()), "")
        self.typed = (self.typed + line.strip())[:_LONGEST]

    def answer(self, typed: str) -> None:
        """Judge a value; "" shows the right one and goes on."""
        if not typed:
            asked = quantities(self.run)[self.quantity]
            self.said = f"The {asked.label} is {asked.value(self.run.iteration(self.iteration))!r}."
            self._forward()
            return
        try:
            verdict = judge(self.run, self.iteration, self.quantity, typed)
        except LrstepError as error:
            self.said = str(error).replace("\n", ". ")
            return
        self.score = self.score.counted(verdict)
        self.typed = ""
        if verdict.outcome == "right":
            self.said = f"✓ {verdict.sentence}"
            self._forward()
        else:
            self.said = _without_the_value(verdict, typed) if verdict.outcome == "wrong" else verdict.sentence

    def _forward(self) -> None:
        self._place += 1
        if self._place < len(self._asked):
            return
        self._place = 0
        self.over = self.iteration == self.run.n_iterations
        self.iteration = min(self.iteration + 1, self.run.n_iterations)

    def lines(self, view: View, width: int) -> Rows:
        """The question, the typed text, and what became of the last answer."""
        asked = quantities(self.run)[self.quantity]
        typed = self.typed[-24:] + "_"
        questions = (
            f" Practice ({self.score}) · iteration {self.iteration}: {asked.label} = ",
            f" Practice ({self.score.right}:{self.score.wrong}) · iteration {self.iteration}: {asked.label} = ",
            f" It. {self.iteration}: {asked.label} = ",
            f" {asked.label} = ",
            f" {asked.symbol} = ",
        )
        ask = view.first_fit(width, *(row((text, "strong"), (typed, "changed")) for text in questions))
        said = textwrap.wrap(self.said, width - 2, break_long_words=False, break_on_hyphens=False)
        rows = [ask, *(row((f" {line}", "warn")) for line in said)]
        if len(said) < self.HEIGHT - 2:
            formula = textwrap.wrap(hint(self.run, self.quantity), width - 2)
            rows += [row((f" {line}", "dim")) for line in formula[: self.HEIGHT - 2 - len(said)]]
        if len(said) >= self.HEIGHT - 1:
            return rows  # the whole reason, in the place of the keys
        rows += [row("")] * (self.HEIGHT - 1 - len(rows))
        keys = (
            f" Enter takes it · Enter alone shows the value · Esc or {view.keys['practice']} leaves practice",
            " Enter takes it, or shows the value · Esc leaves",
        )
        return [*rows, view.first_text(width, keys, "dim")]


def _without_the_value(verdict: PracticeResult, typed: str) -> str:
    """What a wrong answer looks like to ``why``, without giving the right one away."""
    # Where `why` is not sure what was done, no reason is better than a wrong one.
    if verdict.answer is None or verdict.answer.verdict != "mistake":
        if parse_number(typed).digits < _SURE_DIGITS:
            return "✗ Not right. With all its digits the reason may show."
        return "✗ Not right, and no mistake that is known here. Try again."
    match = verdict.answer.matches[0]
    cause = match.name.partition(", computed ")[2]
    reason = f"this comes out {cause}" if cause else f"this is the {match.label.partition(' (')[0]}"
    return f"✗ Not right: {reason}. {match.explanation}".strip()
