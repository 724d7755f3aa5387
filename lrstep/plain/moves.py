"""Moving through a run by typed lines, and what is said where nothing is further."""

from functools import partialmethod

from lrstep.errors import LrstepError
from lrstep.plain.talk import PATIENCE, Commands
from lrstep.plain.voice import WIDTH
from lrstep.plural import capitalized
from lrstep.session.panels.models import END, models, models_shown
from lrstep.session.styled_rows import plain

LISTED = 25
"""Lines of the table of models, its head among them."""

_LONGEST = 18
"""Digits of an iteration."""


class Moves(Commands):
    """The commands that move the cursor, and those that say a place again."""

    def do_show(self, rest: str) -> None:
        """Say this place again."""
        self._talk.tell()

    def do_batch(self, rest: str) -> None:
        """All samples of this batch."""
        view = self._session.view
        if view.number:
            self._talk.account.samples(view, all_of_them=True)
        else:
            self._say("The start has no batch: next takes the first one.")

    def do_models(self, rest: str) -> None:
        """The models around this place, or around another iteration: ``models``, ``models 100``."""
        session = self._session
        if rest and not (rest.isascii() and rest.isdecimal() and len(rest) <= _LONGEST):
            raise LrstepError(f"{rest!r} is no iteration", "models shows those around this place, models 100 others.")
        view = session.view.but(focus="", model=min(int(rest), session.run.n_iterations) if rest else None)
        last = models_shown(view, LISTED, legend=False).stop - 1
        while not session.run.advance(min(last, session.run.reach), PATIENCE):
            self._say(f"Computing iteration {session.run.computed} of {last}.")
        self._talk.voice.rows(plain(models(view, WIDTH, LISTED, legend=False)))
        self._say(f"{END} is the end of an epoch, whose RMSE Keras keeps.")

    def _step(self, command: str, rest: str) -> None:
        """So many iterations, epochs or phases on or back, by default one."""
        count, session = _count(rest), self._session
        if not session.enabled(command):
            forward = f"This is the last iteration, {session.run.n_iterations} of {session.run.n_iterations}."
            self._say(forward if command.endswith("next") else "This is the start: nothing comes before it.")
            return
        session.do(command, count)
        # A phase that was stepped to is said by itself, the last one too.
        self._talk.arrive(whole=False if command.startswith("phase") and session.number else None)

    do_next, do_back = partialmethod(_step, "next"), partialmethod(_step, "back")
    do_epoch_next, do_epoch_back = partialmethod(_step, "epoch_next"), partialmethod(_step, "epoch_back")
    do_phase_next, do_phase_back = partialmethod(_step, "phase_next"), partialmethod(_step, "phase_back")

    def do_go_to(self, rest: str) -> None:
        """To a place, or to where a condition holds."""
        words = rest.removeprefix("to ").strip()
        if not words:
            last = self._session.run.n_iterations
            hint = f"An iteration 0 to {last}, such as g 5; g e3, g e3b2, g 5.gradient; g rmse<20, g back rmse<20."
            raise LrstepError("go where?", hint)
        before = self._session.number
        self._session.go_to(words)
        self._found(before)

    def _found(self, before: int) -> None:
        """Wait until a search is over, say what came of it, and what is there, if that is elsewhere than before."""
        self._talk.wait()
        if self._session.notice:
            self._say(f"{capitalized(self._session.notice)}.")
        if self._session.number != before or not self._session.notice:
            self._talk.tell()

    def do_continue(self, rest: str) -> None:
        """To the next breakpoint, or to the end."""
        session = self._session
        ahead = session.breakpoints.ahead(session.run, session.number, session.run.n_iterations)
        if session.breakpoints.conditions:
            before = session.number
            session.look_for(ahead)
            self._found(before)
        if ahead.found is None:
            self._jump("end", "")

    def do_breakpoints(self, rest: str) -> None:
        """Set one, clear one or all, or say which there are: ``break rmse<20``, ``break off 1``, ``break off``."""
        breakpoints = self._session.breakpoints
        word, _, which = rest.partition(" ")
        if word.lower() in ("off", "clear"):
            if which:
                breakpoints.remove(_place(which, len(breakpoints.texts)) - 1)
            else:
                breakpoints.clear()
        elif rest:
            breakpoints.add(rest, self._session.run)
        listed = [f"{place}: {text}" for place, text in enumerate(breakpoints.texts, 1)]
        self._say(*(listed or ["No breakpoint is set: break rmse<20 sets one, continue goes there."]))

    def _jump(self, command: str, rest: str) -> None:
        """To the start, or to the last iteration."""
        self._session.do(command)
        self._talk.arrive()

    do_start = do_restart = partialmethod(_jump, "start")
    do_end = partialmethod(_jump, "end")

    def _to_failed(self, direction: int, rest: str) -> None:
        """To the next or the previous step that differs from Keras."""
        number = self._session.failed(direction)
        if number is None and self._session.run.recorded:  # which needs no Keras
            number = self._talk.check.look_for(lambda: self._session.failed(direction))
        if number is not None:
            self._session.go(number)
            self._talk.arrive()
        elif self._session.checker.book is None:
            self._say("This goes to a step that differs from Keras, and nothing is checked yet: c checks.")
            self._say("The next iteration is: next, l, or an empty line.")
        else:
            self._say("No checked step differs in this direction. check all checks every step.")

    do_failed_next, do_failed_back = partialmethod(_to_failed, 1), partialmethod(_to_failed, -1)


def _count(text: str) -> int:
    """How many times, by default once.

    Raises:
        LrstepError: the text is no count.
    """
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= _LONGEST and int(text)):
        raise LrstepError(f"{text!r} is not how often", "Give a whole number of at least 1, such as next 5.")
    return int(text)


def _place(text: str, count: int) -> int:
    """Which one of so many is meant, from 1.

    Raises:
        LrstepError: there is none.
    """
    if text in map(str, range(1, count + 1)):
        return int(text)
    raise LrstepError(f"there is no breakpoint {text!r}", f"There are {count}; breaks lists them with their numbers.")
