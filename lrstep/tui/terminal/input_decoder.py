"""What the terminal sends, as Textual's messages. Whatever arrives, reading goes on."""

import codecs
from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

LARGEST = (1000, 500)
"""Columns and rows beyond which a reported size is noise on the line, not a terminal."""


class Reader:
    """Turns bytes into messages.

    Bytes that are no UTF-8 (a terminal in another encoding, Alt as the eighth bit, the old mouse reports, line noise)
    and sequences that Textual's parser cannot take are no reason to end a run.
    """

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._parser = XTermParser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with this piece of input."""
        text = self._decode(data)
        if text:  # an empty text would be the end of all input to the parser
            yield from self._sound(self._parser.feed(text))

    def tick(self) -> Iterator[Message]:
        """The messages that are complete because nothing followed: Esc alone."""
        yield from self._sound(self._parser.tick())

    def _sound(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            for message in messages:
                if not isinstance(message, events.Resize) or _possible(message):
                    yield message
        except (ArithmeticError, LookupError, TypeError, ValueError):
            self._parser = XTermParser()  # one that has failed reads nothing any more


def _possible(resize: events.Resize) -> bool:
    return 0 < resize.size.width <= LARGEST[0] and 0 < resize.size.height <= LARGEST[1]
