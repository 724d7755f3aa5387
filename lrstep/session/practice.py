"""Practice: the next value is hidden until the person types theirs."""

import textwrap

from lrstep.core.iteration import Phase
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import quantities
from lrstep.session.judgement import Score, Verdict, judge, questions
from lrstep.session.styled_rows import Rows, row
from lrstep.session.view import View

_TYPED = set("0123456789.,-+eE")


class Practice:
    """What is asked, what is typed, and the score.

    Args:
        run: the run.
        iteration: the first iteration that is asked about, from 1.

    Attributes:
        over: the last quantity of the last iteration was answered.
    """

    HEIGHT = 4
    """Lines that it needs below the panels."""

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
        of_batches = {*METRICS, "cumulative_loss", "cumulative_rmse"}
        if later & of_batches:
            later |= of_batches
        if later & {"full_loss", "full_rmse"}:
            later |= {"full_loss", "full_rmse"}
        return frozenset(later)

    def move_to(self, iteration: int) -> None:
        """Ask about another iteration, from its first quantity on."""
        if iteration != self.iteration:
            self.iteration, self._place, self.typed, self.said = max(iteration, 1), 0, "", ""

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; whether it was one for practice."""
        if character and character in _TYPED:
            self.typed += character
        elif key == "backspace":
            self.typed = self.typed[:-1]
        elif key == "enter":
            self.answer(self.typed)
        else:
            return False
        return True

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
            self.said = str(error).replace("\n", " ")
            return
        self._take(verdict)

    def _take(self, verdict: Verdict) -> None:
        self.score = self.score.counted(verdict)
        self.typed = ""
        if verdict.outcome == "right":
            self.said = f"✓ {verdict.sentence}"
            self._forward()
        else:
            self.said = _without_the_value(verdict) if verdict.outcome == "wrong" else verdict.sentence

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
        said = textwrap.wrap(self.said, width - 2, break_long_words=False, break_on_hyphens=False)[:2]
        rows = [ask, *(row((f" {line}", "warn")) for line in said)]
        rows += [row("")] * (self.HEIGHT - 1 - len(rows))
        keys = (
            " Enter takes it · Enter alone shows the value · Esc or p leaves practice",
            " Enter takes it, or shows the value · Esc leaves",
        )
        return [*rows, view.first_fit(width, *(row((text, "dim")) for text in keys))]


def _without_the_value(verdict: Verdict) -> str:
    """What a wrong answer looks like to ``why``, without giving the right one away."""
    # Where `why` is not sure what was done, no reason is better than a wrong one.
    if verdict.answer is None or verdict.answer.verdict != "mistake":
        return "✗ Not right, and no mistake that is known here. Try again."
    match = verdict.answer.matches[0]
    return f"✗ Not right: this is {'the ' if match.of_run else ''}{match.label}. {match.explanation}"
