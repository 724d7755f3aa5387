"""What the coach says: what is wrong with the run, with its numbers, and what helps."""

from collections.abc import Iterator
from itertools import product

from lrstep.core.recorded_run import RecordedRun
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.quantities import listed
from lrstep.formulas.update import parameter_letters
from lrstep.plural import counted
from lrstep.session.coach.about_the_data import about, least
from lrstep.session.coach.coach import Coach
from lrstep.session.coach.cures import MOST_ROWS, Cure
from lrstep.session.coach.learning_rates import stable_below
from lrstep.session.coach.outlook import Outlook

RECENT = 100
"""At most so many iterations tell how fast a parameter moves."""

THERE = 1e-9
"""A parameter with this share of another one's way to go is there, but for rounding."""


def advice(coach: Coach, number: int, keys: tuple[str, str]) -> tuple[str, ...]:
    """What there is to say at an iteration, the longest form first; nothing where all is well.

    Args:
        coach: of the run.
        number: the iteration, from 1.
        keys: those that take the first and the other cure.
    """
    if not coach.speaks(number):
        return ()
    kind, ahead = coach.kind(number), coach.outlook
    if kind is None or ahead is None:
        return ()
    wrong = list(_WRONG[kind](coach, ahead, number))
    offers = list(_offers(coach, ahead, keys))
    pairs = product(range(len(wrong)), range(len(offers)))
    return tuple(f"{wrong[i]}. {offers[j]}".strip() for i, j in sorted(pairs, key=lambda pair: (sum(pair), pair)))


# --- what is wrong -------------------------------------------------------------------------------


def _rises(coach: Coach, ahead: Outlook, number: int) -> Iterator[str]:
    at = ahead.diverged_at
    if at is not None and number >= at:
        if ahead.rises_from != at:
            yield (
                f"The RMSE rose above its start in iteration {ahead.rises_from}; in iteration {at} it diverged (g {at})"
            )
            yield f"Diverged in iteration {at}, above its start from {ahead.rises_from} on"
        yield f"Diverged in iteration {at}"
        return
    now = about(coach.run.full_rmse(number))
    said = _since_start(ahead, now, "rose")
    yield f"{said}{_too_high(coach)}; the lowest is {_lowest(coach, ahead)}"
    yield f"{said}{_too_high(coach)}"
    yield f"{said}; the lowest is {_lowest(coach, ahead)}"
    yield said
    yield f"RMSE {now}, not {least(ahead.goal)}"


def _circles(coach: Coach, ahead: Outlook, number: int) -> Iterator[str]:
    low, high = about(ahead.low), about(ahead.high)
    circles = f"circles between {low} and {high}" if low != high else f"stays near {low}"
    said = f"In the end the RMSE {circles}; the lowest is {_lowest(coach, ahead)}"
    if _shortens(coach):
        yield f"{said}: the steps are too long to settle"
    yield said
    yield f"RMSE {low} to {high}, not {least(ahead.goal)}"


def _crawls(coach: Coach, ahead: Outlook, number: int) -> Iterator[str]:
    slowest = _slowest(coach.run, number)
    if slowest is not None:
        letter, pace, way = slowest
        steps = about(float(f"{way / pace:.2g}"))
        said = f"{letter} moves about {about(pace)} a step and has {about(way)} to go"
        yield f"{said}: at this pace {steps} steps, and the run has {coach.run.n_iterations:,}"
        yield f"{said}: {steps} steps"
        yield f"{letter} needs about {steps} steps"
        return
    now, iterations = about(coach.run.full_rmse(number)), counted(number, "iteration", commas=True)
    yield f"{_since_start(ahead, now, f'came within {iterations}')}; the lowest is {_lowest(coach, ahead)}"
    yield f"RMSE {now} after {iterations}; the lowest is {_lowest(coach, ahead)}"
    yield f"RMSE {now}, not {least(ahead.goal)}"


def _short(coach: Coach, ahead: Outlook, number: int) -> Iterator[str]:
    now = about(coach.run.full_rmse(number))
    yield f"After these {number:,} iterations the RMSE is {now}; the lowest is {_lowest(coach, ahead)}"
    yield f"RMSE {now} at the end; the lowest is {_lowest(coach, ahead)}"
    yield f"RMSE {now}, not {least(ahead.goal)}"


_WRONG = {"rises": _rises, "circles": _circles, "crawls": _crawls, "short": _short}
"""What is wrong → how it is said, the longest form first."""


