"""Formulas as trees, and the operations that work on numbers and on trees alike.

An update rule, the prediction, the loss and the gradient are plain functions. Called with numbers they compute;
called with symbols they return their own formula, because the operators of a :class:`Symbol` build a tree instead of
computing (as ``Value`` does in Karpathy's micrograd). This module imports nothing heavy.
"""

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Number = Any
"""What a formula takes: a float, an array, a :class:`Symbol`, or any number with operators of its own."""


def _node(op: str) -> Callable[..., "Symbol"]:
    return lambda *args: Symbol(op, *args)


def _reflected(op: str) -> Callable[["Symbol", float], "Symbol"]:
    return lambda right, left: Symbol(op, left, right)


class Symbol:
    """A node of a formula: an operation on other nodes.

    Attributes:
        op: a key of :data:`OPERATIONS`; empty for a leaf.
        args: what it is applied to: symbols, and plain numbers for constants such as the 2 of a square.
    """

    __slots__ = ("args", "op")

    def __init__(self, op: str, *args: "Symbol | float") -> None:
        self.op = op
        self.args = args

    __add__, __radd__ = _node("+"), _reflected("+")
    __sub__, __rsub__ = _node("-"), _reflected("-")
    __mul__, __rmul__ = _node("*"), _reflected("*")
    __truediv__, __rtruediv__ = _node("/"), _reflected("/")
    __neg__, power, __rpow__, root = _node("neg"), _node("**"), _reflected("**"), _node("root")
    sign, absolute, larger, total = _node("sign"), _node("absolute"), _node("larger"), _node("sum")

    def square(self) -> "Symbol":
        """The node squared."""
        return Symbol("**", self, 2)

    def nodes(self) -> Iterator["Symbol"]:
        """This node and all nodes under it."""
        yield self
        for arg in self.args:
            if isinstance(arg, Symbol):
                yield from arg.nodes()


Node = Symbol | float
"""A part of a formula; a plain number is a constant."""


class Leaf(Symbol):
    """An input of a formula, by name: ``theta``, ``g``, ``rho``; of a sample: ``x``, ``y``, ``error``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__("")
        self.name = name


def evaluate(
    node: Node, values: Mapping[str, Number], noted: Callable[[Number], Number] = lambda number: number
) -> Number:
    """The number that a formula has, with the same operations in the same order as the function that made it.

    Args:
        node: the formula.
        values: name of a leaf → its value.
        noted: what becomes of each number that is computed, before the next one is computed with it.
    """
    if not isinstance(node, Symbol):
        return node
    if isinstance(node, Leaf):
        return values[node.name]
    args = [evaluate(arg, values, noted) for arg in node.args]
    return noted(OPERATIONS[node.op](*args))


def root(value: Number) -> Number:
    """√value; nan for a negative value or nan (rounding can make v − a² negative), as NumPy has it."""
    if type(value) is float:
        return math.sqrt(value) if value >= 0 else math.nan
    if hasattr(value, "root"):
        return value.root()
    import numpy as np

    return np.sqrt(value)


def quotient(a: Number, b: Number) -> Number:
    """a / b; inf or nan where b is 0 (no gradient so far, and ε = 0), as NumPy has it."""
    if type(b) is not float or b or hasattr(a, "shape"):
        return a / b
    return math.copysign(math.inf, a) * math.copysign(1.0, b) if a and a == a else math.nan


def square(value: Number) -> Number:
    """value²; an overflow gives inf."""
    if type(value) is float:
        return value * value
    return value.square() if hasattr(value, "square") else value * value


def power(value: Number, exponent: Number) -> Number:
    """value to the power of a whole number."""
    return value.power(exponent) if hasattr(value, "power") else value**exponent


def sign(value: Number) -> Number:
    """1, 0 or −1; nan of nan."""
    if type(value) is float:
        return math.copysign(1.0, value) if value and value == value else value
    if hasattr(value, "sign"):
        return value.sign()
    import numpy as np

    return np.sign(value)


def absolute(value: Number) -> Number:
    """|value|."""
    return value.absolute() if hasattr(value, "absolute") else abs(value)


def larger(a: Number, b: Number) -> Number:
    """The larger of two numbers; nan if one of them is."""
    if type(a) is float and type(b) is float:
        return b if b > a or b != b else a
    for one, other in ((a, b), (b, a)):
        if hasattr(one, "larger"):
            return one.larger(other)
    import numpy as np

    return np.maximum(a, b)


FEW = 16
"""With so many samples Python's floats are quicker than NumPy's arrays, whose handling outweighs the arithmetic."""


def total(terms: Number) -> Number:
    """Σ of the terms, shape (m,) → scalar: few of them in their order, many pairwise."""
    if hasattr(terms, "total"):
        return terms.total()
    import numpy as np

    if len(terms) > FEW:
        return float(np.add.reduce(terms))
    result = 0.0
    for term in terms.tolist():
        result += term
    return result


OPERATIONS: dict[str, Callable[..., Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "**": lambda value, exponent: square(value) if exponent == 2 else power(value, exponent),
    "neg": operator.neg,
    "root": root,
    "sign": sign,
    "absolute": absolute,
    "larger": larger,
    "sum": total,
}
"""The operation of a node → the function that does it."""
