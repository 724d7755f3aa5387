"""Which sample, lesson or file a person means. Nothing of it is read yet, so this is quick."""

import os
from pathlib import Path

from lrstep.errors import LrstepError
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import exists, quoted, typed_path
from lrstep.sources.samples import LessonFile, Sample, named


def look_up(text: str) -> Sample | LessonFile | Path:
    """Find what a person named.

    A text with a path separator is always a path. Any other is a sample, else a lesson, else a file: a file
    called like a sample is ``./name``.

    Raises:
        LrstepError: there is no such thing.
    """
    if not _has_separator(text):
        for found in named():
            if found.name == text:
                return found
    path = typed_path(text)
    if not text or not exists(path):
        raise _unknown(text)
    return path


def _has_separator(text: str) -> bool:
    return os.sep in text or bool(os.altsep and os.altsep in text)


def _unknown(text: str) -> LrstepError:
    if _has_separator(text):
        return LrstepError(f"{text}: there is no such file", "Look at the spelling and at the folder you are in.")
    names = [one.name for one in named()]
    if Path(text).suffix:
        hint = f"{did_you_mean(text, names)}'lrstep samples' lists what comes with lrstep."
        return LrstepError(f"{text}: there is no such file", hint)
    hint = f"{did_you_mean(text, names)}Samples and lessons: {', '.join(names)}."
    return LrstepError(f"{quoted(text)} is no sample and no lesson, and there is no such file", hint)
