"""Practice: the next value is hidden until the person types theirs."""

import textwrap

from lrstep.core.iteration import Phase
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import quantities
from lrstep.session.judgement import Score, Verdict, hint, judge, questions
from lrstep.session.styled_rows import Rows, row
from lrstep.session.view import View

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
            " Enter takes it · Enter alone shows the value · Esc or p leaves practice",
            " Enter takes it, or shows the value · Esc leaves",
        )
        return [*rows, view.first_text(width, keys, "dim")]


def _without_the_value(verdict: Verdict, typed: str) -> str:
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
