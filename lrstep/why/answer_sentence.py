"""The one sentence that answers first: what is right and how far off the number is, then what gives it."""

import math

from lrstep.core.run import Run
from lrstep.formulas.numerals import Typed, short
from lrstep.formulas.quantities import quantities, value_at
from lrstep.plural import counted
from lrstep.why.answer import Match, Verdict
from lrstep.why.match_text import place
from lrstep.why.question import Asked, Question
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
    if hit.least_squares:
        return "the least-squares line"
    sample = [] if hit.row is None else [f"sample {hit.row + 1}"]
    return ", ".join([*sample, *([] if hit.iteration is None else [place(run, hit.iteration)])])


def right_label(run: Run, hit: RightHit) -> str:
    """Name and place in one."""
    return f"{right_name(run, hit)}, {right_place(run, hit)}"


def sentence(
    run: Run, typed: Typed, asked: Asked, verdict: Verdict, matches: tuple[Match, ...], nearest: tuple[Match, ...],
    question: Question, found: int,
) -> str:  # fmt: skip
    """The answer in a sentence or two."""
    digits = min(max(typed.digits + 2, 6), 15)
    if verdict == "right":
        first = matches[0]
        after_update = first.quantity in AFTER and first.iteration and run.batches.per_epoch == 1
        if after_update and not AFTER.issuperset(question.meant or {"any"}):
            return _after_update(run, typed, first, digits)
        return _right(run, typed, first, digits)
    head = distance(run, typed, asked, digits)
    said = ""
    if matches:
        said = (_reading if matches[0].of_run else _cause)(run, typed, asked, matches[0], digits)
    if verdict == "unsure":
        likely = f" The most common of them: {said}" if matches and matches[0].common else ""
        return f"{head}{_unsure(typed, question, found)}{likely}"
    return f"{head}{said or _nothing(typed, verdict, nearest, digits)}"


def distance(run: Run, typed: Typed, asked: Asked, digits: int) -> str:
    """What is right, and how far from it the number is; empty where it is not known what was asked."""
    if not asked.known or asked.quantity is None or asked.right is None:
        return ""
    label = quantities(run)[asked.quantity].label
    right, value = asked.right, typed.value
    if value and abs(value + right) <= typed.tolerance:
        off = "the same with the other sign"
    elif right and value / right > 0 and 0.1 <= value / right <= 10:
        more, less = ("above", "below") if right > 0 else ("larger in size", "smaller in size")
        off = f"{_percent(abs(value / right - 1))} {more if abs(value) > abs(right) else less}"
    elif right and value / right > 10:
        off = f"{short(value / right, 4)} times as large"
    else:
        off = f"{short(abs(value - right), 4)} {'above' if value > right else 'below'}"
    return f"The {label} of iteration {asked.iteration} is {short(right, digits)}; yours is {off}. "


def _percent(part: float) -> str:
    return f"{100 * part:.2g} %" if part < 0.995 else f"{100 * part:.0f} %"


def _unsure(typed: Typed, question: Question, found: int) -> str:
    count = typed.digits
    words = {1: "One digit", 2: "Two digits", 3: "Three digits", 4: "Four digits"}.get(count, f"{count} digits")
    more = "type more" if question.meant and question.iteration else "type more, or say which quantity"
    if question.meant and not question.iteration:
        more = "type more, or say which iteration"
    if not found:
        return f"{words} {'is' if count == 1 else 'are'} too few to tell why; {more}."
    fit = "fits" if count == 1 else "fit"
    return f"{words} {fit} {counted(found, 'number')} of this run and of what people get wrong; {more}."


def _nothing(typed: Typed, verdict: Verdict, nearest: tuple[Match, ...], digits: int) -> str:
    if verdict == "rounded":
        return (
            "No other cause was found for so little: numbers that were rounded on the way, on paper or in another "
            "program, come out like this."
        )
    near = f"; the nearest is {short(nearest[0].value, digits)} ({nearest[0].label})" if nearest else ""
    return f"{typed.text} fits no figure of this run and no mistake known here{near}."


def _right(run: Run, typed: Typed, match: Match, digits: int) -> str:
    value = _beside(typed, match.value, digits)
    text = f"{typed.text} is right: the {_of(match)}{value}"
    if match.quantity.startswith("cumulative") and match.iteration:
        return f"{text}, which Keras prints, each batch with the weights from before its update."
    if match.quantity.startswith("full") and match.iteration:
        key = match.quantity.replace("full", "cumulative")
        own = short(value_at(run, key, match.iteration), digits)
        name = "val_loss" if key.endswith("loss") else "val_root_mean_squared_error"
        # Keras validates at the end of an epoch only.
        ends = match.iteration % run.batches.per_epoch == 0
        text += f", which Keras prints as {name} with validation_data; its own" if ends else "; Keras's own"
        return f"{text} {_word(key)} of the epoch so far is {own}, each batch with the weights from before its update."
    return f"{text}."


def _after_update(run: Run, typed: Typed, match: Match, digits: int) -> str:
    """The batch is all the data: the loss after the update may be taken for the one that Keras reports."""
    assert match.iteration is not None
    own = short(value_at(run, match.quantity.replace("full_", ""), match.iteration), digits)
    return (
        f"{typed.text} is the {_word(match.quantity)} of iteration {match.iteration} computed with the weights "
        f"from after the update ({short(match.value, digits)}); Keras reports {own}, computed with the weights "
        "from before it."
    )


def _reading(run: Run, typed: Typed, asked: Asked, match: Match, digits: int) -> str:
    """A figure of the run, but not the one that was asked for."""
    if asked.quantity not in AFTER and match.quantity in AFTER and match.iteration and run.batches.per_epoch == 1:
        return _after_update(run, typed, match, digits)
    keras = ", which Keras prints" if match.quantity.startswith("cumulative") and match.iteration else ""
    return f"{typed.text} is the {_of(match)}{_beside(typed, match.value, digits)}{keras}."


def _cause(run: Run, typed: Typed, asked: Asked, match: Match, digits: int) -> str:
    name = match.name.partition(", computed ")[2]
    value = _beside(typed, match.value, digits)
    if asked.known:
        return f"{typed.text} is what comes out {name}{value}."
    right = short(match.right_value, digits) if math.isfinite(match.right_value) else "another"
    printed = "Keras prints" if match.quantity.startswith("cumulative") else "the right value is"
    return (
        f"{typed.text} is the {quantities(run)[match.quantity].label} of iteration {match.iteration} "
        f"computed {name}{value}; {printed} {right}."
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
