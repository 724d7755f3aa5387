"""Moving through a run in plain mode: the cursor, and what is said where it stops."""

from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position, position_text
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.plain.account import Account
from lrstep.plain.check import Check, in_words
from lrstep.plain.voice import Voice
from lrstep.session.view import View
from lrstep.sources.runfile import RunFile
from lrstep.sources.source import Source

_PATIENCE = 2.0
"""Seconds of computing between two lines about it."""


class Moving:
    """Owns the run and the cursor.

    Args:
        source: data and settings.
        at: place to open at; by default where the source says, else the start.
        voice: says everything.
        precision: of the Keras check.

    Attributes:
        run: the run.
        number, phase: the cursor; iteration 0 is the start.
        opened: whether the cursor has come to where the run opens.

    Raises:
        LrstepError: there is no such place.
    """

    def __init__(self, source: Source, at: str | None, voice: Voice, precision: str) -> None:
        self.voice = voice
        self.say = voice.say
        self.account = Account(voice)
        self.check = Check(voice.say, voice.flush, precision)
        self.source = source
        self.run = Run(source.dataset, source.settings)
        self.number, self.phase = 0, Phase.START
        self.opened = False
        self._opens_at = parse_position(at or source.cursor or "start", self.run)

    def open(self, notice: str = "") -> None:
        """Say what was opened and go where it is to open."""
        self.account.opening(self.run, self.source.title)
        if notice:
            self.say(notice)
        if self.source.notes:
            self.do_notes("")
        self.opened = False
        self.go(*self._opens_at)
        self.opened = True

    def load(self, source: Source) -> None:
        """Start another run.

        Raises:
            LrstepError: it has no such place as it says to open at; the present run stays.
        """
        run = Run(source.dataset, source.settings)
        self._opens_at = parse_position(source.cursor or "start", run)
        self.source, self.run = source, run
        self.number, self.phase = 0, Phase.START
        self.check.use(run)
        self.open()

    def do_notes(self, rest: str) -> None:
        """The notes of a lesson."""
        if not self.source.notes:
            self.say("There are no notes: only lessons have some.")
        for line in self.source.notes.strip().splitlines():
            self.say(line)

    @property
    def view(self) -> View:
        """What the account is made from."""
        return View(self.run, self.number, self.phase, ascii=self.voice.ascii)

    @property
    def kept(self) -> RunFile:
        """The run as it is now, to go on with it later."""
        return self.source.run_file(self.run.settings, position_text(self.number, self.phase), hashed=True)

    # --- the cursor ------------------------------------------------------------------------------

    def go(self, number: int, phase: Phase = Phase.AFTER) -> None:
        """Move the cursor and say what is there: a whole iteration, or the phase that was asked for."""
        number = max(0, min(number, self.run.n_iterations))
        while not self.run.advance(number, _PATIENCE):
            self.say(f"Computing iteration {self.run.computed} of {number}.")
            self.voice.flush()
        whole = phase == Phase.AFTER
        self.number, self.phase = number, phase if number else Phase.START
        self.tell(whole)

    def do_show(self, rest: str) -> None:
        """Say this place again."""
        self.tell(self.phase == Phase.AFTER)

    def tell(self, whole: bool) -> None:
        """Say what is under the cursor: the whole iteration, or its phase."""
        view = self.view
        self.account.place(view)
        (self.account.whole if whole else self.account.phase)(view)
        self.account.words(view)
        verdict = self.check.verdict(self.number)
        if verdict is not None:
            self.say(*in_words(verdict))

    def do_batch(self, rest: str) -> None:
        """All samples of this batch."""
        view = self.view
        if view.number:
            self.account.samples(view, all_of_them=True)
        else:
            self.say("The start has no batch: next takes the first one.")

    def do_next(self, rest: str) -> None:
        """So many iterations on, by default one."""
        self._step(_count(rest), 1)

    def do_back(self, rest: str) -> None:
        """So many iterations back."""
        self._step(-_count(rest), 1)

    def do_epoch_next(self, rest: str) -> None:
        """So many epochs on."""
        self._step(_count(rest), self.run.batches.per_epoch)

    def do_epoch_back(self, rest: str) -> None:
        """So many epochs back."""
        self._step(-_count(rest), self.run.batches.per_epoch)

    def _step(self, count: int, length: int) -> None:
        target = self.number + count * length
        if not self._leaves(1 if target > self.number else -1):
            self.go(target)

    def _leaves(self, direction: int) -> bool:
        """Whether there is nothing further in this direction; says so."""
        if direction > 0 and self.number == self.run.n_iterations:
            self.say(f"This is the last iteration, {self.number} of {self.run.n_iterations}.")
            return True
        if direction < 0 and not self.number:
            self.say("This is the start: nothing comes before it.")
            return True
        return False

    def do_phase_next(self, rest: str) -> None:
        """The next phases, after the last one those of the next iteration."""
        self._phases(_count(rest))

    def do_phase_back(self, rest: str) -> None:
        """The previous phases, before the first one the iteration before."""
        self._phases(-_count(rest))

    def _phases(self, count: int) -> None:
        if self.phase in (Phase.START, Phase.AFTER) and self._leaves(count):
            return
        first, last = int(Phase.BATCH), int(Phase.AFTER)
        # The phases of a run in one row: 0 is the start, then those of each iteration.
        place = (self.number - 1) * last + self.phase if self.number else 0
        place = max(0, min(place + count, self.run.n_iterations * last))
        number, phase = divmod(place - first, last)
        self.run.advance(number + 1 if place else 0)
        self.number, self.phase = (number + 1, Phase(phase + first)) if place else (0, Phase.START)
        self.tell(not place)

    def do_go_to(self, rest: str) -> None:
        """To a place."""
        words = rest.removeprefix("to ").strip()
        if not words:
            raise LrstepError(
                "go where?", f"An iteration 0 to {self.run.n_iterations}, such as g 5; g e3, g e3b2, g 5.gradient."
            )
        self.go(*parse_position(words, self.run))

    def do_start(self, rest: str) -> None:
        """To the start."""
        self.go(0)

    do_restart = do_start

    def do_end(self, rest: str) -> None:
        """To the last iteration."""
        self.go(self.run.n_iterations)

    def do_failed_next(self, rest: str) -> None:
        """To the next step that differs from Keras."""
        self._to_failed(self.check.book.next_failed(self.number) if self.check.book else None)

    def do_failed_back(self, rest: str) -> None:
        """To the previous step that differs from Keras."""
        self._to_failed(self.check.book.previous_failed(self.number) if self.check.book else None)

    def _to_failed(self, number: int | None) -> None:
        if number is not None:
            self.go(number)
        elif self.check.book is None:
            self.say("This goes to a step that differs from Keras, and nothing is checked yet: c checks.")
            self.say("The next iteration is: next, l, or an empty line.")
        else:
            self.say("No checked step differs in this direction. check all checks every step.")


def _count(text: str) -> int:
    """How many times, by default once.

    Raises:
        LrstepError: the text is no count.
    """
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 18 and int(text)):
        raise LrstepError(f"{text!r} is not how often", "Give a whole number of at least 1, such as next 5.")
    return int(text)
