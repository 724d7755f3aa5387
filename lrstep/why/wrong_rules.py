"""What mistakes make of the formulas of an optimizer: right trees → wrong ones, or None where there is nothing to it.

Each works on any rule that has the part that it is about, whatever the rest of the rule looks like.
"""

from collections.abc import Callable

from lrstep.core.symbols import Leaf, Symbol
from lrstep.formulas.rewrites import NEW, Node, Trees, changed, is_leaf, nodes_of, with_leaf

Rewrite = Callable[[Trees], Trees | None]

DECAYS = ("rho", "beta_2")
"""What the part of the old accumulator that is kept is called."""

SLOTS = ("v", "a", "m")
"""Slots that take in the gradient."""


def everywhere(change: Callable[[str, Node], Node]) -> Rewrite:
    """A change to each formula; None where none changes."""

    def rewrite(trees: Trees) -> Trees | None:
        made = {name: change(name, tree) for name, tree in trees.items()}
        return made if any(made[name] is not trees[name] for name in trees) else None

    return rewrite


def in_slot(change: Callable[[Node], Node], slot: str = "v") -> Rewrite:
    """A change to the formula of the accumulator alone."""
    return everywhere(lambda name, tree: change(tree) if name == slot else tree)


def in_step(change: Callable[[Node], Node]) -> Rewrite:
    """A change to everything but the slots that take in the gradient."""
    return everywhere(lambda name, tree: tree if name in SLOTS else change(tree))


def leaf_is(name: str, instead: Node) -> Rewrite:
    """Something else for a setting, wherever it stands."""
    return everywhere(lambda _, tree: with_leaf(tree, name, instead))


def _is_rest(node: Node) -> bool:
    """Whether a node is 1 − ρ."""
    return isinstance(node, Symbol) and node.op == "-" and node.args[0] == 1 and is_leaf(node.args[1], *DECAYS)


def _swapped(node: Symbol) -> Node | None:
    if _is_rest(node):
        return node.args[1]
    return Symbol("-", 1, node) if is_leaf(node, *DECAYS) else None


swapped_decay = in_slot(lambda tree: changed(tree, _swapped))
without_rest = in_slot(lambda tree: changed(tree, lambda node: 1 if _is_rest(node) else None))
not_squared = in_slot(
    lambda tree: changed(tree, lambda node: node.args[0] if node.op == "**" and is_leaf(node.args[0], "g") else None)
)
not_carried = in_slot(lambda tree: with_leaf(tree, "v", 0))
reset = in_slot(lambda tree: with_leaf(tree, "v", Symbol("*", Leaf("v"), Leaf("carried"))))


def bias_corrected(trees: Trees) -> Trees | None:
    """Adam's v/(1 − ρᵗ) for v where it is used, in a rule that does not correct it."""
    used = Symbol("/", Leaf(NEW + "v"), Symbol("-", 1, Symbol("**", Leaf("rho"), Leaf("t"))))
    has_rho = any(is_leaf(node, "rho") for node in nodes_of(trees.get("v", 0)))
    made = in_step(lambda tree: with_leaf(tree, NEW + "v", used))(trees) if has_rho else None
    # Adam keeps the plain accumulator and corrects it where it is used: that is the one a person sees.
    return None if made is None else {**made, "corrected v": used}


def gradient_descent(trees: Trees) -> Trees | None:
    """lr·g instead of lr·g/√(v + ε); whatever has another form becomes lr·g as a whole."""
    plain = Symbol("*", Leaf("lr"), Leaf("g"))

    def change(node: Symbol) -> Node | None:
        divided = node.op == "/" and isinstance(node.args[0], Symbol) and node.args[0].op == "*"
        return node.args[0] if divided and _is_plain(node.args[0]) else None

    made = in_step(lambda tree: changed(tree, change))(trees)
    if made is not None or not any(name in trees for name in SLOTS):
        return made
    return dict(trees) | {"step": plain, "theta": Symbol("-", Leaf("theta"), Leaf(NEW + "step"))}


def _is_plain(node: Node) -> bool:
    return isinstance(node, Symbol) and is_leaf(node.args[0], "lr") and is_leaf(node.args[1], "g")


def old_accumulator(trees: Trees) -> Trees | None:
    """The slots from before the step where the new ones belong."""

    used = (NEW + "v", NEW + "a")

    def change(node: Symbol) -> Node | None:
        return Leaf(node.name.removeprefix(NEW)) if isinstance(node, Leaf) and node.name in used else None

    return in_step(lambda tree: changed(tree, change))(trees)


def _outside(node: Symbol) -> Node | None:
    inside = node.args[0] if node.op == "root" else None
    if isinstance(inside, Symbol) and inside.op == "+" and is_leaf(inside.args[1], "epsilon"):
        return Symbol("+", Symbol("root", inside.args[0]), inside.args[1])
    return None


def _inside(node: Symbol) -> Node | None:
    first = node.args[0] if node.op == "+" else None
    if isinstance(first, Symbol) and first.op == "root" and is_leaf(node.args[1], "epsilon"):
        return Symbol("root", Symbol("+", first.args[0], node.args[1]))
    return None


epsilon_outside = in_step(lambda tree: changed(tree, _outside))
epsilon_inside = in_step(lambda tree: changed(tree, _inside))


def _without_root(node: Symbol) -> Node | None:
    about_v = node.op == "root" and any(is_leaf(part, NEW + "v") for part in node.nodes())
    return node.args[0] if about_v else None


no_root = in_step(lambda tree: changed(tree, _without_root))
rho_099 = leaf_is("rho", 0.99)
learning_rate_twice = leaf_is("lr", Symbol("*", Leaf("lr"), Leaf("lr")))
no_learning_rate = leaf_is("lr", 1)
no_momentum = leaf_is("mu", 0)
not_centered = in_step(lambda tree: with_leaf(tree, NEW + "a", 0))
uncorrected = everywhere(lambda name, tree: Leaf("lr") if name == "rate" else tree)


def only(name: str, tree: Node) -> Rewrite:
    """One formula of the rule replaced by another."""
    return lambda trees: dict(trees) | {name: tree}
