"""What plain mode has at hand: a session, and a voice that tells about it."""

from lrstep.core.iteration import Phase
from lrstep.core.settings import Settings
from lrstep.formulas.quantities import quantities
from lrstep.plain import runs_account
from lrstep.plain.account import Account
from lrstep.plain.spoken_check import SpokenCheck
from lrstep.plain.voice import Voice
from lrstep.plural import capitalized
from lrstep.session.check_sentences import in_words
from lrstep.session.practice import Practice
from lrstep.session.session import Session
from lrstep.sources.source import Source

PATIENCE = 2.0
"""Seconds of computing between two lines about it."""

PONDERING = 25_000
"""Work that the coach may do before it is said what is at a place, about a tenth of a second."""


class Talk:
    """Tells what is under the cursor of a session, and moves it.

    Args:
        session: what it is about.
        voice: says everything.
    """

    def __init__(self, session: Session, voice: Voice) -> None:
        self.session = session
        self.voice = voice
        self.say = voice.say
        self.account = Account(voice)
        self.check = SpokenCheck(session.checker, voice)

    def load(self, source: Source) -> None:
        """Start another run.

        Raises:
            LrstepError: it has no such place as it says to open at; the present run stays.
        """
        self.session.load(source)
        self.opened()

    def change(self, settings: Settings) -> None:
        """Start anew with other settings."""
        self.session.change(settings)
        self.opened(self.session.notice)

    def opened(self, notice: str = "") -> None:
        """Say what is open now, and what is under the cursor; a recorded run is checked by itself."""
        if self.session.run.recorded and not self.session.checker.on:
            self.check.start(self.session.run)
        self.account.opening(self.session.run, self.session.source.title)
        if notice:
            self.say(notice)
        if self.session.source.notes and self.session.guide is None:
            self.notes()
        self.arrive()

    def notes(self) -> None:
        """The notes of a run file."""
        self.say(*self.session.source.notes.strip().splitlines())

    # --- where the cursor is ---------------------------------------------------------------------

    def arrive(self, whole: bool | None = None) -> None:
        """Wait until the cursor is where it goes to, and say what is there."""
        self.wait()
        if self.session.notice:
            self.say(f"{self.session.notice}.")
            return
        self.tell(whole)

    def wait(self) -> None:
        """Wait until the cursor is where it goes to, and say now and then how far it is."""
        session = self.session
        while session.progress:  # what was found may have to be gone to
            if not session.compute(PATIENCE):
                self.say(f"{capitalized(session.progress)}.")
                self.voice.flush()

    def tell(self, whole: bool | None = None) -> None:
        """Say what is under the cursor: the whole iteration or its phase; by default the former after the update.

        While practising, only what the iteration begins with, and ask.
        """
        view, practice = self.session.view, self.session.practice
        if practice is not None:
            self.given(practice)
            self.ask(practice)
            return
        if whole is None:
            whole = view.phase == Phase.AFTER
        self.account.place(view)
        (self.account.whole if whole else self.account.phase)(view)
        self.account.words(view)
        runs_account.others(view, self.voice)
        self.session.coaching.think(PONDERING)
        self.say(*(f"{text}." for text in self.session.coaching.advice()[:1]))
        verdict = self.check.verdict(view.number)
        if verdict is not None:
            self.say(*in_words(verdict))

    # --- practice --------------------------------------------------------------------------------

    def given(self, practice: Practice) -> None:
        """What an iteration begins with, in full precision: the person is to compute the rest."""
        self.session.ask_next()
        self.wait()
        view = self.session.view.but(phase=Phase.BATCH)
        self.account.place(view)
        self.account.samples(view)
        before = view.iteration.before
        for name, value in self.session.run.keyed(before).items():
            label = quantities(self.session.run)[name].label.removesuffix(" after the update")
            self.say(f"Before, {label}: {value!r}")

    def ask(self, practice: Practice) -> None:
        """Ask the next quantity."""
        label = quantities(self.session.run)[practice.quantity].label
        self.say(f"Iteration {practice.iteration} ({practice.score}): {label}?")


class Commands:
    """Some commands of plain mode: each method ``do_NAME`` takes the rest of the typed line.

    Args:
        talk: a session and a voice.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk, self._session, self._say = talk, talk.session, talk.say
