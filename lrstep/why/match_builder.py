"""From a hit of the search to a match as a person reads it."""

from functools import partial

from lrstep.core.iteration import Iteration
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.formulas import rewrites
from lrstep.formulas.enough_digits import with_enough_digits
from lrstep.formulas.numerals import Typed, short
from lrstep.formulas.quantities import Quantity, quantities
from lrstep.formulas.rewrites import Trees, is_leaf, nodes_of
from lrstep.formulas.steps import result_name, step_numbers
from lrstep.formulas.update import parameter_letters, update_formulas
from lrstep.why.answer import Match
from lrstep.why.answer_sentence import right_name, right_place
from lrstep.why.catalogue import Mistake
from lrstep.why.finding import Guessed
from lrstep.why.match_text import Text, names, place, right_numbers, sample_numbers
from lrstep.why.search import MistakeHit, RightHit
from lrstep.why.wrong_steps import right_trees


def right_match(run: Run, hit: RightHit, typed: Typed, mixed_up: list[Mistake], explain: bool) -> Match:
    """A figure of the run; ``mixed_up`` says how it may stand in the wrong place, ``explain`` whether it does."""
    quantity = quantities(run)[hit.quantity]
    name, formula, numbers = right_name(run, hit), quantity.formula, ""
    if hit.least_squares:
        formula = _least_squares(run, hit.quantity) if quantity.parameter is not None else formula
    elif hit.iteration and hit.place is not None:
        numbers = sample_numbers(run, run.iteration(hit.iteration), hit.quantity, hit.place)
    elif hit.iteration:
        numbers = right_numbers(run, run.iteration(hit.iteration), quantity)
    elif quantity.phase is Phase.BATCH or (hit.iteration == 0 and not hit.quantity.startswith("full")):
        formula = ""
    if hit.iteration == 0 or hit.least_squares:
        formula = formula.replace(" with the new ", " with ")
    return Match(
        kind="right", name=name, quantity=hit.quantity, where=right_place(run, hit), iteration=hit.iteration,
        value=hit.value, distance=_distance(hit.value, typed), formula=formula, numbers=numbers, right_name=name,
        right_value=hit.value, right_formula=formula, right_numbers=numbers,
        explanation=mixed_up[0].explanation if mixed_up and explain else "",
        entries=tuple(mistake.key for mistake in mixed_up),
    )  # fmt: skip


def guess_match(run: Run, hit: Guessed, typed: Typed) -> Match:
    """What a guess gives beside the right value."""
    shown = f"To see it, run lrstep with {hit.guess.options}." if hit.guess.options else ""
    return _wrong_match(run, hit, typed, hit.guess.name, " ".join(filter(None, (hit.guess.explanation, shown))))


def mistake_match(run: Run, hit: MistakeHit, typed: Typed) -> Match:
    """A mistake's value beside the right one."""
    quantity, mistake = quantities(run)[hit.quantity], hit.mistake
    formula, numbers = _wrong(run, run.iteration(hit.iteration), hit, quantity)
    if mistake.tier(hit.quantity):
        formula, numbers = f"{formula}; then {quantity.symbol} = {quantity.formula}", ""
        if hit.quantity.startswith("full"):
            numbers = f"with {_lines(run, hit.parameters)}"
    elif mistake.always:
        numbers = ""
    name, explanation = _worded(run, mistake.name), _worded(run, mistake.explanation)
    return _wrong_match(run, hit, typed, name, explanation, formula, numbers, (mistake.key,))


def _wrong_match(
    run: Run, hit: MistakeHit | Guessed, typed: Typed, words: str, explanation: str, formula: str = "",
    numbers: str = "", entries: tuple[str, ...] = (),
) -> Match:  # fmt: skip
    quantity = quantities(run)[hit.quantity]
    return Match(
        kind=hit.kind, name=f"{quantity.label}, computed {words}", quantity=hit.quantity,
        where=place(run, hit.iteration), iteration=hit.iteration, value=hit.value,
        distance=_distance(hit.value, typed), formula=formula, numbers=numbers, right_name=quantity.label,
        right_value=hit.right_value, right_formula=quantity.formula,
        right_numbers=right_numbers(run, run.iteration(hit.iteration), quantity), explanation=explanation,
        entries=entries,
    )  # fmt: skip


