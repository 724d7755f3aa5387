"""Run files: the data, the settings and the place of a run in TOML, to be read and edited by people.

::

    title = "One epoch is not enough"
    notes = "Press End, then …"
    cursor = "5.gradient"
    against = ["batch_size=1", "optimizer=sgd lr=0.001"]    # what it is compared with, as --against takes it
    pace = "samples"             # what is equal at the same moment: "iteration", "samples" or "epoch"
    shown = 2                    # which of these runs is looked at; 1 is this one
    breakpoints = ["rmse<20"]    # conditions at which playing stops

    [data]
    sample = "mlcc"              # or: file = "rent.csv", relative to the run file
    feature = "x"                # or several: feature = ["rooms", "area"]
    label = "y"

    [settings]
    learning_rate = 0.05
    epochs = 20
    order = [[3, 1, 2]]          # the sample numbers of each epoch; one list for all

A run file with ``[[steps]]`` is a lesson, see :mod:`lrstep.sources.lesson_file`.

Settings that are left out have their defaults, the order is then that of the data; a weight that is left out is
drawn with the seed. Where the data is a recording, settings that are left out are the recorded ones.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrstep.core.lockstep import PACES
from lrstep.core.position import is_position
from lrstep.core.setting import Value
from lrstep.core.settings import IN_FILES, Settings
from lrstep.errors import LrstepError, SettingsError
from lrstep.sources.against import Comparison, parse_against, refuse_too_many
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted, read_text, write_atomically
from lrstep.sources.lesson_file import LONGEST_TITLE, Step, read_steps
from lrstep.sources.samples import catalogue
from lrstep.sources.system_errors import cannot_write
from lrstep.sources.toml_lines import Key, parse_toml
from lrstep.sources.toml_text import shown_value, toml_value

KEYS: dict[Key, tuple[str, ...]] = {
    (): (
        "title", "notes", "cursor", "against", "pace", "shown", "breakpoints", "data", "settings", "steps",
        "lesson", "step",
    ),
    ("data",): ("sample", "file", "feature", "label", "sha256"),
    ("settings",): tuple(IN_FILES),
}  # fmt: skip
"""Table → the keys it may have."""

_OF_KEPT = ("sha256", "lesson", "step")
"""Keys that only runs have that are kept to go on with them."""

LONGEST_TEXT = 20_000
"""Characters of each; however they are escaped, a run that was read can be saved, kept and read again."""


@dataclass(frozen=True)
class Origin:
    """Where data came from: a sample or a file, or neither (standard input).

    Attributes:
        sample: name of a sample.
        file: absolute path of a CSV file, or of a recording.
        features: column names or numbers, as they were given; none if they were not.
        label: likewise; None if it was not given.
    """

    sample: str | None = None
    file: Path | None = None
    features: tuple[str, ...] = ()
    label: str | None = None

    @property
    def recorded(self) -> bool:
        """Whether the data is that of a recording."""
        if self.file is None:
            return any(sample.recorded for sample in catalogue() if sample.name == self.sample)
        return self.file.suffix.casefold() == ".toml"


@dataclass(frozen=True)
class RunFile:
    """The content of a run file.

    Attributes:
        origin: where the data is.
        settings: the settings of the run; those that are given, by name, where the data is a recording.
        title: a few words.
        notes: what to press and look at; may have several lines.
        cursor: where to open it, see :mod:`lrstep.core.position`; None for the start.
        data_hash: SHA-256 of the values, kept with a run that is to be resumed.
        comparison: what it is compared with; paths of files are absolute.
        breakpoints: conditions at which playing stops, see :mod:`lrstep.formulas.conditions`.
        steps: those of a lesson.
        lesson, step: the lesson that was gone through, and how many of its steps are done, kept with a run.
        cursor_line: where the cursor stands in the file that was read, for messages.
    """

    origin: Origin
    settings: Settings | Mapping[str, Value] = field(default_factory=Settings)
    title: str = ""
    notes: str = ""
    cursor: str | None = None
    data_hash: str | None = None
    comparison: Comparison = field(default_factory=Comparison)
    breakpoints: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    lesson: str | None = None
    step: int = 0
    cursor_line: int | None = field(default=None, compare=False)


def read(path: Path) -> RunFile:
    """Read a run file. Whether its data exists is not looked at.

    Raises:
        LrstepError: it cannot be opened, is no TOML, or has an unknown key or a bad value (with its line).
    """
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> RunFile:
    """Understand the text of a run file; ``path`` is for messages, and for paths relative to its folder.

    Raises:
        LrstepError: as :func:`read`.
    """
    return _Reader(path, *parse_toml(text, path)).run_file()


def save(path: Path, run: RunFile, *, force: bool = False) -> None:
    """Write a run file, whole or not at all.

    Args:
        path: where to; the path of the data is written relative to its folder.
        run: what to write.
        force: whether to replace a file that is there.

    Raises:
        LrstepError: the file exists (and not force), or cannot be written, or the data has no place.
    """
    if run.origin.sample is None and run.origin.file is None:
        raise LrstepError(
            f"{path}: data from standard input cannot be named in a run file",
            "Save the data as a CSV file and open that.",
        )
    try:
        folder = os.path.realpath(path.parent)
        relative = None if run.origin.file is None else os.path.relpath(run.origin.file, folder)
        data = as_toml(run, relative, lambda other: os.path.relpath(other, folder)).encode()
    except (ValueError, OSError, RuntimeError) as error:
        raise cannot_write(path, error) from None
    write_atomically(path, data, force=force)


def as_toml(run: RunFile, file: str | None, lead: Callable[[Path], str] = str) -> str:
    """The text of a run file that names the data file as given.

    Args:
        run: the content.
        file: the data file.
        lead: how the file of other data, by its whole path, is named.

    Raises:
        ValueError: a text in it is no Unicode.
    """
    tables: dict[str, dict[str, Value]] = {
        "": {
            "title": run.title or None,
            "notes": run.notes or None,
            "cursor": run.cursor,
            **_compared(run.comparison, lead),
            "breakpoints": run.breakpoints or None,
            "lesson": run.lesson,
            "step": run.step if run.lesson else None,
        },
        "data": {
            "sample": run.origin.sample,
            "file": file,
            "feature": _one_or_all(run.origin.features),
            "label": run.origin.label,
            "sha256": run.data_hash,
        },
        "settings": run.settings.as_document() if isinstance(run.settings, Settings) else dict(run.settings),
    }
    return "\n".join(filter(None, (_table(name, values) for name, values in tables.items())))


def _compared(comparison: Comparison, lead: Callable[[Path], str]) -> dict[str, Value]:
    if not comparison.against:
        return {}
    placed = (one.at(lead(absolute(one.path))) if one.path else one for one in comparison.against)
    texts = tuple(one.text for one in placed)
    return {"against": texts, "pace": comparison.pace, "shown": comparison.shown + 1 if comparison.shown else None}


def _one_or_all(names: tuple[str, ...]) -> Value:
    return names[0] if len(names) == 1 else names or None


def _table(name: str, values: dict[str, Value]) -> str:
    lines = [f"{key} = {toml_value(value)}\n" for key, value in values.items() if value is not None]
    return "".join([f"[{name}]\n", *lines] if name else lines)


def absolute(path: Path) -> Path:
    """The path from the root, its folder without links, so that it can be written relative to any other."""
    return Path(os.path.realpath(path.parent)) / path.name


class _Reader:
    """The parsed content of a run file on its way to a :class:`RunFile`; knows the line of every key."""

    def __init__(self, path: Path, content: dict[str, Any], lines: dict[Key, int]) -> None:
        self.path = path
        self.content = content
        self.lines = lines

    def run_file(self) -> RunFile:
        self._check_keys((), self.content)
        for name in ("data", "settings"):
            table = self.content.get(name, {})
            if not isinstance(table, dict):
                raise self._refusal((name,), f"{name} is a table", f"Write [{name}] on a line of its own.")
            self._check_keys((name,), table)
        origin, settings = self._origin(), self._settings()
        return RunFile(
            origin=origin,
            settings=settings if origin.recorded else self._whole(settings),
            title=self._text(("title",)) or "",
            notes=self._text(("notes",)) or "",
            cursor=self._cursor(),
            data_hash=self._text(("data", "sha256")),
            comparison=self._comparison(),
            breakpoints=self._breakpoints(),
            steps=self._steps(),
            lesson=self._text(("lesson",)),
            step=self._step(),
            cursor_line=self.lines.get(("cursor",)),
        )

    def _check_keys(self, table: Key, content: dict[str, Any]) -> None:
        for name in content:
            if name not in KEYS[table]:
                known = ", ".join(key for key in KEYS[table] if key not in _OF_KEPT)
                hint = f"{did_you_mean(name, KEYS[table])}Known here: {known}."
                raise self._refusal((*table, name), f"unknown key {quoted(name)}", hint)

    def _refusal(self, key: Key, problem: str, hint: str) -> LrstepError:
        while key and key not in self.lines:
            key = key[:-1]
        line = f", line {self.lines[key]}" if key else ""
        return LrstepError(f"{self.path}{line}: {problem}", hint)

    def _value(self, key: Key) -> Any:
        content: Any = self.content
        for name in key:
            content = content.get(name, {} if name != key[-1] else None)
        return content

    def _text(self, key: Key) -> str | None:
        return self._checked_text(key, self._value(key))

    def _checked_text(self, key: Key, value: Any) -> str | None:
        if value is not None and not isinstance(value, str):
            raise self._refusal(key, f"{key[-1]} is not a text: {shown_value(value)}", "Put it in quotes.")
        if value is not None and len(value) > LONGEST_TEXT:
            problem = f"{key[-1]} has {len(value):,} characters"
            raise self._refusal(key, problem, f"Shorten it to at most {LONGEST_TEXT:,}.")
        return value

    def _features(self) -> tuple[str, ...]:
        value = self._value(("data", "feature"))
        if isinstance(value, list) and value:
            return tuple(str(self._column("feature", one)) for one in value)
        column = self._column("feature", value)
        return () if column is None else (column,)

    def _column(self, name: str, value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._checked_text(("data", name), value)

    def _origin(self) -> Origin:
        sample, file = self._text(("data", "sample")), self._text(("data", "file"))
        if (sample is None) == (file is None):
            problem = "there is no data" if sample is None else "data has both a sample and a file"
            raise self._refusal(("data",), problem, 'Write in [data] either sample = "mlcc" or file = "data.csv".')
        if file is not None and ("\0" in file or not file):
            raise self._refusal(("data", "file"), f"file {quoted(file)} is no path", "Name a CSV file.")
        return Origin(
            sample=sample,
            file=None if file is None else absolute(self.path.parent / file),
            features=self._features(),
            label=self._column("label", self._value(("data", "label"))),
        )

    def _settings(self) -> dict[str, Value]:
        """The settings that are given."""
        values: dict[str, Value] = {}
        for name, value in self.content.get("settings", {}).items():
            try:
                values[name] = IN_FILES[name].check(value)
            except SettingsError as error:
                problem = f"{IN_FILES[name].label} {shown_value(value)} is not valid"
                raise self._refusal(("settings", name), problem, error.hint) from None
        return values

    def _whole(self, values: dict[str, Value]) -> Settings:
        try:
            return Settings(**values)
        except SettingsError as error:
            raise self._refusal(("settings", error.field), error.message, error.hint) from None

    def _comparison(self) -> Comparison:
        texts = self._value(("against",)) or []
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            hint = 'Write a list of texts: against = ["batch_size=1", "optimizer=sgd lr=0.001"].'
            raise self._refusal(("against",), f"against is no list of texts: {shown_value(texts)}", hint)
        checked = [str(self._checked_text(("against",), text)) for text in texts]
        try:
            against = tuple(map(parse_against, checked))
            refuse_too_many(against)
        except LrstepError as error:
            raise self._refusal(("against",), f"against: {error.message}", error.hint) from None
        pace, shown = self._text(("pace",)), self._value(("shown",))
        if pace not in (None, *PACES):
            raise self._refusal(
                ("pace",), f"pace {quoted(pace or '')} is not valid", f"It is one of {', '.join(PACES)}."
            )
        if shown is not None and (type(shown) is not int or not 1 <= shown <= len(against) + 1):
            hint = f"It is a number from 1, this run, to {len(against) + 1}."
            raise self._refusal(("shown",), f"shown {shown_value(shown)} is not valid", hint)
        folder = self.path.parent
        against = tuple(one.at(str(absolute(folder / one.path))) if one.path else one for one in against)
        return Comparison(against, pace, (shown or 1) - 1)

    def _breakpoints(self) -> tuple[str, ...]:
        key = ("breakpoints",)
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._refusal(key, "breakpoints are a list", 'Write them as breakpoints = ["rmse<20", "nan"].')
        return tuple(str(self._checked_text(key, one)) for one in value)

    def _steps(self) -> tuple[Step, ...]:
        steps = read_steps(self._value(("steps",)), self._refusal)
        title = (self._text(("title",)) or "").strip()
        if steps and not 0 < len(title) <= LONGEST_TITLE:
            problem = f"the title has {len(title)} characters" if title else "a lesson has a title"
            raise self._refusal(("title",), problem, f"Give one of at most {LONGEST_TITLE} characters.")
        return steps

    def _step(self) -> int:
        value = self._value(("step",)) or 0
        if type(value) is not int or value < 0:
            raise self._refusal(("step",), f"step {shown_value(value)} is not valid", "It is a number of steps done.")
        return value

    def _cursor(self) -> str | None:
        value = self._value(("cursor",))
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else self._text(("cursor",))
        if text is None:
            return None
        if not is_position(text):
            hint = 'Write the number of an iteration, and a phase if you like: "5" or "5.gradient".'
            raise self._refusal(("cursor",), f"cursor {quoted(text)} is not valid", hint)
        if "." in text and not int(text.partition(".")[0]):
            problem = f"cursor {quoted(text)}: iteration 0 is the start and has no phases"
            raise self._refusal(("cursor",), problem, 'Phases begin with iteration 1: "1.batch".')
        return text
