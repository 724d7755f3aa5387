"""What mistakes make of the formulas of an optimizer: right trees → wrong ones, or None where there is nothing to it.

Each works on any rule that has the part that it is about, whatever the rest of the rule looks like.
"""

from collections.abc import Callable

from lrstep.core.symbols import Leaf, Node, Symbol
from lrstep.formulas.rewrites import NEW, Replacement, Trees, changed, is_leaf, leaf_to, nodes_of

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


def in_slot(change: Replacement, slot: str = "v") -> Rewrite:
    """A change to the formula of the accumulator alone."""
    return everywhere(lambda name, tree: changed(tree, change) if name == slot else tree)


def in_step(change: Replacement) -> Rewrite:
    """A change to everything but the slots that take in the gradient."""
    return everywhere(lambda name, tree: tree if name in SLOTS else changed(tree, change))


def leaf_is(name: str, instead: Node) -> Rewrite:
    """Something else for a setting, wherever it stands."""
    return everywhere(lambda _, tree: changed(tree, leaf_to(name, instead)))


def square_is(instead: Node) -> Rewrite:
    """Something else for g² in the accumulator."""
    return in_slot(lambda node: instead if node.op == "**" and is_leaf(node.args[0], "g") else None)


def _is_rest(node: Node) -> bool:
    """Whether a node is 1 − ρ."""
    return isinstance(node, Symbol) and node.op == "-" and node.args[0] == 1 and is_leaf(node.args[1], *DECAYS)


def _swapped(node: Symbol) -> Node | None:
    if _is_rest(node):
        return node.args[1]
    return Symbol("-", 1, node) if is_leaf(node, *DECAYS) else None


swapped_decay = in_slot(_swapped)
without_rest = in_slot(lambda node: 1 if _is_rest(node) else None)
not_squared = square_is(Leaf("g"))
not_carried = in_slot(leaf_to("v", 0))
reset = in_slot(leaf_to("v", Symbol("*", Leaf("v"), Leaf("carried"))))


def bias_corrected(trees: Trees) -> Trees | None:
    """Adam's v/(1 − ρᵗ) for v where it is used, in a rule that does not correct it."""
    used = Symbol("/", Leaf(NEW + "v"), Symbol("-", 1, Symbol("**", Leaf("rho"), Leaf("t"))))
    has_rho = any(is_leaf(node, "rho") for node in nodes_of(trees.get("v", 0)))
    made = in_step(leaf_to(NEW + "v", used))(trees) if has_rho else None
    # Adam keeps the plain accumulator and corrects it where it is used: that is the one a person sees.
    return None if made is None else {**made, "corrected v": used}


def gradient_descent(trees: Trees) -> Trees | None:
    """lr·g instead of lr·g/√(v + ε); whatever has another form becomes lr·g as a whole."""

    def change(node: Symbol) -> Node | None:
        first = node.args[0] if node.op == "/" else None
        if (
            isinstance(first, Symbol)
            and first.op == "*"
            and is_leaf(first.args[0], "lr")
            and is_leaf(first.args[1], "g")
        ):
            return first
        return None

    made = in_step(change)(trees)
    if made is not None or not any(name in trees for name in SLOTS):
        return made
    plain = Symbol("*", Leaf("lr"), Leaf("g"))
    return dict(trees) | {"step": plain, "theta": Symbol("-", Leaf("theta"), Leaf(NEW + "step"))}


def _old(node: Symbol) -> Node | None:
    """A slot from before the step where the new one belongs."""
    return Leaf(node.name.removeprefix(NEW)) if isinstance(node, Leaf) and node.name in (NEW + "v", NEW + "a") else None


old_accumulator = in_step(_old)


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


epsilon_outside = in_step(_outside)
epsilon_inside = in_step(_inside)


def _without_root(node: Symbol) -> Node | None:
    about_v = node.op == "root" and any(is_leaf(part, NEW + "v") for part in node.nodes())
    return node.args[0] if about_v else None


no_root = in_step(_without_root)
rho_099 = leaf_is("rho", 0.99)
learning_rate_twice = leaf_is("lr", Symbol("*", Leaf("lr"), Leaf("lr")))
no_learning_rate = leaf_is("lr", 1)
no_momentum = leaf_is("mu", 0)
not_centered = in_step(leaf_to(NEW + "a", 0))
uncorrected = everywhere(lambda name, tree: Leaf("lr") if name == "rate" else tree)


def only(name: str, tree: Node) -> Rewrite:
    """One formula of the rule replaced by another."""
    return lambda trees: dict(trees) | {name: tree}
