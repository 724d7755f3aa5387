"""Data from CSV files: columns of numbers, read completely or refused with the place and the cause."""

import codecs
import contextlib
import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.errors import LrstepError
from lrstep.sources.cells import complaint, is_number, plain
from lrstep.sources.columns import choose, listing, too_few_hint
from lrstep.sources.csv_bytes import CheckedBytes
from lrstep.sources.csv_layout import (
    LONGEST_CELL,
    CsvLayout,
    above_header,
    detect,
    grouped,
    names_twice,
    physical_lines,
    reader,
)
from lrstep.sources.csv_refusals import header_or_data, misquoted, second_header, thousands_or_decimals
from lrstep.sources.files import not_text, open_binary, read_stream
from lrstep.sources.system_errors import reason

if TYPE_CHECKING:
    from _csv import Reader

MOST_BYTES = 250_000_000
MOST_ROWS = 10_000_000
"""What a file may have; said by name before memory or patience is at its end."""

SAMPLE_BYTES = 1 << 16
LONGEST_LINE = LONGEST_CELL
CHUNK = 1000
"""Rows converted at a time: small enough for the cache, which makes it quicker than more at once."""

CHUNK_BYTES = 1 << 24
CHUNK_CELLS = 1 << 20
STEP = 25
"""Rows read before their bytes and cells are looked at: a chunk of long rows has fewer of them."""

DIGITS = b"0123456789+-.eE \t\n"
"""The characters of plain numbers. Of what ``float()`` reads from these alone, all is a number in a CSV file."""

Progress = Callable[[float], None]


def read_csv(
    source: Path | BinaryIO, features: Sequence[str] = (), label: str | None = None, progress: Progress | None = None
) -> Dataset:
    """Read features and a label from a CSV file.

    Columns are separated by commas, semicolons or tabs; cells may be quoted; the text is UTF-8. Where
    semicolons or tabs separate, numbers may have decimal commas (then all of them). The first row is a
    header if it holds texts and no number; one that could be either is refused. No row is skipped: blank lines
    and rows of empty cells are allowed at the end only, and there are no comments.

    Args:
        source: a file, or a stream of bytes (standard input).
        features: column names or numbers (from 1); by default the numeric column that is not the label.
        label: likewise; by default the numeric column that is no feature.
        progress: called now and then with the share that is read, 0 … 1.

    Raises:
        LrstepError: anything that cannot be read, with file, line and column.
    """
    name = str(source) if isinstance(source, Path) else "standard input"
    with _opened(source, name) as handle:
        layout = _layout(handle, name)
        if layout.mixed is not None:
            raise header_or_data(name, layout, layout.mixed)
        columns = choose(layout, name, features, label)
        for column in columns.all:
            if (row := grouped(layout, column)) is not None:
                raise thousands_or_decimals(name, layout, row, column)
        try:
            values = _Reading(handle, name, layout, columns.all, progress).values()
        except _CellError as error:
            if layout.numeric[error.column]:
                raise
            named = bool(features) if error.column in columns.features else label is not None
            hint = f"{error.hint} {listing(layout)}" if named else too_few_hint(layout)
            raise LrstepError(error.message, hint) from None
    title = source.name if isinstance(source, Path) else name
    names = tuple(layout.names[column] for column in columns.features)
    return Dataset(title, values[:-1].T, values[-1], names, layout.names[columns.label])


def preview(path: Path, rows: int = 8) -> CsvLayout:
    """The layout of a CSV file with its first rows, for choosing columns.

    Raises:
        LrstepError: it cannot be opened, is empty or no text.
    """
    with _opened(path, str(path)) as handle:
        layout = _layout(handle, str(path))
    return layout._replace(rows=tuple(row for row in layout.rows if "".join(row).strip())[:rows])


