"""What the coach says before the first step: what the data make impossible."""

from collections.abc import Iterator

from lrstep.core.run import Run
from lrstep.formulas.quantities import listed
from lrstep.session.coach.outlook import Goal
from lrstep.visible import visible


def about(value: float) -> str:
    """A number to three digits: 12,600, 0.0512, 1.6e-07."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if 1000 <= abs(rounded) < 1e12 else f"{rounded:.3g}"


def least(goal: Goal) -> str:
    """The lowest RMSE; what is nothing but rounding is 0."""
    return "0" if goal.exact else about(goal.lowest)


def about_the_data(run: Run) -> Iterator[str]:
    """What the data make impossible, the longest form first."""
    data, reference = run.raw, run.reference
    constant = [visible(name) for name, x in zip(data.features, data.columns, strict=True) if x.min() == x.max()]
    goal = Goal.of(run)
    down = f"the RMSE can come down to {least(goal)}" if goal else ""
    place = "line" if len(data.columns) == 1 else "plane"
    if len(data) == 1:
        yield f"With one sample every {place} through it fits: no single {place} is best"
    elif constant and len(data.columns) == 1:
        said = f"{constant[0]} is {about(float(data.columns[0][0]))} in every row"
        if down:
            yield f"{said}, so no single line is best; {down}"
        yield f"{said}: no single best line"
    elif constant:
        do, are, them = ("does", "is", "it") if len(constant) == 1 else ("do", "are", "them")
        scaled = f" and {are} not scaled" if run.scaling else ""
        yield f"{listed(constant)} {do} not vary{scaled}: a weight of {them} can do no more than the bias"
        yield f"{listed(constant)} {do} not vary"
    elif 0 < reference.rank < len(data.columns) and down:
        said = f"All {len(data.columns)} features follow from {reference.rank} of them: many weights are equally good"
        yield f"{said}; {down}"
        yield said
    elif not reference.exists:
        yield f"The numbers are too large or too close together to compute the best {place}"
