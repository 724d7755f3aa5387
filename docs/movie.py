"""Draw docs/movie.gif, 20 seconds of real use that the README begins with: python -m docs.movie

lrstep runs in a pseudo-terminal, the keys below are typed, and each screen becomes a frame. It needs Pillow, Keras and
a monospaced font (DejaVu Sans Mono, or the file that is named as argument).
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyte
from PIL import Image, ImageDraw, ImageFont

from benchmarks.terminal import Terminal

MOVIE = Path(__file__).with_name("movie.gif")
COLUMNS, ROWS = 120, 36
CELL = (8, 16)
BLACK, WHITE, PAPER = "#121212", "#e0e0e0", "#ffd75f"
MOST_BYTES = 1_000_000


class Shot(NamedTuple):
    """Keys that are typed, what is told of it below the screen, how long it stays, and what it has to show."""

    keys: tuple[str, ...]
    told: str
    seconds: float
    shows: str = ""


class Scene(NamedTuple):
    """A command and what is done in it."""

    arguments: tuple[str, ...]
    shots: tuple[Shot, ...]


SCENES = (
    Scene(
        ("mlcc", "--batch-size", "12", "--epochs", "1"),
        (
            Shot((), "Keras prints RMSE 23.1, my spreadsheet says 21.8. Which one is right?", 2.0),
            Shot(("right",), "→  one step: 23.1404 before it, 21.8362 after; Keras prints the first", 3.0, "21.836"),
            Shot(("w", "21.8"), "w  a number that you got …", 1.2, "21.8"),
            Shot(("enter",), "…  and which quantity it is, or which mistake gives it", 2.2, "21.83"),
        ),
    ),
    Scene(
        ("mlcc", "--at", "4"),
        (
            Shot(("right",), "→  epoch 2, batch 2: its samples, the weights before, what the optimizer does", 1.8),
            *(Shot(("down",), "↓  phase by phase", 0.5) for _ in range(6)),
            Shot(("left",), "←  and back, to the last bit", 0.9),
            Shot(("x",), "x  any number with its formula and where its inputs come from", 1.8),
            Shot(("escape", "c"), "c  real Keras confirms every step", 2.0, "✓"),
            Shot(("end", "4"), "4  the way over the loss surface", 1.6),
        ),
    ),
    Scene(
        ("mlcc", "--against", "batch_size=1", "--against", "batch_size=12", "--at", "6"),
        (Shot(("6",), "--against  runs side by side: batch size 4, 1 and 12", 2.0),),
    ),
)  # fmt: skip


def frames(scene: Scene, painter: "Painter", state: str) -> Iterator[tuple[Image.Image, int]]:
    """Each screen of a scene with the milliseconds that it stays."""
    command = (sys.executable, "-m", "lrstep", *scene.arguments)
    with Terminal(command, size=(COLUMNS, ROWS), env={"LRSTEP_STATE_DIR": state}) as terminal:
        terminal.wait_for("teration", quiet=0.5)
        for shot in scene.shots:
            for key in shot.keys:
                terminal.press(key)
                terminal.settle(0.2)
            terminal.wait_for(shot.shows, quiet=0.4)
            yield painter.paint(terminal.cells, shot.told), round(1000 * shot.seconds)


class Painter:
    """Draws cells of a terminal; braille, which few fonts have as a terminal draws it, dot by dot."""

    def __init__(self, font: str) -> None:
        self.font = ImageFont.truetype(font, 13)
        self.bold = ImageFont.truetype(font.replace("Mono.ttf", "Mono-Bold.ttf"), 13)
        self.caption = ImageFont.truetype(font, 17)

    def paint(self, cells: list[list[pyte.screens.Char]], told: str) -> Image.Image:
        width, height = CELL
        image = Image.new("RGB", (COLUMNS * width, (ROWS + 2) * height), BLACK)
        draw = ImageDraw.Draw(image)
        for y, row in enumerate(cells):
            for x, cell in enumerate(row):
                front, back = _colour(cell.fg, WHITE), _colour(cell.bg, BLACK)
                if cell.reverse:
                    front, back = back, front
                left, top = x * width, y * height
                if back != BLACK:
                    draw.rectangle((left, top, left + width - 1, top + height - 1), back)
                if "⠀" <= cell.data <= "⣿":
                    self._dots(draw, left, top, ord(cell.data) - 0x2800, front)
                elif cell.data.strip():
                    draw.text((left, top), cell.data, front, self.bold if cell.bold else self.font)
        draw.text((width, ROWS * height + 5), told, PAPER, self.caption)
        return image

    def _dots(self, draw: ImageDraw.ImageDraw, left: int, top: int, dots: int, colour: str) -> None:
        places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # bit by bit, as Unicode numbers them
        for bit, (column, row) in enumerate(places):
            if dots >> bit & 1:
                x, y = left + 1 + 4 * column, top + 1 + 4 * row
                draw.rectangle((x, y, x + 1, y + 1), colour)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return f"#{name}" if len(name) == 6 and all(letter in "0123456789abcdef" for letter in name.lower()) else name


def main(font: str = "DejaVuSansMono.ttf") -> None:
    """Play all scenes and write the movie.

    Raises:
        OSError: the font is not there.
        AssertionError: a screen does not show what it has to, or the movie is larger than a megabyte.
    """
    painter = Painter(font)
    with tempfile.TemporaryDirectory() as state:
        shown = [frame for scene in SCENES for frame in frames(scene, painter, state)]
    palette = Image.new("RGB", (shown[0][0].width, shown[0][0].height * len(shown)))
    for number, (image, _) in enumerate(shown):
        palette.paste(image, (0, number * image.height))
    colours = palette.quantize(64, dither=Image.Dither.NONE)
    first, *rest = (image.quantize(palette=colours, dither=Image.Dither.NONE) for image, _ in shown)
    durations = [milliseconds for _, milliseconds in shown]
    first.save(MOVIE, save_all=True, append_images=rest, duration=durations, loop=0, optimize=True)
    size = MOVIE.stat().st_size
    print(f"{MOVIE.name}: {sum(durations) / 1000:.1f} s, {len(shown)} frames, {size:,} bytes")
    assert size <= MOST_BYTES, "too large for a README"


if __name__ == "__main__":
    main(*sys.argv[1:])
