"""Tables of numbers inside a recording: a line of names, then one line for each sample or step."""

from typing import Any

import numpy as np

from lrstep.core.dataset import Floats, RowNumbers
from lrstep.errors import LrstepError, StepError
from lrstep.plural import counted
from lrstep.sources.files import quoted

NUMBER_SIGNS = b"0123456789+-.eEinfa"
AGAIN = "The file was changed or cut off: record the run again."


def column_names(p: int, slots: tuple[str, ...]) -> list[str]:
    """The columns of the steps, for p parameters and the optimizer's slots; a printed RMSE may follow."""
    weights = ["weight"] if p == 2 else [f"weight_{i + 1}" for i in range(p - 1)]
    groups = ("gradient_", "", *(f"{slot}_" for slot in slots))
    of_state = [f"{group}{name}" for group in groups for name in (*weights, "bias")]
    return ["epoch", "samples", "learning_rate", *of_state, "loss", "printed_loss"]


def in_type(values: Floats, dtype: np.dtype[Any]) -> Floats:
    """The numbers that Keras had, from texts that are only long enough to tell them apart in its type."""
    with np.errstate(over="ignore"):
        return values.astype(dtype).astype(np.float64)


def _read(cells: list[str]) -> Floats:
    """The numbers that cells hold; a ValueError where one holds none."""
    if "".join(cells).encode().translate(None, NUMBER_SIGNS):
        raise ValueError
    return np.array(list(map(float, cells)), dtype=np.float64)


class NumberTable:
    """A table as text, read column by column.

    Args:
        text: its lines.
        file: what to call the file.
        line: in which line of it the table begins.
        rows_are: what a row is, sample or step.
    """

    def __init__(self, text: str, file: str, line: int, rows_are: str = "sample") -> None:
        self.file, self.line, self.rows_are = file, line, rows_are
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        self.head = lines[0].split(",") if lines else []
        self.rows = [row.split(",") for row in lines[1:]]

    def refusal(self, row: int, problem: str, hint: str = AGAIN) -> LrstepError:
        """What is wrong in a row; −1 is the line of names."""
        place = f"{self.file}, line {self.line + row + 1}"
        if self.rows_are == "step" and row >= 0:
            return StepError(row + 1, f"{place}, step {row + 1}: {problem}", hint)
        return LrstepError(f"{place}: {problem}", hint)

    def expect_head(self, names: list[str]) -> None:
        """Refuse other names of columns than these."""
        for i, name in enumerate(names):
            if self.head[i : i + 1] != [name]:
                found = quoted(self.head[i]) if i < len(self.head) else "not there"
                raise self.refusal(-1, f"column {i + 1} is {found} and should be {quoted(name)}")
        if more := self.head[len(names) :]:
            raise self.refusal(-1, f"there are columns too many: {quoted(','.join(more))}")

    def expect_rows(self, number: int) -> None:
        """Refuse another number of rows, and rows that are longer or shorter than the line of names."""
        if len(self.rows) != number:
            told = f"{counted(len(self.rows), self.rows_are)} here, and the file says {number}"
            raise LrstepError(f"{self.file}, line {self.line + len(self.rows)}: {told}", AGAIN)
        for row, cells in enumerate(self.rows):
            if len(cells) != len(self.head):
                raise self.refusal(row, f"{counted(len(cells), 'cell')}, where the line of names has {len(self.head)}")

    def floats(self, column: int, dtype: np.dtype[Any], finite: bool = False, as_written: bool = False) -> Floats:
        """A column of numbers.

        Args:
            column: from 0.
            dtype: the type that must hold them.
            finite: whether inf and nan are refused.
            as_written: whether they are what the texts say, and not the numbers of that type next to it.
        """
        cells = [row[column] for row in self.rows]
        try:
            values = _read(cells)
        except ValueError:
            raise self._no_number(column) from None
        numbers = in_type(values, dtype)
        wrong = ~np.isfinite(numbers) & (finite | np.isfinite(values))
        if wrong.any():
            row = int(np.argmax(wrong))
            kind = "finite" if finite else f"a {dtype.name}"
            raise self.refusal(row, f"{quoted(self.head[column])}: {quoted(cells[row])} is not {kind}")
        return values if as_written else numbers

    def _no_number(self, column: int) -> LrstepError:
        for row, cells in enumerate(self.rows):
            try:
                _read([cells[column]])
            except ValueError:
                return self.refusal(row, f"{quoted(self.head[column])}: {quoted(cells[column])} is no number")
        raise AssertionError("no cell is wrong")

    def passes(self, n: int, batch_size: int, last: int) -> tuple[RowNumbers, tuple[tuple[int, ...], ...]]:
        """The columns of epochs and of samples: each epoch takes all of them once, in batches of one size and a rest.

        Args:
            n: number of samples.
            batch_size: of a whole batch.
            last: the last epoch that there may be.

        Returns:
            the epoch of each row, each the one before or the next; the order of the samples in each epoch, as numbers
            from 1, where what the last epoch had not come to stands behind.
        """
        epochs: list[int] = []
        orders: list[list[int]] = []
        seen: set[int] = set()
        for row, cells in enumerate(self.rows):
            epoch = self._whole(row, cells[0])
            if not (1 <= epoch <= last and (not epochs or epoch - epochs[-1] in (0, 1))):
                raise self.refusal(row, f"epoch {quoted(cells[0])} cannot be here: the run has 1 … {last}, in order")
            if not epochs or epoch != epochs[-1]:
                if row and len(seen) < n:
                    left_out = counted(n - len(seen), "sample")
                    raise self.refusal(row, f"an epoch begins, and the one before left out {left_out}")
                orders.append([])
                seen.clear()
            epochs.append(epoch)
            taken = [self._sample(row, word, n) for word in cells[1].split(" ")]
            whole = min(batch_size, n - len(seen))
            if len(taken) != whole:
                raise self.refusal(row, f"{counted(len(taken), 'sample')}, where the batch has {whole}")
            for sample in taken:
                if sample in seen:
                    raise self.refusal(row, f"sample {sample} comes a second time in epoch {epoch}")
                seen.add(sample)
            orders[-1] += taken
        orders[-1] += sorted(set(range(1, n + 1)) - seen)
        array = np.array(epochs, dtype=np.intp)
        array.setflags(write=False)
        return array, tuple(map(tuple, orders))

    def _sample(self, row: int, word: str, n: int) -> int:
        sample = self._whole(row, word)
        if not 1 <= sample <= n:
            raise self.refusal(row, f"sample {quoted(word)} is none of 1 … {n}")
        return sample

    def _whole(self, row: int, cell: str) -> int:
        if not (cell.isascii() and cell.isdecimal() and len(cell) <= 15):
            raise self.refusal(row, f"{quoted(cell)} is no whole number")
        return int(cell)
