"""A copy of what the terminal shows, so that only the cells that differ are sent to it.

Textual sends whole stretches of a row, from the left edge of the widget to the last changed cell, each
piece with its colours switched on and off again. Over a slow link that is most of the waiting.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from rich.cells import cell_len

from lrstep.session.characters import in_a_cell
from lrstep.session.styled_rows import NARROW, Span
from lrstep.visible import STEERING

_TOKEN = re.compile(
    r"(?:\x1b\[([\d;]*)m)?([^\x00-\x1f\x7f]+)(\x1b\[0?m)?"  # a piece of text, mostly with its style and a reset
    r"|\x1b\[(\d{0,4})(?:;(\d{0,4}))?H|\x1b\[([\d;]*)m|(\n)"
)
_ORDER = re.compile(
    r"(?:\x1b\[\?(?!2026[hl])[\d;]+(?:[hl]|\$p)|\x1b\[[<>]\d*u"  # modes of the terminal and its keyboard
    r"|\x1b\]22;[a-z-]*\x07|\x1b\]52;c;[A-Za-z0-9+/=]*\x07|\x07)+"  # the mouse's shape, what was cut from a field, bell
)
"""All that is sent to a terminal beside frames. Each comes by itself; inside a frame it came out of a text."""

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_SCREENS = ("\x1b[?1049", "\x1b[?47", "\x1b[?1047")
_GAP = 4
"""Unchanged cells of the same style that are cheaper to send again than to jump over."""

_ENDLESS = 1 << 30

_JOINED = 16
"""Characters that a cell holds at most: a letter and what is set above and below it, a flag, a family."""

_UNKNOWN = "\0"
"""A cell that nothing was said about."""

Placed = tuple[int, int, Span]
"""Column and row at which a span begins."""

Cells = tuple[list[str], list[str]]
"""A row: characters (an empty one behind a wide one) and styles (SGR parameters)."""


class CellDiff:
    """Takes what is meant for the terminal and gives back the least that has the same effect.

    Args:
        colours: whether colours may be sent; without, only bold, underline and the like are.
        ascii: whether anything but ASCII is replaced, for terminals that cannot show more.
    """

    def __init__(self, colours: bool = True, ascii: bool = False) -> None:
        self.colours = colours
        self.ascii = ascii
        self._wanted: dict[int, Cells] = defaultdict(_empty)
        self._shown: dict[int, Cells] = defaultdict(_empty)
        self._touched: dict[int, list[tuple[int, int]]] = defaultdict(list)  # row → (start, end) of what was put there
        self._x = self._y = 0  # where Textual believes the cursor to be
        self._style = ""
        self._at: tuple[int, int] | None = None  # where it is, if known
        self._pen: str | None = None
        self._sync = self._synced = False
        self._syncs = False  # whether the terminal takes synchronized updates
        self._size = (_ENDLESS, _ENDLESS)

    def forget(self, size: tuple[int, int] | None = None) -> None:
        """Assume nothing about the terminal: after a resize, or when something else has written to it.

        Args:
            size: its columns and rows as they are now. A frame that was laid out for the size before may still
                come; what of it lies outside is left out, as a terminal would put it into its last row, where
                nobody expects it.
        """
        self._size = size or self._size
        self._shown.clear()
        self._wanted.clear()
        self._at = self._pen = None

    def cleared(self) -> None:
        """Know that the terminal is blank, if its size is known."""
        columns, rows = self._size
        if rows != _ENDLESS:
            self._shown.update((y, ([" "] * columns, [""] * columns)) for y in range(rows))

    def feed(self, data: str) -> str:
        """What to send instead of ``data``: a frame, or orders to the terminal."""
        if _ORDER.fullmatch(data):
            return self._order(data)
        if data in (SYNC_START, SYNC_END):
            return self._synchronize(data == SYNC_START)
        at, match = 0, _TOKEN.match
        while at < len(data):
            token = match(data, at)
            if token is None:
                at += 1  # a character that steers terminals and has no business in a frame
                continue
            at = token.end()
            style, text, reset, row, column, lone_style, newline = token.groups()
            if text:
                if style is not None:
                    self._restyle(style)
                self._put(text)
                if reset:
                    self._style = ""
            elif row is not None:
                self._x, self._y = max(int(column or 1), 1) - 1, max(int(row or 1), 1) - 1
            elif lone_style is not None:
                self._restyle(lone_style)
            elif newline:
                self._x, self._y = 0, self._y + 1
        sent = self._paint()
        if sent and self._sync and not self._synced:
            self._synced = True
            return SYNC_START + sent
        return sent

    def paint(self, spans: Iterable[Placed], codes: Mapping[str, str]) -> str:
        """What to send so that these spans are shown, as one frame.

        Args:
            spans: column, row, text and style name.
            codes: style name → SGR parameters.
        """
        x, y, style = self._x, self._y, self._style
        for self._x, self._y, (text, name) in spans:
            self._style = codes[name] if self.colours else _colourless(codes[name])
            self._put(text)
        self._x, self._y, self._style = x, y, style
        sent = self._paint()
        return f"{SYNC_START}{sent}{SYNC_END}" if sent and self._syncs else sent

    # --- what is wanted --------------------------------------------------------------------------

    def _put(self, text: str) -> None:
        if not text.isprintable():
            text = STEERING.sub(lambda match: "?" * cell_len(match.group()), text)
        if self.ascii and not text.isascii():
            text = "".join(_in_ascii(character) for character in text)
        chars, styles = self._wanted[self._y]
        x, cells = self._x, _cells(text)
        end = x + len(cells)
        if len(chars) < end:
            missing = end - len(chars)
            chars += [_UNKNOWN] * missing
            styles += [""] * missing
        chars[x:end] = cells
        styles[x:end] = [self._style] * len(cells)
        self._touched[self._y].append((x, end))
        self._x = end

    def _restyle(self, parameters: str) -> None:
        if parameters in ("", "0"):
            self._style = ""
        else:
            added = parameters if self.colours else _colourless(parameters)
            self._style = f"{self._style};{added}" if self._style and added else self._style or added

    def _synchronize(self, on: bool) -> str:
        """Begin or end a synchronized update; one in which nothing is painted is left out."""
        self._syncs = True
        end = SYNC_END if self._synced and not on else ""
        self._sync, self._synced = on, self._synced and on
        return end

    def _order(self, data: str) -> str:
        """Orders, which a terminal is given with plain colours."""
        pen, self._pen = self._pen, "" if self._pen else self._pen
        if data.startswith(_SCREENS):
            self.forget()
        return f"\x1b[m{data}" if pen else data

    # --- what is sent ----------------------------------------------------------------------------

    def _paint(self) -> str:
        """The cells that differ, and the cursor where it is wanted."""
        pieces: list[str] = []
        columns, rows = self._size
        for y in sorted(self._touched):
            if y < rows:
                self._paint_row(y, columns, self._touched[y], pieces)
        self._touched.clear()
        if self._at != (self._x, self._y) and self._x < columns and self._y < rows:
            pieces.append(self._move(self._x, self._y))
        return "".join(pieces)

    def _paint_row(self, y: int, columns: int, touched: list[tuple[int, int]], out: list[str]) -> None:
        chars, styles = self._wanted[y]
        spans = _spans((chars, styles), self._shown[y], _joined(touched, columns))
        if len(spans) > 1:
            # First what goes on in the style of now: to go back in a row is shorter than to change colours.
            pen = self._pen
            spans.sort(key=lambda span: styles[span[0]] != pen)
        for start, end in spans:
            if self._at != (start, y):
                out.append(self._move(start, y))
            self._write(chars[start:end], styles[start:end], out)
            # In the last column a terminal may wait with the cursor on or behind the cell.
            self._at = (end, y) if end < min(len(chars), columns) else None
        self._shown[y] = (chars[:columns], styles[:columns])

    def _write(self, chars: list[str], styles: list[str], out: list[str]) -> None:
        pen = self._pen
        if chars[0] != " " and styles.count(styles[0]) == len(styles):  # mostly so, and quicker
            out.append(_change(pen, styles[0]) if pen != styles[0] else "")
            out += chars
            self._pen = styles[0]
            return
        for char, style in zip(chars, styles, strict=True):
            if style != pen:
                look = style if char != " " else _blank(style)
                if look != pen and not (char == " " and pen is not None and _blank(pen) == look):
                    out.append(_change(pen, look))
                    pen = look
            out.append(char)
        self._pen = pen

    def _move(self, x: int, y: int) -> str:
        at, self._at = self._at, (x, y)
        if at and at[1] == y:
            if x > at[0]:
                return f"\x1b[{x - at[0]}C" if x - at[0] > 1 else "\x1b[C"
            return f"\x1b[{x + 1}G" if x else "\x1b[G"
        if x:
            return f"\x1b[{y + 1};{x + 1}H"
        return f"\x1b[{y + 1}H" if y else "\x1b[H"


def _empty() -> Cells:
    return [], []


def _spans(row: Cells, shown: Cells, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, end) of the cells at these places that look different, near ones joined."""
    chars, styles = row
    spans: list[tuple[int, int]] = []
    start = end = -_ENDLESS
    for x in _differing(row, shown, places):
        if x != end and (x - end > _GAP or not _alike(chars, styles, end, x)):
            spans.append((start, end))
            start = x
        end = x + 1
    return [_whole(chars, start, end) for start, end in (*spans[1:], (start, end))] if end > 0 else []


