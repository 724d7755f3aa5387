"""A formula tree as text: in letters, with numbers put in, as a spreadsheet's cell, as Python.

One printer with the precedence of the operators; a :class:`Style` says what operators look like.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lrstep.core.symbols import Leaf, Node, Symbol

SUM, PRODUCT, PREFIX, POWER, ATOM = range(1, 6)
"""How tightly an operator binds, the loosest first."""

_BINDS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "neg": PREFIX, "sum": PRODUCT, "**": POWER}
_RAISED = dict(zip("2t", "²ᵗ", strict=True))


def _raised(base: str, exponent: str) -> str:
    """A power as it stands in a book; an exponent that has no raised letter stands behind ^."""
    if all(sign in _RAISED for sign in exponent):
        return base + "".join(_RAISED[sign] for sign in exponent)
    return f"{base}^{exponent}"


def _square_or_power(base: str, exponent: str) -> str:
    """A power of numbers: raised digits are hard to tell apart, and have no ASCII, but for the square."""
    return base + "²" if exponent == "2" else f"{base}^{exponent}"


def _product_of_itself(base: str, exponent: str) -> str:
    """A square as a product, which has the same bits everywhere."""
    return f"{base} * {base}" if exponent == "2" and base.isidentifier() else f"{base}**{exponent}"


@dataclass(frozen=True, eq=False)
class Style:
    """What operators look like.

    Attributes:
        signs: operator → its text between its operands.
        calls: function → its text before the parenthesis.
        power: base and exponent → their power.
        bare_root: whether √ stands before a single letter without a parenthesis.
        minus_first: whether −x² is (−x)², as spreadsheets have it.
    """

    signs: Mapping[str, str]
    calls: Mapping[str, str]
    power: Callable[[str, str], str]
    bare_root: bool = False
    minus_first: bool = False


BOOK = Style(
    {"+": " + ", "-": " − ", "*": "·", "/": "/", "neg": "−"},
    {"root": "√", "sum": "Σ ", "sign": "sign", "absolute": "abs", "larger": "max"},
    _raised,
    bare_root=True,
)
"""Letters, as in a book."""

NUMBERS = Style(BOOK.signs, BOOK.calls, _square_or_power)
"""Numbers put in."""

TIGHT = Style(dict(BOOK.signs) | {"+": "+", "-": "-", "neg": "-"}, BOOK.calls, _raised, bare_root=True)
"""Letters where there is little room."""

CELL = Style(
    {"+": "+", "-": "-", "*": "*", "/": "/", "neg": "-"},
    {"root": "SQRT", "sum": "SUM", "sign": "SIGN", "absolute": "ABS", "larger": "MAX"},
    lambda base, exponent: f"{base}^{exponent}",
    minus_first=True,
)
"""A formula of a spreadsheet."""

PYTHON = Style(
    {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "neg": "-"},
    {"root": "sqrt", "sum": "sum", "sign": "sign", "absolute": "abs", "larger": "max"},
    _product_of_itself,
)
"""An expression of Python."""


class Writer(NamedTuple):
    """Writes trees in one style.

    Attributes:
        style: what operators look like.
        leaf: name of an input → its text.
        names: identity of a node → its text, for parts that have a name, a number or a cell of their own.
    """

    style: Style
    leaf: Callable[[str], str]
    names: Mapping[int, str] = {}

    def write(self, node: Node) -> str:
        """The node's formula; the node's own name is not used for it, those of its parts are."""
        return self._operation(node)[0] if isinstance(node, Symbol) else str(node)

    def _part(self, node: Node, least: int) -> str:
        """A node inside another one, in parentheses where it binds less tightly than needed."""
        if isinstance(node, Symbol) and id(node) in self.names:
            return self.names[id(node)]
        if not isinstance(node, Symbol):
            return str(node)
        text, binds = self._operation(node)
        return text if binds >= least else f"({text})"

    def _operation(self, node: Symbol) -> tuple[str, int]:
        if isinstance(node, Leaf):
            return self.leaf(node.name), ATOM
        op, args = node.op, node.args
        binds = _BINDS.get(op, ATOM)
        if op in ("+", "-", "*", "/"):
            first = self._part(args[0], binds)
            # a − (b − c) needs its parentheses; a + (b − c) keeps them, for they say the order.
            second = self._part(args[1], binds if op == "*" and self._is_bare_sum(args[1]) else binds + 1)
            wide = op == "/" and isinstance(args[0], Symbol) and args[0].op == "sum" and id(args[0]) not in self.names
            return f"{first}{' / ' if wide and self.style.bare_root else self.style.signs[op]}{second}", binds
        if op == "**":
            return self.style.power(self._part(args[0], ATOM), self._part(args[1], ATOM)), binds
        if op == "neg":
            return f"{self.style.signs['neg']}{self._part(args[0], ATOM if self.style.minus_first else PREFIX)}", binds
        return self._call(op, args)

    def _is_bare_sum(self, node: Node) -> bool:
        """Whether a node is a Σ that reaches to the end of a product without parentheses."""
        return isinstance(node, Symbol) and node.op == "sum" and self.style.calls["sum"].endswith(" ")

    def _call(self, op: str, args: tuple[Node, ...]) -> tuple[str, int]:
        call = self.style.calls[op]
        if call.endswith(" "):
            return call + self._part(args[0], PRODUCT), PRODUCT
        inside = ", ".join(self._part(arg, SUM) for arg in args)
        single = len(args) == 1 and (isinstance(args[0], Leaf) or id(args[0]) in self.names)
        return (f"{call}{inside}" if self.style.bare_root and op == "root" and single else f"{call}({inside})"), ATOM
