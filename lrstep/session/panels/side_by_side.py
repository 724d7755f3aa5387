"""The panel Side by side: a row for each quantity, a column for each run, and the first digit that differs."""

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from textwrap import wrap
from typing import NamedTuple

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.formulas.numerals import same
from lrstep.formulas.quantities import Quantity, quantities
from lrstep.plural import counted
from lrstep.session.styled_rows import Row, Rows, Span, fit, row
from lrstep.session.view import View

_NAMES = 3
"""Rows that the names of the runs may take, where their columns are narrow."""

RMSES = {"full_rmse": "RMSE, all data", "cumulative_rmse": "RMSE, epoch so far", "rmse": "RMSE, this batch"}
"""The quantities that come first → what they are called here."""

_ROOM = (19, 22)
"""Width of the names, at least and at most."""
_SIZES = (14, 28)
"""Width of a column, at least and at most."""
DIGITS = 12
"""Significant digits, at most."""
_AROUND = 8
"""Characters of a column that are no significant digits: a blank, the sign, "0.000" or point and exponent, a mark."""


class ComparedRun(NamedTuple):
    """One of the runs: its number as a person counts, what tells it apart, and where it stands.

    ``same_until`` is the last iteration of the shown run at which both had the same parameters, None where they begin
    with different ones. ``of_data`` says that numbers are wanted in the units of the data, for the runs are not all
    scaled alike. ``known`` are the quantities that it has.
    """

    mark: str
    label: str
    run: Run
    number: int
    phase: Phase
    iteration: Iteration
    same_until: int | None
    of_data: bool
    known: Mapping[str, Quantity]

    def value(self, key: str) -> float | None:
        """A quantity as far as it is known in this phase; None where it is not computed yet, or there is none."""
        known = self.known.get(key)
        if known is None:
            return None
        scaling = self.run.scaling if self.of_data else None
        if key in self.run.parameters:
            state = self.iteration.after if self.reached(Phase.UPDATE) else self.iteration.before
            values = scaling.unscaled_parameters(state.parameters) if scaling else state.parameters
            return values[self.run.parameters.index(key)]
        if key == "full_rmse" and not self.reached(Phase.AFTER):
            value = self.iteration.full_rmse_before
        elif self.reached(known.phase):
            value = known.value(self.iteration)
        else:
            return None
        return scaling.unscaled_error(value) if scaling else value

    def reached(self, phase: Phase) -> bool:
        """Whether a phase of its iteration is computed."""
        return self.number > 0 and self.phase >= phase

    def same_now(self, other: "ComparedRun") -> bool:
        """Whether it has been the same as the run that is shown, and still is."""
        now = (self.value(name) == other.value(name) for name in other.run.parameters)
        return self.same_until == other.number and all(now)

    @property
    def seen(self) -> int:
        """Samples that it has seen by then."""
        return self.run.batches.seen(self.number)

    @property
    def trouble(self) -> str:
        """What is wrong with it, if anything."""
        diverged = self.number and self.iteration.diverged
        return f"diverged at {self.run.diverged_at or self.number}" if diverged else ""


def compared_runs(view: View) -> list[ComparedRun]:
    """All runs side by side, where they stand; none where a run is alone."""
    runs, made = view.lockstep, []
    if runs is None:
        return []
    for place, lane in enumerate(runs.lanes):
        shown = place == runs.shown
        number, phase = (view.number, view.phase) if shown else runs.place(place)
        iteration = view.iteration if shown else lane.run.iteration(max(number, 1))
        until = runs.same_until(place)
        known = quantities(lane.run)
        made.append(
            ComparedRun(str(place + 1), lane.label, lane.run, number, phase, iteration, until, runs.mixed, known)
        )
    return made


def compared(runs: list[ComparedRun]) -> dict[str, str]:
    """The quantities of the runs, the most telling first: key → what it is called here.

    Of runs that are not scaled alike only RMSE and parameters can be had in the same units.
    """
    found = dict(RMSES)
    of_parameters = [
        one
        for column in runs
        for one in column.known.values()
        if one.parameter is not None and not (column.of_data and one.stem)
    ]
    for one in sorted(of_parameters, key=lambda one: one.stem == "step"):
        letter = one.symbol.partition("_")[2]
        found.setdefault(one.key, f"{one.stem} {letter}".replace("_", " ") if one.stem else one.key.replace("_", " "))
    return found