@contextlib.contextmanager
def _opened(source: Path | BinaryIO, name: str) -> Iterator[BinaryIO]:
    try:
        opened = open_binary(source, MOST_BYTES) if isinstance(source, Path) else read_stream(source, name, MOST_BYTES)
        with opened as handle:
            yield handle
    except OSError as error:
        raise LrstepError(f"{name}: cannot be read: {reason(error)}", "Try again, or copy the file.") from None


def _layout(handle: BinaryIO, name: str) -> CsvLayout:
    """The layout, from the beginning of the stream; the stream is at its start again after that."""
    raw = handle.read(SAMPLE_BYTES)
    raw += handle.readline(LONGEST_LINE)
    handle.seek(0)
    if b"\0" in raw:
        raise not_text(name, raw)
    whole_lines = len(raw) < SAMPLE_BYTES + LONGEST_LINE
    try:
        sample = codecs.utf_8_decode(raw, "strict", whole_lines)[0].removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise not_text(name, raw, error) from None
    if not sample.strip():
        raise LrstepError(f"{name}: the file is empty", "A feature and a label are needed in each row.")
    try:
        layout = detect(sample)
    except csv.Error as error:
        raise misquoted(name, 1, error) from None
    if not layout.width or (layout.width == 1 and not sample.splitlines()[0].strip()):
        raise LrstepError(f"{name}, line 1: the line is blank", "Delete it: the header or the data begins in line 1.")
    if title := above_header(sample, layout):
        raise LrstepError(f"{name}, {title}", "Delete what stands above the header or the data: they begin in line 1.")
    if names_twice(layout):
        raise second_header(name, layout)
    return layout


class _CellError(LrstepError):
    """A cell that is no number, in the given column (from 0)."""

    def __init__(self, message: str, hint: str, column: int) -> None:
        super().__init__(message, hint)
        self.column = column


