"""What plain mode writes: lines of at most 80 characters; what would steer the terminal stands there as marks."""

import textwrap
from typing import TextIO

from lrstep.session.characters import to_ascii
from lrstep.visible import visible

WIDTH = 79


class Voice:
    """Says things to a person, line by line.

    Args:
        out: where to.
        ascii: whether only ASCII characters may be used.
    """

    def __init__(self, out: TextIO, ascii: bool) -> None:
        self.ascii = ascii
        self._out = out

    def say(self, *texts: str, indent: str = "") -> None:
        """Say each text on lines of its own; a long one is broken between words, never inside a number."""
        for text in texts:
            lines = textwrap.wrap(
                self._clean(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "    ",
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
            self._out.writelines(f"{line}\n" for line in lines or [""])

    def rows(self, lines: list[str]) -> None:
        """Say lines that are aligned, as they are."""
        self._out.writelines(f"{self._clean(line).rstrip()}\n" for line in lines)

    def ask(self, text: str) -> None:
        """Say what stands in front of the typed line."""
        self._out.write(self._clean(text))

    def flush(self) -> None:
        """Whatever was said can be read now."""
        self._out.flush()

    def _clean(self, text: str) -> str:
        return to_ascii(visible(text)) if self.ascii else visible(text)
