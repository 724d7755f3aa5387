"""One call for every kind of export: the ending of the name decides, and the file is whole or not there."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.output import new_file, new_folder, open_output, refuse_existing
from lrstep.export.progress import Tick, checked_range, ticker

TABLES = {"csv": "table", "json": "table", "md": "table"}
WHAT = TABLES | {"xlsx": "live workbook", "gif": "animated picture", "png": "picture", "frames": "pictures"}
KINDS = tuple(WHAT)
"""Every kind of export; ``frames`` is a folder with one PNG per iteration."""

KNOWN = (
    "Known endings: .xlsx (live workbook), .csv .json .md (tables), .gif .png (pictures); "
    "a folder with --format png gets one picture per iteration."
)

Size = tuple[int, int]


class Part(NamedTuple):
    """Which iterations are exported, and the look of pictures."""

    first: int
    last: int
    every: int
    samples: bool
    size: Size | None
    fps: float


def export(
    run: Run,
    path: Path | str,
    *,
    kind: str | None = None,
    samples: bool = False,
    first: int = 1,
    last: int | None = None,
    every: int = 1,
    size: Size | None = None,
    fps: float = 4,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> str:
    """Write a run to a file, or to a folder of pictures. It may be called from any thread.

    Args:
        run: which data and settings; the run itself is left alone, a new one is computed.
        path: the file; for frames the folder.
        kind: one of :data:`KINDS`; None takes it from the ending. ``png`` with a name that ends in a
            slash, is a folder or has no ending means ``frames``.
        samples: tables also list the samples of each batch.
        first: first iteration; a workbook always begins at 1.
        last: last iteration; None is the end of the run.
        every: a gif and frames show only every so many iterations, and the last one.
        size: width and height of pictures in pixels; None takes 640 by 480, for png 1200 by 500.
        fps: pictures per second of a gif.
        force: overwrite what exists.
        progress: called often with (iterations done, iterations in all).
        cancelled: asked often; True stops with :class:`lrstep.export.progress.Cancelled`.

    Returns:
        A sentence: what was written, and where.

    Raises:
        LrstepError: nothing was written; says why.
    """
    chosen = kind_of(path, kind)
    run = Run(run.dataset, run.settings)
    first, last = checked_range(run, first, last)
    part = Part(first, last, every, samples, size, fps)
    _refuse_what_has_no_effect(chosen, part)
    tick = ticker(last - first + 1, progress, cancelled)
    tick(0)
    path = Path(path)
    if chosen in TABLES:
        _table(run, path, chosen, part, force, tick)
    elif chosen == "frames":
        count = _frames(run, path, part, force, tick)
        return f"{count} pictures, one per iteration, are in the folder {path.absolute()}"
    else:
        _binary(run, path, chosen, part, force, tick)
    return f"The {WHAT[chosen]} of iterations {first} to {last} is in {path.absolute()}"


def kind_of(path: Path | str, kind: str | None = None) -> str:
    """Which of :data:`KINDS` a name and a wish together mean.

    Raises:
        LrstepError: none of them.
    """
    text = str(path)
    ending = Path(text).suffix.lower().removeprefix(".")
    is_folder = text.endswith(("/", "\\")) or Path(text).is_dir() or not ending
    if kind == "png" and is_folder:
        return "frames"
    if kind is None and is_folder:
        hint = f"For one picture per iteration say --format png. {KNOWN}"
        raise LrstepError(f"{text}: which format?", hint)
    chosen = (kind or ending).lower()
    if chosen not in WHAT:
        raise LrstepError(f"{text}: {chosen!r} is not a format that can be written", KNOWN)
    return chosen


def _refuse_what_has_no_effect(kind: str, part: Part) -> None:
    if kind == "xlsx" and part.first > 1:
        hint = "Each row is computed from the one before. Leave --from out; --to shortens the workbook."
        raise LrstepError("--from does not go with a workbook: it begins at iteration 1", hint)
    if part.every < 1:
        raise LrstepError(f"--every {part.every} is not valid", "It must be a whole number of at least 1.")
    if part.every > 1 and kind not in ("gif", "frames"):
        raise LrstepError(f"--every does not go with {kind}", "It goes with .gif and with a folder of pictures.")
    if part.size and kind not in ("gif", "png", "frames"):
        raise LrstepError(f"--size does not go with {kind}", "It goes with .gif, .png and a folder of pictures.")
    if part.samples and kind not in TABLES and kind != "xlsx":
        raise LrstepError(
            f"--samples does not go with {kind}", "It goes with .csv, .json and .md; a workbook always lists them."
        )


def _table(run: Run, path: Path, kind: str, part: Part, force: bool, tick: Tick) -> None:
    from lrstep.export.tables import write_csv, write_json, write_markdown

    writer = {"csv": write_csv, "json": write_json, "md": write_markdown}[kind]
    with open_output(path, force) as out:
        writer(run, out, part.samples, part.first, part.last, tick)


def _binary(run: Run, path: Path, kind: str, part: Part, force: bool, tick: Tick) -> None:
    with new_file(path, force) as place:
        if kind == "xlsx":
            from lrstep.export.workbook import write_workbook

            write_workbook(run, place, part.last, tick)
            return
        from lrstep.export.pictures import write_gif, write_png

        if kind == "gif":
            write_gif(run, place, part.first, part.last, part.every, part.size, part.fps, tick)
        else:
            write_png(run, place, part.first, part.last, part.size, tick)


def _frames(run: Run, path: Path, part: Part, force: bool, tick: Tick) -> int:
    from lrstep.export.pictures import frame_name, write_frames

    # All names are looked at again in the end; this saves drawing them in vain.
    refuse_existing(path / frame_name(1), force)
    with new_folder(path, force) as place:
        return write_frames(run, place, part.first, part.last, part.every, part.size, tick)
