"""The formulas of an optimizer's step: of each parameter, in letters, with numbers put in, or in any notation.

Everything here is derived from the trees that the optimizer's rule itself returns.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from lrstep.core.optimizers.base import ARGUMENTS, Slot
from lrstep.core.settings import FIELDS, Settings
from lrstep.core.symbols import Leaf, Symbol, evaluate
from lrstep.formulas.notation import BOOK, NUMBERS, Style, Writer

SETTINGS = {ARGUMENTS.get(name, name): name for name in FIELDS}
"""What rules call a setting → the setting."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def parameter_letters(names: Iterable[str]) -> tuple[str, ...]:
    """The letters of parameters: ``weight`` → w, ``weight_2`` → w₂, ``bias`` → b."""
    return tuple(name[0] + name.partition("_")[2].translate(SUBSCRIPTS) for name in names)


class UpdateFormulas:
    """What the rule of some settings computes, by name.

    Attributes:
        trees: name → formula, in the order of the computation: letters of slots, ``step``, ``theta`` and what lies
            between, such as ``root``.
        slots: letter → slot, of those that there are.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.trees: Mapping[str, Symbol] = settings.rule.formulas(settings)
        self.slots: Mapping[str, Slot] = {slot.letter: slot for slot in settings.rule.kept(settings)}

    @cached_property
    def settled(self) -> frozenset[int]:
        """The identities of the nodes that depend on settings and the number of the iteration alone."""
        nodes = (node for tree in self.trees.values() for node in tree.nodes())
        return frozenset(id(node) for node in nodes if all(leaf.name in (*SETTINGS, "t") for leaf in leaves(node)))

    @cached_property
    def between(self) -> tuple[str, ...]:
        """The results that lie between slots and step, such as a root: often written as their formulas in others."""
        return tuple(
            name
            for name, tree in self.trees.items()
            if name not in (*self.slots, "step", "theta") and id(tree) not in self.settled
        )

    def letter(self, name: str, parameter: str = "") -> str:
        """The letter of an input or a result: of a parameter (w, b, w₁) with its index, such as v_w."""
        if name in SETTINGS:
            return FIELDS[SETTINGS[name]].symbol
        if name == "theta":
            return parameter or "θ"
        if parameter and (name == "g" or name in self.slots):
            return f"{name}_{parameter}"
        return name

    def named(self, parameter: str = "", skip: Iterable[str] = ()) -> dict[int, str]:
        """The names of the results, to be written instead of their formulas, but for those to be skipped."""
        skipped = set(skip)
        made: dict[int, str] = {}
        for name, node in self.trees.items():
            if name not in skipped and not isinstance(node, Leaf):
                made[id(node)] = self.letter(name, parameter)
        return made

    def written(self, name: str, parameter: str = "", style: Style = BOOK, inlined: Iterable[str] = ()) -> str:
        """The formula of a result in letters.

        Args:
            name: a key of :attr:`trees`.
            parameter: letter of the parameter, for the index; empty for none.
            style: how to write it.
            inlined: results that are written as their formulas instead of by their names.
        """
        writer = Writer(style, lambda leaf: self.letter(leaf, parameter), self.named(parameter, inlined))
        return writer.write(self.trees[name])

    def with_numbers(
        self, name: str, values: Mapping[str, float], text: Callable[[float], str], inlined: Iterable[str] = (),
        folded: bool = False, letters: Iterable[str] = (), style: Style = NUMBERS,
    ) -> str:  # fmt: skip
        """The formula of a result with the numbers put in.

        Args:
            name: a key of :attr:`trees`.
            values: input → its value before the step, and result → its value, see :func:`values`.
            text: a number as text, in parentheses where it has a sign.
            inlined: results that are written as their formulas instead of by their numbers.
            folded: whether what depends on settings alone is one number: 0.1 for 1 − ρ.
            letters: inputs that stay letters.
            style: how to write it.
        """
        skipped, kept = set(inlined), set(letters)
        made = {
            id(node): text(values[result])
            for result, node in self.trees.items()
            if result not in skipped and not isinstance(node, Leaf)
        }
        if folded:
            made |= self._folded(self.trees[name], values, text, made)

        def leaf(name: str) -> str:
            return self.letter(name) if name in kept else text(values[f"{name} before"])

        return Writer(style, leaf, made).write(self.trees[name])

    def _folded(
        self, tree: Symbol, values: Mapping[str, float], text: Callable[[float], str], done: Mapping[int, str]
    ) -> dict[int, str]:
        inputs = {name: values[f"{name} before"] for name in (*SETTINGS, "t") if f"{name} before" in values}
        return {
            id(node): text(evaluate(node, inputs))
            for node in tree.nodes()
            if node.op and id(node) in self.settled and id(node) not in done
        }

    def inputs(self, name: str) -> tuple[str, ...]:
        """The inputs and other results that a result is computed from directly, in the order of the formula."""
        names = {id(node): result for result, node in self.trees.items() if result != name}
        found: list[str] = []
        _collect(self.trees[name], names, found, top=True)
        return tuple(dict.fromkeys(found))

    def alias(self, name: str) -> str:
        """Another name of the very same result, such as M of a step with momentum; empty if there is none."""
        same = (other for other, node in self.trees.items() if node is self.trees[name] and other != name)
        return next(same, "")


def nothing_kept(settings: Settings) -> str:
    """Said where the optimizer has no accumulator."""
    rest = "; its momentum moves with the update" if settings.rule.kept(settings) else ""
    return f"{settings.rule.title} has no accumulator: the step is taken from the gradient as it is{rest}."


def leaves(node: Symbol) -> list[Leaf]:
    """The inputs of a formula, as often as they stand in it."""
    return [part for part in node.nodes() if isinstance(part, Leaf)]


def _collect(node: object, names: Mapping[int, str], found: list[str], top: bool = False) -> None:
    if not isinstance(node, Symbol):
        return
    if isinstance(node, Leaf):
        found.append(f"{node.name} before" if node.name not in SETTINGS else node.name)
    elif not top and id(node) in names:
        found.append(names[id(node)])
    else:
        for arg in node.args:
            _collect(arg, names, found)


@lru_cache(maxsize=32)
def update_formulas(settings: Settings) -> UpdateFormulas:
    """The formulas of some settings; made once."""
    return UpdateFormulas(settings)


def values(
    settings: Settings, number: int, g: float, memory: tuple[float, ...], made: Mapping[str, float]
) -> dict[str, float]:
    """All numbers of one parameter's step.

    Args:
        settings: of the run.
        number: the iteration.
        g: the gradient of the parameter.
        memory: the parameter and its slots before the step, as :meth:`lrstep.core.run.Run.memories` has them.
        made: what the rule computed.

    Returns:
        result → its number; input with `` before`` behind its name → its number: ``v before``, ``lr before``.
    """
    letters = ("theta", *(slot.letter for slot in settings.rule.kept(settings)))
    before: dict[str, Any] = dict(settings.rule.bound(settings))
    before |= dict(zip(letters, memory, strict=True)) | {"g": g, "t": number}
    return {f"{name} before": value for name, value in before.items()} | dict(made)
