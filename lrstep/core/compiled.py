"""The formulas as Python functions of plain floats, for the many iterations that nobody looks at.

The functions are written from the trees that the rules themselves return (see :mod:`lrstep.core.symbols`), one
statement for each operation and in the same order, so that they give the same bits as the rules and take a third of
the time.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from lrstep.core.arithmetic import error, gradient_of_bias, gradient_of_weight, prediction, squared_error_sum
from lrstep.core.settings import Settings
from lrstep.core.symbols import OPERATIONS, Leaf, Number, Symbol, power, quotient


class _Source:
    """Statements that compute formulas, each node once.

    Args:
        names: name of a leaf → what it is called here.
    """

    def __init__(self, names: dict[str, str] | None = None) -> None:
        self.names = names or {}
        self.lines: list[str] = []
        self._done: dict[int, tuple[Symbol, str]] = {}

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

    def again(self, **names: str) -> None:
        """Begin with other inputs."""
        self.names |= names
        self._done.clear()


def _operation(op: str, args: list[str]) -> str:
    match op:
        case "+" | "-" | "*":
            return f"{args[0]} {op} {args[1]}"
        case "/":
            return f"quotient({args[0]}, {args[1]})"
        case "**":
            return f"{args[0]} * {args[0]}" if args[1] == "2" else f"power({args[0]}, {args[1]})"
        case "neg":
            return f"-{args[0]}"
    return f"{op}({', '.join(args)})"


@lru_cache(maxsize=16)
def gradient_function(features: int) -> Callable[..., tuple[float, ...]]:
    """The gradient of a batch of few samples.

    Returns:
        function of x₁ … x_k and y (lists of m floats) and the parameters → ∂L/∂θ of each parameter, then Σ error².
    """
    weights, xs = ([Leaf(f"{letter}{i}") for i in range(features)] for letter in ("w", "x"))
    errors = error(prediction(weights, xs, Leaf("b")), Leaf("y"))
    m = Leaf("m")
    results = [*(gradient_of_weight(errors, x, m) for x in xs), gradient_of_bias(errors, m), squared_error_sum(errors)]
    sums = [node for result in results for node in _sums(result)]
    loop, after = _Source(), _Source()
    terms = [loop.name(node.args[0]) for node in sums]
    totals = [f"sum{i}" for i in range(len(sums))]
    by_node = {id(node): name for node, name in zip(sums, totals, strict=True)}
    made = [after.name(_without_sums(result, by_node)) for result in results]
    samples = ", ".join([*(f"x{i}" for i in range(features)), "y"])
    columns = ", ".join([*(f"X{i}" for i in range(features)), "Y"])
    parameters = ", ".join([*(f"w{i}" for i in range(features)), "b"])
    return _function(
        f"{columns}, {parameters}",
        [
            "m = len(Y)",
            f"{' = '.join(totals)} = 0.0",
            f"for {samples} in zip({columns}):",
            *(f"    {line}" for line in loop.lines),
            *(f"    {name} += {term}" for name, term in zip(totals, terms, strict=True)),
            *after.lines,
        ],
        made,
    )


@lru_cache(maxsize=64)
def update_function(settings: Settings, parameters: int) -> Callable[..., tuple[float, ...]]:
    """One step of the optimizer for all parameters.

    Args:
        settings: with the optimizer and its options.
        parameters: how many there are, k + 1.

    Returns:
        function of the number of the iteration, the gradients, the parameters and the slots (slot by slot, each for
        all parameters) → the parameters and slots after the step.
    """
    formulas = settings.rule.formulas(settings)
    letters = ["theta", *(slot.letter for slot in settings.rule.kept(settings))]
    source = _Source()
    made: dict[str, list[str]] = {letter: [] for letter in letters}
    for p in range(parameters):
        source.again(**{letter: f"{letter}{p}" for letter in ("g", *letters)})
        for letter in letters:
            made[letter].append(source.name(formulas[letter]))
    inputs = [f"{letter}{p}" for letter in ("g", *letters) for p in range(parameters)]
    bound = {name: value for name, value in settings.rule.bound(settings).items() if not isinstance(value, bool)}
    options = "".join(f", {name}={value!r}" for name, value in bound.items())
    results = [name for letter in letters for name in made[letter]]
    return _function(f"t, {', '.join(inputs)}{options}", source.lines, results)


def _sums(node: Symbol | float) -> Iterator[Symbol]:
    return (part for part in node.nodes() if part.op == "sum") if isinstance(node, Symbol) else iter(())


def _without_sums(node: Any, names: dict[int, str]) -> Any:
    """The formula with each sum as an input."""
    if not isinstance(node, Symbol) or isinstance(node, Leaf):
        return node
    if id(node) in names:
        return Leaf(names[id(node)])
    return Symbol(node.op, *(_without_sums(arg, names) for arg in node.args))


def _function(arguments: str, lines: list[str], results: list[str]) -> Callable[..., tuple[float, ...]]:
    body = "".join(f"    {line}\n" for line in [*lines, f"return ({', '.join(results)},)"])
    namespace: dict[str, Any] = dict(OPERATIONS) | {"quotient": quotient, "power": power}
    exec(f"def made({arguments}):\n{body}", namespace)
    made: Callable[..., tuple[float, ...]] = namespace["made"]
    return made
