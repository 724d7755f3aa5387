"""What the terminal sends, as Textual's messages. Whatever arrives, reading goes on."""

import codecs
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

LARGEST = (1000, 500)
"""Columns and rows beyond which a reported size is noise on the line, not a terminal."""

PASTE_GAP = 1.0
"""Seconds without a byte after which a paste whose end did not come is over: keys must never be dead."""

PASTE_MOST = 1 << 20
"""Characters of a paste; the rest is left out."""

_NOT_TYPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

interrupts = re.compile(rb"\x03|\x1b\[99(?::\d*)*;(?:5|69|133|197)(?::1)?u").search
"""Whether Ctrl+C is among some bytes, as a control character or as the keyboard of kitty reports it."""

tells_the_cursor = re.compile(rb"\x1b\[\d+;\d+R").search
"""Whether the terminal tells among some bytes where its cursor is."""


class InputDecoder:
    """Turns bytes into messages.

    Bytes that are no UTF-8 (a terminal in another encoding, Alt as the eighth bit, the old mouse reports, line noise)
    and sequences that Textual's parser cannot take are no reason to end a run.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._parser = XTermParser()
        self._clock = clock
        self._pasted: int | None = None  # characters of the paste that is under way
        self._last = 0.0  # when the last byte came
        self._tail = ""  # what may be the beginning of a mark of a paste

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with this piece of input."""
        text = self._decode(data)
        while text:
            text = yield from (self._typed(text) if self._pasted is None else self._inside(text))

    def tick(self) -> Iterator[Message]:
        """The messages that are complete because nothing followed: Esc alone, a paste without an end."""
        if self._pasted is not None and self._clock() - self._last >= PASTE_GAP:
            yield from self._end_paste()
        yield from self._sound(self._parser.tick())

    def _typed(self, text: str) -> Generator[Message, None, str]:
        """Hand on what is typed, up to the beginning of a paste; what is left then."""
        if self._clock() - self._last > ESCAPE_DELAY:
            self._tail = ""  # the parser has given that up as well
        self._last = self._clock()
        before = len(self._tail)
        whole = self._tail + text
        at = whole.find(BRACKETED_PASTE_START)
        end = len(whole) if at < 0 else at + len(BRACKETED_PASTE_START)
        self._tail = _begun(whole, BRACKETED_PASTE_START) if at < 0 else ""
        yield from self._sound(self._parser.feed(whole[before:end]))
        if at >= 0:
            self._pasted = 0
        return whole[end:]

    def _inside(self, text: str) -> Generator[Message, None, str]:
        """Hand on what is pasted, without what would be read as a key; what is left after the paste."""
        self._last = self._clock()
        pasted, end, rest = (self._tail + text).partition(BRACKETED_PASTE_END)
        self._tail = "" if end else _begun(pasted, BRACKETED_PASTE_END)
        before = self._pasted or 0
        pasted = _NOT_TYPED.sub("", pasted[: len(pasted) - len(self._tail)])[: PASTE_MOST - before]
        self._pasted = before + len(pasted)
        if pasted:
            yield from self._sound(self._parser.feed(pasted))
        if end:
            yield from self._end_paste()
        return rest

    def _end_paste(self) -> Iterator[Message]:
        self._pasted, self._tail = None, ""
        yield from self._sound(self._parser.feed(BRACKETED_PASTE_END))

    def _sound(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            for message in messages:
                if not isinstance(message, events.Resize) or _possible(message):
                    yield message
        except (ArithmeticError, LookupError, TypeError, ValueError):
            self._parser = XTermParser()  # one that has failed reads nothing any more


def _begun(text: str, mark: str) -> str:
    """The end of a text that may be the beginning of a mark."""
    return next((mark[:size] for size in range(len(mark) - 1, 0, -1) if text.endswith(mark[:size])), "")


def _possible(resize: events.Resize) -> bool:
    return 0 < resize.size.width <= LARGEST[0] and 0 < resize.size.height <= LARGEST[1]
