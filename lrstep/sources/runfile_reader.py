"""Run files, read: keys are known and values valid, or their line is named; see :mod:`lrstep.sources.runfile`."""

from pathlib import Path
from typing import Any

from lrstep.core.lockstep import PACES
from lrstep.core.position import is_position
from lrstep.core.setting import Value
from lrstep.core.settings import IN_FILES, Settings
from lrstep.errors import LrstepError, SettingsError
from lrstep.sources.against import Comparison, parse_against, refuse_too_many
from lrstep.sources.files import quoted, read_text
from lrstep.sources.lesson_file import LONGEST_TITLE, LessonStep, read_steps
from lrstep.sources.runfile import DataOrigin, RunFile, absolute
from lrstep.sources.toml_lines import Document, Key
from lrstep.sources.toml_text import shown_value

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
    return _Reader(text, path).run_file()


class _Reader(Document):
    """The parsed content of a run file on its way to a :class:`RunFile`."""

    def run_file(self) -> RunFile:
        self._check_keys((), self.content)
        for name in ("data", "settings"):
            self._check_keys((name,), self.table(name))
        origin, settings = self._origin(), self._settings()
        return RunFile(
            origin=origin,
            settings=settings if origin.recorded else self._whole(settings),
            title=self._text("title") or "",
            notes=self._text("notes") or "",
            cursor=self._cursor(),
            data_hash=self._text("data", "sha256"),
            comparison=self._comparison(),
            breakpoints=self._breakpoints(),
            steps=self._steps(),
            lesson=self._text("lesson"),
            step=self._step(),
            cursor_line=self.lines.get(("cursor",)),
        )

    def _check_keys(self, table: Key, content: dict[str, Any]) -> None:
        for name in content if table else ():
            if name not in KEYS[table] and name in KEYS[()] and not isinstance(content[name], dict):
                problem = f"{quoted(name)} stands below [{table[0]}] and belongs to no table"
                raise self.refusal((*table, name), problem, "Put it above the first line in brackets.")
        self.refuse_unknown(table, content, KEYS[table], [key for key in KEYS[table] if key not in _OF_KEPT])

    def _text(self, *key: str) -> str | None:
        *tables, name = key
        return self._checked_text(key, (self.table(tables[0]) if tables else self.content).get(name))

    def _checked_text(self, key: Key, value: Any) -> str | None:
        if value is not None and not isinstance(value, str):
            raise self.refusal(key, f"{key[-1]} is not a text: {shown_value(value)}", "Put it in quotes.")
        if value is not None and len(value) > LONGEST_TEXT:
            problem = f"{key[-1]} has {len(value):,} characters"
            raise self.refusal(key, problem, f"Shorten it to at most {LONGEST_TEXT:,}.")
        return value

    def _features(self) -> tuple[str, ...]:
        value = self.table("data").get("feature")
        columns = (self._column("feature", one) for one in (value if isinstance(value, list) and value else [value]))
        return tuple(column for column in columns if column is not None)

    def _column(self, name: str, value: Any) -> str | None:
        return str(value) if type(value) is int else self._checked_text(("data", name), value)

    def _origin(self) -> DataOrigin:
        sample, file = self._text("data", "sample"), self._text("data", "file")
        if (sample is None) == (file is None):
            problem = "there is no data" if sample is None else "data has both a sample and a file"
            raise self.refusal(("data",), problem, 'Write in [data] either sample = "mlcc" or file = "data.csv".')
        if file is not None and ("\0" in file or not file):
            raise self.refusal(("data", "file"), f"file {quoted(file)} is no path", "Name a CSV file.")
        return DataOrigin(
            sample=sample,
            file=None if file is None else absolute(self.path.parent / file),
            features=self._features(),
            label=self._column("label", self.table("data").get("label")),
        )

    def _settings(self) -> dict[str, Value]:
        """The settings that are given."""
        return {
            name: self.checked(("settings", name), IN_FILES[name].label, IN_FILES[name], value)
            for name, value in self.table("settings").items()
        }

    def _whole(self, values: dict[str, Value]) -> Settings:
        try:
            return Settings(**values)
        except SettingsError as error:
            raise self.refusal(("settings", error.field), error.message, error.hint) from None

    def _comparison(self) -> Comparison:
        texts = self.content.get("against") or []
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            hint = 'Write a list of texts: against = ["batch_size=1", "optimizer=sgd lr=0.001"].'
            raise self.refusal(("against",), f"against is no list of texts: {shown_value(texts)}", hint)
        checked = [str(self._checked_text(("against",), text)) for text in texts]
        try:
            against = tuple(map(parse_against, checked))
            refuse_too_many(against)
        except LrstepError as error:
            raise self.refusal(("against",), f"against: {error.message}", error.hint) from None
        pace, shown = self._text("pace"), self.content.get("shown")
        if pace not in (None, *PACES):
            hint = f"It is one of {', '.join(PACES)}."
            raise self.refusal(("pace",), f"pace {quoted(pace or '')} is not valid", hint)
        if shown is not None and (type(shown) is not int or not 1 <= shown <= len(against) + 1):
            hint = f"It is a number from 1, this run, to {len(against) + 1}."
            raise self.refusal(("shown",), f"shown {shown_value(shown)} is not valid", hint)
        folder = self.path.parent
        against = tuple(one.at(str(absolute(folder / one.path))) if one.path else one for one in against)
        return Comparison(against, pace, (shown or 1) - 1)

    def _breakpoints(self) -> tuple[str, ...]:
        key = ("breakpoints",)
        value = self.content.get("breakpoints", [])
        if not isinstance(value, list):
            raise self.refusal(key, "breakpoints are a list", 'Write them as breakpoints = ["rmse<20", "nan"].')
        return tuple(str(self._checked_text(key, one)) for one in value)

    def _steps(self) -> tuple[LessonStep, ...]:
        steps = read_steps(self)
        title = (self._text("title") or "").strip()
        if steps and not 0 < len(title) <= LONGEST_TITLE:
            problem = f"the title has {len(title)} characters" if title else "a lesson has a title"
            raise self.refusal(("title",), problem, f"Give one of at most {LONGEST_TITLE} characters.")
        return steps

    def _step(self) -> int:
        value = self.content.get("step") or 0
        if type(value) is not int or value < 0:
            raise self.refusal(("step",), f"step {shown_value(value)} is not valid", "It is a number of steps done.")
        return value

    def _cursor(self) -> str | None:
        value = self.content.get("cursor")
        text = str(value) if type(value) is int else self._text("cursor")
        if text is None:
            return None
        if not is_position(text):
            hint = 'Write the number of an iteration, and a phase if you like: "5" or "5.gradient".'
            raise self.refusal(("cursor",), f"cursor {quoted(text)} is not valid", hint)
        if "." in text and not int(text.partition(".")[0]):
            problem = f"cursor {quoted(text)}: iteration 0 is the start and has no phases"
            raise self.refusal(("cursor",), problem, 'Phases begin with iteration 1: "1.batch".')
        return text
