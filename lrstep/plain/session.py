"""What each command does in plain mode."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position, position_text
from lrstep.core.setting import Value
from lrstep.core.settings import FIELDS, parse_value
from lrstep.errors import LrstepError
from lrstep.plain.looking import Looking
from lrstep.plain.voice import Voice
from lrstep.plain.words import INSTEAD, OWN, Words
from lrstep.session.commands import COMMANDS, Command
from lrstep.sources.files import exists, typed_path
from lrstep.sources.source import Source


class Session(Looking):
    """A run, a cursor, and the commands by their ids; each takes the rest of the typed line.

    Args:
        keys: command → its keys.

    Attributes:
        over: whether the person has left.
    """

    def __init__(
        self, source: Source, at: str | None, voice: Voice, precision: str, keys: Mapping[str, Sequence[str]]
    ) -> None:
        super().__init__(source, at, voice, precision)
        self.words = Words(keys)
        self.over = False

    @property
    def prompt(self) -> str:
        """What stands in front of the typed line."""
        if self.practice is not None:
            return "practice> "
        if not self.number:
            return f"start of {self.run.n_iterations}> "
        phase = f" {self.phase.name.lower()}" if self.phase != Phase.AFTER else ""
        return f"iteration {self.number} of {self.run.n_iterations}{phase}> "

    def do(self, line: str) -> None:
        """Do what a typed line says; an error is said, and the session goes on."""
        line = line.strip()
        try:
            if self.takes_answer(line):
                return
            found = self.words.command(line) if line else ("next", "")
            if found is None:
                self._place_or_unknown(line)
            elif found[0] in INSTEAD:
                self.say(INSTEAD[found[0]])
            else:
                getattr(self, f"do_{found[0]}")(found[1])
        except LrstepError as error:
            self.say(f"Not done: {error.message}", *filter(None, error.hint.splitlines()))

    def _place_or_unknown(self, line: str) -> None:
        try:
            place = parse_position(line, self.run)
        except LrstepError:
            if line[0].isdecimal():
                raise
            hint = f"{self.words.suggestion(line)}help lists the commands."
            raise LrstepError(f"{line[:40]!r} is no command", hint) from None
        self.go(*place)

    # --- the run ---------------------------------------------------------------------------------

    def do_settings(self, rest: str) -> None:
        """Say the settings, or change some: ``s lr 0.1 epochs 8``."""
        words = rest.replace("=", " ").split()
        if not words:
            for name, field in FIELDS.items():
                self.say(f"{field.label} ({name}): {_as_text(getattr(self.source.settings, name))}; {field.range}")
            return
        changes: dict[str, Any] = {}
        while words:
            name, words = _setting(words)
            if not words:
                raise LrstepError(f"{name} has no value", "Settings are names with values: s lr 0.1 batch_size 3.")
            text = words.pop(0)
            changes[name] = parse_value(name, "" if name == "weight" and text.lower() in ("drawn", "none") else text)
        if "seed" in changes:
            changes.setdefault("weight", None)  # a seed asks for a drawn weight, as on the command line
        settings = self.source.settings.changed(**changes)
        self.load(replace(self.source, settings=settings, cursor=None))

    def do_open(self, rest: str) -> None:
        """Open a sample, a lesson or a file: ``o data.csv``, ``o data.csv feature age label height``."""
        from lrstep.sources.samples import catalogue, lessons
        from lrstep.sources.source import open_source, refuse_streams

        words = _split(rest)
        if not words:
            names = [(item.name, item.title) for item in catalogue()] + [(item.name, item.title) for item in lessons()]
            self.say(*(f"{name}: {title}" for name, title in names))
            self.say("o NAME opens one of them, or a CSV or run file.")
            return
        columns: dict[str, list[str]] = {"feature": [], "label": []}
        for which, column in zip(words[1::2], words[2::2], strict=False):
            columns.setdefault(which, []).append(column)
        if len(words) % 2 == 0 or len(columns) > 2 or len(columns["label"]) > 1:
            raise LrstepError(
                f"{' '.join(words[1:])!r} is not understood",
                "o data.csv feature age label height; quote names with blanks.",
            )
        refuse_streams(words[0])
        self.load(open_source(words[0], columns["feature"], next(iter(columns["label"]), None)))

    def do_export(self, rest: str) -> None:
        """Write the run to a file: ``e run.xlsx``, ``e run.csv force``."""
        from lrstep.export.export_file import export

        name, force = _file(rest, "e run.xlsx; .csv .json .md tables, .gif .png pictures, a folder ending in /.")
        exists(typed_path(name))  # refuses what cannot be a name
        # As a text: a path would lose the slash that means a folder.
        self.say(export(self.run, os.path.expanduser(name), force=force))  # noqa: PTH111

    def do_save(self, rest: str) -> None:
        """Save data, settings and place as a run file: ``S my-run.toml``."""
        from lrstep.sources.runfile import save

        name, force = _file(rest, "S my-run.toml")
        if not name.endswith(".toml"):
            raise LrstepError(f"{name}: a run file is called .toml", f"S {name}.toml")
        path = typed_path(name)
        save(path, self.source.run_file(self.run.settings, position_text(self.number, self.phase)), force=force)
        self.say(f"Saved {path.absolute()}")

    # --- lrstep ----------------------------------------------------------------------------------

    def do_help(self, rest: str) -> None:
        """All commands."""
        self.say("Type a command and Enter; an empty line takes the next iteration. A place such as 5, e3, e3b2 or")
        self.say("5.gradient goes there. next, back, phase, epoch take a number: next 5.")
        for group, commands in groupby(COMMANDS, key=lambda command: command.group):
            self.say("", f"{group}:")
            for command in commands:
                if self.words.has(command):
                    self.say(self._help_line(command), indent="  ")
        self.say("", "Only here:")
        for name, what in OWN.items():
            self.say(f"{name}: {what}", indent="  ")
        self.say(
            "w 21.8 rmse; x gradient_weight all; c all, c float64, c off; s lr 0.1 epochs 8; o data.csv; e run.xlsx;",
            "S run.toml. A file that exists is overwritten with force at the end: e run.csv force.",
        )

    def _help_line(self, command: Command) -> str:
        letters = self.words.letters(command)
        return f"{command.id}{' or ' if letters else ''}{' '.join(letters)}: {command.help}"

    def do_quit(self, rest: str) -> None:
        """Leave."""
        self.over = True


def _setting(words: list[str]) -> tuple[str, list[str]]:
    """The setting that the first words name (its name, option, label or symbol), and the words after it.

    Raises:
        LrstepError: there is none.
    """
    from lrstep.sources.columns import did_you_mean

    known = {_name(text): field.name for field in FIELDS.values() for text in (field.symbol, field.label, field.name)}
    for count in (2, 1):
        name = _name("_".join(words[:count]))
        if len(words) >= count and name in known:
            return known[name], words[count:]
    raise LrstepError(f"there is no setting {words[0]!r}", f"{did_you_mean(_name(words[0]), known)}s lists them.")


def _name(text: str) -> str:
    return text.lower().removeprefix("--").replace("-", "_").replace(" ", "_")


def _as_text(value: Value) -> str:
    if value is None:
        return "drawn with the seed"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else repr(value)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise LrstepError("a quotation mark is not closed", "Write a name with blanks as 'my data.csv'.") from None


def _file(rest: str, example: str) -> tuple[str, bool]:
    """A file name and whether it may be overwritten."""
    words = _split(rest)
    force = len(words) > 1 and words[-1] in ("force", "--force")
    words = words[: -1 if force else None]
    if len(words) != 1:
        raise LrstepError("to which file?" if not words else f"{rest!r} is not one file name", example)
    return words[0], force
