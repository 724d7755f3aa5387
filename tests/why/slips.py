"""All slips, and the numbers that learners come with who made them."""

from collections.abc import Iterator, Sequence

import numpy as np

from tests.why.learners import BASES, Base, Learner
from tests.why.slip_parts import Slip, one_feature
from tests.why.slips_of_data import DATA
from tests.why.slips_of_figures import FIGURES
from tests.why.slips_of_steps import STEPS

SLIPS = (*STEPS, *DATA, *FIGURES)

AT = 7
"""The iteration that is asked about."""


def typed(count: int, seed: int = 0, of: Sequence[Base] = BASES) -> Iterator[tuple[Base, Slip, str, float]]:
    """Numbers that learners come with: each slip on some bases, about two quantities of each.

    Args:
        count: on so many bases, drawn anew with each seed.
        of: the bases to choose from.
    """
    drawn = np.random.default_rng(seed)
    rows_of = {base.name: Learner(base, {}).run() for base in of}
    for slip in SLIPS:
        bases = [base for base in of if slip.where(base)]
        for place in drawn.permutation(len(bases))[:count].tolist():
            base, right = bases[place], rows_of[bases[place].name]
            with np.errstate(all="ignore"):
                rows = Learner(base, slip.wrong).run()
            name = "weight" if one_feature(base) else "weight_2"
            usual = ("weight", "bias", "rmse", "loss", "cumulative_rmse", "full_loss", "gradient_weight", "step_bias")
            for key in drawn.permutation(slip.about or usual)[:2].tolist():
                key = key.replace("weight", name)
                try:
                    value = float(rows[AT - 1][key] if slip.read is None else slip.read(rows, AT, key))
                except (IndexError, ValueError, OverflowError):
                    continue
                reach = 2e-4 * max(abs(value), abs(right[AT - 1][key]))
                if np.isfinite(value) and value and abs(value - right[AT - 1][key]) > reach:
                    yield base, slip, key, value


def named(slip: Slip, label: str) -> bool:
    """Whether what an answer is called names what was done."""
    return any(word in label if isinstance(word, str) else all(part in label for part in word) for word in slip.words)
