"""Conditions on the iterations of a run as a person types them: ``rmse<20``, ``loss rises and epoch>2``, ``nan``.

::

    condition   clause [and clause …]
    clause      number OP number            OP is one of < <= > >= = !=
                number rises, number falls  compared with the iteration before
                nan                         a number of this iteration is not finite
    number      20, -1e-3, the name of a quantity in lrstep trace, or its size: |step_weight|

A comparison with a quantity that an iteration does not have, such as the loss of a batch at the start, does not hold.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrstep.core.dataset import Floats
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import groups, quantities
from lrstep.formulas.series import Series, series_names

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
TRENDS = {"rises": operator.gt, "falls": operator.lt}

EXAMPLES = "rmse<20, loss rises, |step_weight|<0.01, nan; several are joined by and"

_SAME_SIGN = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "·": " "})
_WORD = re.compile(
    r"\s*(<=|>=|==|!=|[<>=|]|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|[-+]?inf|[^\W\d]\w*)", re.I
)
_BOUND = re.compile(r"[<>=|≤≥≠]|\b(?:and|rises|falls|nan)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:[0-9.]|inf$)")


@dataclass(frozen=True)
class Term:
    """A number in a condition.

    Attributes:
        name: of the quantity; empty for a number as typed.
        number: as typed.
        size: whether its absolute value is meant.
    """

    name: str = ""
    number: float = 0.0
    size: bool = False

    def of(self, series: Series) -> "Floats | float":
        """Its values."""
        values = series[self.name] if self.name else self.number
        return np.abs(values) if self.size else values


@dataclass(frozen=True)
class Clause:
    """One comparison: a term with another one, or with itself an iteration before; without terms: not finite."""

    word: str
    left: Term | None = None
    right: Term | None = None

    def holds(self, series: Series) -> NDArray[np.bool_]:
        """Where it holds, shape (k,)."""
        run, numbers = series.run, series.numbers
        if self.left is None:
            return numbers >= (numbers[-1] + 1 if run.diverged_at is None else run.diverged_at)
        if self.right is None:
            values = np.broadcast_to(self.left.of(series), numbers.shape)
            changed: NDArray[np.bool_] = TRENDS[self.word](values[1:], values[:-1])
            return np.concatenate(([False], changed))
        return np.broadcast_to(OPERATORS[self.word](self.left.of(series), self.right.of(series)), numbers.shape)


@dataclass(frozen=True)
class Condition:
    """What may hold at an iteration.

    Attributes:
        text: as typed, in one spelling.
        clauses: all of them have to hold.
    """

    text: str
    clauses: tuple[Clause, ...]

    def holds(self, run: Run, first: int, last: int) -> NDArray[np.bool_]:
        """Whether it holds at each of the iterations first … last (0 is the start), shape (last − first + 1,)."""
        before = 1 if first else 0  # the iteration before the first one, for what rises and falls
        series = Series(run, first - before, last)
        with np.errstate(invalid="ignore"):
            result: NDArray[np.bool_] = np.logical_and.reduce([clause.holds(series) for clause in self.clauses])
        return result[before:]

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities in it, each once."""
        terms = (term for clause in self.clauses for term in (clause.left, clause.right))
        return tuple(dict.fromkeys(term.name for term in terms if term is not None and term.name))


def is_condition(text: str) -> bool:
    """Whether a text is meant as a condition, right or wrong; a place such as ``5`` or ``e3b2`` is not."""
    return bool(_BOUND.search(text))


def parse_condition(text: str, run: Run) -> Condition:
    """Understand a condition.

    Raises:
        LrstepError: it is none, or a name in it is not one of this run; the hint says what there is.
    """
    words = list(_words(text))
    ends = [place for place, word in enumerate(words) if word == "and"]
    clauses = tuple(_clause(words[begin + 1 : end], run) for begin, end in pairwise([-1, *ends, len(words)]))
    return Condition(_spelled(words), clauses)


def _words(text: str) -> Iterator[str]:
    text, at = text.translate(_SAME_SIGN).strip(), 0
    while at < len(text):
        match = _WORD.match(text, at)
        if not match:
            raise _not_understood(text[at:].split()[0])
        yield match[1].lower()
        at = match.end()


def _spelled(words: list[str]) -> str:
    """The words with blanks only where words meet: ``loss rises and |step_weight|<0.01``."""
    text = ""
    for word in words:
        text += (" " if text and text[-1].isalnum() and word[0].isalnum() else "") + word
    return re.sub(r"\s*\band\b\s*", " and ", text)


def _clause(words: list[str], run: Run) -> Clause:
    match words:
        case ["nan"]:
            return Clause("nan")
        case [*term, word] if word in TRENDS:
            return Clause(word, _term(term, words, run))
    for place, word in enumerate(words):
        if word in OPERATORS:
            return Clause(word, _term(words[:place], words, run), _term(words[place + 1 :], words, run))
    raise _not_understood(_spelled(words))


def _term(words: list[str], clause: list[str], run: Run) -> Term:
    match words:
        case ["|", word, "|"]:
            size = True
        case [word]:
            size = False
        case _:
            raise _not_understood(_spelled(clause))
    if _NUMBER.match(word):
        return Term(number=float(word), size=size)
    return Term(_name(word, run), size=size)


def _name(word: str, run: Run) -> str:
    """The quantity that a word names, in the words of ``lrstep trace`` or one of its other names."""
    names = series_names(run)
    if word in names:
        return word
    for key, quantity in quantities(run).items():
        if word in quantity.aliases and key in names:
            return key
    several = groups(run).get(word, ())
    if len(several) == 1:
        return several[0]
    if several:
        raise LrstepError(f"{word!r} is more than one quantity of this run", f"Say which: {', '.join(several)}.")
    raise LrstepError(f"no quantity is called {word!r} in this run", f"There are: {', '.join(names)}.")


def _not_understood(part: str) -> LrstepError:
    said = f"{part!r} is not understood in a condition" if part else "a part of the condition is missing"
    return LrstepError(said, f"Conditions are such as {EXAMPLES}. The names are those of lrstep trace.")
