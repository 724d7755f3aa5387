"""One call for every kind of export: the ending of the name decides, and the file is whole or not there."""

import math
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.output import new_file, new_folder, open_output, refuse_existing
from lrstep.export.progress import ProgressCallback, checked_range, ticker
from lrstep.export.spans import ExportOptions, RunSpan, Size, spans
from lrstep.plural import counted
from lrstep.sources.files import mode_of

TABLES = {"csv": "csv", "json": "json", "md": "markdown"}
SCRIPTS = {"py": "Python script", "keras": "Keras script"}
PICTURES = {"gif": "animated picture", "png": "picture", "frames": "pictures"}
WHAT = dict.fromkeys(TABLES, "table") | {"xlsx": "live workbook"} | SCRIPTS | PICTURES
"""Every kind of export; ``frames`` is a folder with one PNG per iteration, ``keras`` the run as a Keras script."""

COMPUTING = (*SCRIPTS, "xlsx")
"""What computes the run by itself, from its start on."""

OTHER_NAMES = {"python": "py"}
"""What a kind may be called as well."""

KNOWN = (
    "Known endings: .xlsx (live workbook), .csv .json .md (tables), .py (a script; --format keras: for Keras), "
    ".gif .png (pictures); a name that ends in / is a folder with one picture per iteration."
)

GOES_WITH = {
    "every": (("gif", "frames"), ".gif and with a folder of pictures"),
    "size": (tuple(PICTURES), ".gif, .png and a folder of pictures"),
    "fps": (("gif",), ".gif, the only one that moves"),
    "samples": ((*TABLES, "xlsx"), ".csv, .json and .md; a workbook always lists them"),
}
"""Option → the kinds that it has an effect on, and how these are told."""


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
    fps: float | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    runs: Lockstep | None = None,
) -> str:
    """Write a run to a file, or to a folder of pictures. It may be called from any thread.

    Args:
        run: which data and settings; the run itself is left alone, a new one is computed.
        path: the file; for frames the folder. A text that ends in a slash is a folder; a Path has no such slash.
        kind: one of :data:`WHAT`; None takes it from the ending, or is ``frames`` for a name that ends in a
            slash. ``png`` with a name that ends in a slash, is a folder or has no ending means ``frames``.
        samples: tables also list the samples of each batch.
        first: first iteration; a workbook always begins at 1.
        last: last iteration; None is the end of the run.
        every: a gif and frames show only every so many iterations, and the last one.
        size: width and height of pictures in pixels; None takes 640 by 480, for png 1200 by 500.
        fps: pictures per second of a gif; None is 4.
        force: overwrite what exists.
        progress: called often with (iterations done, iterations in all).
        cancelled: asked often; True stops with :class:`lrstep.export.progress.Cancelled`.
        runs: the run, which is the shown one of them, and those beside it, which are written too: iterations are those
            of the run, and what the others do in the meantime. A script is of the run alone.

    Returns:
        What was written, and where; for a folder also which pictures in it are of before.

    Raises:
        LrstepError: nothing was written; says why.
    """
    chosen = kind_of(path, kind)
    anew = _freely if chosen in COMPUTING else Run.again
    together = runs if runs and not runs.alone and chosen not in SCRIPTS else in_lockstep((Lane(run, ""),))
    together = replace(together, lanes=tuple(replace(lane, run=anew(lane.run)) for lane in together.lanes), partings={})
    run = together.run
    first, last = checked_range(run, first, last)
    options = ExportOptions(first, last, every, samples, size, fps)
    _refuse_what_has_no_effect(chosen, options, run.n_iterations)
    written = spans(together, first, last)
    for span in written if chosen not in SCRIPTS else ():  # a script computes nothing here
        span.run.require(span.last)
    pictures = chosen in PICTURES
    tick = ticker(last - first + 1 if pictures else sum(span.length for span in written), progress, cancelled)
    tick(0)
    path = Path(path)
    if chosen in TABLES:
        _table(written, path, chosen, options, force, tick)
    elif chosen in SCRIPTS:
        _script(run, path, chosen, force, tick)
    elif chosen == "frames":
        count = _frames(together, path, options, force, tick)
        said = f"{counted(count, 'picture')} {'is' if count == 1 else 'are'}"
        return f"{said} in the folder {path.absolute()}: {_span(options, runs, chosen)}.{_of_before(path, count)}"
    else:
        _binary(together, path, chosen, options, force, tick)
    return f"The {WHAT[chosen]} of {_span(options, runs, chosen)} is in {path.absolute()}"


def _freely(run: Run) -> Run:
    """The run from its start on, with one learning rate; of a recorded one nothing later is needed."""
    if not isinstance(run, RecordedRun):
        return run.again()
    starts = run.settings.rule.starts(run.settings)
    slots = [(value, starts[slot]) for slot, values in run.start.slots.items() for value in values]
    fresh = all(math.isclose(value, start, rel_tol=2.0**-23) for value, start in slots) and not run.counted
    for holds, otherwise in (
        (len(set(run.recording.learning_rate.tolist())) == 1, "changes its learning rate"),
        (fresh, "begins with an optimizer that has trained before"),
        (run.n_iterations == run.settings.epochs * run.batches.per_epoch, "was broken off within an epoch"),
    ):
        if not holds:
            hint = "Tables and pictures (.csv .json .md .gif .png) have it as it ran."
            raise LrstepError(f"this recorded run {otherwise}, which no script or workbook of it can compute", hint)
    return run.freely()


