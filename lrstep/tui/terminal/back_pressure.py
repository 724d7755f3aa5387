"""How far the terminal has come with what was sent to it.

Over ssh the buffers between here and a slow terminal take megabytes before a write has to wait, and a held key
fills them with screens that are stale when they arrive. So the terminal is asked, now and then, where its cursor
is: it answers once it has shown all that came before the question.
"""

import time
from collections.abc import Callable

QUESTION = "\x1b[6n"
"""Device status report: every terminal since the VT100 answers with the position of its cursor."""

OFTEN = 1024
"""Bytes after which it is asked again, if the last question was answered."""

AHEAD = 3072
"""Bytes that may be on their way: a screen's changes and a bit, 0.15 s at 20 kB/s."""

PATIENCE = 3.0
"""Seconds after which a question no longer holds anything up; the terminal may have been exchanged for another."""

AT_FIRST = 1.0
"""The same for the very first question: nobody knows yet whether this terminal answers at all."""


class BackPressure:
    """Counts what was sent and what is known to have arrived.

    Nothing ever waits for a terminal that has not answered once.

    Args:
        clock: seconds.

    Attributes:
        asking: whether questions may be asked; not while the terminal is given back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.asking = True
        self._answers = False
        self._asked: float | None = None
        self._before = 0  # bytes sent before the open question, of which nothing is known yet
        self._after = 0  # and since then

    def ask(self) -> str:
        """The question, to be sent now."""
        self._asked, self._before, self._after = self._clock(), self._after, 0
        return QUESTION

    def sent(self, size: int) -> str:
        """Note that so many bytes are sent; the question to send behind them, or ""."""
        self._after += size
        if not self.asking or self._asked is not None or self._after < OFTEN:
            return ""
        return self.ask()

    def answered(self) -> bool:
        """Note that the terminal told where its cursor is; whether it had been asked."""
        if self._asked is None:
            return False
        self._answers, self._asked, self._before = True, None, 0
        return True

    @property
    def behind(self) -> bool:
        """Whether so much is on its way that more would only be late."""
        return self._answers and self.open and self._before + self._after >= AHEAD

    @property
    def open(self) -> bool:
        """Whether an answer is to be expected, and worth waiting for before the terminal is given back."""
        return self._asked is not None and self._clock() - self._asked < (PATIENCE if self._answers else AT_FIRST)
