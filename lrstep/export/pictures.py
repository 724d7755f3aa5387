"""Pictures of a run: a GIF or a folder of frames, one per iteration, and a PNG for a report.

Colours are told apart by colour-blind people, and every kind of line and mark also differs in dash and shape.
"""

from collections.abc import Iterator
from pathlib import Path

from lrstep.core.lockstep import Lockstep
from lrstep.errors import LrstepError
from lrstep.export.drawing import BLACK, BLUE, GREEN, GREY, LIGHT, ORANGE, WHITE, Image
from lrstep.export.fit_picture import FitPicture
from lrstep.export.others import RUNS
from lrstep.export.progress import ProgressCallback, advance, silent
from lrstep.export.report import draw_report
from lrstep.export.spans import ExportOptions, Size, spans

FRAME_SIZE = (640, 480)
REPORT_SIZE = (1200, 500)
SMALLEST, LARGEST = 240, 4000
"""Pixels of a side."""

MAX_GIF_FRAMES = 2000
"""A GIF is put together in memory, and longer ones nobody watches."""

MAX_FRAMES = 100_000
"""Files in a folder; drawing so many takes hours."""

HOLD_SECONDS = 2.0
"""How long a GIF stays on its last picture before it begins again."""

BLENDS = 24
"""Steps from a colour to almost white in the palette of a GIF."""

FPS = 4.0
"""Pictures per second of a GIF where nobody says."""


def write_gif(runs: Lockstep, path: Path, options: ExportOptions, tick: ProgressCallback = silent) -> int:
    """Write an animated GIF of the line over the data, one frame per iteration; return the number of frames.

    Args:
        runs: the run, computed as far as needed, and those beside it, which are drawn too where they stand meanwhile.
        path: the file to write.
        options: which iterations; the size is 640 by 480 if they have none.
        tick: called after each frame with the number of iterations done.

    Raises:
        LrstepError: a size or speed out of range, or too many frames.
    """
    numbers = frame_numbers(options, MAX_GIF_FRAMES)
    fps = FPS if options.fps is None else options.fps
    if not 0 < fps <= 50:
        raise LrstepError(f"--fps {fps:g} is not valid", "It must be above 0 and at most 50 (pictures per second).")
    palette = _palette()
    pictures = (
        picture.quantize(palette=palette, dither=Image.Dither.NONE)
        for picture in _pictures(runs, numbers, checked_size(options.size, FRAME_SIZE), tick)
    )
    durations = [max(20, round(1000 / fps))] * len(numbers)
    durations[-1] = max(durations[-1], round(1000 * HOLD_SECONDS))
    start = next(pictures)
    start.save(
        path, "GIF", save_all=True, append_images=pictures, duration=durations, loop=0, optimize=False, disposal=1
    )
    return len(numbers)


def write_frames(runs: Lockstep, folder: Path, options: ExportOptions, tick: ProgressCallback = silent) -> int:
    """Write the same frames as PNG files img0001.png, img0002.png … into a folder; return how many."""
    numbers = frame_numbers(options, MAX_FRAMES)
    for place, picture in enumerate(_pictures(runs, numbers, checked_size(options.size, FRAME_SIZE), tick), 1):
        picture.save(folder / frame_name(place), "PNG")
    return len(numbers)


def write_png(runs: Lockstep, path: Path, options: ExportOptions, tick: ProgressCallback = silent) -> None:
    """Write one picture: the line after the last iteration over the data, beside it the RMSE curve of all iterations.

    The size is 1200 by 500 if the options have none.
    """
    size = checked_size(options.size, REPORT_SIZE)
    _compute(runs, options.last, tick)
    draw_report(runs, options.first, options.last, size).save(path, "PNG")
    tick(options.last - options.first + 1)


def frame_name(place: int) -> str:
    """The file name of a frame, counted from 1."""
    return f"img{place:04d}.png"


def frame_numbers(options: ExportOptions, most: int) -> list[int]:
    """The iterations that become frames: from first on every so many, and the last.

    Raises:
        LrstepError: more of them than allowed.
    """
    first, last, every, *_ = options
    count = 1 - (first - last) // every
    if count > most:
        needed = -(-(last - first + 1) // (most - 1))
        message = f"{count} pictures are too many: at most {most} can be made"
        raise LrstepError(message, f"Take fewer with --every {needed}, or shorten it with --from and --to.")
    return [*range(first, last, every), last]


def checked_size(size: Size | None, normal: Size) -> Size:
    """The size of a picture; an LrstepError where it cannot be drawn or read."""
    if size is None:
        return normal
    if not all(SMALLEST <= side <= LARGEST for side in size):
        hint = f"Width and height must be {SMALLEST} to {LARGEST} pixels each, for instance 800x600."
        raise LrstepError(f"--size {size[0]}x{size[1]} is not valid", hint)
    return size


def _pictures(runs: Lockstep, numbers: list[int], size: Size, tick: ProgressCallback) -> Iterator[Image.Image]:
    _compute(runs, numbers[-1], tick)
    picture = FitPicture(runs, size, numbers[0], numbers[-1])
    for number in numbers:
        yield picture.frame(runs.run.iteration(number))
        tick(number - numbers[0] + 1)


def _compute(runs: Lockstep, last: int, tick: ProgressCallback) -> None:
    for span in spans(runs, 1, last):
        advance(span.run, span.last, tick)


def _palette() -> Image.Image:
    """An image whose palette holds the colours in use and their blends with white, for smooth edges."""
    levels = [*WHITE, *LIGHT]
    for colour in (BLACK, GREY, ORANGE, BLUE, GREEN, *(pen.colour for pen in RUNS if pen.colour != BLACK)):
        for share in range(BLENDS):
            # Not all the way to white, which Pillow's coarse search would then miss.
            part = 1 - 0.85 * share / BLENDS
            levels += [round(255 + part * (level - 255)) for level in colour]
    palette = Image.new("P", (1, 1))
    palette.putpalette(levels)
    return palette