class _Reading:
    """One pass over a file. A chunk of rows is converted at once if all is plain, cell by cell otherwise."""

    def __init__(
        self, handle: BinaryIO, name: str, layout: CsvLayout, columns: tuple[int, ...], progress: Progress | None
    ) -> None:
        self.handle = handle
        self.name = name
        self.layout = layout
        self.columns = columns
        self.progress = progress
        self.size = handle.seek(0, io.SEEK_END)
        handle.seek(0)
        self.checked = CheckedBytes(handle, name, MOST_BYTES, LONGEST_LINE)
        self.line = 0  # physical lines read so far
        self.blank = 0  # the first blank line, which must not be followed by a row
        self.decimal = "" if layout.commas else "."  # the decimal sign, once one was seen

    def values(self) -> Floats:
        """Features and label, shape (k + 1, n)."""
        text = io.TextIOWrapper(self.checked, encoding="utf-8-sig", newline="")
        try:
            chunks = list(self._chunks(reader(text, self.layout.delimiter)))
        except UnicodeDecodeError:
            raise self._not_text() from None
        finally:
            text.detach()
        if not any(chunk.size for chunk in chunks):
            hint = "Each row needs a feature and a label."
            raise LrstepError(f"{self.name}: there is a header and no data below it", hint)
        return np.concatenate(chunks, axis=1)

    def _chunks(self, rows: "Reader") -> Iterator[Floats]:
        if self.layout.header:
            self.line = physical_lines(next(rows))
        problem: csv.Error | None = None
        n = 0
        while problem is None:
            chunk: list[list[str]] = []
            try:
                self._collect(rows, chunk)
            except csv.Error as error:
                problem = error
            if not chunk:
                break
            values = None if problem or self.blank else self._at_once(chunk)
            if values is None:
                values = self._one_by_one(chunk)
            else:
                self.line = rows.line_num
            yield values
            n += len(chunk)
            if n > MOST_ROWS:
                raise LrstepError(f"{self.name}: more than {MOST_ROWS:,} rows", "Take a part of them, or every tenth.")
            if self.progress:
                self.progress(min(self.checked.done / max(self.size, 1), 1.0))
        if problem:
            raise misquoted(self.name, self.line + 1, problem)

    def _collect(self, rows: "Reader", chunk: list[list[str]]) -> None:
        """Read the next rows into ``chunk``, in place, so that those before a faulty one are there all the same."""
        begun = self.checked.done
        most = max(1, min(CHUNK, CHUNK_CELLS // self.layout.width))
        while len(chunk) < most and self.checked.done - begun < CHUNK_BYTES:
            before = len(chunk)
            chunk.extend(islice(rows, min(STEP, most)))
            if set(map(len, chunk[before:])) != {self.layout.width}:
                return  # the end, or a row that is refused: no more than it has to be in memory

    def _at_once(self, rows: list[list[str]]) -> Floats | None:
        """Convert rows that hold nothing but plain numbers in the used columns; None if there is more to it."""
        if set(map(len, rows)) != {self.layout.width}:
            return None
        cells = [cell for column in self.columns for cell in map(itemgetter(column), rows)]
        text = "\n".join(cells)
        if self.layout.commas and ("," in text or "." in text):
            sign = "," if "," in text else "."
            if self.decimal not in ("", sign) or ("," in text and "." in text):
                return None
            self.decimal = sign
            text = text.replace(",", ".")
            cells = text.split("\n")
        if (
            text.encode("ascii", "replace").translate(None, DIGITS)
            or text.count("\n") != len(self.columns) * len(rows) - 1
        ):
            return None
        try:
            values = np.array(list(map(float, cells)), dtype=np.float64).reshape(len(self.columns), -1)
        except ValueError:
            return None
        return values if np.isfinite(values).all() else None

    def _one_by_one(self, rows: list[list[str]]) -> Floats:
        """Convert rows cell by cell, and so find the first that cannot be."""
        values: list[list[float]] = []
        for row in rows:
            if not "".join(row).strip():
                self.blank = self.blank or self.line + 1
            elif self.blank:
                problem = "the line is blank, and data follow it"
                raise LrstepError(f"{self.name}, line {self.blank}: {problem}", "Delete the blank line, or fill it in.")
            elif len(row) != self.layout.width:
                raise self._ragged(row)
            else:
                values.append([self._number(row[column], column) for column in self.columns])
            self.line += physical_lines(row)
        return np.array(values, dtype=np.float64).reshape(-1, len(self.columns)).T

    def _number(self, cell: str, column: int) -> float:
        commas = self.layout.commas
        value = float(plain(cell, commas)) if is_number(cell, commas) else math.nan
        if not math.isfinite(value):
            raise self._refusal(column, *complaint(cell, commas))
        sign = "," if "," in cell else "." if "." in cell else ""
        if sign and self.decimal and sign != self.decimal:
            before, here = ("points", "comma") if sign == "," else ("commas", "point")
            problem = f"{cell.strip()!r} has a {here}, and the numbers before it have decimal {before}"
            hint = "Write all numbers with the same decimal sign and without thousands separators."
            raise self._refusal(column, problem, hint)
        self.decimal = self.decimal or sign
        return value

    def _refusal(self, column: int, problem: str, hint: str) -> _CellError:
        where = f"column {column + 1}"
        if self.layout.header:
            where += f" ({self.layout.names[column]})"
        return _CellError(f"{self.name}, line {self.line + 1}, {where}: {problem}", hint, column)

    def _ragged(self, row: list[str]) -> LrstepError:
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        hint = "Put a cell that holds the separator in quotes."
        if self.layout.delimiter == "," and len(row) == 2 * self.layout.width:
            hint = "Numbers with a decimal comma need semicolons between the columns."
        return LrstepError(f"{self.name}, line {self.line + 1}: {cells}, where line 1 has {self.layout.width}", hint)

    def _not_text(self) -> LrstepError:
        self.handle.seek(0)
        raw = self.handle.read()
        try:
            raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return not_text(self.name, raw, error)
        return LrstepError(f"{self.name}: the file changed while it was read", "Try again.")
