"""SOURCE: what a person names to get data and settings — a sample, a lesson, a CSV file or a run file."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources import runfile
from lrstep.sources.columns import did_you_mean
from lrstep.sources.csvfile import read_csv
from lrstep.sources.digest import data_hash
from lrstep.sources.files import quoted
from lrstep.sources.runfile import Origin, RunFile
from lrstep.sources.samples import catalogue, get, lessons

DEFAULT = "mlcc"
STANDARD_INPUT = "-"

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Source:
    """Data with the settings to run it.

    Attributes:
        dataset: the samples.
        settings: the settings that come with it.
        origin: where the data is, as a run file names it.
        title: a few words; empty if it has none.
        notes: what to press and look at; empty if it has none.
        cursor: where to open the run, see :mod:`lrstep.core.position`; None for the start.
        description: one line on what was opened.
    """

    dataset: Dataset
    settings: Settings
    origin: Origin
    title: str = ""
    notes: str = ""
    cursor: str | None = None
    description: str = ""

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of the values. Ask for it soon after opening: it takes a moment with a million rows."""
        return data_hash(self.dataset)

    def run_file(self, settings: Settings | None = None, cursor: str | None = None, hashed: bool = False) -> RunFile:
        """This source as the content of a run file, with the settings and the place of now.

        Args:
            settings: the settings of now; by default those it came with.
            cursor: where the person is, from :func:`lrstep.core.position.position_text`.
            hashed: with the hash of the data, as :func:`lrstep.sources.resume.keep` wants it.
        """
        return RunFile(
            origin=self.origin,
            settings=settings or self.settings,
            title=self.title,
            notes=self.notes,
            cursor=cursor,
            data_hash=self.data_hash if hashed else None,
        )


def open_source(
    text: str | None = None, feature: str | None = None, label: str | None = None, progress: Progress | None = None
) -> Source:
    """Open what a person named.

    A text with a path separator is always a path. Any other is a sample, else a lesson, else a file: a file
    called like a sample is opened by ``./name``.

    Args:
        text: a sample, a lesson, a CSV file, a run file (``.toml``), or ``-`` for CSV on standard input; None
            for the sample ``mlcc``.
        feature: column name or number; goes before what a run file says.
        label: likewise.
        progress: called with the share of a CSV file that is read, 0 … 1.

    Raises:
        LrstepError: there is no such thing, or it cannot be read.
    """
    text = DEFAULT if text is None else text
    if text == STANDARD_INPUT:
        dataset = read_csv(sys.stdin.buffer, feature, label, progress)
        return Source(dataset, Settings(), Origin(feature=feature, label=label), description=_columns(dataset))
    if not _has_separator(text):
        if any(sample.name == text for sample in catalogue()):
            return open_sample(text, feature, label)
        for lesson in lessons():
            if lesson.name == text:
                return open_run_file(lesson.path, feature, label)
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - the method of Path raises where there is no home
    if not text or not os.path.lexists(path):
        raise _unknown(text)
    if path.suffix.casefold() == ".toml" and not path.is_dir():
        return open_run_file(path, feature, label, progress)
    return open_csv(path, feature, label, progress)


def open_sample(name: str, feature: str | None = None, label: str | None = None) -> Source:
    """Open a sample.

    Raises:
        LrstepError: there is no such sample or column.
    """
    sample = get(name)
    dataset = replace(read_csv(sample.path, feature, label), name=name)
    return Source(dataset, sample.settings, Origin(name, None, feature, label), sample.title, description=sample.shows)


def open_csv(
    path: Path, feature: str | None = None, label: str | None = None, progress: Progress | None = None
) -> Source:
    """Open a CSV file, with the default settings.

    Raises:
        LrstepError: it cannot be read.
    """
    dataset = read_csv(path, feature, label, progress)
    origin = Origin(None, runfile.absolute(path), feature, label)
    return Source(dataset, Settings(), origin, description=_columns(dataset))


def open_run_file(
    path: Path, feature: str | None = None, label: str | None = None, progress: Progress | None = None
) -> Source:
    """Open a run file and its data.

    Raises:
        LrstepError: the run file or its data cannot be read.
    """
    return open_run(runfile.read(path), str(path), feature, label, progress)


def open_run(
    run: RunFile,
    name: str,
    feature: str | None = None,
    label: str | None = None,
    progress: Progress | None = None,
) -> Source:
    """Open the data of a run file that was read; ``name`` is what to call the run file in a message.

    Raises:
        LrstepError: the data cannot be read.
    """
    feature = run.origin.feature if feature is None else feature
    label = run.origin.label if label is None else label
    try:
        if run.origin.sample is not None:
            data = open_sample(run.origin.sample, feature, label)
        else:
            data = open_csv(run.origin.file or Path(), feature, label, progress)
    except LrstepError as error:
        raise LrstepError(f"{name}: its data cannot be opened: {error.message}", error.hint) from None
    return replace(
        data,
        settings=run.settings,
        title=run.title,
        notes=run.notes,
        cursor=run.cursor,
        description=_columns(data.dataset),
    )


def _has_separator(text: str) -> bool:
    return os.sep in text or bool(os.altsep and os.altsep in text)


def _columns(dataset: Dataset) -> str:
    return f"{dataset.name}: feature {dataset.feature}, label {dataset.label}"


def _unknown(text: str) -> LrstepError:
    if _has_separator(text):
        return LrstepError(f"{text}: there is no such file", "Look at the spelling and at the folder you are in.")
    names = [sample.name for sample in catalogue()] + [lesson.name for lesson in lessons()]
    if Path(text).suffix:
        hint = f"{did_you_mean(text, names)}'lrstep samples' lists what comes with lrstep."
        return LrstepError(f"{text}: there is no such file", hint)
    return LrstepError(
        f"{quoted(text)} is no sample and no lesson, and there is no such file",
        f"{did_you_mean(text, names)}Samples and lessons: {', '.join(names)}.",
    )
