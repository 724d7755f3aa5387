"""Worlds that follow the optimizer's own formulas in every step, but for one thing: made from the trees of its rule."""

from collections.abc import Iterator

from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.symbols import Leaf, Number, Symbol, absolute, root, square
from lrstep.formulas.rewrites import NEW, Trees, changed, is_leaf, leaf_to, nodes_of, other_formulas
from lrstep.formulas.update import update_formulas
from lrstep.why.worlds import KNOWN, RARE, SELDOM, World
from lrstep.why.wrong_rules import Rewrite, in_slot, in_step, leaf_is, only, square_is
from lrstep.why.wrong_steps import StepRule, right_trees

DECAYS = (0.01, 0.004, 0.1, 0.001, 0.05, 0.0001)
"""Weight decays, apart from the gradient: Keras has 0.004 and PyTorch 0.01 for AdamW."""

STARTS = (0.0, 0.1, 1.0, 1e-8, 0.01)
"""What people let an accumulator begin with."""


def changed_rules(run: Run) -> Iterator[World]:
    """The run's own optimizer with another formula in every step, the better known ones first."""
    right = right_trees(run.settings)
    for rank, words, change, explanation in _NAMED:
        if change(right) is not None:
            yield World("formula", words, rank, rule=StepRule(trees=change), explanation=explanation)
    for decay in DECAYS:
        words = f"with weight decay {decay:g}"
        for rank, name, factor in ((RARE, words, Leaf("lr") * decay), (SELDOM, f"{words}, not times lr", decay)):
            theta = Symbol("-", right["theta"], Symbol("*", factor, Leaf("theta")))
            yield World(
                "formula", f"{name} after the step", rank,
                rule=StepRule(trees=only("theta", theta)), explanation="Weights and bias move by the step alone.",
            )  # fmt: skip
    yield from _other_slots(run, right)


def rewritten_in_every_step(run: Run) -> Iterator[World]:
    """Every formula that the optimizer's rule becomes with one node changed, in every step from the start."""
    formulas, right = update_formulas(run.settings), right_trees(run.settings)
    for result, wrong, words in other_formulas(formulas, right, formulas.slots):
        yield World("formula", f"{words} in every step", RARE, rule=StepRule(trees=only(result, wrong)))


def _other_slots(run: Run, right: Trees) -> Iterator[World]:
    """What the optimizer keeps starts with another number, or is not carried on."""
    for slot in run.settings.rule.kept(run.settings):
        was = run.settings.rule.starts(run.settings)[slot.name]
        for value in STARTS if slot.name == "accumulator" else (0.0,):
            if value != was:
                words = f"with the initial {slot.label} {value:g} instead of {was:g}"
                yield World("setting", words, RARE if value > 0.01 or not value else SELDOM, slots={slot.letter: value})
        if slot.phase is Phase.ACCUMULATOR and slot.letter != "v":  # the catalogue has that of v
            alone = only(slot.letter, changed(right[slot.letter], leaf_to(slot.letter, 0)))
            words = f"without the {slot.label} of the iteration before"
            yield World(
                "formula", words, RARE, rule=StepRule(trees=alone), explanation="It is carried from step to step."
            )


# --- changes that have a name ------------------------------------------------------------------------


def _first(slot: str, value: Number) -> Rewrite:
    """The slot after the first step is what it would take in."""
    first = Leaf("first")
    return in_slot(lambda whole: first * value + (1 - first) * whole, slot)


def _reset(trees: Trees) -> Trees | None:
    """Everything that is kept is 0 before the first batch of an epoch."""
    kept = [name for name in ("v", "a", "m", "M") if any(is_leaf(node, name) for node in nodes_of(trees.get(name, 0)))]
    if len(kept) < 2 and kept != ["M"]:
        return None  # the catalogue has that of the accumulator alone
    made = dict(trees)
    for name in kept:
        made = {key: changed(tree, leaf_to(name, Leaf(name) * Leaf("carried"))) for key, tree in made.items()}
    return made


def _all_reset(trees: Trees) -> Trees | None:
    made = _reset(trees)
    return None if made is None else leaf_is("t", _IN_EPOCH)(made)


_NORM, _OTHER, _EPOCH, _IN_EPOCH = Leaf("g norm"), Leaf("g other"), Leaf("epoch"), Leaf("in epoch")

_NAMED: tuple[tuple[int, str, Rewrite, str], ...] = (
    (KNOWN, "with everything that the optimizer keeps reset at each epoch", _reset, "Epochs do not matter to it."),
    (KNOWN, "with t as the number of the epoch", leaf_is("t", _EPOCH), "t counts the steps."),
    (RARE, "with t counted anew in each epoch", leaf_is("t", _IN_EPOCH), "t counts the steps since the start."),
    (RARE, "with everything reset at each epoch, t too", _all_reset, "Epochs do not matter to it."),
    (KNOWN, "with t one too large (t + 1)", leaf_is("t", Leaf("t") + 1), "t is 1 in the first step."),
    (RARE, "with t = 1 in every step", leaf_is("t", 1), "t counts the steps."),
    (RARE, "with one accumulator for all parameters, of Σ g²", in_slot(leaf_to("g", _NORM)),
     "Each parameter has its own."),
    (RARE, "with the accumulators of weight and bias exchanged", in_slot(leaf_to("g", _OTHER)),
     "Each parameter has its own."),
    (RARE, "with |g| for g² in the accumulator", square_is(absolute(Leaf("g"))),
     "The accumulator takes in the square of g."),
    (RARE, "with the accumulator beginning at the first g²", _first("v", square(Leaf("g"))), "It starts at 0."),
    (RARE, "with the mean gradient beginning at the first g", _first("m", Leaf("g")), "It starts at 0."),
    (RARE, "with the root of the learning rate", leaf_is("lr", root(Leaf("lr"))), "The learning rate is a factor."),
    (RARE, "with g² for the accumulator under the root", in_step(leaf_to(NEW + "v", square(Leaf("g")))),
     "The accumulator is a mean over the steps."),
)  # fmt: skip
