"""A lesson that is gone through: the step it is at, what was done in it, and how it is left."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.formulas.numerals import FEWEST_DIGITS, parse_number
from lrstep.session.lesson import waiting, wording
from lrstep.session.lesson.waiting import Pupil
from lrstep.session.look import Look
from lrstep.sources.lesson_file import Lesson, LessonStep
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import RunFile
from lrstep.sources.source import Source

PATIENCE = 4
"""Commands that led nowhere, after which the hint is given."""

_DIGITS, _TYPED = set("0123456789.-"), set("0123456789.,-+eE")


class Moment(NamedTuple):
    """What was open and how it was looked at when a step began."""

    source: Source
    run_file: RunFile
    look: Look

    def is_now(self, session: Pupil) -> bool:
        """Whether it is still so."""
        return self.run_file == session.run_file and self.look.chosen() == session.look.chosen()


@dataclass
class Guide:
    """Goes through a lesson with a session; :meth:`look` after every change of it.

    A step is over the moment all that it waits for holds. Where that holds before anything was done, or nothing is
    waited for, the step is ``ready``: the person reads it and goes on.

    Attributes:
        lesson: the lesson.
        at: how many steps are done; as many as there are where the lesson is over.
        ready: whether the step is only to be read.
        hinted: whether its hint is shown.
        hidden: whether the person has put the lesson away.
        typed: what is typed of an answer.
        said: what became of the last answer.
    """

    lesson: Lesson
    at: int = 0
    ready: bool = False
    hinted: bool = False
    hidden: bool = False
    typed: str = ""
    said: str = ""
    _begun: dict[int, "Moment"] = field(default_factory=dict)
    _again: "Moment | None" = None
    _done: set[str] = field(default_factory=set)
    _tries: int = 0
    _is_new: bool = True

    @property
    def step(self) -> LessonStep | None:
        """The step; None where the lesson is over."""
        return self.lesson.steps[self.at] if self.at < len(self.lesson.steps) else None

    @property
    def teaches(self) -> bool:
        """Whether there is a step to be seen."""
        return self.step is not None and not self.hidden

    @property
    def hint(self) -> str:
        """The hint of the step; where it has none, how to get to the place that it waits for."""
        if self.step is None:
            return ""
        place = self.step.until.get("at")
        return self.step.hint or ("" if place is None else f"{{go_to}} {place} Enter leads on.")

    @property
    def asks(self) -> bool:
        """Whether an answer is to be typed."""
        return self.teaches and self.step is not None and "answer" in self.step.until and "answer" not in self._done

    # --- going on --------------------------------------------------------------------------------

    def did(self, command: str) -> None:
        """A command is done, or is about to be."""
        self.said = ""
        self._done.add(command)
        self._tries += 1
        self.hinted = self.hinted or self._tries > PATIENCE

    def look(self, session: Pupil) -> None:
        """Go on if what the step waits for holds now."""
        if not self.teaches or session.computing or not session.arrived:
            return
        if self._is_new:
            self._begin(session)
        elif not self._holds(session):
            self.ready = False
        elif not self.ready:
            self.go_on(session)

    def go_on(self, session: Pupil) -> None:
        """Take the next step, whatever became of this one."""
        if self.step is not None:
            self.at += 1
            self._begin(session)

    def wait_no_longer(self) -> bool:
        """Give the hint after a while; whether there is a new one."""
        new = self.teaches and not self.hinted and not self.ready
        self.hinted = self.hinted or new
        return new

    def go_back(self, session: Pupil) -> None:
        """Have the step as it began; where it is so, the step before it, as that began."""
        began = self._begun.get(self.at)
        if self.at and (began is None or began.is_now(session)):
            self.at -= 1
            began = self._begun.get(self.at)
        self._is_new, self._again = True, began
        if began is not None:
            session.load(began.source)
        else:
            self.look(session)

    def _begin(self, session: Pupil) -> None:
        self._is_new = False
        self._done, self._tries, self.hinted, self.typed = set(), 0, False, ""
        step = self.step
        if self._again is not None:
            session.look.choose(self._again.look)
            self._again = None
        elif step is not None and step.show:
            session.look.show_chart("" if step.show == PANELS_SHOWN else step.show)
        self._begun[self.at] = Moment(session.here, session.run_file, replace(session.look))
        self.ready = self._holds(session)

    def _holds(self, session: Pupil) -> bool:
        step = self.step
        if step is None:
            return False
        passed = () if session.on_screen else waiting.ON_SCREEN
        until = {name: value for name, value in step.until.items() if name not in passed}
        if "answer" in until and "answer" not in self._done:
            return False
        return until.get("command") in (None, *self._done) and waiting.holds(session, until)

    # --- an answer -------------------------------------------------------------------------------

    def key(self, key: str, character: str | None) -> bool:
        """Take a key for the answer; whether it was one."""
        if not self.asks:
            return False
        if character and character in (_TYPED if self.typed else _DIGITS):
            self.typed += character
        elif key == "backspace" and self.typed:
            self.typed = self.typed[:-1]
        elif key == "enter" and self.typed:
            self.answer(self.typed)
        else:
            return False
        return True

    def answer(self, text: str) -> None:
        """Judge an answer."""
        until, self.typed = self.step.until if self.step is not None else {}, ""
        try:
            typed = parse_number(text)
        except LrstepError as error:
            self.said = f"{error.message}."
            return
        value, tolerance = float(until["answer"]), float(until.get("tolerance", 0))
        if typed.digits < FEWEST_DIGITS and typed.value != value:
            self.said = f"Give at least {FEWEST_DIGITS} digits."
        elif typed.fits(value) or abs(typed.value - value) <= tolerance:
            self.said = f"✓ {text} is right."
            self._done.add("answer")
        else:
            self.said = f"✗ {text} is not it."
            self.hinted = True


PANELS_SHOWN = "panels"
"""What a step shows to have the panels, where charts take their place."""


def require(source: Source) -> None:
    """Refuse a lesson of which a step cannot be gone through.

    Args:
        source: that of the lesson.

    Raises:
        LrstepError: the lesson and its step, what is wrong in it, and how to mend it.
    """
    name, steps = (source.lesson.name, source.lesson.steps) if source.lesson is not None else ("", ())
    run = source.run()
    for number, step in enumerate(steps, 1):
        try:
            wording.require(step)
            wording.pressed(step)
            if step.show != PANELS_SHOWN:
                waiting.require_name("chart", step.show or "fit", "show")
            if step.until.get("data"):
                source = open_source(step.until["data"])
                run = source.run()
            if step.until.get("settings"):
                run = source.changed(run.settings.changed(**step.until["settings"])).run()
            waiting.require(step.until, run)
        except LrstepError as error:
            raise LrstepError(f"{name}, step {number}: {error.message}", error.hint) from None
