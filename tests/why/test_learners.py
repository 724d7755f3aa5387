"""``why`` names what learners do wrong, on runs of many kinds, and calls none of it right."""

from collections import Counter

import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.quantities import quantities
from lrstep.why.ask_why import why
from tests.why.learners import BASES, Base, Learner
from tests.why.slips import AT, named, typed

SOME = [base for base in BASES if base.name in ("mlcc sgd", "anscombe adam", "cloud")]


def run_of(base: Base) -> Run:
    x = base.x if base.x.shape[1] > 1 else base.x[:, 0]
    return Run(Dataset(base.name, x, base.y), Settings(**base.settings))


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_who_does_nothing_wrong_gets_the_right_figures(base):
    run = run_of(base)
    for t, row in enumerate(Learner(base, {}).run()[:12], start=1):
        for key, value in row.items():
            quantity = quantities(run).get(key)
            if quantity is not None and not quantity.per_sample:
                assert quantity.value(run.iteration(t)) == pytest.approx(value, rel=1e-6, abs=1e-12), (t, key)


def test_most_slips_are_named_and_hardly_any_is_named_wrong():
    runs, counted, missed = {base.name: run_of(base) for base in SOME}, Counter[str](), []
    for base, slip, key, value in typed(1, 3, SOME):
        answer = why(runs[base.name], f"{value:#.5g}", key, AT)
        assert answer.verdict != "right", (slip.name, base.name, key, value)
        labels = [label for match in answer.matches[:3] for label in (match.label, *match.also)]
        found = any(named(slip, label) for label in labels) or (answer.verdict == "rounded" and "rounded" in slip.words)
        outcome = "named" if found else answer.verdict
        counted[outcome] += 1
        if not found:
            missed.append((outcome, slip.name, base.name, key, value))
    assert counted.total() > 250
    assert counted["named"] >= 0.9 * counted.total(), missed
    assert counted["mistake"] <= 0.03 * counted.total(), missed
