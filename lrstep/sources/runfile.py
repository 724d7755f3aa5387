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

Here is what they hold and how it is written; :mod:`lrstep.sources.runfile_reader` reads it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrstep.core.setting import Value
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources.against import Comparison
from lrstep.sources.files import write_atomically
from lrstep.sources.samples import catalogue
from lrstep.sources.system_errors import cannot_write
from lrstep.sources.toml_text import toml_value

if TYPE_CHECKING:
    from lrstep.sources.lesson_file import LessonStep


class DataOrigin(NamedTuple):
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

    origin: DataOrigin
    settings: Settings | Mapping[str, Value] = field(default_factory=Settings)
    title: str = ""
    notes: str = ""
    cursor: str | None = None
    data_hash: str | None = None
    comparison: Comparison = field(default_factory=Comparison)
    breakpoints: tuple[str, ...] = ()
    steps: "tuple[LessonStep, ...]" = ()
    lesson: str | None = None
    step: int = 0
    cursor_line: int | None = field(default=None, compare=False)


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
        hint = "Save the data as a CSV file and open that."
        raise LrstepError(f"{path}: data from standard input cannot be named in a run file", hint)
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
    features = run.origin.features
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
            "feature": features[0] if len(features) == 1 else features or None,
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


def _table(name: str, values: dict[str, Value]) -> str:
    lines = [f"{key} = {toml_value(value)}\n" for key, value in values.items() if value is not None]
    return "".join([f"[{name}]\n", *lines] if name else lines)


def absolute(path: Path) -> Path:
    """The path from the root, its folder without links, so that it can be written relative to any other."""
    return Path(os.path.realpath(path.parent)) / path.name
