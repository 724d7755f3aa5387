"""The formulas of an optimizer's step: of each parameter, in letters, with numbers put in, or in any notation.

Everything here is derived from the trees that the optimizer's rule itself returns.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lrstep.core.optimizers.base import ARGUMENTS, Slot
from lrstep.core.phase import Phase
from lrstep.core.settings import FIELDS, Settings
from lrstep.core.symbols import OPERATIONS, Leaf, Node, Symbol, evaluate
from lrstep.formulas.notation import BOOK, NUMBERS, Style, Writer

SETTINGS = {ARGUMENTS.get(name, name): name for name in FIELDS}
"""What rules call a setting → the setting."""

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def parameter_letters(names: Iterable[str]) -> tuple[str, ...]:
    """The letters of parameters: ``weight`` → w, ``weight_2`` → w₂, ``bias`` → b."""
    return tuple(name[0] + name.partition("_")[2].translate(SUBSCRIPTS) for name in names)


@dataclass(frozen=True)
class Form:
    """How a formula is written with numbers.

    Attributes:
        inlined: results that are written as their formulas instead of by their numbers.
        folded: whether what depends on settings alone is one number: 0.1 for 1 − ρ.
        letters: inputs that stay letters.
        results: results that are written by their letters instead of by their numbers.
        once: whether an input is a number only where it comes first, and its letter after that.
        style: how to write operators.
    """

    inlined: tuple[str, ...] = ()
    folded: bool = False
    letters: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    once: bool = False
    style: Style = NUMBERS

    @cached_property
    def _hash(self) -> int:
        return hash((self.inlined, self.folded, self.letters, self.results, self.once, self.style))

    def __hash__(self) -> int:  # asked for at each formula that is shown
        return self._hash


Compute = Callable[[Mapping[str, float], Callable[[float], float], Mapping[str, float]], float]


@dataclass(frozen=True)
class Template:
    """A formula with places for its numbers.

    Attributes:
        pattern: the formula; a place is ``{v before}`` for an input, ``{root}`` for a result.
        folded: name of another place → the formula of the number that stands there.
        node: the formula itself.
        places: identity of a part that is written as one number or letter → what stands there, as in the pattern.
        letters: inputs that are written as letters.
    """

    pattern: str
    folded: Mapping[str, Symbol]
    node: Symbol
    places: Mapping[int, str]
    letters: tuple[str, ...]

    def filled(self, values: Mapping[str, float], text: Callable[[float], str]) -> str:
        """The formula with these numbers, each as a text."""
        parts = enumerate(self._parts)
        return "".join([text(self._number(part, values)) if place % 2 else part for place, part in parts])

    @cached_property
    def _parts(self) -> list[str]:
        """The pattern: what stands between places, and at each second place the name of a number."""
        return re.split(r"\{(.+?)\}", self.pattern)

    @cached_property
    def by_hand(self) -> Compute:
        """What somebody gets who computes the formula as it stands.

        It is a function of the values, as for :meth:`filled`; of what can be read of a number where it stands in the
        formula; and of letter → what can be read of its number elsewhere: all of it, where it is not among these.
        """
        return self._computing(self.node, is_whole=True)

    def _computing(self, part: Node, is_whole: bool = False) -> Compute:
        """What computes a part of the formula; made once."""
        if not isinstance(part, Symbol):
            return lambda values, read, shown: part
        place = "" if is_whole else self.places.get(id(part), "")
        if isinstance(part, Leaf):
            letter, key = part.name, f"{part.name} before"
            if letter in self.letters:
                return lambda values, read, shown: shown[letter] if letter in shown else values[key]
            return lambda values, read, shown: read(values[key])
        if place.startswith("{"):
            name = place[1:-1]
            return lambda values, read, shown: read(self._number(name, values))
        if place:
            return lambda values, read, shown: shown[place] if place in shown else values[place]
        operation, args = OPERATIONS[part.op], [self._computing(arg) for arg in part.args]
        if len(args) == 1:
            (only,) = args
            return lambda values, read, shown: operation(only(values, read, shown))
        first, second = args
        return lambda values, read, shown: operation(first(values, read, shown), second(values, read, shown))

    def _number(self, name: str, values: Mapping[str, float]) -> float:
        """A number that settings alone give is computed once; one that depends on the iteration, each time."""
        if name not in self.folded:
            return values[name]
        if name in self._constants:
            return self._constants[name]
        node = self.folded[name]
        names = [leaf.name for leaf in leaves(node)]
        number = float(evaluate(node, {leaf: values[f"{leaf} before"] for leaf in names}))
        if "t" not in names:
            self._constants[name] = number
        return number

    @cached_property
    def _constants(self) -> dict[str, float]:
        return {}


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
        self.template = lru_cache(maxsize=None)(self._template)  # each is made once for each form

    def letter(self, name: str, parameter: str = "") -> str:
        """The letter of an input or a result: of a parameter (w, b, w₁) with its index, such as v_w."""
        if name in SETTINGS:
            return FIELDS[SETTINGS[name]].symbol
        if name == "theta":
            return parameter or "θ"
        if parameter and (name == "g" or name in self.slots):
            return f"{name}_{parameter}"
        return name

    def input(self, name: str, parameter: str, *results: str) -> str:
        """The letter of an input in the formulas of results: of a slot in another one's than its own ``v before``."""
        old = name in self.slots and all(self.trees[result] is not self.trees[name] for result in results)
        return self.letter(name, parameter) + (" before" if old else "")

    @cached_property
    def between(self) -> tuple[str, ...]:
        """What lies between slots and step and is not of settings alone, such as a root."""
        named = {*self.slots, "step", "theta"}
        return tuple(name for name, tree in self.trees.items() if name not in named and not of_settings(tree))

    def named(self, parameter: str = "", skip: Collection[str] = ()) -> dict[int, str]:
        """The names of the results, to be written instead of their formulas, but for those to be skipped."""
        return {
            id(node): self.letter(name, parameter)
            for name, node in self.trees.items()
            if name not in skip and not isinstance(node, Leaf)
        }

    def written(self, name: str, parameter: str = "", style: Style = BOOK, inlined: Collection[str] = ()) -> str:
        """The formula of a result in letters.

        Args:
            name: a key of :attr:`trees`.
            parameter: letter of the parameter, for the index; empty for none.
            style: how to write it.
            inlined: results that are written as their formulas instead of by their names.
        """
        writer = Writer(style, lambda leaf: self.input(leaf, parameter, name, *inlined), self.named(parameter, inlined))
        return writer.write(self.trees[name])

    def with_numbers(
        self, name: str, values: Mapping[str, float], text: Callable[[float], str], form: "Form | None" = None
    ) -> str:
        """The formula of a result with the numbers put in.

        Args:
            name: a key of :attr:`trees`.
            values: as :func:`lrstep.formulas.steps.step_numbers` has them.
            text: a number as text, in parentheses where it has a sign.
            form: what is written as a number and what is not.
        """
        return self.template(name, form or Form()).filled(values, text)

    def _template(self, name: str, form: "Form") -> "Template":
        """The formula of a result with a place for each number."""
        folded: dict[str, Symbol] = {}
        places = {
            id(node): self.letter(result) if result in form.results else f"{{{result}}}"
            for result, node in self.trees.items()
            if result not in form.inlined and not isinstance(node, Leaf)
        }
        if form.folded:
            for node in self.trees[name].nodes():
                if node.op and id(node) not in places and of_settings(node):
                    key = f"folded {len(folded)}"
                    folded[key], places[id(node)] = node, f"{{{key}}}"
        written: set[str] = set()

        def leaf(given: str) -> str:
            letter = given in form.letters or (form.once and given in written)
            written.add(given)
            return self.input(given, "", name, *form.inlined) if letter else f"{{{given} before}}"

        pattern = Writer(form.style, leaf, places).write(self.trees[name])
        used = {key: node for key, node in folded.items() if f"{{{key}}}" in pattern}
        return Template(pattern, used, self.trees[name], places, form.letters)

    def inputs(self, name: str) -> tuple[str, ...]:
        """The inputs and other results that a result is computed from directly, in the order of the formula."""
        tree = self.trees[name]
        names = {id(node): result for result, node in self.trees.items() if node is not tree}

        def found(node: object) -> Iterator[str]:
            if isinstance(node, Leaf):
                yield f"{node.name} before" if node.name not in SETTINGS else node.name
            elif id(node) in names:
                yield names[id(node)]
            elif isinstance(node, Symbol):
                for arg in node.args:
                    yield from found(arg)

        return tuple(dict.fromkeys(found(tree)))

    def alias(self, name: str) -> str:
        """Another name of the very same result, such as M of a step with momentum; empty if there is none."""
        same = (other for other, node in self.trees.items() if node is self.trees[name] and other != name)
        return next(same, "")

    def accumulated(self, name: str) -> bool:
        """Whether a result is a slot that is computed before the update."""
        return name in self.slots and self.slots[name].phase is Phase.ACCUMULATOR


def of_settings(node: Symbol) -> bool:
    """Whether a formula depends on settings and the iteration alone, and so is the same for all parameters."""
    return all(leaf.name in SETTINGS or leaf.name == "t" for leaf in leaves(node))


def nothing_kept(settings: Settings) -> str:
    """Said where the optimizer has no accumulator."""
    rest = "; its momentum moves with the update" if settings.rule.kept(settings) else ""
    return f"{settings.rule.title} has no accumulator: the step is taken from the gradient as it is{rest}."


def leaves(node: Symbol) -> list[Leaf]:
    """The inputs of a formula, as often as they stand in it."""
    return [part for part in node.nodes() if isinstance(part, Leaf)]


@lru_cache(maxsize=32)
def update_formulas(settings: Settings) -> UpdateFormulas:
    """The formulas of some settings; made once."""
    return UpdateFormulas(settings)
