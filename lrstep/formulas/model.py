"""The formulas of the model: prediction, error, loss, RMSE and gradient as trees, for so many features."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from lrstep.core.arithmetic import error, gradient_of_bias, gradient_of_weight, prediction
from lrstep.core.iteration import Iteration
from lrstep.core.metrics import computed
from lrstep.core.symbols import Leaf, Node, Symbol, square
from lrstep.formulas.notation import BOOK, NUMBERS, Style, Writer
from lrstep.formulas.numerals import put
from lrstep.formulas.update import SUBSCRIPTS


class ModelFormulas:
    """What model and loss compute.

    The leaves are ``w`` (``w_1`` … ``w_k`` of several features), ``b``, ``x`` (``x_1`` …), ``y``, ``prediction``,
    ``error`` and ``m``.

    Attributes:
        weights, features: names of the leaves.
        trees: name → formula.
        gradients: those of the parameters, in their order.
    """

    def __init__(self, features: int) -> None:
        places = ("",) if features == 1 else tuple(f"_{i}" for i in range(1, features + 1))
        self.weights = tuple(f"w{place}" for place in places)
        self.features = tuple(f"x{place}" for place in places)
        weights, columns = [Leaf(name) for name in self.weights], [Leaf(name) for name in self.features]
        y_hat, e, y, m = Leaf("prediction"), Leaf("error"), Leaf("y"), Leaf("m")
        self.trees: dict[str, Symbol] = {
            "prediction": prediction(weights, columns, Leaf("b")),
            "error": error(y_hat, y),
            "squared_error": square(error(y_hat, y)),
        }
        self.trees |= computed({"prediction": y_hat, "error": e, "y": y, "m": m})
        self.gradients: tuple[Symbol, ...] = (*(gradient_of_weight(e, x, m) for x in columns), gradient_of_bias(e, m))

    def inputs(self, it: Iteration, i: int) -> dict[str, float]:
        """The parameters before the update and sample i of the batch, by the names of the leaves."""
        numbers = dict(zip((*self.weights, "b"), it.before.parameters, strict=True))
        numbers |= {name: float(x[i]) for name, x in zip(self.features, it.columns, strict=True)}
        return numbers | {"prediction": float(it.prediction[i]), "y": float(it.y[i])}

    def written(self, name: str, count: str = "m", style: Style = BOOK) -> str:
        """A formula of :attr:`trees` in letters; the number of samples is called ``count``."""
        return write_letters(self.trees[name], style, count)


def sums(tree: Symbol) -> list[Symbol]:
    """The sums over samples in a formula."""
    return [node for node in tree.nodes() if node.op == "sum"]


def summed(gradient: float, m: int) -> float:
    """Σ error·x, the sum in a gradient of m samples."""
    return gradient * m / 2


def letter(leaf: str) -> str:
    """The letter of an input: ``w_2`` → w₂, ``prediction`` → ŷ."""
    stem, _, place = leaf.partition("_")
    return "ŷ" if leaf == "prediction" else stem + place.translate(SUBSCRIPTS)


def write_letters(
    tree: Node, style: Style = BOOK, count: str = "m", named: Mapping[int, str] = MappingProxyType({})
) -> str:
    """A tree of the model in letters; parts of it may have names, by their identity."""
    return Writer(style, lambda leaf: count if leaf == "m" else letter(leaf), named).write(tree)


def write_numbers(
    tree: Symbol, inputs: Mapping[str, float], named: Mapping[int, str] = MappingProxyType({}),
    text: Callable[[float], str] = put,
) -> str:  # fmt: skip
    """A tree of the model with the numbers of its inputs put in; parts of it may be inputs too, by their identity."""
    texts = {node: text(inputs[name]) for node, name in named.items()}
    return Writer(NUMBERS, lambda leaf: text(inputs[leaf]), texts).write(tree)


@lru_cache(maxsize=8)
def model_formulas(features: int) -> ModelFormulas:
    """The formulas for so many features; made once."""
    return ModelFormulas(features)
