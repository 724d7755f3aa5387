"""Formulas with their results, in digits with which they come out: who computes what stands there gets the result.

A number that goes into a formula has as many digits more as that takes and as there is room for; where that does not
help, the result has fewer. Where nothing helps, each number stands as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import product

from lrstep.core.optimizers.base import Slot
from lrstep.session.figures import DIGITS, LEAST_DIGITS, Update, aligned, comes_to, coming_out, inline, updates
from lrstep.session.panels.parameters import Notation, ParameterStep, accumulated, moved, ways
from lrstep.session.styled_rows import text_width
from lrstep.session.view import View

Steps = Sequence[ParameterStep]
ResultPrefix = Callable[[ParameterStep, Notation], str]
"""What stands before a result: the name, the formula."""

Room = Callable[[Sequence[Update], Sequence[str]], int]
"""The room for the formulas of an update: it depends on the updates and on the results behind the formulas."""

Results = tuple[str, list[str], list[str]]
"""The name of a result, its formulas and its values."""

_MORE = 4
"""Up to so many digits more than a number has by itself."""

_FEWER = range(DIGITS, LEAST_DIGITS - 1, -1)


def sum_digits(p: ParameterStep, result: str) -> tuple[int, int, int]:
    """With how many digits the sum in a gradient can be shown, the best number of them first, beside the result."""
    found = (d for d in range(DIGITS, DIGITS + _MORE) if comes_to(p.times * float(inline(p.total, d)), result))
    return next(found, DIGITS), DIGITS, LEAST_DIGITS


class Arithmetic:
    """The arithmetic of some parameters in panels 4 and 5.

    Args:
        view: what is shown.
        steps: the parameters, of which all results are known.
        size: width of the columns of results, panel 3's too.
        brief: whether the gradient is a letter in formulas.
    """

    def __init__(self, view: View, steps: Steps, size: int, brief: bool) -> None:
        self._view, self._steps, self._size = view, steps, size
        self._ways = ways(view.run.settings, brief)

    @classmethod
    def of(cls, view: View, steps: Steps, size: int, brief: bool) -> "Arithmetic":
        """That of a view; panels 4 and 5 have the same one."""
        inputs = view.run, view.number, tuple(p.letter for p in steps), size, brief
        return view.kept("arithmetic", inputs, lambda: cls(view, steps, size, brief))

    def slot(self, slot: Slot, room: int, said: ResultPrefix) -> tuple[list[str], list[str]]:
        """The formulas of a slot, and its values as a column.

        Args:
            slot: one that the phase Accumulator computes.
            room: for a formula.
            said: writes a formula.
        """
        results = self._slots[slot.letter]
        return self._formulas(slot.letter, room, [(result,) for result in results], said)[0], list(results)

    def weights(self, room: Room, said: Callable[[str], ResultPrefix]) -> tuple[list[Update], list[Results]]:
        """The updates, and the results of each: what the update keeps (momentum), then the step.

        Args:
            room: for a formula.
            said: writes the formula of a result with a name.
        """
        steps, shown = self._updates(room, said("step"))
        found: list[Results] = []
        for name in (slot.letter for slot in moved(self._view.run.settings)):
            values = [p.numbers[name] for p in self._steps]
            columns = [aligned(values, self._size, digits) for digits in _FEWER]
            cells = list(zip(*columns, strict=True))
            texts, results, _ = self._formulas(name, room(shown, columns[0]), cells, said(name))
            found.append((name, texts, results))
        return shown, [*found, ("step", steps, [one.step for one in shown])]

    def _updates(self, room: Room, said: ResultPrefix) -> tuple[list[str], list[Update]]:
        """The formulas of the steps, and the updates."""
        numbers = [(p.before, p.numbers["step"], p.after) for p in self._steps]
        tries = []
        for fewer in range(len(_FEWER)):
            shown = updates(numbers, self._size, fewer)
            steps = [one.step for one in shown]
            texts, _, come_out = self._formulas("step", room(shown, steps), [(step,) for step in steps], said)
            if come_out:
                return texts, shown
            tries.append((texts, shown))
        return tries[0]

    @cached_property
    def _gradients(self) -> list[float]:
        """What can be read of the gradients in panel 3."""
        return list(map(float, aligned([p.g for p in self._steps], self._size)))

    @cached_property
    def _slots(self) -> Mapping[str, Sequence[str]]:
        """Letter of a slot → its values, in as many digits as follow from the gradients that can be read."""
        return {slot.letter: self._slot(slot.letter) for slot in accumulated(self._view.run.settings)}

    def _slot(self, letter: str) -> Sequence[str]:
        values = [p.numbers[letter] for p in self._steps]
        by_hand = [
            p.by_hand(letter, self._reading, {"g": g}) for p, g in zip(self._steps, self._gradients, strict=True)
        ]
        return coming_out(values, by_hand, self._size)

    @property
    def _reading(self) -> Notation:
        """A formula with the gradient as a letter and digits for which there mostly is room."""
        return self._ways[-3].finer(DIGITS + 1 - self._ways[-3].digits)

    @cached_property
    def _shown(self) -> list[dict[str, float]]:
        """Of each parameter: letter → what can be read of its number in panels 3 and 4."""
        return [
            {"g": g} | {letter: float(cells[place]) for letter, cells in self._slots.items()}
            for place, g in enumerate(self._gradients)
        ]

    def _formulas(
        self, name: str, room: int, results: Sequence[tuple[str, ...]], said: ResultPrefix
    ) -> tuple[list[str], list[str], bool]:
        """Formulas, a result for each out of those that may stand there, and whether all of them come out.

        All are written in one way, the first in which they fit and come out; else the first in which they fit.
        """
        first: tuple[list[str], list[str], bool] | None = None
        plain = [cells[0] for cells in results]
        texts: list[str] = []
        for way in self._ways:
            texts = [said(p, way) for p in self._steps]
            if not all(self._fits(text, room) for text in texts):
                continue
            if any(set(way.form.letters) & set(p.formulas.slots) for p in self._steps[:1]):
                break  # what an iteration before has left would stand nowhere: nobody can compute that
            found = [
                self._coming_out(name, room, place, way, cells, said, text)
                for place, (cells, text) in enumerate(zip(results, texts, strict=True))
            ]
            made = [one or as_it_is for one, as_it_is in zip(found, zip(texts, plain, strict=True), strict=True)]
            shown = [text for text, _ in made], [cell for _, cell in made], None not in found
            if shown[2]:
                return shown
            first = first or shown
        return first or (texts, plain, False)

    def _coming_out(
        self, name: str, room: int, place: int, way: Notation, results: Sequence[str], said: ResultPrefix, text: str
    ) -> tuple[str, str] | None:
        """A formula in one way (whose plain ``text`` fits) and the result that it comes to, of those possible."""
        p = self._steps[place]
        values: list[float] = []
        for result, more in product(results, range(_MORE)):
            one = way.finer(more) if more else way
            if more == len(values):  # mostly the first is enough
                values.append(p.by_hand(name, one, self._shown[place]))
            if comes_to(values[more], result):
                finer = said(p, one) if more else text
                if not more or self._fits(finer, room):
                    return finer, result
        return None

    def _fits(self, text: str, room: int) -> bool:
        return text_width(self._view.chars(text)) <= room
