"""Formulas with one node changed."""

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.rewrites import apart, function_of, letters, one_node_changed
from lrstep.formulas.update import update_formulas


def written(settings, result):
    """The formulas that a result may become by one slip in it or in what it is computed from."""
    formulas = update_formulas(settings)
    right = apart(formulas)
    return {
        letters({**right, name: wrong}, result, formulas)
        for name, tree in right.items()
        for wrong in one_node_changed(tree, formulas.slots)
    } - {letters(right, result, formulas)}


def test_what_rmsprop_becomes_by_one_slip():
    found = written(Settings(), "v")
    assert {"ρ·v + g²", "(1 − ρ)·g²", "ρ·v + (1 − ρ)·g", "ρ·v", "ρ·v − (1 − ρ)·g²", "v + (1 − ρ)·g²"} <= found
    assert {"lr·g/(v + ε)", "lr·g/(√v + ε)", "lr·g", "g/√(v + ε)", "lr·g/√v"} <= written(Settings(), "step")
    theta = written(Settings(), "theta")
    assert {"θ + lr·g/√(v + ε)", "lr·g/√(v + ε)", "θ", "θ − g/√(v + ε)", "θ − lr/√(v + ε)"} <= theta
    trees = apart(update_formulas(Settings()))
    counts = [len(list(one_node_changed(trees[name], ("v",)))) for name in ("v", "root", "step", "theta")]
    assert counts[0] >= 11
    assert sum(counts) >= 21


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("switched", [False, True])
def test_formulas_held_apart_compute_what_the_rule_computes(optimizer, switched):
    choices = {"momentum": 0.7, "nesterov": True, "centered": True} if switched else {}
    options = {name: value for name, value in choices.items() if name in OPTIMIZERS[optimizer].options}
    x = np.linspace(-1.0, 2.0, 6)
    run = Run(Dataset("data", x, 3 * x - 1), Settings(optimizer=optimizer, **options))
    it = run.iteration(3)
    compute = function_of(apart(update_formulas(run.settings)))
    bound = {**run.settings.rule.bound(run.settings), "t": 3}
    slots = [slot.letter for slot in run.slots]
    for g, memory, made in zip(it.gradient, run.memories(it.before), it.updates, strict=True):
        inputs = {**bound, **dict(zip(["theta", *slots], memory, strict=True)), "g": g}
        assert compute(inputs) == dict(made)
