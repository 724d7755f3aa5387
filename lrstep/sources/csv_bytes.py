"""The bytes of a CSV file on their way to becoming text, looked at while there are few of them."""

import io
from typing import BinaryIO

from lrstep.errors import LrstepError
from lrstep.sources.files import too_large


class CheckedBytes(io.BufferedIOBase):
    """Hands out the bytes of a file; a file that grows meanwhile and a line without an end are refused.

    Args:
        handle: the file, at its start.
        name: what to call it in messages.
        most: bytes that it may have.
        longest: bytes that a line may have.

    Attributes:
        done: bytes handed out so far.
    """

    def __init__(self, handle: BinaryIO, name: str, most: int, longest: int) -> None:
        self._handle = handle
        self.name = name
        self._most = most
        self._longest = longest
        self._open = 0  # bytes of the line that has not ended
        self.done = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes.

        Raises:
            LrstepError: there are too many of them, in all or in a line.
        """
        piece = self._handle.read(-1 if size is None else size)
        self.done += len(piece)
        if self.done > self._most:
            raise too_large(self.name, self._most)
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._open = len(piece) - end - 1 if end >= 0 else self._open + len(piece)
        if self._open > self._longest:
            problem = f"a line has more than {self._longest} bytes"
            raise LrstepError(f"{self.name}: {problem}", "Is this a CSV file? Its rows are lines.")
        return piece

    read1 = read
