"""The sample data sets and the lessons that travel with lrstep."""

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted


class Sample(NamedTuple):
    """A sample data set, or a sample recording.

    Attributes:
        name: what to type.
        title: a few words.
        shows: one line on what can be seen with it.
        source: where the figures come from.
        settings: settings that suit it; a recording has its own.
        path: its CSV file, or its recording.
        features, label: its columns, where it has more than two.
    """

    name: str
    title: str
    shows: str
    source: str
    settings: Settings
    path: Path
    features: tuple[str, ...] = ()
    label: str | None = None

    @property
    def recorded(self) -> bool:
        """Whether it is a recording."""
        return self.path.suffix == ".toml"


@dataclass(frozen=True)
class LessonFile:
    """A lesson that comes with lrstep: a run file with steps.

    Attributes:
        name: what to type.
        path: its run file.
    """

    name: str
    path: Path

    @property
    def title(self) -> str:
        """A few words."""
        return str(self._content["title"])

    @property
    def steps(self) -> int:
        """How many it has."""
        return len(self._content["steps"])

    @cached_property
    def _content(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text(encoding="utf-8"))


def samples_folder() -> Path:
    """The folder of the samples: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "samples"
    return installed if installed.is_dir() else package.parent / "samples"


@cache
def catalogue() -> tuple[Sample, ...]:
    """All samples, in the order in which a learner may want them."""
    folder = samples_folder()
    return tuple(
        Sample(
            name,
            entry["title"],
            entry["shows"],
            entry["source"],
            Settings(**entry.get("settings", {})),
            folder / entry.get("file", f"{name}.csv"),
            tuple(entry.get("features", ())),
            entry.get("label"),
        )
        for name, entry in _entries()["samples"].items()
    )


@cache
def lessons() -> tuple[LessonFile, ...]:
    """All lessons, in the order in which to take them."""
    folder = samples_folder() / "lessons"
    return tuple(LessonFile(name, folder / f"{name}.toml") for name in _entries()["lessons"]["order"])


def named() -> tuple[Sample | LessonFile, ...]:
    """What can be opened by its name: the samples, then the lessons."""
    return (*catalogue(), *lessons())


def get(name: str) -> Sample:
    """The sample of that name.

    Raises:
        LrstepError: there is none; the closest name is given.
    """
    for sample in catalogue():
        if sample.name == name:
            return sample
    names = [sample.name for sample in catalogue()]
    raise LrstepError(f"there is no sample {quoted(name)}", f"{did_you_mean(name, names)}Samples: {', '.join(names)}.")


@cache
def _entries() -> dict[str, Any]:
    return tomllib.loads((samples_folder() / "samples.toml").read_text(encoding="utf-8"))