def side_by_side(view: View, width: int, height: int) -> Rows:
    """The panel: as many quantities as there are lines for."""
    runs = compared_runs(view)
    assert view.lockstep is not None
    shown = runs[view.lockstep.shown]
    size = max(_SIZES[0], min(_SIZES[1], (width - _ROOM[0]) // len(runs)))
    room = min(_ROOM[1], width - size * len(runs))
    lines: Rows = [
        *(_line("", list(cells), room, size) for cells in _heads(runs, shown, size)),
        _line("iteration", [_place(column, size) for column in runs], room, size),
        _line("samples seen", [_right(str(column.seen), size) for column in runs], room, size),
        _line(f"same as {shown.mark} until", [_until(column, shown, size) for column in runs], room, size),
    ]
    named, free = list(compared(runs).items()), max(0, height - len(lines))
    fitting = named if len(named) <= free else named[: max(0, free - 1)]
    for key, name in fitting:
        mine = None if key in view.hidden else shown.value(key)
        cells = [_number(mine if column is shown else column.value(key), mine, size) for column in runs]
        lines.append(_line(name, cells, room, size))
    if fitting is not named:
        lines.append(row((f" … {counted(len(named) - len(fitting), 'more row')} where the screen is higher", "dim")))
    return lines[:height]


def _line(name: str, cells: list[Row], room: int, size: int) -> Row:
    return (*fit(row((f" {name}", "dim")), room), *(span for cell in cells for span in fit(cell, size)))


def _right(text: str, size: int, style: str = "text") -> Row:
    return row((f"{text:>{size - 1}}", style))


def _heads(runs: list[ComparedRun], shown: ComparedRun, size: int) -> Iterator[tuple[Row, ...]]:
    """The names of the runs, in as many rows as they need."""
    # A setting and its value stay together.
    names = [re.sub(r" (?=[-\d(])", "\xa0", f"{column.mark} {column.label}") for column in runs]
    cut = [wrap(name, size - 2, max_lines=_NAMES, placeholder="…") for name in names]
    for place in range(max(map(len, cut))):
        texts = (words[place].replace("\xa0", " ") if place < len(words) else "" for words in cut)
        yield tuple(_head(column, text, column is shown, not place, size)
                    for column, text in zip(runs, texts, strict=True))  # fmt: skip


def _head(column: ComparedRun, text: str, shown: bool, first: bool, size: int) -> Row:
    text = f"▶{text}" if shown and first else text
    return (*fit(_right(text, size, "strong" if shown else f"run{column.mark}"), size - 1), Span(" "))


def _place(column: ComparedRun, size: int) -> Row:
    if column.trouble:
        return _right(column.trouble, size, "bad")
    return _right(f"{column.number} of {column.run.n_iterations}", size)


def _until(column: ComparedRun, shown: ComparedRun, size: int) -> Row:
    if column is shown:
        return _right("", size)
    until = column.same_until
    return _right("—" if until is None else "now" if column.same_now(shown) else str(until) if until else "start", size)


def _number(value: float | None, beside: float | None, size: int) -> Row:
    """A number in its column, the first digit in which it differs from that of the shown run marked."""
    if value is None:
        return _right("", size)
    digits = min(size - _AROUND, DIGITS)
    text = written(value, digits)
    at = first_difference(text, "" if beside is None else written(beside, digits))
    blank = Span(" " * (size - 1 - len(text)))
    if beside is None or same(value, beside):
        return row(blank, text)
    if at == len(text):
        return row(blank, text, ("…", "differs"))
    return row(blank, text[:at], (text[at], "differs"), text[at + 1 :])


def written(value: float, digits: int) -> str:
    """A number with so many significant digits, zeros at the end too, so that digits stand below each other."""
    return f"{value:#.{digits}g}"


def first_difference(text: str, other: str) -> int:
    """The place in a number of its first digit that is not that of another one, or of its sign; or its length.

    Where their digits do not have the same weight, as in 17.8 and 1.78, that is the first digit.
    """
    if text[:1] == "-" != other[:1] or not other:
        return 0
    pairs = enumerate(zip_longest(text, other))
    place = min(next((place for place, (one, its) in pairs if one != its), len(text)), len(text))
    return place if _weight(text) == _weight(other) else int(text[:1] == "-")


def _weight(text: str) -> tuple[int, str]:
    """How many digits stand before the point, and the exponent."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    return mantissa.find("."), exponent