def _worded(run: Run, text: str) -> str:
    """Words of the catalogue, with what this optimizer is called and has for ρ."""
    decay = "ρ" if run.settings.beta_2 is None else "β₂"
    return text.replace("{title}", run.settings.rule.title).replace("ρ", decay)


def _lines(run: Run, parameters: tuple[float, ...]) -> str:
    named = zip(parameter_letters(run.parameters), parameters, strict=True)
    return ", ".join(f"{sign} = {short(value)}" for sign, value in named)


def _wrong(run: Run, it: Iteration, hit: MistakeHit, quantity: Quantity) -> tuple[str, str]:
    """The wrong formula in letters, and with the numbers put in: from the catalogue, or from the changed rule."""
    mistake, sign = hit.mistake, parameter_letters(run.parameters)[quantity.parameter or 0]
    right = right_trees(run.settings)
    wrong = mistake.rule.trees(right) if mistake.rule else None
    if wrong is None or mistake.formula not in wrong:
        numbers = ""
        if not mistake.tier(hit.quantity):
            numbers = with_enough_digits(
                lambda text: _numbers(mistake.numbers, hit, names(run, it, quantity, text)), hit.value
            )
        formula = for_side(_worded(run, mistake.formula), sign)
        return (f"√({formula})" if _under_root(hit) else formula), numbers
    formulas, name, head = update_formulas(run.settings), mistake.formula, ""
    if not mistake.tier(hit.quantity):
        result = result_name(run.settings, quantity.stem)
        name = name if name.removeprefix("corrected ") == result else result
    if not name.startswith("corrected"):
        head = f"{quantity.symbol if not mistake.tier(hit.quantity) else formulas.letter(name, sign)} = "
    formula = f"{head}{rewrites.letters(wrong, name, formulas, sign)}"
    return formula, with_enough_digits(partial(_rule_numbers, run, it, wrong, name, quantity.parameter), hit.value)


def _rule_numbers(run: Run, it: Iteration, wrong: Trees, name: str, parameter: int | None, text: Text) -> str:
    """A wrong formula with the numbers of one step that is taken by it."""
    if parameter is None or any(is_leaf(node, "carried") for tree in wrong.values() for node in nodes_of(tree)):
        return ""
    numbers = step_numbers(run, it, parameter).items()
    inputs = {key.removesuffix(" before"): value for key, value in numbers if key.endswith(" before")}
    made = rewrites.function_of(wrong)(inputs)
    known = inputs | {rewrites.NEW + result: value for result, value in made.items()}
    return rewrites.numbers(wrong, name, update_formulas(run.settings_at(it.number)), known, text)


def _least_squares(run: Run, quantity: str) -> str:
    """How a parameter of the least-squares line comes about."""
    if len(run.parameters) > 2:
        return "where L over all samples is lowest"
    return "Sxy / Sxx" if quantity == "weight" else "ȳ − w*·x̄"


def for_side(formula: str, letter: str) -> str:
    """A formula for any parameter, written for one of them: θ → w, g_p → g_w, error·xᵖ → error·x."""
    x = "" if letter == "b" else f"·x{letter[1:]}"
    return formula.replace("·x^p", x).replace("_p", f"_{letter}").replace("θ", letter)


def _numbers(template: str, hit: MistakeHit, known: dict[str, str]) -> str:
    """The wrong formula with numbers; a loss of the epoch so far, or of all samples, has its own sum and count."""
    if hit.quantity.startswith("cumulative"):
        known = known | {"sse": known["epoch_sse"], "m": known["count"]}
    elif hit.quantity.startswith("full"):
        known = known | {"sse": known["full_sse"], "m": known["n"]}
    numbers = template.format(**known)
    return f"√({numbers})" if "sse}" in template and _under_root(hit) else numbers


OF_LOSSES = ("loss.loss_for_rmse", "loss.mean_absolute", "loss.mean_of_rmses")
"""Of these the formula is that of the value itself, also of an RMSE."""


def _under_root(hit: MistakeHit) -> bool:
    """Whether the formula is of the loss, and the value its root."""
    about_loss = hit.mistake.family == "loss" and bool(hit.mistake.formula) and hit.mistake.key not in OF_LOSSES
    return hit.quantity.endswith("rmse") and about_loss


def _distance(value: float, typed: Typed) -> float:
    return abs(value - typed.value) / typed.half_unit if typed.half_unit else 0.0
