"""The one sentence that answers first."""

from lrstep.core.run import Run
from lrstep.formulas.numerals import Typed, short
from lrstep.formulas.quantities import quantities
from lrstep.why.answer import Match
from lrstep.why.match_text import place
from lrstep.why.search import RightHit

AFTER = {"full_loss", "full_rmse"}
"""The quantities that are computed with the weights from after the update."""


def right_name(run: Run, hit: RightHit) -> str:
    """What a right value is called; the start and the least-squares line have words of their own."""
    label = quantities(run)[hit.quantity].label
    if hit.least_squares or hit.iteration == 0:
        return label.removesuffix(" after the update")
    return label


def right_place(run: Run, hit: RightHit) -> str:
    """Where a right value stands."""
    sample = f"sample {hit.row + 1}" if hit.row is not None else ""
    if hit.least_squares:
        return "the least-squares line"
    if hit.iteration is None:
        return sample
    return f"{sample}, {place(run, hit.iteration)}" if sample else place(run, hit.iteration)


def right_label(run: Run, hit: RightHit) -> str:
    """Name and place in one."""
    return f"{right_name(run, hit)}, {right_place(run, hit)}"


def sentence(
    run: Run, typed: Typed, matches: tuple[Match, ...], nearest: tuple[Match, ...], meant: tuple[str, ...],
    iteration: int | None,
) -> str:  # fmt: skip
    """The answer in one sentence, from the first match."""
    digits = min(max(typed.digits + 2, 6), 15)
    if not matches:
        near = f"; the nearest is {short(nearest[0].value, digits)} ({nearest[0].label})" if nearest else ""
        return f"{typed.text} fits no figure of this run and no mistake known here{near}."
    first = matches[0]
    if first.kind == "mistake":
        return _mistake(run, typed, first, digits)
    other_iteration = iteration is not None and first.iteration != iteration
    after_update = first.quantity in AFTER and first.iteration and run.batches.per_epoch == 1
    if after_update and not other_iteration and not (meant and AFTER.issuperset(meant)):
        return _after_update(run, typed, first, digits)
    if other_iteration or (meant and first.quantity not in meant):
        return _elsewhere(run, typed, first, digits, meant, iteration)
    return _right(run, typed, first, digits)


def _right(run: Run, typed: Typed, match: Match, digits: int) -> str:
    value = _beside(typed, match.value, digits)
    text = f"{typed.text} is right: the {_of(match)}{value}"
    if match.quantity.startswith("cumulative") and match.iteration:
        return f"{text}, which Keras prints, each batch with the weights from before its update."
    if match.quantity.startswith("full") and match.iteration:
        key = match.quantity.replace("full", "cumulative")
        own = short(_value(run, match.iteration, key), digits)
        return (
            f"{text}, which Keras prints as {'val_loss' if key.endswith('loss') else 'val_root_mean_squared_error'} "
            f"with validation_data; its own {_word(key)} of the epoch so far is {own}, each batch with the weights "
            "from before its update."
        )
    return f"{text}."


def _after_update(run: Run, typed: Typed, match: Match, digits: int) -> str:
    """The batch is all the data: the loss after the update may be taken for the one that Keras reports."""
    assert match.iteration is not None
    own = short(_value(run, match.iteration, match.quantity.replace("full_", "")), digits)
    return (
        f"{typed.text} is the {_word(match.quantity)} of iteration {match.iteration} computed with the weights "
        f"from after the update ({short(match.value, digits)}); Keras reports {own}, computed with the weights "
        "from before it."
    )


def _elsewhere(
    run: Run, typed: Typed, match: Match, digits: int, meant: tuple[str, ...], iteration: int | None
) -> str:  # fmt: skip
    """A right value, but not what was asked for: say what that is."""
    text = f"{typed.text} is the {_of(match)}{_beside(typed, match.value, digits)}"
    at = iteration or match.iteration
    key = match.quantity if not meant or match.quantity in meant else meant[0]
    per_sample = quantities(run)[key].per_sample
    if not at or per_sample:
        return f"{text}."
    if match.quantity in meant or not meant:
        return f"{text}; for iteration {at} the right value is {short(_value(run, at, key), digits)}."
    other = (
        match.quantity.replace("loss", "rmse") if "loss" in match.quantity else match.quantity.replace("rmse", "loss")
    )
    key = other if other in meant else key
    where = f" in iteration {at}" if at != match.iteration else ""
    return f"{text}; the {quantities(run)[key].label}{where} is {short(_value(run, at, key), digits)}."


def _mistake(run: Run, typed: Typed, match: Match, digits: int) -> str:
    value, right = short(match.value, digits), short(match.right_value, digits)
    printed = "Keras prints" if match.quantity.startswith("cumulative") else "the right value is"
    name = match.name.partition(", computed ")[2]
    return (
        f"{typed.text} is the {quantities(run)[match.quantity].label} of iteration {match.iteration} "
        f"computed {name} ({value}); {printed} {right}."
    )


def _of(match: Match) -> str:
    if not match.where:
        return match.name
    if match.where == "the start":
        return f"{match.name} at the start"
    return f"{match.name} of {match.where.split(' (')[0]}"


def _word(key: str) -> str:
    return "loss" if key.endswith("loss") else "RMSE"


def _beside(typed: Typed, value: float, digits: int) -> str:
    text = short(value, digits)
    return "" if text == typed.text else f" ({text})"


def _value(run: Run, iteration: int, key: str) -> float:
    return quantities(run)[key].value(run.iteration(iteration))
