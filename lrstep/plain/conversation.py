"""A conversation about a run: typed lines in, sentences out."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position
from lrstep.errors import LrstepError
from lrstep.plain.lessons import Lessons
from lrstep.plain.moves import Moves
from lrstep.plain.questions import Questions
from lrstep.plain.run_commands import RunCommands
from lrstep.plain.talk import Talk
from lrstep.plain.voice import Voice
from lrstep.plain.words import INSTEAD, OWN, Words
from lrstep.session.commands import COMMANDS, Command
from lrstep.session.movements import MOVES
from lrstep.session.session import Session

_DOES = "do_"


class Conversation:
    """Does what typed lines say.

    Args:
        session: what it is about.
        voice: says everything.
        keys: command → its keys.

    Attributes:
        talk: the session with the voice.
        commands: what there is to do, by name; each takes the rest of the typed line.
        over: whether the person has left.
    """

    def __init__(self, session: Session, voice: Voice, keys: Mapping[str, Sequence[str]]) -> None:
        self.session = session
        self.talk = Talk(session, voice)
        self.say = voice.say
        self.words = Words(keys)
        self.over = False
        session.on_screen = False
        self._questions, self._run, self._lessons = Questions(self.talk), RunCommands(self.talk), Lessons(self.talk)
        self.commands: dict[str, Callable[[str], None]] = {
            name.removeprefix(_DOES): getattr(part, name)
            for part in (self, Moves(self.talk), self._questions, self._run, self._lessons)
            for name in dir(part)
            if name.startswith(_DOES)
        }

    @property
    def prompt(self) -> str:
        """What stands in front of the typed line."""
        session = self.session
        if session.practice is not None:
            return "practice> "
        if not session.number:
            return f"start of {session.run.n_iterations}> "
        phase = f" {session.phase.name.lower()}" if session.phase != Phase.AFTER else ""
        return f"iteration {session.number} of {session.run.n_iterations}{phase}> "

    def do(self, line: str) -> None:
        """Do what a typed line says; an error is said, and the session goes on."""
        line = line.strip()
        try:
            if self._lessons.takes_answer(line):
                self._lessons.tell()
                return
            if self._questions.takes_answer(line) or self._run.takes_answer(line):
                return
            found = self.words.command(line) if line else ("next", "")
            if found is None:
                self._place_or_unknown(line)
            elif found[0] in INSTEAD:
                self.say(INSTEAD[found[0]])
            else:
                self._command(*found)
            self._lessons.tell()
        except LrstepError as error:
            self.say(f"Not done: {error.message}", *filter(None, error.hint.splitlines()))

    def open(self, notice: str = "") -> None:
        """Say what is open, and the step where it is a lesson."""
        self.session.open()
        self.talk.opened(notice)
        self._lessons.tell()

    def _command(self, name: str, rest: str) -> None:
        if name not in MOVES:  # which say so themselves
            self.session.doing(name)
        self.commands[name](rest)
        self.session.touch()

    def _place_or_unknown(self, line: str) -> None:
        try:
            place = parse_position(line, self.session.run)
        except LrstepError:
            if line[0].isdecimal():
                raise
            hint = f"{self.words.suggestion(line)}help lists the commands."
            raise LrstepError(f"{line[:40]!r} is no command", hint) from None
        self.session.go(*place)
        self.talk.arrive()

    def do_help(self, rest: str) -> None:
        """All commands."""
        self.say(
            "Type a command and Enter; an empty line takes the next iteration.",
            "A place such as 5, e3, e3b2 or 5.gradient goes there.",
            "next, back, phase, epoch take a number: next 5.",
        )
        for group, commands in groupby(COMMANDS, key=lambda command: command.group):
            self.say("", f"{group}:")
            for command in commands:
                if self.words.has(command):
                    self.say(self._help_line(command), indent="  ")
        self.say("", "Only here:")
        for name, what in OWN.items():
            self.say(f"{name}: {what}", indent="  ")
        self.say(
            "With more behind them: w 21.8 rmse; x gradient_weight all; c all, c float64, c off; s lr 0.1 epochs 8; "
            "o data.csv; e run.xlsx; S run.toml.",
            "A file that exists is overwritten with force at the end: e run.csv force.",
        )

    def _help_line(self, command: Command) -> str:
        letters = self.words.letters(command)
        return f"{command.id}{' or ' if letters else ''}{' '.join(letters)}: {command.help}"

    def do_quit(self, rest: str) -> None:
        """Leave."""
        self.over = True
