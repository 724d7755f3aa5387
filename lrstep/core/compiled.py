"""The formulas as Python functions of plain floats, for the many iterations that nobody looks at.

The functions are written from the trees that the rules themselves return (see :mod:`lrstep.core.symbols`), one
statement for each operation and in the same order, so that they give the same bits as the rules and take a third of
the time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import FunctionType
from typing import Any

from lrstep.core.arithmetic import error, gradient_of_bias, gradient_of_weight, prediction, squared_error_sum
from lrstep.core.optimizers.base import Optimizer
from lrstep.core.settings import Settings
from lrstep.core.symbols import OPERATIONS, Leaf, Number, Symbol, power, quotient

Compiled = Callable[..., tuple[float, ...]]


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


class BatchSymbols:
    """The inputs of a gradient as symbols: ``x0`` … and ``y`` of a sample, ``w0`` … ``b``, and ``m``.

    Attributes:
        weights, xs, bias, y, m: leaves. prediction, errors: formulas of them.
    """

    def __init__(self, features: int) -> None:
        self.weights, self.xs = ([Leaf(f"{letter}{i}") for i in range(features)] for letter in ("w", "x"))
        self.bias, self.y, self.m = Leaf("b"), Leaf("y"), Leaf("m")
        self.prediction: Symbol = prediction(self.weights, self.xs, self.bias)
        self.errors: Symbol = error(self.prediction, self.y)

    @property
    def gradients(self) -> tuple[Symbol, ...]:
        """∂L/∂θ of each parameter."""
        return (
            *(gradient_of_weight(self.errors, x, self.m) for x in self.xs), gradient_of_bias(self.errors, self.m),
        )  # fmt: skip


@lru_cache(maxsize=16)
def gradient_function(features: int) -> Compiled:
    """The gradient of a batch of few samples.

    Returns:
        function of x₁ … x_k and y (lists of m floats) and the parameters → ∂L/∂θ of each parameter, then Σ error².
    """
    batch = BatchSymbols(features)
    return compiled_sums(features, (*batch.gradients, squared_error_sum(batch.errors)))


def compiled_sums(features: int, results: Sequence[Symbol]) -> Compiled:
    """Formulas of :class:`BatchSymbols`, with no sum inside another, as a function of a batch of few samples.

    Returns:
        function of x₁ … x_k and y (lists of m floats) and the parameters → the results.
    """
    sums = list({id(node): node for result in results for node in _sums(result)}.values())
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
    letters = ("theta", *(slot.letter for slot in settings.rule.kept(settings)))
    made = _update_code(settings.rule, switches, letters, tuple(numbers), parameters)
    return with_options(made, tuple(numbers.values()))


@lru_cache(maxsize=64)
def _update_code(
    optimizer: Optimizer, switches: tuple[tuple[str, bool], ...], letters: tuple[str, ...], options: tuple[str, ...],
    parameters: int,
) -> Compiled:  # fmt: skip
    """The step of a rule without its settings, which decide nothing of how it is computed; made once."""
    formulas = optimizer.traced(letters[1:], options, dict(switches))
    return compiled_update(formulas, letters, letters, ("t",), options, parameters)


def compiled_update(
    formulas: Mapping[str, Symbol | float], letters: Sequence[str], results: Sequence[str], counters: Sequence[str],
    options: Sequence[str], parameters: int,
) -> Compiled:  # fmt: skip
    """The formulas of a rule as a function for all parameters.

    Args:
        formulas: result → formula.
        letters: ``theta`` and the slots, what stands for them before the step.
        results: which results it gives.
        counters: inputs that are the same for all parameters and change from step to step.
        options: inputs that stay the same; the last arguments.
        parameters: how many there are.

    Returns:
        function of the counters, the gradients, the letters (one by one, each for all parameters) and the options →
        the results (one by one, each for all parameters).
    """
    source = _Source()
    made: dict[str, list[str]] = {result: [] for result in results}
    for p in range(parameters):
        source.again(**{letter: f"{letter}{p}" for letter in ("g", *letters)})
        for result in results:
            made[result].append(source.name(formulas[result]))
    inputs = [f"{letter}{p}" for letter in ("g", *letters) for p in range(parameters)]
    return _function(
        ", ".join([*counters, *inputs, *options]), source.lines, [name for result in results for name in made[result]]
    )


def with_options(function: Compiled, values: tuple[Any, ...]) -> Compiled:
    """The function with its last arguments given, without the time that a call of another function takes."""
    assert isinstance(function, FunctionType)
    return FunctionType(function.__code__, function.__globals__, function.__name__, values)


def _sums(node: Symbol | float) -> Iterator[Symbol]:
    return (part for part in node.nodes() if part.op == "sum") if isinstance(node, Symbol) else iter(())


def _without_sums(node: Any, names: dict[int, str]) -> Any:
    """The formula with each sum as an input."""
    if not isinstance(node, Symbol) or isinstance(node, Leaf):
        return node
    if id(node) in names:
        return Leaf(names[id(node)])
    return Symbol(node.op, *(_without_sums(arg, names) for arg in node.args))


def _function(arguments: str, lines: list[str], results: list[str]) -> Compiled:
    body = "".join(f"    {line}\n" for line in [*lines, f"return ({', '.join(results)},)"])
    namespace: dict[str, Any] = dict(OPERATIONS) | {"quotient": quotient, "power": power}
    exec(f"def made({arguments}):\n{body}", namespace)
    made: Compiled = namespace["made"]
    return made
