"""SOURCE: what a person names to get data and settings — a sample, a lesson, a CSV file or a run file."""

import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources.against import MOST, Against, Comparison, refuse_too_many
from lrstep.sources.columns import ColumnsNeeded, listing
from lrstep.sources.csvfile import Progress, read_csv
from lrstep.sources.files import STANDARD_INPUT, exists, mode_of, quoted, typed_path
from lrstep.sources.lookup import look_up
from lrstep.sources.runfile import DataOrigin, RunFile, absolute
from lrstep.sources.samples import LessonFile, Sample, get, lessons
from lrstep.sources.source import Source

if TYPE_CHECKING:
    from lrstep.sources.lesson_file import Lesson

DEFAULT = "mlcc"


def open_source(
    text: str | None = None, features: Sequence[str] = (), label: str | None = None, progress: Progress | None = None
) -> Source:
    """Open what a person named.

    Args:
        text: a sample, a lesson, a CSV file, a run file (``.toml``), see :func:`lrstep.sources.lookup.look_up`,
            or ``-`` for CSV on standard input; None for the sample ``mlcc``.
        features: column names or numbers; they go before what a run file says.
        label: likewise.
        progress: called with the share of a CSV file that is read, 0 … 1.

    Raises:
        LrstepError: there is no such thing, or it cannot be read.
    """
    text = DEFAULT if text is None else text
    if text == STANDARD_INPUT:
        if sys.stdin is None:
            raise LrstepError("standard input is closed", "Name a file, or send data: cat data.csv | lrstep trace -")
        dataset = read_csv(sys.stdin.buffer, features, label, progress)
        return Source(dataset, Settings(), DataOrigin(features=tuple(features), label=label))
    found = look_up(text)
    if isinstance(found, Sample):
        return open_sample(found.name, features, label)
    if isinstance(found, LessonFile):
        return open_run_file(found.path, features, label, name=found.name)
    if found.suffix.casefold() == ".toml" and not stat.S_ISDIR(mode_of(found)):
        return open_run_file(found, features, label, progress)
    return open_csv(found, features, label, progress)


def refuse_streams(text: str) -> None:
    """Refuse what is read to its end before anything else goes on, where a person waits or whoever named it is gone.

    Raises:
        LrstepError: ``-``, or the path of a pipe.
    """
    if text == STANDARD_INPUT:
        raise LrstepError("standard input cannot be read while the keys come from it", "Save the data to a file first.")
    path = typed_path(text)
    if exists(path) and stat.S_ISFIFO(mode_of(path)):
        raise LrstepError(f"{text}: this is a pipe", "Save the data to a file first.")


def open_sample(name: str, features: Sequence[str] = (), label: str | None = None) -> Source:
    """Open a sample.

    Raises:
        LrstepError: there is no such sample or column.
    """
    sample = get(name)
    if sample.recorded:
        return open_recording(sample.path, features, label, name)
    dataset = read_csv(sample.path, features or sample.features, label or sample.label).named(name)
    return Source(dataset, sample.settings, DataOrigin(name, None, tuple(features), label), sample.title)


def open_csv(path: Path, features: Sequence[str], label: str | None, progress: Progress | None) -> Source:
    """Open a CSV file, with the default settings.

    Raises:
        LrstepError: it cannot be read.
    """
    dataset = read_csv(path, features, label, progress)
    return Source(dataset, Settings(), DataOrigin(None, absolute(path), tuple(features), label))


def open_run_file(
    path: Path, features: Sequence[str], label: str | None, progress: Progress | None = None, name: str = ""
) -> Source:
    """Open a run file and its data; ``name`` is that of a lesson that comes with lrstep.

    Raises:
        LrstepError: the run file or its data cannot be read, or the run has no such place as the file says.
    """
    if _holds_recording(path):
        return open_recording(path, features, label)
    from lrstep.sources.runfile_reader import read

    run = read(path)
    source = open_run(run, str(path), features, label, progress)
    if source.lesson is not None:
        source = replace(source, lesson=replace(source.lesson, name=name or str(absolute(path))))
    if cursor_is_outside(source):
        line = f", line {run.cursor_line}" if run.cursor_line else ""
        hint = f"With its data and settings the run has iterations 0 … {_looked_at(source).n_iterations}."
        raise LrstepError(f"{path}{line}: cursor {quoted(source.cursor or '')} lies behind the end of the run", hint)
    return source


def open_run(
    run: RunFile, name: str, features: Sequence[str] = (), label: str | None = None, progress: Progress | None = None
) -> Source:
    """Open the data of a run file that was read; ``name`` is what to call the run file in a message.

    The cursor is taken as it is, also where the data is too short for it.

    Raises:
        LrstepError: the data cannot be read.
    """
    features = features or run.origin.features
    label = run.origin.label if label is None else label
    try:
        if run.origin.sample is not None:
            data = open_sample(run.origin.sample, features, label)
        else:
            data = _open_data(run.origin.file or Path(), features, label, progress)
    except LrstepError as error:
        raise LrstepError(f"{name}: its data cannot be opened: {error.message}", error.hint) from None
    settings = run.settings if isinstance(run.settings, Settings) else data.settings.changed(**run.settings)
    opened = data.changed(settings)
    title = run.title or opened.title if data.recording else run.title
    return replace(
        opened,
        title=title,
        notes=run.notes,
        cursor=run.cursor,
        comparison=run.comparison,
        breakpoints=run.breakpoints,
        lesson=_lesson(run, name),
        step=run.step,
    )


