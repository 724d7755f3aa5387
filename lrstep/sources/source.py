"""Data with the settings to run it."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.run import Run, batches_of, scaling_of
from lrstep.core.setting import Value
from lrstep.core.settings import Settings
from lrstep.core.start import initial_weights
from lrstep.sources.against import Comparison
from lrstep.sources.runfile import DataOrigin, RunFile

if TYPE_CHECKING:
    from lrstep.core.recorded_run import Recording
    from lrstep.sources.lesson_file import Lesson


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
        comparison: what it is compared with.
        recording: what a framework did with these data, where they are of a recording.
        breakpoints: conditions at which playing stops.
        lesson: the lesson that it begins, or goes on with.
        step: how many of its steps are done.

    Raises:
        SettingsError: there are initial weights for another number of features, or an order of other samples, or
            the data cannot be scaled.
    """

    dataset: Dataset
    settings: Settings
    origin: DataOrigin
    title: str = ""
    notes: str = ""
    cursor: str | None = None
    comparison: Comparison = field(default_factory=Comparison)
    recording: "Recording | None" = None
    breakpoints: tuple[str, ...] = ()
    lesson: "Lesson | None" = None
    step: int = 0

    def __post_init__(self) -> None:
        initial_weights(self.settings, len(self.dataset.columns))
        batches_of(self.settings, len(self.dataset))
        scaling_of(self.dataset, self.settings)

    def run(self) -> Run:
        """Its run; each step of a recorded one begins with the state that was recorded."""
        if self.recording is not None and self.recorded:
            from lrstep.core.recorded_run import RecordedRun

            return RecordedRun(self.recording)
        return Run(self.dataset, self.settings)

    @property
    def recorded(self) -> bool:
        """Whether its run is the recorded one; with other settings than the recorded ones it is a free run."""
        return self.recording is not None and self.settings == self.recording.settings

    def changed(self, settings: Settings) -> "Source":
        """The same data with other settings, from the start; it begins no lesson."""
        title = self.title
        if self.recording is not None:
            from lrstep.sources.recording import title_of

            if title == title_of(self.recording, self.settings):
                title = title_of(self.recording, settings)
        made = replace(self, settings=settings, title=title, cursor=None, lesson=None)
        if "data_hash" in vars(self):  # the same data
            vars(made)["data_hash"] = self.data_hash
        return made

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of the values of features and label, in hexadecimal.

        The values and not the file: they decide the run. A remark added in another column changes nothing, while a new
        column that shifts the default choice of columns does. Ask for it soon after opening: it takes a moment with a
        million rows.
        """
        import hashlib

        digest = hashlib.sha256()
        for values in (*self.dataset.columns, self.dataset.y):
            digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
        return digest.hexdigest()

    @property
    def n_iterations(self) -> int:
        """Iterations of the run."""
        if self.recording is not None and self.recorded:
            return len(self.recording)
        return self.settings.epochs * Batches(len(self.dataset), self.settings.batch_size).per_epoch

    def run_file(
        self,
        cursor: str | None = None,
        hashed: bool = False,
        comparison: Comparison | None = None,
        breakpoints: tuple[str, ...] = (),
    ) -> RunFile:
        """This source as the content of a run file, with the place of now.

        Args:
            cursor: where the person is, from :func:`lrstep.core.position.position_text`.
            hashed: with the hash of the data, as :func:`lrstep.sources.resume.keep` wants it.
            comparison: as it is now; by default as it came.
            breakpoints: those of now.
        """
        used: Settings | dict[str, Value] = self.settings
        if self.recording is not None:
            own, none = self.recording.settings.as_dict(), object()
            used = {name: value for name, value in self.settings.as_dict().items() if own.get(name, none) != value}
        return RunFile(
            origin=self.origin,
            settings=used,
            title=self.title,
            notes=self.notes,
            cursor=cursor,
            data_hash=self.data_hash if hashed else None,
            comparison=comparison or self.comparison,
            breakpoints=breakpoints,
        )
