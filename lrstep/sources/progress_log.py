"""What Keras prints while it trains, read back: the loss of each epoch out of its progress lines.

The forms of Keras 1 to 3 are understood, with bars or one line an epoch, as a terminal, a notebook or a file has them
(``\\r``, backspaces and colours are left out)::

    Epoch 1/5
    1/1 ━━━━━━━━━━━━━━━━━━━━ 0s 238ms/step - loss: 535.4800 - root_mean_squared_error: 23.1404
    12/12 [==============================] - 0s 15ms/step - loss: 535.4800
    1/1 - 0s - 142ms/step - loss: 535.4800

Where there are none, ``history.history`` as Python or JSON writes it is read, or a table with the column ``loss``: a
file of CSVLogger, or what pandas makes of a history.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.formulas.numerals import Typed, parse_number
from lrstep.sources.files import STANDARD_INPUT, open_binary, read_stream, typed_path

MOST_BYTES = 20_000_000
"""Of a log: a hundred thousand epochs."""

_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_EPOCH = re.compile(r"\s*Epoch (\d{1,9})(?:/(\d{1,9}))?\s*$")
_COUNT = re.compile(r"\s*(\d{1,9})/(\d{1,9})\s")
_LOSS = re.compile(r"(?<!\w)loss: {0,3}(-?\d[\d.,]{0,40}(?<!,)(?:e[-+]?\d{1,4})?|nan|inf)", re.IGNORECASE)
_HISTORY = re.compile(r"""["']loss["']: ?\[([^\[\]]+)\]""")
_LIST = re.compile(r"\s*\[([^\[\]]+)\]\s*")
_VALUE = re.compile(r"(?<![\w.])(?:-?\d[\d.]*(?:e[-+]?\d{1,4})?|nan|inf)", re.IGNORECASE)


class PrintedEpoch(NamedTuple):
    """The last thing that was printed of an epoch.

    Attributes:
        number: of the epoch, from 1.
        loss: as it was printed; None for one that is no number any more.
        done, of: what the line counts, batches or, in old versions, samples; 0 where it counts nothing.
    """

    number: int
    loss: Typed | None
    done: int
    of: int


@dataclass(frozen=True)
class ProgressLog:
    """The progress lines of a ``fit``.

    Attributes:
        epochs: those that were printed, from the first one on, without a gap.
        asked: how many epochs it was to have, as far as that was printed.
        more: whether another ``fit`` follows.
    """

    epochs: tuple[PrintedEpoch, ...]
    asked: int
    more: bool

    @property
    def counted(self) -> int:
        """What the lines count to: batches or, in old versions, samples; 0 where they count nothing."""
        return self.epochs[0].of


def read_log(text: str) -> ProgressLog:
    """Read a log.

    Args:
        text: a path, or ``-`` for standard input.

    Raises:
        LrstepError: it cannot be read, or holds no progress lines of Keras from the first epoch on.
    """
    name = text
    if text != STANDARD_INPUT:
        log = open_binary(typed_path(text), MOST_BYTES)
    elif sys.stdin is None:
        raise LrstepError("standard input is closed", "Name a file, or send the log: lrstep from-log - < run.log")
    else:
        name = "standard input"
        log = read_stream(sys.stdin.buffer, name, MOST_BYTES)
    with log:
        return parse_log(log.read().decode("utf-8", errors="replace"), name)


def parse_log(text: str, name: str = "the log") -> ProgressLog:
    """Understand the text of a log; ``name`` is for messages.

    Raises:
        LrstepError: as :func:`read_log`.
    """
    epochs: list[PrintedEpoch] = []
    number = asked = 0
    more = False
    text = _COLOUR.sub("", text)
    lines = [re.split(r"[\r\b]+", line) for line in text.split("\n")]
    headed = any(_EPOCH.match(state) for line in lines for state in line)
    for line in lines:
        for state in line:
            if head := _EPOCH.match(state):
                more = int(head[1]) <= number
                number, asked = (number, asked) if more else (int(head[1]), int(head[2] or 0) or asked)
        if more:
            break
        if printed := _printed(line, number):
            if not headed and (not epochs or epochs[-1].done == epochs[-1].of):
                number += 1
            if epochs and epochs[-1].number == number:
                epochs.pop()  # an earlier state of the same bar
            epochs.append(printed._replace(number=number))
    if not epochs:
        epochs = _history(text) or _table(text.splitlines())
    return ProgressLog(_from_the_first(epochs, name), asked, more)


def _printed(states: list[str], number: int) -> PrintedEpoch | None:
    """What a line says of an epoch; of the states that were written over each other in it the last one counts."""
    state = next((state for state in reversed(states) if _LOSS.search(state)), None)
    if state is None:
        return None
    count = _COUNT.match(state)
    done, of = map(int, count.groups()) if count else (0, 0)
    return PrintedEpoch(number, _number(_LOSS.findall(state)[-1]), done, of)


def _number(text: str) -> Typed | None:
    try:
        return parse_number(text)
    except LrstepError:
        return None


def _history(text: str) -> list[PrintedEpoch]:
    """The losses of ``history.history``, or of its list alone, also where NumPy writes the type of each."""
    found = _HISTORY.search(text) or _LIST.fullmatch(text)
    losses = _VALUE.findall(found[1]) if found else []
    return [PrintedEpoch(number, _number(loss), 0, 0) for number, loss in enumerate(losses, 1)]


def _table(lines: list[str]) -> list[PrintedEpoch]:
    """The column ``loss`` of the first table that has one; where its rows are numbered, they are from 0."""
    for place, line in enumerate(lines):
        separator = next((sign for sign in ";\t," if sign in line), None)
        names = [name.strip(' "') for name in line.split(separator)]
        if "loss" in names:
            rows = (lines[below].split(separator) for below in range(place + 1, len(lines)))
            if epochs := _rows(names, rows):
                return epochs
    return []


def _rows(names: list[str], rows: Iterable[list[str]]) -> list[PrintedEpoch]:
    """The epochs in the rows below these names, up to what is no row or begins anew; pandas does not name the first."""
    epochs: list[PrintedEpoch] = []
    for cells in rows:
        unnamed = len(cells) == len(names) + 1
        if len(cells) != len(names) and not unnamed:
            break
        number = len(epochs) + 1
        if unnamed or names[0] in ("", "epoch"):
            if not cells[0].strip().isdecimal() or int(cells[0]) < len(epochs):
                break
            number = int(cells[0]) + 1
        epochs.append(PrintedEpoch(number, _number(cells[names.index("loss") - len(names)]), 0, 0))
    return epochs


def _from_the_first(epochs: list[PrintedEpoch], name: str) -> tuple[PrintedEpoch, ...]:
    """The epochs from the first on, as far as none is missing or broken off.

    Raises:
        LrstepError: there is no first one.
    """
    if not epochs:
        lines = "what fit prints with verbose=1 or 2: lines with 'loss: 535.4800', below 'Epoch 1/5'"
        hint = f"It reads {lines}; and history.history as Python prints it, or a file of CSVLogger."
        raise LrstepError(f"{name}: there is no progress line of Keras", hint)
    first = epochs[0]
    if first.number != 1:
        hint = "The start shows in epoch 1 alone: give the log from its beginning."
        raise LrstepError(f"{name}: the log begins with epoch {first.number}", hint)
    kept = []
    for number, epoch in enumerate(epochs, start=1):
        if epoch.number != number or epoch.loss is None or epoch.done < epoch.of:
            break
        kept.append(epoch)
    if not kept:
        problem = "has no number for its loss" if first.loss is None else "was not printed to its end"
        raise LrstepError(f"{name}: epoch 1 {problem}", "The start shows in the loss of the whole of epoch 1.")
    return tuple(kept)
