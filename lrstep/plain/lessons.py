"""Lessons in plain mode: the step that it is, said once it begins, its hint, and the list."""

from functools import partialmethod

from lrstep.errors import LrstepError
from lrstep.plain.talk import Commands
from lrstep.plural import counted
from lrstep.session.lesson.course import following
from lrstep.session.lesson.wording import in_words
from lrstep.sources.lesson_progress import gone_on, progress
from lrstep.sources.open_source import open_source, refuse_streams
from lrstep.sources.samples import lessons


class Lessons(Commands):
    """The commands about lessons."""

    _said: tuple[object, int] | None = None

    def tell(self) -> None:
        """What became of an answer, and the step where it is a new one."""
        guide = self._session.guide
        if guide is None or guide.hidden:
            return
        if guide.said:
            self._say(guide.said)
            guide.said = ""
        if self._said != (guide.lesson, guide.at):
            self._step()
        elif guide.hinted and guide.hint:
            self._say(f"Hint: {in_words(guide.hint)}")
            guide.hinted = False

    def _step(self) -> None:
        guide = self._session.guide
        assert guide is not None
        self._said = guide.lesson, guide.at
        if guide.step is None:
            name = following(guide.lesson.name)
            after = f" lesson_next begins the next one, {name}." if name else ""
            self._say(f"Lesson done: {guide.lesson.title}, {counted(len(guide.lesson.steps), 'step')}.{after}")
            return
        self._say(f"Step {guide.at + 1} of {len(guide.lesson.steps)}: {in_words(guide.step.text)}")
        if guide.step.type:
            self._say(f"Here: {guide.step.type}", indent="  ")
        if guide.asks:
            self._say("Type the number.")
        elif guide.ready:
            self._say("lesson_next goes on.")

    def takes_answer(self, line: str) -> bool:
        """Take a line as the answer that a step asks for; whether it was one."""
        guide = self._session.guide
        if guide is None or not guide.asks or not line.lstrip("+-−.")[:1].isdecimal():
            return False
        guide.answer(line)
        self._session.touch()
        return True

    def do_lesson(self, rest: str) -> None:
        """The lessons, or one of them, or that of a file: ``lesson``, ``lesson by-hand``."""
        if not rest:
            for one in lessons():
                done = progress(one.name, one.steps)
                self._say(f"{one.name}: {one.title}" + (f" ({done})" if done else ""))
            self._say("lesson NAME begins one, or goes on with it.")
            return
        refuse_streams(rest)
        source = gone_on(open_source(rest))
        if source.lesson is None:
            raise LrstepError(f"{rest[:40]!r} is no lesson", "lesson lists them.")
        self._talk.load(source)

    def do_hint(self, rest: str) -> None:
        """The hint of this step."""
        guide = self._session.guide
        hint = guide.hint if guide is not None else ""
        self._say(in_words(hint) if hint else "There is no hint here.")

    def do_notes(self, rest: str) -> None:
        """The step of a lesson again, or the notes of a run file."""
        if self._session.guide is not None:
            self._session.guide.hidden = False
            self._step()
        elif self._session.source.notes:
            self._talk.notes()
        else:
            self._say("There are no notes: only lessons and run files have some.")

    def _go(self, command: str, rest: str = "") -> None:
        """To another step, or to the lesson that is begun."""
        if not self._session.enabled(command):
            self._say("There is no lesson to go on with: lesson lists them.")
            return
        before = self._session.run
        self._session.do(command)
        if self._session.run is not before:
            self._talk.opened()

    do_lesson_next, do_begin_numbers = partialmethod(_go, "lesson_next"), partialmethod(_go, "begin_numbers")
    do_begin_words, do_begin_own = partialmethod(_go, "begin_words"), partialmethod(_go, "begin_own")

    def do_lesson_back(self, rest: str) -> None:
        """This step as it began, or the one before it."""
        self._said = None
        self._go("lesson_back")

    def do_begin_alone(self, rest: str) -> None:
        """Just the stepper."""
        self._go("begin_alone")
        if self._session.guide is not None:
            self._say("The lesson is put away; notes shows it again.")
