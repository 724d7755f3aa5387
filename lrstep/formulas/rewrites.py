"""Formulas changed in one place: what a rule becomes when a factor is dropped, a root forgotten, an old value taken.

The formulas of a rule are held apart here, so that each may change alone: where one uses the result of another, it has
a leaf ``new v`` (the accumulator after the step), beside ``v`` (before it).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from lrstep.core.compiled import Code, function
from lrstep.core.symbols import Leaf, Node, Number, Symbol
from lrstep.formulas.notation import BOOK, NUMBERS, Writer
from lrstep.formulas.update import UpdateFormulas

Trees = Mapping[str, Node]
"""Result → its formula, in the order of the computation."""

NEW = "new "
"""What the leaf of a result has before its name."""


def apart(formulas: UpdateFormulas) -> dict[str, Node]:
    """The formulas of a rule, each with leaves for the results that it uses."""
    made: dict[str, Node] = {}
    known: dict[int, str] = {}
    for name, tree in formulas.trees.items():
        made[name] = changed(tree, lambda node: Leaf(NEW + known[id(node)]) if id(node) in known else None)
        if not isinstance(tree, Leaf):
            known.setdefault(id(tree), name)
    return made


Replacement = Callable[[Symbol], Node | None]
"""A node → what stands there instead, or None where it stays."""


def changed(tree: Node, change: Replacement) -> Node:
    """A tree with some nodes replaced, from the root on; zeros and ones that come in are worked out.

    Args:
        tree: what to change.
        change: what stands in the place of which nodes.
    """
    if not isinstance(tree, Symbol):
        return tree
    instead = change(tree)
    if instead is not None:
        return instead
    args = tuple(changed(arg, change) for arg in tree.args)
    if all(new is old for new, old in zip(args, tree.args, strict=True)):
        return tree
    return simplified(Symbol(tree.op, *args))


def simplified(node: Symbol) -> Node:
    """A node without the zeros and ones among its arguments, as a person would write it."""
    parts: tuple[Any, ...] = (node.op, *node.args)
    match parts:
        case ("+", 0, other) | ("+" | "-", other, 0) | ("*", 1, other) | ("*" | "/", other, 1) | ("**", other, 1):
            return other  # type: ignore[no-any-return]
        case ("root", 1):
            return 1
        case ("*", 0, _) | ("*", _, 0) | ("/", 0, _) | ("**", 0, _) | ("neg" | "root", 0):
            return 0
        case ("-", 0, other):
            return Symbol("neg", other)
        case ("+", other, Symbol(op="neg", args=(taken,))):
            return Symbol("-", other, taken)
    return node


def is_leaf(node: object, *names: str) -> bool:
    """Whether a node is one of these inputs."""
    return isinstance(node, Leaf) and node.name in names


def leaf_to(name: str, instead: Node) -> Replacement:
    """Something else for an input."""
    return lambda node: instead if is_leaf(node, name) else None


def nodes_of(tree: Node) -> list[Symbol]:
    """All nodes of a formula; a number has none."""
    return list(tree.nodes()) if isinstance(tree, Symbol) else []


def one_node_changed(tree: Node, kept: Collection[str] = ()) -> Iterator[Node]:
    """Every tree with one node changed; each is another formula, though not always another number.

    Args:
        tree: the formula.
        kept: results that there is a value of before the step too, which may be taken for the new one.
    """
    if not isinstance(tree, Symbol):
        return
    yield from _variants(tree, kept)
    for place, arg in enumerate(tree.args):
        for other in one_node_changed(arg, kept):
            yield simplified(Symbol(tree.op, *tree.args[:place], other, *tree.args[place + 1 :]))


def other_formulas(
    formulas: UpdateFormulas, right: Trees, kept: Collection[str] = ()
) -> Iterator[tuple[str, Node, str]]:
    """Each other formula that a rule has with one node changed: its result, the formula, and both in words.

    Args:
        formulas: of the rule. right: the same, :func:`apart`.
        kept: as for :func:`one_node_changed`.
    """
    for result, tree in right.items():
        was = letters(right, result, formulas)
        seen = {was}
        for wrong in one_node_changed(tree, kept):
            now = letters({**right, result: wrong}, result, formulas)
            if now not in seen:
                seen.add(now)
                yield result, wrong, f"with {formulas.letter(result)} = {now} instead of {was}"


def _variants(node: Symbol, kept: Collection[str]) -> Iterator[Node]:
    """What may stand in the place of a node by one slip."""
    if isinstance(node, Leaf):
        if node.name.startswith(NEW) and node.name.removeprefix(NEW) in kept:
            yield Leaf(node.name.removeprefix(NEW))
        return
    first, *rest = node.args
    match node.op:
        case "+" | "-":
            yield Symbol("-" if node.op == "+" else "+", first, *rest)
            if not isinstance(first, (int, float)):
                yield simplified(Symbol(node.op, Symbol("neg", first), *rest))
            yield from node.args
            if node.op == "+" and isinstance(first, Symbol) and first.op == "root":  # brought under it
                yield Symbol("root", Symbol("+", first.args[0], *rest))
        case "*" | "larger":
            yield from node.args
        case "/":
            yield first
            yield Symbol("*", first, *rest)
        case "**" | "neg" | "root" | "sign" | "absolute":
            yield first
            if node.op == "root" and isinstance(first, Symbol) and first.op == "+":
                yield Symbol("+", Symbol("root", first.args[0]), first.args[1])


def inlined(trees: Trees, name: str, formulas: UpdateFormulas) -> Node:
    """The formula of a result with those it uses written out, but for the slots that are computed before the update."""

    def change(node: Symbol) -> Node | None:
        used = node.name.removeprefix(NEW) if isinstance(node, Leaf) and node.name.startswith(NEW) else ""
        return inlined(trees, used, formulas) if used and not formulas.accumulated(used) else None

    return changed(trees[name], change)


def letters(trees: Trees, name: str, formulas: UpdateFormulas, sign: str = "") -> str:
    """The formula of a result in letters, everything but accumulators written out.

    Args:
        trees: the formulas, changed or not.
        name: which one.
        formulas: those of the right rule, for the letters.
        sign: letter of the parameter, for the index.
    """

    def letter(leaf: str) -> str:
        if leaf.startswith(NEW):
            return formulas.letter(leaf.removeprefix(NEW), sign)
        return formulas.input(leaf, sign, name, *(slot for slot in formulas.slots if not formulas.accumulated(slot)))

    return Writer(BOOK, letter).write(inlined(trees, name, formulas))


def numbers(
    trees: Trees, name: str, formulas: UpdateFormulas, values: Mapping[str, float], text: Callable[[float], str]
) -> str:  # fmt: skip
    """The same with the numbers put in.

    Args:
        trees, name, formulas: as for :func:`letters`.
        values: name of a leaf → its number.
        text: a number as text, in parentheses where it has a sign.
    """
    return Writer(NUMBERS, lambda leaf: text(values[leaf])).write(inlined(trees, name, formulas))


def function_of(trees: Trees) -> Callable[[Mapping[str, Number]], dict[str, Number]]:
    """The formulas as a Python function of the inputs by name, floats or arrays → the results by name."""
    leaves = {node.name for tree in trees.values() for node in nodes_of(tree) if isinstance(node, Leaf)}
    names = {leaf: f"inputs[{leaf!r}]" for leaf in leaves}
    source = Code()
    source.begin(names)
    for name, tree in trees.items():
        names[NEW + name] = source.name(tree)
    results = ", ".join(f"{name!r}: {names[NEW + name]}" for name in trees)
    return function("inputs", source.lines, f"{{{results}}}")