def _lesson(run: RunFile, name: str) -> "Lesson | None":
    """The lesson that a run file is, or that a kept run was of, as far as it is still there."""
    if not run.steps and run.lesson is None:
        return None
    from lrstep.sources.lesson_file import Lesson
    from lrstep.sources.runfile_reader import read

    if run.steps:
        return Lesson(name, run.title, run.steps)
    assert run.lesson is not None
    path = next((one.path for one in lessons() if one.name == run.lesson), Path(run.lesson))
    try:
        again = read(path)
    except LrstepError:
        return None
    fits = 0 < len(again.steps) >= run.step
    return Lesson(run.lesson, again.title, again.steps) if fits else None


def _open_data(path: Path, features: Sequence[str], label: str | None, progress: Progress | None) -> Source:
    """The data that a run file names: a CSV file, or a recording."""
    refuse_streams(str(path))
    if path.suffix.casefold() == ".toml":
        return open_recording(path, features, label)
    return open_csv(path, features, label, progress)


def _holds_recording(path: Path) -> bool:
    """Whether an ordinary file begins as a recording does; no more of it is read."""
    from lrstep.sources.recording import MOST_BYTES, is_recording

    try:
        if not stat.S_ISREG(mode_of(path)) or path.stat().st_size > MOST_BYTES:
            return False
        with path.open("rb") as handle:
            return is_recording(handle.read(4096).decode(errors="replace"))
    except (OSError, ValueError):
        return False  # whoever opens it says what is wrong


def open_recording(path: Path, features: Sequence[str], label: str | None, sample: str | None = None) -> Source:
    """Open a recorded run: its data, its settings, and what was done with them.

    Args:
        path: the recording.
        features, label: must not be given: it has its own.
        sample: the name of the sample that it is, if it is one.

    Raises:
        LrstepError: it cannot be read, or holds what cannot be.
    """
    from lrstep.sources.recording import read_recording, title_of

    if features or label is not None:
        problem = f"{sample or path}: a recording has its own features and label"
        raise LrstepError(problem, "Leave --feature and --label out.")
    recording = read_recording(path, sample)
    origin = DataOrigin(sample) if sample else DataOrigin(None, absolute(path))
    return Source(
        recording.dataset, recording.settings, origin, title_of(recording, recording.settings), recording=recording
    )


# --- what a source is compared with --------------------------------------------------------------


def side_by_side(source: Source) -> tuple[Source, ...]:
    """Itself, and after it what it is compared with.

    Raises:
        LrstepError: that cannot be opened, is one and the same run, or there is no room for so many.
    """
    if source not in _BESIDE:
        refuse_too_many(source.comparison.against)
        beside: list[Source] = []
        for against in source.comparison.against:
            other = replace(_open(against, source), comparison=Comparison())
            if any(_is_same(other, one) for one in (source, *beside)):
                hint = "Name a setting that differs."
                raise LrstepError(f"{against.text}: this is a run that is there already", hint)
            beside.append(other)
        _BESIDE[source] = tuple(beside)
    return source, *_BESIDE[source]


_BESIDE: WeakKeyDictionary[Source, tuple[Source, ...]] = WeakKeyDictionary()


def cursor_is_outside(source: Source) -> bool:
    """Whether the place to open at lies behind the end of the run that is looked at."""
    return source.cursor is not None and int(source.cursor.partition(".")[0]) > _looked_at(source).n_iterations


def with_cursor_inside(source: Source) -> Source:
    """The same, to be opened at the end of the run if its place lies behind that."""
    return replace(source, cursor=str(_looked_at(source).n_iterations)) if cursor_is_outside(source) else source


def _looked_at(source: Source) -> Source:
    return side_by_side(source)[source.comparison.shown]


def _open(against: Against, base: Source) -> Source:
    """What a source is compared with: its own data with other settings, or other data.

    A run file, a sample or a recording has settings of its own; a table of data has those of the source.
    """
    if not against.name:
        return base.changed(base.settings.asked(against.settings))
    refuse_streams(against.name)
    path = against.path
    found = _data(against)
    if found.origin.file == base.origin.file and base.origin.file and found.dataset.label != base.dataset.label:
        problem = f"the label is {found.dataset.label}, and that of the run beside it {base.dataset.label}"
        raise LrstepError(f"{against.text}: {problem}", "Runs of the same data are compared in the same label.")
    settings = found.settings
    if path is not None and path.suffix.casefold() != ".toml":
        alike = len(found.dataset.columns) == len(base.dataset.columns)
        own = {"order": None} if alike else {"order": None, "weight": None}
        settings = base.settings.changed(**own)
    return found.changed(settings.asked(against.settings))


def _is_same(one: Source, other: Source) -> bool:
    alike = one.dataset is other.dataset or one.origin == other.origin
    return alike and one.settings == other.settings and one.recorded == other.recorded


def _data(against: Against) -> Source:
    """The data that it names, kept: other settings are no reason to read a file of a million rows again."""
    try:
        found = against.path.stat() if against.path else None
    except (OSError, ValueError):
        found = None  # whoever opens it says what is wrong
    return _read(against.name, against.features, against.label, found and (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=MOST)
def _read(name: str, features: tuple[str, ...], label: str | None, changed: object) -> Source:
    try:
        return open_source(name, features, label)
    except ColumnsNeeded as needed:
        hint = f"Say so behind its name: feature=COL label=COL. {listing(needed.layout)}"
        raise LrstepError(needed.message, hint) from None