def _differing(row: Cells, shown: Cells, places: Iterable[tuple[int, int]]) -> list[int]:
    """The cells at these places that look different."""
    chars, styles = row
    was, had = shown
    known = len(was)
    found: list[int] = []
    for start, end in places:
        texts = chars[start:end], was[start:end]
        if styles[start:end] == had[start:end]:  # mostly so, and quicker
            found += [x for x, (char, old) in enumerate(zip(*texts, strict=True), start) if char != old]
            continue
        both = enumerate(zip(*texts, styles[start:end], had[start:end], strict=False), start)
        found += [
            x
            for x, (char, old, style, before) in both
            if (char != old or style != before) and not (char == old == " " and _blank(style) == _blank(before))
        ]
        if end > known:
            found += [x for x in range(max(start, known), end) if chars[x] != _UNKNOWN]
    return found


def _joined(places: Iterable[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """The same places in their order, up to a column, where they touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        first, last = joined.pop() if joined and start <= joined[-1][1] else (start, 0)
        joined.append((first, max(last, min(end, most))))
    return joined


def _alike(chars: list[str], styles: list[str], start: int, end: int) -> bool:
    """Whether the cells from start to end can be sent in the style of the one before them."""
    if start == end:
        return True
    style = styles[start - 1]
    return _UNKNOWN not in chars[start:end] and styles[start:end] == [style] * (end - start)


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
    if NARROW.fullmatch(text):
        return list(text)
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if not width and cells:
            last = -1 if cells[-1] else -2
            if len(cells[last]) < _JOINED:
                cells[last] += character
        else:
            cells += [character, *[""] * (width - 1)]
    return cells


@lru_cache(maxsize=512)
def _change(pen: str | None, look: str) -> str:
    """What makes one style of another: what is new where all that was on stays on, else everything after a reset."""
    if not look:
        return "\x1b[m"
    had, wanted = ({_kind(part): part for part in _attributes(style)} for style in (pen or "", look))
    if pen is None or had.keys() - wanted.keys():
        return f"\x1b[0;{look}m"
    return f"\x1b[{';'.join(part for kind, part in wanted.items() if had.get(kind) != part)}m"


def _kind(part: str) -> int:
    """Attributes of one kind take each other's place: colours of the text, of the background, of a line under it."""
    number = int(part.partition(";")[0] or 0)
    if 30 <= number <= 38 or 90 <= number <= 97:
        return 38
    return 48 if 40 <= number <= 48 or 100 <= number <= 107 else number


@lru_cache(maxsize=512)
def _blank(style: str) -> str:
    """What of a style can be seen on a space: background, underline and the like."""
    parts = list(_attributes(style))
    if any(part in ("7", "4", "9", "21", "53") for part in parts):
        return style
    return ";".join(part for part in parts if _kind(part) == 48)


@lru_cache(maxsize=512)
def _colourless(style: str) -> str:
    """Bold, underline and the like; 53 is an overline, the other numbers from 30 to 107 are colours."""
    return ";".join(part for part in _attributes(style) if part == "53" or not 30 <= _kind(part) <= 107)


def _attributes(style: str) -> Iterator[str]:
    """The attributes in SGR parameters: ``1;38;5;252;48;2;0;0;0`` is 1, 38;5;252 and 48;2;0;0;0."""
    numbers = iter(style.split(";"))
    for number in numbers:
        if number in ("38", "48", "58"):
            kind = next(numbers, "5")
            yield ";".join((number, kind, *(next(numbers, "0") for _ in range(3 if kind == "2" else 1))))
        else:
            yield number


def _in_ascii(character: str) -> str:
    """As many ASCII characters as the character has cells."""
    if character.isascii():
        return character
    return in_a_cell(character) or "?" * cell_len(character)
