"""Moving through a run by typed lines, and what is said where nothing is further."""

from lrstep.errors import LrstepError
from lrstep.plain.talk import PATIENCE, Talk
from lrstep.plain.voice import WIDTH
from lrstep.session.panels.models import END, models, models_shown

LISTED = 25
"""Lines of the table of models, its head among them."""

_LONGEST = 18
"""Digits of an iteration."""


class Moves:
    """The commands that move the cursor, and those that say a place again; each takes the rest of the typed line.

    Args:
        talk: a session and a voice.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk, self._session = talk, talk.session
        self._say = talk.say

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
        self._talk.voice.rows(["".join(span.text for span in cells) for cells in models(view, WIDTH, LISTED, False)])
        self._say(f"{END} is the end of an epoch, whose RMSE Keras keeps.")

    def do_next(self, rest: str) -> None:
        """So many iterations on, by default one."""
        self._step("next", rest)

    def do_back(self, rest: str) -> None:
        """So many iterations back."""
        self._step("back", rest)

    def do_epoch_next(self, rest: str) -> None:
        """So many epochs on."""
        self._step("epoch_next", rest)

    def do_epoch_back(self, rest: str) -> None:
        """So many epochs back."""
        self._step("epoch_back", rest)

    def do_phase_next(self, rest: str) -> None:
        """The next phases, after the last one those of the next iteration."""
        self._step("phase_next", rest)

    def do_phase_back(self, rest: str) -> None:
        """The previous phases, before the first one the iteration before."""
        self._step("phase_back", rest)

    def _step(self, command: str, rest: str) -> None:
        count, session = _count(rest), self._session
        if not session.enabled(command):
            forward = f"This is the last iteration, {session.run.n_iterations} of {session.run.n_iterations}."
            self._say(forward if command.endswith("next") else "This is the start: nothing comes before it.")
            return
        session.do(command, count)
        # A phase that was stepped to is said by itself, the last one too.
        self._talk.arrive(whole=False if command.startswith("phase") and session.number else None)

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
            self._say(f"{self._session.notice[0].upper()}{self._session.notice[1:]}.")
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
            self.do_end("")

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

    def do_start(self, rest: str) -> None:
        """To the start."""
        self._session.do("start")
        self._talk.arrive()

    do_restart = do_start

    def do_end(self, rest: str) -> None:
        """To the last iteration."""
        self._session.do("end")
        self._talk.arrive()

    def do_failed_next(self, rest: str) -> None:
        """To the next step that differs from Keras."""
        self._to_failed(1)

    def do_failed_back(self, rest: str) -> None:
        """To the previous step that differs from Keras."""
        self._to_failed(-1)

    def _to_failed(self, direction: int) -> None:
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