def _since_start(ahead: Outlook, now: str, came: str) -> str:
    """The RMSE beside that of the start, where their digits tell them apart."""
    start = about(ahead.start)
    return f"The RMSE {came} from {start} to {now}" if start != now else f"The RMSE is {now}, as at the start"


def _lowest(coach: Coach, ahead: Outlook) -> str:
    """The lowest RMSE; where it is 0, why."""
    lowest = least(ahead.goal)
    place = "line" if len(coach.run.parameters) == 2 else "plane"
    return f"{lowest} (a {place} fits the data exactly)" if ahead.goal.exact else lowest


def _shortens(coach: Coach) -> bool:
    """Whether the first cure is a smaller learning rate, and nothing else that could make the steps shorter."""
    now, cure = coach.run.settings, coach.cures[0].settings if coach.cures else None
    same = ("scale", "momentum", "epsilon")
    return (
        cure is not None
        and cure.learning_rate < now.learning_rate
        and all(getattr(cure, name) == getattr(now, name) for name in same)
    )


def _too_high(coach: Coach) -> str:
    """Why it rises, where a smaller learning rate helps; of SGD on the full batch also what is too high."""
    if not _shortens(coach):
        return ""
    bound = stable_below(coach.run)
    return ": the learning rate is too high" + (f" (stable below {about(bound)})" if bound else "")


def _slowest(run: Run, number: int) -> tuple[str, float, float] | None:
    """The parameter that needs most steps at its pace: its letter, what it moves in a step, and how far it has to go.

    None where no single place is the best, or where one that is not there does not come nearer.
    """
    if not run.reference.exists:
        return None
    since = max(0, number - min(RECENT, max(run.batches.per_epoch, 3)))
    now, then = run.state(number).parameters, run.state(since).parameters
    letters, best = parameter_letters(run.parameters), run.reference.parameters
    ways = [
        (letter, (abs(a - to) - abs(b - to)) / (number - since), abs(b - to))
        for letter, a, b, to in zip(letters, then, now, best, strict=True)
    ]
    farthest = max(way for _, _, way in ways)
    left = [one for one in ways if one[2] > THERE * farthest]
    if not left or not all(way > pace > 0 for _, pace, way in left):
        return None
    return max(left, key=lambda one: one[2] / one[1])


# --- what helps ----------------------------------------------------------------------------------


def _offers(coach: Coach, ahead: Outlook, keys: tuple[str, str]) -> Iterator[str]:
    """What helps, the longest form first."""
    if not coach.cures:
        if coach.cures is None:
            yield from ("Looking for what helps …", "")
        elif len(coach.run.raw) > MOST_ROWS:
            yield from ("With so many rows nothing else was tried", "")
        else:
            yield "No other learning rate or scale that was tried gets much nearer"
            yield "Nothing that was tried gets much nearer"
        return
    first, *others = coach.cures
    free = "a free run with " if isinstance(coach.run, RecordedRun) else ""
    offered, brief = (f"{keys[0]}: {free}{changes(coach.run.settings, first, short)}" for short in (False, True))
    if not first.reaches:
        exact = ahead.goal.exact
        yield f"{offered} comes {'' if exact else 'nearest, '}to {about(first.rmse)}"
        yield brief if exact else f"{brief}: nearest"
        return
    come = f" (RMSE {about(first.rmse)})"
    for other in others:
        yield f"{offered}{come}; {keys[1]}: {changes(coach.run.settings, other)}"
        yield f"{offered}; or scale the data ({keys[1]})"
    yield f"{offered}{come}"
    yield offered
    yield brief


def changes(settings: Settings, cure: Cure, brief: bool = False) -> str:
    """What a cure changes, in words: standard scaling, learning rate 20 and 100 epochs."""
    new = cure.settings
    changed = [name for name in _WORDS if getattr(new, name) != getattr(settings, name)]
    said = [_WORDS[name][brief].format(getattr(new, name)) for name in changed]
    return ", ".join(said) if brief else listed(said)


_WORDS = {
    "scale": ("{} scaling", "scaled"),
    "learning_rate": ("learning rate {:g}", "lr {:g}"),
    "epochs": ("{:,} epochs", "{:,} epochs"),
    "momentum": ("momentum {:g}", "momentum {:g}"),
    "epsilon": ("epsilon {:g}", "epsilon {:g}"),
    "shuffle": ("shuffling", "shuffling"),
}
"""The settings that a cure may change → how it is said, at length and in brief."""
