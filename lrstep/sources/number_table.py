"""Tables of numbers inside a recording: a line of names, then one line for each sample or step."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.sources.files import quoted

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

NUMBER_SIGNS = b"0123456789+-.eEinfa"
AGAIN = "The file was changed or cut off: record the run again."


def column_names(p: int, slots: tuple[str, ...]) -> list[str]:
    """The columns of the steps, for p parameters and the optimizer's slots; those of printed logs follow."""
    weights = ["weight"] if p == 2 else [f"weight_{i + 1}" for i in range(p - 1)]
    groups = ("gradient_", "", *(f"{slot}_" for slot in slots))
    of_state = [f"{group}{name}" for group in groups for name in (*weights, "bias")]
    return ["epoch", "samples", "learning_rate", *of_state, "loss"]


class NumberTable:
    """A table as text, read column by column.

    Args:
        text: its lines.
        file: what to call the file.
        line: in which line of it the table begins.
    """

    def __init__(self, text: str, file: str, line: int) -> None:
        self.file, self.line = file, line
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        self.head = lines[0].split(",") if lines else []
        self.rows = [row.split(",") for row in lines[1:]]

    def refusal(self, row: int, problem: str, hint: str = AGAIN) -> LrstepError:
        """What is wrong in a row; −1 is the line of names."""
        return LrstepError(f"{self.file}, line {self.line + row + 1}: {problem}", hint)

    def expect_head(self, names: list[str], more: str | None = None) -> list[str]:
        """Refuse other names than these.

        Args:
            names: of the columns.
            more: columns may follow whose names begin so.

        Returns:
            the names that follow, without that beginning.
        """
        follow = self.head[len(names) :]
        for i, name in enumerate(names):
            if self.head[i : i + 1] != [name]:
                found = quoted(self.head[i]) if i < len(self.head) else "not there"
                raise self.refusal(-1, f"column {i + 1} is {found} and should be {quoted(name)}")
        if (follow and more is None) or not all(name.startswith(more or "") for name in follow):
            raise self.refusal(-1, f"there are columns too many: {quoted(','.join(follow))}")
        if len(set(follow)) < len(follow):
            raise self.refusal(-1, "two columns have one name")
        return [name.removeprefix(more or "") for name in follow]

    def expect_rows(self, number: int, what: str) -> None:
        """Refuse another number of rows, and rows that are longer or shorter than the line of names."""
        if len(self.rows) != number:
            told = f"{counted(len(self.rows), what)} here, and the file says {number}"
            raise self.refusal(len(self.rows) - 1, told)
        for row, cells in enumerate(self.rows):
            if len(cells) != len(self.head):
                raise self.refusal(row, f"{counted(len(cells), 'cell')}, where the line of names has {len(self.head)}")

    def floats(self, column: int, dtype: np.dtype[Any], finite: bool = False) -> Floats:
        """A column of numbers: the numbers of that type which the texts stand for, as float64."""
        cells = [row[column] for row in self.rows]
        try:
            if "".join(cells).encode().translate(None, NUMBER_SIGNS):
                raise ValueError
            values = np.array(list(map(float, cells)), dtype=np.float64)
        except ValueError:
            raise self._no_number(column) from None
        with np.errstate(over="ignore"):
            numbers = values.astype(dtype).astype(np.float64)
        wrong = ~np.isfinite(numbers) & (finite | np.isfinite(values))
        if wrong.any():
            row = int(np.argmax(wrong))
            kind = "finite" if finite else f"a {dtype.name}"
            raise self.refusal(row, f"{quoted(self.head[column])}: {quoted(cells[row])} is not {kind}")
        return numbers

    def _no_number(self, column: int) -> LrstepError:
        for row, cells in enumerate(self.rows):
            try:
                bad = bool(cells[column].encode().translate(None, NUMBER_SIGNS))
                float(cells[column])
            except ValueError:
                bad = True
            if bad:
                return self.refusal(row, f"{quoted(self.head[column])}: {quoted(cells[column])} is no number")
        raise AssertionError("no cell is wrong")

    def epochs(self, last: int) -> Rows:
        """The column of epochs: whole numbers that never go back."""
        epochs: list[int] = []
        for row, cells in enumerate(self.rows):
            epoch = self._whole(row, cells[0])
            if not (epochs[-1] if epochs else 1) <= epoch <= last:
                raise self.refusal(row, f"epoch {quoted(cells[0])} cannot be here: the run has 1 … {last}, in order")
            epochs.append(epoch)
        return _frozen(epochs)

    def samples(self, n: int, batch_size: int, epoch: Rows) -> tuple[Rows, Rows]:
        """The column of samples: numbers from 1 to n, none of them twice in an epoch.

        Returns:
            the numbers from 0 one after the other, and where those of each row end.
        """
        order: list[int] = []
        ends: list[int] = []
        seen: set[int] = set()
        for row, cells in enumerate(self.rows):
            if row and epoch[row] != epoch[row - 1]:
                seen.clear()
            words = cells[1].split(" ")
            if len(words) > batch_size:
                raise self.refusal(row, f"{counted(len(words), 'sample')}, and the batch size is {batch_size}")
            for word in words:
                sample = self._whole(row, word) - 1
                if not 0 <= sample < n:
                    raise self.refusal(row, f"sample {quoted(word)} is none of 1 … {n}")
                if sample in seen:
                    raise self.refusal(row, f"sample {word} comes a second time in epoch {epoch[row]}")
                seen.add(sample)
                order.append(sample)
            ends.append(len(order))
        return _frozen(order), _frozen(ends)

    def _whole(self, row: int, cell: str) -> int:
        if not (cell.isascii() and cell.isdecimal() and len(cell) <= 15):
            raise self.refusal(row, f"{quoted(cell)} is no whole number")
        return int(cell)


def _frozen(values: list[int]) -> Rows:
    array = np.array(values, dtype=np.intp)
    array.setflags(write=False)
    return array
