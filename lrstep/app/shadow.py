"""A copy of what the terminal shows, so that only the cells that differ are sent to it.

Textual sends whole stretches of a row, from the left edge of the widget to the last changed cell, each
piece with its colours switched on and off again. Over a slow link that is most of the waiting.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[(\d*)(?:;(\d*))?H|\x1b\[([\d;]*)m|\x1b\[\?2026([hl])|(\n)|([^\x00-\x1f\x7f]+)")
_OTHER = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()*+][A-Z0-9]|\x1b[^\[\]()*+]|[\x00-\x1f\x7f]"
)
_HARMLESS = re.compile(r"\x1b\[[?<>=][\d;]*\$?[a-zA-Z]|\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\)|\x07")
_SCREENS = ("\x1b[?1049", "\x1b[?47", "\x1b[?1047")
_GAP = 4
"""Unchanged cells of the same style that are cheaper to send again than to jump over."""

_UNKNOWN = "\0"
"""A cell that nothing was said about."""

_ASCII = {
    character: plain
    for plain, characters in {
        "-": "─━┄┈╌—−", "=": "═", "|": "│┃┆┊╎║▌▐▕▏┇┋", "_": "▁▂▂", "#": "█▇▆▅▄▀░▒▓■▪◆", ".": "·…□", "~": "≈", "x": "×✗",
        "<": "←◀", ">": "→▶", "^": "↑▲", "v": "↓▼✓", "*": "●◉•", "o": "○◌", '"': "“”", "'": "’‘",
    }.items()
    for character in characters
}  # fmt: skip

Cells = tuple[list[str], list[str]]
"""A row: characters (an empty one behind a wide one) and styles (SGR parameters)."""


class Shadow:
    """Takes what is meant for the terminal and gives back the least that has the same effect.

    Args:
        colours: whether colours may be sent; without, only bold, underline and the like are.
        ascii: whether anything but ASCII is replaced, for terminals that cannot show more.
    """

    def __init__(self, colours: bool = True, ascii: bool = False) -> None:
        self.colours = colours
        self.ascii = ascii
        self._wanted: dict[int, Cells] = {}
        self._shown: dict[int, Cells] = {}
        self._touched: set[int] = set()
        self._x = self._y = 0  # where Textual believes the cursor to be
        self._style = ""
        self._at: tuple[int, int] | None = None  # where it is, if known
        self._pen: str | None = None
        self._sync = self._synced = False

    def forget(self) -> None:
        """Assume nothing about the terminal: after a resize, or when something else has written to it."""
        self._shown.clear()
        self._wanted.clear()
        self._at = self._pen = None

    def feed(self, data: str) -> str:
        """What to send instead of ``data``."""
        out: list[str] = []
        at = 0
        while at < len(data):
            token = _TOKEN.match(data, at)
            if token is None:
                other = _OTHER.match(data, at)
                end = other.end() if other else len(data)
                out += self._other(data[at:end])
                at = end
                continue
            at = token.end()
            row, column, style, sync, newline, text = token.groups()
            if text:
                self._put(text)
            elif style is not None:
                self._restyle(style)
            elif sync:
                out += self._synchronize(sync == "h")
            elif newline:
                self._x, self._y = 0, self._y + 1
            else:
                self._x, self._y = int(column or 1) - 1, int(row or 1) - 1
        out += self._paint()
        return "".join(out)

    # --- what is wanted --------------------------------------------------------------------------

    def _put(self, text: str) -> None:
        if self.ascii and not text.isascii():
            text = "".join(_in_ascii(character) for character in text)
        chars, styles = self._wanted.setdefault(self._y, ([], []))
        x, cells = self._x, _cells(text)
        end = x + len(cells)
        if len(chars) < end:
            missing = end - len(chars)
            chars += [_UNKNOWN] * missing
            styles += [""] * missing
        chars[x:end] = cells
        styles[x:end] = [self._style] * len(cells)
        self._x = end
        self._touched.add(self._y)

    def _restyle(self, parameters: str) -> None:
        if parameters in ("", "0"):
            self._style = ""
        else:
            added = parameters if self.colours else _colourless(parameters)
            self._style = f"{self._style};{added}" if self._style and added else self._style or added

    def _synchronize(self, on: bool) -> Iterator[str]:
        """Begin or end a synchronized update; one in which nothing is painted is left out."""
        if on:
            self._sync = True
            return
        yield from self._paint()
        if self._synced:
            yield "\x1b[?2026l"
        self._sync = self._synced = False

    def _other(self, sequence: str) -> Iterator[str]:
        yield from self._paint()
        if self._pen:
            self._pen = ""
            yield "\x1b[m"
        yield sequence
        if not _HARMLESS.fullmatch(sequence) or sequence.startswith(_SCREENS):
            self.forget()

    # --- what is sent ----------------------------------------------------------------------------

    def _paint(self) -> Iterator[str]:
        """The cells that differ, and the cursor where it is wanted."""
        pieces = [piece for y in sorted(self._touched) for piece in self._row(y)]
        self._touched.clear()
        if not pieces and self._at == (self._x, self._y):
            return
        if self._sync and not self._synced:
            self._synced = True
            yield "\x1b[?2026h"
        yield from pieces
        if self._at != (self._x, self._y):
            yield self._move(self._x, self._y)

    def _row(self, y: int) -> Iterator[str]:
        chars, styles = self._wanted[y]
        shown_chars, shown_styles = self._shown.get(y, ([], []))
        if chars == shown_chars and styles == shown_styles:
            return
        for start, end in _spans(chars, styles, shown_chars, shown_styles):
            if self._at != (start, y):
                yield self._move(start, y)
            yield from self._write(chars[start:end], styles[start:end])
            # In the last column a terminal may wait with the cursor on or behind the cell.
            self._at = (end, y) if end < len(chars) else None
        self._shown[y] = (chars.copy(), styles.copy())

    def _write(self, chars: list[str], styles: list[str]) -> Iterator[str]:
        for char, style in zip(chars, styles, strict=True):
            look = style if char != " " else _blank(style)
            if look != self._pen and not (char == " " and self._pen is not None and _blank(self._pen) == look):
                self._pen = look
                yield f"\x1b[0;{look}m" if look else "\x1b[m"
            yield char

    def _move(self, x: int, y: int) -> str:
        at, self._at = self._at, (x, y)
        if at and at[1] == y and x > at[0]:
            return f"\x1b[{x - at[0]}C" if x - at[0] > 1 else "\x1b[C"
        if x:
            return f"\x1b[{y + 1};{x + 1}H"
        return f"\x1b[{y + 1}H" if y else "\x1b[H"


def _spans(chars: list[str], styles: list[str], old_chars: list[str], old_styles: list[str]) -> list[tuple[int, int]]:
    """(start, end) of the cells that look different, near ones joined."""
    known = len(old_chars)
    spans: list[tuple[int, int]] = []
    for x, char in enumerate(chars):
        if char == _UNKNOWN:
            continue
        if x < known and char == old_chars[x]:
            style, old = styles[x], old_styles[x]
            if style == old or (char == " " and _blank(style) == _blank(old)):
                continue
        if spans and x - spans[-1][1] <= _GAP and _alike(chars, styles, spans[-1][1], x):
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return [_whole(chars, start, end) for start, end in spans]


def _alike(chars: list[str], styles: list[str], start: int, end: int) -> bool:
    """Whether the cells from start to end can be sent in the style of the one before them."""
    return all(
        char != _UNKNOWN and style == styles[start - 1]
        for char, style in zip(chars[start:end], styles[start:end], strict=True)
    )


def _whole(chars: list[str], start: int, end: int) -> tuple[int, int]:
    """A span that holds both cells of each wide character."""
    while start and not chars[start]:
        start -= 1
    while end < len(chars) and not chars[end]:
        end += 1
    return start, end


@lru_cache(maxsize=1024)
def _cells(text: str) -> list[str]:
    """One string per cell; marks that combine stay with their letter, a wide character fills two."""
    if text.isascii():
        return list(text)
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if not width and cells:
            cells[-1 if cells[-1] else -2] += character
        else:
            cells += [character, *[""] * (width - 1)]
    return cells


@lru_cache(maxsize=512)
def _blank(style: str) -> str:
    """What of a style can be seen on a space: background, underline and the like."""
    parts = list(_attributes(style))
    if any(part in ("7", "4", "9", "21", "53") for part in parts):
        return style
    return ";".join(
        part for part in parts if part.startswith("48;") or _between(part, 40, 47) or _between(part, 100, 107)
    )


@lru_cache(maxsize=512)
def _colourless(style: str) -> str:
    """Bold, underline and the like; 53 is an overline, the other numbers from 30 to 107 are colours."""
    return ";".join(part for part in _attributes(style) if part == "53" or not (";" in part or _between(part, 30, 107)))


def _attributes(style: str) -> Iterator[str]:
    """The attributes in SGR parameters: ``1;38;5;252;48;2;0;0;0`` is 1, 38;5;252 and 48;2;0;0;0."""
    numbers = iter(style.split(";"))
    for number in numbers:
        if number in ("38", "48", "58"):
            kind = next(numbers, "5")
            yield ";".join((number, kind, *(next(numbers, "0") for _ in range(3 if kind == "2" else 1))))
        else:
            yield number


def _between(part: str, first: int, last: int) -> bool:
    return part.isdigit() and first <= int(part) <= last


def _in_ascii(character: str) -> str:
    """As many ASCII characters as the character has cells."""
    if character.isascii():
        return character
    border = "+" if "\u2500" <= character <= "\u257f" else "?" * cell_len(character)
    return _ASCII.get(character, border)
