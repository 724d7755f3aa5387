"""The Keras check in plain mode: asked for, waited for, and said."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.plain.voice import Voice
from lrstep.session.check_sentences import in_words, summary
from lrstep.session.checker import Checker

if TYPE_CHECKING:
    import asyncio

    from lrstep.check.verdict import StepVerdict

AT_ONCE = 16
_PORTION = 256
_REPORTED = 1024
_Result = TypeVar("_Result")


class SpokenCheck:
    """Has the checker of a session check steps, waits for it, and says what comes of it.

    Args:
        checker: the session's; what fails turns it off.
        voice: says it.
    """

    def __init__(self, checker: Checker, voice: Voice) -> None:
        self.checker = checker
        self._voice = voice
        self._say = voice.say
        self._runner: asyncio.Runner | None = None

    def start(self, run: Run) -> bool:
        """Turn the check on; whether Keras runs, which a recorded run does not need. It says why if not."""
        import asyncio

        if not run.recorded:
            self._say(f"Keras is starting, in {self.checker.precision}; that takes a few seconds.")
            self._voice.flush()
        self._runner = asyncio.Runner()
        self._wait_for(self.checker.open(run))
        return self.checker.on

    def stop(self) -> None:
        """Turn the check off; no process is left."""
        runner, self._runner = self._runner, None
        if runner is not None:
            # Nobody waits any more for what was under way; a signal may have ended it in the middle.
            runner.get_loop().set_exception_handler(lambda loop, context: None)
            runner.run(self.checker.stop())
            runner.close()

    def around(self, number: int) -> "list[StepVerdict]":
        """Check the step and those near it that have no verdict yet, in their order."""
        book = self.checker.book
        return self._take(book.pending(max(number, 1), AT_ONCE)) if book else []

    def all(self) -> None:
        """Check every step that has no verdict yet; say how far it is and which differ."""
        told = 0
        while (book := self.checker.book) and (numbers := book.pending(1, _PORTION)) and not book.complete:
            for verdict in self._take(numbers):
                if verdict.outcome == "differs":
                    self._say(*in_words(verdict))
            if book.checked - told >= _REPORTED and self.checker.on:
                told = book.checked
                self._say(self.summary)
                self._voice.flush()

    def look_for(self, find: Callable[[], int | None]) -> int | None:
        """Check steps, from the first one on, until what is looked for is found among them."""
        while find() is None and (book := self.checker.book) and not book.complete:
            self._take(book.pending(1, _PORTION))
        return find()

    def verdict(self, number: int) -> "StepVerdict | None":
        """The verdict on a step, which is checked now if it was not yet; None if the check is off or fails."""
        if self.checker.book is None or not number:
            return None
        if self.checker.verdict(number) is None:
            self.around(number)
        return self.checker.verdict(number)

    @property
    def summary(self) -> str:
        """How many steps are checked and confirmed."""
        return summary(self.checker.book, self.checker.computed_in)

    def _take(self, numbers: list[int]) -> "list[StepVerdict]":
        return self._wait_for(self.checker.check(numbers)) or []

    def _wait_for(self, asked: Coroutine[Any, Any, _Result]) -> _Result | None:
        """What was asked for; None where Keras cannot, which is said and turns the check off."""
        assert self._runner is not None
        try:
            return self._runner.run(asked)
        except LrstepError as error:
            self._say(f"Keras cannot check: {error.message}", *error.hint.splitlines())
            self.stop()
            return None
