"""The commands of plain mode that change the run, put others beside it, or write it to a file."""

import os
import shlex
from functools import partialmethod
from typing import Any

from lrstep.core.lockstep import PACES
from lrstep.core.setting import Value
from lrstep.core.settings import FIELDS, NAMES, Settings, fields_of, folded, setting_named
from lrstep.errors import LrstepError
from lrstep.plain import runs_account
from lrstep.plain.talk import Commands
from lrstep.session import comparing
from lrstep.session.coach.coaching import LEAVING
from lrstep.sources.files import exists, typed_path


class RunCommands(Commands):
    """Settings, data, runs side by side, export and save."""

    _offered: Settings | None = None

    def do_settings(self, rest: str) -> None:
        """Say the settings, or change some: ``s lr 0.1 epochs 8``."""
        words = rest.replace("=", " ").split()
        if not words:
            settings = self._session.source.settings
            for name, field in fields_of(settings.optimizer).items():
                self._say(f"{field.label} ({name}): {_as_text(getattr(settings, name))}; {field.range}")
            return
        changes: dict[str, Any] = {}
        while words:
            name, words = _setting(words)
            if not words:
                raise LrstepError(f"{name} has no value", "Settings are names with values: s lr 0.1 batch_size 3.")
            text = words.pop(0)
            changes[name] = FIELDS[name].parse("" if name == "weight" and text.lower() in ("drawn", "none") else text)
        self._change(self._session.source.settings.asked(changes))

    def _change(self, settings: Settings) -> None:
        """Start anew with other settings; where that leaves a recording, ask before."""
        if self._session.run.recorded and settings != self._session.source.settings:
            self._offered = settings
            self._say(f"{LEAVING} yes or no; undo comes back.")
        else:
            self._talk.change(settings)

    def takes_answer(self, line: str) -> bool:
        """Take a line as the answer whether to leave the recording; whether it was one."""
        offered, self._offered = self._offered, None
        answer = line.lower()
        if offered is None or answer not in ("yes", "y", "no", "n"):
            return False
        if answer.startswith("y"):
            self._talk.change(offered)
        else:
            self._say("The recording stays open.")
        return True

    def _follow(self, place: int, rest: str) -> None:
        """Take the coach's advice, or its other one."""
        offers = self._session.coaching.coach.offers(self._session.number)
        if place >= len(offers):
            self._say("The coach offers nothing of that kind here.")
        elif self._session.run.recorded:
            self._change(offers[place].settings)
        else:
            self._session.coaching.follow(place)
            self._talk.opened("undo goes back to the run before.")

    do_follow, do_follow_other = partialmethod(_follow, 0), partialmethod(_follow, 1)

    def do_undo(self, rest: str) -> None:
        """Go back to the run before."""
        if self._session.previous is None:
            self._say("There is no run before this one.")
            return
        self._session.undo()
        self._talk.opened()

    def do_open(self, rest: str) -> None:
        """Open a sample, a lesson or a file: ``o data.csv``, ``o data.csv feature age label height``."""
        from lrstep.sources.columns import ColumnsNeeded, listing
        from lrstep.sources.lesson_progress import gone_on
        from lrstep.sources.open_source import open_source, refuse_streams
        from lrstep.sources.samples import named

        words = _split(rest)
        if not words:
            self._say(*(f"{one.name}: {one.title}" for one in named()))
            self._say("o NAME opens one of them, or a CSV or run file.")
            return
        columns: dict[str, list[str]] = {"feature": [], "label": []}
        for which, column in zip(words[1::2], words[2::2], strict=False):
            columns.setdefault(which, []).append(column)
        if len(words) % 2 == 0 or len(columns) > 2 or len(columns["label"]) > 1:
            hint = "o data.csv feature age label height; quote names with blanks."
            raise LrstepError(f"{' '.join(words[1:])!r} is not understood", hint)
        refuse_streams(words[0])
        try:
            opened = open_source(words[0], columns["feature"], next(iter(columns["label"]), None))
        except ColumnsNeeded as needed:
            hint = f"o {words[0]} feature COLUMN label COLUMN; feature COLUMN may be repeated. {listing(needed.layout)}"
            raise LrstepError(needed.message, hint) from None
        self._talk.load(gone_on(opened))

    def do_compare(self, rest: str) -> None:
        """Compare with other runs: ``v batch``, ``v batch_size=1 ; optimizer=sgd lr=0.001``, ``v off``; or say them."""
        session = self._session
        if rest:
            session.compare(comparing.meant(rest, session.source))
            self._talk.wait()
            if session.lockstep.alone:
                self._say("This run is alone again.")
                return
        elif session.lockstep.alone:
            self._say("Nothing to compare with yet. What can be varied:")
            self._say(*(f"v {choice.word}: {choice.title}" for choice in comparing.choices(session.source)))
            self._say("v batch_size=1 ; optimizer=sgd lr=0.001: any settings or data, with ; between the runs.")
            return
        runs_account.table(session.view, self._talk.voice)

    def do_next_run(self, rest: str) -> None:
        """Speak of the next of the runs, or of one by its number: ``V``, ``V 2``."""
        lanes = self._lanes()
        if rest and rest not in map(str, range(1, lanes + 1)):
            raise LrstepError(f"there is no run {rest[:20]!r}", f"Runs are numbered from 1 to {lanes}: V 2.")
        self._session.show(int(rest) - 1 if rest else self._session.lockstep.shown + 1)
        self._talk.arrive()

    def do_pace(self, rest: str) -> None:
        """What is equal at the same moment, the next of them or the one that is named: ``P``, ``P epoch``."""
        self._lanes()
        if rest and rest not in PACES:
            raise LrstepError(f"runs do not go by {rest[:20]!r}", f"They go by {', '.join(PACES)}: P epoch.")
        self._session.next_pace(next((pace for pace in PACES if pace == rest), None))
        self._talk.arrive()

    def _lanes(self) -> int:
        if self._session.lockstep.alone:
            raise LrstepError("there is no other run", "v lists what this one can be compared with.")
        return len(self._session.lockstep.lanes)

    def do_export(self, rest: str) -> None:
        """Write the run to a file: ``e run.xlsx``, ``e run.csv force``."""
        from lrstep.export.export_file import export

        name, force = _file(rest, "e run.xlsx; .csv .json .md tables, .gif .png pictures, a folder ending in /.")
        exists(typed_path(name))  # refuses what cannot be a name
        # As a text: a path would lose the slash that means a folder.
        runs = self._session.lockstep
        self._say(export(runs.run, os.path.expanduser(name), force=force, runs=runs))  # noqa: PTH111

    def do_save(self, rest: str) -> None:
        """Save data, settings and place as a run file: ``S my-run.toml``."""
        from lrstep.sources.runfile import save

        name, force = _file(rest, "S my-run.toml")
        if not name.endswith(".toml"):
            raise LrstepError(f"{name}: a run file is called .toml", f"S {name}.toml")
        path = typed_path(name)
        save(path, self._session.run_file, force=force)
        self._say(f"Saved {path.absolute()}")


def _setting(words: list[str]) -> tuple[str, list[str]]:
    """The setting that the first words name, and the words after it.

    Raises:
        LrstepError: there is none.
    """
    from lrstep.sources.columns import did_you_mean

    for count in (2, 1):
        name = setting_named(" ".join(words[:count]))
        if len(words) >= count and name:
            return name, words[count:]
    raise LrstepError(f"there is no setting {words[0]!r}", f"{did_you_mean(folded(words[0]), NAMES)}s lists them.")


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