def _span(options: ExportOptions, runs: Lockstep | None, kind: str) -> str:
    span = f"iterations {options.first} to {options.last}"
    if options.first == options.last:
        span = f"iteration {options.first}"
    elif options.every > 1:
        span = f"one in {options.every} of {span}, and the last"
    if runs is None or runs.alone:
        return span
    if kind in SCRIPTS:
        return f"{span} of run {runs.shown + 1}, {runs.lanes[runs.shown].label},"
    return f"{span}, beside {counted(len(runs.lanes) - 1, 'other run')},"


def _of_before(folder: Path, count: int) -> str:
    """Which pictures of an earlier export go on after the new ones: they would be taken for the same run's."""
    numbers = (re.fullmatch(r"img(\d{4,})\.png", file.name) for file in folder.iterdir())
    older = sorted(int(found[1]) for found in numbers if found and int(found[1]) > count)
    if not older:
        return ""
    from lrstep.export.pictures import frame_name

    names = " to ".join(map(frame_name, dict.fromkeys((older[0], older[-1]))))
    return f" Of before, and not of this run: {names} ({len(older)} in all)."


def kind_of(path: Path | str, kind: str | None = None) -> str:
    """Which of :data:`WHAT` a name and a wish together mean.

    Raises:
        LrstepError: none of them.
    """
    text = str(path)
    ending = Path(text).suffix.lower().removeprefix(".")
    slash = text.endswith(tuple(filter(None, (os.sep, os.altsep))))
    is_folder = slash or stat.S_ISDIR(mode_of(Path(text))) or not ending
    if not text.strip():
        raise LrstepError("the file to export to has no name", KNOWN)
    if text == "-":
        hint = "lrstep trace prints the numbers, also with --format csv or json. For a file of this name say ./-"
        raise LrstepError("an export is not written to standard output", hint)
    if kind == "frames" or (kind == "png" and is_folder) or (kind is None and slash):
        return "frames"
    if slash:
        raise LrstepError(f"{text} is the name of a folder", f"A {kind} is one file: leave the slash at the end out.")
    if kind is None and is_folder:
        raise LrstepError(f"{text}: which format?", KNOWN)
    chosen = (kind or ending).lower()
    chosen = OTHER_NAMES.get(chosen, chosen) if kind else chosen
    if chosen not in WHAT or (chosen == "keras" and not kind):
        raise LrstepError(f"{text}: {chosen!r} is not a format that can be written", KNOWN)
    return chosen


def _refuse_what_has_no_effect(kind: str, options: ExportOptions, whole: int) -> None:
    if kind in SCRIPTS and (options.first, options.last) != (1, whole):
        hint = "Leave --from and --to out; with fewer epochs it is shorter."
        raise LrstepError("--from and --to do not go with a script: it makes the whole run", hint)
    if kind == "xlsx" and options.first > 1:
        hint = "Each row is computed from the one before. Leave --from out; --to shortens the workbook."
        raise LrstepError("--from does not go with a workbook: it begins at iteration 1", hint)
    if options.every < 1:
        raise LrstepError(f"--every {options.every} is not valid", "It must be a whole number of at least 1.")
    for option, (kinds, hint) in GOES_WITH.items():
        if kind not in kinds and getattr(options, option) != ExportOptions._field_defaults[option]:
            raise LrstepError(f"--{option} does not go with {kind}", f"It goes with {hint}.")


def _table(
    written: list[RunSpan], path: Path, kind: str, options: ExportOptions, force: bool, tick: ProgressCallback
) -> None:
    from lrstep.export import tables

    form = TABLES[kind]
    with open_output(path, force) as out:
        if len(written) > 1:
            getattr(tables, f"write_{form}_of_runs")(written, out, options.samples, tick)
        else:
            getattr(tables, f"write_{form}")(written[0].run, out, options.samples, options.first, options.last, tick)


def _script(run: Run, path: Path, kind: str, force: bool, tick: ProgressCallback) -> None:
    from lrstep.export.keras_script import keras_script
    from lrstep.export.script import python_script

    text = {"py": python_script, "keras": keras_script}[kind](run)
    with open_output(path, force) as out:
        out.write(text)
        tick(run.n_iterations)


def _binary(runs: Lockstep, path: Path, kind: str, options: ExportOptions, force: bool, tick: ProgressCallback) -> None:
    with new_file(path, force) as place:
        if kind == "xlsx":
            from lrstep.export.workbook import write_workbook

            write_workbook(runs, place, options.last, tick)
            return
        from lrstep.export.pictures import write_gif, write_png

        write = write_gif if kind == "gif" else write_png
        write(runs, place, options, tick)


def _frames(runs: Lockstep, path: Path, options: ExportOptions, force: bool, tick: ProgressCallback) -> int:
    from lrstep.export.pictures import frame_name, write_frames

    # All names are looked at again in the end; this saves drawing them in vain.
    refuse_existing(path / frame_name(1), force)
    with new_folder(path, force) as place:
        return write_frames(runs, place, options, tick)
