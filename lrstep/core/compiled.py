"""The formulas as Python functions of plain floats, for the many iterations that nobody looks at.

The functions are written from the trees that the rules themselves return (see :mod:`lrstep.core.symbols`), one
statement for each operation and in the same order, so that they give the same bits as the rules and take a third of
the time.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from types import FunctionType
from typing import Any

from lrstep.core.arithmetic import error, gradient_of_bias, gradient_of_weight, prediction, squared_error_sum
from lrstep.core.optimizers.base import Optimizer
from lrstep.core.settings import Settings
from lrstep.core.symbols import OPERATIONS, Leaf, Number, Symbol, power, quotient

Compiled = Callable[..., tuple[float, ...]]


class Code:
    """Statements that compute formulas, each node once.

    Args:
        done: nodes that variables hold already.
    """

    def __init__(self, done: Iterable[tuple[Symbol, str]] = ()) -> None:
        self.names: dict[str, str] = {}  # of leaves → what they are called here
        self.lines: list[str] = []
        self._done = {id(node): (node, variable) for node, variable in done}

    def name(self, node: Number) -> str:
        """The variable that holds a node, after the statements that compute it."""
        if not isinstance(node, Symbol):
            return repr(node)
        if isinstance(node, Leaf):
            return self.names.get(node.name, node.name)
        if id(node) not in self._done:
            text = _operation(node.op, [self.name(arg) for arg in node.args])
            variable = f"_{len(self._done)}_{len(self.lines)}"
            self.lines.append(f"{variable} = {text}")
            self._done[id(node)] = node, variable  # the node is kept, for its identity is the key
        return self._done[id(node)][1]

    def begin(self, names: dict[str, str]) -> None:
        """Begin with other inputs."""
        self.names = names
        self._done.clear()


WRITTEN = {"+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "/": "quotient({}, {})", "**": "power({}, {})", "neg": "-{}"}
"""Operations that are not written as a call of what they are called."""


def _operation(op: str, args: list[str]) -> str:
    if op == "**" and args[1] == "2":
        return f"{args[0]} * {args[0]}"
    return WRITTEN[op].format(*args) if op in WRITTEN else f"{op}({', '.join(args)})"


@lru_cache(maxsize=16)
def gradient_function(features: int) -> Compiled:
    """The gradient of a batch of few samples.

    Returns:
        function of x₁ … x_k and y (lists of m floats) and the parameters → ∂L/∂θ of each parameter, then Σ error².
    """
    weights, xs = ([f"{letter}{i}" for i in range(features)] for letter in "wx")
    leaves = [Leaf(x) for x in xs]
    errors: Symbol = error(prediction([Leaf(weight) for weight in weights], leaves, Leaf("b")), Leaf("y"))
    gradients = (*(gradient_of_weight(errors, x, Leaf("m")) for x in leaves), gradient_of_bias(errors, Leaf("m")))
    results: tuple[Symbol, ...] = (*gradients, squared_error_sum(errors))
    sums = [node for result in results for node in result.nodes() if node.op == "sum"]
    totals = [f"sum{i}" for i in range(len(sums))]
    loop, after = Code(), Code(zip(sums, totals, strict=True))
    terms = [loop.name(node.args[0]) for node in sums]
    made = [after.name(result) for result in results]
    columns = ", ".join([*map(str.upper, xs), "Y"])
    return function(
        ", ".join([columns, *weights, "b"]),
        [
            "m = len(Y)",
            f"{' = '.join(totals)} = 0.0",
            f"for {', '.join(xs)}, y in zip({columns}):",
            *(f"    {line}" for line in loop.lines),
            *(f"    {name} += {term}" for name, term in zip(totals, terms, strict=True)),
            *after.lines,
        ],
        f"({', '.join(made)},)",
    )


def update_function(settings: Settings, parameters: int) -> Compiled:
    """One step of the optimizer for all parameters.

    Args:
        settings: with the optimizer and its options.
        parameters: how many there are, k + 1.

    Returns:
        function of the number of the iteration, the gradients, the parameters and the slots (slot by slot, each for
        all parameters) → the parameters and slots after the step.
    """
    bound = settings.rule.bound(settings)
    numbers = {name: value for name, value in bound.items() if not isinstance(value, bool)}
    switches = tuple((name, value) for name, value in bound.items() if isinstance(value, bool))
    made = _update_code(settings.rule, switches, settings.rule.letters(settings), tuple(numbers), parameters)
    # The last arguments are given as defaults: another function around it would take time at each call.
    return FunctionType(made.__code__, made.__globals__, made.__name__, tuple(numbers.values()))


@lru_cache(maxsize=64)
def _update_code(
    optimizer: Optimizer, switches: tuple[tuple[str, bool], ...], letters: tuple[str, ...], options: tuple[str, ...],
    parameters: int,
) -> FunctionType:  # fmt: skip
    """The step of a rule with its options as the last arguments; they decide nothing of how it is computed."""
    formulas = optimizer.traced(letters, options, dict(switches))
    source = Code()
    made: dict[str, list[str]] = {letter: [] for letter in letters}
    for p in range(parameters):
        source.begin({letter: f"{letter}{p}" for letter in ("g", *letters)})
        for letter in letters:
            made[letter].append(source.name(formulas[letter]))
    inputs = [f"{letter}{p}" for letter in ("g", *letters) for p in range(parameters)]
    results = ", ".join(name for names in made.values() for name in names)
    return function(", ".join(["t", *inputs, *options]), source.lines, f"({results},)")


def function(arguments: str, lines: Sequence[str], result: str) -> FunctionType:
    """The function of some arguments that does what stands in some lines and returns an expression."""
    body = "".join(f"    {line}\n" for line in [*lines, f"return {result}"])
    namespace: dict[str, Any] = dict(OPERATIONS) | {"quotient": quotient, "power": power}
    exec(f"def made({arguments}):\n{body}", namespace)
    made: FunctionType = namespace["made"]
    return made
