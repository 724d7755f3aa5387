"""How far a person has come in each lesson: its run is kept, with the step, beside the run that was open last.

So a lesson goes on where it was left, with the settings and the place of then. One that was done to its end stays so.
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.sources.folders import state_folder
from lrstep.sources.samples import lessons

if TYPE_CHECKING:  # NumPy comes with them, and a list of lessons does without
    from lrstep.sources.runfile import RunFile
    from lrstep.sources.source import Source


def path_of(name: str) -> Path:
    """The file in which the run of a lesson is kept.

    Raises:
        LrstepError: there is no folder for it.
    """
    if any(lesson.name == name for lesson in lessons()):
        stem = name
    else:
        import hashlib

        stem = f"{re.sub(r'[^A-Za-z0-9-]', '_', Path(name).stem)[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return state_folder() / "lessons" / f"{stem}.toml"


def keep(run: "RunFile") -> None:
    """Keep the run of a lesson, unless that was done before.

    Raises:
        LrstepError: it cannot be kept, see :func:`lrstep.sources.resume.keep`.
    """
    from lrstep.sources import resume

    if run.lesson is not None and _steps_done(run.lesson) < len(run.steps):
        resume.keep(run, path_of(run.lesson))


def gone_on(source: "Source") -> "Source":
    """A lesson where it was left, with its place and settings of then; from its start where it is done, or new."""
    from lrstep.sources import resume
    from lrstep.sources.runfile_reader import read

    lesson = source.lesson
    if lesson is None or not 0 < _steps_done(lesson.name) < len(lesson.steps):
        return source
    try:
        left = resume.reopen(read(path_of(lesson.name))).source
    except LrstepError:  # its data are gone
        return source
    return replace(left, lesson=lesson) if left.lesson is not None else source


def progress(name: str, steps: int) -> str:
    """How far a lesson has come, for a list: "✓ done", "3 of 8 steps", or nothing."""
    done = _steps_done(name)
    if not 0 < done <= steps:
        return ""
    return "✓ done" if done == steps else f"{done} of {counted(steps, 'step')}"


def _steps_done(name: str) -> int:
    """How many steps are done; 0 where nothing is kept, or it cannot be read."""
    try:
        content = tomllib.loads(path_of(name).read_text(encoding="utf-8"))
    except (LrstepError, OSError, ValueError, RecursionError):
        return 0
    step = content.get("step", 0)
    return step if isinstance(step, int) and content.get("lesson") == name else 0
